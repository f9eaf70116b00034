"""An OpenID provider that the tests run themselves: it signs one person in, as real ones do."""

import base64
import http.client
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.oauth import challenge

CLIENT, SECRET = "vinculo at the hub", "s3cret: with % and + signs"


class Provider(ThreadingHTTPServer):
    """Who signs in is `person`; the rest is for tests to change what is answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._first = ECKey.generate_key("P-256", {"kid": "one"})
        self.reset()

    def reset(self) -> None:
        """Answer as at first, whatever a test changed."""
        self.key: Any = self._first
        self.keys: list[Any] = [self.key.as_dict(private=False)]
        self.person: dict[str, Any] = {"sub": "1", "email": "", "email_verified": True}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.token_status = 200
        self.tokens: dict[str, Any] | None = None
        self.through = ""
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.given: list[str] = []

    def known(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            **({"userinfo_endpoint": f"{self.url}/userinfo"} if self.userinfo else {}),
            "authorization_response_iss_parameter_supported": True,
            **self.discovery,
        }

    def answer(self, asked: dict[str, str]) -> str:
        """Where a browser is sent back to, with a new code."""
        code = str(uuid4())
        self.codes[code] = asked
        self.given.append(code)
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def visited(self, address: str) -> str:
        """What a browser is answered at the address that it was sent to: a location."""
        at = urlsplit(address)
        connection = http.client.HTTPConnection(at.netloc, timeout=10)
        connection.request("GET", f"{at.path}?{at.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.getheader("location") or ""

    def redeemed(self, header: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Tokens for a code, which is good once, for its verifier and its redirect URI."""
        pair = base64.b64decode(header.removeprefix("Basic ")).decode()
        if tuple(map(unquote_plus, pair.split(":"))) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        if (
            asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != challenge(form["code_verifier"])
            or asked["code_challenge_method"] != "S256"
        ):
            return 400, {"error": "invalid_grant"}
        tokens = {"access_token": "opaque", "token_type": "Bearer", "id_token": self.token(asked)}
        self.given.append(tokens["id_token"])
        return self.token_status, tokens if self.tokens is None else self.tokens

    def token(self, asked: dict[str, str]) -> str:
        """The id_token for a request; claims that are `None` are left out."""
        now = int(time.time())
        given = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"],
            **(self.person if self.userinfo is None else {"sub": self.person["sub"]}),
            **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in given.items() if value is not None}
        algorithm = "HS256" if isinstance(self.key, OctKey) else "ES256"
        header = {"alg": algorithm, "kid": "one", **self.header}
        if header["alg"] == "none":
            parts = (json.dumps(each).encode() for each in (header, claims))
            encoded = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts]
            return ".".join([*encoded, "AAAA"])
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider, at = self.server, urlsplit(self.path)
        assert isinstance(provider, Provider)
        provider.asked.append(at.path)
        match at.path:
            case "/.well-known/openid-configuration":
                self._say(200, provider.known())
            case "/jwks":
                self._say(200, {"keys": provider.keys})
            case "/userinfo":
                right = self.headers["authorization"] == "Bearer opaque"
                self._say(200 if right else 401, provider.userinfo)
            case "/authorize" if provider.through:
                self._lead(f"{provider.through}/authorize/through?{at.query}")
            case "/authorize" | "/authorize/through":
                self._lead(provider.answer(dict(parse_qsl(at.query))))
            case "/stay":  # a browser stays where it was
                self.send_response(204)
                self.end_headers()
            case _:
                self._say(404, None)

    def do_POST(self) -> None:
        assert isinstance(self.server, Provider)
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        header = self.headers["authorization"]
        self._say(*self.server.redeemed(header, dict(parse_qsl(body))))

    def _lead(self, location: str) -> None:
        self.send_response(302)
        self.send_header("location", location)
        self.send_header("content-length", "0")
        self.end_headers()

    def _say(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def providing() -> Generator[Provider]:
    """A provider for as long as the block lasts."""
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


def settings(provider: Provider) -> dict[str, str]:
    """What an application is set to that trusts it."""
    return {
        "openid_issuer": provider.url,
        "openid_client_id": CLIENT,
        "openid_client_secret": SECRET,
        "openid_name": "Hub",
    }
