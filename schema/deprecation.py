"""What will be gone: it is answered for a while after it was replaced, and says how long.

`@deprecated` says that something is, and by what it was replaced; `@lifetime` beside it says when.
Whoever still selects it is told with each answer: see `api/deprecations.py`.
"""

from datetime import date
from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM_VALUE,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    description="Beside `@deprecated`: since which day it is, and from which day it may be gone.",
)
class Lifetime:
    """On a field, an argument, a field of an input or a value of an enum; days are ISO 8601."""

    since: str = strawberry.directive_field(name="since")
    until: str = strawberry.directive_field(name="until")


def deprecated(field: Any, reason: str, since: date, until: date) -> Any:
    """A declared field that is going to be removed; the reason says what to select instead."""
    field.deprecation_reason = reason
    field.directives = [
        *field.directives,
        Lifetime(since=since.isoformat(), until=until.isoformat()),
    ]
    return field


def lifetime(definition: Any) -> tuple[date, date] | None:
    """Since when what is declared so is deprecated, and until when it stays."""
    for directive in getattr(definition, "directives", ()):
        if isinstance(directive, Lifetime):
            return date.fromisoformat(directive.since), date.fromisoformat(directive.until)
    return None
