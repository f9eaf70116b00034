"""Clients, users and tokens for the tests of OAuth."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from api.store import Store
from auth import registration
from auth.pepper import Pepper
from auth.registration import Registration
from auth.tables import ClientRow
from seeds.records import id_of
from tests.serving import PEPPER, Edge, Response, settings_of

T = TypeVar("T")
FORM = "application/x-www-form-urlencoded"
UNHCR = id_of("actor", "unhcr")
PEPPERED = Pepper(PEPPER)


def write(url: str, work: Callable[[Session], T]) -> T:
    """What a function does in a transaction on a database, committed."""

    async def run() -> T:
        store = Store(settings_of(url))
        try:
            return await store.run(work)
        finally:
            await store.close()

    return asyncio.run(run())


@dataclass(frozen=True)
class Client:
    """A registered client."""

    id: str
    secret: str | None

    @property
    def basic(self) -> dict[str, str]:
        """The header of `client_secret_basic`."""
        pair = f"{quote(self.id, safe='')}:{quote(self.secret or '', safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def register(url: str, name: str = "Test", party: UUID = UNHCR, **more: Any) -> Client:
    """A new client of a party."""

    def work(session: Session) -> Client:
        row, secret = registration.create(session, PEPPERED, Registration(name, party, **more))
        return Client(str(row.id), secret)

    return write(url, work)


def change(url: str, client: Client, how: Callable[[Session, ClientRow], object]) -> None:
    """Do something with the row of a client."""

    def work(session: Session) -> None:
        row = session.get(ClientRow, UUID(client.id))
        assert row
        how(session, row)

    write(url, work)


def post(edge: Edge, path: str, headers: dict[str, str] | None = None, **form: str) -> Response:
    """A form."""
    body = urlencode(form).encode()
    return edge.send("POST", path, body, {"Content-Type": FORM, **(headers or {})})


def by_itself(edge: Edge, client: Client, **form: str) -> Response:
    """The answer to a request for a token of the client's own."""
    return post(edge, "/oauth/token", client.basic, grant_type="client_credentials", **form)


def token(edge: Edge, client: Client, **form: str) -> str:
    """An access token of the client's own."""
    answer = by_itself(edge, client, **form)
    assert answer.status == 200, answer.body
    return answer.json["access_token"]


def asks(edge: Edge, authorization: str, query: str = "{ __typename }") -> Response:
    """A GraphQL operation with this `Authorization`."""
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    return edge.send("POST", "/graphql", json.dumps({"query": query}).encode(), headers)
