SELECT concat(t5.j) AS "actors"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat(CASE WHEN t1.type IN ('STATE') THEN concat('{"__typename":"State","name":', to_json(coalesce(t1.name_es, t1.name_en)), ',"country":', CASE WHEN t3.id IS NOT NULL THEN concat('{"alpha2":', to_json(t3.alpha2)::text, '}') ELSE 'null' END, '}') WHEN t1.type IN ('CIVIL_SOCIETY_ORGANIZATION') THEN concat('{"__typename":"CivilSocietyOrganization","name":', to_json(coalesce(t1.name_es, t1.name_en)), ',"acronym":', coalesce(to_json(coalesce(t1.acronym_es, t1.acronym_en))::text, 'null'), ',"home":', CASE WHEN t4.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t4.name_es, t4.name_en)), '}') ELSE 'null' END, '}') WHEN t1.type IN ('UN_AGENCY', 'DEVELOPMENT_BANK', 'INTERGOVERNMENTAL_ORGANIZATION', 'DONOR', 'STAKEHOLDER') THEN concat('{"__typename":"', CASE t1.type WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","name":', to_json(coalesce(t1.name_es, t1.name_en)), '}') END), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM actor t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((EXISTS (SELECT FROM country t2 WHERE t2.id = t1.country_id AND (t2.alpha2 = ANY ($3::text[])))))
    ORDER BY t1.name_es_sort, t1.id LIMIT 4
  ) t1
  LEFT JOIN country t3 ON t3.id = t1.country_id
  LEFT JOIN country t4 ON t4.id = t1.country_id
  HAVING true
) t5
