SELECT concat(t6.j) AS "frameworks"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.title_es_sort, t1.id) AS n_
    FROM framework t1
    WHERE ((EXISTS (SELECT FROM objective t2 WHERE t2.framework_id = t1.id AND true) AND NOT EXISTS (SELECT FROM objective t3 WHERE t3.framework_id = t1.id AND (NOT coalesce((NOT EXISTS (SELECT FROM record_objective t4 JOIN working_group t5 ON t5.id = t4.record_id WHERE t4.objective_id = t3.id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($1::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[])) AND true)), false)))))
    ORDER BY t1.title_es_sort, t1.id LIMIT 25
  ) t1
  HAVING true
) t6
