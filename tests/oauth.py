"""Clients, users and tokens for the tests of OAuth."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from api.store import Store
from auth import consent, registration, users
from auth.pepper import Pepper
from auth.registration import Registration
from auth.site import Site
from auth.tables import ClientRow, UserRow
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


def register(
    url: str, name: str = "Test", party: UUID = UNHCR, pepper: Pepper = PEPPERED, **more: Any
) -> Client:
    """A new client of a party."""

    def work(session: Session) -> Client:
        row, secret = registration.create(session, pepper, Registration(name, party, **more))
        return Client(str(row.id), secret)

    return write(url, work)


def change(url: str, client: Client, how: Callable[[Session, ClientRow], object]) -> None:
    """Do something with the row of a client."""

    def work(session: Session) -> None:
        row = session.get(ClientRow, UUID(client.id))
        assert row
        how(session, row)

    write(url, work)


def post(edge: Edge, path: str, headers: Any = None, **form: str) -> Response:
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


def parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token."""
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2]
    )
    return header, claims


def asks(
    edge: Edge,
    authorization: str,
    query: str = "{ __typename }",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """A GraphQL operation with this `Authorization`; `more` are other parameters of the body."""
    lines = {"Content-Type": "application/json", "Authorization": authorization, **(headers or {})}
    return edge.send("POST", "/graphql", json.dumps({"query": query, **more}).encode(), lines)


CALLBACK = "https://app.example/callback"
VERIFIER = "a-verifier-that-has-at-least-forty-three-signs-in-it"


def challenge(verifier: str) -> str:
    """The challenge of S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def invite(url: str, scopes: tuple[str, ...], party: UUID = UNHCR, name: str = "Ana") -> UUID:
    """A user with a role for a party."""

    def work(session: Session) -> UUID:
        row, _ = users.invite(session, PEPPERED, f"{name.lower()}.{uuid4().hex}@example.org", name)
        users.give_role(session, row, party, scopes)
        return row.id

    return write(url, work)


def request_of(client: Client, **more: str | None) -> dict[str, str]:
    """The parameters of a good authorization request, some of them changed or left out."""
    given = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": CALLBACK,
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        "state": "xyz",
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def authorize(edge: Edge, parameters: dict[str, str]) -> Response:
    """The answer to a browser that comes from a client."""
    return edge.send("GET", f"/oauth/authorize?{urlencode(parameters)}")


def consented(
    edge: Edge, url: str, parameters: dict[str, str], user: UUID, party: UUID = UNHCR
) -> dict[str, str]:
    """What the client gets back when the user consents to everything."""

    def work(session: Session) -> str:
        site = Site(edge.url, PEPPERED)
        asked = consent.validate(session, site, parameters)
        assert isinstance(asked, consent.Asked)
        row = session.get_one(UserRow, user)
        return consent.approve(session, site, asked, row, party, asked.scopes)

    return answered(write(url, work))


def answered(location: str) -> dict[str, str]:
    """The parameters in an address that a user is sent back to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def redeem(edge: Edge, client: Client, code: str, **more: str) -> Response:
    """The answer to a request for the tokens of a code."""
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **more}
    return post(edge, "/oauth/token", client.basic, grant_type="authorization_code", **form)


def refresh(edge: Edge, client: Client, refresh_token: str, **more: str) -> Response:
    """The answer to a request for the next tokens."""
    form = {"refresh_token": refresh_token, **more}
    return post(edge, "/oauth/token", client.basic, grant_type="refresh_token", **form)
