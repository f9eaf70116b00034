"""Signed tokens of any origin: looked at without trust, then checked with a key.

What can be read before a signature is known to be good comes from anybody, so it is measured first.
"""

import base64
import binascii
import re
import time
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "Ed25519")
"""What others may sign with; we sign with the first. None of them is symmetric."""
Key = ECKey | RSAKey | OKPKey
LEEWAY = 60
"""Seconds that the clocks of others may be wrong."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LONGEST = 8_192


class BadToken(Exception):
    """Text that is not a token, or a token that does not hold; the message says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A token as it came: nothing in it is known to be true before `verify`."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    def verify(self, key: Key, algorithms: list[str]) -> None:
        """Check the signature.

        Raises:
            BadToken: it was not made with this key.
        """
        try:
            jws.deserialize_compact(self.text, key, algorithms)
        except (JoseError, ValueError, RecursionError) as error:
            raise BadToken("Its signature does not hold.") from error

    def text_of(self, claim: str) -> str:
        """A claim that must be a text.

        Raises:
            BadToken: it is something else, or not there.
        """
        value = self.claims.get(claim)
        if not isinstance(value, str) or not value or "\0" in value:
            raise BadToken(f"Its claim `{claim}` is not a text.")
        return value

    def text_of_header(self, name: str) -> str:
        """A header that must be a text.

        Raises:
            BadToken: it is something else, or not there.
        """
        value = self.header.get(name)
        if not isinstance(value, str) or not value:
            raise BadToken(f"Its header `{name}` is not a text.")
        return value

    def text_or(self, claim: str, default: str = "") -> str:
        """A claim that may be left out; anything but a text counts as that."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else default

    def check_times(self, leeway: int, longest: int | None = None) -> int:
        """The second in which it expires.

        Args:
            leeway: seconds that the clock of its maker may be wrong.
            longest: seconds that it may have left.
        Raises:
            BadToken: it has expired, is not valid yet, or lives too long.
        """
        now, expires = time.time(), self.claims.get("exp")
        if isinstance(expires, bool) or not isinstance(expires, int | float):
            raise BadToken("It does not say when it expires.")
        if expires <= now - leeway:
            raise BadToken("It has expired.")
        if expires > now + leeway + (longest or 10**9):
            raise BadToken(f"It must expire within {longest} seconds.")
        for claim in ("nbf", "iat"):
            begins = self.claims.get(claim, 0)
            if isinstance(begins, bool) or not isinstance(begins, int | float):
                raise BadToken(f"Its claim `{claim}` is not a time.")
            if begins > now + leeway:
                raise BadToken("It is not valid yet.")
        return int(expires)


def read(text: str) -> Signed:
    """The parts of a token in compact form.

    Raises:
        BadToken: it has none, or they are no flat JSON objects.
    """
    if len(text) > _LONGEST or not _COMPACT.fullmatch(text):
        raise BadToken("It is not a signed JWT.")
    header, claims, _ = text.split(".")
    return Signed(text, _object(header), _object(claims))


def _object(segment: str) -> dict[str, Any]:
    try:
        decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        value = orjson.loads(decoded)  # which refuses what is deep, where json overflows
    except (binascii.Error, ValueError) as error:
        raise BadToken("It is not a signed JWT.") from error
    if not isinstance(value, dict):
        raise BadToken("It is not a signed JWT.")
    return value
