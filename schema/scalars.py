"""Each scalar in its three forms: GraphQL, SQL, and the SQL text that makes it JSON.

The reader lets PostgreSQL write the JSON, so a value's wire form is decided here and nowhere else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NewType
from urllib.parse import urlsplit
from uuid import UUID

import strawberry
from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Date, Integer, Numeric, Text, Uuid
from sqlalchemy.types import TypeEngine
from strawberry.types.scalar import ScalarDefinition

from schema.base import namespace

Url = NewType("Url", str)
"""An absolute `http` or `https` address."""


@dataclass(frozen=True)
class Scalar:
    """One kind of value.

    Args:
        sql: the column's type.
        cast: the SQL name of that type, for binds.
        json: SQL of a value → SQL of its JSON text, null where the value is null.
        parse: the text in a cursor → the Python value of a bind; raises `ValueError`.
    """

    sql: type[TypeEngine[Any]] | TypeEngine[Any]
    cast: str
    json: Callable[[str], str]
    parse: Callable[[str], Any]


def _plain(sql: str) -> str:
    return f"({sql})::text"


def _quoted(sql: str) -> str:
    return f"""'"' || ({sql})::text || '"'"""


def _escaped(sql: str) -> str:
    return f"to_json({sql})::text"


def _instant(sql: str) -> str:
    return _quoted(f"""to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time with its offset, such as `2026-05-08T10:00:00Z`, in UTC."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC; write '{text}Z' for UTC.")
    return value.astimezone(UTC)


def _int(text: str) -> int:
    value = int(text)
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{text} is no 32-bit integer.")
    return value


def _bigint(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"{text} is no 64-bit integer.")
    return value


def _day(text: str) -> date:
    # The sort key of what has no date; asyncpg sends the last day as infinity.
    return date.max if text == "infinity" else date.fromisoformat(text)


_URL = re.compile(r"[^\s\x00-\x1f<>\"]{1,2000}")
_SCALARS: dict[Any, Scalar] = {
    str: Scalar(Text, "text", _escaped, str),
    Url: Scalar(Text, "text", _escaped, str),
    int: Scalar(Integer, "int", _plain, _int),
    bool: Scalar(Boolean, "bool", _plain, {"true": True, "false": False}.__getitem__),
    Decimal: Scalar(Numeric(18, 2), "numeric", _quoted, Decimal),
    date: Scalar(Date, "date", _quoted, _day),
    datetime: Scalar(TIMESTAMP(timezone=True), "timestamptz", _instant, parse_instant),
    UUID: Scalar(Uuid, "uuid", _quoted, UUID),
    strawberry.ID: Scalar(Text, "text", _quoted, str),  # of values that are no records
}
SEQUENCE = Scalar(BigInteger, "bigint", _plain, _bigint)
"""The number of a change."""
_ENUM = Scalar(Text, "text", _quoted, str)


def scalar_of(python_type: Any) -> Scalar:
    """The forms of a Python type. An enum is kept under its GraphQL name."""
    if isinstance(python_type, type) and issubclass(python_type, Enum):
        return _ENUM
    return _SCALARS[python_type]


def _parse_url(text: object) -> str:
    """An address that can be opened safely: `javascript:` and the like are none."""
    try:
        parts = urlsplit(str(text))
        right = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        right = False
    if isinstance(text, str) and right and _URL.fullmatch(text):
        return text
    raise ValueError("A URL is an absolute address such as 'https://example.org/page'.")


def _parse_date(text: object) -> date:
    if not isinstance(text, str):
        raise ValueError("A Date is written as text, such as '2023-04-20'.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a date; write year, month, day: 2023-04-20.") from None


def _parse_decimal(text: object) -> Decimal:
    if not isinstance(text, str):
        raise ValueError("A Decimal is written as text, such as '1500000.00'.")
    if not re.fullmatch(r"-?[0-9]{1,16}([.][0-9]{1,2})?", text):
        raise ValueError(
            f"'{text}' is not an amount; write it with at most 16 digits before the point and two "
            "after it: 1500000.00."
        )
    return Decimal(text)


def _parse_datetime(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("A DateTime is written as text, such as '2026-05-08T10:00:00Z'.")
    try:
        return parse_instant(text)
    except ValueError:
        raise ValueError(
            f"'{text}' is not a time with an offset; write it like 2026-05-08T10:00:00Z."
        ) from None
    except OverflowError:
        raise ValueError(f"'{text}' is too early or too late.") from None


SCALARS: dict[object, ScalarDefinition] = {
    Url: strawberry.scalar(
        name="URL",
        description="An absolute `http` or `https` address.",
        specified_by_url="https://url.spec.whatwg.org/",
        parse_value=_parse_url,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A decimal number as text, with two decimals: `1500000.00`.",
        serialize=str,
        parse_value=_parse_decimal,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day, as in ISO 8601: `2023-04-20`.",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, as in RFC 3339: `2026-05-08T10:00:00.000000Z`.",
        serialize=datetime.isoformat,
        parse_value=_parse_datetime,
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
    ),
}
"""GraphQL's side of the scalars that are not GraphQL's own."""

namespace |= {"Url": Url, "date": date, "datetime": datetime, "Decimal": Decimal, "UUID": UUID}
namespace |= {"str": str, "int": int, "bool": bool, "list": list, "ID": strawberry.ID}
