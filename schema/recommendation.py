"""Recommendations of civil society to governments and others, and what came of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, dated, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.document import Document
    from schema.event import Event
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.record import Party
    from schema.topic import Topic
    from schema.working_group import WorkingGroup


@entity(
    orders={"ISSUED": "issued", "TITLE": "title"},
    title="title",
    search=("title", "text"),
)
class Recommendation(Record):
    """What a body asks governments or others to do."""

    title: str = translated("What is asked, in a few words.")
    text: str | None = translated("What is asked.")
    group: WorkingGroup | None = one(
        "The body that asks; null if you may not see it.", required=True
    )
    event: Event | None = one("Where it was issued.")
    issued: FuzzyDate | None = dated("When it was issued.")
    addressees: Connection[Party] = through("recommendation_party", "Whom it asks.")
    follow_ups: Connection[FollowUp] = many("recommendation", "What came of it.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")


@link
class RecommendationParty:
    """A party that a recommendation asks."""

    recommendation: Recommendation = one("The recommendation.")
    party: Party = one("The party.", freely=True)


@strawberry.enum(description="What an addressee did with a recommendation.")
class FollowUpStatus(Enum):
    """As reported."""

    NOTED = strawberry.enum_value("NOTED", description="Taken note of.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Accepted.")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="Being carried out.")
    IMPLEMENTED = strawberry.enum_value("IMPLEMENTED", description="Carried out.")
    REJECTED = strawberry.enum_value("REJECTED", description="Not accepted.")


@entity(orders={"DATE": "date"})
class FollowUp(Record):
    """What an addressee did with a recommendation, on a day."""

    recommendation: Recommendation | None = one(
        "The recommendation; null if you may not see it.", required=True
    )
    party: Party | None = one("Who did it.", freely=True)
    status: FollowUpStatus = column("What was done.", filter=True)
    date: FuzzyDate | None = dated("When.")
    text: str | None = translated("What was done, in words.")
    evidence: Document | None = one("What shows it.")
