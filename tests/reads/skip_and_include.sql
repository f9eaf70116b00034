SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"acronym":', coalesce(to_json(coalesce(t1.acronym_es, t1.acronym_en))::text, 'null'), ',"unSymbol":', coalesce(to_json(t1.un_symbol)::text, 'null'), '}') ELSE 'null' END) AS "framework"
FROM (VALUES (true)) root
LEFT JOIN framework t1 ON t1.slug = $1::text
