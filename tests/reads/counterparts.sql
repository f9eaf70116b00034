SELECT concat(t5.j) AS "workingGroups"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, ',"counterpart":', CASE WHEN t3.id IS NOT NULL THEN concat('{"slug":', to_json(t3.slug)::text, '}') ELSE 'null' END, ',"probablySameAs":', CASE WHEN t4.id IS NOT NULL THEN concat('{"slug":', to_json(t4.slug)::text, '}') ELSE 'null' END, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM working_group t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((t1.kind = $3::text) AND (EXISTS (SELECT FROM working_group t2 WHERE t2.id = t1.parent_id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($1::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND (t2.slug = $4::text))))
    ORDER BY t1.name_es_sort, t1.id LIMIT 25
  ) t1
  LEFT JOIN working_group t3 ON t3.id = t1.counterpart_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))
  LEFT JOIN working_group t4 ON t4.id = t1.probably_same_as_id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($1::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($2::uuid[]))
  HAVING true
) t5
