"""Whose contacts an answer shows: the person's id stands before each contact in its text.

PostgreSQL writes it there, so it is exact whatever was selected under whatever name. The sign
around it occurs nowhere else: JSON has none outside of its texts, and texts escape it.
"""

import re
from collections.abc import Iterable
from uuid import UUID

from resolvers.read.sql import Parts

_PERSON = re.compile(rb"\x01([0-9a-f-]{36})\x01")


def marked(alias: str, contact: Parts) -> Parts:
    """The JSON of a contact with whose it is before it."""
    return ["chr(1)", f"{alias}.id", "chr(1)", *contact]


def persons(texts: Iterable[bytes]) -> list[UUID]:
    """Whose contacts stand in these texts, each person once."""
    found = {key for text in texts for key in _PERSON.findall(text)}
    return sorted(UUID(key.decode()) for key in found)


def unmarked(text: bytes) -> bytes:
    """The text as it may be sent, once it is written down whose contacts it shows."""
    return _PERSON.sub(b"", text)
