"""Which deprecated parts of the schema an operation names: found once, when it is first asked.

What lies in variables is not looked at: that would be done anew for each request.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.language import Visitor, visit
from graphql.utilities import TypeInfo, TypeInfoVisitor

from schema.deprecation import lifetime


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A deprecated part of the schema, by its coordinate, such as `Country.alpha3`."""

    coordinate: str
    reason: str
    since: date | None
    until: date | None


def deprecations(
    schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
) -> tuple[Deprecation, ...]:
    """What an operation of a valid document names of what is deprecated, in its order."""
    if not _some(schema):
        return ()
    info = TypeInfo(schema)
    naming = _Naming(info)
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    pending: list[Any] = [node]
    seen: set[str] = set()
    while pending:
        naming.spread.clear()
        visit(pending.pop(0), TypeInfoVisitor(info, naming))
        new = [name for name in naming.spread if name not in seen]
        seen.update(new)
        pending += [fragments[name] for name in new]
    return tuple(naming.found.values())


class _Naming(Visitor):
    """Notes what is deprecated, and which fragments are spread."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found: dict[str, Deprecation] = {}
        self.spread: dict[str, None] = {}

    def _note(self, part: Any, coordinate: str) -> None:
        reason = part.deprecation_reason if part else None
        if reason is not None:
            since, until = lifetime(part.extensions.get("strawberry-definition")) or (None, None)
            self.found[coordinate] = Deprecation(coordinate, reason, since, until)

    def enter_fragment_spread(self, node: Any, *_: Any) -> None:
        """Have the fragment looked at as well."""
        self.spread[node.name.value] = None

    def enter_field(self, node: Any, *_: Any) -> None:
        """A field."""
        parent = self._info.get_parent_type()
        self._note(self._info.get_field_def(), f"{parent}.{node.name.value}")
        self._field = f"{parent}.{node.name.value}"

    def enter_argument(self, node: Any, *_: Any) -> None:
        """An argument of a field; those of directives are the language's own."""
        if self._info.get_directive() is None:
            self._note(self._info.get_argument(), f"{self._field}({node.name.value}:)")

    def enter_object_field(self, node: Any, *_: Any) -> None:
        """A field of an input that stands in the document."""
        # graphql-core has gone into the field's own type already.
        type_ = get_named_type(self._info.get_parent_input_type())
        if isinstance(type_, GraphQLInputObjectType):
            self._note(type_.fields.get(node.name.value), f"{type_}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        """A value of an enum that stands in the document."""
        type_ = get_named_type(self._info.get_input_type())
        self._note(self._info.get_enum_value(), f"{type_}.{node.value}")


@lru_cache(maxsize=4)
def _some(schema: GraphQLSchema) -> bool:
    """Whether anything of a schema is deprecated; most of the time nothing is."""
    return any(
        part.deprecation_reason is not None
        for type_ in schema.type_map.values()
        if not type_.name.startswith("__")
        for part in _parts(type_)
    )


def _parts(type_: Any) -> list[Any]:
    match type_:
        case GraphQLObjectType() | GraphQLInterfaceType():
            fields = type_.fields.values()
            return [*fields, *(argument for field in fields for argument in field.args.values())]
        case GraphQLInputObjectType():
            return [*type_.fields.values()]
        case GraphQLEnumType():
            return [*type_.values.values()]
        case _:
            return []
