"""How answers of `/graphql` leave: who may keep them, as which bytes, and when they need not."""

from collections.abc import Sequence
from typing import NamedTuple

from api.caching import NEVER, is_known, public, tag_of
from api.encoding import Choice
from api.negotiation import Reply
from api.quotas import Account

Headers = Sequence[tuple[bytes, bytes]]
Answered = tuple[int, Headers, bytes]
"""Status, header lines and body."""
_SHARED = (b"cache-control", public(60, stale=300).encode())
"""What is asked by GET without a token is the same for everybody, and may be a minute old."""


class Told(NamedTuple):
    """The JSON text of an answer.

    Args:
        same: whether anybody who asks the same would get the same.
        headers: that belong to what was asked.
    """

    body: bytes
    same: bool
    headers: Headers


def unshared(how: Reply, account: Account, told: Told) -> Answered:
    """An answer for this caller."""
    return 200, [*how.headers, *account.headers(), NEVER, *told.headers], told.body


def shared(
    how: Reply, account: Account, told: Told, encoding: Choice, known: bytes | None
) -> Answered:
    """An answer that caches may keep, or 304 to who has it.

    It says nothing of who asked for it first: what is left of their points is not in it.
    """
    tag, coding = tag_of(told.body, how.kind), encoding.of(len(told.body))
    if coding:
        tag = coding.tag(tag)
    lines = [*how.headers, account.policy, _SHARED, (b"etag", tag.encode()), *told.headers]
    if known is not None and is_known(tag, known.decode("latin-1")):
        return 304, [each for each in lines if each[0] != b"content-type"], b""
    return 200, lines, told.body


async def encoded(answer: Answered, encoding: Choice) -> Answered:
    """The answer as the client takes it."""
    status, lines, body = answer
    coding = encoding.of(len(body))
    if coding is None or status == 304:
        return answer
    return status, [*lines, (b"content-encoding", coding.name.encode())], await coding.apply(body)
