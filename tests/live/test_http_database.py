"""The database is slow, busy, restarted, gone: what clients are told, and what stays behind."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from sqlalchemy.exc import DBAPIError

from api import preparation
from api.cluster import Cluster
from api.database import Database
from api.postgres import url_of
from api.store import Store
from schema.errors import BadUserInput, Timeout, Unavailable
from tests.serving import NEWER, Edge, eventually, serving, settings_of

PANAMA = '{ actor(by: {slug: "panama"}) { slug } }'
ANSWER = {"data": {"actor": {"slug": "panama"}}}
OURS = "FROM pg_stat_activity WHERE application_name = 'vinculo' AND datname = current_database()"
RUNNING = f"SELECT count(*) {OURS} AND state = 'active'"
END_ALL = f"SELECT count(pg_terminate_backend(pid)) {OURS}"


@pytest.fixture
async def reader(database: str) -> AsyncGenerator[Database]:
    """Two connections to a database of the test's own."""
    made = Database(settings_of(database, pool_size=2, pool_queue=1, pool_seconds=0.2))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def other(database: str) -> AsyncGenerator[Any]:
    """Somebody else's connection to the same database."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def running(other: Any) -> int:
    """How many statements of ours PostgreSQL works on."""
    await other.execute("SELECT pg_stat_clear_snapshot()")
    return await other.fetchval(RUNNING)


async def none_running(other: Any) -> bool:
    """Whether that is none, within two seconds."""
    for _ in range(100):
        if await running(other) == 0:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_text_comes_as_bytes(reader: Database):
    """It is spliced into the answer as it is."""
    assert [tuple(row) for row in await reader.fetch("SELECT $1::text", ["ñ"])] == [("ñ".encode(),)]


async def test_nothing_can_be_written(reader: Database):
    """The connections are for reads."""
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reader.fetch("UPDATE actor SET slug = 'x'", [])


async def test_an_impossible_value_is_the_clients(reader: Database):
    """Not a defect."""
    with pytest.raises(BadUserInput, match="out of range"):
        await reader.fetch("SELECT 1 + 2147483647", [])


async def test_a_slow_statement_is_cancelled(database: str, other: Any):
    """By PostgreSQL, and the connection goes on."""
    slow = Database(settings_of(database, pool_size=1, statement_seconds=0.1))
    with pytest.raises(Timeout, match=r"0\.1 seconds"):
        await slow.fetch("SELECT pg_sleep(5)", [])
    assert await none_running(other)
    assert await slow.fetch("SELECT 1", []) == [(1,)]
    await slow.close()


async def test_a_call_that_is_given_up_is_cancelled(reader: Database, other: Any):
    """In PostgreSQL too, and its connection serves the next call."""
    for _ in range(5):
        calls = [asyncio.create_task(reader.fetch("SELECT pg_sleep(5)", [])) for _ in range(2)]
        await asyncio.sleep(0.05)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        assert await none_running(other)
        assert await reader.fetch("SELECT 1", []) == [(1,)]


async def test_who_waits_too_long_is_told(reader: Database):
    """All connections are in use, and one more may wait."""
    busy = [asyncio.create_task(reader.fetch("SELECT pg_sleep(0.6)", [])) for _ in range(2)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    waiting = asyncio.create_task(reader.fetch("SELECT 1", []))
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable, match="in use"):
        await reader.fetch("SELECT 1", [])
    assert time.monotonic() - began < 0.2
    with pytest.raises(Unavailable, match="in use"):
        await waiting
    await asyncio.gather(*busy)
    assert await reader.fetch("SELECT 1", []) == [(1,)]


async def test_who_waits_is_served_in_time(reader: Database):
    """More calls than connections."""
    busy = [asyncio.create_task(reader.fetch("SELECT pg_sleep(0.1)", [])) for _ in range(2)]
    await asyncio.sleep(0.02)
    assert await reader.fetch("SELECT 1", []) == [(1,)]
    await asyncio.gather(*busy)


async def test_a_lost_connection_is_not_noticed(reader: Database, other: Any):
    """While it was idle."""
    await reader.fetch("SELECT 1", [])
    assert await other.fetchval(END_ALL) == 1
    assert await reader.fetch("SELECT 1", []) == [(1,)]


async def test_a_read_whose_connection_dies_is_read_again(reader: Database, other: Any):
    """Once."""
    call = asyncio.create_task(reader.fetch("SELECT pg_sleep(0.3)::text", []))
    await asyncio.sleep(0.1)
    assert await other.fetchval(END_ALL) == 1
    assert len(await call) == 1
    assert reader.statements == 2


async def test_prepared_statements_follow_the_tables(reader: Database, other: Any):
    """A migration may run beside the server."""
    await other.execute("CREATE TABLE thing AS SELECT 1 AS a")
    assert await reader.fetch("SELECT * FROM thing", []) == [(1,)]
    await other.execute("ALTER TABLE thing ADD COLUMN b int DEFAULT 2")
    assert await reader.fetch("SELECT * FROM thing", []) == [(1, 2)]


async def test_few_statements_stay_prepared(database: str):
    """The least used are closed in PostgreSQL as well."""
    few = Database(settings_of(database, pool_size=1, prepared_statements=3))
    for number in range(10):
        await few.fetch(f"SELECT {number}", [])
    [(kept,)] = await few.fetch("SELECT count(*) FROM pg_prepared_statements", [])
    await few.close()
    assert kept == 3


@pytest.fixture
def brief(database: str) -> Generator[Edge]:
    """An application that gives a statement half a second."""
    with serving(database, statement_seconds=0.5, pool_size=2) as running:
        yield running


@pytest.mark.parametrize("accept", ["application/json", NEWER])
async def test_an_answer_that_takes_too_long(brief: Edge, other: Any, accept: str):
    """The operation was in order, so it has `data`: null."""
    async with other.transaction():
        await other.execute("LOCK TABLE actor")
        answer = await asyncio.to_thread(brief.ask, PANAMA, accept)
        assert await none_running(other)
    assert (answer.status, answer.codes, answer.json["data"]) == (200, ["TIMEOUT"], None)
    assert (await asyncio.to_thread(brief.ask, PANAMA)).json == ANSWER


async def test_nothing_runs_for_a_client_that_left(database: str, other: Any):
    """Its statement is cancelled long before its time is up."""
    body = b'{"query":"{ states { nodes { slug } } }"}'
    request = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    with serving(database, statement_seconds=60, pool_size=2) as patient:
        async with other.transaction():
            await other.execute("LOCK TABLE actor")
            for _ in range(4):  # twice as many as there are connections
                with patient.open() as client:
                    client.sendall(request)
                    await asyncio.sleep(0.15)
                    assert await running(other) == 1
                assert await none_running(other)
        assert patient.ask(PANAMA).json == ANSWER
        assert patient.log.records == []


@pytest.fixture
def mortal(tmp_path: Path) -> Generator[Cluster]:
    """A PostgreSQL of the test's own, with data, and nobody who restarts it."""
    made = Cluster(tmp_path / "data", durable=False)
    made.data.mkdir()
    made.give(made.data)
    made.create()
    made.start()
    asyncio.run(preparation.prepare(url_of(made)))
    yield made
    made.stop()


def test_without_its_database_it_says_so_and_comes_back(mortal: Cluster):
    """By itself, as soon as PostgreSQL does."""
    with serving(url_of(mortal)) as edge:
        assert edge.ask(PANAMA).json == ANSWER
        runtime = mortal.runtime
        mortal.stop()

        answer = edge.ask(PANAMA, accept=NEWER)
        assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
        assert answer.headers["retry-after"] == "2"
        assert "again" in answer.messages
        assert edge.ask(PANAMA).status == 503
        assert edge.send("GET", "/healthz").status == 200
        ready = edge.send("GET", "/readyz")
        assert (ready.status, ready.headers["content-type"]) == (503, "application/problem+json")
        assert edge.ask("{ __typename }").status == 200

        mortal.start()
        if mortal.runtime != runtime:
            mortal.runtime.rename(runtime)
        assert eventually(lambda: edge.ask(PANAMA).status == 200)
        assert edge.log.records == []
        if mortal.runtime != runtime:
            runtime.rename(mortal.runtime)


def test_it_starts_before_its_database(mortal: Cluster):
    """And serves as soon as that is there."""
    runtime = mortal.runtime
    url = url_of(mortal)
    mortal.stop()
    with serving(url) as edge:
        assert edge.ask(PANAMA).status == 503
        mortal.start()
        if mortal.runtime != runtime:
            runtime.symlink_to(mortal.runtime)
        assert eventually(lambda: edge.ask(PANAMA).status == 200)
        runtime.unlink() if runtime.is_symlink() else None


async def test_a_write_that_lost_its_connection_may_be_sent_again(database: str):
    """Also where asyncpg says so before it has closed the connection."""
    lost = DBAPIError("COMMIT", None, Exception())
    assert lost.orig
    lost.orig.__cause__ = asyncpg.ConnectionDoesNotExistError("closed in the middle of operation")
    store = Store(settings_of(database))
    with pytest.raises(Unavailable):
        async with store.transaction():
            raise lost
    await store.close()


async def test_a_write_that_gets_no_connection_may_be_sent_again(database: str):
    """Whatever PostgreSQL says at the door: it starts, or has too many guests."""
    store = Store(settings_of(f"{database.replace('/copy_', '/gone_')}"))
    with pytest.raises(Unavailable):
        async with store.transaction() as session:
            await session.connection()
    await store.close()


async def test_a_database_without_the_tables_is_not_ready(database: str, other: Any):
    """It says what to do."""
    await other.execute("UPDATE alembic_version SET version_num = 'old'")
    with serving(database) as edge:
        ready = await asyncio.to_thread(edge.send, "GET", "/readyz")
    assert ready.status == 503
    assert "vinculo migrate" in ready.json["detail"]


async def test_a_defect_is_a_request_id_and_nothing_else(database: str, other: Any):
    """The log has the rest, once."""
    await other.execute("ALTER TABLE actor RENAME TO player")
    with serving(database) as edge:
        answer = await asyncio.to_thread(edge.ask, PANAMA)
    request_id = answer.headers["x-request-id"]
    assert (answer.status, answer.codes) == (500, ["INTERNAL"])
    assert answer.messages == (
        f"Something went wrong on our side; it was noted under the request id {request_id}."
    )
    assert [record.getMessage() for record in edge.log.records] == [f"Request {request_id} failed"]
