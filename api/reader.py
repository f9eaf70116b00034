"""One connection to PostgreSQL for reads: a prepared statement, a round trip."""

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from api.settings import Settings

Rows = Sequence[Sequence[Any]]
"""Texts come as `bytes`, everything else as asyncpg decodes it."""

_STALE = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.exceptions.OutdatedSchemaCacheError,
)
"""The tables changed under a prepared statement, or the server forgot it."""
SESSION = """
SELECT set_config(name, value, false) FROM (VALUES
    ('plan_cache_mode', 'force_generic_plan'),
    ('jit', 'off'),
    ('max_parallel_workers_per_gather', '0'),
    ('random_page_cost', '1.1'),
    ('default_transaction_read_only', 'on'),
    ('statement_timeout', '{statement_timeout}')
) AS setting (name, value)
"""
"""Set after connecting: poolers refuse parameters that they do not know in the greeting.

Plans are generic, so where a value is rare PostgreSQL cannot know it and would start workers for a
handful of rows, at ten times the cost; requests run side by side anyway. Pages read at random cost
as they do on today's disks.
"""

_ARRAYS = "SELECT $1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::date[], $6::numeric[]"
"""asyncpg asks PostgreSQL about such types once for each connection: better before any request."""

_SETTLE_SECONDS = 5.0


class Reader:
    """One connection, and the statements that are prepared on it."""

    def __init__(self, connection: Any, capacity: int) -> None:
        self._connection = connection
        self._capacity = capacity
        self._statements: OrderedDict[str, Any] = OrderedDict()
        self._numbers = itertools.count()

    async def fetch(self, sql: str, args: Sequence[Any]) -> Rows:
        """The rows of a statement, which is prepared where it is met first."""
        statement = self._statements.get(sql)
        if statement is None:
            statement = await self._prepare(sql)
        else:
            self._statements.move_to_end(sql)
        try:
            return await statement.fetch(*args)
        except _STALE:
            self._statements.clear()
            await self._connection.reload_schema_state()
        return await (await self._prepare(sql)).fetch(*args)

    async def _prepare(self, sql: str) -> Any:
        if len(self._statements) >= self._capacity:
            self._statements.popitem(last=False)  # closed by asyncpg when it prepares the next one
        # Without a name, asyncpg would have PostgreSQL parse and plan it every time.
        statement = await self._connection.prepare(sql, name=f"read_{next(self._numbers)}")
        self._statements[sql] = statement
        return statement

    async def settle(self) -> None:
        """Return when PostgreSQL has ended the statement that was cancelled."""
        await self._connection.execute("SELECT 1", timeout=_SETTLE_SECONDS)

    @property
    def closed(self) -> bool:
        """Whether the other side, or we, ended it."""
        return self._connection.is_closed()

    def terminate(self) -> None:
        """End it without a word to the other side."""
        self._connection.terminate()


async def connect(settings: Settings) -> Reader:
    """A reader on which text comes as bytes, and nothing can be written."""
    connection = await asyncpg.connect(
        settings.database_url,
        statement_cache_size=0,
        server_settings={"application_name": "vinculo"},
    )
    try:
        milliseconds = round(settings.statement_seconds * 1000)
        await connection.execute(SESSION.format(statement_timeout=milliseconds))
        await connection.set_type_codec(
            "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
        )
        await connection.fetch(_ARRAYS, *[[]] * 6)
    except BaseException:
        connection.terminate()
        raise
    return Reader(connection, settings.prepared_statements)
