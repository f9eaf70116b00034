"""Pieces of SQL that write JSON text.

An expression is a list of parts, constant JSON text (`Json`) and SQL, joined by one `concat` as
late as possible. This is the only place where anything is quoted. Constant text holds response
names, type names and punctuation alone, all of them validated names; every value a client sends is
a bind.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

_MOST_ARGUMENTS = 99  # PostgreSQL's functions take 100


class Json(str):
    """Constant JSON text, as opposed to SQL."""

    __slots__ = ()


Parts = list[str]
"""Pieces of one JSON text: `Json` constants and SQL expressions."""

NULL: Parts = [Json("null")]


def literal(text: str) -> str:
    """A constant as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def render(parts: Sequence[str]) -> str:
    """One SQL expression of type text for the whole of it; never null."""
    pieces: list[str] = []
    for constant, group in groupby(parts, lambda p: isinstance(p, Json)):
        run = list(group)
        pieces += [literal("".join(run))] if constant else run
    while len(pieces) > _MOST_ARGUMENTS:
        pieces = [
            f"concat({', '.join(pieces[i : i + _MOST_ARGUMENTS])})"
            for i in range(0, len(pieces), _MOST_ARGUMENTS)
        ]
    return f"concat({', '.join(pieces)})"


def json_object(fields: Iterable[tuple[str, Parts]]) -> Parts:
    """`{"key": …}`."""
    parts: Parts = []
    for key, value in fields:
        parts += [Json(f'{"," if parts else ""}"{key}":'), *value]
    return [Json("{"), *parts, Json("}")]


def nullable(condition: str, parts: Parts) -> Parts:
    """The parts where the SQL condition holds, else JSON null."""
    return [f"CASE WHEN {condition} THEN {render(parts)} ELSE 'null' END"]


def conjunction(conditions: Iterable[str | None]) -> str:
    """All of these; `true` where there are none."""
    return " AND ".join(c for c in conditions if c) or "true"


def indented(text: str) -> str:
    """The text, each line two spaces further in."""
    return "\n".join(f"  {line}" for line in text.splitlines())
