SELECT concat(t9.j) AS "search"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat(CASE WHEN t8.id IS NOT NULL THEN concat('{"__typename":"', CASE t8.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '"}') ELSE concat(CASE WHEN t7.id IS NOT NULL THEN concat('{"__typename":"Country"}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"__typename":"Document"}') ELSE concat(CASE WHEN t5.id IS NOT NULL THEN concat('{"__typename":"Framework","title":', to_json(coalesce(t5.title_en, t5.title_es)), '}') ELSE concat(CASE WHEN t4.id IS NOT NULL THEN concat('{"__typename":"Objective"}') ELSE concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"__typename":"Membership"}') ELSE concat(CASE WHEN t2.id IS NOT NULL THEN concat('{"__typename":"WorkingGroup"}') ELSE concat('null') END) END) END) END) END) END) END), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, (CASE WHEN t1.name_en_sort = (SELECT sort_key($1::text)) THEN 0 WHEN starts_with(t1.name_en_sort, (SELECT sort_key($1::text))) THEN 1 ELSE 2 END) AS rank, row_number() OVER (ORDER BY (CASE WHEN t1.name_en_sort = (SELECT sort_key($1::text)) THEN 0 WHEN starts_with(t1.name_en_sort, (SELECT sort_key($1::text))) THEN 1 ELSE 2 END), t1.name_en_sort, t1.id) AS n_
    FROM record t1
    WHERE t1.search @@ (SELECT search_query($2::text)) AND t1.noun = ANY ($3::text[]) AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($4::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($5::uuid[]))
    ORDER BY (CASE WHEN t1.name_en_sort = (SELECT sort_key($1::text)) THEN 0 WHEN starts_with(t1.name_en_sort, (SELECT sort_key($1::text))) THEN 1 ELSE 2 END), t1.name_en_sort, t1.id LIMIT 25
  ) t1
  LEFT JOIN working_group t2 ON t2.id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($4::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($5::uuid[]))
  LEFT JOIN membership t3 ON t3.id = t1.id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($4::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($5::uuid[]))
  LEFT JOIN objective t4 ON t4.id = t1.id
  LEFT JOIN framework t5 ON t5.id = t1.id
  LEFT JOIN document t6 ON t6.id = t1.id AND (t6.visibility = 'PUBLIC' OR t6.owner_id = ANY ($4::uuid[]) OR t6.visibility = 'MEMBERS' AND t6.owner_id = ANY ($5::uuid[]))
  LEFT JOIN country t7 ON t7.id = t1.id
  LEFT JOIN actor t8 ON t8.id = t1.id AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($4::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($5::uuid[]))
  HAVING true
) t9
