SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"title":', to_json(coalesce(t1.title_es, t1.title_en)), ',"completion":', coalesce((((SELECT CASE WHEN count(i_.status) > 0 THEN
        (100 * count(*) FILTER (WHERE i_.status IN ('FINALISATION', 'CLOSED')) / count(*))::int END
    FROM plan_item i_ WHERE i_.plan_id = t1.id AND i_.status IS DISTINCT FROM 'CANCELLED'
    AND NOT EXISTS (SELECT FROM plan_item c_ WHERE c_.parent_id = i_.id AND (c_.visibility = 'PUBLIC' OR c_.owner_id = ANY ($1::uuid[]) OR c_.visibility = 'MEMBERS' AND c_.owner_id = ANY ($2::uuid[]))) AND (i_.visibility = 'PUBLIC' OR i_.owner_id = ANY ($1::uuid[]) OR i_.visibility = 'MEMBERS' AND i_.owner_id = ANY ($2::uuid[])))))::text, 'null'), ',"topItems":', t10.j, '}') ELSE 'null' END) AS "plan"
FROM (VALUES (true)) root
LEFT JOIN plan t1 ON t1.slug = $3::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($4::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"code":', coalesce(to_json(t2.code)::text, 'null'), ',"kind":', '"' || (t2.kind)::text || '"', ',"children":', t7.j, ',"descendants":', t9.j, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.outline, t2.id) AS n_
    FROM plan_item t2
    WHERE (t2.plan_id = t1.id AND t2.parent_id IS NULL) AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($1::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[]))
    ORDER BY t2.outline, t2.id LIMIT 25
  ) t2
  CROSS JOIN LATERAL (
    SELECT concat('{"nodes":[', string_agg(concat('{"code":', coalesce(to_json(t3.code)::text, 'null'), ',"level":', (((length(t3.outline) / 4)))::text, ',"children":', t6.j, '}'), ',' ORDER BY t3.n_), ']}') AS j
    FROM (
      SELECT t3.*, row_number() OVER (ORDER BY t3.outline, t3.id) AS n_
      FROM plan_item t3
      WHERE t3.parent_id = t2.id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))
      ORDER BY t3.outline, t3.id LIMIT 2
    ) t3
    CROSS JOIN LATERAL (
      SELECT concat('{"nodes":[', string_agg(concat('{"kind":', '"' || (t4.kind)::text || '"', ',"title":', to_json(coalesce(t4.title_es, t4.title_en)), ',"coordinatingGroup":', CASE WHEN t5.id IS NOT NULL THEN concat('{"slug":', to_json(t5.slug)::text, '}') ELSE 'null' END, '}'), ',' ORDER BY t4.n_), '],"totalCount":', (SELECT count(*) FROM plan_item t4 WHERE t4.parent_id = t3.id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($1::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($2::uuid[]))), '}') AS j
      FROM (
        SELECT t4.*, row_number() OVER (ORDER BY t4.outline, t4.id) AS n_
        FROM plan_item t4
        WHERE t4.parent_id = t3.id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($1::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($2::uuid[]))
        ORDER BY t4.outline, t4.id LIMIT 3
      ) t4
      LEFT JOIN working_group t5 ON t5.id = t4.coordinating_group_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($5::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[]))
      HAVING true
    ) t6
    HAVING true
  ) t7
  CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM plan_item t8 WHERE (t8.plan_id = t2.plan_id AND t8.outline > t2.outline AND t8.outline < t2.outline || '~') AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($1::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($2::uuid[])) AND ((t8.kind = $6::text))), '}') AS j) t9
  HAVING true
) t10
