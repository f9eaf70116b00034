"""The GraphQL schema: what is declared in `schema/`, with a root for reads."""

from functools import cache

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from auth.scopes import Scope
from resolvers.costs import publish
from resolvers.mutation import Mutation
from resolvers.query import Query, Representation
from resolvers.sdl import loaded, printed
from resolvers.subgraph import federated
from schema.language import Language
from schema.nouns import entities
from schema.requirement import ScopeName
from schema.scalars import SCALARS

_SCOPE = strawberry.scalar(
    name="Scope",
    description="What a token can open. Public data need none.\n\n"
    + "\n".join(f"- `{each.scope}`: {each.sentence(Language.EN)}" for each in Scope),
)

_ANY = strawberry.scalar(
    name="_Any",
    description="A record as a gateway names it: an object with `__typename` and a key.",
)

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[cls for noun in entities.values() for cls in noun.types],
    config=StrawberryConfig(
        scalar_map={**SCALARS, ScopeName: _SCOPE, Representation: _ANY}  # type: ignore[arg-type]
    ),
)


def _mark_one_of(built: GraphQLSchema) -> None:
    """Let validation know `@oneOf`: Strawberry prints it, and checks it only as values are read."""
    for type_ in built.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            type_.is_one_of = type_.extensions["strawberry-definition"].is_one_of


_mark_one_of(schema._schema)  # pyright: ignore[reportPrivateUsage]
publish(schema._schema)  # pyright: ignore[reportPrivateUsage]


@cache
def sdl() -> str:
    """The published contract, sorted, with a line break at its end."""
    return printed(loaded(schema.as_str()))


@cache
def subgraph() -> str:
    """The contract for gateways of Apollo Federation."""
    return federated(loaded(schema.as_str()))
