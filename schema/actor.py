"""Actors: whoever takes part in the governance of migration and asylum.

One table, a `type`, a concrete GraphQL type for each. What an actor does (giving, presiding) is not
its type.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, entity, many, one, through, translated, variant
from schema.record import Party

if TYPE_CHECKING:
    from schema.country import Country
    from schema.paging import Connection
    from schema.practice import InventoryEntry
    from schema.scalars import Url
    from schema.topic import Topic
    from schema.working_group import WorkingGroup


@strawberry.enum(description="What an actor is; each has a GraphQL type of the same name.")
class ActorType(Enum):
    """The discriminator of the table."""

    STATE = strawberry.enum_value("STATE", description="The government of a country.")
    CIVIL_SOCIETY_ORGANIZATION = strawberry.enum_value(
        "CIVIL_SOCIETY_ORGANIZATION", description="A civil-society organization."
    )
    UN_AGENCY = strawberry.enum_value(
        "UN_AGENCY", description="An agency, fund, programme or commission of the UN."
    )
    DEVELOPMENT_BANK = strawberry.enum_value("DEVELOPMENT_BANK", description="A development bank.")
    INTERGOVERNMENTAL_ORGANIZATION = strawberry.enum_value(
        "INTERGOVERNMENTAL_ORGANIZATION",
        description="A body of several states, or an organ of one.",
    )
    DONOR = strawberry.enum_value("DONOR", description="A fund, foundation or company that gives.")
    STAKEHOLDER = strawberry.enum_value(
        "STAKEHOLDER", description="Another of the kinds that paragraph 44 of the GCM names."
    )


@strawberry.enum(description="The kinds of stakeholders that paragraph 44 of the GCM names.")
class StakeholderCategory(Enum):
    """An actor may be of several."""

    MIGRANTS = strawberry.enum_value("MIGRANTS", description="Migrants.")
    CIVIL_SOCIETY = strawberry.enum_value("CIVIL_SOCIETY", description="Civil society.")
    MIGRANT_AND_DIASPORA_ORGANIZATIONS = strawberry.enum_value(
        "MIGRANT_AND_DIASPORA_ORGANIZATIONS", description="Migrant and diaspora organizations."
    )
    FAITH_BASED = strawberry.enum_value("FAITH_BASED", description="Faith-based organizations.")
    LOCAL_AUTHORITIES = strawberry.enum_value(
        "LOCAL_AUTHORITIES", description="Local authorities and communities."
    )
    PRIVATE_SECTOR = strawberry.enum_value("PRIVATE_SECTOR", description="The private sector.")
    EMPLOYERS_AND_WORKERS = strawberry.enum_value(
        "EMPLOYERS_AND_WORKERS", description="Organizations of employers and of workers."
    )
    PARLIAMENTARIANS = strawberry.enum_value("PARLIAMENTARIANS", description="Parliamentarians.")
    HUMAN_RIGHTS_INSTITUTIONS = strawberry.enum_value(
        "HUMAN_RIGHTS_INSTITUTIONS", description="National human rights institutions."
    )
    RED_CROSS_RED_CRESCENT = strawberry.enum_value(
        "RED_CROSS_RED_CRESCENT", description="The Red Cross and Red Crescent Movement."
    )
    ACADEMIA = strawberry.enum_value("ACADEMIA", description="Academia.")
    MEDIA = strawberry.enum_value("MEDIA", description="The media.")
    OTHER = strawberry.enum_value("OTHER", description="Other relevant stakeholders.")


@entity(
    variants=True,
    slug=True,
    orders={"NAME": "name"},
    title="name",
    search=("name", "acronym", "slug"),
    constraints=(CheckConstraint("parent_id <> id", name="parent"),),
    scope="actors:write",
)
class Actor(Party):
    """Whoever takes part: a state, an organization, an agency, a bank, a fund, a stakeholder."""

    slug: str = column("Short, readable and permanent, such as `unhcr`.", unique=True, filter=True)
    type: ActorType = column("What it is.", filter=True)
    description: str | None = translated("What it is and does, in a sentence or two.")
    categories: list[StakeholderCategory] = column("The kinds of stakeholder it is.")
    country: Country | None = one("Where it is at home; a state's own country.")
    parent: Actor | None = one("What it is part of: a ministry's state, an organ's organization.")
    parts: Connection[Actor] = many("parent", "Its organs, ministries or member organizations.")
    countries_of_work: Connection[Country] = through("actor_country", "Where it works.")
    website: Url | None = column("Its website.")
    mailbox: str | None = column(
        "An address that reaches its office, never a person's.", personal=True, standard="e-mail"
    )
    areas_of_work: Connection[Topic] = through("record_topic", "What it works on.")
    capacity: str | None = translated(
        "What it can do well; for itself and the groups it belongs to.", members=True
    )
    limitation: str | None = translated(
        "What it cannot do; for itself and the groups it belongs to.", members=True
    )
    offered_time: str | None = translated(
        "How much time it offers; for itself and the groups it belongs to.", members=True
    )
    inventory_entries: Connection[InventoryEntry] = many(
        "party", "The services and programmes it offers."
    )
    hosted_groups: Connection[WorkingGroup] = many("host", "The groups within its structure.")


@variant(ActorType.STATE)
class State(Actor):
    """The government of a country."""


@variant(ActorType.CIVIL_SOCIETY_ORGANIZATION)
class CivilSocietyOrganization(Actor):
    """A civil-society organization."""


@variant(ActorType.UN_AGENCY)
class UnAgency(Actor):
    """A body of the United Nations system: an agency, fund, programme or commission."""


@variant(ActorType.DEVELOPMENT_BANK)
class DevelopmentBank(Actor):
    """A development bank."""


@variant(ActorType.INTERGOVERNMENTAL_ORGANIZATION)
class IntergovernmentalOrganization(Actor):
    """A body of several states, a process between them, or an organ of one."""


@variant(ActorType.DONOR)
class Donor(Actor):
    """A foundation, company or pooled fund that gives. Others that give keep their own type."""


@variant(ActorType.STAKEHOLDER)
class Stakeholder(Actor):
    """Another of the kinds that paragraph 44 of the GCM names; see `categories`."""
