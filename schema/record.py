"""What every record has, whatever its noun."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import (
    column,
    history,
    identity,
    interface,
    many,
    one,
    rows,
    through,
    translated,
    value,
    values,
)
from schema.path import PATHS

if TYPE_CHECKING:
    from datetime import datetime

    from strawberry import ID

    from schema.change import ChangeConnection
    from schema.citation import Citation
    from schema.contribution import Contribution
    from schema.document import Document
    from schema.event import Event
    from schema.membership import Membership
    from schema.paging import Connection
    from schema.path import Path
    from schema.plan import Plan, PlanItem
    from schema.pledge import Pledge
    from schema.post import Mandate
    from schema.practice import Practice


@strawberry.enum(description="Who can see a record.")
class Visibility(Enum):
    """On every record; part of every read."""

    PUBLIC = strawberry.enum_value("PUBLIC", description="Everybody.")
    MEMBERS = strawberry.enum_value(
        "MEMBERS", description="The active members of the group that owns it, or of its parents."
    )
    DRAFT = strawberry.enum_value("DRAFT", description="Its owner.")


@value
class Identifier:
    """A name for the record in somebody else's system."""

    scheme: str = column("Whose system: `ISO-3166-1-ALPHA-2`, `UN-HUB-TERM`, `XM-DAC`, …")
    value: str = column("The identifier there.")


@interface()
class Node:
    """Anything that `node(id:)` can find again."""

    id: ID = identity(
        "Opaque and permanent: keep it, compare it, hand it back; do not take it apart."
    )


@interface(thin="record")
class Record(Node):
    """What every record has, whatever its noun."""

    version: int = column("Grows by one with every change.", default="1", kept=True)
    created_at: datetime = column("When it was recorded.", filter=True, default="now()", kept=True)
    updated_at: datetime = column("When it last changed.", filter=True, default="now()", kept=True)
    owner: Party | None = one("Who keeps it; null for what the registry keeps itself.")
    visibility: Visibility = column("Who can see it.", default="'PUBLIC'")
    identifiers: list[Identifier] = values("Its names in the systems of others.")
    citations: Connection[Citation] = many("record", "Where its facts come from.")
    documents: Connection[Document] = through(
        "record_document", "Its text, its minutes and papers, what shows it."
    )
    history: ChangeConnection = history("Its changes, the newest first.")


@interface(thin="party")
class Party(Record):
    """Whoever can own, organize, be a member, hold a post, give or receive: actors and groups."""

    name: str = translated("The name; the official one where there is one.")
    acronym: str | None = translated("Short for the name, such as `ACNUR`, in English `UNHCR`.")
    memberships: Connection[Membership] = many("party", "The groups it belongs to, and since when.")
    mandates: Connection[Mandate] = many("holder", "The posts it holds, held or is to hold.")
    plans: Connection[Plan] = many("party", "Its plans.")
    plan_items: Connection[PlanItem] = through(
        "plan_item_party", "The items of plans that it has to do with."
    )
    events: Connection[Event] = through(
        "event_party", "The events that it calls, attends or is invited to."
    )
    pledges: Connection[Pledge] = through("pledge_party", "What it promised.")
    contributions_given: Connection[Contribution] = many("giver", "What it gave.")
    contributions_received: Connection[Contribution] = many("receiver", "What it received.")
    practices: Connection[Practice] = through("practice_party", "Its practices.")
    paths_to: list[Path] = rows(
        PATHS,
        "How it comes to an objective: at most 25 ways of at most 5 steps, the shortest first. Of "
        "each length 150 ways are followed, through what still stands: not through what was taken "
        "back, given up or entered anew. It costs much: ask it of one party, or a few.",
        cost=20_000,
        objective=("str", "The objective's slug, such as `gcm-8`."),
    )
