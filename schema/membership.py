"""Memberships: who belongs to which group, and since when.

Requests and invitations are memberships that have not begun. They are for the two sides alone, and
so is what was said about them (`membership_note`), which the history of records never holds.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import TIMESTAMP, CheckConstraint, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from schema.base import (
    column,
    dated,
    entity,
    metadata,
    one,
    part,
    rows,
    stored,
    translated,
    value,
)
from schema.record import Record

if TYPE_CHECKING:
    from datetime import datetime

    from schema.fuzzy_date import FuzzyDate
    from schema.record import Party
    from schema.working_group import WorkingGroup


@strawberry.enum(description="Where a membership stands.")
class MembershipStatus(Enum):
    """A membership is asked for or offered, and ends."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="The party asked to join.")
    INVITED = strawberry.enum_value("INVITED", description="The group asked the party to join.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="The party belongs to the group.")
    DECLINED = strawberry.enum_value("DECLINED", description="One side said no.")
    WITHDRAWN = strawberry.enum_value(
        "WITHDRAWN", description="The party took its request back, or the group its invitation."
    )
    ENDED = strawberry.enum_value("ENDED", description="The party no longer belongs to the group.")


LONGEST = 4000
"""Signs of a message or a reason."""
NOTES_KEPT = timedelta(days=365)
"""How long what was said is kept."""
NOTE = Table(  # what the two sides said to each other
    "membership_note",
    metadata,
    SqlColumn("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    SqlColumn("membership_id", Uuid, ForeignKey("membership.id", ondelete="CASCADE"),
              nullable=False, index=True),
    SqlColumn("party_id", Uuid),
    SqlColumn("status", Text, nullable=False),
    SqlColumn("text", Text, nullable=False),
    SqlColumn("at", TIMESTAMP(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST}", name="text"),
    Index(None, "at"),
)  # fmt: skip


@value
class MembershipNote:
    """What one side said: with its request or invitation, or why it declined or ended it."""

    status: MembershipStatus = part("What became of the membership with it.")
    text: str = part("In the words of who wrote it.")
    at: datetime = part("When.")


@entity(
    orders={"START": "start"},
    periods={"heldOn": ("start", "end")},
    sides=("group", "party"),
    constraints=(
        CheckConstraint(
            "group_id <> party_id",
            name="itself",
            info={
                "es": "Un grupo no puede ser miembro de sí mismo ni de un grupo que depende de él.",
                "en": "A group cannot be a member of itself, or of a group below it.",
            },
        ),
        CheckConstraint(
            "visibility <> 'PUBLIC' OR status IN ('ACTIVE', 'ENDED')",
            name="public",
            info={
                "es": "Solicitudes, invitaciones y rechazos no son públicos.",
                "en": "Requests, invitations and refusals are not public.",
            },
        ),
        ExcludeConstraint(
            ("group_id", "="),
            ("party_id", "="),
            (
                text(
                    "membership_period(status, start_latest, end_earliest, end_status, created_at)"
                ),
                "&&",
            ),
            where=text("status IN ('REQUESTED', 'INVITED', 'ACTIVE', 'ENDED')"),
            name="membership_once_excl",
            info={
                "code": "ALREADY_THERE",
                "es": "La organización ya tiene una membresía, una solicitud o una invitación en "
                "ese grupo para ese tiempo.",
                "en": "The party has a membership, a request or an invitation in that group for "
                "that time already.",
            },
        ),
    ),
)
class Membership(Record):
    """A party's belonging to a group, for a time. A party may belong to any number of groups.

    Requests, invitations and refusals are seen by the two sides alone.
    """

    group: WorkingGroup | None = one("The group; null if you may not see it.", required=True)
    party: Party | None = one("Who belongs to it; null if you may not see it.", required=True)
    status: MembershipStatus = column("Where it stands.", filter=True)
    role: str | None = translated(
        "What the party is in the group, where that is more than a member.", personal=True
    )
    start: FuzzyDate | None = dated("When it began.")
    end: FuzzyDate | None = dated("When it ended, or is to end; null while that is open.")
    notes: list[MembershipNote] = rows(
        """SELECT n_.status, n_.text, n_.at FROM membership_note n_
        WHERE n_.membership_id = {row}.id
            AND ({row}.group_id = ANY ({seeing}) OR {row}.party_id = ANY ({seeing}))
        ORDER BY n_.at, n_.id LIMIT 25""",
        "What the two sides said with a request, an invitation, a refusal or an end. Empty for all "
        "others, and after a year.",
    )


# Above a group are its parent, that one's parent and so on. Who changes what lies above a group, or
# makes a group a member, waits for others who do: else two could together close a circle.
_OPEN = "IN ('REQUESTED', 'INVITED', 'ACTIVE')"
stored(
    "membership",
    """CREATE OR REPLACE FUNCTION groups_above(first uuid) RETURNS TABLE (id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        WITH RECURSIVE above (id) AS (
            SELECT w.parent_id FROM working_group w WHERE w.id = groups_above.first
            UNION SELECT w.parent_id FROM above a JOIN working_group w ON w.id = a.id)
        SELECT a.id FROM above a WHERE a.id IS NOT NULL;
    END""",
    """CREATE OR REPLACE FUNCTION keep_members_apart() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        circle boolean;
    BEGIN
        IF TG_TABLE_NAME = 'membership' THEN
            IF NOT EXISTS (SELECT FROM working_group WHERE id = NEW.party_id) THEN
                RETURN NULL;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtextextended('groups above', 0));
            SELECT NEW.party_id IN (SELECT id FROM groups_above(NEW.group_id)) INTO circle;
        ELSE
            PERFORM pg_advisory_xact_lock(hashtextextended('groups above', 0));
            WITH RECURSIVE below (id) AS (
                SELECT NEW.id UNION SELECT w.id FROM below b JOIN working_group w
                    ON w.parent_id = b.id)
            SELECT EXISTS (
                SELECT FROM below b
                JOIN membership m ON m.group_id = b.id AND m.status IN
                    ('REQUESTED', 'INVITED', 'ACTIVE')
                WHERE m.party_id IN (SELECT id FROM groups_above(NEW.id))) INTO circle;
        END IF;
        IF circle THEN
            RAISE check_violation USING TABLE = 'membership',
                CONSTRAINT = 'membership_itself_check',
                MESSAGE = 'A group cannot be a member of itself, or of a group below it.';
        END IF;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE TRIGGER membership_apart
    AFTER INSERT OR UPDATE OF group_id, party_id, status ON membership
    FOR EACH ROW WHEN (NEW.status {_OPEN}) EXECUTE FUNCTION keep_members_apart()""",
    """CREATE OR REPLACE TRIGGER working_group_apart
    AFTER UPDATE OF parent_id ON working_group
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
    EXECUTE FUNCTION keep_members_apart()""",
)
