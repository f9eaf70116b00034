"""What an operation names of what will be gone, in a schema that has some of everything."""

from datetime import date
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse, validate

from api.deprecations import Warned, warned
from resolvers.deprecations import Deprecation, deprecations
from schema.deprecation import deprecated
from tests.reading import operation_of

REASON = "Select `name`."
FIRST, SECOND = (date(2026, 11, 1), date(2027, 11, 1)), (date(2026, 12, 1), date(2027, 6, 1))


@strawberry.enum
class Order(Enum):
    """An order."""

    NAME = "NAME"
    SIZE = strawberry.enum_value("SIZE", deprecation_reason="Order by NAME.")


@strawberry.input
class Where:
    """A filter."""

    old: str | None = strawberry.field(default=None, deprecation_reason="Ask for `new`.")
    new: str | None = None


@strawberry.type
class Place:
    """A place."""

    name: str
    label: str = deprecated(strawberry.field(), REASON, *FIRST)
    title: str = deprecated(strawberry.field(), REASON, *SECOND)
    note: str = strawberry.field(deprecation_reason="Nobody wrote any.")
    within: "Place | None" = None


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def place(
        self,
        where: Where | None = None,
        order: Order | None = None,
        limit: Annotated[
            int | None, strawberry.argument(deprecation_reason="There is one.")
        ] = None,
    ) -> Place | None:
        """A place."""


SCHEMA: Any = strawberry.Schema(Query)
LABEL = Deprecation("Place.label", REASON, *FIRST)
TITLE = Deprecation("Place.title", REASON, *SECOND)
NOTE = Deprecation("Place.note", "Nobody wrote any.", None, None)


def named(query: str) -> list[Deprecation]:
    """What the operation `Asked`, or the only one, names."""
    document = parse(query)
    assert validate(SCHEMA._schema, document) == []
    operations = [d for d in document.definitions if getattr(d, "operation", None)]
    node: Any = operations[0] if len(operations) > 1 else operation_of(document)
    return list(deprecations(SCHEMA._schema, document, node))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ place { name } }", []),
        ("{ place { label } }", [LABEL]),
        ("{ place { a: label b: label note } }", [LABEL, NOTE]),
        ("{ place { within { within { title label } } } }", [TITLE, LABEL]),
        ("{ place { ... on Place { label } } }", [LABEL]),
        ("{ place { ...A } } fragment A on Place { ...B } fragment B on Place { note }", [NOTE]),
        ("query A { place { name } } query B { place { label } }", []),
        (
            "query A { place { ...A } } query B { place { ...B } } "
            "fragment A on Place { note } fragment B on Place { label }",
            [NOTE],
        ),
    ],
)
def test_fields_are_told_once_each(query: str, expected: list[Deprecation]):
    """Wherever they are selected, in fragments as well; not those of another operation."""
    assert named(query) == expected


@pytest.mark.parametrize(
    ("arguments", "coordinate"),
    [
        ("limit: 1", "Query.place(limit:)"),
        ('where: {old: "x"}', "Where.old"),
        ("order: SIZE", "Order.SIZE"),
    ],
)
def test_arguments_and_values_in_the_document_are_told(arguments: str, coordinate: str):
    """By their coordinates (RFC 2026-01 of GraphQL)."""
    assert [d.coordinate for d in named(f"{{ place({arguments}) {{ name }} }}")] == [coordinate]


def test_a_selection_that_variables_leave_out_is_told_as_well():
    """The document will be refused one day, whatever its variables are."""
    assert named("query ($x: Boolean!) { place { label @include(if: $x) } }") == [LABEL]


def test_headers_have_the_earliest_day_of_each_kind():
    """RFC 9745 counts seconds since 1970; RFC 8594 has a date of HTTP."""
    assert warned((LABEL, TITLE, NOTE)).headers == [
        (b"deprecation", b"@1793491200"),
        (b"sunset", b"Tue, 01 Jun 2027 00:00:00 GMT"),
    ]


def test_without_days_there_are_no_headers():
    """They cannot say less than when."""
    assert warned((NOTE,)) == Warned(
        b'[{"coordinate":"Place.note","reason":"Nobody wrote any.","since":null,"until":null}]', []
    )


def test_the_schema_says_the_days():
    """Beside the reason."""
    line = (
        '@deprecated(reason: "Select `name`.") @lifetime(since: "2026-11-01", until: "2027-11-01")'
    )
    text = SCHEMA.as_str()
    assert all(part in text for part in line.replace(") @", ")\n@").split("\n"))
