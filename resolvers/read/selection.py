"""What an operation selects: fields by response key, with fragments and directives applied."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.included import included
from resolvers.read.binds import Binds
from resolvers.read.sql import conjunction
from resolvers.read.where import Aliases, Where
from schema.errors import TooComplex
from schema.language import Language

MOST_JOINS = 250
"""How many tables one statement may join: planning it can take ten milliseconds for each."""

Collected = dict[str, list[FieldNode]]
Composite = GraphQLObjectType | GraphQLInterfaceType
Several = Composite | GraphQLUnionType
Sets = list[SelectionSetNode]
"""The selection sets of one field, which are merged."""


@dataclass
class Frame:
    """The FROM clause that expressions are written for.

    Args:
        guard: SQL that is true where the expressions are used at all.
    """

    joins: list[str] = field(default_factory=list[str])
    guard: str | None = None

    def guarded(self, condition: str) -> "Frame":
        """The same clause, for expressions used only where the condition holds."""
        return Frame(self.joins, conjunction([self.guard, condition]))


class Selection:
    """The ground of the compiler: one operation, one shape of its variables, one statement."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
        language: Language,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._language = language
        self.binds = Binds()
        self._alias = Aliases()
        self._where = Where(self.binds, self._alias)
        self.joined = 0
        self.shows_contacts = False
        self.shows_quota = False

    def collect(self, type_: Composite, sets: Sets) -> Collected:
        """The fields selected on a concrete type by response key, directives applied."""
        found: Collected = {}
        seen: set[str] = set()
        for selections in sets:
            for node in self._fields(type_, selections, seen):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
        return found

    def _fields(
        self, type_: Composite, selections: SelectionSetNode, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not included(node, self._variables):
                continue
            match node:
                case FieldNode():
                    yield node
                case InlineFragmentNode():
                    if self._applies(node, type_):
                        yield from self._fields(type_, node.selection_set, seen)
                case FragmentSpreadNode() if node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = self._fragments[node.name.value]
                    if self._applies(fragment, type_):
                        yield from self._fields(type_, fragment.selection_set, seen)
                case _:
                    pass

    def _applies(self, node: InlineFragmentNode | FragmentDefinitionNode, type_: Composite) -> bool:
        if node.type_condition is None or node.type_condition.name.value == type_.name:
            return True
        condition = self._schema.get_type(node.type_condition.name.value)
        if not isinstance(condition, GraphQLInterfaceType | GraphQLUnionType):
            return False
        return self._schema.is_sub_type(condition, type_)

    def arguments(self, definition: GraphQLField, node: FieldNode) -> dict[str, Any]:
        """The coerced arguments of a field."""
        return get_argument_values(definition, node, self._variables)

    def _join(self) -> None:
        """Count a table that the statement joins.

        A link to a record of any noun joins all their tables, and what is selected below it once
        for each: without a limit, five such links in one another fill the memory.
        """
        self.joined += 1
        if self.joined > MOST_JOINS:
            raise TooComplex(
                f"The operation reads more than {MOST_JOINS} tables at once, because it follows "
                "links to records of any kind from one another. Ask for their ids first, then go "
                "on from `nodes(ids:)`."
            )


def sets_of(nodes: list[FieldNode]) -> Sets:
    """The selection sets of a field that was selected several times."""
    return [n.selection_set for n in nodes if n.selection_set]


def composite(definition: GraphQLField) -> Composite:
    """The object or interface type of a field, without list and non-null."""
    named = get_named_type(definition.type)
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    return named
