SELECT concat(CASE WHEN t1.id IS NOT NULL THEN concat('{"pathsTo":[', t3.j, ']}') ELSE 'null' END) AS "actor"
FROM (VALUES (true)) root
LEFT JOIN actor t1 ON t1.slug = $1::text AND (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($2::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($3::uuid[]))
CROSS JOIN LATERAL (
  SELECT string_agg(concat('{"length":', (t2.length)::text, ',"steps":[', t5.j, ']}'), ',' ORDER BY t2.n_) AS j
  FROM (
    SELECT *, row_number() OVER () AS n_ FROM (
      SELECT DISTINCT p.length, p.ids, p.relations
          FROM paths(t1.id, objective_named($4::text), $5::uuid[], $3::uuid[], $6::text[]) p
          ORDER BY p.length, p.ids, p.relations LIMIT 25
    ) t2_
  ) t2
  CROSS JOIN LATERAL (
    SELECT string_agg(concat('{"relation":', '"' || (t4.relation)::text || '"', ',"record":', CASE WHEN t33.id IS NOT NULL THEN concat('{"__typename":"Achievement"}') ELSE concat(CASE WHEN t32.id IS NOT NULL THEN concat('{"__typename":"', CASE t32.type WHEN 'STATE' THEN 'State' WHEN 'CIVIL_SOCIETY_ORGANIZATION' THEN 'CivilSocietyOrganization' WHEN 'UN_AGENCY' THEN 'UnAgency' WHEN 'DEVELOPMENT_BANK' THEN 'DevelopmentBank' WHEN 'INTERGOVERNMENTAL_ORGANIZATION' THEN 'IntergovernmentalOrganization' WHEN 'DONOR' THEN 'Donor' WHEN 'STAKEHOLDER' THEN 'Stakeholder' END, '"}') ELSE concat(CASE WHEN t31.id IS NOT NULL THEN concat('{"__typename":"Plan","slug":', to_json(t31.slug)::text, '}') ELSE concat(CASE WHEN t30.id IS NOT NULL THEN concat('{"__typename":"PlanItem","code":', coalesce(to_json(t30.code)::text, 'null'), '}') ELSE concat(CASE WHEN t29.id IS NOT NULL THEN concat('{"__typename":"Target"}') ELSE concat(CASE WHEN t28.id IS NOT NULL THEN concat('{"__typename":"ProgressUpdate"}') ELSE concat(CASE WHEN t27.id IS NOT NULL THEN concat('{"__typename":"Need"}') ELSE concat(CASE WHEN t26.id IS NOT NULL THEN concat('{"__typename":"Contribution"}') ELSE concat(CASE WHEN t25.id IS NOT NULL THEN concat('{"__typename":"Country"}') ELSE concat(CASE WHEN t24.id IS NOT NULL THEN concat('{"__typename":"Document"}') ELSE concat(CASE WHEN t23.id IS NOT NULL THEN concat('{"__typename":"Election"}') ELSE concat(CASE WHEN t22.id IS NOT NULL THEN concat('{"__typename":"Candidacy"}') ELSE concat(CASE WHEN t21.id IS NOT NULL THEN concat('{"__typename":"EventSeries"}') ELSE concat(CASE WHEN t20.id IS NOT NULL THEN concat('{"__typename":"Event"}') ELSE concat(CASE WHEN t19.id IS NOT NULL THEN concat('{"__typename":"Framework"}') ELSE concat(CASE WHEN t18.id IS NOT NULL THEN concat('{"__typename":"Objective"}') ELSE concat(CASE WHEN t17.id IS NOT NULL THEN concat('{"__typename":"Membership"}') ELSE concat(CASE WHEN t16.id IS NOT NULL THEN concat('{"__typename":"Person"}') ELSE concat(CASE WHEN t15.id IS NOT NULL THEN concat('{"__typename":"Pledge"}') ELSE concat(CASE WHEN t14.id IS NOT NULL THEN concat('{"__typename":"Post"}') ELSE concat(CASE WHEN t13.id IS NOT NULL THEN concat('{"__typename":"Mandate"}') ELSE concat(CASE WHEN t12.id IS NOT NULL THEN concat('{"__typename":"Practice"}') ELSE concat(CASE WHEN t11.id IS NOT NULL THEN concat('{"__typename":"Replication"}') ELSE concat(CASE WHEN t10.id IS NOT NULL THEN concat('{"__typename":"InventoryEntry"}') ELSE concat(CASE WHEN t9.id IS NOT NULL THEN concat('{"__typename":"Recommendation"}') ELSE concat(CASE WHEN t8.id IS NOT NULL THEN concat('{"__typename":"FollowUp"}') ELSE concat(CASE WHEN t7.id IS NOT NULL THEN concat('{"__typename":"Topic"}') ELSE concat(CASE WHEN t6.id IS NOT NULL THEN concat('{"__typename":"WorkingGroup"}') ELSE concat('null') END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END) END, '}'), ',' ORDER BY t4.n_) AS j
    FROM (
      SELECT *, row_number() OVER () AS n_ FROM (
        SELECT s.relation, s.record_id FROM unnest(t2.relations, t2.ids) WITH ORDINALITY s(relation, record_id, n) ORDER BY s.n
      ) t4_
    ) t4
    LEFT JOIN working_group t6 ON t6.id = t4.record_id AND (t6.visibility = 'PUBLIC' OR t6.owner_id = ANY ($7::uuid[]) OR t6.visibility = 'MEMBERS' AND t6.owner_id = ANY ($3::uuid[]))
    LEFT JOIN topic t7 ON t7.id = t4.record_id
    LEFT JOIN follow_up t8 ON t8.id = t4.record_id AND (t8.visibility = 'PUBLIC' OR t8.owner_id = ANY ($8::uuid[]) OR t8.visibility = 'MEMBERS' AND t8.owner_id = ANY ($3::uuid[]))
    LEFT JOIN recommendation t9 ON t9.id = t4.record_id AND (t9.visibility = 'PUBLIC' OR t9.owner_id = ANY ($9::uuid[]) OR t9.visibility = 'MEMBERS' AND t9.owner_id = ANY ($3::uuid[]))
    LEFT JOIN inventory_entry t10 ON t10.id = t4.record_id AND (t10.visibility = 'PUBLIC' OR t10.owner_id = ANY ($10::uuid[]) OR t10.visibility = 'MEMBERS' AND t10.owner_id = ANY ($3::uuid[]))
    LEFT JOIN replication t11 ON t11.id = t4.record_id AND (t11.visibility = 'PUBLIC' OR t11.owner_id = ANY ($11::uuid[]) OR t11.visibility = 'MEMBERS' AND t11.owner_id = ANY ($3::uuid[]))
    LEFT JOIN practice t12 ON t12.id = t4.record_id AND ((t12.visibility = 'PUBLIC' OR t12.owner_id = ANY ($12::uuid[]) OR t12.visibility = 'MEMBERS' AND t12.owner_id = ANY ($3::uuid[])) OR t12.reviewer_id = ANY ($12::uuid[]))
    LEFT JOIN mandate t13 ON t13.id = t4.record_id AND (t13.visibility = 'PUBLIC' OR t13.owner_id = ANY ($13::uuid[]) OR t13.visibility = 'MEMBERS' AND t13.owner_id = ANY ($3::uuid[]))
    LEFT JOIN post t14 ON t14.id = t4.record_id AND (t14.visibility = 'PUBLIC' OR t14.owner_id = ANY ($14::uuid[]) OR t14.visibility = 'MEMBERS' AND t14.owner_id = ANY ($3::uuid[]))
    LEFT JOIN pledge t15 ON t15.id = t4.record_id AND (t15.visibility = 'PUBLIC' OR t15.owner_id = ANY ($15::uuid[]) OR t15.visibility = 'MEMBERS' AND t15.owner_id = ANY ($3::uuid[]))
    LEFT JOIN person t16 ON t16.id = t4.record_id AND (t16.visibility = 'PUBLIC' OR t16.owner_id = ANY ($16::uuid[]) OR t16.visibility = 'MEMBERS' AND t16.owner_id = ANY ($3::uuid[]))
    LEFT JOIN membership t17 ON t17.id = t4.record_id AND ((t17.visibility = 'PUBLIC' OR t17.owner_id = ANY ($17::uuid[]) OR t17.visibility = 'MEMBERS' AND t17.owner_id = ANY ($3::uuid[])) OR t17.group_id = ANY ($17::uuid[]) OR t17.party_id = ANY ($17::uuid[]))
    LEFT JOIN objective t18 ON t18.id = t4.record_id
    LEFT JOIN framework t19 ON t19.id = t4.record_id
    LEFT JOIN event t20 ON t20.id = t4.record_id AND (t20.visibility = 'PUBLIC' OR t20.owner_id = ANY ($18::uuid[]) OR t20.visibility = 'MEMBERS' AND t20.owner_id = ANY ($3::uuid[]))
    LEFT JOIN event_series t21 ON t21.id = t4.record_id AND (t21.visibility = 'PUBLIC' OR t21.owner_id = ANY ($19::uuid[]) OR t21.visibility = 'MEMBERS' AND t21.owner_id = ANY ($3::uuid[]))
    LEFT JOIN candidacy t22 ON t22.id = t4.record_id AND (t22.visibility = 'PUBLIC' OR t22.owner_id = ANY ($20::uuid[]) OR t22.visibility = 'MEMBERS' AND t22.owner_id = ANY ($3::uuid[]))
    LEFT JOIN election t23 ON t23.id = t4.record_id AND (t23.visibility = 'PUBLIC' OR t23.owner_id = ANY ($21::uuid[]) OR t23.visibility = 'MEMBERS' AND t23.owner_id = ANY ($3::uuid[]))
    LEFT JOIN document t24 ON t24.id = t4.record_id AND (t24.visibility = 'PUBLIC' OR t24.owner_id = ANY ($22::uuid[]) OR t24.visibility = 'MEMBERS' AND t24.owner_id = ANY ($3::uuid[]))
    LEFT JOIN country t25 ON t25.id = t4.record_id
    LEFT JOIN contribution t26 ON t26.id = t4.record_id AND (t26.visibility = 'PUBLIC' OR t26.owner_id = ANY ($23::uuid[]) OR t26.visibility = 'MEMBERS' AND t26.owner_id = ANY ($3::uuid[]))
    LEFT JOIN need t27 ON t27.id = t4.record_id AND (t27.visibility = 'PUBLIC' OR t27.owner_id = ANY ($24::uuid[]) OR t27.visibility = 'MEMBERS' AND t27.owner_id = ANY ($3::uuid[]))
    LEFT JOIN progress_update t28 ON t28.id = t4.record_id AND (t28.visibility = 'PUBLIC' OR t28.owner_id = ANY ($25::uuid[]) OR t28.visibility = 'MEMBERS' AND t28.owner_id = ANY ($3::uuid[]))
    LEFT JOIN target t29 ON t29.id = t4.record_id AND (t29.visibility = 'PUBLIC' OR t29.owner_id = ANY ($26::uuid[]) OR t29.visibility = 'MEMBERS' AND t29.owner_id = ANY ($3::uuid[]))
    LEFT JOIN plan_item t30 ON t30.id = t4.record_id AND (t30.visibility = 'PUBLIC' OR t30.owner_id = ANY ($27::uuid[]) OR t30.visibility = 'MEMBERS' AND t30.owner_id = ANY ($3::uuid[]))
    LEFT JOIN plan t31 ON t31.id = t4.record_id AND (t31.visibility = 'PUBLIC' OR t31.owner_id = ANY ($28::uuid[]) OR t31.visibility = 'MEMBERS' AND t31.owner_id = ANY ($3::uuid[]))
    LEFT JOIN actor t32 ON t32.id = t4.record_id AND (t32.visibility = 'PUBLIC' OR t32.owner_id = ANY ($2::uuid[]) OR t32.visibility = 'MEMBERS' AND t32.owner_id = ANY ($3::uuid[]))
    LEFT JOIN achievement t33 ON t33.id = t4.record_id AND (t33.visibility = 'PUBLIC' OR t33.owner_id = ANY ($29::uuid[]) OR t33.visibility = 'MEMBERS' AND t33.owner_id = ANY ($3::uuid[]))
    WHERE true
  ) t5
  WHERE true
) t3
