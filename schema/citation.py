"""Citations: where a fact came from, and what to know about the source."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, entity, one, translated
from schema.record import Node

if TYPE_CHECKING:
    from schema.document import Document
    from schema.record import Record


@strawberry.enum(description="How far a fact can be relied on, given its source.")
class Confidence(Enum):
    """Judged by whoever recorded the fact."""

    HIGH = strawberry.enum_value("HIGH", description="The source says so in clear words.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="The source says so, and needs reading.")
    LOW = strawberry.enum_value("LOW", description="The source is unclear or contradicts another.")


@entity(follows="record", orders={"POSITION": "position"}, scope="documents:write")
class Citation(Node):
    """Where a fact of a record came from."""

    record: Record = one("The record whose fact this is.")
    document: Document | None = one("The source; null if you may not see it.", required=True)
    locator: str | None = column(
        "Where in the source: its code and line, such as `M2:76`; null for the whole of it."
    )
    field: str | None = column(
        "The field of the record that it supports; null for the record as a whole."
    )
    confidence: Confidence = column("How far the fact can be relied on.", filter=True)
    note: str | None = translated(
        "What to know, where the source is wrong or unclear.", personal=True
    )
    position: int = column("Its place among the citations of the record, from 1.", default="1")
