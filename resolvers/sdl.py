"""A schema as text, in an order that depends on nothing but names."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    lexicographic_sort_schema,
    print_ast,
    print_schema,
)


@dataclass(frozen=True)
class _Marked:
    """A field's type followed by the field's directives, which graphql-core does not print."""

    type: Any
    directives: str

    def __str__(self) -> str:
        return f"{self.type} {self.directives}"


def printed(text: str) -> str:
    """The schema of this text, sorted, with a line break at its end."""
    # Sorting rebuilds the types without Strawberry's enums, so it starts from the printed schema.
    schema = lexicographic_sort_schema(build_schema(text))
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field in type_.fields.values():
                if directives := _directives(field):
                    field.type = _Marked(field.type, directives)  # type: ignore[assignment]
    return print_schema(schema) + "\n"


def _directives(field: GraphQLField) -> str:
    """All but `@deprecated`, which is printed."""
    applied = field.ast_node.directives if field.ast_node else ()
    return " ".join(print_ast(d) for d in applied or () if d.name.value != "deprecated")
