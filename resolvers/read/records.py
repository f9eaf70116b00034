"""Records, and the links between them.

A record is one `concat` over its row. A link to one record is a LEFT JOIN; an interface joins every
table that may hold the record and takes the one that does. Every join carries the predicate of what
the caller can see.
"""

from abc import abstractmethod
from typing import Any

from graphql import FieldNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

from resolvers.read.contacts import marked
from resolvers.read.lists import Lists
from resolvers.read.page import Page
from resolvers.read.selection import Collected, Composite, Frame, Sets, Several, composite, sets_of
from resolvers.read.sql import (
    NULL,
    Json,
    Parts,
    conjunction,
    indented,
    json_object,
    literal,
    nullable,
    render,
)
from resolvers.read.values import scalar_parts
from resolvers.read.where import table_of
from schema.base import (
    Column,
    Computed,
    Contact,
    Dated,
    Entity,
    Found,
    History,
    Identity,
    Interface,
    Many,
    One,
    Part,
    Related,
    Rows,
    Through,
    Translated,
    Translations,
    Values,
    links,
    spec_of,
)
from schema.connections import target_of


class Records(Lists):
    """Rows of nouns as JSON."""

    def row(self, page: Page, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """The JSON of the record in one row of a page."""
        if isinstance(page.target, Entity):
            return self.record(page.target, page.alias, type_, sets, frame)
        return self._one_of(page.target, f"{page.alias}.id", type_, sets, frame)

    def record(self, noun: Entity, alias: str, type_: Several, sets: Sets, frame: Frame) -> Parts:
        """The JSON of a row that is there, by type where its types are asked different fields."""
        groups: dict[Any, tuple[list[str | None], GraphQLObjectType, Collected]] = {}
        for value, concrete in self._types(noun, type_):
            collected = self.collect(concrete, sets)
            asked = tuple((k, tuple(id(n) for n in nodes)) for k, nodes in collected.items())
            groups.setdefault(asked, ([], concrete, collected))[0].append(value)
        if len(groups) == 1:
            [(values, concrete, collected)] = groups.values()
            return self._object(noun, alias, values, concrete, collected, frame)
        cases: list[str] = []
        for values, concrete, collected in groups.values():
            test = f"{alias}.type IN ({', '.join(literal(str(v)) for v in values)})"
            row = self._object(noun, alias, values, concrete, collected, frame.guarded(test))
            cases.append(f"WHEN {test} THEN {render(row)}")
        return [f"CASE {' '.join(cases)} END"]

    def _types(self, noun: Entity, type_: Several) -> list[tuple[str | None, GraphQLObjectType]]:
        named = [(v, c.__name__) for v, c in noun.variants.items()] or [(None, noun.type_name)]
        possible = {type_.name}
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            possible = {t.name for t in self._schema.get_possible_types(type_)}
        found = [(v, self._schema.get_type(n)) for v, n in named if n in possible]
        return [(v, t) for v, t in found if isinstance(t, GraphQLObjectType)]

    def _object(
        self,
        noun: Entity,
        alias: str,
        values: list[str | None],
        type_: GraphQLObjectType,
        collected: Collected,
        frame: Frame,
    ) -> Parts:
        fields: list[tuple[str, Parts]] = []
        for key, nodes in collected.items():
            if nodes[0].name.value == "__typename":
                fields.append((key, _typename(noun, alias, values)))
            else:
                fields.append((key, self._field(noun, alias, nodes, type_, frame)))
        return json_object(fields)

    def _field(
        self,
        noun: Entity,
        alias: str,
        nodes: list[FieldNode],
        type_: GraphQLObjectType,
        frame: Frame,
    ) -> Parts:
        definition = type_.fields[nodes[0].name.value]
        sets = sets_of(nodes)
        match spec := spec_of(definition.extensions["strawberry-definition"]):
            case Identity():
                return [Json(f'"{noun.name}_'), f"{alias}.id", Json('"')]
            case Computed():
                given = self.arguments(definition, nodes[0])
                return scalar_parts(spec, f"({self._where.written(spec, alias, given=given)})")
            case Column():
                parts = scalar_parts(spec, f"{alias}.{spec.name}")
                return self._for_members(spec, noun, alias, parts, "null")
            case Translated():
                parts = self._translated(spec, alias, definition, nodes[0])
                return self._for_members(spec, noun, alias, parts, "null")
            case Translations():
                parts = self._translations(spec, alias, composite(definition), sets)
                return self._for_members(spec, noun, alias, parts, "[]")
            case Dated():
                return self._dated(spec, alias, composite(definition), sets)
            case Contact():
                return self._contact(spec, alias, composite(definition), sets)
            case Values():
                return self._values(alias, composite(definition), sets, frame)
            case One():
                key = f"{alias}.{spec.column}"
                return self._one(spec, key, composite(definition), sets, frame)
            case Found():
                given = self.arguments(definition, nodes[0])
                key = f"({self._where.written(spec, alias, given=given)})"
                return self._one(spec, key, composite(definition), sets, frame)
            case Rows():
                given = self.arguments(definition, nodes[0])
                return self._rows(spec, alias, given, composite(definition), sets, frame)
            case History():
                arguments = self.arguments(definition, nodes[0])
                return self._history(alias, arguments, composite(definition), sets, frame)
            case Many() | Through() | Related():
                arguments = self.arguments(definition, nodes[0])
                return self._many(spec, alias, arguments, composite(definition), sets, frame)
            case other:  # pragma: no cover
                raise NotImplementedError(other)

    @abstractmethod
    def _history(
        self, alias: str, arguments: Any, type_: Composite, sets: Sets, frame: Frame
    ) -> Parts:
        """The changes of the record in a row."""

    def _joined(
        self, noun: Entity, alias: str, on: list[str], type_: Composite, sets: Sets, frame: Frame
    ) -> Parts:
        """A record or null, joined to the frame."""
        conditions = conjunction([*on, self._where.visible(noun, alias)])
        frame.joins.append(f"LEFT JOIN {noun.name} {alias} ON {conditions}")
        self._join()
        return nullable(f"{alias}.id IS NOT NULL", self.record(noun, alias, type_, sets, frame))

    def _one(
        self, spec: One | Found, key: str, type_: Composite, sets: Sets, frame: Frame
    ) -> Parts:
        """The record with the id that the SQL `key` gives."""
        target = target_of(spec.hint)
        if isinstance(target, Interface):
            return self._one_of(target, key, type_, sets, frame)
        other = self._alias()
        return self._joined(target, other, [f"{other}.id = {key}"], type_, sets, frame)

    def _one_of(
        self, target: Interface, key: str, type_: Composite, sets: Sets, frame: Frame
    ) -> Parts:
        """The record with this id, of whatever noun, or null."""
        choice = NULL
        for noun in reversed(target.members):
            if not self._types(noun, type_):
                continue
            other = self._alias()
            self._join()
            conditions = [f"{other}.id = {key}", self._where.visible(noun, other)]
            frame.joins.append(f"LEFT JOIN {noun.name} {other} ON {conjunction(conditions)}")
            row = render(self.record(noun, other, type_, sets, frame))
            choice = [f"CASE WHEN {other}.id IS NOT NULL THEN {row} ELSE {render(choice)} END"]
        return choice

    def _many(
        self,
        spec: Many | Through | Related,
        alias: str,
        arguments: Any,
        type_: Composite,
        sets: Sets,
        frame: Frame,
    ) -> Parts:
        target = target_of(spec.hint)
        other = self._alias()
        source, extra = f"{table_of(target)} {other}", list[str]()
        match spec:
            case Many():
                condition = f"{other}.{spec.via}_id = {alias}.id"
            case Related():
                condition = f"({self._where.written(spec, alias, other=other)})"
            case Through():
                near, far = links[spec.link].sides(spec)
                link = self._alias()
                source = f"{spec.link} {link} JOIN {source} ON {other}.id = {link}.{far.column}"
                extra = [f"{link}.{n} AS link_{n}" for n in links[spec.link].edge_fields()]
                condition = f"{link}.{near.column} = {alias}.id"
        page = self._page(target, other, source, extra, [condition], arguments)
        return self._connection(page, type_, sets, frame)

    def _rows(
        self,
        spec: Rows,
        alias: str,
        given: dict[str, Any],
        type_: Composite,
        sets: Sets,
        frame: Frame,
    ) -> Parts:
        query = self._where.written(spec, alias, given=given, language=self._language)
        return self._listed(query, type_, sets, frame)

    def _listed(self, query: str, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """The rows of a query, in its order, as a list of values."""
        item, name = self._alias(), self._alias()
        self._join()
        inner = Frame()
        row = render(self._value(item, type_, sets, inner))
        source = f"SELECT *, row_number() OVER () AS n_ FROM (\n{indented(query)}\n) {item}_"
        body = "\n".join(
            [
                f"SELECT string_agg({row}, ',' ORDER BY {item}.n_) AS j",
                f"FROM (\n{indented(source)}\n) {item}",
                *inner.joins,
                f"WHERE {frame.guard or 'true'}",
            ]
        )
        frame.joins.append(f"CROSS JOIN LATERAL (\n{indented(body)}\n) {name}")
        return [Json("["), f"{name}.j", Json("]")]

    def _value(self, item: str, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """One value that is no record: scalars, links to records, lists of values."""
        fields: list[tuple[str, Parts]] = []
        for key, nodes in self.collect(type_, sets).items():
            if nodes[0].name.value == "__typename":
                fields.append((key, [Json(f'"{type_.name}"')]))
                continue
            definition, below = type_.fields[nodes[0].name.value], sets_of(nodes)
            match spec := spec_of(definition.extensions["strawberry-definition"]):
                case One():
                    of = composite(definition)
                    fields.append((key, self._one(spec, f"{item}.{spec.column}", of, below, frame)))
                case Rows():
                    of = composite(definition)
                    fields.append((key, self._rows(spec, item, {}, of, below, frame)))
                case Computed():
                    fields.append((key, scalar_parts(spec, f"({self._where.written(spec, item)})")))
                case Part(contact=True):
                    self.shows_contacts = True
                    parts = scalar_parts(spec, f"{item}.{spec.name}")
                    fields.append((key, marked(f"{item}.id", parts)))
                case _:
                    fields.append((key, scalar_parts(spec, f"{item}.{spec.name}")))
        return json_object(fields)


def current(noun: Entity, key: str) -> str:
    """SQL: the id that a record has today; actors are merged, and keep their former ids."""
    if noun.name != "actor":
        return key
    return f"coalesce((SELECT m_.into_id FROM merged m_ WHERE m_.id = {key}), {key})"


def _typename(noun: Entity, alias: str, values: list[str | None]) -> Parts:
    if len(values) == 1:
        [value] = values
        return [Json(f'"{noun.variants[value].__name__ if value else noun.type_name}"')]
    cases = " ".join(f"WHEN '{v}' THEN '{noun.variants[str(v)].__name__}'" for v in values)
    return [Json('"'), f"CASE {alias}.type {cases} END", Json('"')]
