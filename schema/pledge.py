"""Pledges: what parties have promised, alone, together, or to match another."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, dated, entity, link, many, one, through, translated
from schema.money import money
from schema.record import Record
from schema.target import SupportKind

if TYPE_CHECKING:
    from decimal import Decimal

    from schema.contribution import Contribution
    from schema.country import Country
    from schema.event import Event
    from schema.framework import Framework, Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.record import Party
    from schema.topic import Topic


@strawberry.enum(description="Whether a pledge stands alone.")
class PledgeKind(Enum):
    """As the Global Refugee Forum and the GCM's repository sort them."""

    INDIVIDUAL = strawberry.enum_value("INDIVIDUAL", description="Of one party.")
    JOINT = strawberry.enum_value("JOINT", description="Of several parties together.")
    MATCHING = strawberry.enum_value("MATCHING", description="Made to match another pledge.")


@strawberry.enum(description="Where a pledge stands.")
class PledgeStatus(Enum):
    """As its makers report."""

    ANNOUNCED = strawberry.enum_value("ANNOUNCED", description="Promised.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Being carried out.")
    FULFILLED = strawberry.enum_value("FULFILLED", description="Carried out.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Taken back.")


@entity(
    orders={"ANNOUNCED": "announced", "TITLE": "title"},
    title="title",
    search=("title",),
    constraints=(
        *money(),
        CheckConstraint(
            "(kind = 'MATCHING') = (matches_id IS NOT NULL)",
            name="matches",
            info={
                "es": "Un compromiso de `kind` `MATCHING` dice en `matches` a cuál iguala; los "
                "otros no igualan a ninguno.",
                "en": "A pledge of `kind` `MATCHING` says in `matches` which one it matches; "
                "others match none.",
            },
        ),
        CheckConstraint(
            "matches_id <> id",
            name="matches_another",
            info={
                "es": "Un compromiso no se iguala a sí mismo, ni a uno que lo iguala; nombre otro "
                "en `matches`.",
                "en": "A pledge matches neither itself nor one that matches it; name another in "
                "`matches`.",
            },
        ),
    ),
)
class Pledge(Record):
    """What parties have promised to give or to do."""

    title: str = translated("What is promised, in a few words.")
    description: str | None = translated("More of it.")
    kind: PledgeKind = column("Whether it stands alone.", filter=True)
    support: list[SupportKind] = column("What kinds of support it promises.")
    status: PledgeStatus = column("Where it stands.", filter=True, default="'ANNOUNCED'")
    framework: Framework | None = one("The framework under which it was made.")
    matches: Pledge | None = one("The pledge that it matches.")
    matched_by: Connection[Pledge] = many("matches", "The pledges made to match it.")
    event: Event | None = one("Where it was announced.")
    announced: FuzzyDate | None = dated("When it was announced.")
    due: FuzzyDate | None = dated("By when it is to be carried out.")
    amount: Decimal | None = column("How much money, in `currency`; two decimals.")
    currency: str | None = column("ISO 4217, such as `USD`.", filter=True, standard="ISO 4217")
    withdrawal_reason: str | None = translated(
        "Why it was taken back, if so; for its owner and its members.", members=True, by_verb=True
    )
    parties: Connection[Party] = through("pledge_party", "Who made it.")
    countries: Connection[Country] = through("pledge_country", "Where it is to be carried out.")
    contributions: Connection[Contribution] = many("pledge", "What was given on it.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")


@strawberry.enum(description="What a party is to a pledge.")
class PledgeRole(Enum):
    """On the edge."""

    LEAD = strawberry.enum_value("LEAD", description="Leads it, and keeps its record.")
    PARTNER = strawberry.enum_value("PARTNER", description="Makes it with the others.")


@link
class PledgeParty:
    """A party that made a pledge."""

    pledge: Pledge = one("The pledge.")
    party: Party = one("The party.", freely=True)
    role: PledgeRole = column("What it is to the pledge.", default="'LEAD'")
    confirmed: bool = column(
        "Whether the party itself confirmed it.", default="false", by_verb=True
    )


@link
class PledgeCountry:
    """A country in which a pledge is to be carried out."""

    pledge: Pledge = one("The pledge.")
    country: Country = one("The country.")
