"""Connections to PostgreSQL for reads: one prepared statement, one round trip.

asyncpg is used as it is, without its pool, which costs several times what a one-row read costs. A
connection carries one statement at a time. It is lent from a stack, so that few of them stay warm;
whatever died is replaced on the way, and a read that died with its connection is tried once more.
"""

import asyncio
import itertools
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from api.settings import Settings
from schema.errors import BadUserInput, Timeout, Unavailable

Rows = Sequence[Sequence[Any]]
"""Texts come as `bytes`, everything else as asyncpg decodes it."""

_log = logging.getLogger("vinculo.database")

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # a farewell was read where an answer was expected
    OSError,
)
"""The connection is gone, and the statement with it; a read may be tried again."""
_STALE = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.exceptions.OutdatedSchemaCacheError,
)
"""The tables changed under a prepared statement, or the server forgot it."""
_NOT_CONNECTED = (*_LOST, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
"""What trying to connect can end in."""
_BAD_VALUES = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)
"""A value is out of range, or too large for what is done with it."""

_SESSION = """
SELECT set_config(name, value, false) FROM (VALUES
    ('plan_cache_mode', 'force_generic_plan'),
    ('jit', 'off'),
    ('default_transaction_read_only', 'on'),
    ('statement_timeout', $1)
) AS setting (name, value)
"""
"""Set after connecting: poolers refuse parameters that they do not know in the greeting."""

_ARRAYS = "SELECT $1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::date[]"
"""asyncpg asks PostgreSQL about such types once for each connection: better before any request."""

_CONNECT_SECONDS = 3.0
_SETTLE_SECONDS = 5.0
_AWAY_SECONDS = 0.5
"""After a failed attempt the next is made no sooner: a crowd of requests must not wait in line."""
_AWAY = "The database cannot be reached at the moment; send the request again in a few seconds."
_BUSY = "All connections to the database are in use; send the request again in a few seconds."


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


class Database:
    """Readers of one PostgreSQL, opened as they are needed.

    `statements` counts what was sent, so that a test can say how many an operation takes.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.pool_size)
        self._readers: set[Reader] = set()
        self._idle: list[Reader] = []
        self._waiting = 0
        self._away_until = 0.0
        self._settling: set[asyncio.Task[None]] = set()
        self.statements = 0

    async def open(self) -> None:
        """Connect once, so that the first request need not; an absent server may still come."""
        try:
            self._give_back(await self._borrow())
        except Unavailable as absence:
            _log.warning(absence.message)

    async def close(self) -> None:
        """End every connection. What still runs on one is given up."""
        for task in self._settling:
            task.cancel()
        for reader in self._readers:
            reader.terminate()
        self._readers.clear()
        self._idle.clear()

    async def fetch(self, sql: str, args: Sequence[Any]) -> Rows:
        """The rows of a read; a cancelled call cancels the statement in PostgreSQL.

        Raises:
            BadUserInput: PostgreSQL cannot work with a value.
            Timeout: PostgreSQL cancelled the statement, because its time was up.
            Unavailable: the database is away, or no connection became free in time.
        """
        try:
            return await self._attempt(sql, args)
        except _LOST as loss:
            _log.info("A connection was lost (%s); the read is tried on another.", loss)
        try:
            return await self._attempt(sql, args)
        except _LOST as loss:
            raise Unavailable(_AWAY) from loss

    async def _attempt(self, sql: str, args: Sequence[Any]) -> Rows:
        reader = await self._borrow()
        self.statements += 1
        try:
            rows = await reader.fetch(sql, args)
        except asyncio.CancelledError:
            self._settle(reader)
            raise
        except asyncpg.QueryCanceledError:
            self._give_back(reader)
            raise Timeout(self._too_slow()) from None
        except _BAD_VALUES as error:
            self._give_back(reader)
            _log.warning("A value was refused: %.500s", error)
            raise BadUserInput(f"A value cannot be worked with: {str(error)[:200]}.") from error
        except BaseException as error:
            closed = reader.closed
            self._give_back(reader, sound=_survives(error))
            if closed and isinstance(error, asyncpg.InterfaceError):
                raise ConnectionResetError(str(error)) from error
            raise
        self._give_back(reader)
        return rows

    async def _borrow(self) -> Reader:
        await self._take_place()
        while self._idle:
            reader = self._idle.pop()
            if not reader.closed:
                return reader
            self._readers.discard(reader)
        try:
            return await self._connect()
        except BaseException:
            self._places.release()
            raise

    def _give_back(self, reader: Reader, *, sound: bool = True) -> None:
        if sound and not reader.closed:
            self._idle.append(reader)
        else:
            self._readers.discard(reader)
            reader.terminate()
        self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._settings.pool_queue:
            raise Unavailable(_BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._settings.pool_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(_BUSY) from None
        finally:
            self._waiting -= 1

    async def _connect(self) -> Reader:
        now = asyncio.get_running_loop().time()
        if now < self._away_until:
            raise Unavailable(_AWAY)
        try:
            connection = await asyncio.wait_for(self._session(), _CONNECT_SECONDS)
        except _NOT_CONNECTED as error:
            self._away_until = now + _AWAY_SECONDS
            _log.warning("No connection to the database: %s", error or type(error).__name__)
            raise Unavailable(_AWAY) from error
        reader = Reader(connection, self._settings.prepared_statements)
        self._readers.add(reader)
        return reader

    async def _session(self) -> Any:
        """A connection on which text comes as bytes, and nothing can be written."""
        connection = await asyncpg.connect(
            self._settings.database_url,
            statement_cache_size=0,
            server_settings={"application_name": "vinculo"},
        )
        milliseconds = str(round(self._settings.statement_seconds * 1000))
        await connection.execute(_SESSION.replace("$1", f"'{milliseconds}'"))
        await connection.set_type_codec(
            "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
        )
        await connection.fetch(_ARRAYS, *[[]] * 5)
        return connection

    def _settle(self, reader: Reader) -> None:
        """Keep a connection aside until its cancelled statement has ended in PostgreSQL."""
        task = asyncio.create_task(self._settled(reader))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settled(self, reader: Reader) -> None:
        sound = False
        try:
            await reader.settle()
            sound = True
        except Exception as error:  # whatever it is, the connection is replaced
            _log.info("A cancelled statement did not end (%s); its connection is dropped.", error)
        finally:
            self._give_back(reader, sound=sound)

    def _too_slow(self) -> str:
        seconds = f"{self._settings.statement_seconds:g}"
        return (
            f"The answer took longer than {seconds} seconds and was given up. Ask for less at "
            "once: fewer levels, smaller pages, or no `totalCount`."
        )


def _survives(error: BaseException) -> bool:
    """Whether the connection is as good as before: PostgreSQL refused the statement, no more."""
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, _LOST)
