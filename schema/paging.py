"""Pages of a list, as in the Relay cursor connections specification."""

from typing import Generic, TypeVar

import strawberry

from schema.base import namespace

T = TypeVar("T")

DEFAULT_PAGE = 25
LARGEST_PAGE = 100
MOST_VALUES = 100
"""How many values a list in an argument may have."""


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's `PageInfo`."""

    has_next_page: bool = strawberry.field(description="Whether records follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether records precede this page.")
    start_cursor: str | None = strawberry.field(
        description="The first record's cursor, for `before`; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The last record's cursor, for `after`; null on an empty page."
    )


@strawberry.type(description="A record in a list, and its place there.")
class Edge(Generic[T]):
    """Relay's edge; links that say more than that they exist have edge types of their own."""

    cursor: str = strawberry.field(description="The record's place, for `after` and `before`.")
    node: T = strawberry.field(description="The record.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's connection."""

    edges: list[Edge[T]] = strawberry.field(description="The records with their cursors.")
    nodes: list[T] = strawberry.field(description="The records without their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    total_count: int = strawberry.field(
        description="How many records the whole list has; counted only when asked for."
    )


namespace |= {"Connection": Connection, "Edge": Edge, "PageInfo": PageInfo}

ARGUMENTS: dict[str, tuple[str, str]] = {
    "first": (
        "int | None",
        f"How many records from the front, at most {LARGEST_PAGE}; {DEFAULT_PAGE} if neither "
        "`first` nor `last` is given.",
    ),
    "after": ("str | None", "Only what follows the record with this cursor."),
    "last": ("int | None", f"How many records from the back, at most {LARGEST_PAGE}."),
    "before": ("str | None", "Only what precedes the record with this cursor."),
}
"""The paging arguments of every connection: type and description."""
