"""Pages stay right while other rows come and go."""

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.conftest import connect
from tests.reading import read

INSERT = """INSERT INTO actor (slug, type, name_es, name_es_origin)
VALUES ($1, 'STAKEHOLDER', $2, 'HUMAN')"""


async def names(connection: asyncpg.Connection) -> set[str]:
    """The slugs of the seeded actors that are still there."""
    rows = await connection.fetch("SELECT slug FROM actor WHERE slug NOT LIKE 'passing-%'")
    return {row["slug"].decode() for row in rows}


@pytest.mark.parametrize(("size", "at"), [("first", "after"), ("last", "before")])
async def test_each_actor_comes_once_while_others_are_inserted_and_deleted(
    database: str, size: str, at: str
):
    """By seven, forward and backward; the row a cursor points at may be gone as well."""
    connection = await connect(database)
    start = await names(connection)
    query = (
        f"query($c: String) {{ actors({size}: 7, {at}: $c) {{ nodes {{ slug }} "
        "pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }"
    )
    seen: list[str] = []
    cursor, more = None, True
    for number in range(99):
        if not more:
            break
        page = (await read(connection, query, {"c": cursor}))["actors"]
        seen += [node["slug"] for node in page["nodes"]]
        info = page["pageInfo"]
        forward = size == "first"
        cursor = info["endCursor" if forward else "startCursor"]
        more = info["hasNextPage" if forward else "hasPreviousPage"]
        await connection.execute("DELETE FROM actor WHERE slug LIKE 'passing-%'")
        for name in ("AAA", "Mmm", "ZZZ", page["nodes"][-1]["slug"]):
            await connection.execute(INSERT, f"passing-{number}-{name}", f"{name} {number}")
    await connection.close()
    kept = [slug for slug in seen if not slug.startswith("passing-")]
    assert len(kept) == len(set(kept))
    assert set(kept) == start
