"""A database of an earlier version is carried over, with what others wrote into it."""

import asyncio

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

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


async def upgraded(url: str, revision: str) -> None:
    """Bring the database to a revision."""
    async with preparation.connected(url) as connection:
        await connection.run_sync(preparation.upgrade, revision)


async def test_the_first_version_is_carried_over(cluster: Cluster):
    """The objectives of groups moved to the table of all records' objectives."""
    url = await asyncio.to_thread(clone, cluster, "template1")
    await upgraded(url, "0001")
    connection = await asyncpg.connect(url)
    await connection.execute(FIRST)
    await upgraded(url, "head")
    [row] = await connection.fetch("SELECT record_id, basis, priority FROM record_objective")
    assert (str(row[0])[-1], row[1], row[2]) == ("3", "ASSERTED", True)
    await connection.close()


REQUEST = """
    INSERT INTO working_group (id, slug, kind, name_es, name_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000003', 'g', 'MESA', 'G', 'HUMAN');
    INSERT INTO actor (id, slug, type, name_es, name_es_origin)
    VALUES ('00000000-0000-4000-8000-000000000004', 'a', 'DONOR', 'A', 'HUMAN');
    INSERT INTO membership (group_id, party_id, status)
    SELECT '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000004', status
    FROM unnest(ARRAY['REQUESTED', 'DECLINED']) status
"""


async def test_requests_of_before_are_hidden(cluster: Cluster):
    """What was asked and refused was public until then."""
    url = await asyncio.to_thread(clone, cluster, "template1")
    await upgraded(url, "0004")
    connection = await asyncpg.connect(url)
    await connection.execute(REQUEST)
    await upgraded(url, "head")
    rows = await connection.fetch(
        "SELECT m.visibility, r.visibility AS thin FROM membership m JOIN record r ON r.id = m.id"
    )
    assert [tuple(row) for row in rows] == [("DRAFT", "DRAFT")] * 2
    await connection.close()
