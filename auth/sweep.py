"""What has ended is forgotten: rows that nobody can use any more. The audit keeps what happened."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from auth.tables import (
    ClientAssertionRow,
    ClientSecretRow,
    GrantRow,
    InvitationRow,
    OpenIDLoginRow,
    RefreshTokenRow,
    UserSessionRow,
)
from schema.application import APPLICATION, KEPT, KEPT_OPEN
from schema.membership import NOTE, NOTES_KEPT
from schema.nouns import metadata

KEYS_LIVE = timedelta(days=7)
"""How long an `idempotencyKey` is known."""
_WHILE = timedelta(days=1)
"""How long they are kept after their end, so that questions about yesterday can be answered."""


def sweep(session: Session) -> None:
    """Delete what has ended, with the codes and refresh tokens under it.

    Applications go some time after their decision, and so does what was said of memberships."""
    tables: list[Any] = [
        GrantRow,
        RefreshTokenRow,
        ClientAssertionRow,
        ClientSecretRow,
        InvitationRow,
        OpenIDLoginRow,
        UserSessionRow,
    ]
    for table in tables:
        session.execute(delete(table).where(table.expires_at < func.now() - _WHILE))
    session.execute(
        delete(APPLICATION).where(
            (APPLICATION.c.decided_at < func.now() - KEPT)
            | (APPLICATION.c.created_at < func.now() - KEPT_OPEN)
        )
    )
    session.execute(delete(NOTE).where(NOTE.c.at < func.now() - NOTES_KEPT))
    keys = metadata.tables["idempotency"]
    session.execute(delete(keys).where(keys.c.created_at < func.now() - KEYS_LIVE))
