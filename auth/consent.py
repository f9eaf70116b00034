"""What a user is asked, and what follows from the answer: all that the page needs.

The page calls `validate` when it is shown and again when the user answers, since nothing that comes
back from a browser is trusted; then `approve` or `deny` says where to send the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from auth import audit, users
from auth.authlib import errors
from auth.pepper import AUTHORIZATION_CODE, new_secret
from auth.scopes import ordered
from auth.server import Request, Server
from auth.site import Site
from auth.tables import AuthorizationCodeRow, ClientRow, GrantRow, UserRow

_CODE_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class Unanswerable:
    """Client or redirect URI are not known: the user is told why, and nobody else."""

    why: str


@dataclass(frozen=True)
class SentBack:
    """A request that the client got wrong; sending the user to `location` tells it so."""

    location: str


@dataclass(frozen=True)
class Asked:
    """A request that a user can answer.

    Args:
        scopes: what the client asks for, within what it can have.
        state: what the client wants back.
    """

    client: ClientRow
    redirect_uri: str
    scopes: list[str]
    code_challenge: str
    state: str | None

    def location(self, site: Site, **answer: str) -> str:
        """Where the user goes, with our name (RFC 9207) and the client's state."""
        return _location(site, self.redirect_uri, self.state, **answer)


def _location(site: Site, uri: str, state: str | None, **answer: str) -> str:
    given = {**answer, **({"state": state} if state else {}), "iss": site.issuer}
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(given)}"


def validate(
    session: Session, site: Site, parameters: dict[str, str]
) -> Asked | SentBack | Unanswerable:
    """The request in the parameters of `/oauth/authorize`, or what is done about a wrong one."""
    request = Request(parameters, method="GET")
    state = parameters.get("state")
    try:
        Server(session, site).get_consent_grant(request)
    except errors.OAuth2Error as error:
        if not error.redirect_uri:
            return Unanswerable(str(error.description))
        client = request.client
        audit.denied(session, site.pepper, str(client.id), client=client, why=error.error)
        about = {"error": str(error.error), "error_description": str(error.description)}
        return SentBack(_location(site, error.redirect_uri, state, **about))
    return Asked(
        request.client,
        parameters["redirect_uri"],
        request.scope,
        parameters["code_challenge"],
        state,
    )


def approve(
    session: Session, site: Site, asked: Asked, user: UserRow, party: UUID, scopes: Iterable[str]
) -> str:
    """Where the user goes who lets the client act for a party.

    Args:
        scopes: what the user leaves of what was asked; what is beyond that user's role is left out.
    Raises:
        users.Refused: the user does not act for the party.
    """
    if users.acting(session, user.id, party) is None:
        raise users.Refused("You do not act for this party.")
    held = set(asked.scopes) & set(scopes) & set(users.role(session, user.id, party))
    grant = GrantRow(
        client_id=asked.client.id,
        party_id=party,
        user_id=user.id,
        scopes=ordered(held),
        resource=site.resource,
        expires_at=func.now() + _CODE_LIFE,
    )
    session.add(grant)
    session.flush()
    code = new_secret(AUTHORIZATION_CODE)
    session.add(
        AuthorizationCodeRow(
            hash=site.pepper.digest(code),
            grant_id=grant.id,
            redirect_uri=asked.redirect_uri,
            code_challenge=asked.code_challenge,
            expires_at=func.now() + _CODE_LIFE,
        )
    )
    audit.record(session, audit.Event.GRANTED, grant=grant, scopes=grant.scopes)
    return asked.location(site, code=code)


def deny(session: Session, site: Site, asked: Asked, user: UserRow) -> str:
    """Where the user goes who does not."""
    whom, client = f"{asked.client.id} {user.id}", asked.client
    audit.denied(session, site.pepper, whom, client=client, user=user.id, why="access_denied")
    return asked.location(site, error="access_denied", error_description="The user said no.")
