SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"citations":', t11.j, '}') ELSE 'null' END) AS "workingGroup"
FROM (VALUES (true)) root
LEFT JOIN working_group t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"locator":', coalesce(to_json(t2.locator)::text, 'null'), ',"field":', coalesce(to_json(t2.field)::text, 'null'), ',"confidence":', '"' || (t2.confidence)::text || '"', ',"note":', coalesce(to_json(coalesce(t2.note_es, t2.note_en))::text, 'null'), ',"document":', CASE WHEN t3.id IS NOT NULL THEN concat('{"code":', coalesce(to_json(t3.code)::text, 'null'), ',"title":', to_json(coalesce(t3.title_es, t3.title_en)), '}') ELSE 'null' END, ',"record":', CASE WHEN t10.id IS NOT NULL THEN concat('{"__typename":"', CASE t10.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '"}') ELSE concat(CASE WHEN t9.id IS NOT NULL THEN concat('{"__typename":"Country"}') ELSE concat(CASE WHEN t8.id IS NOT NULL THEN concat('{"__typename":"Document"}') ELSE concat(CASE WHEN t7.id IS NOT NULL THEN concat('{"__typename":"Framework"}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"__typename":"Objective"}') ELSE concat(CASE WHEN t5.id IS NOT NULL THEN concat('{"__typename":"Membership"}') ELSE concat(CASE WHEN t4.id IS NOT NULL THEN concat('{"__typename":"WorkingGroup","slug":', to_json(t4.slug)::text, '}') ELSE concat('null') END) END) END) END) END) END) END, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.position, t2.id) AS n_
    FROM citation t2
    WHERE t2.record_id = t1.id AND EXISTS (SELECT FROM record t2_record WHERE t2_record.id = t2.record_id AND (t2_record.visibility = 'PUBLIC' OR t2_record.owner_id = ANY ($2::uuid[]) OR t2_record.visibility = 'MEMBERS' AND t2_record.owner_id = ANY ($3::uuid[])))
    ORDER BY t2.position, t2.id LIMIT 25
  ) t2
  LEFT JOIN document t3 ON t3.id = t2.document_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN working_group t4 ON t4.id = t2.record_id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($2::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($3::uuid[]))
  LEFT JOIN membership t5 ON t5.id = t2.record_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($2::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($3::uuid[]))
  LEFT JOIN objective t6 ON t6.id = t2.record_id
  LEFT JOIN framework t7 ON t7.id = t2.record_id
  LEFT JOIN document t8 ON t8.id = t2.record_id AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($2::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($3::uuid[]))
  LEFT JOIN country t9 ON t9.id = t2.record_id
  LEFT JOIN actor t10 ON t10.id = t2.record_id AND (t10.visibility = 'PUBLIC' OR t10.owner_id = ANY ($2::uuid[]) OR t10.visibility = 'MEMBERS' AND t10.owner_id = ANY ($3::uuid[]))
  HAVING true
) t11
