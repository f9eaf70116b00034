SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t1.name_es, t1.name_en)), ',"alpha2":', to_json(t1.alpha2)::text, ',"citations":', t3.j, ',"alias":', to_json(coalesce(t1.name_es, t1.name_en)), '}') ELSE 'null' END) AS "country"
FROM (VALUES (true)) root
LEFT JOIN country t1 ON t1.slug = $1::text
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM citation t2 WHERE t2.record_id = t1.id AND EXISTS (SELECT FROM record t2_record WHERE t2_record.id = t2.record_id AND (t2_record.visibility = 'PUBLIC' OR t2_record.owner_id = ANY ($2::uuid[]) OR t2_record.visibility = 'MEMBERS' AND t2_record.owner_id = ANY ($3::uuid[]) OR t2_record.noun || ':' || t2_record.owner_id = ANY ($4::text[])))), '}') AS j) t3
