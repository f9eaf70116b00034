SELECT concat(t4.j) AS "objectives"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"code":', to_json(t1.code)::text, ',"label":', to_json(coalesce(t1.label_es, t1.label_en)), '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.number, t1.id) AS n_
    FROM objective t1
    WHERE ((EXISTS (SELECT FROM record_objective t2 JOIN working_group t3 ON t3.id = t2.record_id WHERE t2.objective_id = t1.id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[])) AND (t3.slug = $3::text))))
    ORDER BY t1.number, t1.id LIMIT 25
  ) t1
  HAVING true
) t4
