"""What fields cost, as the published schema says it: `@cost` and `@listSize`.

The directives of IBM's specification, in the form that Apollo's routers and composition take. A
point is about four microseconds of PostgreSQL; the weights were fitted to measured reads
(docs/limits.md). `resolvers/costs.py` puts them on the fields.
"""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.OBJECT,
        Location.SCALAR,
    ],
    description="How many points it costs each time it is answered, or given; a list that is "
    "given, for each of its items. Without it, an object costs 1 and a plain value nothing.",
)
class Cost:
    """On a field, an argument, a field of an input, or for all fields of an object's type."""

    weight: int = strawberry.directive_field(name="weight")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="How many items to expect, of this list or of the lists `sizedFields` in it: what "
    "a slicing argument says, else the assumed size.",
)
class ListSize:
    """On a list, or on a connection."""

    assumed_size: int | None = strawberry.directive_field(name="assumedSize")
    slicing_arguments: list[str] | None = strawberry.directive_field(
        name="slicingArguments", default=strawberry.UNSET
    )
    sized_fields: list[str] | None = strawberry.directive_field(
        name="sizedFields", default=strawberry.UNSET
    )
    require_one_slicing_argument: bool | None = strawberry.directive_field(
        name="requireOneSlicingArgument", default=True
    )


ANY_NOUN = 10
"""A link to a record of any noun: a join with every table."""
MIXED = 500
"""A list of records of any noun."""
COUNTED = 2
"""A `totalCount` below a record; that of a whole table can cost more."""
FOUND = 6
"""A link that PostgreSQL finds by an expression, such as who holds a post today."""
COMPUTED = 1
"""A value that it computes."""
LINKED = 50
"""A filter through a link, each time it is given."""
WORDS = 10
"""A filter by words."""
SEARCHED = 200
"""Words looked for in records of every noun."""
SUMMED = 10_000
"""Sums over the whole ledger."""
PRINTED = 10_000
"""The schema for gateways, each time: a megabyte that is not read from anywhere."""
WRITTEN = 500
"""A mutation."""
WRITTEN_MORE = 100
"""Each record of a mutation that writes several."""
