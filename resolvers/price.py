"""What an operation costs, found out before it runs: the published directives, the real variables.

A selection that is merged is counted once. Those on several types of an interface add up, since the
statement joins them all. The walk is linear in the operation with its fragments spread out, whose
size is limited before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    print_ast,
)
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.costs import Rate, argument_weight, costs_of
from resolvers.included import included
from schema.errors import TooComplex
from schema.paging import MOST_VALUES

Sets = list[SelectionSetNode]
Composite = GraphQLObjectType | GraphQLInterfaceType
Several = Composite | GraphQLUnionType
_HALF = 0.5


@dataclass
class Bill:
    """What a field costs with all that is selected below it.

    Args:
        key: its response key; empty for the operation, as `name` is, the field's own.
    """

    key: str
    name: str
    points: int
    below: list["Bill"] = field(default_factory=list["Bill"])

    @cached_property
    def dearest(self) -> tuple[list[str], int]:
        """The way down to where most of it comes from, and what is spent there."""
        found = max(self.below, key=lambda each: each.points, default=None)
        if found is None or found.points < self.points * _HALF:
            return [], self.points
        path, points = found.dearest
        return [found.key, *path], points

    def check(self, limit: int) -> None:
        """Refuse what costs more than an operation may.

        Raises:
            TooComplex: saying what it costs, and where.
        """
        if self.points <= limit:
            return
        path, points = self.dearest
        where = f", {points:,} of them at `{'.'.join(path)}`" if path else ""
        raise TooComplex(
            f"The operation costs {self.points:,} points{where}; one may cost {limit:,}. Ask for "
            "smaller pages with `first`, above all in the outer lists, or in several requests.",
            details={"cost": self.points, "limit": limit, "dearest": path},
        )


class Pricer:
    """Prices one operation for one set of variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._values = values
        self._costs = costs_of(schema)
        self._written: Mapping[str, Any] = {}
        """What the mutation writes that is being priced."""

    def price(self, node: OperationDefinitionNode) -> Bill:
        """What the operation costs."""
        root = self._schema.get_root_type(node.operation)
        assert root
        below = self._below(root, [node.selection_set])
        return Bill("", "", sum(each.points for each in below), below)

    def _below(self, type_: Several, sets: Sets) -> list[Bill]:
        merged: dict[Any, tuple[Composite, list[FieldNode]]] = {}
        seen: set[str] = set()
        for selections in sets:
            for of, node in self._fields(type_, selections, seen):
                key = node.alias.value if node.alias else node.name.value
                asked = key, node.name.value, tuple(map(print_ast, node.arguments or ()))
                merged.setdefault(asked, (of, []))[1].append(node)
        return [self._field(key, *found) for (key, *_), found in merged.items()]

    def _fields(
        self, type_: Several, selections: SelectionSetNode, seen: set[str]
    ) -> Iterator[tuple[Composite, FieldNode]]:
        for node in selections.selections:
            if not included(node, self._values):
                continue
            if isinstance(node, FieldNode):
                if not node.name.value.startswith("__"):
                    assert isinstance(type_, Composite)
                    yield type_, node
                continue
            part = node if isinstance(node, InlineFragmentNode) else self._spread(node, seen)
            if part is None:
                continue
            condition = part.type_condition
            of = self._schema.get_type(condition.name.value) if condition else None
            of = of if isinstance(of, Composite) else type_
            yield from self._fields(of, part.selection_set, seen)

    def _spread(self, node: Any, seen: set[str]) -> FragmentDefinitionNode | None:
        """The fragment that is spread, where it is not for the second time."""
        name: str = node.name.value
        if name in seen:
            return None
        seen.add(name)
        return self._fragments[name]

    def _field(self, key: str, of: Composite, nodes: list[FieldNode]) -> Bill:
        name = nodes[0].name.value
        definition, rate = of.fields[name], self._costs.fields[of.name][name]
        type_ = get_named_type(definition.type)
        given: dict[str, Any] = {}
        if nodes[0].arguments:
            given = get_argument_values(definition, nodes[0], self._values)
        if of is self._schema.mutation_type:
            self._written = given.get("input") or {}
        below: list[Bill] = []
        if not is_leaf_type(type_):
            assert isinstance(type_, Several)
            below = self._below(type_, [n.selection_set for n in nodes if n.selection_set])
        size = self._size_written(name) if rate.written else self._size(rate, given)
        for each in below:
            if not rate.sized or each.name in rate.sized:
                _multiply(each, size)
        own = rate.weight * (1 if rate.sized else size) + self._arguments(definition.args, given)
        return Bill(key, name, own + sum(each.points for each in below), below)

    def _size(self, rate: Rate, given: Mapping[str, Any]) -> int:
        for name in rate.slicing:
            value = given.get(name)
            if value is not None:
                return len(value) if isinstance(value, list) else max(0, int(value))
        return 1 if rate.size is None else rate.size

    def _size_written(self, name: str) -> int:
        """How many records a mutation shows under this name, or how many changes."""
        records = self._written.get(name)
        if isinstance(records, list):
            return len(cast("list[Any]", records))
        # A verb can change what its input does not name, such as all that two actors had.
        return max(MOST_VALUES, _items(self._written))

    def _arguments(self, arguments: Mapping[str, Any], given: Mapping[str, Any]) -> int:
        points = 0
        for name, value in given.items():
            if value is not None:
                points += argument_weight(name) + self._input(arguments[name].type, value)
        return points

    def _input(self, type_: Any, value: Any) -> int:
        named = get_named_type(type_)
        if value is None or not isinstance(named, GraphQLInputObjectType):
            return 0
        weights = self._costs.inputs[named.name]
        points = 0
        for item in value if isinstance(value, list) else [value]:
            for name, inner in (item or {}).items():
                if inner is not None:
                    times = len(inner) if isinstance(inner, list) else 1
                    points += times * weights.get(name, 0)
                    points += self._input(named.fields[name].type, inner)
        return points


def _items(value: Any) -> int:
    """How many items the lists in a value have, and those in them."""
    match value:
        case dict():
            return sum(map(_items, cast("dict[str, Any]", value).values()))
        case list():
            return sum(1 + _items(each) for each in cast("list[Any]", value))
        case _:
            return 0


def _multiply(bill: Bill, times: int) -> None:
    if times != 1:
        bill.points *= times
        for each in bill.below:
            _multiply(each, times)
