"""The application behind a real socket, in a thread of the test's process or one of its own."""

import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import uvicorn

from api.app import create_app
from api.connections import configured
from api.database import Database
from api.settings import Settings

NEWER = "application/graphql-response+json"
OLDER = "application/json"
SECONDS = 20
PANAMA = '{ actor(by: {slug: "panama"}) { slug } }'
PLENTY = 2_000_000_000
"""Points for all tests of a minute."""
PEPPER = "the pepper of the tests, not of anybody else"


@dataclass
class Response:
    """What came back. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The code of each GraphQL error."""
        return [error["extensions"]["code"] for error in self.json["errors"]]

    @property
    def messages(self) -> str:
        """What went wrong, in sentences."""
        return "\n".join(error["message"] for error in self.json["errors"])

    @property
    def policy(self) -> dict[str, str]:
        """What its content security policy lets in, by directive; the hash of a style is cut."""
        lines = self.headers["content-security-policy"].split("; ")
        found = {name: rest for name, _, rest in (line.partition(" ") for line in lines)}
        if found.get("style-src", "").startswith("'sha256-"):
            found["style-src"] = "'sha256-…'"
        return found


class Edge:
    """A running application."""

    def __init__(self, settings: Settings) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.app = create_app(settings.model_copy(update={"public_url": self.url}))
        self.database: Database = self.app.state.database
        self.log = _Log()
        config = configured(self.app, settings, port=0, log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listening]}
        )

    def start(self) -> None:
        """Return when it answers."""
        logging.getLogger().addHandler(self.log)
        self._thread.start()
        assert eventually(lambda: self._server.started)

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()
        logging.getLogger().removeHandler(self.log)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Response:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            lines: dict[str, str] = {}
            for name, value in answer.getheaders():
                before = lines.get(name.lower())
                lines[name.lower()] = f"{before}, {value}" if before else value
            return Response(answer.status, lines, answer.read())
        finally:
            connection.close()

    def ask(self, query: Any, accept: str = OLDER, language: str = "", **more: Any) -> Response:
        """An operation by POST; `more` are other parameters of the body."""
        headers = {"Content-Type": OLDER, "Accept": accept, "Accept-Language": language}
        return self.send("POST", "/graphql", json.dumps({"query": query, **more}).encode(), headers)

    def get(self, accept: str = OLDER, **parameters: str) -> Response:
        """An operation by GET."""
        return self.send("GET", f"/graphql?{urlencode(parameters)}", b"", {"Accept": accept})

    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.server_state.connections)

    def open(self) -> socket.socket:
        """A connection to write bytes to."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def raw(self, request: bytes) -> bytes:
        """All that comes back for these bytes, until the server closes the connection."""
        with self.open() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


class _Log(logging.Handler):
    """What was logged as a defect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() != _CUT_SHORT:
            self.records.append(record)


_CUT_SHORT = "ASGI callable returned without completing response."
"""uvicorn's line for an answer that its reader did not wait for."""


class Server:
    """A `vinculo serve` in a process of its own."""

    def __init__(self, *options: str, **environment: str) -> None:
        command = [sys.executable, "-m", "api", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | environment,
        )  # fmt: skip
        assert self.process.stdout
        assert self.process.stderr
        if self.process.stdout.readline() != "Vínculo is ready:\n":
            raise AssertionError(self.process.communicate()[1])
        self.base = self.process.stdout.readline().split()[0].rstrip("/")

    def ask(self, query: str = PANAMA) -> Any:
        """The answer to an operation, whatever its status."""
        return self.post("/graphql", json.dumps({"query": query}).encode())

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
        """The JSON that is answered."""
        given = {"Content-Type": OLDER} | (headers or {})
        request = urllib.request.Request(f"{self.base}{path}", body, given)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it, and wait for its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return status


def settings_of(url: str, **options: Any) -> Settings:
    """The settings of an application over this database."""
    options = {"address_points": PLENTY, "client_points": PLENTY} | options
    return Settings(database_url=url, **options).model_copy(
        update={} if "pepper" in options else {"pepper": PEPPER}
    )


@contextmanager
def serving(url: str, **options: Any) -> Generator[Edge]:
    """The application over a database, with these settings."""
    edge = Edge(settings_of(url, **options))
    edge.start()
    try:
        yield edge
    finally:
        edge.stop()


def eventually(happened: Callable[[], Any], seconds: float = 15) -> bool:
    """Whether it happens in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
