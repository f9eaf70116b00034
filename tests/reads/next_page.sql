SELECT concat(t2.j) AS "developmentBanks"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"pageInfo":{"hasNextPage":', (count(*) > 2)::text, ',"hasPreviousPage":', (EXISTS (SELECT FROM actor t1 WHERE (t1.type = 'DEVELOPMENT_BANK') AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND NOT (t1.name_es_sort, t1.id) > ($3::text, $4::uuid)))::text, '},"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, '}'), ',' ORDER BY t1.n_) FILTER (WHERE t1.n_ <= 2), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM actor t1
    WHERE (t1.type = 'DEVELOPMENT_BANK') AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND (t1.name_es_sort, t1.id) > ($3::text, $4::uuid)
    ORDER BY t1.name_es_sort, t1.id LIMIT 3
  ) t1
  HAVING true
) t2
