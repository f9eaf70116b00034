"""Working groups: every body in which the actors meet, whatever it is called."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, dated, entity, link, many, one, through, translated
from schema.record import Party

if TYPE_CHECKING:
    from schema.actor import Actor
    from schema.country import Country
    from schema.framework import Framework, Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.membership import Membership
    from schema.paging import Connection


@strawberry.enum(description="What kind of body a group is.")
class GroupKind(Enum):
    """As the sources call them."""

    MECHANISM = strawberry.enum_value("MECHANISM", description="A standing mechanism of dialogue.")
    PROCESS = strawberry.enum_value("PROCESS", description="A process between states.")
    PLATFORM = strawberry.enum_value("PLATFORM", description="A platform of supporters.")
    MESA = strawberry.enum_value("MESA", description="A thematic table of a mechanism.")
    LIAISON_TABLE = strawberry.enum_value(
        "LIAISON_TABLE", description="The table that links the mesas (Mesa de Vinculación)."
    )
    TECHNICAL_TABLE = strawberry.enum_value("TECHNICAL_TABLE", description="A technical table.")
    WORKING_GROUP = strawberry.enum_value("WORKING_GROUP", description="A working group.")
    SUBGROUP = strawberry.enum_value("SUBGROUP", description="A part of a group.")
    ASSEMBLY = strawberry.enum_value("ASSEMBLY", description="An assembly of all members.")
    LEADERSHIP = strawberry.enum_value("LEADERSHIP", description="The leaders of a body.")
    NATIONAL_COORDINATION_GROUP = strawberry.enum_value(
        "NATIONAL_COORDINATION_GROUP", description="The coordination group of one country."
    )
    SECRETARIAT = strawberry.enum_value("SECRETARIAT", description="A secretariat.")
    TROIKA = strawberry.enum_value(
        "TROIKA", description="The past, present and coming presidencies."
    )


@strawberry.enum(description="How exact a declared number is.")
class CountQualifier(Enum):
    """Most members of the civil-society bodies are counted but not named."""

    EXACT = strawberry.enum_value("EXACT", description="Exactly so many.")
    AT_LEAST = strawberry.enum_value("AT_LEAST", description="So many or more.")
    MORE_THAN = strawberry.enum_value("MORE_THAN", description="More than so many.")
    ABOUT = strawberry.enum_value("ABOUT", description="About so many.")


@strawberry.enum(description="Who says that there is a link.")
class Basis(Enum):
    """On every link to an objective."""

    STATED = strawberry.enum_value("STATED", description="A document says so.")
    INFERRED = strawberry.enum_value("INFERRED", description="An editor concluded it.")
    ASSERTED = strawberry.enum_value("ASSERTED", description="A partner said so through this API.")


@entity(
    slug=True,
    orders={"NAME": "name"},
    title="name",
    search=("name", "acronym", "slug"),
    constraints=(
        CheckConstraint("parent_id <> id", name="parent"),
        CheckConstraint("counterpart_id <> id", name="counterpart"),
        CheckConstraint("declared_member_count >= 0", name="declared_member_count"),
        CheckConstraint(
            "(declared_member_count IS NULL) = (declared_member_count_qualifier IS NULL)",
            name="declared_member_count_qualified",
        ),
    ),
)
class WorkingGroup(Party):
    """Any body in which actors meet: a mechanism, a mesa, a working group, a secretariat."""

    slug: str = column("Short, readable and permanent, such as `mesa-2`.", unique=True, filter=True)
    kind: GroupKind = column("What kind of body it is.", filter=True)
    description: str | None = translated("What it is for, in a sentence or two.")
    parent: WorkingGroup | None = one("The body it belongs to.")
    subgroups: Connection[WorkingGroup] = many("parent", "The bodies that belong to it.")
    host: Actor | None = one("The organization whose structure it is part of.")
    framework: Framework | None = one("The framework that it serves.")
    country: Country | None = one("The one country that it is about.")
    counterpart: WorkingGroup | None = one(
        "The group of the other side with the same subject: civil society's for a group of MIRPS.",
        unique=True,
    )
    probably_same_as: WorkingGroup | None = one(
        "A group that is probably the same under another name, though no source says so."
    )
    established: FuzzyDate | None = dated("When it was set up.")
    declared_member_count: int | None = column(
        "How many members it says it has; most of them are not named anywhere."
    )
    declared_member_count_qualifier: CountQualifier | None = column(
        "How exact `declaredMemberCount` is."
    )
    mailbox: str | None = column("An address that reaches its office, never a person's.")
    members: Connection[Membership] = many("group", "Who belongs to it, and since when.")
    objectives: Connection[Objective] = through(
        "working_group_objective", "The objectives it works on; priorities are marked on the edge."
    )


@link
class WorkingGroupObjective:
    """An objective that a group works on."""

    working_group: WorkingGroup = one("The group.")
    objective: Objective = one("The objective.")
    basis: Basis = column("Who says that the group works on it.")
    priority: bool = column("Whether the group has chosen it as a priority.", default="false")
