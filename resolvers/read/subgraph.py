"""`_service { sdl }`: the schema for gateways, which is not kept with each plan that shows it.

A sign stands for it, which occurs nowhere else in an answer: see `contacts`.
"""

import json
from functools import cache

from graphql import FieldNode, GraphQLField

from resolvers.read.selection import Selection, composite, sets_of

_SIGN = "\x02"


def service(selection: Selection, nodes: list[FieldNode], definition: GraphQLField) -> str:
    """The JSON of `_service`, with signs for the schema."""
    type_ = composite(definition)
    values = {"__typename": f'"{type_.name}"', "sdl": _SIGN}
    found = selection.collect(type_, sets_of(nodes)).items()
    return "{" + ",".join(f'"{key}":{values[each[0].name.value]}' for key, each in found) + "}"


def with_schema(data: bytes) -> bytes:
    """The data with the schema where it is to stand."""
    return data.replace(_SIGN.encode(), quoted())


@cache
def quoted() -> bytes:
    """The schema as JSON; writing it takes two seconds."""
    from resolvers.schema import subgraph

    return json.dumps(subgraph(), ensure_ascii=False).encode()
