SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"declaredMemberCount":', coalesce((t1.declared_member_count)::text, 'null'), ',"declaredMemberCountQualifier":', coalesce('"' || (t1.declared_member_count_qualifier)::text || '"', 'null'), ',"members":', t6.j, '}') ELSE 'null' END) AS "workingGroup"
FROM (VALUES (true)) root
LEFT JOIN working_group t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"party":', CASE WHEN t5.id IS NOT NULL THEN concat('{"__typename":"', CASE t5.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '","name":', to_json(coalesce(t5.name_es, t5.name_en)), ',"type":', '"' || (t5.type)::text || '"', '}') ELSE concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"__typename":"WorkingGroup","name":', to_json(coalesce(t3.name_es, t3.name_en)), ',"kind":', '"' || (t3.kind)::text || '"', ',"host":', CASE WHEN t4.id IS NOT NULL THEN concat('{"slug":', to_json(t4.slug)::text, '}') ELSE 'null' END, '}') ELSE concat('null') END) END, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.start_sort, t2.id) AS n_
    FROM membership t2
    WHERE t2.group_id = t1.id AND ((t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($4::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($3::uuid[])) OR t2.group_id = ANY ($4::uuid[]) OR t2.party_id = ANY ($4::uuid[]))
    ORDER BY t2.start_sort, t2.id LIMIT 25
  ) t2
  LEFT JOIN working_group t3 ON t3.id = t2.party_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN actor t4 ON t4.id = t3.host_id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($5::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($3::uuid[]))
  LEFT JOIN actor t5 ON t5.id = t2.party_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($5::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($3::uuid[]))
  HAVING true
) t6
