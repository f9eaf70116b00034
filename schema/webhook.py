"""Webhooks: where a party has changes sent to. For that party alone.

They are no records: nobody else reads them, and the feed does not tell of them. The audit does.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import namespace, part, value

if TYPE_CHECKING:
    from datetime import datetime

    from strawberry import ID


@strawberry.enum(description="Why nothing is sent to a webhook for now.")
class WebhookPause(Enum):
    """What was not sent waits."""

    ASKED = strawberry.enum_value("ASKED", description="Somebody of the party asked for it.")
    FAILING = strawberry.enum_value(
        "FAILING", description="Its address took nothing for three days."
    )
    GONE = strawberry.enum_value("GONE", description="Its address answered 410, for good.")
    ENDED = strawberry.enum_value(
        "ENDED", description="The application or its user may no longer see anything for the party."
    )


namespace["WebhookPause"] = WebhookPause


@value
class Webhook:
    """Where a party has changes sent to, as `changes` tells them, in their order."""

    id: ID = part("To name it by.")
    url: str = part("Where messages are sent, by POST.")
    types: list[Noun] | None = part(  # type: ignore[name-defined]  # noqa: F821
        "Changes of which kinds of records; null for all."
    )
    exclude_own: bool = part("Whether what its application writes is left out.")
    client: ID = part("The `client_id` of its application: it sees what that may see.")
    since: datetime = part("When it was set up.")
    delivered_at: datetime | None = part("When a message was last taken.")
    failures: int = part("How often in a row a message was not taken.")
    failing_since: datetime | None = part("Since when none was taken; null where the last one was.")
    answer: str | None = part(
        "What came of the last attempt: the status of the answer, else `TIMEOUT`, `UNREACHABLE`, "
        "`TLS` or `PRIVATE_ADDRESS`."
    )
    next_at: datetime | None = part("When it is tried again; null where nothing waits.")
    paused: WebhookPause | None = part("Why nothing is sent for now.")


_ROWS = """SELECT w_.id, w_.url, w_.exclude_own, w_.client_id AS client, w_.created_at AS since,
        w_.delivered_at,
        CASE WHEN w_.types IS NOT NULL
            THEN ARRAY(SELECT upper(n_) FROM unnest(w_.types) n_ ORDER BY n_) END AS types,
        w_.failures, w_.failing_since, w_.answer, w_.paused_why AS paused,
        CASE WHEN w_.message IS NOT NULL AND w_.paused_at IS NULL THEN w_.next_at END AS next_at
    FROM webhook w_ WHERE {which}
    ORDER BY w_.created_at, w_.id"""


def webhooks(which: str) -> str:
    """SQL: the rows of `Webhook` for the webhooks `w_` of which this holds."""
    return _ROWS.format(which=which)
