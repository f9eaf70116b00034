"""Cursors: the sort key of the row a cursor points at.

Naming the row's place in the order rather than its position keeps a page right while other rows are
inserted and deleted, the row itself included. A cursor also carries a fingerprint of the noun,
order and filter it was made for.

Source: GraphQL Cursor Connections Specification; the form is ours and opaque to clients.
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from schema.errors import InvalidCursor
from schema.scalars import Scalar

_FINGERPRINT = 12
_LONGEST = 2048


def fingerprint(made_for: Any) -> str:
    """A short digest of an order and a filter; equal ones have equal digests."""
    text = json.dumps(_canonical(made_for), sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=6).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _canonical(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return getattr(value, "name", value)


def encode_sql(mark: str, keys: list[str]) -> str:
    """SQL of the JSON text of a cursor; null where a key is null. `mark` is the fingerprint."""
    values = " || ',' || ".join(f"to_json(({key})::text)::text" for key in keys)
    packed = f"encode(convert_to({mark} || '[' || {values} || ']', 'UTF8'), 'base64')"
    return f"""'"' || translate({packed}, E'+/=\\n', '-_') || '"'"""


def encode(keys: list[Any], mark: str) -> str:
    """The same in Python, of values that are there."""
    packed = (mark + json.dumps([str(key) for key in keys], separators=(",", ":"))).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(cursor: str, keys: list[Scalar], mark: str) -> list[Any]:
    """The sort key of the row a cursor points at, one value per order column, the id last.

    Raises:
        InvalidCursor: it was not made by this API, or was made for another list, order or filter.
    """
    made_for, values = _unpack(cursor)
    if made_for != mark or len(values) != len(keys):
        raise InvalidCursor(
            "This cursor was made for another list, order or filter. Use a cursor from a page of "
            "the same list, or start from the front without one."
        )
    try:
        return [key.parse(value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, KeyError, ArithmeticError):
        raise _unknown() from None


def _unpack(cursor: str) -> tuple[str, list[str]]:
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, b"-_", validate=True).decode()
        values = json.loads(text[_FINGERPRINT:])
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise ValueError
        if any("\0" in v for v in values):
            raise ValueError
        json.dumps(values).encode()
        "".join(values).encode()
        return text[:_FINGERPRINT], values
    except (ValueError, binascii.Error, RecursionError):
        raise _unknown() from None


def _unknown() -> InvalidCursor:
    return InvalidCursor(
        "This is not a cursor of this API. Use `startCursor`, `endCursor` or `cursor` as they were "
        "handed out."
    )
