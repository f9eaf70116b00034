"""Applications: organizations that are not in the graph yet, and ask to join a group.

They name people and addresses, so they are no part of the graph: the officers of the group read
them, and they are deleted some time after the decision (`auth/sweep.py`).
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import TIMESTAMP, CheckConstraint, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy import Column as SqlColumn

from schema.actor import ActorType
from schema.base import metadata, one, part, value
from schema.language import Language
from schema.requirement import requiring

if TYPE_CHECKING:
    from datetime import datetime

    from strawberry import ID

    from schema.country import Country

KEPT = timedelta(days=90)
"""How long an application is kept after the decision, for questions about it."""
KEPT_OPEN = timedelta(days=365)
"""How long one is kept on which nobody decides."""
LONGEST_NAME, LONGEST_EMAIL, LONGEST = 200, 254, 4000
_KINDS = ", ".join(f"'{kind.name}'" for kind in ActorType)
_LANGUAGES = ", ".join(f"'{language.name}'" for language in Language)


@strawberry.enum(description="Where an application stands.")
class ApplicationStatus(Enum):
    """It is decided once."""

    WAITING = strawberry.enum_value("WAITING", description="Nobody has decided.")
    APPROVED = strawberry.enum_value("APPROVED", description="The organization joined.")
    DECLINED = strawberry.enum_value("DECLINED", description="The group said no.")


APPLICATION = Table(
    "application",
    metadata,
    SqlColumn("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    SqlColumn("group_id", Uuid, ForeignKey("working_group.id", ondelete="CASCADE"),
              nullable=False),
    SqlColumn("name", Text, nullable=False),
    SqlColumn("language", Text, nullable=False),
    SqlColumn("type", Text, nullable=False),
    SqlColumn("country_id", Uuid, ForeignKey("country.id"), index=True),
    SqlColumn("email", Text, nullable=False),
    SqlColumn("message", Text),
    SqlColumn("status", Text, nullable=False, server_default=text("'WAITING'")),
    SqlColumn("reason", Text),
    SqlColumn("created_at", TIMESTAMP(timezone=True), nullable=False,
              server_default=text("now()"), index=True),
    SqlColumn("decided_at", TIMESTAMP(timezone=True), index=True),
    SqlColumn("decided_by_id", Uuid),
    CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
    CheckConstraint(f"language IN ({_LANGUAGES})", name="language"),
    CheckConstraint(f"type IN ({_KINDS})", name="type"),
    CheckConstraint(f"length(email) <= {LONGEST_EMAIL} AND email = lower(email)", name="email"),
    CheckConstraint(f"length(message) BETWEEN 1 AND {LONGEST}", name="message"),
    CheckConstraint("status IN ('WAITING', 'APPROVED', 'DECLINED')", name="status"),
    CheckConstraint(f"length(reason) BETWEEN 1 AND {LONGEST}", name="reason"),
    CheckConstraint("(status = 'WAITING') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("(status = 'DECLINED') = (reason IS NOT NULL)", name="declined"),
    Index(None, "group_id", "status", "created_at"),
)  # fmt: skip


@value
class Application:
    """An organization that is not known here yet, and asks to join the group."""

    id: ID = part("For `approveApplication` and `declineApplication`; it is no record of `node`.")
    name: str = part("What it calls itself.")
    type: ActorType = part("What it says it is.")
    country: Country | None = one("Where it says it is at home.")
    email: str = requiring(
        part("Where its people can be reached. Who looks is written down.", contact=True),
        "contacts:read",
    )
    message: str | None = part("What it wrote to the group.")
    status: ApplicationStatus = part("Where it stands.")
    reason: str | None = part("Why it was declined.")
    created_at: datetime = part("When it came.")
    decided_at: datetime | None = part("When it was decided; it is deleted 90 days later.")


APPLICATIONS = """SELECT 'application_' || a_.id AS id, a_.name, a_.type, a_.country_id, a_.email,
        a_.message, a_.status, a_.reason, a_.created_at, a_.decided_at
    FROM application a_ WHERE a_.group_id = {row}.id AND {row}.id = ANY ({seeing})
    ORDER BY a_.status <> 'WAITING', a_.created_at, a_.id LIMIT 100"""
