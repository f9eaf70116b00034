"""How large the operations of a document are, found out in one walk.

A fragment is measured where it is met first and remembered, so the time is linear in the document
however often its fragments are spread. A cycle of fragments counts as nothing; validation refuses
it. Sizes that double with every fragment are real, and stop counting at a thousand million.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)
from graphql.language import DirectiveNode

MANY = 10**9
_INTROSPECTION = ("__schema", "__type")


@dataclass(slots=True)
class Size:
    """What a selection set comes to, with all that its fragments bring.

    Args:
        depth: fields in one another.
        fragments: fragments in one another, inline ones included.
        roots: fields at its first level.
        introspection: fields that are resolved to answer questions about the schema.
    """

    depth: int = 0
    fragments: int = 0
    roots: int = 0
    fields: int = 0
    aliases: int = 0
    introspection: float = 0

    def spread(self, part: "Size") -> None:
        """Count a fragment at this level."""
        self.depth = max(self.depth, part.depth)
        self.fragments = max(self.fragments, part.fragments + 1)
        self.roots = min(self.roots + part.roots, MANY)
        self.fields = min(self.fields + part.fields, MANY)
        self.aliases = min(self.aliases + part.aliases, MANY)
        self.introspection = min(self.introspection + part.introspection, MANY)

    def descend(self, part: "Size", weight: float) -> None:
        """Count a field with what is selected below it, which introspection repeats so often."""
        self.depth = max(self.depth, part.depth + 1)
        self.fragments = max(self.fragments, part.fragments)
        self.roots += 1
        self.fields = min(self.fields + part.fields + 1, MANY)
        self.aliases = min(self.aliases + part.aliases, MANY)
        if weight:
            self.introspection = min(self.introspection + 1 + weight * part.introspection, MANY)


@dataclass(frozen=True)
class Guards:
    """What is refused where it is met; each may raise.

    Args:
        descend: called with the depth of fields and of fragments that the walk has come to.
        field: called with each field.
        directives: called with the directives of one place.
        value: called with each value and its depth in the argument.
    """

    descend: Callable[[int, int], None]
    field: Callable[[FieldNode], None]
    directives: Callable[[tuple[DirectiveNode, ...]], None]
    value: Callable[[ValueNode, int], None]


class Walk:
    """One pass over a document. `steps` counts selections and values, to show that it is linear."""

    def __init__(self, document: DocumentNode, guards: Guards, weights: dict[str, float]) -> None:
        self._guards = guards
        self._weights = weights
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        self._known: dict[tuple[str, bool], Size] = {}
        self.operations: list[OperationDefinitionNode] = []
        self.steps = 0
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                self._fragments[node.name.value] = node
            elif isinstance(node, OperationDefinitionNode):
                self.operations.append(node)

    def largest(self) -> Size:
        """The most of everything that any operation of the document comes to."""
        sizes = [self._operation(node) for node in self.operations]
        return Size(*map(max, zip(*map(astuple, [Size(), *sizes]), strict=True)))

    def _operation(self, node: OperationDefinitionNode) -> Size:
        self._directives(node.directives)
        for variable in node.variable_definitions or ():
            self._directives(variable.directives)
            if variable.default_value:
                self._value(variable.default_value)
        return self._measure(node.selection_set, 1, 0, False)

    def _measure(self, node: SelectionSetNode, depth: int, fragments: int, inside: bool) -> Size:
        self._guards.descend(depth, fragments)
        size = Size()
        for selection in node.selections:
            self.steps += 1
            self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                self._field(size, selection, depth, fragments, inside)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                size.spread(self._fragment(name, depth, fragments + 1, inside))
            elif isinstance(selection, InlineFragmentNode):
                part = self._measure(selection.selection_set, depth, fragments + 1, inside)
                size.spread(part)
        return size

    def _field(self, size: Size, node: FieldNode, depth: int, fragments: int, inside: bool) -> None:
        self._guards.field(node)
        for argument in node.arguments or ():
            self._value(argument.value)
        name = node.name.value
        inside = inside or name in _INTROSPECTION
        part = Size()
        if node.selection_set:
            part = self._measure(node.selection_set, depth + 1, fragments, inside)
        size.descend(part, self._weights.get(name, 1) if inside else 0)
        size.aliases += node.alias is not None

    def _fragment(self, name: str, depth: int, fragments: int, inside: bool) -> Size:
        key = name, inside
        size = self._known.get(key)
        if size is not None:
            self._guards.descend(depth + size.depth - 1, fragments + size.fragments)
            return size
        definition = self._fragments.get(name)
        if definition is None:
            return Size()
        self._known[key] = Size()  # what a cycle comes back to
        self._directives(definition.directives)
        size = self._measure(definition.selection_set, depth, fragments, inside)
        self._known[key] = size
        return size

    def _directives(self, nodes: tuple[DirectiveNode, ...] | None) -> None:
        if nodes:
            self._guards.directives(nodes)
            for node in nodes:
                for argument in node.arguments or ():
                    self._value(argument.value)

    def _value(self, value: ValueNode) -> None:
        pending = [(value, 0)]
        while pending:
            value, depth = pending.pop()
            self.steps += 1
            self._guards.value(value, depth)
            if isinstance(value, ListValueNode):
                pending.extend((item, depth + 1) for item in value.values)
            elif isinstance(value, ObjectValueNode):
                pending.extend((field.value, depth + 1) for field in value.fields)


def weights(schema: GraphQLSchema) -> dict[str, float]:
    """How long the lists of introspection are on average: `types`, `fields`, `args` and so on."""
    types = list(schema.type_map.values())
    outputs = [t for t in types if is_object_type(t) or is_interface_type(t)]
    fields = [field for t in outputs for field in t.fields.values()]
    longest = max(len(t.fields) for t in outputs)
    arguments = sum(len(field.args) for field in fields)
    inputs = sum(len(t.fields) for t in types if is_input_object_type(t))
    values = sum(len(t.values) for t in types if is_enum_type(t))
    interfaces = sum(len(t.interfaces) for t in outputs)
    named = [get_named_type(field.type) for field in fields]
    possible = sum(len(schema.get_possible_types(t)) for t in named if is_abstract_type(t))
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "ofType": 0.5,
        "fields": len(fields) / len(types),
        "args": arguments / len(fields),
        "inputFields": inputs / len(types),
        "enumValues": values / len(types),
        "interfaces": interfaces / len(types),
        "possibleTypes": possible / len(fields),
        "__type": longest * len(types) / len(fields),
    }
