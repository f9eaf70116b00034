"""What caches may do with an answer: one tag for its bytes, and 304 to who has them."""

import hashlib

NEVER = (b"cache-control", b"private, no-store")
"""What is said to one caller, or is an error, or was done, is kept by nobody."""


def tag_of(body: bytes, kind: bytes = b"") -> str:
    """A strong `ETag`: other bytes have another one.

    Args:
        kind: what else tells answers at one address apart, where the same bytes can be both.
    """
    return f'"{hashlib.sha256(kind + body).hexdigest()[:32]}"'


def is_known(tag: str, line: str) -> bool:
    """Whether `If-None-Match` names the tag; compared weakly, as RFC 9110 (13.1.2) has it."""
    tags = [each.strip().removeprefix("W/") for each in line.split(",")]
    return tag.removeprefix("W/") in tags or "*" in tags


def public(seconds: int, stale: int = 0) -> str:
    """`Cache-Control` of what everybody may see and keep for so long.

    Args:
        stale: for how long after that it may still be shown while it is asked for anew (RFC 5861).
    """
    return f"public, max-age={seconds}" + (f", stale-while-revalidate={stale}" if stale else "")
