"""The schema as a subgraph of Apollo Federation 2: what `_service { sdl }` hands to gateways.

It is the published schema, where `@cost` and `@listSize` come from the specification instead of
being defined, and types say by which keys `_entities` finds their records.

`@requiresScopes` stays a directive of our own, which composition leaves out: as the
specification's, it would oblige every gateway to check scopes itself, and those that cannot refuse
to start. The token comes with what a gateway asks here, and is checked here.

Sources: Apollo Federation 2, subgraph specification, and what `@apollo/composition` refuses.
"""

import json
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from resolvers.sdl import applied, printed
from schema.base import Entity
from schema.keys import keyed, keys_of

_IMPORTED = ("@cost", "@key", "@listSize", "@shareable")
_HEAD = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: '
    f"{json.dumps(_IMPORTED)})\n\n"
    "directive @oneOf on INPUT_OBJECT\n\n"
)
"""Composition does not know `@oneOf` yet, and refuses what nobody defines."""
_SHAREABLE = ("PageInfo",)
"""Types that other subgraphs have as well, in the same form."""


def federated(schema: GraphQLSchema) -> str:
    """The text of the subgraph; the schema is good for no more."""
    assert schema.query_type
    for name in ("_entities", "_service"):
        del schema.query_type.fields[name]
    for name in ("_Any", "_Entity", "_Service"):
        del schema.type_map[name]
    schema.directives = tuple(d for d in schema.directives if f"@{d.name}" not in _IMPORTED)
    return _HEAD + printed(schema, _directives)


def _directives(part: Any, of: Any) -> str:
    if isinstance(part, GraphQLObjectType | GraphQLInterfaceType):
        return " ".join([*_keys(part.name), applied(part, of)]).strip()
    # Costs of an interface's fields are those of its types: composition takes no others.
    return applied(part, of, without="cost" if isinstance(of, GraphQLInterfaceType) else "")


def _keys(name: str) -> list[str]:
    if name in _SHAREABLE:
        return ["@shareable"]
    if name not in keyed():
        return []
    of, _ = keyed()[name]
    keys = keys_of(of) if isinstance(of, Entity) else ["id"]
    return [f'@key(fields: "{key}")' for key in keys]
