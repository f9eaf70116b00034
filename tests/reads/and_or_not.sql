SELECT concat(t4.j) AS "workingGroups"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM working_group t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((((t1.kind = ANY ($3::text[]))) OR ((((t1.kind = $4::text)) AND ((EXISTS (SELECT FROM working_group t2 WHERE t2.id = t1.counterpart_id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($1::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND true)))))) AND (NOT coalesce((EXISTS (SELECT FROM working_group t3 WHERE t3.id = t1.parent_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[])) AND (t3.slug = $5::text))), false)))
    ORDER BY t1.name_es_sort, t1.id LIMIT 25
  ) t1
  HAVING true
) t4
