SELECT concat(t2.j) AS "changes"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (
  SELECT concat('{"pageInfo":{"hasNextPage":', (count(*) > 2)::text, '},"nodes":[', string_agg(concat('{"verb":', to_json(t1.verb)::text, ',"noun":', '"' || (t1.noun)::text || '"', ',"recordId":', '"' || ((lower(t1.noun) || '_' || t1.record_id))::text || '"', ',"part":', coalesce(to_json(t1.part)::text, 'null'), ',"fields":[', t4.j, '],"record":', CASE WHEN t32.id IS NOT NULL THEN concat('{"id":"achievement_', t32.id, '","version":', (t32.version)::text, '}') ELSE concat(CASE WHEN t31.id IS NOT NULL THEN concat('{"id":"actor_', t31.id, '","version":', (t31.version)::text, '}') ELSE concat(CASE WHEN t30.id IS NOT NULL THEN concat('{"id":"plan_', t30.id, '","version":', (t30.version)::text, '}') ELSE concat(CASE WHEN t29.id IS NOT NULL THEN concat('{"id":"plan_item_', t29.id, '","version":', (t29.version)::text, '}') ELSE concat(CASE WHEN t28.id IS NOT NULL THEN concat('{"id":"target_', t28.id, '","version":', (t28.version)::text, '}') ELSE concat(CASE WHEN t27.id IS NOT NULL THEN concat('{"id":"progress_update_', t27.id, '","version":', (t27.version)::text, '}') ELSE concat(CASE WHEN t26.id IS NOT NULL THEN concat('{"id":"need_', t26.id, '","version":', (t26.version)::text, '}') ELSE concat(CASE WHEN t25.id IS NOT NULL THEN concat('{"id":"contribution_', t25.id, '","version":', (t25.version)::text, '}') ELSE concat(CASE WHEN t24.id IS NOT NULL THEN concat('{"id":"country_', t24.id, '","version":', (t24.version)::text, '}') ELSE concat(CASE WHEN t23.id IS NOT NULL THEN concat('{"id":"document_', t23.id, '","version":', (t23.version)::text, '}') ELSE concat(CASE WHEN t22.id IS NOT NULL THEN concat('{"id":"election_', t22.id, '","version":', (t22.version)::text, '}') ELSE concat(CASE WHEN t21.id IS NOT NULL THEN concat('{"id":"candidacy_', t21.id, '","version":', (t21.version)::text, '}') ELSE concat(CASE WHEN t20.id IS NOT NULL THEN concat('{"id":"event_series_', t20.id, '","version":', (t20.version)::text, '}') ELSE concat(CASE WHEN t19.id IS NOT NULL THEN concat('{"id":"event_', t19.id, '","version":', (t19.version)::text, '}') ELSE concat(CASE WHEN t18.id IS NOT NULL THEN concat('{"id":"framework_', t18.id, '","version":', (t18.version)::text, '}') ELSE concat(CASE WHEN t17.id IS NOT NULL THEN concat('{"id":"objective_', t17.id, '","version":', (t17.version)::text, '}') ELSE concat(CASE WHEN t16.id IS NOT NULL THEN concat('{"id":"membership_', t16.id, '","version":', (t16.version)::text, '}') ELSE concat(CASE WHEN t15.id IS NOT NULL THEN concat('{"id":"person_', t15.id, '","version":', (t15.version)::text, '}') ELSE concat(CASE WHEN t14.id IS NOT NULL THEN concat('{"id":"pledge_', t14.id, '","version":', (t14.version)::text, '}') ELSE concat(CASE WHEN t13.id IS NOT NULL THEN concat('{"id":"post_', t13.id, '","version":', (t13.version)::text, '}') ELSE concat(CASE WHEN t12.id IS NOT NULL THEN concat('{"id":"mandate_', t12.id, '","version":', (t12.version)::text, '}') ELSE concat(CASE WHEN t11.id IS NOT NULL THEN concat('{"id":"practice_', t11.id, '","version":', (t11.version)::text, '}') ELSE concat(CASE WHEN t10.id IS NOT NULL THEN concat('{"id":"replication_', t10.id, '","version":', (t10.version)::text, '}') ELSE concat(CASE WHEN t9.id IS NOT NULL THEN concat('{"id":"inventory_entry_', t9.id, '","version":', (t9.version)::text, '}') ELSE concat(CASE WHEN t8.id IS NOT NULL THEN concat('{"id":"recommendation_', t8.id, '","version":', (t8.version)::text, '}') ELSE concat(CASE WHEN t7.id IS NOT NULL THEN concat('{"id":"follow_up_', t7.id, '","version":', (t7.version)::text, '}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"id":"topic_', t6.id, '","version":', (t6.version)::text, '}') ELSE concat(CASE WHEN t5.id IS NOT NULL THEN concat('{"id":"working_group_', t5.id, '","version":', (t5.version)::text, '}') ELSE concat('null') END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END, '}'), ',' ORDER BY t1.n_) FILTER (WHERE t1.n_ <= 2), ']}') AS j
  FROM (
    SELECT p.*, row_number() OVER (ORDER BY p.sequence ASC) AS n_
    FROM (SELECT DISTINCT unnest($1::text[])) k (key)
    CROSS JOIN LATERAL (
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
      WHERE NOT ($5::bool AND coalesce(c.client_id = $6::uuid, false)) AND c.noun = k.key AND c.sequence > 0::bigint AND (c.noun <> 'person' OR NOT (coalesce(c.before, '{}') || coalesce(c.after, '{}')) ?| '{contact_email,contact_phone}' OR (coalesce(c.before, '{}') || coalesce(c.after, '{}')) - '{contact_email,contact_phone}'::text[] <> '{}' OR c.owner_id = ANY ($2::uuid[])) AND (((c.visibility_before = 'PUBLIC' OR c.owner_before_id = ANY ($2::uuid[]) OR c.visibility_before = 'MEMBERS' AND c.owner_before_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_before_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_before) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[]))) OR ((c.visibility_after = 'PUBLIC' OR c.owner_after_id = ANY ($2::uuid[]) OR c.visibility_after = 'MEMBERS' AND c.owner_after_id = ANY ($3::uuid[]) OR c.noun || ':' || c.owner_after_id = ANY ($4::text[])) OR EXISTS (SELECT FROM unnest(c.sides_after) s_ WHERE s_ = ANY ($2::uuid[]) OR c.noun || ':' || s_ = ANY ($4::text[])))) AND (c.far_id IS NULL OR f.id IS NOT NULL)
      ORDER BY sequence ASC LIMIT 3
    ) p
    ORDER BY sequence ASC LIMIT 3
  ) t1
  CROSS JOIN LATERAL (
    SELECT string_agg(concat('{"name":', to_json(t3.name)::text, ',"before":', coalesce(to_json(t3.before)::text, 'null'), ',"after":', coalesce(to_json(t3.after)::text, 'null'), '}'), ',' ORDER BY t3.n_) AS j
    FROM (
      SELECT *, row_number() OVER () AS n_ FROM (
        SELECT lower(left(w.word, 1)) || substr(w.word, 2) AS name, b.value AS before,
                a.value AS after
            FROM jsonb_object_keys(coalesce(t1.before, '{}') || coalesce(t1.after, '{}')) k (key),
            LATERAL (SELECT k.key LIKE '%\_id' AND coalesce(
                nullif(jsonb_typeof(t1.after -> k.key), 'null'),
                nullif(jsonb_typeof(t1.before -> k.key), 'null'), 'string') = 'string') l (is_link),
            LATERAL (SELECT replace(initcap(replace(CASE WHEN l.is_link
                THEN left(k.key, -3) ELSE k.key END, '_', ' ')), ' ', '')) w (word),
            LATERAL (SELECT CASE WHEN NOT l.is_link THEN t1.before ->> k.key ELSE (
                SELECT r_.noun || '_' || r_.id FROM record r_
                WHERE r_.id = (t1.before ->> k.key)::uuid AND (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($2::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($3::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($4::text[]))) END) b (value),
            LATERAL (SELECT CASE WHEN NOT l.is_link THEN t1.after ->> k.key ELSE (
                SELECT r_.noun || '_' || r_.id FROM record r_
                WHERE r_.id = (t1.after ->> k.key)::uuid AND (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($2::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($3::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($4::text[]))) END) a (value)
            WHERE k.key NOT IN ('contact_email', 'contact_phone') OR t1.owner_id = ANY ($2::uuid[])
            ORDER BY k.key COLLATE "C"
      ) t3_
    ) t3
    WHERE true
  ) t4
  LEFT JOIN working_group t5 ON t5.id = t1.record_id AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($7::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($3::uuid[]))
  LEFT JOIN topic t6 ON t6.id = t1.record_id
  LEFT JOIN follow_up t7 ON t7.id = t1.record_id AND (t7.visibility = 'PUBLIC' OR t7.owner_id = ANY ($8::uuid[]) OR t7.visibility = 'MEMBERS' AND t7.owner_id = ANY ($3::uuid[]))
  LEFT JOIN recommendation t8 ON t8.id = t1.record_id AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($9::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($3::uuid[]))
  LEFT JOIN inventory_entry t9 ON t9.id = t1.record_id AND (t9.visibility = 'PUBLIC' OR t9.owner_id = ANY ($10::uuid[]) OR t9.visibility = 'MEMBERS' AND t9.owner_id = ANY ($3::uuid[]))
  LEFT JOIN replication t10 ON t10.id = t1.record_id AND (t10.visibility = 'PUBLIC' OR t10.owner_id = ANY ($11::uuid[]) OR t10.visibility = 'MEMBERS' AND t10.owner_id = ANY ($3::uuid[]))
  LEFT JOIN practice t11 ON t11.id = t1.record_id AND ((t11.visibility = 'PUBLIC' OR t11.owner_id = ANY ($12::uuid[]) OR t11.visibility = 'MEMBERS' AND t11.owner_id = ANY ($3::uuid[])) OR t11.reviewer_id = ANY ($12::uuid[]))
  LEFT JOIN mandate t12 ON t12.id = t1.record_id AND (t12.visibility = 'PUBLIC' OR t12.owner_id = ANY ($13::uuid[]) OR t12.visibility = 'MEMBERS' AND t12.owner_id = ANY ($3::uuid[]))
  LEFT JOIN post t13 ON t13.id = t1.record_id AND (t13.visibility = 'PUBLIC' OR t13.owner_id = ANY ($14::uuid[]) OR t13.visibility = 'MEMBERS' AND t13.owner_id = ANY ($3::uuid[]))
  LEFT JOIN pledge t14 ON t14.id = t1.record_id AND (t14.visibility = 'PUBLIC' OR t14.owner_id = ANY ($15::uuid[]) OR t14.visibility = 'MEMBERS' AND t14.owner_id = ANY ($3::uuid[]))
  LEFT JOIN person t15 ON t15.id = t1.record_id AND (t15.visibility = 'PUBLIC' OR t15.owner_id = ANY ($16::uuid[]) OR t15.visibility = 'MEMBERS' AND t15.owner_id = ANY ($3::uuid[]))
  LEFT JOIN membership t16 ON t16.id = t1.record_id AND ((t16.visibility = 'PUBLIC' OR t16.owner_id = ANY ($17::uuid[]) OR t16.visibility = 'MEMBERS' AND t16.owner_id = ANY ($3::uuid[])) OR t16.group_id = ANY ($17::uuid[]) OR t16.party_id = ANY ($17::uuid[]))
  LEFT JOIN objective t17 ON t17.id = t1.record_id
  LEFT JOIN framework t18 ON t18.id = t1.record_id
  LEFT JOIN event t19 ON t19.id = t1.record_id AND (t19.visibility = 'PUBLIC' OR t19.owner_id = ANY ($18::uuid[]) OR t19.visibility = 'MEMBERS' AND t19.owner_id = ANY ($3::uuid[]))
  LEFT JOIN event_series t20 ON t20.id = t1.record_id AND (t20.visibility = 'PUBLIC' OR t20.owner_id = ANY ($19::uuid[]) OR t20.visibility = 'MEMBERS' AND t20.owner_id = ANY ($3::uuid[]))
  LEFT JOIN candidacy t21 ON t21.id = t1.record_id AND (t21.visibility = 'PUBLIC' OR t21.owner_id = ANY ($20::uuid[]) OR t21.visibility = 'MEMBERS' AND t21.owner_id = ANY ($3::uuid[]))
  LEFT JOIN election t22 ON t22.id = t1.record_id AND (t22.visibility = 'PUBLIC' OR t22.owner_id = ANY ($21::uuid[]) OR t22.visibility = 'MEMBERS' AND t22.owner_id = ANY ($3::uuid[]))
  LEFT JOIN document t23 ON t23.id = t1.record_id AND (t23.visibility = 'PUBLIC' OR t23.owner_id = ANY ($22::uuid[]) OR t23.visibility = 'MEMBERS' AND t23.owner_id = ANY ($3::uuid[]))
  LEFT JOIN country t24 ON t24.id = t1.record_id
  LEFT JOIN contribution t25 ON t25.id = t1.record_id AND (t25.visibility = 'PUBLIC' OR t25.owner_id = ANY ($23::uuid[]) OR t25.visibility = 'MEMBERS' AND t25.owner_id = ANY ($3::uuid[]))
  LEFT JOIN need t26 ON t26.id = t1.record_id AND (t26.visibility = 'PUBLIC' OR t26.owner_id = ANY ($24::uuid[]) OR t26.visibility = 'MEMBERS' AND t26.owner_id = ANY ($3::uuid[]))
  LEFT JOIN progress_update t27 ON t27.id = t1.record_id AND (t27.visibility = 'PUBLIC' OR t27.owner_id = ANY ($25::uuid[]) OR t27.visibility = 'MEMBERS' AND t27.owner_id = ANY ($3::uuid[]))
  LEFT JOIN target t28 ON t28.id = t1.record_id AND (t28.visibility = 'PUBLIC' OR t28.owner_id = ANY ($26::uuid[]) OR t28.visibility = 'MEMBERS' AND t28.owner_id = ANY ($3::uuid[]))
  LEFT JOIN plan_item t29 ON t29.id = t1.record_id AND (t29.visibility = 'PUBLIC' OR t29.owner_id = ANY ($27::uuid[]) OR t29.visibility = 'MEMBERS' AND t29.owner_id = ANY ($3::uuid[]))
  LEFT JOIN plan t30 ON t30.id = t1.record_id AND (t30.visibility = 'PUBLIC' OR t30.owner_id = ANY ($28::uuid[]) OR t30.visibility = 'MEMBERS' AND t30.owner_id = ANY ($3::uuid[]))
  LEFT JOIN actor t31 ON t31.id = t1.record_id AND (t31.visibility = 'PUBLIC' OR t31.owner_id = ANY ($29::uuid[]) OR t31.visibility = 'MEMBERS' AND t31.owner_id = ANY ($3::uuid[]))
  LEFT JOIN achievement t32 ON t32.id = t1.record_id AND (t32.visibility = 'PUBLIC' OR t32.owner_id = ANY ($30::uuid[]) OR t32.visibility = 'MEMBERS' AND t32.owner_id = ANY ($3::uuid[]))
  HAVING true
) t2
