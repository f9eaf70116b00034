"""`where` as SQL. Comparisons with null are unknown, and unknown counts as no, under `not` too."""

import re
from collections.abc import Callable
from typing import Any

from auth.visibility import READ, Array, visible, visible_noun
from resolvers.read.binds import Binds, id_of, plain, searched, several, text
from resolvers.read.sql import conjunction
from schema.base import (
    Computed,
    Dated,
    Entity,
    Interface,
    Many,
    One,
    Sql,
    Through,
    links,
    namespace,
)
from schema.connections import target_of
from schema.filters import Filter, filters_of
from schema.fuzzy_date import Certainty
from schema.language import Language
from schema.nouns import entities, interfaces
from schema.scalars import scalar_of

Join = Callable[[str], str]
"""Alias of the other row → SQL that links it to this one."""
_COMPARISONS = {"eq": "=", "gte": ">=", "lte": "<="}


class Aliases:
    """Fresh table aliases for one statement."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> str:
        self._count += 1
        return f"t{self._count}"


def table_of(target: Entity | Interface) -> str:
    """The table whose rows stand for the records of a noun or interface."""
    return target.name if isinstance(target, Entity) else "record"


class Where:
    """Compiles the `where` inputs of one statement."""

    def __init__(self, binds: Binds, aliases: Aliases) -> None:
        self._binds = binds
        self._alias = aliases

    def visible(self, target: Entity | Interface, alias: str) -> str | None:
        """SQL: the caller can see this row; `None` where everybody can."""
        if isinstance(target, Interface):
            return visible(alias, self._binds.principal)
        return visible_noun(target, alias, self._binds.principal)

    def written(
        self,
        spec: Sql | Computed,
        row: str,
        *,
        other: str = "",
        given: dict[str, Any] | None = None,
        language: Language = Language.ES,
    ) -> str:
        """The SQL of a declaration with its placeholders filled in; see `schema.base.Sql`."""
        words = {"row": row, "other": other, "language": language.suffix}

        def fill(found: re.Match[str]) -> str:
            name, of, alias = found.groups()
            if alias:
                target = interfaces["Record"] if of == "record" else entities[of]
                return self.visible(target, words.get(alias, alias)) or "true"
            if name in ("seeing", "groups", "delegated"):
                return self._binds.principal(Array(name, scope=READ if name == "delegated" else ""))
            return words[name] if name in words else self._argument(spec, name, given or {})

        return re.sub(r"\{(\w+)(?: (\w+) (\w+))?\}", fill, spec.sql)

    def _argument(self, spec: Sql | Computed, name: str, given: dict[str, Any]) -> str:
        hint, value = spec.arguments[name][0], given.get(name)
        cast = scalar_of(eval(hint.removesuffix(" | None"), namespace)).cast  # our own source text
        return f"NULL::{cast}" if value is None else self._binds.value(value, cast, plain)

    def condition(self, target: Entity | Interface, alias: str, where: dict[str, Any]) -> str:
        """SQL: the row matches; it may be null for no."""
        known = filters_of(target)
        found = [
            self._one_of(target, alias, name, value, known)
            for name, value in where.items()
            if value is not None
        ]
        return conjunction(f"({c})" for c in found)

    def search(self, alias: str, words: Any) -> str:
        """SQL: all the words occur in the row."""
        placed = self._binds.value(words, "text", searched)
        # A subquery, so that it is evaluated once and not for every row.
        return f"{alias}.search @@ (SELECT search_query({placed}))"

    def _one_of(
        self,
        target: Entity | Interface,
        alias: str,
        name: str,
        value: Any,
        known: dict[str, Filter],
    ) -> str:
        match name:
            case "and":
                parts = [self.condition(target, alias, w) for w in value if w is not None]
                return conjunction(f"({p})" for p in parts)
            case "or":
                parts = [self.condition(target, alias, w) for w in value if w is not None]
                return " OR ".join(f"({p})" for p in parts) or "false"
            case "not":
                return f"NOT coalesce({self.condition(target, alias, value)}, false)"
            case _:
                return self._filter(target, alias, known[name], value)

    def _filter(self, target: Entity | Interface, alias: str, known: Filter, value: Any) -> str:
        match known.kind:
            case "id":
                return self._id(target, alias, value)
            case "value":
                return self._value(alias, known.spec, value)
            case "dated":
                return self._dated(alias, known.spec, value)
            case "one":
                return self._linked(alias, known.spec, value)
            case "list":
                return self._list(alias, known.spec, value)
            case "held":
                start, end = known.spec
                return self._held(alias, start, end, value)
            case "search":
                return self.search(alias, value)
            case "identifier":
                return self.identifier(target, alias, value)
            case _:
                noun: Entity = known.spec
                return self.exists(noun, lambda other: f"{other}.id = {alias}.id", value)

    def _id(self, target: Entity | Interface, alias: str, value: dict[str, Any]) -> str:
        nouns = [target.name] if isinstance(target, Entity) else [m.name for m in target.members]
        found: list[str] = []
        if value.get("eq") is not None:
            found.append(f"{alias}.id = {self._binds.value(value['eq'], 'uuid', id_of(*nouns))}")
        if value.get("in") is not None:
            placed = self._binds.value(value["in"], "uuid[]", several(id_of(*nouns)))
            found.append(f"{alias}.id = ANY ({placed})")
        return conjunction(found)

    def _value(self, alias: str, spec: Any, value: dict[str, Any]) -> str:
        column = f"{alias}.{spec.name}"
        if isinstance(spec, Computed):
            column = f"({self.written(spec, alias)})"
        return self._compare(column, scalar_of(spec.python_type).cast, value)

    def _compare(self, column: str, cast: str, value: dict[str, Any]) -> str:
        found: list[str] = []
        for name, operator in _COMPARISONS.items():
            if value.get(name) is not None:
                found.append(f"{column} {operator} {self._binds.value(value[name], cast, plain)}")
        if value.get("in") is not None:
            placed = self._binds.value(value["in"], f"{cast}[]", several(plain))
            found.append(f"{column} = ANY ({placed})")
        if value.get("isNull") is not None:
            found.append(f"{column} IS {'' if value['isNull'] else 'NOT '}NULL")
        return conjunction(found)

    def _dated(self, alias: str, spec: Dated, value: dict[str, Any]) -> str:
        first, last = f"{alias}.{spec.name}_earliest", f"{alias}.{spec.name}_latest"
        status = f"{alias}.{spec.name}_status"
        found: list[str] = []
        for how, operator in (("possibly", "&&"), ("certainly", "<@")):
            if (asked := value.get(how)) is None:
                continue
            if spec.bound:
                if asked.get("from") is not None and asked.get("to") is not None:
                    first_asked = self._binds.value(asked["from"], "date", plain)
                    found += [f"{first_asked} <= {self._binds.value(asked['to'], 'date', plain)}"]
                one, other = (last, first) if how == "possibly" else (first, last)
                found += self._range(one, ">=", asked.get("from"), first)
                found += self._range(other, "<=", asked.get("to"), first)
            else:
                found.append(f"{alias}.{spec.name}_days {operator} {self._days(asked)}")
        if value.get("status") is not None:
            found.append(self._compare(status, "text", value["status"]))
        if value.get("isNull") is not None:
            found.append(f"{status} IS {'' if value['isNull'] else 'NOT '}NULL")
        return conjunction(found)

    def _days(self, asked: dict[str, Any]) -> str:
        """SQL: the range of days asked for; empty where it ends before it begins."""
        first, last = (
            "NULL::date" if asked.get(n) is None else self._binds.value(asked[n], "date", plain)
            for n in ("from", "to")
        )
        days = f"daterange({first}, {last}, '[]')"
        return f"CASE WHEN {last} < {first} THEN 'empty'::daterange ELSE {days} END"

    def _range(self, column: str, operator: str, day: Any, known: str) -> list[str]:
        if day is None:
            return [f"{known} IS NOT NULL"]
        return [f"{column} {operator} {self._binds.value(day, 'date', plain)}"]

    def _held(self, alias: str, start: str, end: str, value: dict[str, Any]) -> str:
        day = self._binds.value(value["date"], "date", plain)
        certain = self._binds.value(value["certainty"], "text", plain)
        first, last = f"{alias}.{start}", f"{alias}.{end}"
        # A start or end that nobody knows leaves its side open: possibly so, and never certainly.
        began = f"({first}_earliest <= {day} OR {first}_earliest IS NULL)"
        possibly = f"{began} AND ({last}_latest >= {day} OR {last}_latest IS NULL)"
        certainly = (
            f"{first}_latest <= {day} AND ({last}_status IS NULL OR {last}_earliest >= {day})"
        )
        return f"{possibly} AND ({certain} = '{Certainty.POSSIBLY.name}' OR {certainly})"

    def identifier(self, target: Entity | Interface, alias: str, value: dict[str, Any]) -> str:
        """SQL: the record has this identifier."""
        scheme = self._binds.value(value["scheme"], "text", text)
        name = self._binds.value(value["value"], "text", text)
        return (
            f"{alias}.id = (SELECT record_id FROM identifier WHERE noun = '{table_of(target)}'"
            f" AND scheme = {scheme} AND value = {name})"
        )

    def _linked(self, alias: str, spec: One, value: dict[str, Any]) -> str:
        target = interfaces.get(spec.hint) or target_of(spec.hint)
        return self.exists(target, lambda other: f"{other}.id = {alias}.{spec.column}", value)

    def exists(
        self, target: Entity | Interface, join: Join, value: dict[str, Any], through: str = ""
    ) -> str:
        """SQL: a visible record so joined matches."""
        other = self._alias()
        conditions = [join(other), self.visible(target, other)]
        conditions.append(self.condition(target, other, value))
        source = through.format(other=other) or f"{table_of(target)} {other}"
        return f"EXISTS (SELECT FROM {source} WHERE {conjunction(conditions)})"

    def _list(self, alias: str, spec: Many | Through, value: dict[str, Any]) -> str:
        target = target_of(spec.hint)
        join, through = self._joined(alias, spec)
        found: list[str] = []
        if value.get("some") is not None:
            found.append(self.exists(target, join, value["some"], through))
        if value.get("none") is not None:
            found.append(f"NOT {self.exists(target, join, value['none'], through)}")
        if value.get("every") is not None:
            found.append(f"NOT {self.exists(target, join, {'not': value['every']}, through)}")
        return conjunction(found)

    def _joined(self, alias: str, spec: Many | Through) -> tuple[Join, str]:
        if isinstance(spec, Many):
            return (lambda other: f"{other}.{spec.via}_id = {alias}.id"), ""
        near, far = links[spec.link].sides(spec)
        link = self._alias()
        on = f"{{other}}.id = {link}.{far.column}"
        source = f"{spec.link} {link} JOIN {table_of(target_of(spec.hint))} {{other}} ON {on}"
        return (lambda _other: f"{link}.{near.column} = {alias}.id"), source
