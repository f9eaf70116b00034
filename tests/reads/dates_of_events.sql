SELECT (SELECT concat(t2.j) AS "possibly"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"title":', to_json(coalesce(t1.title_es, t1.title_en)), ',"date":', CASE WHEN t1.date_status IS NOT NULL THEN concat('{"text":', coalesce(to_json(t1.date_text)::text, 'null'), '}') ELSE 'null' END, '}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY (t1.date_sort + 0), t1.id) AS n_
    FROM event t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((t1.date_days && CASE WHEN $3::date < $4::date THEN 'empty'::daterange ELSE daterange($4::date, $3::date, '[]') END))
    ORDER BY (t1.date_sort + 0), t1.id LIMIT 25
  ) t1
  HAVING true
) t2
),
(SELECT concat(t4.j) AS "certainly"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM event t3 WHERE (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[])) AND ((t3.date_days <@ CASE WHEN $5::date < $6::date THEN 'empty'::daterange ELSE daterange($6::date, $5::date, '[]') END))), '}') AS j) t4
)
