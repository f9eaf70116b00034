"""Frameworks: instruments and processes that the region's work refers to, and their objectives."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint, UniqueConstraint

from schema.base import column, computed, dated, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.contribution import Contribution
    from schema.event import Event
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.plan import Plan, PlanItem
    from schema.pledge import Pledge
    from schema.practice import Practice
    from schema.scalars import Url
    from schema.working_group import WorkingGroup


@strawberry.enum(description="What kind of instrument or process a framework is.")
class FrameworkKind(Enum):
    """As the sources call them."""

    COMPACT = strawberry.enum_value("COMPACT", description="A global compact.")
    DECLARATION = strawberry.enum_value("DECLARATION", description="A declaration.")
    DECLARATION_AND_PLAN = strawberry.enum_value(
        "DECLARATION_AND_PLAN", description="A declaration with a plan of action."
    )
    RESOLUTION = strawberry.enum_value("RESOLUTION", description="A resolution.")
    CONFERENCE = strawberry.enum_value("CONFERENCE", description="A conference's conclusions.")
    FRAMEWORK = strawberry.enum_value("FRAMEWORK", description="A framework for common work.")


@strawberry.enum(description="Who says that there is a link.")
class Basis(Enum):
    """On every link to an objective."""

    STATED = strawberry.enum_value("STATED", description="A document says so.")
    INFERRED = strawberry.enum_value("INFERRED", description="An editor concluded it.")
    ASSERTED = strawberry.enum_value("ASSERTED", description="A partner said so through this API.")


@entity(
    slug=True,
    public=True,
    orders={"TITLE": "title", "ADOPTED": "adopted"},
    title="title",
    search=("title", "acronym", "un_symbol"),
    scope="registry:write",
)
class Framework(Record):
    """An instrument or process that plans and groups refer to, such as the GCM."""

    slug: str = column("Short, readable and permanent, such as `gcm`.", unique=True, filter=True)
    kind: FrameworkKind = column("What kind of instrument it is.", filter=True)
    title: str = translated("The official title.")
    acronym: str | None = translated("Short for the title: `PMM`, in English `GCM`.")
    description: str | None = translated("What it is, in a sentence or two.")
    un_symbol: str | None = column("The UN document symbol, such as `A/RES/73/195`.", filter=True)
    adopted: FuzzyDate | None = dated("When it was adopted.")
    url: Url | None = column("Where to read it.")
    objectives: Connection[Objective] = many("framework", "Its numbered objectives.")
    working_groups: Connection[WorkingGroup] = many("framework", "The groups that serve it.")
    pledges: Connection[Pledge] = many("framework", "The pledges made under it.")


@entity(
    slug=True,
    public=True,
    orders={"NUMBER": "number", "CODE": "code", "TITLE": "title"},
    title="title",
    search=("title", "label", "code"),
    constraints=(
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("framework_id", "number"),
    ),
    scope="registry:write",
)
class Objective(Record):
    """A numbered objective of a framework, such as objective 8 of the GCM."""

    slug: str = column("Short, readable and permanent, such as `gcm-8`.", unique=True, filter=True)
    framework: Framework = one("The framework it belongs to.")
    number: int = column("Its number in the framework.", filter=True)
    code: str = column("Framework and number, such as `GCM-8`.", unique=True, filter=True)
    title: str = translated("The official title.")
    label: str = translated("The title in a few words.")
    round_table: int | None = column(
        "The round table of the International Migration Review Forum that takes it, 1 to 4.",
        filter=True,
    )
    un_hub_term_id: int | None = column(
        "Its number in the UN Network on Migration's hub, such as 286.", unique=True, filter=True
    )
    un_hub_url: Url | None = computed(
        "'https://migrationnetwork.un.org/hub?gcm_objectives=' || {row}.un_hub_term_id",
        "The hub's page of resources on it.",
    )
    records: Connection[Record] = through(
        "record_objective", "Whatever works on it, of every kind."
    )
    working_groups: Connection[WorkingGroup] = through(
        "record_objective", "The groups that work on it."
    )
    plans: Connection[Plan] = through("record_objective", "The plans that serve it.")
    plan_items: Connection[PlanItem] = through(
        "record_objective", "The items of plans that serve it."
    )
    pledges: Connection[Pledge] = through("record_objective", "The pledges that serve it.")
    practices: Connection[Practice] = through("record_objective", "The practices that serve it.")
    events: Connection[Event] = through("record_objective", "The events that serve it.")
    contributions: Connection[Contribution] = through(
        "contribution_objective", "What was given for it, with its share."
    )


@link
class RecordObjective:
    """An objective that a record works on."""

    record: Record = one("The record.")
    objective: Objective = one("The objective.")
    basis: Basis = column("Who says that it works on the objective.")
    priority: bool = column("Whether the objective was chosen as a priority.", default="false")
