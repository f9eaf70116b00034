"""A database of an earlier version is carried over, with what others wrote into it."""

import asyncio

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import preparation
from api.cluster import Cluster
from tests.conftest import clone

FIRST = """
    INSERT INTO framework (id, slug, kind, title_es, title_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000001', 'f', 'COMPACT', 'F', 'HUMAN');
    INSERT INTO objective (id, slug, framework_id, number, code, title_es, title_es_origin,
        label_es, label_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000002', 'f-1', '00000000-0000-4000-8000-000000000001',
        1, 'F-1', 'O', 'HUMAN', 'O', 'HUMAN');
    INSERT INTO working_group (id, slug, kind, name_es, name_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000003', 'g', 'MESA', 'G', 'HUMAN');
    INSERT INTO working_group_objective (working_group_id, objective_id, basis, priority)
    VALUES ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002',
        'ASSERTED', true)
"""


REQUEST = """
    INSERT INTO actor (id, slug, type, name_es, name_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000004', 'a', 'DONOR', 'A', 'HUMAN');
    INSERT INTO membership (group_id, party_id, status)
    SELECT '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000004', status
    FROM unnest(ARRAY['REQUESTED', 'DECLINED']) status
"""
NAMED = """
    INSERT INTO identifier (record_id, noun, scheme, value)
    SELECT '00000000-0000-4000-8000-000000000004', 'actor', scheme, value
    FROM (VALUES ('test', 'a'), (' ', 'b'), ('test', '')) given (scheme, value)
"""
TOLD = """
    UPDATE membership SET status = 'WITHDRAWN' WHERE status = 'REQUESTED';
    INSERT INTO document (id, slug, kind, title_es, title_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000005', 'd', 'NOTE', 'D', 'HUMAN');
    INSERT INTO citation (record_id, document_id, confidence, note_es, note_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000005', 'LOW',
        'Lo dijo Ana', 'HUMAN')
"""
WRITTEN = {"0001": FIRST, "0004": REQUEST, "0011": NAMED, "0017": TOLD}
"""What is written at which revision."""


async def upgraded(url: str, revision: str) -> None:
    """Bring the database to a revision."""
    async with preparation.connected(url) as connection:
        await connection.run_sync(preparation.upgrade, revision)


@pytest.fixture(scope="module")
def carried(cluster: Cluster) -> str:
    """The URL of a database that has come all the way."""
    url = clone(cluster, "template1")

    async def carry() -> None:
        for revision, sql in WRITTEN.items():
            await upgraded(url, revision)
            connection = await asyncpg.connect(url)
            await connection.execute(sql)
            await connection.close()
        await upgraded(url, "head")

    asyncio.run(carry())
    return url


async def found(url: str, sql: str) -> list[tuple[object, ...]]:
    """What it holds now."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_the_first_version_is_carried_over(carried: str):
    """The objectives of groups moved to the table of all records' objectives."""
    rows = await found(carried, "SELECT record_id::text, basis, priority FROM record_objective")
    assert rows == [("00000000-0000-4000-8000-000000000003", "ASSERTED", True)]


async def test_requests_of_before_are_hidden(carried: str):
    """What was asked and refused was public until then."""
    rows = await found(
        carried,
        "SELECT m.visibility, r.visibility AS thin FROM membership m JOIN record r ON r.id = m.id",
    )
    assert rows == [("DRAFT", "DRAFT")] * 2


async def test_identifiers_that_say_nothing_are_dropped(carried: str):
    """They could be given until 0018."""
    assert await found(carried, "SELECT scheme, value FROM identifier") == [("test", "a")]


async def test_changes_of_before_are_told_to_both_sides(carried: str):
    """Until 0023 they were the owner's."""
    rows = await found(
        carried,
        "SELECT sides_before::text[], sides_after::text[] FROM change WHERE noun = 'membership'"
        " AND part IS NULL AND after ->> 'status' = 'WITHDRAWN'",
    )
    sides = [f"00000000-0000-4000-8000-00000000000{n}" for n in (3, 4)]
    assert rows == [(sides, sides)]


async def test_changes_of_before_keep_no_notes(carried: str):
    """Until 0022 they did; what they were of is still named."""
    rows = await found(
        carried, "SELECT after ? 'note_es', after ->> 'note_es' FROM change WHERE part = 'citation'"
    )
    assert rows == [(True, None)]
