"""How who uses something deprecated is told: beside the data, and in header fields.

`extensions.deprecations` is for developers who look at an answer; `Deprecation` (RFC 9745) and
`Sunset` (RFC 8594) are for gateways and monitors that look at no body. They have the earliest day
of all that is used.
"""

from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

import orjson

from resolvers.deprecations import Deprecation


class Warned(NamedTuple):
    """What to add to an answer: the JSON of `extensions.deprecations`, and header lines."""

    json: bytes
    headers: list[tuple[bytes, bytes]]


@lru_cache(maxsize=256)
def warned(used: tuple[Deprecation, ...]) -> Warned:
    """What to tell who uses these."""
    items = [
        {"coordinate": each.coordinate, "reason": each.reason, "since": each.since,
         "until": each.until}
        for each in used
    ]  # fmt: skip
    headers: list[tuple[bytes, bytes]] = []
    if since := [each.since for each in used if each.since]:
        headers.append((b"deprecation", b"@%d" % _begin(min(since)).timestamp()))
    if until := [each.until for each in used if each.until]:
        headers.append((b"sunset", format_datetime(_begin(min(until)), usegmt=True).encode()))
    return Warned(orjson.dumps(items), headers)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
