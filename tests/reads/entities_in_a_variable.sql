SELECT concat('[', t2.j, ']') AS "_entities"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT string_agg(concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t3.name_es, t3.name_en)), ',"country":', CASE WHEN t4.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t4.name_es, t4.name_en)), '}') ELSE 'null' END, '}') ELSE concat('null') END), ',' ORDER BY t1.n_) AS j
  FROM ROWS FROM (json_to_recordset($1::json) AS (noun text, type text, id uuid, slug text)) WITH ORDINALITY t1(noun, type, id, slug, n_)
  LEFT JOIN actor t3 ON t1.noun = 'actor' AND t3.id = CASE WHEN t1.id IS NOT NULL THEN coalesce((SELECT m_.into_id FROM merged m_ WHERE m_.id = t1.id), t1.id) WHEN t1.slug IS NOT NULL THEN (SELECT k_.id FROM actor k_ WHERE k_.slug = t1.slug) END AND (t1.type IS NULL OR t3.type = t1.type) AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN country t4 ON t4.id = t3.country_id
) t2
