SELECT concat(t4.j) AS "series"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"title":', to_json(coalesce(t1.title_es, t1.title_en)), ',"frequency":', '"' || (t1.frequency)::text || '"', ',"nextOccurrences":[', t3.j, ']}'), ',' ORDER BY t1.n_), ']}') AS j
  FROM (
    SELECT t1.*, row_number() OVER (ORDER BY t1.title_es_sort, t1.id) AS n_
    FROM event_series t1
    WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[])) AND ((t1.frequency = ANY ($3::text[])))
    ORDER BY t1.title_es_sort, t1.id LIMIT 3
  ) t1
  CROSS JOIN LATERAL (
    SELECT string_agg(concat('{"edtf":', to_json(t2.edtf)::text, ',"earliest":', '"' || (t2.earliest)::text || '"', ',"latest":', '"' || (t2.latest)::text || '"', '}'), ',' ORDER BY t2.n_) AS j
    FROM (
      SELECT *, row_number() OVER () AS n_ FROM (
        SELECT o.edtf, o.earliest, o.latest FROM occurrences(t1.frequency,
                    greatest(coalesce($4::date, (now() AT TIME ZONE 'UTC')::date), t1.start_earliest),
                    $5::int) o
                WHERE t1.end_status IS NULL OR o.earliest <= t1.end_latest
                ORDER BY o.earliest
      ) t2_
    ) t2
    WHERE true
  ) t3
  HAVING true
) t4
