"""Tokens of another identity provider, which the tests run themselves."""

import json
import threading
import time
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from auth import issuers, registration
from auth.tables import IssuerRow
from tests.conftest import clone
from tests.oauth import Client, asks, change, register, write
from tests.serving import Edge, serving

SCOPES = ("restricted:read", "pledges:write")


class Hub:
    """An identity provider: its keys at an address, and how often they were asked for."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.keys: list[Any] = [self.key.as_dict(private=False)]
        self.asked = 0
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.asked += 1
                body = json.dumps({"keys": hub.keys}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """No longer answer."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def token(self, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token of the client `web`, some of its claims changed."""
        given = {
            "iss": self.url,
            "aud": "vinculo",
            "client_id": "web",
            "scope": "restricted:read plans:write",
            "exp": int(time.time()) + 60,
            **claims,
        }
        key = key or self.key
        algorithm = {"oct": "HS256", "RSA": "RS256", "EC": "ES256"}[key.key_type]
        head = {"alg": algorithm, "kid": "one", "typ": "at+jwt", **(header or {})}
        return jwt.encode(head, given, key, algorithms=[algorithm])


@pytest.fixture(scope="module")
def place(cluster: Any, template: str) -> Generator[tuple[Edge, str]]:
    """An application, and its database."""
    database = clone(cluster, template)
    with serving(database) as running:
        yield running, database


@pytest.fixture
def edge(place: tuple[Edge, str]) -> Edge:
    """The application."""
    return place[0]


@pytest.fixture
def database(place: tuple[Edge, str]) -> str:
    """Its database."""
    return place[1]


@pytest.fixture
def hub(database: str, edge: Edge) -> Generator[Hub]:
    """A provider whose tokens are taken."""
    running = Hub()
    row = {"issuer": running.url, "jwks_uri": f"{running.url}/jwks", "audience": "vinculo"}
    write(database, lambda s: issuers.add(s, IssuerRow(**row, algorithms=["ES256"]), edge.url))
    yield running
    running.stop()


@pytest.fixture
def client(database: str, hub: Hub) -> Client:
    """A client of that provider."""
    return register(database, scopes=SCOPES, issuer=hub.url, external_id="web")


def status(edge: Edge, token: str) -> int:
    """How a token is answered."""
    return asks(edge, f"Bearer {token}").status


def test_a_token_of_a_configured_issuer_is_taken(edge: Edge, hub: Hub, client: Client):
    """Its keys are asked for once."""
    assert [status(edge, hub.token()) for _ in range(3)] == [200, 200, 200]
    assert hub.asked == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"client_id": "other"},
        {"client_id": None},
        {"client_id": ["web"]},
        {"client_id": "\0"},
    ],
)
def test_a_token_with_another_claim_opens_nothing(
    edge: Edge, hub: Hub, client: Client, claims: dict[str, Any]
):
    """`iss` only selects an entry; the client must be registered here, too."""
    assert status(edge, hub.token(**claims)) == 401


def test_a_token_signed_by_others_opens_nothing(edge: Edge, hub: Hub, client: Client):
    """Nor one of another type, or unsigned, or with a key that came with it."""
    other = ECKey.generate_key("P-256", {"kid": "one"})
    assert status(edge, hub.token(other)) == 401
    assert status(edge, hub.token(other, {"jwk": other.as_dict(private=False)})) == 401
    assert status(edge, hub.token(header={"typ": "logout+jwt"})) == 401
    assert status(edge, hub.token().rsplit(".", 1)[0] + ".") == 401


def test_an_algorithm_that_is_not_configured_opens_nothing(edge: Edge, hub: Hub, client: Client):
    """Though it is asymmetric, and the key is the issuer's."""
    other = RSAKey.generate_key(2048, {"kid": "rsa"})
    hub.keys.append(other.as_dict(private=False))
    assert status(edge, hub.token()) == 200
    assert status(edge, hub.token(other, {"kid": "rsa"})) == 401


def test_a_suspended_client_opens_nothing(edge: Edge, database: str, hub: Hub, client: Client):
    """At once, though the provider goes on issuing tokens."""
    assert status(edge, hub.token()) == 200
    change(database, client, registration.suspend)
    assert status(edge, hub.token()) == 401


def test_made_up_keys_do_not_make_us_ask_again_and_again(edge: Edge, hub: Hub, client: Client):
    """At most every thirty seconds; a new key is known after that."""
    assert status(edge, hub.token()) == 200
    new = ECKey.generate_key("P-256", {"kid": "two"})
    hub.keys.append(new.as_dict(private=False))
    made_up = [hub.token(header={"kid": str(uuid4())}) for _ in range(5)]
    assert [status(edge, token) for token in made_up] == [401] * 5
    assert status(edge, hub.token(new, {"kid": "two"})) == 401
    assert hub.asked == 1


def test_a_new_key_is_known_after_thirty_seconds(
    edge: Edge, hub: Hub, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """Without a restart."""
    assert status(edge, hub.token()) == 200
    new = ECKey.generate_key("P-256", {"kid": "two"})
    hub.keys.append(new.as_dict(private=False))
    monkeypatch.setattr(issuers, "_AGAIN", 0)
    assert status(edge, hub.token(new, {"kid": "two"})) == 200
    assert hub.asked == 2


def test_symmetric_keys_of_a_set_are_dropped(edge: Edge, hub: Hub, client: Client):
    """Whoever published them gave them to everybody."""
    secret = OctKey.import_key("a secret that everybody knows, since it was published")
    hub.keys.append({**secret.as_dict(private=True), "kid": "secret"})
    assert status(edge, hub.token(secret, {"kid": "secret"})) == 401
    assert list(issuers.usable({"keys": hub.keys})) == ["one"]


@pytest.mark.parametrize("keys", [None, [], ["x"], [{"kty": "EC"}], [[]], {"a": 1}])
def test_a_broken_key_set_is_no_defect(edge: Edge, hub: Hub, client: Client, keys: Any):
    """Nobody gets in, and that is all."""
    hub.keys = keys
    edge.log.records.clear()
    assert status(edge, hub.token()) == 401
    assert edge.log.records == []


def test_an_issuer_that_does_not_answer_lets_nobody_in(edge: Edge, database: str):
    """And holds nobody up."""
    row = {"issuer": "https://away.example", "jwks_uri": "http://127.0.0.1:9/jwks"}
    more = {"audience": "vinculo", "algorithms": ["ES256"]}
    write(database, lambda s: issuers.add(s, IssuerRow(**row, **more), edge.url))
    register(database, issuer="https://away.example", external_id="web")
    key = ECKey.generate_key()
    claims = {"iss": row["issuer"], "aud": "vinculo", "exp": 9_999_999_999, "client_id": "web"}
    token = jwt.encode({"alg": "ES256", "kid": "x"}, claims, key)
    assert status(edge, token) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"jwks_uri": "http://hub.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"issuer": "ours"},
    ],
)
def test_an_issuer_that_would_not_be_safe_is_refused(
    edge: Edge, database: str, changes: dict[str, Any]
):
    """Symmetric algorithms, keys that anybody could change on the way, our own name."""
    good = {
        "issuer": "https://new.example",
        "jwks_uri": "https://new.example/jwks",
        "audience": "vinculo",
        "algorithms": ["ES256"],
    }
    given = {**good, **changes}
    if given["issuer"] == "ours":
        given["issuer"] = edge.url
    with pytest.raises(issuers.Refused):
        write(database, lambda s: issuers.add(s, IssuerRow(**given), edge.url))
