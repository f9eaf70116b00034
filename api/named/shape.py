"""What an operation answers, by the names of the answer: type and parts of every value."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)


@dataclass
class Shape:
    """A value of the answer: its type without lists and `!`, and the values in it."""

    type: GraphQLNamedType
    parts: dict[str, "Shape"] = field(default_factory=dict[str, "Shape"])

    def at(self, path: list[str]) -> "Shape | None":
        """The value at the end of a path."""
        found: Shape | None = self
        for step in path:
            found = found.parts.get(step) if found else None
        return found


class Shapes:
    """Reads the shape of a document that was validated."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }

    def of(self, type_: GraphQLNamedType, selected: SelectionSetNode) -> Shape:
        """What is selected of a type."""
        shape = Shape(type_)
        self._add(shape, type_, selected)
        return shape

    def _add(self, shape: Shape, type_: GraphQLNamedType, selected: SelectionSetNode) -> None:
        for parent, node in self._fields(type_, selected):
            name = node.name.value
            if name.startswith("__"):
                of: GraphQLNamedType = self._schema.type_map["String"]
            else:
                of = get_named_type(getattr(parent, "fields")[name].type)  # noqa: B009
            key = node.alias.value if node.alias else name
            part = shape.parts.setdefault(key, Shape(of))
            if node.selection_set:
                self._add(part, of, node.selection_set)

    def _fields(
        self, type_: GraphQLNamedType, selected: SelectionSetNode
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        for node in selected.selections:
            match node:
                case FieldNode():
                    yield type_, node
                case InlineFragmentNode():
                    of = node.type_condition
                    inner = self._schema.type_map[of.name.value] if of else type_
                    yield from self._fields(inner, node.selection_set)
                case FragmentSpreadNode():
                    fragment = self._fragments[node.name.value]
                    inner = self._schema.type_map[fragment.type_condition.name.value]
                    yield from self._fields(inner, fragment.selection_set)
                case _:
                    raise AssertionError(node)
