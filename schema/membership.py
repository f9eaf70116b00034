"""Memberships: who belongs to which group, and since when."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, dated, entity, one, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.fuzzy_date import FuzzyDate
    from schema.record import Party
    from schema.working_group import WorkingGroup


@strawberry.enum(description="Where a membership stands.")
class MembershipStatus(Enum):
    """A membership is asked for or offered, and ends."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="The party asked to join.")
    INVITED = strawberry.enum_value("INVITED", description="The group asked the party to join.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="The party belongs to the group.")
    DECLINED = strawberry.enum_value("DECLINED", description="One side said no.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="The party took its request back.")
    ENDED = strawberry.enum_value("ENDED", description="The party no longer belongs to the group.")


@entity(orders={"START": "start"}, periods={"heldOn": ("start", "end")})
class Membership(Record):
    """A party's belonging to a group, for a time. A party may belong to any number of groups."""

    group: WorkingGroup | None = one("The group; null if you may not see it.", required=True)
    party: Party | None = one("Who belongs to it; null if you may not see it.", required=True)
    status: MembershipStatus = column("Where it stands.", filter=True)
    role: str | None = translated(
        "What the party is in the group, where that is more than a member.", personal=True
    )
    start: FuzzyDate | None = dated("When it began.")
    end: FuzzyDate | None = dated("When it ended; null while it lasts.")
