SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"history":', t3.j, '}') ELSE 'null' END) AS "country"
FROM (VALUES (true)) root
LEFT JOIN country t1 ON t1.slug = $1::text
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"verb":', to_json(t2.verb)::text, ',"part":', coalesce(to_json(t2.part)::text, 'null'), ',"fields":[', t5.j, '],"party":', CASE WHEN t7.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t7.name_es, t7.name_en)), '}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t6.name_es, t6.name_en)), '}') ELSE concat('null') END) END, '}'), ',' ORDER BY t2.n_) FILTER (WHERE t2.n_ <= 1), '],"pageInfo":{"hasNextPage":', (count(*) > 1)::text, '}}') AS j
  FROM (
    SELECT p.*, row_number() OVER (ORDER BY p.sequence DESC) AS n_
    FROM (
      SELECT c.id, c.sequence, c.at, upper(c.noun) AS noun, c.record_id, c.merged_into_id,
        CASE WHEN s.told OR s.ends THEN c.verb ELSE 'WITHDRAWN' END AS verb,
        CASE WHEN s.told OR s.ends THEN c.party_id END AS party_id,
        CASE WHEN s.told OR s.ends THEN c.on_behalf_of_id END AS on_behalf_of_id,
        CASE WHEN s.told OR s.ends THEN c.client_id END AS client,
        CASE WHEN s.told THEN c.part END AS part, c.owner_id,
        CASE WHEN s.told AND ((c.visibility_before = 'PUBLIC' OR c.owner_before_id = ANY ($2::uuid[]) OR c.visibility_before = 'MEMBERS' AND c.owner_before_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_before_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_before) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[]))) THEN c.before END AS before,
        CASE WHEN s.told THEN c.after END AS after
      FROM change c
      LEFT JOIN record r ON r.id = c.record_id AND (r.visibility = 'PUBLIC' OR r.owner_id = ANY ($2::uuid[]) OR r.visibility = 'MEMBERS' AND r.owner_id = ANY ($3::uuid[]) OR r.noun || ':' || r.owner_id = ANY ($4::text[]))
      LEFT JOIN record f ON f.id = c.far_id AND (f.visibility = 'PUBLIC' OR f.owner_id = ANY ($2::uuid[]) OR f.visibility = 'MEMBERS' AND f.owner_id = ANY ($3::uuid[]) OR f.noun || ':' || f.owner_id = ANY ($4::text[]))
      CROSS JOIN LATERAL (SELECT (r.id IS NOT NULL OR EXISTS (SELECT FROM unnest(sides_of(c.noun, c.record_id)) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[]))) AND ((c.visibility_after = 'PUBLIC' OR c.owner_after_id = ANY ($2::uuid[]) OR c.visibility_after = 'MEMBERS' AND c.owner_after_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_after_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_after) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[]))) AS told,
        c.visibility_after IS NULL AS ends) s
      WHERE c.record_id = t1.id AND c.sequence < 9223372036854775807::bigint AND (c.noun <> 'person' OR NOT (coalesce(c.before, '{}') || coalesce(c.after, '{}')) ?| '{contact_email,contact_phone}' OR (coalesce(c.before, '{}') || coalesce(c.after, '{}')) - '{contact_email,contact_phone}'::text[] <> '{}' OR c.owner_id = ANY ($2::uuid[])) AND (((c.visibility_before = 'PUBLIC' OR c.owner_before_id = ANY ($2::uuid[]) OR c.visibility_before = 'MEMBERS' AND c.owner_before_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_before_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_before) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[]))) OR ((c.visibility_after = 'PUBLIC' OR c.owner_after_id = ANY ($2::uuid[]) OR c.visibility_after = 'MEMBERS' AND c.owner_after_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_after_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_after) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[])))) AND (c.far_id IS NULL OR f.id IS NOT NULL)
      ORDER BY sequence DESC LIMIT 2
    ) p
    ORDER BY sequence DESC LIMIT 2
  ) t2
  CROSS JOIN LATERAL (
    SELECT string_agg(concat('{"name":', to_json(t4.name)::text, ',"after":', coalesce(to_json(t4.after)::text, 'null'), '}'), ',' ORDER BY t4.n_) AS j
    FROM (
      SELECT *, row_number() OVER () AS n_ FROM (
        SELECT lower(left(w.word, 1)) || substr(w.word, 2) AS name, b.value AS before,
                a.value AS after
            FROM jsonb_object_keys(coalesce(t2.before, '{}') || coalesce(t2.after, '{}')) k (key),
            LATERAL (SELECT k.key LIKE '%\_id' AND coalesce(
                nullif(jsonb_typeof(t2.after -> k.key), 'null'),
                nullif(jsonb_typeof(t2.before -> k.key), 'null'), 'string') = 'string') l (is_link),
            LATERAL (SELECT replace(initcap(replace(CASE WHEN l.is_link
                THEN left(k.key, -3) ELSE k.key END, '_', ' ')), ' ', '')) w (word),
            LATERAL (SELECT CASE WHEN NOT l.is_link THEN t2.before ->> k.key ELSE (
                SELECT r_.noun || '_' || r_.id FROM record r_
                WHERE r_.id = (t2.before ->> k.key)::uuid AND (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($2::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($3::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($4::text[]))) END) b (value),
            LATERAL (SELECT CASE WHEN NOT l.is_link THEN t2.after ->> k.key ELSE (
                SELECT r_.noun || '_' || r_.id FROM record r_
                WHERE r_.id = (t2.after ->> k.key)::uuid AND (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($2::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($3::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($4::text[]))) END) a (value)
            WHERE k.key NOT IN ('contact_email', 'contact_phone') OR t2.owner_id = ANY ($2::uuid[])
            ORDER BY k.key COLLATE "C"
      ) t4_
    ) t4
    WHERE true
  ) t5
  LEFT JOIN working_group t6 ON t6.id = t2.party_id AND (t6.visibility = 'PUBLIC' OR t6.owner_id = ANY ($5::uuid[]) OR t6.visibility = 'MEMBERS' AND t6.owner_id = ANY ($3::uuid[]))
  LEFT JOIN actor t7 ON t7.id = t2.party_id AND (t7.visibility = 'PUBLIC' OR t7.owner_id = ANY ($6::uuid[]) OR t7.visibility = 'MEMBERS' AND t7.owner_id = ANY ($3::uuid[]))
  HAVING true
) t3
