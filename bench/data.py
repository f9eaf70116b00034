"""A database worth measuring: 3 000 actors at home in 38 countries, 500 000 documents,
1 000 plans of 399 items."""

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

DOCUMENTS = 500_000
PLANS = 1_000
FILL = f"""
ALTER TABLE actor DISABLE TRIGGER USER;
ALTER TABLE document DISABLE TRIGGER USER;
INSERT INTO actor (id, slug, type, name_es, name_es_origin, name_en, name_en_origin, website,
                   country_id, parent_id)
SELECT md5('a' || n)::uuid, 'bench-' || n, 'STAKEHOLDER', 'Organización número ' || n, 'HUMAN',
       'Organization number ' || n, 'HUMAN', 'https://example.org/' || n,
       (SELECT id FROM country ORDER BY alpha2 LIMIT 1 OFFSET n % 38),
       (SELECT id FROM actor WHERE slug = 'oas')
FROM generate_series(1, 3000) AS n;
UPDATE actor SET parent_id = md5('a' || (1 + substr(slug, 7)::int / 20))::uuid
WHERE slug LIKE 'bench-%' AND slug <> 'bench-1';
INSERT INTO document (id, slug, kind, title_es, title_es_origin, title_en, title_en_origin,
                      language)
SELECT md5('d' || n)::uuid, 'bench-' || n, 'NOTE', 'Documento ' || md5(n::text), 'HUMAN',
       'Document ' || md5(n::text), 'HUMAN', CASE WHEN n % 100 = 0 THEN 'fr' ELSE 'es' END
FROM generate_series(1, {DOCUMENTS}) AS n;
ALTER TABLE plan DISABLE TRIGGER USER;
ALTER TABLE plan_item DISABLE TRIGGER USER;
INSERT INTO plan (id, slug, content, title_es, title_es_origin)
SELECT md5('p' || n)::uuid, 'bench-' || n, 'FULL', 'Plan ' || n, 'HUMAN'
FROM generate_series(1, {PLANS}) AS n;
INSERT INTO plan_item (id, plan_id, parent_id, kind, code, position, outline, title_es,
                       title_es_origin)
SELECT md5(concat('i', n, a, b, c))::uuid, md5('p' || n)::uuid,
       CASE WHEN c > 0 THEN md5(concat('i', n, a, b, 0))::uuid
            WHEN b > 0 THEN md5(concat('i', n, a, 0, 0))::uuid END,
       CASE WHEN c > 0 THEN 'RESULT' WHEN b > 0 THEN 'ACTION' ELSE 'OBJECTIVE' END,
       concat_ws('.', a, nullif(b, 0), nullif(c, 0)),
       CASE WHEN c > 0 THEN c WHEN b > 0 THEN b ELSE a END,
       lpad(a::text, 4, '0') || CASE WHEN b > 0 THEN lpad(b::text, 4, '0') ELSE '' END
           || CASE WHEN c > 0 THEN lpad(c::text, 4, '0') ELSE '' END,
       'Punto ' || md5(concat(n, a, b, c)), 'HUMAN'
FROM generate_series(1, {PLANS}) n, generate_series(1, 7) a, generate_series(0, 7) b,
     generate_series(0, 7) c
WHERE b > 0 OR c = 0;
ALTER TABLE plan ENABLE TRIGGER USER;
ALTER TABLE plan_item ENABLE TRIGGER USER;
ALTER TABLE actor ENABLE TRIGGER USER;
ALTER TABLE document ENABLE TRIGGER USER;
"""


async def fill(url: str) -> None:
    """Add it to a seeded database."""
    connection = await asyncpg.connect(url)
    try:
        for statement in (
            FILL.strip().rstrip(";").split(";\n")
        ):  # deferred checks end with each transaction
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
