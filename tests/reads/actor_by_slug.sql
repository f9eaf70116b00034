SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"__typename":"', CASE t1.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","name":', to_json(coalesce(t1.name_es, t1.name_en)), ',"acronym":', coalesce(to_json(coalesce(t1.acronym_es, t1.acronym_en))::text, 'null'), ',"type":', '"' || (t1.type)::text || '"', ',"identifiers":[', t3.j, ']}') ELSE 'null' END) AS "actor"
FROM (VALUES (true)) root
LEFT JOIN actor t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT string_agg(concat('{"scheme":', to_json(t2.scheme), ',"value":', to_json(t2.value), '}'), ',' ORDER BY t2.scheme, t2.value) AS j
  FROM identifier t2 WHERE t2.record_id = t1.id
) t3
