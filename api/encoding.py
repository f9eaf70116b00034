"""Answers made smaller on their way: zstd (RFC 8878) and gzip, as `Accept-Encoding` weighs them.

Only what everybody may read is compressed. The length of a compressed answer tells how much of it
repeats itself; where a secret lay beside words of somebody else, such as the applications that an
officer reads, who counts bytes on the line could guess at the secret (BREACH).
"""

import asyncio
import gzip
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from api.errors import BadRequest
from api.negotiation import LONGEST, weighed

LEAST = 1_400
"""Bytes that fit into one packet arrive no sooner when they are fewer."""
_AT_ONCE = 32_768
"""Larger ones are compressed in a thread: these take half a millisecond at most."""


def _zstandard() -> Any:
    try:
        return import_module(
            "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        )
    except ImportError:  # a Python that was built without the library
        return None


@dataclass(frozen=True, slots=True)
class Coding:
    """A content coding."""

    name: str
    compress: Callable[[bytes], bytes]

    def tag(self, plain: str) -> str:
        """The `ETag` of what has this one before it is compressed.

        Weak, since another release of the compressor may write other bytes for the same text.
        """
        return f'W/{plain[:-1]}-{self.name}"'

    async def apply(self, body: bytes) -> bytes:
        """The body in this coding; others are answered meanwhile."""
        if len(body) <= _AT_ONCE:
            return self.compress(body)
        return await asyncio.to_thread(self.compress, body)


_zstd = _zstandard()
_GZIP = Coding("gzip", lambda body: gzip.compress(body, 4, mtime=0))
_CODINGS = [Coding("zstd", lambda body: _zstd.compress(body, 3)), _GZIP] if _zstd else [_GZIP]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client takes: a coding, plain bytes, or either."""

    coding: Coding | None
    plain: bool

    def of(self, size: int) -> Coding | None:
        """The coding for a body of so many bytes."""
        return self.coding if size >= LEAST or not self.plain else None


PLAIN = Choice(None, True)


def choice(line: bytes | None, *, secret: bool = False) -> Choice:
    """What to send to a client with this line for `Accept-Encoding`.

    Args:
        secret: whether the answer is not for everybody.

    Raises:
        BadRequest: it takes nothing that can be sent.
    """
    if line is None:
        return PLAIN
    found = _choice(line[:LONGEST])
    if secret and found.plain:
        return PLAIN
    if secret or not (found.plain or found.coding):
        names = "identity" if secret else ", ".join([*(c.name for c in _CODINGS), "identity"])
        raise BadRequest(f"Nothing in Accept-Encoding is sent here; use {names}.", 406)
    return found


@lru_cache(maxsize=512)
def _choice(line: bytes) -> Choice:
    weights = {name.removeprefix("x-"): weight for name, weight in weighed(line)}
    others = weights.get("*", 0.0)
    plain = weights.get("identity", weights.get("*", 1.0)) > 0
    least = weights.get("identity", 0.0)
    named = [(weights[c.name], c) for c in _CODINGS if c.name in weights]
    # Whoever takes anything is likeliest to know the older one.
    named += [(others, c) for c in reversed(_CODINGS) if c.name not in weights]
    weight, best = max(named, key=lambda each: each[0])
    return Choice(best if weight and weight >= least else None, plain)
