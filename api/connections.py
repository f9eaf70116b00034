"""How long a client may take, and how many connections it may hold.

uvicorn has a time limit for silence after an answer, and for nothing else. Here one look a second
at all connections ends those whose client takes too long for the head of a request or its body, or
leaves answers unread; requests pay nothing for it. Heads have no bound there either: what is sent
of them beyond ours is not read into memory.
"""

import asyncio
import resource
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.settings import Settings
from auth.throttle import address

_LOOK_SECONDS = 1.0
_SLOWEST = 100_000
"""Bytes a second that a client reads at least of what is written to it, after `write_seconds`."""
_SPARE = 200
"""Files that are no connections of clients: those to PostgreSQL, and our own."""
_HEAD = 65_536
"""Bytes of the request line and all headers; a document of the longest that is read fits in."""
_LEFT = 1_000_000
"""Bytes that are thrown away after a refusal, so that it reaches who is still sending."""
_REFUSAL = (
    b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"%bconnection: close\r\n\r\n%b"
)
_AGAIN = b"retry-after: 10\r\n"
_TOO_MANY = b"There are too many connections; keep fewer open, and use each again.\n"
_TOO_LARGE = (
    b"The request line and the headers are more than 64 kB together; send long documents by POST, "
    b"and no header that is not needed.\n"
)
_TOO_SLOW = b"The request did not arrive in time; send it again.\n"


class Connections:
    """All connections of clients of one server, and the bounds that hold for them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.most = min(settings.max_connections, _files() - _SPARE)
        self._open: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._looking: asyncio.TimerHandle | None = None

    def add(self, connection: "Connection") -> bytes | None:
        """Take it in; the status to refuse it with where there is no room."""
        self._open.add(connection)
        self._addresses[connection.address] += 1
        if self._looking is None:
            self._look()
        if len(self._open) > self.most:
            return b"503 Service Unavailable"
        if self.settings.proxies:  # all come from the proxy's address
            return None
        here = self._addresses[connection.address]
        return b"429 Too Many Requests" if here > self.settings.address_connections else None

    def discard(self, connection: "Connection") -> None:
        """It has ended."""
        if connection in self._open:
            self._open.discard(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]

    def _look(self) -> None:
        now = time.monotonic()
        for connection in tuple(self._open):
            connection.look(now)
        loop = asyncio.get_running_loop()
        self._looking = loop.call_later(_LOOK_SECONDS, self._look) if self._open else None


def _files() -> int:
    """How many files we may have open; as many as the system lets us have without asking."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if soft == resource.RLIM_INFINITY else soft


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    bounds: Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It was opened."""
        super().connection_made(transport)
        self.address = address(self.client[0]) if self.client else ""
        self._state: tuple[str, object] = ("head", None)
        self._since = time.monotonic()
        self._unread_since: float | None = None
        self._unread = 0
        self._held, self._moved = 0, False
        self._left: int | None = None
        if refused := self.bounds.add(self):
            self._refuse(refused, _TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self.bounds.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something has come: fed to the parser by so much that no head grows beyond the bound."""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()
            return
        while data and not self.transport.is_closing():
            piece, self._moved = data[: _HEAD - self._held], False
            super().data_received(piece)
            # The parser holds what it has told nobody of. Where it told of something, what follows
            # is counted from here: up to twice as much may be held.
            self._held = 0 if self._moved else self._held + len(piece)
            if self._held >= _HEAD:
                return self._refuse_head()
            data = data[len(piece) :]

    def on_headers_complete(self) -> None:
        """The head of a request has come."""
        self._moved = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body has come."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of a request has come."""
        self._moved = True
        super().on_message_complete()

    def _refuse_head(self) -> None:
        if self._waits_for()[0] != "head":  # an answer is on its way, which nothing may stand in
            return self.transport.abort()
        self.parser = None  # what it holds is not needed any more
        self._left = _LEFT
        status = b"431 Request Header Fields Too Large"
        self.transport.write(_REFUSAL % (status, len(_TOO_LARGE), b"", _TOO_LARGE))
        self.transport.write_eof()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        self._unread_since, self._unread = time.monotonic(), self.transport.get_write_buffer_size()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It has read."""
        self._unread_since = None
        super().resume_writing()

    def look(self, now: float) -> None:
        """End it where its client takes too long."""
        settings = self.bounds.settings
        if self._left is not None:
            return self.transport.abort()
        if self._unread_since is not None:
            if now - self._unread_since > settings.write_seconds + self._unread / _SLOWEST:
                self.transport.abort()
            return
        waits_for, cycle = self._waits_for()
        if (waits_for, cycle) != self._state:
            self._state, self._since = (waits_for, cycle), now
        elif waits_for == "body":
            # The application waits for as long, and says it better.
            if now - self._since > settings.body_seconds + _LOOK_SECONDS:
                self.transport.abort()
        elif waits_for == "head" and now - self._since > settings.header_seconds:
            self._refuse(b"408 Request Timeout", _TOO_SLOW)

    def _waits_for(self) -> tuple[str, object]:
        """What the client is to send, if anything, and behind which request."""
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            return ("" if self.pipeline else "head"), cycle
        return ("body" if cycle.more_body else ""), cycle

    def _refuse(self, status: bytes, text: bytes) -> None:
        if self.transport.is_closing():  # for so long, because the client does not read
            self.transport.abort()
        else:
            self.transport.write(_REFUSAL % (status, len(text), _AGAIN, text))
            self.transport.close()


def configured(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    """uvicorn with these bounds."""
    bounded = type("Bounded", (Connection,), {"bounds": Connections(settings)})
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=bounded,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        **more,
    )
