SELECT concat(t3.j) AS "objectives"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"number":', (t1.number)::text, ',"roundTable":', coalesce((t1.round_table)::text, 'null'), ',"unHubTermId":', coalesce((t1.un_hub_term_id)::text, 'null'), ',"unHubUrl":', coalesce(to_json(('https://migrationnetwork.un.org/hub?gcm_objectives=' || t1.un_hub_term_id))::text, 'null'), '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.number, t1.id) AS n_
    FROM objective t1
    WHERE ((EXISTS (SELECT FROM framework t2 WHERE t2.id = t1.framework_id AND (t2.slug = $1::text))) AND (t1.number >= $2::int AND t1.number <= $3::int))
    ORDER BY t1.number, t1.id LIMIT 25
  ) t1
  HAVING true
) t3
