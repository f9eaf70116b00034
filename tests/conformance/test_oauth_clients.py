"""OAuth clients of others complete every flow: two of npm, authlib's and requests-oauthlib's."""

import json
import threading
import warnings
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # pyright: ignore
from joserfc.jwk import ECKey
from oauthlib.oauth2 import BackendApplicationClient  # pyright: ignore
from requests_oauthlib import OAuth2Session  # pyright: ignore

from api.cluster import Cluster
from auth import consent
from auth.site import Site
from auth.tables import UserRow
from tests.conformance.conftest import Node
from tests.conftest import clone
from tests.oauth import CALLBACK, PEPPERED, UNHCR, Client, invite, register, write
from tests.serving import Edge, serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # authlib would like a newer httpx, and goes on with this one
    from authlib.integrations.httpx_client import OAuth2Client  # pyright: ignore

SCOPES = ("pledges:write", "restricted:read")
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """A database with clients and users."""
    return clone(cluster, template)


@pytest.fixture(scope="module")
def server(database: str) -> Generator[Edge]:
    """The application over it."""
    with serving(database) as running:
        yield running


@pytest.fixture(scope="module")
def key() -> ECKey:
    """What one of the clients signs with."""
    return ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture(scope="module")
def clients(database: str, key: ECKey) -> dict[str, Client]:
    """A client for each way to prove oneself."""
    public = {"keys": [key.as_dict(private=False)]}
    ways: dict[str, dict[str, Any]] = {
        "private_key_jwt": {"jwks": public},
        "none": {"public": True},
    }
    both: dict[str, Any] = {"scopes": SCOPES, "redirect_uris": (CALLBACK,)}
    return {way: register(database, name=way, **both, **ways.get(way, {})) for way in METHODS}


@pytest.fixture(scope="module")
def user(database: str) -> UUID:
    """Who consents to everything."""
    return invite(database, SCOPES)


class Browser:
    """A browser in which a user has signed in and consents to whatever is asked."""

    def __init__(self, edge: Edge, database: str, user: UUID) -> None:
        self._edge, self._database, self._user = edge, database, user

    def visit(self, address: str) -> str:
        """Where the user ends up."""
        shown = httpx.get(address)
        assert shown.status_code == 303, shown.text
        if not shown.headers["location"].startswith("/login?"):
            return shown.headers["location"]
        parameters = dict(parse_qsl(urlsplit(address).query))
        site = Site(self._edge.url, PEPPERED)

        def work(session: Any) -> str:
            asked = consent.validate(session, site, parameters)
            assert isinstance(asked, consent.Asked)
            person = session.get_one(UserRow, self._user)
            return consent.approve(session, site, asked, person, UNHCR, asked.scopes)

        return write(self._database, work)


@pytest.fixture(scope="module")
def browser(server: Edge, database: str, user: UUID) -> Browser:
    """A browser for clients in this process."""
    return Browser(server, database, user)


@pytest.fixture(scope="module")
def window(browser: Browser) -> Generator[str]:
    """The address of that browser, for clients that are not in this process."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = self.rfile.read(int(self.headers["content-length"])).decode()
            body = browser.visit(address).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/"
    listening.shutdown()
    thread.join()
    listening.server_close()


def described(clients: dict[str, Client], key: ECKey) -> str:
    """The clients, for a script."""
    jwk = key.as_dict(private=True)
    return json.dumps(
        [
            {"id": each.id, "secret": each.secret, "method": way, "callback": CALLBACK, "jwk": jwk}
            for way, each in clients.items()
        ]
    )


def flows(way: str) -> list[str]:
    """What a client that proves itself so can do."""
    alone = ["client_credentials", "introspection"] if way != "none" else []
    every = [*alone, "authorization_code, refresh_token, revocation"]
    return [f"{way}: {flow}" for flow in every]


def test_oauth4webapi(
    node: Node, server: Edge, window: str, clients: dict[str, Client], key: ECKey
):
    """It reads every answer by the letter, and the access tokens, too (RFC 9068)."""
    done = json.loads(node("oauth4webapi.mjs", server.url, window, described(clients, key)))
    expected = [flow for way in METHODS for flow in flows(way)]
    assert done == ["discovery", "resource metadata", *expected]


def test_openid_client(
    node: Node, server: Edge, window: str, clients: dict[str, Client], key: ECKey
):
    """What most Node applications use."""
    done = json.loads(node("openid-client.mjs", server.url, window, described(clients, key)))
    assert done == [flow for way in METHODS for flow in flows(way)]


def status(server: Edge, token: str) -> int:
    """How the API answers to a token."""
    headers = {"authorization": f"Bearer {token}"}
    return httpx.post(
        f"{server.url}/graphql", json={"query": "{ __typename }"}, headers=headers
    ).status_code


@pytest.fixture(autouse=True)
def insecure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's clients want to be told that http will do on this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def authlib(server: Edge, client: Client, way: str, key: ECKey) -> Any:
    """authlib's client on httpx."""
    made: Any = OAuth2Client(
        client.id,
        key if way == "private_key_jwt" else client.secret,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=way,
        scope="pledges:write",
        revocation_endpoint_auth_method=way,
    )
    if way == "private_key_jwt":
        made.register_client_auth_method(PrivateKeyJWT(f"{server.url}/oauth/token", alg="ES256"))
    return made


@pytest.mark.parametrize("way", METHODS)
def test_authlib(server: Edge, browser: Browser, clients: dict[str, Client], key: ECKey, way: str):
    """Signing for an hour, as it does unless told otherwise."""
    with authlib(server, clients[way], way, key) as client:
        if way != "none":
            own = client.fetch_token(f"{server.url}/oauth/token", grant_type="client_credentials")
            assert status(server, own["access_token"]) == 200
            told = client.introspect_token(f"{server.url}/oauth/introspect", own["access_token"])
            assert told.json()["active"] is True
        verifier = "v" * 64
        address, state = client.create_authorization_url(
            f"{server.url}/oauth/authorize", code_verifier=verifier
        )
        first = client.fetch_token(
            f"{server.url}/oauth/token",
            authorization_response=browser.visit(address),
            code_verifier=verifier,
            state=state,
        )
        second = client.refresh_token(f"{server.url}/oauth/token", first["refresh_token"])
        assert status(server, second["access_token"]) == 200
        done = client.revoke_token(f"{server.url}/oauth/revoke", second["refresh_token"])
        assert done.status_code == 200
        assert status(server, second["access_token"]) == 401


BY_SECRET = ("client_secret_basic", "client_secret_post")


@pytest.mark.parametrize("way", [*BY_SECRET, "none"])
def test_requests_oauthlib(server: Edge, browser: Browser, clients: dict[str, Client], way: str):
    """The client that most Python programs use; it knows neither `private_key_jwt` nor RFC 7662."""
    client, at = clients[way], f"{server.url}/oauth/token"
    proof = proof_of(client, way)
    if way != "none":
        own: Any = OAuth2Session(client=BackendApplicationClient(client_id=client.id))
        named = {"client_id": client.id} if way == "client_secret_basic" else {}
        token = own.fetch_token(token_url=at, **proof, **named)
        assert status(server, token["access_token"]) == 200

    session: Any = OAuth2Session(
        client.id, redirect_uri=CALLBACK, scope=["pledges:write"], pkce="S256"
    )
    address, _ = session.authorization_url(f"{server.url}/oauth/authorize")
    session.fetch_token(at, authorization_response=browser.visit(address), **proof)
    given: dict[str, Any] = (
        {"auth": (client.id, client.secret)}
        if way == "client_secret_basic"
        else {"client_id": client.id, "client_secret": client.secret}
    )
    second = session.refresh_token(at, **{name: value for name, value in given.items() if value})
    assert status(server, second["access_token"]) == 200
    form = {"token": second["access_token"]}
    if way != "client_secret_basic":
        form |= {name: value for name, value in given.items() if value}
    auth = given.get("auth")
    done = httpx.post(f"{server.url}/oauth/revoke", data=form, auth=auth)
    assert done.status_code == 200
    assert status(server, second["access_token"]) == 401


def proof_of(client: Client, way: str) -> dict[str, Any]:
    """How requests-oauthlib is told to prove itself."""
    if way == "client_secret_basic":
        return {"client_secret": client.secret}
    return {"client_secret": client.secret, "include_client_id": True}
