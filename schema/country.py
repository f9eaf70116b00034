"""Countries, as places. The government of one is a `State`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint

from schema.base import column, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.actor import Actor
    from schema.event import Event
    from schema.paging import Connection
    from schema.plan import Plan
    from schema.pledge import Pledge
    from schema.post import Post
    from schema.practice import InventoryEntry, Practice
    from schema.target import Need
    from schema.working_group import WorkingGroup


@entity(
    slug=True,
    public=True,
    orders={"NAME": "name", "ALPHA2": "alpha2"},
    title="name",
    search=("name", "alpha2", "alpha3"),
    constraints=(
        CheckConstraint("alpha2 ~ '^[A-Z]{2}$'", name="alpha2"),
        CheckConstraint("alpha3 ~ '^[A-Z]{3}$'", name="alpha3"),
        CheckConstraint("m49 ~ '^[0-9]{3}$'", name="m49"),
    ),
    scope="registry:write",
)
class Country(Record):
    """A country as a place. Its government is a `State`, found among `actors`."""

    slug: str = column("Short, readable and permanent, such as `panama`.", unique=True, filter=True)
    name: str = translated("The name in everyday use.")
    alpha2: str = column("ISO 3166-1 alpha-2 code, such as `PA`.", unique=True, filter=True)
    alpha3: str = column("ISO 3166-1 alpha-3 code, such as `PAN`.", unique=True, filter=True)
    m49: str = column("UN M49 code, three digits, such as `591`.", unique=True, filter=True)
    actors: Connection[Actor] = many("country", "The actors at home here, its government included.")
    actors_at_work: Connection[Actor] = through("actor_country", "The actors that work here.")
    working_groups: Connection[WorkingGroup] = many("country", "The groups that are about it.")
    focal_points: Connection[Post] = many("country", "The seats of focal points for it.")
    plans: Connection[Plan] = many("country", "The plans that are about it.")
    events: Connection[Event] = many("country", "The events that take place here.")
    pledges: Connection[Pledge] = through("pledge_country", "The pledges to be carried out here.")
    needs: Connection[Need] = many("country", "What it lacks.")
    practices: Connection[Practice] = many("country", "The practices from here.")
    inventory_entries: Connection[InventoryEntry] = many(
        "country", "The services, programmes and gaps here."
    )


@link
class ActorCountry:
    """A country that an actor works in."""

    actor: Actor = one("The actor.")
    country: Country = one("The country.")
