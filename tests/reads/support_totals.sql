SELECT concat('[', t7.j, ']') AS "supportTotals"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT string_agg(concat('{"stage":', '"' || (t6.stage)::text || '"', ',"amount":', coalesce('"' || (t6.amount)::text || '"', 'null'), ',"currency":', coalesce(to_json(t6.currency)::text, 'null'), ',"comparator":', '"' || (t6.comparator)::text || '"', ',"entries":', (t6.entries)::text, ',"country":', CASE WHEN t8.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t8.name_es, t8.name_en)), '}') ELSE 'null' END, ',"unsplit":', (t6.unsplit)::text, '}'), ',' ORDER BY t6.n_) AS j
  FROM (
    SELECT *, row_number() OVER () AS n_ FROM (
      SELECT t1.stage, t1.currency, round(sum(t1.amount * t4.share / 100), 2) AS amount,
        CASE WHEN bool_or(t1.comparator = 'AT_LEAST') THEN 'AT_LEAST'
          WHEN bool_or(t1.comparator = 'ABOUT') THEN 'ABOUT' ELSE 'EXACTLY' END AS comparator,
        count(*)::int AS entries, NULL::int AS year, NULL::uuid AS giver_id, NULL::uuid AS receiver_id, t4.key AS country_id, NULL::uuid AS topic_id, NULL::uuid AS objective_id, NULL::uuid AS plan_item_id, NOT (t4.key IS NOT NULL) AS unsplit,
        CASE WHEN count(*) OVER () > 1000 THEN refuse('These are more than 1,000 totals. Ask with `where` for fewer contributions, such as those of one stage.') END
      FROM contribution t1
      CROSS JOIN LATERAL (SELECT l_.country_id AS key, l_.share FROM contribution_country l_ JOIN record t5 ON t5.id = l_.country_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($1::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[]) OR t5.noun || ':' || t5.owner_id = ANY ($3::text[])) WHERE l_.contribution_id = t1.id AND l_.share > 0
        UNION ALL SELECT NULL, 100 - coalesce(sum(share), 0) FROM (SELECT l_.country_id AS key, l_.share FROM contribution_country l_ JOIN record t5 ON t5.id = l_.country_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($1::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[]) OR t5.noun || ':' || t5.owner_id = ANY ($3::text[])) WHERE l_.contribution_id = t1.id AND l_.share > 0) s_ HAVING coalesce(sum(share), 0) < 100) t4
      WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($4::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND NOT t1.cancelled AND NOT EXISTS (SELECT FROM contribution t3 WHERE t3.revises_id = t1.id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($4::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))) AND ((t1.stage = $5::text)) AND NOT (t1.upstream_id IS NOT NULL AND EXISTS (SELECT FROM upstream_of(t1.id) u_ JOIN contribution t2 ON t2.id = u_ WHERE t2.stage = t1.stage AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($4::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND NOT t2.cancelled AND NOT EXISTS (SELECT FROM contribution t3 WHERE t3.revises_id = t2.id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($4::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))) AND ((t2.stage = $6::text))))
      GROUP BY t1.stage, t1.currency, 6, t4.key
      ORDER BY t1.stage, t1.currency, 6, sum(t1.amount * t4.share / 100) DESC NULLS LAST, t4.key
    ) t6_
  ) t6
  LEFT JOIN country t8 ON t8.id = t6.country_id
  WHERE true
) t7
