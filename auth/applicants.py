"""What is kept of who applied to join a group: to be shown, or erased, to who asks for it."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from schema.application import APPLICATION


def kept(session: Session, email: str) -> list[dict[str, Any]]:
    """The applications with this address, the oldest first; everything that is kept of them."""
    found = session.execute(
        select(APPLICATION)
        .where(APPLICATION.c.email == email.strip().lower())
        .order_by(APPLICATION.c.created_at, APPLICATION.c.id)
    )
    return [dict(row) for row in found.mappings()]


def erase(session: Session, email: str) -> int:
    """Delete them, decided or not; how many there were."""
    found = session.execute(
        delete(APPLICATION)
        .where(APPLICATION.c.email == email.strip().lower())
        .returning(APPLICATION.c.id)
    )
    return len(found.all())
