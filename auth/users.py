"""People who sign in, and what they may do for which party."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from auth import audit
from auth.granted import revoke
from auth.pepper import INVITATION, Pepper, new_secret
from auth.scopes import ordered, unknown
from auth.tables import (
    AuditRow,
    ClientRow,
    GrantRow,
    InvitationRow,
    UserRoleRow,
    UserRow,
    UserSessionRow,
    WebhookRow,
)
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


def _slugs(session: Session) -> dict[UUID, str]:
    return {row.id: row.slug or str(row.id) for row in session.execute(_SLUGS)}


def everyone(session: Session) -> list[tuple[UserRow, list[tuple[str, list[str]]]]]:
    """Every user by address, with the slugs of their parties and what they may do for each."""
    slugs = _slugs(session)
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


_KEPT: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "roles": (UserRoleRow, UserRoleRow.party_id, ("party_id", "scopes")),
    "sessions": (UserSessionRow, UserSessionRow.created_at, ("created_at", "expires_at")),
    "links": (InvitationRow, InvitationRow.expires_at, ("purpose", "expires_at", "used_at")),
    "grants": (
        GrantRow, GrantRow.created_at,
        ("id", "client_id", "party_id", "scopes", "created_at", "expires_at", "revoked_at",
         "revoked_why"),
    ),
    "webhooks": (
        WebhookRow, WebhookRow.created_at,
        ("id", "client_id", "party_id", "scopes", "url", "types", "created_at"),
    ),
    "audit": (
        AuditRow, AuditRow.id, ("at", "event", "client_id", "party_id", "grant_id", "detail"),
    ),
}  # fmt: skip
"""What is shown of what is kept of a user, in which order. Hashes and secrets are not."""


def kept(session: Session, user: UserRow) -> dict[str, Any]:
    """All that is kept of a user; of secrets only times. Parties and clients are named."""
    slugs = _slugs(session)
    clients = {row.id: row.name for row in session.scalars(select(ClientRow))}

    def said(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name in names:
            value = getattr(row, name)
            if name == "party_id":
                shown["party"] = slugs.get(value, value)
            elif name == "client_id":
                shown |= {"client_id": value, "client": clients.get(value)}
            else:
                shown[name] = value
        return shown

    own = said(user, ("id", "email", "name", "created_at", "disabled_at"))
    own["has_password"] = user.password_hash is not None
    for what, (table, order, names) in _KEPT.items():
        rows = session.scalars(select(table).where(table.user_id == user.id).order_by(order))
        own[what] = [said(row, names) for row in rows]
    return own


def erase(session: Session, user: UserRow) -> None:
    """Delete a user with roles, sessions, links, grants and all tokens and webhooks under them.

    The audit keeps what it says, with an id that leads to nobody.
    """
    revoke(session, GrantRow.user_id == user.id, "USER_ERASED")
    for webhook in session.scalars(select(WebhookRow).where(WebhookRow.user_id == user.id)):
        audit.record(
            session,
            audit.Event.WEBHOOK_DELETED,
            user=user.id,
            party=webhook.party_id,
            webhook=str(webhook.id),
        )
    audit.record(session, audit.Event.USER_ERASED, user=user.id)
    session.flush()
    session.execute(delete(UserRow).where(UserRow.id == user.id))
