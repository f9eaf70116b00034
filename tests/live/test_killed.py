"""A server that dies around a commit, and a client that sends the same again."""

import asyncio
import json
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from tests.oauth import FORM, Client, asks, register, token
from tests.serving import PEPPER, SECONDS, Edge, Server
from tests.writing import rows

CREATE = """mutation { createDocument(input: {
    slug: "SLUG", kind: NOTE, title: {es: "Nota"}, idempotencyKey: "SLUG"
}) { outcome errors { code } document { version slug } } }"""


def query(slug: str) -> str:
    """Creates a document, once."""
    return CREATE.replace("SLUG", slug)


def done(slug: str) -> Any:
    """What is answered when it is there."""
    return {"outcome": "CREATED", "errors": [], "document": {"version": 1, "slug": slug}}


class Wire:
    """Between a server and PostgreSQL; can hold a COMMIT, or what PostgreSQL says to it."""

    def __init__(self, folder: Path, database: str) -> None:
        url = urlsplit(database)
        self._target = f"{parse_qs(url.query)['host'][0]}/.s.PGSQL.5432"
        self.url = f"postgresql://vinculo@{url.path}?host={quote(str(folder), safe='/')}"
        self.hold = ""
        """What to stop at the next COMMIT: `commit` itself or its `answer`; nothing if empty."""
        self.held = threading.Event()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._target)
            silent = threading.Event()
            for ends in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=(*ends, silent), daemon=True).start()

    def _carry(
        self, here: socket.socket, there: socket.socket, asks: bool, silent: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := here.recv(65_536):
                if asks and self.hold and b"COMMIT" in data:
                    silent.set()
                    if self.hold == "commit":
                        self.held.set()
                        continue
                if silent.is_set() and not asks:
                    self.held.set()
                    continue
                there.sendall(data)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)
        here.close()


@pytest.fixture
def wire(tmp_path: Path, committed: str) -> Generator[Wire]:
    """To a database with clients."""
    made = Wire(tmp_path, committed)
    yield made
    made.close()


@pytest.fixture
def start(wire: Wire) -> Generator[Callable[[], Server]]:
    """Starts servers behind the wire, and ends those that a test left."""
    started: list[Server] = []

    def begin() -> Server:
        started.append(Server(VINCULO_DATABASE_URL=wire.url, VINCULO_PEPPER=PEPPER))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.end()


def request(server: Server, client: Client, slug: str) -> tuple[bytes, dict[str, str]]:
    """The body and headers of a write."""
    form = urlencode({"grant_type": "client_credentials"}).encode()
    held = server.post("/oauth/token", form, {"Content-Type": FORM, **client.basic})
    body = json.dumps({"query": query(slug)}).encode()
    return body, {"Authorization": f"Bearer {held['access_token']}"}


def line(edge: Edge, client: Client) -> str:
    """The header of a client elsewhere."""
    return f"Bearer {token(edge, client)}"


def send(server: Server, client: Client, slug: str) -> Any:
    """What a write is answered with."""
    body, headers = request(server, client, slug)
    return server.post("/graphql", body, headers)["data"]["createDocument"]


def dies(wire: Wire, server: Server, client: Client, slug: str, held: str) -> bytes:
    """What a client reads whose server is killed when the wire holds."""
    body, headers = request(server, client, slug)
    wire.held.clear()
    wire.hold = held
    address = urlsplit(server.base)
    lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as connection:
        connection.sendall(
            f"POST /graphql HTTP/1.1\r\nHost: {address.netloc}\r\n{lines}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert wire.held.wait(SECONDS)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        wire.hold = ""
        try:
            return connection.recv(1)
        except ConnectionResetError:
            return b""


def documents(database: str, slug: str) -> int:
    """How many there are of a slug."""
    return asyncio.run(rows(database, "SELECT count(*) FROM document WHERE slug = $1", slug))[0][0]


def test_what_is_sent_again_after_the_server_was_killed_is_done_once(
    wire: Wire, start: Callable[[], Server], issuing: Edge, committed: str
):
    """Killed before the commit it was not done; after it, the first outcome is told again.

    To the server that is started again, or to another on the same database.
    """
    client = register(committed, scopes=("documents:write",))
    assert dies(wire, start(), client, "killed-before", "commit") == b""
    assert documents(committed, "killed-before") == 0
    server = start()
    assert [send(server, client, "killed-before") for _ in range(2)] == [done("killed-before")] * 2
    assert documents(committed, "killed-before") == 1
    assert dies(wire, server, client, "killed-after", "answer") == b""
    assert documents(committed, "killed-after") == 1
    again = [asks(issuing, line(issuing, client), query("killed-after")) for _ in range(2)]
    assert [a.json["data"]["createDocument"] for a in again] == [done("killed-after")] * 2
    assert documents(committed, "killed-after") == 1
