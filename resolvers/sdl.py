"""A schema as text, in an order that depends on nothing but names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_ast,
    print_schema,
)


@dataclass(frozen=True)
class _Marked:
    """A type followed by the directives of what is of it, which graphql-core does not print."""

    type: Any
    directives: str

    def __str__(self) -> str:
        return f"{self.type} {self.directives}"


def loaded(text: str) -> GraphQLSchema:
    """The schema of this text, sorted."""
    # Sorting rebuilds the types without Strawberry's enums, so it starts from the printed schema.
    built = build_schema(text, assume_valid=True, assume_valid_sdl=True, no_location=True)
    return lexicographic_sort_schema(built)


def applied(part: Any, _of: Any, without: str = "") -> str:
    """The directives of a type, field or argument; all but `@deprecated`, which is printed."""
    nodes: tuple[DirectiveNode, ...] = (part.ast_node.directives or ()) if part.ast_node else ()
    return " ".join(print_ast(d) for d in nodes if d.name.value not in ("deprecated", without))


def printed(schema: GraphQLSchema, directives: Callable[[Any, Any], str] = applied) -> str:
    """The text of a schema, with a line break at its end; the schema is good for no more.

    Args:
        directives: of a type, or of a field or argument of a type.
    """
    of_types: dict[str, str] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            of_types[type_.name] = directives(type_, None)
            for field in type_.fields.values():
                _mark(field, directives(field, type_))
                for argument in field.args.values():
                    _mark(argument, directives(argument, type_))
        elif isinstance(type_, GraphQLInputObjectType):
            for field in type_.fields.values():
                _mark(field, directives(field, type_))
    lines = re.sub(
        r"^((?:type|interface) (\w+)(?: implements [\w& ]+)?) {$",
        lambda found: f"{found[1]} {of_types[found[2]]} {{".replace("  ", " "),
        print_schema(schema),
        flags=re.MULTILINE,
    )
    return lines + "\n"


def _mark(part: Any, directives: str) -> None:
    if directives:
        part.type = _Marked(part.type, directives)
