"""Topics: the controlled vocabularies by which records of every noun can be found."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.paging import Connection


@strawberry.enum(description="The vocabulary that a topic belongs to.")
class TopicScheme(Enum):
    """What kind of word a topic is."""

    POPULATION_GROUP = strawberry.enum_value(
        "POPULATION_GROUP", description="Whom it is about, such as refugees or children."
    )
    THEME = strawberry.enum_value("THEME", description="What it is about, such as asylum systems.")
    CROSS_CUTTING_THEME = strawberry.enum_value(
        "CROSS_CUTTING_THEME", description="A cross-cutting theme of the UN Network's hub."
    )
    REGION = strawberry.enum_value("REGION", description="A region of the world.")
    RESOURCE_TYPE = strawberry.enum_value(
        "RESOURCE_TYPE", description="A type of resource of the UN Network's hub."
    )
    GUIDING_PRINCIPLE = strawberry.enum_value(
        "GUIDING_PRINCIPLE", description="A principle that a mechanism works by."
    )
    SELECTION_CRITERION = strawberry.enum_value(
        "SELECTION_CRITERION", description="What is looked at when representatives are chosen."
    )
    MEMBERSHIP_CATEGORY = strawberry.enum_value(
        "MEMBERSHIP_CATEGORY", description="A kind of party that a mechanism invites."
    )


@entity(
    slug=True,
    public=True,
    orders={"NAME": "name", "POSITION": "position"},
    title="name",
    search=("name", "slug"),
    constraints=(CheckConstraint("parent_id <> id", name="parent"),),
    scope="registry:write",
)
class Topic(Record):
    """A word of a controlled vocabulary: a population group, a theme, a principle."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    scheme: TopicScheme = column("The vocabulary it belongs to.", filter=True)
    name: str = translated("The word.")
    description: str | None = translated("What it means, in a sentence or two.")
    position: int = column("Its place in its vocabulary, from 1.", default="1")
    parent: Topic | None = one("The wider topic.")
    narrower: Connection[Topic] = many("parent", "The narrower topics.")
    records: Connection[Record] = through("record_topic", "What is about it, of every kind.")


@link
class RecordTopic:
    """What a record is about."""

    record: Record = one("The record.")
    topic: Topic = one("The topic.")
