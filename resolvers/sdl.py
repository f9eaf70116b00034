"""A schema as text, in an order that depends on nothing but names."""

import re
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
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


def printed(text: str) -> str:
    """The schema of this text, sorted, with a line break at its end."""
    # Sorting rebuilds the types without Strawberry's enums, so it starts from the printed schema.
    built = build_schema(text, assume_valid=True, assume_valid_sdl=True, no_location=True)
    schema = lexicographic_sort_schema(built)
    of_types: dict[str, str] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            of_types[type_.name] = _directives(type_)
            for field in type_.fields.values():
                _mark(field)
                for argument in field.args.values():
                    _mark(argument)
        elif isinstance(type_, GraphQLInputObjectType):
            for field in type_.fields.values():
                _mark(field)
    lines = re.sub(
        r"^type (\w+) {$",
        lambda found: f"type {found[1]} {of_types[found[1]]} {{".replace("  ", " "),
        print_schema(schema),
        flags=re.MULTILINE,
    )
    return lines + "\n"


def _mark(part: Any) -> None:
    if directives := _directives(part):
        part.type = _Marked(part.type, directives)


def _directives(part: Any) -> str:
    """All but `@deprecated`, which is printed."""
    applied = part.ast_node.directives if part.ast_node else ()
    return " ".join(print_ast(d) for d in applied or () if d.name.value != "deprecated")
