"""A real PostgreSQL for every test: the embedded one, migrated and seeded once.

`connection` is rolled back after each test; `database` is a copy of one's own, for what commits.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Generator

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import preparation
from api.cluster import Cluster
from api.postgres import embedded, url_of
from api.reader import SESSION

ARRAYS = ("uuid", "text", "int", "timestamptz", "date", "numeric")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    """PostgreSQL itself, for as long as the tests run."""
    with embedded(tmp_path_factory.mktemp("data"), durable=False) as running:
        yield running.cluster


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database with tables and seeds that nobody connects to."""
    asyncio.run(preparation.prepare(url_of(cluster)))
    return "vinculo"


async def _administer(cluster: Cluster, statement: str) -> None:
    url = url_of(cluster, "postgres").replace("vinculo@", "postgres@")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def clone(cluster: Cluster, template: str) -> str:
    """The URL of a new copy of the template."""
    return url_of(cluster, _clone(cluster, template))


def _clone(cluster: Cluster, template: str) -> str:
    name = f"copy_{next(_numbers)}"
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
