SELECT concat(t2.j) AS "workingGroups"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"name":', to_json(coalesce(t1.name_es, t1.name_en)), '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM working_group t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND t1.search @@ (SELECT search_query($3::text))
    ORDER BY t1.name_es_sort, t1.id LIMIT 25
  ) t1
  HAVING true
) t2
