"""Serving: a socket, uvicorn, and the addresses once it answers."""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

from api.failure import Failure
from api.running import ENDING
from api.settings import Settings

_STOP_SECONDS = 5
_BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """The listening socket; opened first, so that a taken port is known before any work is done.

    Raises:
        Failure: the address cannot be had.
    """
    host, port = settings.host, settings.port
    try:
        [family, _, _, _, address] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        raise Failure(_refused(host, port, error)) from None
    made.set_inheritable(True)
    return made


def _refused(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is taken: stop who has it, or use --port {port + 1}."
        case errno.EACCES:
            return f"Port {port} needs more rights than we have: use --port 8000."
        case _:
            return f"{host}:{port} cannot be listened on ({error.strerror}): try --host 127.0.0.1."


class _Server(uvicorn.Server):
    """uvicorn, which says where it is and ends without a traceback."""

    def __init__(self, config: uvicorn.Config, base: str, notes: Sequence[str]) -> None:
        super().__init__(config)
        self._base = base
        self._notes = notes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the addresses."""
        await super().startup(sockets)
        if self.started:
            lines = [f"  {self._base}{path:16}{what}" for path, what in _ADDRESSES]
            print(
                "Vínculo is ready:", *lines, *self._notes, "Ctrl-C ends it.", sep="\n", flush=True
            )

    def capture_signals(self) -> Any:
        """Our own handlers, which end it without raising the signal again."""
        return _signals(self)


_ADDRESSES = (
    ("/", "where to begin"),
    ("/graphql", "the API"),
    ("/schema.graphql", "what it can be asked"),
    ("/q", "documents for websites, spreadsheets and calendars"),
    ("/docs", "the guide, with examples to paste"),
)


class _signals:
    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, *ENDING):
            self._before[number] = signal.signal(number, self._server.handle_exit)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def serve(settings: Settings, listening: socket.socket, notes: Sequence[str] = ()) -> None:
    """Serve until SIGINT or SIGTERM; `notes` are printed with the addresses."""
    from api.app import create_app
    from api.connections import configured

    app = create_app(settings)
    gc.enable()
    config = configured(
        app,
        settings,
        log_level="warning",
        server_header=False,
        date_header=True,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = _Server(config, base_of(listening), notes)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(1)


def base_of(listening: socket.socket) -> str:
    """The address to type into a browser."""
    host, port, *_ = listening.getsockname()
    if host in ("0.0.0.0", "::"):  # all addresses, and none that a browser can open
        host = "::1" if host == "::" else "127.0.0.1"
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
