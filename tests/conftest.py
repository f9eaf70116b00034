"""A real PostgreSQL for every test: the embedded one, migrated and seeded once.

`connection` is rolled back after each test; `database` is a copy of one's own, for what commits.
Workers of pytest-xdist share the cluster, not its databases. The process that starts them starts
and stops it: workers are killed where a run is interrupted.
"""

import asyncio
import fcntl
import itertools
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import preparation
from api.cluster import Cluster
from api.postgres import embedded, url_of
from api.reader import SESSION

ARRAYS = ("uuid", "text", "int", "timestamptz", "date", "numeric")
LONG = ("test_serve.py", "test_reads.py", "test_explained.py")
"""Modules that take the longest."""
_numbers = itertools.count(1)
_shared = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """PostgreSQL for all workers, before the first of them starts."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    data = Path(stack.enter_context(TemporaryDirectory(prefix="vinculo-tests-"))) / "data"
    config.stash[_shared] = str(data)
    stack.enter_context(embedded(data, durable=False))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where it is."""
    node.workerinput["data"] = node.config.stash[_shared]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules come first, so that workers that share the modules end together."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def cluster(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Cluster]:
    """PostgreSQL itself, for as long as the tests run."""
    shared = getattr(pytestconfig, "workerinput", {}).get("data")
    data = Path(shared) if shared else tmp_path_factory.mktemp("data")
    with embedded(data, durable=False) as running:
        yield running.cluster


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database with tables and seeds that nobody connects to."""
    with (cluster.data / "template.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not lock.read():  # who comes later must not connect: it may be copied already
            asyncio.run(preparation.prepare(url_of(cluster)))
            lock.write("prepared")
    return "vinculo"


async def _administer(cluster: Cluster, statement: str) -> None:
    url = url_of(cluster, "postgres").replace("vinculo@", "postgres@")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def clone(
    cluster: Cluster,
    template: str,
    prepare: Callable[[str], Coroutine[Any, Any, None]] | None = None,
) -> str:
    """The URL of a new copy of the template, with what `prepare` adds to it."""
    url = url_of(cluster, _clone(cluster, template))
    if prepare:
        asyncio.run(prepare(url))
    return url


def _clone(cluster: Cluster, template: str) -> str:
    name = f"copy_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{next(_numbers)}"
    create = f"CREATE DATABASE {name} TEMPLATE {template} OWNER vinculo STRATEGY file_copy"
    asyncio.run(_administer(cluster, create))
    return name


@pytest.fixture(scope="session")
def seeded(cluster: Cluster, template: str) -> str:
    """The URL of a seeded database that all share: commit nothing to it."""
    return url_of(cluster, _clone(cluster, template))


@pytest.fixture
def database(cluster: Cluster, template: str) -> Generator[str]:
    """The URL of a seeded database of the test's own."""
    name = _clone(cluster, template)
    yield url_of(cluster, name)
    asyncio.run(_administer(cluster, f"DROP DATABASE {name} WITH (FORCE)"))


async def connect(url: str) -> asyncpg.Connection:
    """A connection as the reader has it: generic plans, texts as bytes."""
    connection = await asyncpg.connect(url)
    await connection.execute(SESSION.format(statement_timeout=60_000))
    await connection.execute("SET default_transaction_read_only = off")  # tests bring rows
    await connection.set_type_codec(
        "text", schema="pg_catalog", encoder=_encode, decoder=bytes, format="binary"
    )
    # asyncpg asks PostgreSQL about types of arrays once for each connection.
    await connection.fetch(
        f"SELECT {', '.join(f'${n}::{t}[]' for n, t in enumerate(ARRAYS, 1))}", *[[]] * len(ARRAYS)
    )
    return connection


def _encode(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


@pytest.fixture
async def connection(seeded: str) -> AsyncGenerator[asyncpg.Connection]:
    """A reader's connection in a transaction that is rolled back."""
    made = await connect(seeded)
    transaction = made.transaction()
    await transaction.start()
    yield made
    await transaction.rollback()
    await made.close()
