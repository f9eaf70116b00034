"""Access tokens of other issuers, such as the UN hub's own identity provider.

An issuer is configured, never discovered: the claim `iss` only selects an entry. Its clients are
registered here, with a party and a ceiling; whatever a token says, it opens no more than that.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import audit
from auth.jose import ALGORITHMS, LEEWAY, BadToken, Key, Signed
from auth.principal import Principal
from auth.site import LOOPBACK
from auth.tables import IssuerRow
from auth.tokens import REACH, REACHED, Fetch, principal

_log = logging.getLogger("vinculo.issuers")
_TYPES = ("at+jwt", "application/at+jwt", "jwt", None)
_AGAIN = 30.0
"""Seconds between two looks at the keys of an issuer: unknown keys can be made up at no cost."""
_FRESH = 3_600.0
"""Seconds after which keys are looked at again, so that those withdrawn are dropped."""
_SECONDS = 5.0
_LONGEST = 262_144
_HELD = f"""
WITH RECURSIVE entry AS (
    SELECT i.*, c.id AS client_id, c.party_id, c.scopes
    FROM issuer i
    LEFT JOIN oauth_client c ON c.issuer = i.issuer AND c.suspended_at IS NULL
        AND c.external_id = $2::text::jsonb ->> i.client_claim
    WHERE i.issuer = $1::text
), held AS (SELECT party_id FROM entry), {REACH}
SELECT (SELECT row_to_json(entry)::text FROM entry),
    {REACHED}
"""


class Refused(ValueError):
    """An issuer that cannot be configured so; the message says why."""


@dataclass
class _Known:
    """The keys of one address, as they were last seen."""

    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    seen: float = -_FRESH
    tried: float = -_FRESH
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeySets:
    """The keys that others publish, looked at now and then; one for each server."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    async def key(self, address: str, token: Signed) -> Key:
        """The key that the token names; its issuer is asked for it if it is new.

        Raises:
            BadToken: it is none of the keys at the address.
        """
        kid = token.text_of_header("kid")
        known = self._known.setdefault(address, _Known())
        if kid not in known.keys or time.monotonic() - known.seen > _FRESH:
            async with known.lock:
                await self._refresh(known, address, kid)
        if kid not in known.keys:
            raise BadToken("Its key is not one of its issuer's.")
        return known.keys[kid]

    async def _refresh(self, known: _Known, address: str, kid: str) -> None:
        now = time.monotonic()
        if now - known.tried < _AGAIN or (kid in known.keys and now - known.seen <= _FRESH):
            return
        known.tried = now
        try:
            known.keys = usable(orjson.loads(await fetch(address)))
            known.seen = now
        except (httpx.HTTPError, ValueError, RecursionError, TimeoutError) as error:
            _log.warning("The keys at %s could not be read: %s", address, type(error).__name__)


class Issuers:
    """Who may speak for callers beside ourselves; one for each server."""

    def __init__(self, ask: Fetch) -> None:
        self._ask = ask
        self._keys = KeySets()

    async def authenticate(self, token: Signed) -> Principal:
        """Who comes with a token of another issuer.

        Raises:
            BadToken: the issuer, its key or the client are not known here, or it does not hold.
        """
        texts = {k: v for k, v in token.claims.items() if isinstance(v, str) and "\0" not in v}
        values = (token.text_of("iss"), orjson.dumps(texts).decode())
        [[found, reach]] = await self._ask(_HELD, values)
        if found is None:
            raise BadToken("Its issuer is not known here.")
        entry = orjson.loads(found)
        self._check(entry, token)
        token.verify(await self._keys.key(entry["jwks_uri"], token), [token.header["alg"]])
        if entry["client_id"] is None:
            raise BadToken("Its client is not registered here, or is suspended.")
        scopes = _scopes(token.claims.get(entry["scope_claim"])) & set(entry["scopes"])
        held = {**entry, "user_id": None, "id": None}
        return principal(held, scopes, orjson.loads(reach))

    def _check(self, entry: dict[str, Any], token: Signed) -> None:
        kind, audience = token.header.get("typ"), token.claims.get("aud")
        if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
            raise BadToken("It is not an access token.")
        if token.header.get("alg") not in entry["algorithms"]:
            raise BadToken("Its algorithm is not taken from this issuer.")
        meant = audience if isinstance(audience, list) else [audience]
        if entry["audience"] not in meant:
            raise BadToken(f"It is not for {entry['audience']}.")
        token.check_times(LEEWAY)


async def fetch(address: str, method: str = "GET", **how: Any) -> bytes:
    """What others answer; no redirects, no more than a key set has.

    Raises:
        httpx.HTTPError: it is a refusal, or nothing.
        ValueError: it is too long.
        TimeoutError: it does not end.
    """
    how.setdefault("headers", {"accept": "application/json"})
    async with (
        httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client,
        asyncio.timeout(2 * _SECONDS),
        client.stream(method, address, **how) as answer,
    ):
        answer.raise_for_status()
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > _LONGEST:
                raise ValueError("The answer is too long.")
        return body


def usable(document: Any) -> dict[str, Key]:
    """The keys of a set by name: public ones that sign; symmetric ones are dropped."""
    found: dict[str, Key] = {}
    items = document.get("keys", []) if isinstance(document, dict) else []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict) or item.get("use", "sig") != "sig" or "d" in item:
            continue
        try:
            key = import_key(item)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        kid = item.get("kid")
        if isinstance(key, Key) and isinstance(kid, str):
            found[kid] = key
    return found


def _scopes(claim: Any) -> frozenset[str]:
    """The scopes in a claim: a text or a list of texts."""
    if isinstance(claim, str):
        return frozenset(claim.split())
    items = claim if isinstance(claim, list) else []
    return frozenset(item for item in items if isinstance(item, str))


def add(session: Session, row: IssuerRow, ours: str | None) -> None:
    """Take the tokens of an issuer.

    Args:
        ours: our own name as an issuer, which nobody else can have.
    Raises:
        Refused: saying why.
    """
    if row.issuer == ours or session.get(IssuerRow, row.issuer):
        raise Refused(f"Tokens of {row.issuer} are taken already.")
    wrong = sorted(set(row.algorithms) - set(ALGORITHMS))
    if wrong or not row.algorithms:
        raise Refused(f"Algorithms are {', '.join(ALGORITHMS)}: symmetric ones are never taken.")
    parts = urlsplit(row.jwks_uri)
    local = parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise Refused("The address of the keys begins with https://.")
    session.add(row)
    audit.record(session, audit.Event.ISSUER_ADDED, issuer=row.issuer, jwks_uri=row.jwks_uri)


def remove(session: Session, issuer: str) -> None:
    """Take them no longer; the clients that came with them are forgotten.

    Raises:
        Refused: they never were.
    """
    row = session.get(IssuerRow, issuer)
    if row is None:
        raise Refused(f"Tokens of {issuer} are not taken here.")
    session.delete(row)
    audit.record(session, audit.Event.ISSUER_REMOVED, issuer=issuer)


def everyone(session: Session) -> list[IssuerRow]:
    """The issuers whose tokens are taken."""
    return list(session.scalars(select(IssuerRow).order_by(IssuerRow.issuer)))
