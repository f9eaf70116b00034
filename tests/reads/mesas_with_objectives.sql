SELECT concat(t5.j) AS "workingGroups"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"totalCount":', (SELECT count(*) FROM working_group t1 WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((t1.kind = $3::text))), ',"nodes":[', string_agg(concat('{"slug":', to_json(t1.slug)::text, ',"objectives":', t4.j, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.name_es_sort, t1.id) AS n_
    FROM working_group t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((t1.kind = $3::text))
    ORDER BY t1.name_es_sort, t1.id LIMIT 25
  ) t1
  CROSS JOIN LATERAL (
    SELECT concat('{"totalCount":', (SELECT count(*) FROM record_objective t3 JOIN objective t2 ON t2.id = t3.objective_id WHERE t3.record_id = t1.id), ',"edges":[', string_agg(concat('{"priority":', (t2.link_priority)::text, ',"basis":', '"' || (t2.link_basis)::text || '"', ',"node":{"number":', (t2.number)::text, '}}'), ',' ORDER BY t2.n_), ']}') AS j
    FROM (
      SELECT t2.*, t3.basis AS link_basis, t3.priority AS link_priority, row_number() OVER (ORDER BY t2.number, t2.id) AS n_
      FROM record_objective t3 JOIN objective t2 ON t2.id = t3.objective_id
      WHERE t3.record_id = t1.id
      ORDER BY t2.number, t2.id LIMIT 25
    ) t2
    HAVING true
  ) t4
  HAVING true
) t5
