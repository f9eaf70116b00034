SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"items":', t8.j, '}') ELSE 'null' END) AS "plan"
FROM (VALUES (true)) root
LEFT JOIN plan t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"code":', coalesce(to_json(t2.code)::text, 'null'), ',"dependsOn":', t7.j, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.outline, t2.id) AS n_
    FROM plan_item t2
    WHERE t2.plan_id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($4::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($3::uuid[])) AND ((EXISTS (SELECT FROM plan_item_dependency t3 JOIN plan_item t4 ON t4.id = t3.needs_id WHERE t3.item_id = t2.id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($4::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($3::uuid[])) AND true)))
    ORDER BY t2.outline, t2.id LIMIT 25
  ) t2
  CROSS JOIN LATERAL (
    SELECT concat('{"nodes":[', string_agg(concat('{"code":', coalesce(to_json(t5.code)::text, 'null'), '}'), ',' ORDER BY t5.n_), ']}') AS j
    FROM (
      SELECT t5.*, row_number() OVER (ORDER BY t5.outline, t5.id) AS n_
      FROM plan_item_dependency t6 JOIN plan_item t5 ON t5.id = t6.needs_id
      WHERE t6.item_id = t2.id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($4::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($3::uuid[]))
      ORDER BY t5.outline, t5.id LIMIT 25
    ) t5
    HAVING true
  ) t7
  HAVING true
) t8
