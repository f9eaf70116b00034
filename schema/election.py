"""Elections: how a post was filled by vote."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from schema.base import column, dated, entity, many, one
from schema.record import Record

if TYPE_CHECKING:
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.person import Person
    from schema.post import Mandate, Post
    from schema.record import Party


@strawberry.enum(description="Where an election stands.")
class ElectionStatus(Enum):
    """From the call to the result."""

    CALLED = strawberry.enum_value("CALLED", description="Candidates may come forward.")
    HELD = strawberry.enum_value("HELD", description="Votes were cast; no result is recorded.")
    DECIDED = strawberry.enum_value("DECIDED", description="The result is recorded.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It did not take place.")


@entity(
    orders={"DATE": "date"},
    constraints=(
        ExcludeConstraint(
            ("post_id", "="),
            name="election_open_excl",
            where=text("status IN ('CALLED', 'HELD')"),
            using="btree",
            info={
                "code": "ELECTION_OPEN",
                "es": "Ya hay una elección abierta para ese puesto; úsela o anúlela.",
                "en": "An election for that post is open already; use that one or cancel it.",
            },
        ),
    ),
)
class Election(Record):
    """The election of the holder of a post."""

    post: Post | None = one("The post; null if you may not see it.", required=True)
    status: ElectionStatus = column("Where it stands.", filter=True)
    called: FuzzyDate | None = dated("When candidates were called for.")
    date: FuzzyDate | None = dated("When votes were cast.")
    result: Mandate | None = one("The mandate that came of it.")
    candidacies: Connection[Candidacy] = many("election", "Who stood.")


@entity(
    orders={"NOMINATED": "nominated"},
    constraints=(
        CheckConstraint("votes >= 0", name="votes"),
        # Of persons that were erased several may be left; verbs lock the post and look.
        UniqueConstraint("election_id", "candidate_id", "person_id"),
    ),
)
class Candidacy(Record):
    """A party that stood for election."""

    election: Election | None = one("The election; null if you may not see it.", required=True)
    candidate: Party | None = one("Who stood; null if you may not see it.", required=True)
    person: Person | None = one("The person put forward, with their consent.", personal=True)
    nominated: FuzzyDate | None = dated("When it came forward.")
    elected: bool | None = column("Whether it won; null before the result.", filter=True)
    votes: int | None = column("How many votes it had.")
