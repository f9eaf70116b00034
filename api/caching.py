"""What caches may do with an answer: one tag for its bytes, and 304 to who has them."""

import hashlib


def tag_of(body: bytes) -> str:
    """A strong `ETag`: other bytes have another one."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(tag: str, line: str) -> bool:
    """Whether `If-None-Match` names the tag; compared weakly, as RFC 9110 (13.1.2) has it."""
    tags = [each.strip().removeprefix("W/") for each in line.split(",")]
    return tag in tags or "*" in tags


def public(seconds: int) -> str:
    """`Cache-Control` of what everybody may see and keep for so long."""
    return f"public, max-age={seconds}"
