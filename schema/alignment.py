"""Alignments: what a plan, an item or a strategy follows or contributes to."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, entity, one, translated
from schema.record import Node

if TYPE_CHECKING:
    from schema.framework import Basis
    from schema.record import Record


@strawberry.enum(description="How a record lies to what it is aligned with.")
class AlignmentKind(Enum):
    """In the words of the sources."""

    ALIGNED = strawberry.enum_value("ALIGNED", description="Is in line with it.")
    BASED_ON = strawberry.enum_value("BASED_ON", description="Was made from it.")
    CONTRIBUTES = strawberry.enum_value("CONTRIBUTES", description="Helps to reach it.")


@entity(follows="source", orders={"POSITION": "position"}, scope="plans:write")
class Alignment(Node):
    """A plan or item that follows another one, or a framework, or contributes to it."""

    source: Record = one("The plan or item.")
    target: Record | None = one("What it follows; null if you may not see it.", required=True)
    kind: AlignmentKind = column("How it lies to the target.", filter=True)
    basis: Basis = column("Who says so.", filter=True, default="'STATED'")
    note: str | None = translated("What to know of it.")
    position: int = column("Its place among the source's alignments, from 1.", default="1")
