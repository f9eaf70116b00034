SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"title":', to_json(coalesce(t1.title_es, t1.title_en)), ',"current":', CASE WHEN t2.id IS NOT NULL THEN concat('{"holder":', CASE WHEN t4.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t4.name_es, t4.name_en)), '}') ELSE concat(CASE WHEN t3.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t3.name_es, t3.name_en)), '}') ELSE concat('null') END) END, ',"warnings":[', t6.j, ']}') ELSE 'null' END, ',"previous":', CASE WHEN t9.id IS NOT NULL THEN concat('{"holder":', CASE WHEN t11.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t11.name_es, t11.name_en)), '}') ELSE concat(CASE WHEN t10.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t10.name_es, t10.name_en)), '}') ELSE concat('null') END) END, ',"warnings":[', t13.j, ']}') ELSE 'null' END, ',"nextByRotation":', CASE WHEN t15.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t15.name_es, t15.name_en)), '}') ELSE concat(CASE WHEN t14.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t14.name_es, t14.name_en)), '}') ELSE concat('null') END) END, ',"vacant":', ((mandate_on(t1.id, 0, coalesce($1::date, (now() AT TIME ZONE 'UTC')::date)) IS NULL))::text, '}') ELSE 'null' END) AS "post"
FROM (VALUES (true)) root
LEFT JOIN post t1 ON t1.slug = $2::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($3::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($4::uuid[]))
LEFT JOIN mandate t2 ON t2.id = (mandate_on(t1.id, 0, coalesce($5::date, (now() AT TIME ZONE 'UTC')::date))) AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($6::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($4::uuid[]))
LEFT JOIN working_group t3 ON t3.id = t2.holder_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($7::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($4::uuid[]))
LEFT JOIN actor t4 ON t4.id = t2.holder_id AND (t4.visibility = 'PUBLIC' OR t4.owner_id = ANY ($8::uuid[]) OR t4.visibility = 'MEMBERS' AND t4.owner_id = ANY ($4::uuid[]))
CROSS JOIN LATERAL (
  SELECT string_agg(concat('{"rule":', '"' || (t5.rule)::text || '"', ',"message":', to_json(t5.message)::text, ',"expected":', CASE WHEN t8.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t8.name_es, t8.name_en)), '}') ELSE concat(CASE WHEN t7.id IS NOT NULL THEN concat('{"name":', to_json(coalesce(t7.name_es, t7.name_en)), '}') ELSE concat('null') END) END, '}'), ',' ORDER BY t5.n_) AS j
  FROM (
    SELECT *, row_number() OVER () AS n_ FROM (
      SELECT w.rule, w.expected_id,
                  CASE 'es' WHEN 'en' THEN w.message_en ELSE w.message_es END AS message
              FROM mandate_warnings(t2.id) w LEFT JOIN record r_ ON r_.id = w.expected_id
              WHERE (w.expected_id IS NULL OR (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($9::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($4::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($10::text[])))
                  AND EXISTS (SELECT FROM post p_ WHERE p_.id = t2.post_id AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($3::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($4::uuid[])))
              ORDER BY w.rule
    ) t5_
  ) t5
  LEFT JOIN working_group t7 ON t7.id = t5.expected_id AND (t7.visibility = 'PUBLIC' OR t7.owner_id = ANY ($7::uuid[]) OR t7.visibility = 'MEMBERS' AND t7.owner_id = ANY ($4::uuid[]))
  LEFT JOIN actor t8 ON t8.id = t5.expected_id AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($8::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($4::uuid[]))
  WHERE true
) t6
LEFT JOIN mandate t9 ON t9.id = (mandate_on(t1.id, -1, coalesce($11::date, (now() AT TIME ZONE 'UTC')::date))) AND (t9.visibility = 'PUBLIC' OR t9.owner_id = ANY ($6::uuid[]) OR t9.visibility = 'MEMBERS' AND t9.owner_id = ANY ($4::uuid[]))
LEFT JOIN working_group t10 ON t10.id = t9.holder_id AND (t10.visibility = 'PUBLIC' OR t10.owner_id = ANY ($7::uuid[]) OR t10.visibility = 'MEMBERS' AND t10.owner_id = ANY ($4::uuid[]))
LEFT JOIN actor t11 ON t11.id = t9.holder_id AND (t11.visibility = 'PUBLIC' OR t11.owner_id = ANY ($8::uuid[]) OR t11.visibility = 'MEMBERS' AND t11.owner_id = ANY ($4::uuid[]))
CROSS JOIN LATERAL (
  SELECT string_agg(concat('{"rule":', '"' || (t12.rule)::text || '"', '}'), ',' ORDER BY t12.n_) AS j
  FROM (
    SELECT *, row_number() OVER () AS n_ FROM (
      SELECT w.rule, w.expected_id,
                  CASE 'es' WHEN 'en' THEN w.message_en ELSE w.message_es END AS message
              FROM mandate_warnings(t9.id) w LEFT JOIN record r_ ON r_.id = w.expected_id
              WHERE (w.expected_id IS NULL OR (r_.visibility = 'PUBLIC' OR r_.owner_id = ANY ($9::uuid[]) OR r_.visibility = 'MEMBERS' AND r_.owner_id = ANY ($4::uuid[]) OR r_.noun || ':' || r_.owner_id = ANY ($10::text[])))
                  AND EXISTS (SELECT FROM post p_ WHERE p_.id = t9.post_id AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($3::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($4::uuid[])))
              ORDER BY w.rule
    ) t12_
  ) t12
  WHERE true
) t13
LEFT JOIN working_group t14 ON t14.id = (next_by_rotation(t1.id, coalesce($12::date, (now() AT TIME ZONE 'UTC')::date))) AND (t14.visibility = 'PUBLIC' OR t14.owner_id = ANY ($7::uuid[]) OR t14.visibility = 'MEMBERS' AND t14.owner_id = ANY ($4::uuid[]))
LEFT JOIN actor t15 ON t15.id = (next_by_rotation(t1.id, coalesce($12::date, (now() AT TIME ZONE 'UTC')::date))) AND (t15.visibility = 'PUBLIC' OR t15.owner_id = ANY ($8::uuid[]) OR t15.visibility = 'MEMBERS' AND t15.owner_id = ANY ($4::uuid[]))
