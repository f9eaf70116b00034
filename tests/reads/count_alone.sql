SELECT (SELECT concat(t2.j) AS "actors"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t1 WHERE (t1.visibility = 'PUBLIC' OR t1.owner_id = ANY ($1::uuid[]) OR t1.visibility = 'MEMBERS' AND t1.owner_id = ANY ($2::uuid[]))), '}') AS j) t2
),
(SELECT concat(t4.j) AS "states"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t3 WHERE (t3.type = 'STATE') AND (t3.visibility = 'PUBLIC' OR t3.owner_id = ANY ($1::uuid[]) OR t3.visibility = 'MEMBERS' AND t3.owner_id = ANY ($2::uuid[]))), '}') AS j) t4
),
(SELECT concat(t6.j) AS "unAgencies"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t5 WHERE (t5.type = 'UN_AGENCY') AND (t5.visibility = 'PUBLIC' OR t5.owner_id = ANY ($1::uuid[]) OR t5.visibility = 'MEMBERS' AND t5.owner_id = ANY ($2::uuid[]))), '}') AS j) t6
),
(SELECT concat(t8.j) AS "developmentBanks"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t7 WHERE (t7.type = 'DEVELOPMENT_BANK') AND (t7.visibility = 'PUBLIC' OR t7.owner_id = ANY ($1::uuid[]) OR t7.visibility = 'MEMBERS' AND t7.owner_id = ANY ($2::uuid[]))), '}') AS j) t8
),
(SELECT concat(t10.j) AS "civilSocietyOrganizations"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t9 WHERE (t9.type = 'CIVIL_SOCIETY_ORGANIZATION') AND (t9.visibility = 'PUBLIC' OR t9.owner_id = ANY ($1::uuid[]) OR t9.visibility = 'MEMBERS' AND t9.owner_id = ANY ($2::uuid[]))), '}') AS j) t10
),
(SELECT concat(t12.j) AS "intergovernmentalOrganizations"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t11 WHERE (t11.type = 'INTERGOVERNMENTAL_ORGANIZATION') AND (t11.visibility = 'PUBLIC' OR t11.owner_id = ANY ($1::uuid[]) OR t11.visibility = 'MEMBERS' AND t11.owner_id = ANY ($2::uuid[]))), '}') AS j) t12
),
(SELECT concat(t14.j) AS "donors"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM actor t13 WHERE (t13.type = 'DONOR' OR EXISTS (SELECT FROM contribution c_ WHERE c_.giver_id = t13.id AND NOT c_.cancelled AND (c_.visibility = 'PUBLIC' OR c_.owner_id = ANY ($3::uuid[]) OR c_.visibility = 'MEMBERS' AND c_.owner_id = ANY ($2::uuid[])) AND NOT EXISTS (SELECT FROM contribution n_ WHERE n_.revises_id = c_.id AND (n_.visibility = 'PUBLIC' OR n_.owner_id = ANY ($3::uuid[]) OR n_.visibility = 'MEMBERS' AND n_.owner_id = ANY ($2::uuid[]))))) AND (t13.visibility = 'PUBLIC' OR t13.owner_id = ANY ($1::uuid[]) OR t13.visibility = 'MEMBERS' AND t13.owner_id = ANY ($2::uuid[]))), '}') AS j) t14
),
(SELECT concat(t16.j) AS "gcmObjectives"
FROM (VALUES (true)) root
CROSS JOIN LATERAL (SELECT concat('{"totalCount":', (SELECT count(*) FROM objective t15 WHERE (t15.framework_id = (SELECT id FROM framework WHERE slug = 'gcm'))), '}') AS j) t16
)
