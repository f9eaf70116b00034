SELECT concat(t2.j) AS "countries"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"name":', to_json(coalesce(t1.name_es, t1.name_en)), '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort DESC, t1.id DESC) AS n_
    FROM country t1
    WHERE true
    ORDER BY t1.name_es_sort DESC, t1.id DESC LIMIT 3
  ) t1
  HAVING true
) t2
