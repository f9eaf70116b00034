"""What people do: sign in, take up a link, see their roles and applications.

Signing in and choosing a password take two transactions, with argon2 between them and none open.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from auth import audit, passwords, sessions, throttle, users
from auth.granted import revoke
from auth.pepper import Pepper
from auth.scopes import ordered
from auth.site import Site
from auth.tables import ClientRow, GrantRow, InvitationRow, UserRoleRow, UserRow
from schema.language import Language


def address_of(site: Site, secret: str) -> str:
    """The link that a user is sent."""
    return f"{site.issuer}/invitation/{secret}"


# Signing in


class Account(NamedTuple):
    """What a password is compared with; nothing where there is no such account."""

    user: UUID | None
    kept: str | None


def attempt(session: Session, pepper: Pepper, email: str, host: str) -> Account | None:
    """The account to compare a password with, or none: there were too many attempts."""
    account, address = throttle.account(email), throttle.address(host)
    of_account, of_address = throttle.counts(session, pepper, account, address)
    row = users.find(session, email)
    if of_account > throttle.FOR_ACCOUNT or of_address > throttle.FOR_ADDRESS:
        if of_account == throttle.FOR_ACCOUNT + 1 or of_address == throttle.FOR_ADDRESS + 1:
            audit.record(session, audit.Event.DENIED, user=row and row.id, why="THROTTLED")
        return None
    if row is None or row.disabled_at is not None:
        return Account(None, None)
    return Account(row.id, row.password_hash)


def sign_in(
    session: Session, pepper: Pepper, account: Account, right: bool, newer: str | None, before: str
) -> str | None:
    """The cookie of a user who gave the right password, unless things changed meanwhile.

    Args:
        right: whether the password fits what was kept.
        newer: what to keep instead, if argon2 has become stronger.
        before: the cookie so far.
    """
    row = account.user and session.get(UserRow, account.user, with_for_update=True)
    if not row or not right or row.disabled_at or row.password_hash != account.kept:
        audit.record(session, audit.Event.DENIED, user=account.user, why="PASSWORD")
        return None
    throttle.clear(session, pepper, throttle.account(row.email))
    if newer:
        row.password_hash = newer
    return sessions.begin(session, pepper, row, before, "PASSWORD")


# Links


def _alive(pepper: Pepper, secret: str) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationRow.hash == pepper.digest(secret),
        InvitationRow.used_at.is_(None),
        InvitationRow.expires_at > func.now(),
        UserRow.disabled_at.is_(None),
    )


def invited(session: Session, pepper: Pepper, secret: str) -> UserRow | None:
    """Whose link it is, if it can still be used."""
    return session.scalar(
        select(UserRow)
        .join(InvitationRow, InvitationRow.user_id == UserRow.id)
        .where(*_alive(pepper, secret))
    )


def choose_password(session: Session, pepper: Pepper, secret: str, kept: str) -> bool:
    """Use up a link; whether it still could be.

    All links of the user are used up, and every browser is signed out: whoever knew the old
    password is out.
    """
    row = session.scalar(
        select(UserRow)
        .join(InvitationRow, InvitationRow.user_id == UserRow.id)
        .where(*_alive(pepper, secret))
        .with_for_update()
    )
    if row is None:
        return False
    session.execute(
        update(InvitationRow)
        .where(InvitationRow.user_id == row.id, InvitationRow.used_at.is_(None))
        .values(used_at=func.now())
    )
    row.password_hash = kept
    sessions.end_all(session, row)
    throttle.clear(session, pepper, throttle.account(row.email))
    audit.record(session, audit.Event.USER_ENABLED, user=row.id)
    return True


def check_password(row: UserRow, password: str, again: str) -> None:
    """Refuse a password that is too easy to guess, knowing the user.

    Raises:
        Weak: saying why.
    """
    personal = (row.email, row.email.partition("@")[0], row.name)
    passwords.check(password, again, personal=personal)


# Roles and applications


class Role(NamedTuple):
    """A party that a user acts for, and what the user may do for it."""

    party: UUID
    name: str
    scopes: list[str]


_NAMES = text(
    "SELECT id, name_es, name_en FROM actor WHERE id IN :ids "
    "UNION ALL SELECT id, name_es, name_en FROM working_group WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))


def names(session: Session, parties: list[UUID], language: Language) -> dict[UUID, str]:
    """What parties are called."""
    found = session.execute(_NAMES, {"ids": parties}).all() if parties else []
    first = 1 if language is Language.ES else 2
    return {row[0]: row[first] or row[3 - first] for row in found}


def roles(session: Session, user: UUID, language: Language) -> list[Role]:
    """For whom a user acts."""
    rows = session.scalars(select(UserRoleRow).where(UserRoleRow.user_id == user)).all()
    called = names(session, [row.party_id for row in rows], language)
    found = [Role(row.party_id, called.get(row.party_id, "–"), row.scopes) for row in rows]
    return sorted(found, key=lambda role: (role.name.casefold(), role.party))


OURS = "Vínculo"
"""Who answers for a client that belongs to no party."""


@dataclass(frozen=True)
class Application:
    """A client that may act as a user allowed it, for one party."""

    client: UUID
    name: str
    owner: str
    party: UUID
    party_name: str
    scopes: list[str]
    since: datetime


def applications(session: Session, user: UUID, language: Language) -> list[Application]:
    """What a user has connected, by name; several consents to the same make one entry."""
    found = session.execute(
        select(ClientRow, GrantRow, UserRoleRow)
        .join(GrantRow, GrantRow.client_id == ClientRow.id)
        .join(
            UserRoleRow,
            (UserRoleRow.user_id == GrantRow.user_id) & (UserRoleRow.party_id == GrantRow.party_id),
        )
        .where(
            GrantRow.user_id == user,
            GrantRow.revoked_at.is_(None),
            GrantRow.expires_at > func.now(),
        )
        .order_by(func.lower(ClientRow.name), ClientRow.id, GrantRow.party_id, GrantRow.created_at)
    ).all()
    parties = [id for c, g, _ in found for id in (c.party_id, g.party_id) if id]
    called = names(session, parties, language)
    entries: dict[tuple[UUID, UUID], Application] = {}
    for client, grant, role in found:
        known = entries.get((client.id, grant.party_id))
        held = {*(known.scopes if known else ()), *grant.scopes}
        entries[client.id, grant.party_id] = Application(
            client.id,
            client.name,
            _owner(client, called),
            grant.party_id,
            called.get(grant.party_id, "–"),
            ordered(held & set(client.scopes) & set(role.scopes)),
            known.since if known else grant.created_at,
        )
    return list(entries.values())


def owner(session: Session, client: ClientRow, language: Language) -> str:
    """Who answers for a client: its party, or those who run the server."""
    return _owner(client, names(session, [client.party_id] if client.party_id else [], language))


def _owner(client: ClientRow, called: dict[UUID, str]) -> str:
    return called.get(client.party_id, "–") if client.party_id else OURS


def disconnect(session: Session, user: UUID, client: UUID, party: UUID) -> int:
    """End what a user allowed a client for a party."""
    which = (
        (GrantRow.user_id == user) & (GrantRow.client_id == client) & (GrantRow.party_id == party)
    )
    return revoke(session, which, "USER_DISCONNECTED")
