"""What was granted, refused, revoked or changed: one row each, in the same transaction.

A row names ids, scopes and reasons. Secrets, tokens, passwords and addresses never come here.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from auth import throttle
from auth.pepper import Pepper
from auth.principal import Principal
from auth.tables import AuditRow, ClientRow, GrantRow

MOST = 20
"""Refusals of one kind that are written down in a quarter of an hour: nobody fills the table."""
NOT_WRITTEN = (
    "The answer shows how to reach persons, and it could not be written down that you see it, so "
    "it is kept back. Send the request again in a few seconds, or leave out `contact`."
)


class Event(Enum):
    """What can happen."""

    GRANTED = "A client received a grant."
    TOKEN_ISSUED = "A client received tokens under a grant."
    DENIED = "A client or a user was refused."
    REVOKED = "A grant was ended."
    CLIENT_CREATED = "A client was registered."
    CLIENT_CHANGED = "A client was changed."
    CLIENT_SUSPENDED = "A client was suspended or let in again."
    SECRET_CREATED = "A client received a secret."
    SECRET_REVOKED = "A secret of a client was ended."
    USER_INVITED = "A user was invited, or sent a new link."
    USER_ENABLED = "A user took up an invitation or chose a new password."
    USER_DISABLED = "A user was disabled or let in again."
    USER_ERASED = "A user was erased, with all but what is written down here."
    SIGNED_IN = "A user signed in."
    SIGNED_OUT = "A user signed out."
    ROLE_CHANGED = "What a user may do for a party was changed."
    KEY_ROTATED = "A new signing key was made."
    ISSUER_ADDED = "Tokens of another issuer are taken."
    DELEGATED = "A party let another keep its records."
    DELEGATION_REVOKED = "What a party let another do was taken back."
    WEBHOOK_CREATED = "A webhook was set up."
    WEBHOOK_CHANGED = "A webhook was changed, or received a secret."
    WEBHOOK_DELETED = "A webhook was deleted."
    WEBHOOK_PAUSED = "A webhook was paused, because nobody took its messages or it may no more."
    CONTACTS_READ = "Somebody was shown how to reach persons."
    ISSUER_REMOVED = "Tokens of another issuer are no longer taken."


def record(
    session: Session,
    event: Event,
    *,
    client: ClientRow | None = None,
    grant: GrantRow | None = None,
    party: UUID | None = None,
    user: UUID | None = None,
    **detail: Any,
) -> None:
    """Write down an event."""
    row = AuditRow(event=event.name, user_id=user, party_id=party, detail=detail)
    if client:
        row.client_id = client.id
        row.party_id = party or client.party_id
    if grant:
        row.grant_id, row.client_id = grant.id, grant.client_id
        row.party_id, row.user_id = grant.party_id, grant.user_id
    session.add(row)


def who(caller: Principal | None) -> dict[str, Any]:
    """For `record`: who did something to a client with a token; nothing for the command line."""
    if caller is None:
        return {}
    ids = {"client": caller.client, "grant": caller.grant}
    by = {name: str(value) for name, value in ids.items() if value}
    return {"user": caller.user, "by": by}


def denied(
    session: Session,
    pepper: Pepper,
    whom: str,
    *,
    why: str,
    client: ClientRow | None = None,
    user: UUID | None = None,
) -> None:
    """Write down a refusal, unless there were many like it; the last one says that more follow.

    Args:
        whom: who is refused, as far as that is known; each is counted for itself.
    """
    number = throttle.count(session, pepper, f"denied {whom} {why}")
    if number <= MOST:
        more: dict[str, Any] = {"more": True} if number == MOST else {}
        record(session, Event.DENIED, client=client, user=user, why=why, **more)


def contacts_read(session: Session, caller: Principal, whose: Mapping[str, Iterable[UUID]]) -> None:
    """Write down whose contacts somebody is about to be shown; never the contacts themselves.

    Args:
        whose: ids of each kind: of a `person`, of an `application`, of what is kept of a person
            as a whole, an `export`.
    """
    said = {f"{kind}s": [str(key) for key in keys] for kind, keys in whose.items()}
    by_caller(session, Event.CONTACTS_READ, caller, **said)


def by_caller(session: Session, event: Event, caller: Principal, **detail: Any) -> None:
    """Write down what somebody did with an access token."""
    session.add(
        AuditRow(
            event=event.name,
            client_id=caller.client,
            party_id=caller.party,
            user_id=caller.user,
            grant_id=caller.grant,
            detail=detail,
        )
    )
    session.flush()
