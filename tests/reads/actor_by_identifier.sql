SELECT (SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"slug":', to_json(t1.slug)::text, ',"name":', to_json(coalesce(t1.name_en, t1.name_es)), ',"acronym":', coalesce(to_json(coalesce(t1.acronym_en, t1.acronym_es))::text, 'null'), '}') ELSE 'null' END) AS "actor"
FROM (VALUES (true)) root
LEFT JOIN actor t1 ON t1.id = (SELECT record_id FROM identifier WHERE noun = 'actor' AND scheme = $1::text AND value = $2::text) AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($3::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($4::uuid[]))
),
(SELECT concat(CASE WHEN t2.id IS NOT NULL THEN concat('{"slug":', to_json(t2.slug)::text, '}') ELSE 'null' END) AS "nobody"
FROM (VALUES (true)) root
LEFT JOIN actor t2 ON t2.slug = $5::text AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($3::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($4::uuid[]))
)
