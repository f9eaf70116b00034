SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"__typename":"Country","name":', to_json(coalesce(t1.name_es, t1.name_en)), '}') ELSE 'null' END) AS "country"
FROM (VALUES (true)) root
LEFT JOIN country t1 ON t1.slug = $1::text
