"""Whose contacts an answer shows: an id stands before each contact in its text.

PostgreSQL writes it there, so it is exact whatever was selected under whatever name. The sign
around it occurs nowhere else: JSON has none outside of its texts, and texts escape it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from resolvers.read.sql import Parts

Reached = dict[str, list[UUID]]
"""Whose contacts are shown: `person` and `application` → ids, each once."""
_MARK = re.compile(rb"\x01([a-z]+)_([0-9a-f-]{36})\x01")


def marked(whose: str, contact: Parts) -> Parts:
    """The JSON of a contact with whose it is before it.

    Args:
        whose: SQL of an id as clients know it.
    """
    return ["chr(1)", whose, "chr(1)", *contact]


def reached(texts: Iterable[bytes]) -> Reached:
    """Whose contacts stand in these texts."""
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    for text in texts:
        for kind, key in _MARK.findall(text):
            found[kind.decode()].add(UUID(key.decode()))
    return {kind: sorted(keys) for kind, keys in sorted(found.items())}


def unmarked(text: bytes) -> bytes:
    """The text as it may be sent, once it is written down whose contacts it shows."""
    return _MARK.sub(b"", text)
