"""Reads of PostgreSQL: who gets which connection, and what happens when one dies.

asyncpg's own pool costs several times what a one-row read costs, so connections are lent from a
stack here: few of them stay warm, the others are opened when they are needed. What died is replaced
on the way, and a read that died with its connection is tried once more.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from api.reader import Reader, Rows, connect
from api.settings import Settings
from schema.errors import BadUserInput, InvalidCursor, Timeout, Unavailable

_log = logging.getLogger("vinculo.database")

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # a farewell was read where an answer was expected
    OSError,
)
"""The connection is gone, and the statement with it; a read may be tried again."""
NOT_CONNECTED = (*LOST, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
"""What trying to connect can end in."""
_CONNECT_SECONDS = 3.0
_AWAY_SECONDS = 0.5
"""After a failed attempt the next is made no sooner: a crowd of requests must not wait in line."""
_AWAY = "The database cannot be reached at the moment; send the request again in a few seconds."
_BUSY = "All connections to the database are in use; send the request again in a few seconds."


class Database:
    """Readers of one PostgreSQL, opened as they are needed.

    `statements` counts what was sent, so that a test can say how many an operation takes.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = 0
        self._readers: set[Reader] = set()
        self._idle: list[Reader] = []
        self._waiting: deque[asyncio.Future[Reader | None]] = deque()
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
            InvalidCursor: a cursor is from before the database was restored.
            Timeout: PostgreSQL cancelled the statement, because its time was up.
            Unavailable: the database is away, or no connection became free in time.
        """
        for last in (False, True):
            reader = self._at_hand() or await self._borrow()
            self.statements += 1
            try:
                rows = await reader.fetch(sql, args)
            except BaseException as error:
                self._after(reader, error)
                if last:
                    raise Unavailable(_AWAY) from error
                _log.info("A connection was lost (%s); the read is tried on another.", error)
            else:
                self._pass_on(reader)
                return rows
        raise AssertionError

    def _after(self, reader: Reader, error: BaseException) -> None:
        """Put a failed reader where it belongs, and raise, unless it was only lost."""
        closed = reader.closed
        match error:
            case asyncio.CancelledError():
                self._settle(reader)
                raise error
            case asyncpg.QueryCanceledError():
                self._give_back(reader)
                raise Timeout(self._too_slow()) from None
            case asyncpg.PostgresError(sqlstate="VC001"):  # a cursor of another epoch
                self._give_back(reader)
                raise InvalidCursor(str(error)) from error
            case asyncpg.RaiseError():  # a function of ours, whose sentence is for the caller
                self._give_back(reader)
                raise BadUserInput(str(error)) from error
            case asyncpg.DataError() | asyncpg.ProgramLimitExceededError():
                self._give_back(reader)
                _log.warning("A value was refused: %.500s", error)
                raise BadUserInput(f"A value cannot be worked with: {str(error)[:200]}.") from error
            case _:
                self._give_back(reader, sound=_survives(error))
        if not isinstance(error, LOST) and not (
            closed and isinstance(error, asyncpg.InterfaceError)
        ):
            raise error

    def _at_hand(self) -> Reader | None:
        while self._idle:
            reader = self._idle.pop()
            if not reader.closed:
                return reader
            self._drop(reader)
        return None

    async def _borrow(self) -> Reader:
        """A reader at hand, a new one, or the next that somebody gives back."""
        reader = self._at_hand()
        while reader is None:
            if self._opened < self._settings.pool_size:
                return await self._connect()
            reader = await self._next()
        return reader

    async def _next(self) -> Reader | None:
        """The next reader given back; `None` if one may be opened in place of a lost one."""
        if len(self._waiting) >= self._settings.pool_queue:
            raise Unavailable(_BUSY)
        turn: asyncio.Future[Reader | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._settings.pool_seconds):
                return await asyncio.shield(turn)
        except BaseException as error:
            if turn.cancel():
                self._waiting.remove(turn)
            else:  # a reader came in the same moment
                self._pass_on(turn.result())
            if isinstance(error, TimeoutError):
                raise Unavailable(_BUSY) from None
            raise

    def _give_back(self, reader: Reader, *, sound: bool = True) -> None:
        if sound and not reader.closed:
            self._pass_on(reader)
        else:
            self._drop(reader)
            self._pass_on(None)

    def _pass_on(self, reader: Reader | None) -> None:
        """To who has waited longest; a reader that nobody waits for is kept."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(reader)
                return
        if reader is not None:
            self._idle.append(reader)

    def _drop(self, reader: Reader) -> None:
        self._readers.discard(reader)
        self._opened -= 1
        reader.terminate()

    async def _connect(self) -> Reader:
        now = asyncio.get_running_loop().time()
        if now < self._away_until:
            raise Unavailable(_AWAY)
        self._opened += 1
        try:
            reader = await asyncio.wait_for(connect(self._settings), _CONNECT_SECONDS)
        except BaseException as error:
            self._opened -= 1
            self._pass_on(None)
            if not isinstance(error, NOT_CONNECTED):
                raise
            self._away_until = now + _AWAY_SECONDS
            _log.warning("No connection to the database: %s", str(error) or type(error).__name__)
            raise Unavailable(_AWAY) from error
        self._readers.add(reader)
        return reader

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
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, LOST)
