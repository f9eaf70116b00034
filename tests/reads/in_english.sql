SELECT concat(t4.j) AS "workingGroups"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"name":', to_json(coalesce(t1.name_en, t1.name_es)), ',"host":', CASE WHEN t3.id IS NOT NULL THEN concat('{"acronym":', coalesce(to_json(coalesce(t3.acronym_en, t3.acronym_es))::text, 'null'), '}') ELSE 'null' END, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_en_sort, t1.id) AS n_
    FROM working_group t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((EXISTS (SELECT FROM actor t2 WHERE t2.id = t1.host_id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($3::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND true)))
    ORDER BY t1.name_en_sort, t1.id LIMIT 3
  ) t1
  LEFT JOIN actor t3 ON t3.id = t1.host_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($3::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))
  HAVING true
) t4
