"""`where` as SQL. Comparisons with null are unknown, and unknown counts as no, under `not` too."""

from collections.abc import Callable
from typing import Any

from auth.visibility import visible, visible_noun
from resolvers.read.binds import Binds, id_of, plain, several, text
from resolvers.read.sql import conjunction
from schema.base import Computed, Dated, Entity, Identity, Interface, Many, One, Through, links
from schema.connections import target_of
from schema.filters import Filter, filters_of
from schema.fuzzy_date import Certainty
from schema.nouns import interfaces
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
        placed = self._binds.value(words, "text", text)
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
            column = f"({spec.sql.replace('{row}', alias)})"
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
            placed = self._binds.value(value["isNull"], "bool", plain)
            found.append(f"({column} IS NULL) = {placed}")
        return conjunction(found)

    def _dated(self, alias: str, spec: Dated, value: dict[str, Any]) -> str:
        first, last = f"{alias}.{spec.name}_earliest", f"{alias}.{spec.name}_latest"
        status = f"{alias}.{spec.name}_status"
        found: list[str] = []
        if (possibly := value.get("possibly")) is not None:
            found += self._range(last, ">=", possibly.get("from"), first)
            found += self._range(first, "<=", possibly.get("to"), first)
        if (certainly := value.get("certainly")) is not None:
            found += self._range(first, ">=", certainly.get("from"), first)
            found += self._range(last, "<=", certainly.get("to"), first)
        if value.get("status") is not None:
            found.append(self._compare(status, "text", value["status"]))
        if value.get("isNull") is not None:
            placed = self._binds.value(value["isNull"], "bool", plain)
            found.append(f"({status} IS NULL) = {placed}")
        return conjunction(found)

    def _range(self, column: str, operator: str, day: Any, known: str) -> list[str]:
        if day is None:
            return [f"{known} IS NOT NULL"]
        return [f"{column} {operator} {self._binds.value(day, 'date', plain)}"]

    def _held(self, alias: str, start: str, end: str, value: dict[str, Any]) -> str:
        day = self._binds.value(value["date"], "date", plain)
        certain = self._binds.value(value["certainty"], "text", plain)
        began = f"{alias}.{start}_{{}} <= {day}"
        lasts = f"({alias}.{end}_status IS NULL OR {alias}.{end}_{{}} >= {day})"
        possibly = f"{began.format('earliest')} AND {lasts.format('latest')}"
        certainly = f"{began.format('latest')} AND {lasts.format('earliest')}"
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
        near, far = ends(spec)
        link = self._alias()
        on = f"{{other}}.id = {link}.{far.column}"
        source = f"{spec.link} {link} JOIN {far.table} {{other}} ON {on}"
        return (lambda _other: f"{link}.{near.column} = {alias}.id"), source


class End:
    """One end of a link table."""

    def __init__(self, spec: One) -> None:
        self.column = spec.column
        self.hint = spec.hint
        self.table = table_of(target_of(spec.hint))


def ends(spec: Through) -> tuple[End, End]:
    """The near and the far end of a link, seen from the field `spec`."""
    first, second = (End(e) for e in links[spec.link].ends())
    target = target_of(spec.hint)
    assert isinstance(target, Entity)
    return (first, second) if second.hint == target.type_name else (second, first)


__all__ = ["Aliases", "End", "Identity", "Where", "ends", "table_of"]
