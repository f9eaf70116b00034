"""The GraphQL schema: what is declared in `schema/`, with a root for reads."""

import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from resolvers.mutation import Mutation
from resolvers.query import Query
from schema.nouns import entities
from schema.scalars import SCALARS

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[cls for noun in entities.values() for cls in noun.types],
    config=StrawberryConfig(scalar_map=SCALARS),  # type: ignore[arg-type]
)


def _mark_one_of(built: GraphQLSchema) -> None:
    """Let validation know `@oneOf`: Strawberry prints it, and checks it only as values are read."""
    for type_ in built.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            type_.is_one_of = type_.extensions["strawberry-definition"].is_one_of


_mark_one_of(schema._schema)  # pyright: ignore[reportPrivateUsage]


def sdl() -> str:
    """The published contract, sorted, with a line break at its end."""
    # Sorting rebuilds the types without Strawberry's enums, so it starts from the printed schema.
    return print_schema(lexicographic_sort_schema(build_schema(schema.as_str()))) + "\n"
