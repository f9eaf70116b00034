SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"alpha2":', to_json(t1.alpha2)::text, ',"alpha3":', to_json(t1.alpha3)::text, ',"m49":', to_json(t1.m49)::text, ',"name":', to_json(coalesce(t1.name_es, t1.name_en)), ',"actors":', t3.j, '}') ELSE 'null' END) AS "country"
FROM (VALUES (true)) root
LEFT JOIN country t1 ON t1.id = $1::uuid
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"__typename":"', CASE t2.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","slug":', to_json(t2.slug)::text, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.name_es_sort, t2.id) AS n_
    FROM actor t2
    WHERE t2.country_id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($2::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($3::uuid[]))
    ORDER BY t2.name_es_sort, t2.id LIMIT 25
  ) t2
  HAVING true
) t3
