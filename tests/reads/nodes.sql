SELECT concat('[', t2.j, ']') AS "nodes"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT string_agg(concat(CASE WHEN t4.id IS NOT NULL THEN concat('{"__typename":"Objective","code":', to_json(t4.code)::text, '}') ELSE concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"__typename":"', CASE t3.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","name":', to_json(coalesce(t3.name_es, t3.name_en)), '}') ELSE concat('null') END) END), ',' ORDER BY t1.n_) AS j
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY t1(id, noun, n_)
  LEFT JOIN actor t3 ON t1.noun = 'actor' AND t3.id = coalesce((SELECT m_.into_id FROM merged m_ WHERE m_.id = t1.id), t1.id) AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($3::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($4::uuid[]))
  LEFT JOIN objective t4 ON t1.noun = 'objective' AND t4.id = t1.id
) t2
