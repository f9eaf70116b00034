"""People for the tests: users with passwords and roles, and what the database keeps of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auth import passwords, users
from auth.tables import AuditRow, GrantRow, UserRow, UserSessionRow
from tests.oauth import PEPPERED, UNHCR, write

PASSWORD = "siete gatos en la azotea"
KEPT = passwords.hash_of(PASSWORD)


def person(
    url: str,
    name: str,
    *roles: tuple[UUID, tuple[str, ...]],
    password: str | None = KEPT,
    shown: str = "",
) -> UUID:
    """A user `name@example.org`, with `PASSWORD`, who acts for UNHCR unless roles say else."""

    def work(session: Session) -> UUID:
        row, _ = users.invite(session, PEPPERED, f"{name.lower()}@example.org", shown or name)
        row.password_hash = password
        for party, scopes in roles or ((UNHCR, ("restricted:read", "pledges:write")),):
            users.give_role(session, row, party, scopes)
        return row.id

    return write(url, work)


def invited(url: str, name: str, purpose: str = "INVITATION") -> str:
    """The path of a link for a user, who is made unless there is one already."""

    def work(session: Session) -> str:
        row = users.find(session, f"{name.lower()}@example.org")
        if row is None:
            row, secret = users.invite(session, PEPPERED, f"{name.lower()}@example.org", name)
        else:
            secret = users.link(session, PEPPERED, row, purpose)
        return f"/invitation/{secret}"

    return write(url, work)


def kept(url: str, name: str) -> str | None:
    """The password hash of a user."""

    def work(session: Session) -> str | None:
        row = users.find(session, f"{name.lower()}@example.org")
        assert row
        return row.password_hash

    return write(url, work)


def sessions_of(url: str, user: UUID) -> int:
    """In how many browsers a user is signed in."""
    return counted(url, UserSessionRow.user_id == user, UserSessionRow)


def grants_of(url: str, user: UUID) -> int:
    """How many grants of a user are alive."""
    return counted(url, (GrantRow.user_id == user) & GrantRow.revoked_at.is_(None), GrantRow)


def events_of(url: str, user: UUID) -> list[str]:
    """What was written down about a user, in order."""

    def work(session: Session) -> list[str]:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.user_id == user).order_by(AuditRow.id)
        )
        return [row.event for row in rows]

    return write(url, work)


def counted(url: str, which: Any, table: Any) -> int:
    """How many rows there are."""

    def work(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(table).where(which)) or 0

    return write(url, work)


def run(url: str, statement: str, **values: Any) -> None:
    """A statement on the database."""
    write(url, lambda session: session.execute(text(statement), values))


def change_user(url: str, user: UUID, how: Callable[[Session, UserRow], object]) -> None:
    """Do something with the row of a user."""
    write(url, lambda session: how(session, session.get_one(UserRow, user)))
