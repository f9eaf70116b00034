"""People who sign in, and what they may do for which party."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auth import audit
from auth.granted import revoke
from auth.pepper import INVITATION, Pepper, new_secret
from auth.scopes import ordered, unknown
from auth.tables import GrantRow, InvitationRow, UserRoleRow, UserRow, UserSessionRow
from schema.standards import is_address

INVITATION_LIFE = timedelta(days=7)


class Refused(ValueError):
    """What was asked for cannot be done; the message says why."""


def acting(session: Session, user: UUID | None, party: UUID) -> UserRow | None:
    """The user, if that one may act for the party now."""
    return session.scalar(
        select(UserRow)
        .join(UserRoleRow, UserRoleRow.user_id == UserRow.id)
        .where(UserRow.id == user, UserRoleRow.party_id == party, UserRow.disabled_at.is_(None))
    )


def role(session: Session, user: UUID, party: UUID) -> list[str]:
    """The scopes that a user may hold for a party; none where there is no role."""
    row = session.get(UserRoleRow, (user, party))
    return row.scopes if row else []


def find(session: Session, email: str) -> UserRow | None:
    """The user with this address."""
    return session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))


_SLUGS = text("SELECT id, slug FROM actor UNION ALL SELECT id, slug FROM working_group")


def everyone(session: Session) -> list[tuple[UserRow, list[tuple[str, list[str]]]]]:
    """Every user by address, with the slugs of their parties and what they may do for each."""
    slugs = {row.id: row.slug or str(row.id) for row in session.execute(_SLUGS)}
    held: dict[UUID, list[tuple[str, list[str]]]] = {}
    for role in session.scalars(select(UserRoleRow)):
        named = slugs.get(role.party_id, str(role.party_id))
        held.setdefault(role.user_id, []).append((named, role.scopes))
    rows = session.scalars(select(UserRow).order_by(UserRow.email))
    return [(row, sorted(held.get(row.id, []))) for row in rows]


def invite(session: Session, pepper: Pepper, email: str, name: str) -> tuple[UserRow, str]:
    """A new user, and the secret of the link that lets that one choose a password.

    Raises:
        Refused: it is no address, or belongs to a user already.
    """
    email = email.strip().lower()
    if not is_address(email):
        raise Refused("This is no address such as ana@example.org.")
    if find(session, email):
        raise Refused("There is a user with this address.")
    row = UserRow(email=email, name=name.strip())
    session.add(row)
    session.flush()
    return row, link(session, pepper, row, "INVITATION")


def link(session: Session, pepper: Pepper, user: UserRow, purpose: str) -> str:
    """The secret of a link, good once and for a week, that lets a user choose a password.

    Args:
        purpose: `INVITATION` or `RESET`.
    """
    secret = new_secret(INVITATION)
    session.add(
        InvitationRow(
            hash=pepper.digest(secret),
            user_id=user.id,
            purpose=purpose,
            expires_at=func.now() + INVITATION_LIFE,
        )
    )
    audit.record(session, audit.Event.USER_INVITED, user=user.id, purpose=purpose)
    return secret


def give_role(session: Session, user: UserRow, party: UUID, scopes: tuple[str, ...] | None) -> None:
    """Let a user act for a party with these scopes; with `None`, no more.

    Raises:
        Refused: there is no such scope.
    """
    if wrong := unknown(scopes or ()):
        raise Refused(wrong[1])
    row = session.get(UserRoleRow, (user.id, party))
    if scopes is None:
        if row:
            session.delete(row)
        revoke(session, (GrantRow.user_id == user.id) & (GrantRow.party_id == party), "ROLE_ENDED")
    elif row:
        row.scopes = ordered(scopes)
    else:
        session.add(UserRoleRow(user_id=user.id, party_id=party, scopes=ordered(scopes)))
    audit.record(
        session,
        audit.Event.ROLE_CHANGED,
        user=user.id,
        party=party,
        scopes=None if scopes is None else ordered(scopes),
    )


def disable(session: Session, user: UserRow, disabled: bool = True) -> None:
    """Let a user do nothing any more: sessions, links and grants end; or let that one in again."""
    user.disabled_at = func.now() if disabled else None
    if disabled:
        revoke(session, GrantRow.user_id == user.id, "USER_DISABLED")
        for table in (UserSessionRow, InvitationRow):
            session.query(table).filter(table.user_id == user.id).delete()
    audit.record(session, audit.Event.USER_DISABLED, user=user.id, disabled=disabled)
