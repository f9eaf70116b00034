"""Writers and readers at once over HTTP, while servers, connections and PostgreSQL are killed.

Every write is sent again under its key until it is answered; so in the end there is exactly what
was answered, and each reader has seen each change of it once, in the order of commit.

`make test` runs a short trial; `make feed` a minute of 200 writers and 20 readers on a PostgreSQL
that survives being killed, and kills it. PostgreSQL has 100 connections; each server takes 16.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import preparation
from api.cluster import Cluster
from api.postgres import embedded
from tests.conftest import clone
from tests.oauth import FORM, Client, register
from tests.serving import PEPPER

WRITERS = int(os.environ.get("FEED_WRITERS", "12"))
READERS = int(os.environ.get("FEED_READERS", "4"))
SECONDS = float(os.environ.get("FEED_SECONDS", "2"))
SERVERS = int(os.environ.get("FEED_SERVERS", "1"))
KILLS = float(os.environ.get("FEED_SERVER_KILLS", "1"))
"""Seconds between two kills of a server."""
POSTGRES = float(os.environ.get("FEED_POSTGRES_KILLS", "0"))
"""Seconds between two kills of PostgreSQL, which has a cluster of its own then; 0 for none."""
PAUSE, POLL = 0.02, 0.1
"""Seconds between two writes of one writer, and two looks of a reader that has seen it all."""
CREATE = """mutation ($input: UpsertEventsInput!) { upsertEvents(input: $input) {
    outcomes errors { code message } events { id } } }"""
FOLLOW = """query ($after: String) { changes(first: 100, after: $after) {
    nodes { id recordId at } pageInfo { hasNextPage endCursor } } }"""
LATEST = "{ changes(first: 0) { latest } }"
PASSING = {"UNAVAILABLE", "TIMEOUT"}
"""What is answered while something is away: the request is sent again."""
LOST = (
    asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError,
    TimeoutError,
)  # fmt: skip


@pytest.fixture(scope="module")
def place(
    cluster: Cluster, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[str, Cluster | None]]:
    """A database; with its cluster, if that may be killed."""
    if not POSTGRES:
        yield clone(cluster, request.getfixturevalue("template")), None
        return
    with embedded(tmp_path_factory.mktemp("feed") / "data", durable=True) as running:
        asyncio.run(preparation.prepare(running.url))
        yield running.url, running.cluster


@pytest.fixture(scope="module")
def client(place: tuple[str, Cluster | None]) -> Client:
    """An application that writes events."""
    return register(place[0], scopes=("events:write",))


class Server:
    """`python -m api serve` on a port that stays the same, however often it is killed."""

    def __init__(self, url: str, public: str, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._log = log
        self._environment = os.environ | {
            "VINCULO_DATABASE_URL": url, "VINCULO_PEPPER": PEPPER, "VINCULO_PUBLIC_URL": public,
        }  # fmt: skip
        self._process: Process | None = None

    async def start(self) -> None:
        """Return when it answers; started anew as long as there is no database."""
        while True:
            with self._log.open("a") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "api", "serve", "--port", str(self.port),
                    stdin=DEVNULL, stdout=PIPE, stderr=log, env=self._environment,
                )  # fmt: skip
            assert self._process.stdout
            if await self._process.stdout.readline():
                return
            await self._process.wait()

    async def end(self, number: int) -> None:
        """Signal it, and wait until it is gone."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()


class Line:
    """Requests of one party, to whichever server answers."""

    def __init__(self, servers: list[Server], random: Random, token: str = "") -> None:
        self._servers, self._random = servers, random
        self._token = f"Authorization: Bearer {token}\r\n" if token else ""
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.again = Counter[str]()
        """How often something was sent again, and why."""

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of the answer; sent again until there is one."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        while True:
            try:
                async with asyncio.timeout(30):
                    answer = await self.send("/graphql", "application/json", body)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.close()
                self.again[type(error).__name__] += 1
            else:
                if "errors" not in answer:
                    return answer["data"]
                codes = {error["extensions"]["code"] for error in answer["errors"]}
                assert codes <= PASSING, answer
                self.again.update(codes)
            await asyncio.sleep(0.05 + 0.1 * self._random.random())

    async def send(self, path: str, kind: str, body: bytes, more: str = "") -> Any:
        """One request and its answer, read."""
        if self._open is None:
            port = self._random.choice(self._servers).port
            self._open = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self._open
        head = (
            f"POST {path} HTTP/1.1\r\nHost: feed\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n{self._token}{more}\r\n"
        )
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        [size] = [line.split(":")[1] for line in lines if line.startswith("content-length:")]
        return json.loads(await reader.readexactly(int(size)))

    def close(self) -> None:
        """The next request takes another connection."""
        if self._open:
            self._open[1].close()
        self._open = None


@dataclass
class Trial:
    """What is written and read at once, what is killed meanwhile, and how it ends."""

    url: str
    cluster: Cluster | None
    servers: list[Server]
    token: str
    start: str = ""
    random: Random = field(default_factory=lambda: Random(5))
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    written: asyncio.Event = field(default_factory=asyncio.Event)
    answered: list[UUID] = field(default_factory=list[UUID])
    """The records that writers were told of."""
    writes: int = 0
    killed: Counter[str] = field(default_factory=Counter[str])
    again: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])
    """From each commit to each reader."""

    async def write(self) -> None:
        """One to five records at once, some only on trial, each under a key until it is done."""
        line = Line(self.servers, self.random, self.token)
        while not self.ending.is_set():
            key, count = uuid4().hex, self.random.choice([1, 1, 2, 5])
            events = [
                {"identifier": {"scheme": "FEED", "value": f"{key}-{n}"}, "kind": "MEETING",
                 "title": {"es": "Encuentro"}} for n in range(count)
            ]  # fmt: skip
            trial = self.random.random() < 0.1
            given = {"events": events, "idempotencyKey": key, "dryRun": trial}
            payload = (await line.ask(CREATE, input=given))["upsertEvents"]
            assert payload["errors"] == []
            if not trial:
                assert payload["outcomes"] == ["CREATED"] * count
                self.answered += [UUID(each["id"][6:]) for each in payload["events"]]
                self.writes += 1
            await asyncio.sleep(2 * PAUSE * self.random.random())
        line.close()
        self.again.update(line.again)

    async def read(self) -> list[tuple[str, UUID, str]]:
        """Every change from the start on, page by page: its id, its record and its time."""
        line, cursor = Line(self.servers, self.random), self.start
        seen: list[tuple[str, UUID, str]] = []
        while True:
            over = self.written.is_set()
            page = (await line.ask(FOLLOW, after=cursor))["changes"]
            now = time.time()
            for node in page["nodes"]:
                seen.append((node["id"], UUID(node["recordId"][6:]), node["at"]))
                self.seconds.append(now - datetime.fromisoformat(node["at"]).timestamp())
            cursor = page["pageInfo"]["endCursor"]
            if page["pageInfo"]["hasNextPage"]:
                continue
            if over:
                line.close()
                self.again.update(line.again)
                return seen
            await asyncio.sleep(2 * POLL * self.random.random())

    async def every(self, seconds: float, kill: Any) -> None:
        """Kill something again and again, until it ends."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), seconds)
                return
            with suppress(*LOST):
                await kill()

    async def kill_connection(self) -> None:
        """One of a server's, wherever it is."""
        connection = await asyncpg.connect(self.url)
        try:
            self.killed["connections"] += await connection.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                " WHERE application_name = 'vinculo' AND datname = current_database()"
                " ORDER BY random() LIMIT 1) one"
            )
        finally:
            connection.terminate()

    async def kill_server(self) -> None:
        """One of them, by force; it is started again."""
        server = self.random.choice(self.servers)
        await server.end(signal.SIGKILL)
        self.killed["servers"] += 1
        await server.start()

    async def kill_postgres(self) -> None:
        """By force; who holds the cluster starts it again."""
        assert self.cluster
        pid = int((self.cluster.directory / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        self.killed["postgres"] += 1

    async def idle(self) -> None:
        """A transaction that has written, and does nothing as long as its server lives."""
        while not self.written.is_set():
            with suppress(*LOST):
                connection = await asyncpg.connect(self.url)
                try:
                    await connection.execute(
                        "BEGIN; UPDATE actor SET website = 'https://example.org'"
                        " WHERE slug = 'unhcr'; SET CONSTRAINTS ALL IMMEDIATE"
                    )
                    await self._until_lost(connection)
                finally:
                    connection.terminate()

    async def _until_lost(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        waiting = [asyncio.create_task(each.wait()) for each in (lost, self.written)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()

    async def run(self) -> list[list[tuple[str, UUID, str]]]:
        """What each reader saw."""
        asking = Line(self.servers, self.random)
        self.start = (await asking.ask(LATEST))["changes"]["latest"]
        asking.close()
        idle = asyncio.create_task(self.idle())
        readers = [asyncio.create_task(self.read()) for _ in range(READERS)]
        writers = [asyncio.create_task(self.write()) for _ in range(WRITERS)]
        killers = [self.every(0.2, self.kill_connection), self.every(KILLS, self.kill_server)]
        if self.cluster:
            killers.append(self.every(POSTGRES, self.kill_postgres))
        killing = [asyncio.create_task(each) for each in killers]
        await asyncio.sleep(SECONDS)
        self.ending.set()
        await asyncio.gather(*killing, *writers)
        self.written.set()
        await idle
        return await asyncio.gather(*readers)

    def report(self, changes: int) -> str:
        """What happened, in figures."""
        late = sorted(self.seconds)
        shares = [f"{share} {late[int(len(late) * at)]:.2f} s" for share, at in
                  (("95 %", 0.95), ("99 %", 0.99), ("most", -1 / len(late)))]  # fmt: skip
        return (
            f"{self.writes} writes of {len(self.answered)} records in {SECONDS:.0f} s by {WRITERS}"
            f" writers; {changes} changes for each of {READERS} readers; killed:"
            f" {dict(self.killed)}; sent again: {dict(self.again)}; from commit to reader:"
            f" median {median(late):.2f} s, {', '.join(shares)}"
        )


@asynccontextmanager
async def serving(url: str, log: Path) -> AsyncGenerator[list[Server]]:
    """The servers of one installation."""
    servers = [Server(url, "http://127.0.0.1:9", log) for _ in range(SERVERS)]
    try:
        await asyncio.gather(*(server.start() for server in servers))
        yield servers
    finally:
        for server in servers:
            await server.end(signal.SIGKILL)


async def test_whatever_is_killed_readers_see_each_change_once_and_in_order(
    place: tuple[str, Cluster | None], client: Client, tmp_path: Path
):
    """While a transaction that wrote first does nothing."""
    url, cluster = place
    async with serving(url, tmp_path / "log") as servers:
        line = Line(servers, Random(1))
        secret = f"Authorization: {client.basic['Authorization']}\r\n"
        grant = await line.send("/oauth/token", FORM, b"grant_type=client_credentials", secret)
        line.close()
        trial = Trial(url, cluster, servers, grant["access_token"])
        everything = await trial.run()
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT id FROM event WHERE title_es = 'Encuentro'")
    ordered = await connection.fetch(
        "SELECT c.id FROM change c WHERE c.record_id = ANY ($1) ORDER BY c.sequence", trial.answered
    )
    unnumbered = await connection.fetchval("SELECT count(*) FROM change WHERE sequence IS NULL")
    await connection.close()
    first = everything[0]
    print(trial.report(len(first)))
    assert len(trial.answered) == len(set(trial.answered)) > WRITERS
    assert {row[0] for row in rows} == set(trial.answered)
    assert unnumbered == 0
    assert [UUID(change) for change, _, _ in first] == [row[0] for row in ordered]
    assert [at for _, _, at in first] == sorted(at for _, _, at in first)
    assert all(other == first for other in everything)
    assert trial.killed["servers"] > 0
    assert (trial.killed["postgres"] > 0) == bool(cluster)
    assert "Traceback" not in (tmp_path / "log").read_text()
