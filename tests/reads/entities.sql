SELECT concat('[', t2.j, ']') AS "_entities"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT string_agg(concat(CASE WHEN t5.id IS NOT NULL THEN concat('{"__typename":"Objective","code":', to_json(t5.code)::text, '}') ELSE concat(CASE WHEN t4.id IS NOT NULL THEN concat('{"__typename":"Country","alpha2":', to_json(t4.alpha2)::text, '}') ELSE concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"__typename":"', CASE t3.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","name":', to_json(coalesce(t3.name_es, t3.name_en)), '}') ELSE concat('null') END) END) END), ',' ORDER BY t1.n_) AS j
  FROM (
    SELECT i_.*, CASE i_.noun WHEN 'actor' THEN (SELECT k_.id FROM actor k_ WHERE k_.slug = i_.slug) WHEN 'country' THEN CASE WHEN i_.slug IS NOT NULL THEN (SELECT k_.id FROM country k_ WHERE k_.slug = i_.slug) WHEN i_.alpha2 IS NOT NULL THEN (SELECT k_.id FROM country k_ WHERE k_.alpha2 = i_.alpha2) END WHEN 'objective' THEN (SELECT k_.id FROM objective k_ WHERE k_.code = i_.code) END AS key
    FROM ROWS FROM (json_to_recordset($1::json) AS (noun text, type text, id uuid, alpha2 text, alpha3 text, code text, slug text)) WITH ORDINALITY i_(noun, type, id, alpha2, alpha3, code, slug, n_)
    OFFSET 0
  ) t1
  LEFT JOIN actor t3 ON t1.noun = 'actor' AND t3.id = t1.key AND (t1.type IS NULL OR t3.type = t1.type) AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN country t4 ON t1.noun = 'country' AND t4.id = t1.key AND (t1.alpha3 IS NULL OR t4.alpha3 = t1.alpha3)
  LEFT JOIN objective t5 ON t1.noun = 'objective' AND t5.id = t1.key
) t2
