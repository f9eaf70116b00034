"""Scopes that a field needs, as the published schema says it.

`@requiresScopes` is the directive that gateways and clients of federated schemas know: one of the
lists has to be held, and all of it. Fields without it need no token.
"""

from typing import Any, NewType

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from schema.base import namespace

ScopeName = NewType("ScopeName", str)
"""A scope as tokens carry it; `auth/scopes.py` lists them."""
namespace["ScopeName"] = ScopeName


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Whoever selects this needs a token with all the scopes of one of the lists.",
)
class RequiresScopes:
    """On a field; the whole operation is refused where it is selected without them."""

    scopes: list[list[ScopeName]] = strawberry.directive_field(name="scopes")


def requires(*scopes: str) -> RequiresScopes:
    """For the `directives` of a field that needs all of these."""
    return RequiresScopes(scopes=[[ScopeName(scope) for scope in scopes]])


def requiring(field: Any, *scopes: str) -> Any:
    """A declared field that needs all of these scopes."""
    field.directives = [*field.directives, requires(*scopes)]
    return field


def required(field: StrawberryField) -> list[list[str]]:
    """The lists of scopes of which a field needs one; none for most."""
    found = [d for d in field.directives if isinstance(d, RequiresScopes)]
    return [list(scopes) for directive in found for scopes in directive.scopes]
