SELECT concat(t2.j) AS "frameworks"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, ',"adopted":', CASE WHEN t1.adopted_status IS NOT NULL THEN concat('{"text":', coalesce(to_json(t1.adopted_text)::text, 'null'), ',"edtf":', coalesce(to_json(t1.adopted_edtf)::text, 'null'), ',"earliest":', coalesce('"' || t1.adopted_earliest || '"', 'null'), ',"latest":', coalesce('"' || t1.adopted_latest || '"', 'null'), ',"status":"', t1.adopted_status, '"}') ELSE 'null' END, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY (t1.adopted_sort + 0), t1.id) AS n_
    FROM framework t1
    WHERE ((t1.adopted_days <@ CASE WHEN $1::date < $2::date THEN 'empty'::daterange ELSE daterange($2::date, $1::date, '[]') END AND t1.adopted_status = $3::text))
    ORDER BY (t1.adopted_sort + 0), t1.id LIMIT 25
  ) t1
  HAVING true
) t2
