"""From an empty PostgreSQL to one that can be served: reach it, migrate it, load the seeds."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from api.failure import Failure

NEEDED = 180_000
"""`server_version_num` of PostgreSQL 18: we use its uuidv7()."""
_LOCK = 0x56_69_6E_63_75_6C_6F  # "Vinculo": two servers that start at once prepare one by one
_CONNECT_SECONDS = 10


def place(url: str) -> str:
    """Host and port of a database, for people: never the password."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    return f"{host}:{parts.port or 5432}"


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[AsyncConnection]:
    """A transaction on the database.

    Raises:
        Failure: it cannot be reached, is too old or will not let us in, in one line.
    """
    await _try(url)
    engine = create_async_engine(
        "postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: _connect(url)
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection
    finally:
        await engine.dispose()


async def _connect(url: str) -> Any:
    return await asyncpg.connect(url, timeout=_CONNECT_SECONDS)


async def _try(url: str) -> None:
    at = place(url)
    try:
        connection = await _connect(url)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Failure(f"The database at {at} {_reason(error)}") from None
    except ValueError as error:
        raise Failure(f"The database URL for {at} cannot be used: {error}.") from None
    try:
        version = int(await connection.fetchval("SHOW server_version_num"))
    finally:
        await connection.close()
    if version < NEEDED:
        raise Failure(
            f"The database at {at} is PostgreSQL {version // 10_000}, and 18 or later is needed: "
            "upgrade it, or unset VINCULO_DATABASE_URL to use the embedded one."
        )


def _reason(error: Exception) -> str:
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return "refuses this user or password: check them in VINCULO_DATABASE_URL."
        case asyncpg.InvalidCatalogNameError():
            return "has no database of this name: create it, or correct VINCULO_DATABASE_URL."
        case ssl.SSLError():
            return "and we do not agree on TLS: see sslmode in VINCULO_DATABASE_URL."
        case TimeoutError():
            return "did not answer: start it, or check host, port and firewall."
        case OSError():
            why = error.strerror or str(error) or "no answer"
            return (
                f"cannot be reached ({why}): start it, correct VINCULO_DATABASE_URL, or unset that "
                "to use the embedded one."
            )
        case _:
            return f"does not let us in: {str(error).rstrip('.')}."


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    import schema.migrations

    config = Config()
    config.set_main_option("script_location", str(Path(schema.migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to where `schema/` declares them, or to an earlier revision."""
    from alembic import command

    command.upgrade(_alembic(connection), revision)


def check(connection: Connection) -> None:
    """Raise if migrations and declarations differ."""
    from alembic import command

    command.check(_alembic(connection))


def revise(connection: Connection, message: str) -> None:
    """Write the migration that declarations ask for."""
    from alembic import command

    command.revision(_alembic(connection), message=message, autogenerate=True)


_MOVED = """
    UPDATE epoch SET place = now.place,
        id = CASE WHEN epoch.place IS NULL THEN epoch.id ELSE gen_random_uuid() END
    FROM (SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database())) AS place
        FROM pg_control_system()) now
    WHERE epoch.place IS DISTINCT FROM now.place"""
"""A dump that was loaded elsewhere, or a server that was rolled back, is another place: another
cluster, timeline or database. A copy of the files put back is not; see `begin_epoch`."""


async def begin_epoch(url: str) -> None:
    """Have the cursors of changes refused that were handed out until now."""
    async with connected(url) as connection:
        await connection.execute(text("UPDATE epoch SET id = gen_random_uuid()"))


async def migrate(url: str) -> None:
    """Bring a database's tables up to date."""
    async with connected(url) as connection:
        await connection.run_sync(upgrade)
        await connection.execute(text(_MOVED))


async def seed(url: str, progress: Callable[[str, int, int], None] | None = None) -> int:
    """Load the seed files; how many records were written.

    Raises:
        Failure: naming file, record and reason.
    """
    from seeds.load import SeedError, load

    async with connected(url) as connection:
        try:
            return await (load(connection, progress) if progress else load(connection))
        except SeedError as error:
            raise Failure(str(error)) from None


async def prepare(url: str, progress: Callable[[str, int, int], None] | None = None) -> int:
    """Everything that comes before serving; how many records were written."""
    await migrate(url)
    return await seed(url, progress)


async def demo(url: str, scale: float, progress: Callable[[str, int, int], None]) -> None:
    """Migrate, load the seeds, and add invented records.

    Raises:
        Failure: it holds records of others.
    """
    from seeds.demo import fill

    await prepare(url)
    connection = await _connect(url)
    try:
        others = await connection.fetchval(
            "SELECT count(*) FROM record WHERE id NOT IN (SELECT record_id FROM seed)"
        )
        if others:
            raise Failure(
                f"The database at {place(url)} holds {others} records beside the seeds: invented "
                "ones go into a database of their own. Name an empty one."
            )
        async with connection.transaction():
            await fill(connection, scale, progress)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def run(coroutine: Any) -> Any:
    """Run to its end what one of these returned."""
    return asyncio.run(coroutine)
