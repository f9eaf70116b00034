"""Grants are used and ended: one UPDATE, and every code and token under them is dead."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from auth import audit
from auth.tables import AuthorizationCodeRow, GrantRow, RefreshTokenRow

S = TypeVar("S", AuthorizationCodeRow, RefreshTokenRow)


def locked(session: Session, table: type[S], secret: bytes) -> tuple[S, GrantRow] | None:
    """A code or refresh token with its grant, which nobody else can use or end meanwhile.

    Whoever uses one locks the grant first, and reads the row after that: what came in parallel
    waits here, and then sees what was done.

    Args:
        secret: the hash of what was sent.
    """
    row = session.get(table, secret)
    grant = row and session.get(GrantRow, row.grant_id, with_for_update=True)
    if row is None or grant is None:
        return None
    session.refresh(row)
    return row, grant


def alive(session: Session, *ends: datetime) -> bool:
    """Whether all of these times are still to come, by the clock of the database."""
    return min(ends) > session.scalars(select(func.now())).one()


def revoke(session: Session, which: ColumnElement[bool], why: str) -> int:
    """End the grants that are alive among these; how many there were.

    Args:
        why: such as `CODE_REUSED`; it is kept with the grant.
    """
    rows = session.scalars(
        select(GrantRow)
        .where(which, GrantRow.revoked_at.is_(None), GrantRow.expires_at > func.now())
        .order_by(GrantRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.revoked_at, row.revoked_why = func.now(), why
        audit.record(session, audit.Event.REVOKED, grant=row, why=why)
    return len(rows)


def revoke_one(session: Session, grant: UUID, why: str) -> int:
    """End one grant."""
    return revoke(session, GrantRow.id == grant, why)
