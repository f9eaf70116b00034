"""A page of a list: its order, its keyset conditions and its place in the whole.

The rows of a page come from a subquery that numbers them in the order of the scan; asking for one
row more than the page holds tells whether there is a next one. A page from the back scans
backwards.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from resolvers.read import cursor
from resolvers.read.binds import Binds
from resolvers.read.sql import Parts, conjunction, indented
from schema.base import Entity, Interface
from schema.errors import BadUserInput
from schema.language import Language
from schema.paging import DEFAULT_PAGE, LARGEST_PAGE
from schema.scalars import Scalar, scalar_of
from schema.tables import order_column


@dataclass(frozen=True)
class Key:
    """One column that a list is ordered by."""

    sql: str
    scalar: Scalar
    name: str


def size_of(arguments: dict[str, Any]) -> int:
    """How many records a page may hold.

    Raises:
        BadUserInput: `first` and `last` together, negative or too many.
    """
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise BadUserInput("`first` and `last` were both given. Use one of them.")
    size: Any = DEFAULT_PAGE
    if first is not None or last is not None:
        size = last if first is None else first
    if not 0 <= size <= LARGEST_PAGE:
        name = "last" if first is None else "first"
        raise BadUserInput(
            f"`{name}` is {size}. It goes from 0 to {LARGEST_PAGE}; use `after` or `before` with a "
            "cursor for the pages that follow."
        )
    return size


def order_keys(noun: Entity, name: str, alias: str, language: Language) -> list[Key]:
    """The columns of an order of a noun, the id last."""
    by = noun.orders[name.removesuffix("_DESC")]
    column = order_column(noun, by, language)
    keys = [Key(f"{alias}.id", scalar_of_column(noun, "id"), "id")]
    if column == "id":
        return keys
    return [Key(f"{alias}.{column}", scalar_of_column(noun, column), column), *keys]


def name_keys(alias: str, language: Language) -> list[Key]:
    """The columns that records of several nouns are ordered by: the name, then the id."""
    name = f"name_{language.suffix}_sort"
    return [
        Key(f"{alias}.{name}", scalar_of(str), name),
        Key(f"{alias}.id", scalar_of(UUID), "id"),
    ]


def scalar_of_column(noun: Entity, column: str) -> Scalar:
    """The scalar of a column of a noun's table."""
    return scalar_of(noun.table.c[column].type.python_type)


@dataclass
class Page:
    """One page of one list, in SQL.

    Args:
        source: what comes after FROM.
        extra: columns of the source to pass on beside the record's own, as `sql AS name`.
        conditions: which records the whole list has.
        keys: what it is ordered by.
        order: the name of the order, part of a cursor's fingerprint.
    """

    binds: Binds
    target: Entity | Interface
    alias: str
    source: str
    extra: list[str]
    conditions: list[str | None]
    keys: list[Key]
    order: str
    arguments: dict[str, Any]

    @cached_property
    def size(self) -> int:
        """How many records it may hold."""
        return size_of(self.arguments)

    @property
    def backwards(self) -> bool:
        """Whether it is asked for from the back."""
        return self.arguments.get("last") is not None

    @property
    def _descending(self) -> bool:
        return self.order.endswith("_DESC")

    @cached_property
    def _made_for(self) -> Any:
        kept = {k: self.arguments.get(k) for k in ("where", "search", "text", "nouns")}
        return [[self.target.name, self.order, *(k.name for k in self.keys)], kept]

    @cached_property
    def mark(self) -> str:
        """The placeholder of the fingerprint of this list's cursors."""
        return self.binds.value(self._made_for, "text", cursor.fingerprint)

    def cursor(self, keys: list[str]) -> str:
        """SQL of the JSON text of a cursor at these values of the keys."""
        return cursor.encode_sql(self.mark, keys)

    def _beyond(self, name: str, operator: str) -> str | None:
        at = self.arguments.get(name)
        if at is None:
            return None
        scalars = [k.scalar for k in self.keys]
        places = [
            # The fingerprint needs the variables, so it travels with the cursor to the conversion.
            self.binds.value([at, self._made_for], k.scalar.cast, _key_of(i, scalars))
            for i, k in enumerate(self.keys)
        ]
        left, right = ", ".join(k.sql for k in self.keys), ", ".join(places)
        return f"({left}) {operator} ({right})"

    @cached_property
    def _after(self) -> str | None:
        return self._beyond("after", "<" if self._descending else ">")

    @cached_property
    def _before(self) -> str | None:
        return self._beyond("before", ">" if self._descending else "<")

    def check(self) -> None:
        """Refuse a wrong size or cursor where no rows are asked for."""
        size_of(self.arguments)
        for name in ("after", "before"):
            if self.arguments.get(name) is not None:
                made = [self.arguments[name], self._made_for]
                self.binds.check(made, _key_of(0, [k.scalar for k in self.keys]))

    def rows(self, peek: bool) -> str:
        """The subquery of the page's rows, numbered `n_` in the order of the scan."""
        reverse = self._descending != self.backwards
        order = ", ".join(f"{k.sql} DESC" if reverse else k.sql for k in self.keys)
        columns = ", ".join([f"{self.alias}.*", *self.extra])
        conditions = conjunction([*self.conditions, self._after, self._before])
        return (
            f"SELECT {columns}, row_number() OVER (ORDER BY {order}) AS n_\n"
            f"FROM {self.source}\nWHERE {conditions}\n"
            f"ORDER BY {order} LIMIT {self.size + peek}"
        )

    def gather(self, row: Parts, render: Any, peek: bool) -> str:
        """SQL: the rows' JSON texts, joined by commas in the list's order."""
        order = f"{self.alias}.n_ DESC" if self.backwards else f"{self.alias}.n_"
        return f"string_agg({render(row)}, ',' ORDER BY {order}){self._held(peek)}"

    def _held(self, peek: bool) -> str:
        return f" FILTER (WHERE {self.alias}.n_ <= {self.size})" if peek else ""

    def total(self) -> str:
        """SQL: how many records the whole list has."""
        return f"(SELECT count(*) FROM {self.source} WHERE {conjunction(self.conditions)})"

    def _exists(self, beyond: str | None) -> str | None:
        if beyond is None:
            return None
        conditions = conjunction([*self.conditions, f"NOT {beyond}"])
        return f"EXISTS (SELECT FROM {self.source} WHERE {conditions})"

    def has_more(self, forwards: bool) -> str:
        """SQL of the JSON text: records lie beyond the page in this direction."""
        peeked = f"count(*) > {self.size}" if forwards != self.backwards else None
        known = self._exists(self._before if forwards else self._after)
        found = [c for c in (peeked, known) if c]
        return f"({' OR '.join(found) or 'false'})::text"

    def end_cursor(self, last: bool) -> str:
        """SQL of the JSON text: the cursor of the page's first or last record, or null."""
        order = f"{self.alias}.n_" if last == self.backwards else f"{self.alias}.n_ DESC"
        ends = [
            f"(array_agg({self.alias}.{k.name} ORDER BY {order}){self._held(True)})[1]"
            for k in self.keys
        ]
        return f"coalesce({self.cursor(ends)}, 'null')"

    def lateral(self, name: str, select: str, joins: list[str], peek: bool) -> str:
        """The page as a lateral join whose column `j` is its JSON text."""
        rows = f"FROM (\n{indented(self.rows(peek))}\n) {self.alias}"
        # HAVING makes it one row even where nothing selected is an aggregate.
        body = "\n".join([f"SELECT {select} AS j", rows, *joins, "HAVING true"])
        return f"CROSS JOIN LATERAL (\n{indented(body)}\n) {name}"


def _key_of(position: int, scalars: list[Scalar]) -> Any:
    def convert(given: list[Any]) -> Any:
        at, made_for = given
        return cursor.decode(at, scalars, cursor.fingerprint(made_for))[position]

    return convert
