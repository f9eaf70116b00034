SELECT concat(t4.j) AS "actors"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM actor t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((EXISTS (SELECT FROM membership t2 WHERE t2.party_id = t1.id AND ((t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($3::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) OR t2.group_id = ANY ($3::uuid[]) OR t2.party_id = ANY ($3::uuid[])) AND (EXISTS (SELECT FROM working_group t3 WHERE t3.id = t2.group_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($4::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[])) AND (t3.slug = $5::text))))) AND (t1.type = ANY ($6::text[])))
    ORDER BY t1.name_es_sort, t1.id LIMIT 5
  ) t1
  HAVING true
) t4
