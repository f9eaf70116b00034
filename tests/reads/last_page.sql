SELECT concat(t2.j) AS "states"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"pageInfo":{"hasNextPage":', (false)::text, ',"hasPreviousPage":', (count(*) > 3)::text, '},"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, '}'), ',' ORDER BY t1.n_ DESC) FILTER (WHERE t1.n_ <= 3), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort DESC, t1.id DESC) AS n_
    FROM actor t1
    WHERE (t1.type = 'STATE') AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[]))
    ORDER BY t1.name_es_sort DESC, t1.id DESC LIMIT 4
  ) t1
  HAVING true
) t2
