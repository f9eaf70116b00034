SELECT (SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"complete":', coalesce((((SELECT bool_and(mandate_on(p_.id, 0, coalesce(NULL::date,
            (now() AT TIME ZONE 'UTC')::date)) IS NOT NULL)
        FROM post p_ WHERE p_.group_id = t1.id AND p_.required AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($1::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($2::uuid[])))))::text, 'null'), ',"posts":', t4.j, '}') ELSE 'null' END) AS "workingGroup"
FROM (VALUES (true)) root
LEFT JOIN working_group t1 ON t1.slug = $3::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($4::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"totalCount":', (SELECT count(*) FROM post t2 WHERE t2.group_id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($1::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND (((mandate_on(t2.id, 0, coalesce(NULL::date, (now() AT TIME ZONE 'UTC')::date)) IS NULL) = $5::bool))), ',"nodes":[', string_agg(concat('{"title":', to_json(coalesce(t2.title_es, t2.title_en)), ',"electedBy":', CASE WHEN t3.id IS NOT NULL THEN concat('{"slug":', to_json(t3.slug)::text, '}') ELSE 'null' END, '}'), ',' ORDER BY t2.n_), ']}') AS j
  FROM (
    SELECT t2.*, row_number() OVER (ORDER BY t2.position, t2.id) AS n_
    FROM post t2
    WHERE t2.group_id = t1.id AND (t2.visibility = 'PUBLIC' OR t2.owner_id = ANY ($1::uuid[]) OR t2.visibility = 'MEMBERS' AND t2.owner_id = ANY ($2::uuid[])) AND (((mandate_on(t2.id, 0, coalesce(NULL::date, (now() AT TIME ZONE 'UTC')::date)) IS NULL) = $5::bool))
    ORDER BY t2.position, t2.id LIMIT 2
  ) t2
  LEFT JOIN working_group t3 ON t3.id = t2.elected_by_id AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($4::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))
  HAVING true
) t4
),
(SELECT concat(CASE WHEN t5.id IS NOT NULL THEN concat('{"countriesWithoutFocalPoint":', t7.j, ',"countriesWithoutMembers":', t9.j, '}') ELSE 'null' END) AS "mechanism"
FROM (VALUES (true)) root
LEFT JOIN working_group t5 ON t5.slug = $6::text AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($4::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[]))
CROSS JOIN LATERAL (
  SELECT concat('{"nodes":[', string_agg(concat('{"alpha2":', to_json(t6.alpha2)::text, '}'), ',' ORDER BY t6.n_), ']}') AS j
  FROM (
    SELECT t6.*, row_number() OVER (ORDER BY t6.name_es_sort, t6.id) AS n_
    FROM country t6
    WHERE (EXISTS (SELECT FROM post p_ WHERE p_.group_id = t5.id
                AND p_.country_id = t6.id AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($1::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($2::uuid[])))
            AND NOT EXISTS (SELECT FROM post p_ WHERE p_.group_id = t5.id
                AND p_.country_id = t6.id AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($1::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($2::uuid[])) AND mandate_on(
                    p_.id, 0, (now() AT TIME ZONE 'UTC')::date) IS NOT NULL))
    ORDER BY t6.name_es_sort, t6.id LIMIT 25
  ) t6
  HAVING true
) t7
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM country t8 WHERE (EXISTS (SELECT FROM post p_ WHERE p_.group_id = t5.id
            AND p_.country_id = t8.id AND (p_.visibility = 'PUBLIC' OR p_.owner_id = ANY ($1::uuid[]) OR p_.visibility = 'MEMBERS' AND p_.owner_id = ANY ($2::uuid[])))
        AND NOT EXISTS (SELECT FROM membership m_ JOIN actor a_ ON a_.id = m_.party_id
            WHERE m_.group_id = t5.id AND is_active(m_.status, m_.end_latest, m_.end_status)
            AND ((m_.visibility = 'PUBLIC' OR m_.owner_id = ANY ($7::uuid[]) OR m_.visibility = 'MEMBERS' AND m_.owner_id = ANY ($2::uuid[])) OR m_.group_id = ANY ($7::uuid[]) OR m_.party_id = ANY ($7::uuid[])) AND (a_.visibility = 'PUBLIC' OR a_.owner_id = ANY ($8::uuid[]) OR a_.visibility = 'MEMBERS' AND a_.owner_id = ANY ($2::uuid[])) AND a_.country_id = t8.id))), '}') AS j) t9
)
