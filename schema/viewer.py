"""The caller, as the API knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.base import one, part, value
from schema.connections import fields_of, language_argument
from schema.requirement import requiring

if TYPE_CHECKING:
    from datetime import datetime

    from strawberry import ID

    from schema.delegation import Delegation
    from schema.record import Party
    from schema.requirement import ScopeName
    from schema.webhook import Webhook


@value
class ViewerClient:
    """An application that acts for a party."""

    id: ID = part("Its `client_id`.")
    name: str = part("Its name, as people see it where they consent.")


@value
class ViewerUser:
    """A person who let an application act for a party."""

    name: str = part("Their name.")


@value
class HeldScope:
    """A kind of action that is open to the caller."""

    name: ScopeName = part("The scope.")
    description: str = part("What it allows, in a sentence.")


@value
class Quota:
    """What the application may spend, in points: see `@cost`. Every request counts at least 50."""

    limit: int = part("How many points in a minute.")
    remaining: int = part("How many are left, this request counted.")
    reset_at: datetime = part("When the minute ends, and all of them are there again.")


@value
class Viewer:
    """Who asks: what the access token of this request stands for, and what it opens."""

    client: ViewerClient = part("The application.")
    party: Party | None = one(
        "The party that it acts for, and as whose all is done; null if you may not see it."
    )
    user: ViewerUser | None = part("The person who let it act; null where it acts by itself.")
    scopes: list[HeldScope] = part(
        "What is open at this moment: what the token, the application and the user's role allow "
        "together. What they open on which records depends on the party."
    )
    delegations_given: list[Delegation] = part(
        "What the party, and the groups that it serves, let others do today; `revokeDelegation` "
        "takes it back."
    )
    delegations_received: list[Delegation] = part("What others let the party do today.")
    webhooks: list[Webhook] = part("Where the party has changes sent to.")
    quota: Quota | None = part("What it may spend; null where nothing is counted.")


requiring(fields_of(Viewer)["webhooks"], "webhooks:manage")
fields_of(HeldScope)["description"].arguments = [language_argument()]
