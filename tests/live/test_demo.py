"""Invented records: always the same, in any number, by the rules of their nouns."""

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from typer.testing import CliRunner

from api.cli import app
from seeds import demo


async def filled(url: str, scale: float = 0.1) -> asyncpg.Connection:
    """A connection to a database with demo records."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await demo.fill(connection, scale)
    return connection


async def test_there_are_as_many_as_the_scale_says(database: str):
    """A tenth of the usual number; what grows slowly shrinks with it too."""
    connection = await filled(database)
    rows = await connection.fetch("SELECT noun, count(*) AS n FROM record GROUP BY noun")
    found = {row["noun"]: row["n"] for row in rows}
    assert (found["event"] - 40, found["plan_item"] - 145, found["pledge"]) == (500, 500, 200)
    await connection.close()


async def test_what_the_database_computes_agrees(database: str):
    """Places in plans, thin rows, words to be searched: as the triggers would have written them."""
    connection = await filled(database)
    before = await connection.fetch("SELECT id, outline FROM plan_item ORDER BY id")
    await connection.execute("UPDATE plan_item SET position = position")
    assert await connection.fetch("SELECT id, outline FROM plan_item ORDER BY id") == before
    thin = "SELECT count(*) FROM event e JOIN record r USING (id) WHERE r.search = e.search"
    assert await connection.fetchval(thin) == 540
    await connection.close()


async def test_its_shares_keep_within_a_hundred(database: str):
    """The trigger was off while they were written."""
    connection = await filled(database)
    for name in ("country", "topic", "objective", "plan_item"):
        sums = f"SELECT sum(share) AS s FROM contribution_{name} GROUP BY contribution_id"
        within = f"SELECT max(s) BETWEEN 1 AND 100 FROM ({sums}) t"
        assert await connection.fetchval(within)
    await connection.close()


async def test_it_comes_back_with_every_index_and_key(database: str):
    """They are dropped while it is filled."""
    count = """SELECT (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_indexes),
        (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O')"""
    connection = await asyncpg.connect(database)
    before = await connection.fetchrow(count)
    async with connection.transaction():
        await demo.fill(connection, 0.1)
    assert await connection.fetchrow(count) == before
    await connection.close()


def test_it_does_not_mix_with_the_records_of_others(database: str):
    """A database that holds more than the seeds is left alone."""
    command = ["demo", "--scale", "0.05", "--database-url", database]
    assert CliRunner().invoke(app, command).exit_code == 0
    again = CliRunner().invoke(app, command)
    assert "records beside the seeds" in str(again.exception)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
@pytest.mark.parametrize("named", [True, False])
def test_it_never_fills_where_real_records_are(
    database: str, monkeypatch: pytest.MonkeyPatch, scheme: str, named: bool
):
    """However VINCULO_DATABASE_URL writes it; naming it again does not help."""
    monkeypatch.setenv("VINCULO_DATABASE_URL", database.replace("postgresql", scheme, 1))
    command = ["demo", "--scale", "0.05", *(["--database-url", database] if named else [])]
    refused = CliRunner().invoke(app, command)
    assert str(refused.exception) == (
        "VINCULO_DATABASE_URL names a database for real records: unset it, or name another one "
        "with --database-url."
    )


def test_it_is_the_same_every_time():
    """Ids and rows follow from the number alone."""
    ids = {n: [demo.key_of(n, i) for i in range(50)] for n in demo.entities}
    made = [
        list(demo.Maker(demo.Random(1), ids).rows(demo.entities["event"], range(20)))
        for _ in range(2)
    ]
    assert made[0] == made[1]
