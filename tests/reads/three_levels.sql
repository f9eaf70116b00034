SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"subgroups":', t10.j, '}') ELSE 'null' END) AS "workingGroup"
FROM (VALUES (true)) root
LEFT JOIN working_group t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"slug":', to_json(t2.slug)::text, ',"counterpart":', CASE WHEN t3.id IS NOT NULL THEN concat('{"slug":', to_json(t3.slug)::text, ',"parent":', CASE WHEN t4.id IS NOT NULL THEN concat('{"slug":', to_json(t4.slug)::text, '}') ELSE 'null' END, '}') ELSE 'null' END, ',"members":', t9.j, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.name_es_sort, t2.id) AS n_
    FROM working_group t2
    WHERE t2.parent_id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($2::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($3::uuid[]))
    ORDER BY t2.name_es_sort, t2.id LIMIT 3
  ) t2
  LEFT JOIN working_group t3 ON t3.id = t2.counterpart_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($2::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($3::uuid[]))
  LEFT JOIN working_group t4 ON t4.id = t3.parent_id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($2::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($3::uuid[]))
  CROSS JOIN LATERAL (
    SELECT concat('{"nodes":[', string_agg(concat('{"party":', CASE WHEN t7.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t7.name_es, t7.name_en)), ',"country":', CASE WHEN t8.id IS NOT NULL THEN concat('{"alpha2":', to_json(t8.alpha2)::text, '}') ELSE 'null' END, '}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t6.name_es, t6.name_en)), '}') ELSE concat('null') END) END, '}'), ',' ORDER BY t5.n_), ']}') AS j
    FROM (
      SELECT t5.*, row_number() OVER (ORDER BY t5.start_sort, t5.id) AS n_
      FROM membership t5
      WHERE t5.group_id = t2.id AND ((t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($4::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($3::uuid[])) OR t5.group_id = ANY ($4::uuid[]) OR t5.party_id = ANY ($4::uuid[]))
      ORDER BY t5.start_sort, t5.id LIMIT 2
    ) t5
    LEFT JOIN working_group t6 ON t6.id = t5.party_id AND (t6.visibility = 'PUBLIC' OR t6.owner_id = ANY ($2::uuid[]) OR t6.visibility = 'MEMBERS' AND t6.owner_id = ANY ($3::uuid[]))
    LEFT JOIN actor t7 ON t7.id = t5.party_id AND (t7.visibility = 'PUBLIC' OR t7.owner_id = ANY ($5::uuid[]) OR t7.visibility = 'MEMBERS' AND t7.owner_id = ANY ($3::uuid[]))
    LEFT JOIN country t8 ON t8.id = t7.country_id
    HAVING true
  ) t9
  HAVING true
) t10
