SELECT concat(t2.j) AS "developmentBanks"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"pageInfo":{"hasNextPage":', (count(*) > 2)::text, ',"hasPreviousPage":', (false)::text, ',"startCursor":', coalesce('"' || translate(encode(convert_to($1::text || '[' || to_json(((array_agg(t1.name_es_sort ORDER BY t1.n_) FILTER (WHERE t1.n_ <= 2))[1])::text)::text || ',' || to_json(((array_agg(t1.id ORDER BY t1.n_) FILTER (WHERE t1.n_ <= 2))[1])::text)::text || ']', 'UTF8'), 'base64'), E'+/=\n', '-_') || '"', 'null'), ',"endCursor":', coalesce('"' || translate(encode(convert_to($1::text || '[' || to_json(((array_agg(t1.name_es_sort ORDER BY t1.n_ DESC) FILTER (WHERE t1.n_ <= 2))[1])::text)::text || ',' || to_json(((array_agg(t1.id ORDER BY t1.n_ DESC) FILTER (WHERE t1.n_ <= 2))[1])::text)::text || ']', 'UTF8'), 'base64'), E'+/=\n', '-_') || '"', 'null'), '},"edges":[', string_agg(concat('{"cursor":', '"' || translate(encode(convert_to($1::text || '[' || to_json((t1.name_es_sort)::text)::text || ',' || to_json((t1.id)::text)::text || ']', 'UTF8'), 'base64'), E'+/=\n', '-_') || '"', ',"node":{"slug":', to_json(t1.slug)::text, '}}'), ',' ORDER BY t1.n_) FILTER (WHERE t1.n_ <= 2), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM actor t1
    WHERE (t1.type = 'DEVELOPMENT_BANK') AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
    ORDER BY t1.name_es_sort, t1.id LIMIT 3
  ) t1
  HAVING true
) t2
