"""Changes: the feed and the history of a record, judged by what the caller can see now.

A change is there for who could see the record before or after it, as what they act for and belong
to is today: its owner, its members, and its sides, such as who asks to join a group, and the group.
Of what they can no longer see, it says that and nothing else.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from graphql import FieldNode, GraphQLObjectType

from auth.visibility import Array, beside, sees, visible
from resolvers.read import cursor
from resolvers.read.binds import Binds, id_of, several
from resolvers.read.page import size_of
from resolvers.read.records import Records
from resolvers.read.selection import Composite, Frame, Sets, composite, sets_of
from resolvers.read.sql import Json, Parts, conjunction, indented, json_object, literal, render
from schema.base import interfaces
from schema.change import CONTACT
from schema.scalars import SEQUENCE, scalar_of

_KEYS = [SEQUENCE, scalar_of(UUID)]
_EPOCH = "(SELECT e.id FROM epoch e)"
_LATEST = "(SELECT coalesce(max(sequence), 0) FROM change)"
_MINE = "pg_current_xact_id()::text::bigint"
_END = 2**63 - 1
_RESTORED = (
    "This cursor is from before the database was restored, and what it counted may be lost. Take a "
    "new one from `latest`, read the lists again, and follow the changes from there."
)


def _judged(binds: Binds, conditions: list[str]) -> str:
    """The changes `c` of which these hold, as the caller may know them."""
    bind = binds.principal
    before, after = (
        f"({sees(f'c.visibility_{when}', f'c.owner_{when}_id', 'c.noun', bind)}"
        f" OR {beside(f'c.sides_{when}', 'c.noun', bind)})"
        for when in ("before", "after")
    )
    seen = f"(r.id IS NOT NULL OR {beside('sides_of(c.noun, c.record_id)', 'c.noun', bind)})"
    conditions = [*conditions, f"({before} OR {after})"]
    conditions.append("(c.far_id IS NULL OR f.id IS NOT NULL)")
    return (
        "SELECT c.id, c.sequence, c.at, upper(c.noun) AS noun, c.record_id, c.merged_into_id,\n"
        "  CASE WHEN s.told OR s.ends THEN c.verb ELSE 'WITHDRAWN' END AS verb,\n"
        "  CASE WHEN s.told OR s.ends THEN c.party_id END AS party_id,\n"
        "  CASE WHEN s.told OR s.ends THEN c.on_behalf_of_id END AS on_behalf_of_id,\n"
        "  CASE WHEN s.told OR s.ends THEN c.client_id END AS client,\n"
        "  CASE WHEN s.told THEN c.part END AS part, c.owner_id,\n"
        f"  CASE WHEN s.told AND {before} THEN c.before END AS before,\n"
        "  CASE WHEN s.told THEN c.after END AS after\n"
        "FROM change c\n"
        f"LEFT JOIN record r ON r.id = c.record_id AND {visible('r', bind)}\n"
        f"LEFT JOIN record f ON f.id = c.far_id AND {visible('f', bind)}\n"
        f"CROSS JOIN LATERAL (SELECT {seen} AND {after} AS told,\n"
        "  c.visibility_after IS NULL AS ends) s\n"
        f"WHERE {conjunction(conditions)}"
    )


def _told_of(binds: Binds) -> str:
    """SQL: the change `c` is not of a contact alone, or the caller sees what its owner keeps."""
    was, becomes = (f"coalesce(c.{when}, '{{}}')" for when in ("before", "after"))
    columns = f"'{{{','.join(CONTACT)}}}'"
    return (
        f"(c.noun <> 'person' OR NOT ({was} || {becomes}) ?| {columns}"
        f" OR ({was} || {becomes}) - {columns}::text[] <> '{{}}'"
        f" OR c.owner_id = ANY ({binds.principal(Array('seeing'))}))"
    )


@dataclass
class ChangePage:
    """One page of changes, in SQL.

    Args:
        name: what is paged through, part of a cursor's fingerprint.
        conditions: which changes `c` the whole has.
        each: a query for values `k.key` that the conditions name: each has an index of its own.
    """

    binds: Binds
    arguments: dict[str, Any]
    name: str
    conditions: list[str]
    each: str | None = None

    @cached_property
    def size(self) -> int:
        """How many changes it may hold."""
        return size_of(self.arguments)

    @property
    def newest_first(self) -> bool:
        """Whether it goes back in time."""
        return self.name == "history"

    def cursor(self, sequence: str, name: str = "") -> str:
        """SQL of the JSON text of a cursor."""
        mark = self.binds.value([name or self.name], "text", cursor.fingerprint)
        return cursor.encode_sql(mark, [sequence, _EPOCH])

    def _part(self, position: int) -> str:
        """A part of the cursor given."""

        def convert(at: str) -> Any:
            return cursor.decode(at, _KEYS, cursor.fingerprint([self.name]))[position]

        return self.binds.value(self.arguments["after"], _KEYS[position].cast, convert)

    @cached_property
    def after(self) -> str:
        """SQL: the number behind which the page starts."""
        if self.arguments.get("after") is None:
            return f"{_END if self.newest_first else 0}::bigint"
        return self._part(0)

    def _start(self) -> str:
        if self.arguments.get("after") is None:
            return self.after
        refused = f"refuse_cursor({literal(_RESTORED)})"
        same = f"e.id = {self._part(1)}"
        return f"(SELECT CASE WHEN {same} THEN {self.after} ELSE {refused} END FROM epoch e)"

    def rows(self) -> str:
        """The subquery of the page's changes and one more, numbered `n_`."""
        order = "DESC" if self.newest_first else "ASC"
        beyond = f"c.sequence {'<' if self.newest_first else '>'} {self._start()}"
        limit = f"ORDER BY sequence {order} LIMIT {self.size + 1}"
        judged = f"{_judged(self.binds, [*self.conditions, beyond, _told_of(self.binds)])}\n{limit}"
        source = f"FROM (\n{indented(judged)}\n) p"
        if self.each:
            source = f"FROM ({self.each}) k (key)\nCROSS JOIN LATERAL (\n{indented(judged)}\n) p"
        number = f"row_number() OVER (ORDER BY p.sequence {order}) AS n_"
        return f"SELECT p.*, {number}\n{source}\n{limit}"


class Feed(Records):
    """Changes as JSON."""

    def _written_changes(
        self,
        keys: list[UUID] | None,
        type_: Composite,
        sets: Sets,
        frame: Frame,
    ) -> Parts:
        """What this transaction has changed until now or, where keys are given, these changes."""
        which = f"c.transaction = {_MINE} AND c.sequence IS NULL"
        if keys is not None:
            which = f"c.id = ANY ({self.binds.value(keys, 'uuid[]', list)})"
        query = f"{_judged(self.binds, [which])}\nORDER BY id"
        return self._listed(query, type_, sets, frame)

    def _changes(self, arguments: Any, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """The feed: in the order of commit."""
        page = ChangePage(self.binds, arguments, "changes", [])
        own = f"coalesce(c.client_id = {self.binds.client()}, false)"
        asked = self.binds.value(arguments["excludeOwn"], "bool", bool)
        page.conditions.append(f"NOT ({asked} AND {own})")
        types, parties = arguments.get("types"), arguments.get("parties")
        if types is not None:
            nouns = self.binds.value(types, "text[]", several(lambda n: n.value))
            page.each, key = f"SELECT DISTINCT unnest({nouns})", "c.noun"
            page.conditions.append(
                "c.noun = k.key" if parties is None else f"{key} = ANY ({nouns})"
            )
        if parties is not None:
            names = [member.name for member in interfaces["Party"].members]
            owners = self.binds.value(parties, "uuid[]", several(id_of(*names)))
            page.each = f"SELECT DISTINCT unnest({owners})"
            page.conditions.append("c.owner_id = k.key")
        return self._change_page(page, type_, sets, frame)

    def _history(
        self, alias: str, arguments: Any, type_: Composite, sets: Sets, frame: Frame
    ) -> Parts:
        """The changes of one record, the newest first."""
        own = [c for c in (frame.guard, f"c.record_id = {alias}.id") if c]
        page = ChangePage(self.binds, arguments, "history", own)
        return self._change_page(page, type_, sets, frame)

    def _change_page(self, page: ChangePage, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        assert isinstance(type_, GraphQLObjectType)
        item, name = self._alias(), self._alias()
        inner = Frame()
        self._join()
        fields = [
            (key, self._page_field(page, item, nodes, type_, inner))
            for key, nodes in self.collect(type_, sets).items()
        ]
        rows = f"FROM (\n{indented(page.rows())}\n) {item}"
        # HAVING makes it one row even where nothing selected is an aggregate.
        select = f"SELECT {render(json_object(fields))} AS j"
        body = "\n".join([select, rows, *inner.joins, "HAVING true"])
        frame.joins.append(f"CROSS JOIN LATERAL (\n{indented(body)}\n) {name}")
        return [f"{name}.j"]

    def _page_field(
        self,
        page: ChangePage,
        item: str,
        nodes: list[FieldNode],
        type_: GraphQLObjectType,
        inner: Frame,
    ) -> Parts:
        name, below = nodes[0].name.value, sets_of(nodes)
        match name:
            case "__typename":
                return [Json(f'"{type_.name}"')]
            case "latest":
                return [page.cursor(_LATEST, "changes")]
            case "pageInfo":
                return self._change_page_info(page, item, composite(type_.fields[name]), below)
            case "nodes":
                row = self._value(item, composite(type_.fields[name]), below, inner)
            case _:
                row = self._change_edge(page, item, composite(type_.fields[name]), below, inner)
        held = f"FILTER (WHERE {item}.n_ <= {page.size})"
        gathered = f"string_agg({render(row)}, ',' ORDER BY {item}.n_) {held}"
        return [Json("["), gathered, Json("]")]

    def _change_edge(
        self, page: ChangePage, item: str, type_: Composite, sets: Sets, inner: Frame
    ) -> Parts:
        found: list[tuple[str, Parts]] = []
        for key, nodes in self.collect(type_, sets).items():
            match nodes[0].name.value:
                case "cursor":
                    found.append((key, [page.cursor(f"{item}.sequence")]))
                case "node":
                    of = composite(type_.fields["node"])
                    found.append((key, self._value(item, of, sets_of(nodes), inner)))
                case _:
                    found.append((key, [Json(f'"{type_.name}"')]))
        return json_object(found)

    def _change_page_info(self, page: ChangePage, item: str, type_: Composite, sets: Sets) -> Parts:
        more, held = f"count(*) > {page.size}", f"FILTER (WHERE {item}.n_ <= {page.size})"
        first, last = (
            f"(array_agg({item}.sequence ORDER BY {item}.n_{way}) {held})[1]"
            for way in ("", " DESC")
        )
        last = f"coalesce({last}, {page.after})"
        if not page.newest_first:  # what was passed over does not have to be again
            last = f"CASE WHEN {more} THEN {last} ELSE greatest({page.after}, {_LATEST}) END"
        found: list[tuple[str, Parts]] = []
        for key, nodes in self.collect(type_, sets).items():
            match nodes[0].name.value:
                case "hasNextPage":
                    found.append((key, [f"({more})::text"]))
                case "endCursor":
                    found.append((key, [page.cursor(f"({last})")]))
                case "startCursor":
                    found.append((key, [f"coalesce({page.cursor(first)}, 'null')"]))
                case "hasPreviousPage":
                    found.append((key, [Json("false")]))
                case _:
                    found.append((key, [Json(f'"{type_.name}"')]))
        return json_object(found)
