"""Is the server alive, can it answer, and in which words: what machines ask."""

import asyncio
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from starlette.requests import Request
from starlette.responses import Response

import schema.migrations
from api.caching import Kept, public
from api.database import Database
from resolvers.schema import sdl
from schema.errors import Unavailable

_VERSION = "SELECT version_num FROM alembic_version"


async def healthz(_request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return _json(b'{"status":"alive"}')


class Readiness:
    """Whether a question would be answered now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def readyz(self, _request: Request) -> Response:
        """200 where the database answers and has the tables of this release, else 503."""
        rows = await self._database.fetch(_VERSION, ())
        found = [row[0] for row in rows]
        if found != [head()]:
            raise Unavailable(
                f"The database is at migration {', '.join(found) or 'none'} and this release needs "
                f"{head()}; run `vinculo migrate`."
            )
        return _json(b'{"status":"ready"}')


class Contract:
    """`/schema.graphql`: the schema as text, kept by caches until it changes."""

    def __init__(self) -> None:
        self._kept: Kept | None = None
        self._turn = asyncio.Lock()
        self._headers = {"cache-control": public(300), "access-control-allow-origin": "*"}

    async def text(self, request: Request) -> Response:
        """The text, or 304 to who has it. Written when it is first asked for: it takes a second."""
        async with self._turn:
            kept = self._kept = self._kept or Kept((await asyncio.to_thread(sdl)).encode())
        return await kept.answer(request, self._headers, "text/plain; charset=utf-8")


@cache
def head() -> str | None:
    """The newest migration of this release."""
    return ScriptDirectory(str(Path(schema.migrations.__path__[0]))).get_current_head()


def _json(body: bytes) -> Response:
    return Response(body, headers={"cache-control": "no-store"}, media_type="application/json")
