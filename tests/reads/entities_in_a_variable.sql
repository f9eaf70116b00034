SELECT concat('[', t2.j, ']') AS "_entities"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT string_agg(concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t3.name_es, t3.name_en)), ',"country":', CASE WHEN t4.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t4.name_es, t4.name_en)), '}') ELSE 'null' END, '}') ELSE concat('null') END), ',' ORDER BY t1.n_) AS j
  FROM (
    SELECT i_.*, CASE i_.noun WHEN 'actor' THEN CASE WHEN i_.id IS NOT NULL THEN coalesce((SELECT m_.into_id FROM merged m_ WHERE m_.id = i_.id), i_.id) WHEN i_.slug IS NOT NULL THEN (SELECT k_.id FROM actor k_ WHERE k_.slug = i_.slug) END END AS key
    FROM ROWS FROM (json_to_recordset($1::json) AS (noun text, type text, id uuid, slug text)) WITH ORDINALITY i_(noun, type, id, slug, n_)
    OFFSET 0
  ) t1
  LEFT JOIN actor t3 ON t1.noun = 'actor' AND t3.id = t1.key AND (t1.type IS NULL OR t3.type = t1.type) AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN country t4 ON t4.id = t3.country_id
) t2
