"""Writers at once, readers and killed connections: nobody loses a change, or sees one twice.

These write in SQL, slowly, and roll back; `test_feed_http.py` is the same through servers.
"""

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from tests.conftest import connect
from tests.reading import answer, compiled

WRITERS = int(os.environ.get("FEED_WRITERS", "12"))
READERS = int(os.environ.get("FEED_READERS", "4"))
SECONDS = float(os.environ.get("FEED_SECONDS", "2"))
READ = """query ($after: String) { changes(first: 50, after: $after) {
    nodes { id recordId at } pageInfo { hasNextPage endCursor } } }"""
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg's own surprise at a connection that ends in between
    OSError,
)
PAUSE = 0.002
"""Seconds between two writes or reads of one: so that many of them meet."""


@dataclass
class Trial:
    """What is written and read at once, and how it ends."""

    url: str
    start: str
    random: Random = field(default_factory=lambda: Random(5))
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    pids: set[int] = field(default_factory=set[int])
    committed: set[UUID] = field(default_factory=set[UUID])
    """What writers know to be committed."""
    doubtful: set[UUID] = field(default_factory=set[UUID])
    """What was on its way to be when the connection was killed."""
    killed: int = 0

    async def write(self) -> None:
        """Transactions of one to five records, some rolled back, on connections that die."""
        while not self.ending.is_set():
            with suppress(*LOST):
                connection = await asyncpg.connect(self.url)
                self.pids.add(pid := connection.get_server_pid())
                try:
                    while not self.ending.is_set():
                        await self._transaction(connection)
                        await asyncio.sleep(PAUSE * self.random.random())
                finally:
                    self.pids.discard(pid)
                    connection.terminate()

    async def _transaction(self, connection: asyncpg.Connection) -> None:
        ids = [uuid4() for _ in range(self.random.choice([1, 1, 2, 5]))]
        await connection.execute("BEGIN")
        for key in ids:
            await connection.execute(
                "INSERT INTO event (id, title_es, title_es_origin, kind)"
                " VALUES ($1, 'Encuentro', 'HUMAN', 'MEETING')", key,
            )  # fmt: skip
            await asyncio.sleep(PAUSE * self.random.random())
        if self.random.random() < 0.1:
            await connection.execute("ROLLBACK")
            return
        self.doubtful |= set(ids)
        await connection.execute("COMMIT")
        self.doubtful -= set(ids)
        self.committed |= set(ids)

    async def kill(self) -> None:
        """Now and then end a writer's connection, wherever it is."""
        killer = await asyncpg.connect(self.url)
        while not self.ending.is_set():
            await asyncio.sleep(0.1)
            if self.pids:
                pid = self.random.choice(sorted(self.pids))
                self.killed += await killer.fetchval("SELECT pg_terminate_backend($1)", pid)
        await killer.close()

    async def read(self, until: asyncio.Event) -> list[tuple[str, UUID, str]]:
        """Everything from the start on, page by page: change, record and time."""
        connection, cursor, seen = (
            await connect(self.url),
            self.start,
            list[tuple[str, UUID, str]](),
        )
        over = False
        while True:
            call = compiled(READ, {"after": cursor})
            page = json.loads(await answer(connection, call))["changes"]
            seen += [(n["id"], UUID(n["recordId"][6:]), n["at"]) for n in page["nodes"]]
            cursor = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                if over:
                    break
                over = until.is_set()
                await asyncio.sleep(PAUSE * self.random.random())
        await connection.close()
        return seen


async def latest(url: str) -> str:
    """The place of the newest change."""
    connection = await connect(url)
    found = json.loads(await answer(connection, compiled("{ changes(first: 0) { latest } }")))
    await connection.close()
    return found["changes"]["latest"]


async def test_every_reader_sees_each_committed_change_once_and_in_order(database: str):
    """While writers are killed, and a transaction that wrote first waits the whole time."""
    idle = await asyncpg.connect(database)
    await idle.execute(
        "BEGIN; UPDATE actor SET website = 'https://example.org' WHERE slug = 'unhcr';"
        "SET CONSTRAINTS ALL IMMEDIATE"
    )
    trial = Trial(database, await latest(database))
    written = asyncio.Event()
    readers = [asyncio.create_task(trial.read(written)) for _ in range(READERS)]
    writers = [asyncio.create_task(trial.write()) for _ in range(WRITERS)]
    killer = asyncio.create_task(trial.kill())
    await asyncio.sleep(SECONDS)
    trial.ending.set()
    await asyncio.gather(*writers, killer)
    written.set()
    everything = await asyncio.gather(*readers)

    rows = await idle.fetch("SELECT id FROM event WHERE title_es = 'Encuentro'")
    there = {row[0] for row in rows}
    assert trial.committed <= there <= trial.committed | trial.doubtful
    assert len(there) > 10 * WRITERS
    assert trial.killed > 0
    first = everything[0]
    assert len(first) == len(there)
    assert {record for _, record, _ in first} == there
    assert [at for _, _, at in first] == sorted(at for _, _, at in first)
    assert all(other == first for other in everything)

    await idle.execute("COMMIT")
    await idle.close()
    connection = await connect(database)
    numbers = await connection.fetch("SELECT id FROM change ORDER BY sequence DESC LIMIT 1")
    last = await connection.fetchval("SELECT id FROM change WHERE part IS NULL ORDER BY at DESC")
    assert numbers[0][0] == last != UUID(first[-1][0])
    assert await connection.fetchval("SELECT count(*) FROM change WHERE sequence IS NULL") == 0
    await connection.close()


async def test_who_waits_for_rows_of_another_does_not_hold_the_numbers(database: str):
    """A check that waits at the end of a transaction comes before the lock: else both would wait
    for each other."""
    one, other = await asyncpg.connect(database), await asyncpg.connect(database)
    key = await one.fetchval("INSERT INTO contribution (stage) VALUES ('PLEDGE') RETURNING id")
    countries = [row[0] for row in await one.fetch("SELECT id FROM country LIMIT 2")]
    await other.execute("BEGIN")
    await other.execute("UPDATE contribution SET currency = NULL WHERE id = $1", key)
    await one.execute("BEGIN")
    await one.execute("UPDATE actor SET website = 'https://example.org' WHERE slug = 'unhcr'")
    await one.execute("INSERT INTO contribution_country VALUES ($1, $2, 30)", key, countries[0])
    committing = asyncio.create_task(one.execute("COMMIT"))
    await asyncio.sleep(0.3)
    assert not committing.done()
    await asyncio.wait_for(other.execute("COMMIT"), 5)
    await asyncio.wait_for(committing, 5)
    await one.close()
    await other.close()
