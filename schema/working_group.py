"""Working groups: every body in which the actors meet, whatever it is called."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.application import APPLICATIONS
from schema.base import (
    column,
    computed,
    dated,
    entity,
    many,
    one,
    related,
    rows,
    through,
    translated,
)
from schema.record import Party
from schema.requirement import requiring

if TYPE_CHECKING:
    from schema.achievement import Achievement
    from schema.actor import Actor
    from schema.application import Application
    from schema.country import Country
    from schema.framework import Framework, Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.membership import Membership
    from schema.paging import Connection
    from schema.plan import PlanItem
    from schema.post import Post
    from schema.recommendation import Recommendation
    from schema.topic import Topic


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
    scope="groups:write",
)
class WorkingGroup(Party):
    """Any body in which actors meet: a mechanism, a mesa, a working group, a secretariat."""

    slug: str = column("Short, readable and permanent, such as `mesa-2`.", unique=True, filter=True)
    kind: GroupKind = column("What kind of body it is.", filter=True)
    description: str | None = translated("What it is for, in a sentence or two.")
    parent: WorkingGroup | None = one("The body it belongs to.")
    subgroups: Connection[WorkingGroup] = many("parent", "The bodies that belong to it.")
    host: Actor | None = one("The organization whose structure it is part of.")
    registrar: Party | None = one(
        "Who acts for it, and for the bodies below it, while nobody holds an office there or "
        "above: this party or, where it is a group, each of its active members."
    )
    framework: Framework | None = one("The framework that it serves.")
    country: Country | None = one("The one country that it is about.")
    counterpart: WorkingGroup | None = one(
        "The group of the other side with the same subject: civil society's for a group of MIRPS.",
        unique=True,
        mutual=True,
    )
    probably_same_as: WorkingGroup | None = one(
        "A group that is probably the same under another name, though no source says so.",
        mutual=True,
    )
    established: FuzzyDate | None = dated("When it was set up.")
    declared_member_count: int | None = column(
        "How many members it says it has; most of them are not named anywhere."
    )
    declared_member_count_qualifier: CountQualifier | None = column(
        "How exact `declaredMemberCount` is."
    )
    mailbox: str | None = column(
        "An address that reaches its office, never a person's.", personal=True, standard="e-mail"
    )
    members: Connection[Membership] = many("group", "Who belongs to it, and since when.")
    objectives: Connection[Objective] = through(
        "record_objective", "The objectives it works on; priorities are marked on the edge."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")
    posts: Connection[Post] = many("group", "Its seats, vacant ones included.")
    fills: Connection[Post] = many("elected_by", "The seats of other groups that it fills.")
    coordinated_items: Connection[PlanItem] = many(
        "coordinating_group", "The items of plans that it coordinates."
    )
    achievements: Connection[Achievement] = many("group", "What it reached.")
    recommendations: Connection[Recommendation] = many("group", "What it asks others to do.")
    applications: list[Application] = requiring(
        rows(
            APPLICATIONS,
            "The organizations unknown here that ask to join it, at most 100, those that wait "
            "first: for its officers. Empty for all others.",
            size=100,
        ),
        "restricted:read",
    )
    complete: bool | None = computed(
        """(SELECT bool_and(mandate_on(p_.id, 0, coalesce({on},
            (now() AT TIME ZONE 'UTC')::date)) IS NOT NULL)
        FROM post p_ WHERE p_.group_id = {row}.id AND p_.required AND {visible post p_})""",
        "Whether somebody is recorded in every required seat on the day; null for a group without "
        "such seats.",
        on=("date | None", "The day asked about; today if left out."),
    )
    countries_without_focal_point: Connection[Country] = related(
        """EXISTS (SELECT FROM post p_ WHERE p_.group_id = {row}.id
            AND p_.country_id = {other}.id AND {visible post p_})
        AND NOT EXISTS (SELECT FROM post p_ WHERE p_.group_id = {row}.id
            AND p_.country_id = {other}.id AND {visible post p_} AND mandate_on(
                p_.id, 0, (now() AT TIME ZONE 'UTC')::date) IS NOT NULL)""",
        "The countries that it has a focal point's seat for, and nobody in it today.",
    )
    countries_without_members: Connection[Country] = related(
        """EXISTS (SELECT FROM post p_ WHERE p_.group_id = {row}.id
            AND p_.country_id = {other}.id AND {visible post p_})
        AND NOT EXISTS (SELECT FROM membership m_ JOIN actor a_ ON a_.id = m_.party_id
            WHERE m_.group_id = {row}.id AND is_active(m_.status, m_.end_latest, m_.end_status)
            AND {visible membership m_} AND {visible actor a_} AND a_.country_id = {other}.id)""",
        "The countries that it has a focal point's seat for, and no named member from.",
    )
