"""Migrations lead to the database that `schema/` declares, catalog by catalog.

Alembic's own comparison sees neither triggers nor functions nor the text of checks and generated
columns; the catalogs see everything.
"""

import asyncio

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import preparation
from api.cluster import Cluster
from auth.tables import metadata
from tests.conftest import clone

OURS = """
    JOIN pg_class c ON c.oid = {relation} AND c.relnamespace = 'public'::regnamespace
    WHERE c.relname <> 'alembic_version'
"""
RELATIONS = f"""
    SELECT c.relname, c.relkind::text || c.relpersistence::text
    FROM (SELECT oid AS relation FROM pg_class) every_one {OURS.format(relation="relation")}
    AND c.relkind <> 'i'
    UNION ALL SELECT 'extension ' || extname, extnamespace::regnamespace::text FROM pg_extension
"""
COLUMNS = f"""
    SELECT c.relname || '.' || attname, concat_ws(' ',
        format_type(atttypid, atttypmod), 'COLLATE ' || l.collname,
        CASE WHEN attnotnull THEN 'NOT NULL' END, 'generated ' || nullif(attgenerated::text, ''),
        'identity ' || nullif(attidentity::text, ''), '= ' || pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    LEFT JOIN pg_collation l ON l.oid = attcollation
    {OURS.format(relation="attrelid")} AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
"""
CONSTRAINTS = f"""
    SELECT c.relname || '.' || conname, concat_ws(' ', contype, pg_get_constraintdef(o.oid),
        CASE WHEN condeferrable THEN 'may wait' END, CASE WHEN condeferred THEN 'waits' END)
    FROM pg_constraint o {OURS.format(relation="conrelid")}
"""
INDEXES = f"""
    SELECT x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid)
    FROM pg_index x {OURS.format(relation="indrelid")}
"""
TRIGGERS = f"""
    SELECT c.relname || '.' || tgname, pg_get_triggerdef(t.oid) || ' ' || tgenabled::text
    FROM pg_trigger t {OURS.format(relation="tgrelid")} AND NOT tgisinternal
"""
FUNCTIONS = """
    SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid)
    FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid
            AND deptype = 'e'
    )
"""


@pytest.fixture(scope="module")
def declared(cluster: Cluster) -> str:
    """The URL of a database made from the declarations, without a migration."""
    url = clone(cluster, "template1")
    asyncio.run(_create(url))
    return url


async def _create(url: str) -> None:
    async with preparation.connected(url) as connection:
        await connection.run_sync(metadata.create_all)


async def catalog(url: str, query: str) -> dict[str, str]:
    """What the query finds in a database: name → definition."""
    connection = await asyncpg.connect(url)
    try:
        return dict(await connection.fetch(query))
    finally:
        await connection.close()


async def test_there_is_nothing_but_what_is_declared(seeded: str, declared: str):
    """Tables, views, sequences and extensions."""
    found = await catalog(seeded, RELATIONS)
    assert found["actor"] == "rp"
    assert found["extension unaccent"] == "public"
    assert found == await catalog(declared, RELATIONS)


async def test_the_columns_are_those_declared(seeded: str, declared: str):
    """Type, collation, nullability, default and generating expression; their order is free."""
    found = await catalog(seeded, COLUMNS)
    assert found["actor.name_es_sort"] == (
        "text COLLATE C NOT NULL generated s = sort_key(COALESCE(name_es, name_en))"
    )
    assert found == await catalog(declared, COLUMNS)


async def test_the_constraints_are_those_declared(seeded: str, declared: str):
    """Names, rules, and which of them wait for the end of the transaction."""
    found = await catalog(seeded, CONSTRAINTS)
    assert found["actor.actor_owner_id_fkey"] == (
        "f FOREIGN KEY (owner_id) REFERENCES party(id) DEFERRABLE INITIALLY DEFERRED may wait waits"
    )
    assert found == await catalog(declared, CONSTRAINTS)


async def test_the_indexes_are_those_declared(seeded: str, declared: str):
    """Included columns as well."""
    found = await catalog(seeded, INDEXES)
    assert found["actor_search_idx"] == (
        "CREATE INDEX actor_search_idx ON public.actor USING gin (search)"
    )
    assert found == await catalog(declared, INDEXES)


async def test_the_triggers_are_those_declared(seeded: str, declared: str):
    """Alembic does not look at them."""
    found = await catalog(seeded, TRIGGERS)
    assert found["actor.actor_version"] == (
        "CREATE TRIGGER actor_version BEFORE UPDATE ON public.actor FOR EACH ROW"
        " EXECUTE FUNCTION count_version() O"
    )
    assert found == await catalog(declared, TRIGGERS)


async def test_the_functions_are_those_declared(seeded: str, declared: str):
    """To the letter; those of the extension are not ours."""
    found = await catalog(seeded, FUNCTIONS)
    assert {"keep_record()", "place_plan_item()", "sort_key(text)"} <= found.keys()
    assert found == await catalog(declared, FUNCTIONS)
