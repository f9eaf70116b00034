"""People who sign in through an OpenID provider: it says who they are, we say who may come in.

The authorization code flow with PKCE. A login is bound to one browser: verifier and nonce follow
from the state together with the browser's cookie, so the database holds neither of them.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import orjson
from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from auth import audit, sessions, throttle, users
from auth.issuers import KeySets, fetch
from auth.jose import ALGORITHMS, LEEWAY, BadToken, read
from auth.pepper import OPENID_STATE, Pepper, new_secret
from auth.site import LOOPBACK
from auth.tables import OpenIDLoginRow, UserRow

_log = logging.getLogger("vinculo.openid")
LIFE = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_FRESH = 3_600.0
"""Seconds after which the provider's addresses are looked up again."""
_AGAIN = 2.0
"""Seconds between two attempts to look them up: a provider that is down is not run over."""
_TYPES = ("jwt", None)


class Refused(Exception):
    """Nobody is signed in; `code` is STATE, DENIED, TOKEN, UNVERIFIED, AWAY or NOT_INVITED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Provider:
    """The provider of an installation, and what we are to it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


class Login(NamedTuple):
    """What one browser takes to the provider; only that browser can come back with it."""

    state: str
    nonce: str
    verifier: str

    @staticmethod
    def of(pepper: Pepper, cookie: str, state: str) -> "Login":
        """The login of a browser with this state."""
        nonce, verifier = (
            _encoded(pepper.digest(f"openid {what} {state} {cookie}"))
            for what in ("nonce", "verifier")
        )
        return Login(state, nonce, verifier)


# What is kept here


def begin(session: Session, pepper: Pepper, cookie: str, target: str, host: str) -> Login | None:
    """A login that is about to begin, or none: there were too many from this address."""
    count = throttle.count(session, pepper, f"openid {throttle.address(host)}")
    if count > throttle.FOR_ADDRESS:
        if count == throttle.FOR_ADDRESS + 1:
            audit.record(session, audit.Event.DENIED, why="OPENID_THROTTLED")
        return None
    login = Login.of(pepper, cookie, new_secret(OPENID_STATE))
    session.execute(delete(OpenIDLoginRow).where(OpenIDLoginRow.expires_at <= func.now()))
    key = _key(pepper, cookie, login.state)
    session.add(OpenIDLoginRow(hash=key, target=target, expires_at=func.now() + LIFE))
    return login


def take(session: Session, pepper: Pepper, cookie: str, state: str) -> str | None:
    """Where the browser wanted to go; none if this browser never left with it, or came back."""
    return session.scalar(
        delete(OpenIDLoginRow)
        .where(
            OpenIDLoginRow.hash == _key(pepper, cookie, state),
            OpenIDLoginRow.expires_at > func.now(),
        )
        .returning(OpenIDLoginRow.target)
    )


def sign_in(session: Session, pepper: Pepper, email: str, before: str) -> str | None:
    """The cookie of the user with this address, who was invited and is not shut out."""
    row = users.find(session, email) if email.isascii() else None
    row = row and session.get(UserRow, row.id, with_for_update=True, populate_existing=True)
    if row is None or row.disabled_at:
        why = "OPENID_DISABLED" if row else "OPENID_NOT_INVITED"
        audit.record(session, audit.Event.DENIED, user=row and row.id, why=why)
        return None
    return sessions.begin(session, pepper, row, before, "OPENID")


def refuse(session: Session, pepper: Pepper, host: str, code: str) -> None:
    """Write down that somebody came back and was refused before it was known who it is."""
    audit.denied(session, pepper, throttle.address(host), why=f"OPENID_{code}")


def _key(pepper: Pepper, cookie: str, state: str) -> bytes:
    return pepper.digest(f"openid login {state} {cookie}")


# What the provider is asked


@dataclass(frozen=True)
class _Addresses:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    names_itself: bool


class OpenID:
    """The provider, as one server knows it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._keys = KeySets()
        self._addresses: _Addresses | None = None
        self._seen = self._tried = -_FRESH
        self._lock = asyncio.Lock()

    async def location(self, login: Login, language: str) -> str:
        """Where the browser is sent.

        Raises:
            Refused: the provider does not answer.
        """
        at = (await self._discovered()).authorization
        challenge = hashlib.sha256(login.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._provider.redirect_uri,
            "scope": "openid email",
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": _encoded(challenge),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"

    async def email(self, login: Login, given: dict[str, str]) -> str:
        """The address of who came back, which the provider has verified.

        Args:
            given: the parameters that the browser brought.
        Raises:
            Refused: saying why not.
        """
        at = await self._discovered()
        named = given.get("iss")
        if named != self._provider.issuer and (named or at.names_itself):
            raise Refused("TOKEN")  # an answer of another provider, perhaps to another's code
        if "code" not in given:
            raise Refused("DENIED")
        tokens = await self._redeemed(at, given["code"], login)
        try:
            claims = await self._claims(at, tokens.get("id_token"), login)
            if "email" not in claims and at.userinfo:
                claims = await self._user_info(at.userinfo, claims, tokens.get("access_token"))
        except BadToken as error:
            _log.warning("The answer of the OpenID provider does not hold. %s", error)
            raise Refused("TOKEN") from None
        email = claims.get("email")
        if not isinstance(email, str) or "\0" in email or claims.get("email_verified") is not True:
            raise Refused("UNVERIFIED")
        return email

    async def _discovered(self) -> _Addresses:
        async with self._lock:
            now = time.monotonic()
            if now - self._seen > _FRESH and now - self._tried > _AGAIN:
                address = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
                try:
                    self._addresses = self._read(orjson.loads(await fetch(address)))
                    self._seen = now
                except (httpx.HTTPError, ValueError, TimeoutError) as error:
                    about = str(error) if type(error) is ValueError else type(error).__name__
                    _log.warning("The OpenID provider's %s cannot be used: %s", address, about)
                self._tried = time.monotonic()
        if self._addresses is None:
            raise Refused("AWAY")
        return self._addresses

    def _read(self, found: Any) -> _Addresses:
        if not isinstance(found, dict) or found.get("issuer") != self._provider.issuer:
            raise ValueError("It is of another issuer.")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        names = (*needed, *(["userinfo_endpoint"] if found.get("userinfo_endpoint") else ()))
        for name in names:
            if not isinstance(found.get(name), str) or not is_safe(found[name]):
                raise ValueError(f"Its {name} is no https:// address.")
        names_itself = found.get("authorization_response_iss_parameter_supported") is True
        authorization, token, jwks = (str(found[name]) for name in needed)
        userinfo = found.get("userinfo_endpoint")
        return _Addresses(authorization, token, jwks, userinfo, names_itself)

    async def _redeemed(self, at: _Addresses, code: str, login: Login) -> dict[str, Any]:
        """What the token endpoint gives for a code."""
        who = f"{quote_plus(self._provider.client_id)}:{quote_plus(self._provider.client_secret)}"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._provider.redirect_uri,
            "code_verifier": login.verifier,
        }
        basic = base64.b64encode(who.encode()).decode()
        headers = {"accept": "application/json", "authorization": f"Basic {basic}"}
        try:
            answer = orjson.loads(await fetch(at.token, "POST", data=form, headers=headers))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status == 400:  # the code, not we, was refused
                raise Refused("TOKEN") from None
            _log.warning("The OpenID provider's token endpoint answered %s.", status)
            raise Refused("AWAY") from None
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            _log.warning("The OpenID provider gave no tokens: %s", type(error).__name__)
            raise Refused("AWAY") from None
        return answer if isinstance(answer, dict) else {}

    async def _claims(self, at: _Addresses, text: Any, login: Login) -> dict[str, Any]:
        """What the id_token says (OpenID Connect Core 1.0, 3.1.3.7).

        Raises:
            BadToken: it does not hold, or is for others.
        """
        token, us = read(text if isinstance(text, str) else ""), self._provider.client_id
        algorithm, kind = token.header.get("alg"), token.header.get("typ")
        if algorithm not in ALGORITHMS:
            raise BadToken("It is not signed with an asymmetric algorithm that is taken here.")
        if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
            raise BadToken("It is not an id_token.")
        token.verify(await self._keys.key(at.jwks, token), [algorithm])
        if token.claims.get("iss") != self._provider.issuer:
            raise BadToken("It is of another issuer.")
        audience, party = token.claims.get("aud"), token.claims.get("azp")
        meant = audience if isinstance(audience, list) else [audience]
        if us not in meant or party not in ((us,) if len(meant) > 1 else (us, None)):
            raise BadToken("It is for another client.")
        token.check_times(LEEWAY)
        if "iat" not in token.claims:
            raise BadToken("It does not say when it was made.")
        if not hmac.compare_digest(token.text_of("nonce").encode(), login.nonce.encode()):
            raise BadToken("It is of another login.")
        token.text_of("sub")
        return token.claims

    async def _user_info(self, address: str, claims: dict[str, Any], token: Any) -> dict[str, Any]:
        """What the provider says where its id_token has no address (5.3 and 5.4).

        Raises:
            BadToken: it is about somebody else.
        """
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            return {}
        headers = {"accept": "application/json", "authorization": f"Bearer {token}"}
        try:
            found = orjson.loads(await fetch(address, headers=headers))
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            _log.warning("The OpenID provider's userinfo failed: %s", type(error).__name__)
            raise Refused("AWAY") from None
        if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
            raise BadToken("Its userinfo is about somebody else.")
        return found


def is_safe(address: str) -> bool:
    """Whether nobody on the way can change what is there."""
    parts = urlsplit(address)
    local = parts.hostname in LOOPBACK
    plain = address.isascii() and address.isprintable() and " " not in address
    secure = parts.scheme == "https" or (parts.scheme == "http" and local)
    return plain and secure and bool(parts.hostname) and not parts.fragment


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
