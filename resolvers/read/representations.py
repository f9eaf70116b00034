"""`_entities`: records as gateways of Apollo Federation name them, by type and any of their keys.

Sources: Apollo Federation 2, subgraph specification.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLUnionType, Undefined

from resolvers.read.binds import Var, shown, split_id, text
from resolvers.read.records import Records, current
from resolvers.read.selection import Frame, Sets
from resolvers.read.sql import NULL, Json, Parts, conjunction, indented, render
from schema.base import Entity, Interface, entities
from schema.errors import BadUserInput
from schema.keys import keyed, keys_of
from schema.paging import MOST_VALUES


@dataclass(frozen=True, slots=True)
class Named:
    """One representation.

    Args:
        noun: null where the id is one of another noun, so that there is no such record.
        type: the value of `type` that the record has to have, where its type says so.
        keys: column → value; all of them have to fit.
    """

    noun: Entity | None
    type: str | None
    keys: dict[str, str]


Kinds = tuple[tuple[str, tuple[str, ...]], ...]
"""The nouns that are named, each with the columns it is named by: what decides the statement."""


def kinds_of(representations: Any) -> Kinds:
    """The kinds among some representations, or of one alone.

    Raises:
        BadUserInput: one of them names nothing that could be here.
    """
    several = representations if isinstance(representations, list) else [representations]
    return _kinds(_named(cast("list[Any]", several)))


def _kinds(named: Iterable[Named]) -> Kinds:
    return tuple(sorted({(n.noun.name, tuple(n.keys)) for n in named if n.noun}))


def _named(representations: list[Any]) -> list[Named]:
    if len(representations) > MOST_VALUES:
        raise BadUserInput(
            f"`representations` has {len(representations)} items, and may have {MOST_VALUES}. "
            "Split the request."
        )
    return [_read(each, f"`representations[{i}]`") for i, each in enumerate(representations)]


def _read(value: Any, place: str) -> Named:
    if not isinstance(value, dict):
        raise BadUserInput(
            f"{place} is no object. It names a record by its type and a key, such as "
            '`{"__typename": "Country", "alpha2": "PA"}`.'
        )
    given = cast("dict[str, Any]", value)
    name = given.get("__typename")
    if not isinstance(name, str) or name not in keyed():
        said = f"`{shown(name)}`" if isinstance(name, str) else "not said"
        raise BadUserInput(
            f"The `__typename` of {place} is {said}. It is a type with a `@key` in the schema that "
            "`_service` hands out, such as `Country`."
        )
    of, kind = keyed()[name]
    known = keys_of(of) if isinstance(of, Entity) else {"id": "id"}
    keys: dict[str, str] = {}
    for key, column in known.items():
        if (part := given.get(key, Undefined)) is None or part is Undefined:
            continue
        if not isinstance(part, str):
            raise BadUserInput(f"`{key}` of {place} is no text. Keys are texts in quotes.")
        keys[column] = text(part)
    if not keys:
        ways = " or ".join(f"`{key}`" for key in known)
        raise BadUserInput(f"{place} names no `{name}`. Give its {ways} beside the `__typename`.")
    noun = of if isinstance(of, Entity) else None
    if "id" in keys:
        owner, uuid = split_id(keys["id"])
        keys["id"] = str(uuid)
        noun = _within(of, entities[owner])
    return Named(noun, kind, keys)


def _within(of: Entity | Interface, noun: Entity) -> Entity | None:
    among = [of] if isinstance(of, Entity) else of.members
    return noun if noun in among else None


def _sample(value: Any) -> Any:
    """A value with each symbol replaced by what it is while the plan is made."""
    match value:
        case Var():
            return value.sample
        case dict():
            return {k: _sample(v) for k, v in cast("dict[str, Any]", value).items()}
        case list():
            return [_sample(each) for each in cast("list[Any]", value)]
        case _:
            return value


def _packed(representations: list[Any]) -> str:
    """The bind: one JSON text with what every representation names, in their order."""
    return json.dumps(
        [
            {"noun": n.noun and n.noun.name, "type": n.type, **n.keys}
            for n in _named(representations)
        ]
    )


class Represented(Records):
    """`_entities`."""

    def _entities(self, given: Any, type_: GraphQLUnionType, sets: Sets, frame: Frame) -> Parts:
        """The records that representations name: one join for each noun among them."""
        kinds = _kinds(_named(_sample(given)))
        item, page = self._alias(), self._alias()
        columns = ["id", *sorted({c for _, keys in kinds for c in keys} - {"id"})]
        inner, choice, ids = Frame(), NULL, list[str]()
        for name in dict.fromkeys(name for name, _ in kinds):
            noun, alias = entities[name], self._alias()
            self._join()
            ways = [keys for of, keys in kinds if of == name]
            ids.append(f"WHEN '{name}' THEN {_id_of(noun, ways)}")
            on: list[str | None] = [f"{item}.noun = '{name}'", f"{alias}.id = {item}.key"]
            if noun.variants:
                on.append(f"({item}.type IS NULL OR {alias}.type = {item}.type)")
            others = dict.fromkeys(column for keys in ways for column in keys[1:])
            on += [f"({item}.{c} IS NULL OR {alias}.{c} = {item}.{c})" for c in others]
            on.append(self._where.visible(noun, alias))
            inner.joins.append(f"LEFT JOIN {name} {alias} ON {conjunction(on)}")
            row = render(self.record(noun, alias, type_, sets, inner))
            choice = [f"CASE WHEN {alias}.id IS NOT NULL THEN {row} ELSE {render(choice)} END"]
        typed = ", ".join(f"{c} {'uuid' if c == 'id' else 'text'}" for c in columns)
        packed = self.binds.value(given, "json", _packed)
        key = f"CASE i_.noun {' '.join(ids)} END" if ids else "NULL::uuid"
        # OFFSET keeps PostgreSQL from looking for the id anew for each row that it compares.
        source = (
            f"SELECT i_.*, {key} AS key\n"
            f"FROM ROWS FROM (json_to_recordset({packed}) AS (noun text, type text, {typed}))"
            f" WITH ORDINALITY i_(noun, type, {', '.join(columns)}, n_)\nOFFSET 0"
        )
        body = "\n".join(
            [
                f"SELECT string_agg({render(choice)}, ',' ORDER BY {item}.n_) AS j",
                f"FROM (\n{indented(source)}\n) {item}",
                *inner.joins,
            ]
        )
        frame.joins.append(f"CROSS JOIN LATERAL (\n{indented(body)}\n) {page}")
        return [Json("["), f"{page}.j", Json("]")]


def _id_of(noun: Entity, ways: list[tuple[str, ...]]) -> str:
    """SQL: the id of the record that the item `i_` names by the first of its keys."""
    asked = {keys[0] for keys in ways}
    ids = {
        column: current(noun, "i_.id")
        if column == "id"
        else f"(SELECT k_.id FROM {noun.name} k_ WHERE k_.{column} = i_.{column})"
        for column in keys_of(noun).values()
        if column in asked
    }
    if len(ids) == 1:
        return next(iter(ids.values()))
    return f"CASE {' '.join(f'WHEN i_.{c} IS NOT NULL THEN {sql}' for c, sql in ids.items())} END"
