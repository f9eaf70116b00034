"""Frameworks: instruments and processes that the region's work refers to, and their objectives."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint, UniqueConstraint

from schema.base import column, computed, dated, entity, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
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


@entity(
    slug=True,
    public=True,
    orders={"TITLE": "title", "ADOPTED": "adopted"},
    title="title",
    search=("title", "acronym", "un_symbol"),
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
    working_groups: Connection[WorkingGroup] = through(
        "working_group_objective", "The groups that work on it."
    )
