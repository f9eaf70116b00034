"""Achievements: what was reached, as the sources report it.

They stand beside plans, not in them: the presidencies and mesas whose advances the sources list
have no plan there that these could be items of.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, dated, entity, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.country import Country
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.post import Mandate
    from schema.working_group import WorkingGroup


@strawberry.enum(description="What kind of achievement it is.")
class AchievementKind(Enum):
    """As the sources group them."""

    PRESIDENCY = strawberry.enum_value("PRESIDENCY", description="Reached by a presidency.")
    ADVANCE = strawberry.enum_value("ADVANCE", description="An advance that a group reports.")
    COUNTRY_RESULT = strawberry.enum_value("COUNTRY_RESULT", description="A result in one country.")


@entity(
    slug=True,
    orders={"POSITION": "position", "TITLE": "title", "DATE": "date"},
    title="title",
    search=("title",),
    scope="groups:write",
)
class Achievement(Record):
    """Something that was reached: by a presidency, a group, or in a country."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    kind: AchievementKind = column("What kind it is.", filter=True)
    title: str = translated("What was reached.")
    position: int = column("Its place where the source lists it, from 1.", default="1")
    group: WorkingGroup | None = one("The group that reached it.")
    mandate: Mandate | None = one("The time in office in which it was reached.")
    country: Country | None = one("The country it was reached in.")
    date: FuzzyDate | None = dated("When it was reached.")
    objectives: Connection[Objective] = through(
        "record_objective", "The objectives it serves, as the source says."
    )
