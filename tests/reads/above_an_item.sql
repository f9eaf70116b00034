SELECT concat(t5.j) AS "planItems"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"title":', to_json(coalesce(t1.title_es, t1.title_en)), ',"ancestors":', t4.j, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.outline, t1.id) AS n_
    FROM plan_item t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((EXISTS (SELECT FROM plan t2 WHERE t2.id = t1.plan_id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($3::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND (t2.slug = $4::text))) AND (t1.kind = $5::text))
    ORDER BY t1.outline, t1.id LIMIT 2
  ) t1
  CROSS JOIN LATERAL (
    SELECT concat('{"nodes":[', string_agg(concat('{"level":', (((length(t3.outline) / 4)))::text, ',"code":', coalesce(to_json(t3.code)::text, 'null'), ',"kind":', '"' || (t3.kind)::text || '"', '}'), ',' ORDER BY t3.n_), ']}') AS j
    FROM (
      SELECT t3.*, row_number() OVER (ORDER BY t3.outline, t3.id) AS n_
      FROM plan_item t3
      WHERE (t3.plan_id = t1.plan_id AND t3.outline = ANY (outlines_above(t1.outline))) AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))
      ORDER BY t3.outline, t3.id LIMIT 25
    ) t3
    HAVING true
  ) t4
  HAVING true
) t5
