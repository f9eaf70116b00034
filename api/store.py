"""Transactions that write: a small pool of their own beside the readers'."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from api.database import LOST, NOT_CONNECTED
from api.settings import Settings
from auth.sweep import sweep
from schema.errors import Unavailable

_log = logging.getLogger("vinculo.store")
T = TypeVar("T")
_HOUR = 3_600
_AWAY = "The database cannot be reached at the moment; send the request again in a few seconds."


def do(settings: Settings, work: Callable[[Session], T]) -> T:
    """What a function gives in one transaction, where nothing runs yet."""

    async def run() -> T:
        store = Store(settings)
        try:
            return await store.run(work)
        finally:
            await store.close()

    return asyncio.run(run())


class Store:
    """Connections that are opened when they are first needed.

    Values never come into logs or error messages: some of them are secrets.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            hide_parameters=True,
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.pool_seconds,
            pool_pre_ping=True,
        )

    async def _connect(self) -> asyncpg.Connection:
        milliseconds = round(self._settings.statement_seconds * 1000)
        name = {"application_name": "vinculo"}
        try:
            connection = await asyncpg.connect(
                self._settings.database_url, timeout=3, server_settings=name
            )
            await connection.execute(f"SET statement_timeout = {milliseconds}")
        except NOT_CONNECTED as error:
            raise Unavailable(_AWAY) from error
        return connection

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that is committed at the end of the block, whatever it answers.

        Raises:
            Unavailable: the database is away, or all connections are in use.
        """
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                yield session
                await session.commit()
        except (OperationalError, InterfaceError, PoolTimeout, *NOT_CONNECTED) as error:
            raise Unavailable(_AWAY) from error
        except DBAPIError as error:
            # asyncpg may not know yet that the connection is closed, when it says why.
            cause = error.orig.__cause__ if error.orig else None
            if error.connection_invalidated or isinstance(cause, LOST):
                raise Unavailable(_AWAY) from error
            raise

    async def run(self, work: Callable[[Session], T]) -> T:
        """What a synchronous function does in a transaction."""
        async with self.transaction() as session:
            return await session.run_sync(work)

    async def tidy(self) -> None:
        """Forget what has ended, once an hour for as long as the server runs."""
        while True:
            await asyncio.sleep(_HOUR * (0.5 + random.random()))  # several servers take turns
            try:
                await self.run(sweep)
            except Exception as error:  # whatever it is, there is a next time
                _log.warning("What has ended could not be swept up: %s", type(error).__name__)

    async def close(self) -> None:
        """End every connection."""
        await self._engine.dispose()
