"""Practices that others can learn from, and the inventory of services, programmes and gaps."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, dated, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.country import Country
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.record import Party
    from schema.scalars import Url
    from schema.topic import Topic


@strawberry.enum(description="Where a practice stands here.")
class PublicationStatus(Enum):
    """From its first words to the public."""

    IN_PREPARATION = strawberry.enum_value("IN_PREPARATION", description="Being written.")
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Handed in for review.")
    PUBLISHED = strawberry.enum_value("PUBLISHED", description="Reviewed and published.")
    RETURNED = strawberry.enum_value("RETURNED", description="Handed back to be improved.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Taken back.")


@strawberry.enum(description="Where a practice stands at the UN Network's hub.")
class HubStatus(Enum):
    """Its submission there is among its `identifiers`."""

    NOT_SUBMITTED = strawberry.enum_value("NOT_SUBMITTED", description="Not handed in there.")
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Handed in there.")
    UNDER_REVIEW = strawberry.enum_value("UNDER_REVIEW", description="In peer review there.")
    PUBLISHED = strawberry.enum_value("PUBLISHED", description="Published there.")
    REJECTED = strawberry.enum_value("REJECTED", description="Not taken there.")


@entity(
    slug=True,
    orders={"TITLE": "title", "START": "start"},
    title="title",
    search=("title", "summary", "slug"),
    sides=("reviewer",),
)
class Practice(Record):
    """A way of doing things that worked and that others can learn from."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    title: str = translated("What it is called.")
    summary: str | None = translated("What was done, and what came of it.")
    status: PublicationStatus = column(
        "Where it stands here.", filter=True, default="'IN_PREPARATION'", by_verb=True
    )
    reviewer: Party | None = one(
        "Who reviews it, or reviewed it before it was published.", by_verb=True
    )
    return_reason: str | None = translated(
        "Why it was handed back, or taken back; for its owner and its members.",
        members=True,
        by_verb=True,
    )
    hub_status: HubStatus = column(
        "Where it stands at the UN Network's hub.",
        filter=True,
        default="'NOT_SUBMITTED'",
        by_verb=True,
    )
    country: Country | None = one("Where it was done.")
    start: FuzzyDate | None = dated("When it began.")
    end: FuzzyDate | None = dated("When it ended; null while it lasts.")
    url: Url | None = column("Where to read more.")
    parties: Connection[Party] = through("practice_party", "Who did it.")
    replications: Connection[Replication] = many("practice", "Where others did the same.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through(
        "record_topic", "What it is about, and the principles that it shows."
    )


@strawberry.enum(description="What a party is to a practice.")
class PracticeRole(Enum):
    """On the edge."""

    LEAD = strawberry.enum_value("LEAD", description="Leads it.")
    PARTNER = strawberry.enum_value("PARTNER", description="Takes part.")


@link
class PracticeParty:
    """A party of a practice."""

    practice: Practice = one("The practice.")
    party: Party = one("The party.")
    role: PracticeRole = column("What it is to the practice.", default="'LEAD'")


@entity(orders={"START": "start"}, scope="practices:write")
class Replication(Record):
    """A practice taken up somewhere else."""

    practice: Practice | None = one("The practice; null if you may not see it.", required=True)
    country: Country | None = one("Where it was taken up.")
    party: Party | None = one("Who took it up.")
    start: FuzzyDate | None = dated("When.")
    summary: str | None = translated("What was done, and what was changed.")


@strawberry.enum(description="What an entry of the inventory is.")
class InventoryKind(Enum):
    """M3:56: services, programmes and gaps."""

    SERVICE = strawberry.enum_value("SERVICE", description="A service that people can use.")
    PROGRAMME = strawberry.enum_value("PROGRAMME", description="A programme of an organization.")
    GAP = strawberry.enum_value("GAP", description="Something that is lacking.")


@entity(
    orders={"TITLE": "title"},
    title="title",
    search=("title", "summary"),
    scope="practices:write",
)
class InventoryEntry(Record):
    """A service, a programme or a gap, by country and topic."""

    kind: InventoryKind = column("What it is.", filter=True)
    title: str = translated("What it is called.")
    summary: str | None = translated("What it offers, or what is lacking.")
    party: Party | None = one("Who offers it.")
    country: Country | None = one("Where.")
    place: str | None = column("Where in the country, no finer than a municipality.")
    url: Url | None = column("Where to read more.")
    start: FuzzyDate | None = dated("Since when.")
    end: FuzzyDate | None = dated("Until when; null while it lasts.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")
