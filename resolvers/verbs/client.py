"""Applications of one's own party: registered, given new secrets, suspended."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy import select
from sqlalchemy.orm import Session

from auth import registration
from auth.registration import Refused, Registration
from auth.scopes import SCOPES, Scope
from auth.site import Site
from auth.tables import ClientRow
from resolvers.write.verb import Plain, verb
from resolvers.write.work import Given, Work
from schema.base import camel, namespace
from schema.rejection import Outcome, Rejected, Written, problem

T = TypeVar("T")
_SCOPE = Scope.CLIENTS_MANAGE.scope


@strawberry.type(description="An application that was registered here (RFC 6749).")
class OAuthClient:
    """Shown to its own party."""

    client_id: strawberry.ID = strawberry.field(description="How it names itself: `client_id`.")
    name: str = strawberry.field(description="What people see where they consent.")
    scopes: list[str] = strawberry.field(description="The most that it can hold.")
    redirect_uris: list[str] = strawberry.field(description="Where users may be sent back.")
    suspended: bool = strawberry.field(description="Whether it can do nothing for now.")


namespace["OAuthClient"] = OAuthClient


def _values(row: ClientRow) -> dict[str, Any]:
    return {
        "clientId": str(row.id),
        "name": row.name,
        "scopes": list(row.scopes),
        "redirectUris": list(row.redirect_uris),
        "suspended": row.suspended_at is not None,
    }


async def _again(work: Work, ids: list[str]) -> dict[str, Any]:
    """A secret is shown once, when it is made."""
    row = await work.session.get(ClientRow, UUID(ids[0]), populate_existing=True)
    return {"client": _values(row) if row else None, "clientSecret": None}


_SHOWN = Plain(
    {
        "client": ("OAuthClient", "The application."),
        "clientSecret": (
            "str",
            "Its secret, shown this once: keep it where only the application reads it. Null for a "
            "public one, in a trial, and when a write is sent again under its `idempotencyKey`.",
        ),
    },
    _again,
)
_WHICH = {"clientId": ("ID", "Its `client_id`.")}


async def _run(work: Work, do: Callable[[Session, Site], T]) -> T:
    """What the authorization server does, in the transaction of the mutation."""
    assert work.site, "without an authorization server nobody holds a scope"
    site = work.site
    try:
        return await work.session.run_sync(lambda session: do(session, site))
    except Refused as refused:
        path = (camel(refused.field),)
        raise Rejected(problem("INVALID", path, refused.spanish, str(refused))) from None


def _shown(given: Given, secret: str | None) -> str | None:
    """The secret; a trial shows none, since it would never open anything."""
    return None if given.get("dryRun") else secret


def _own(session: Session, work: Work, given: Given) -> ClientRow:
    """An application of the caller's party, locked."""
    try:
        number = UUID(given["clientId"])
    except ValueError:
        number = None
    statement = select(ClientRow).where(
        ClientRow.id == number, ClientRow.party_id == work.principal.party
    )
    row = session.scalar(statement.with_for_update()) if number else None
    if row is None:
        es = "Su parte no tiene ninguna aplicación con ese `clientId`."
        en = "Your party has no application of that `clientId`."
        raise Rejected(problem("NOT_FOUND", ("clientId",), es, en))
    return row


@verb(
    "registerClient",
    None,
    _SCOPE,
    "Register an application of the party that you act for. It can hold no scope that you do not "
    "hold yourself.",
    {
        "name": ("str", "What people see where they consent, up to 100 characters."),
        "scopes": ("list[str]", "The most that it can ever hold."),
        "redirectUris": (
            "list[str] | None",
            "Where users may be sent back; without any it acts by itself only.",
        ),
        "public": (
            "bool | None",
            "It runs where it cannot keep a secret: in browsers, on desktops and phones.",
        ),
    },
    _SHOWN,
)
async def register(work: Work, given: Given) -> Written:
    """A new application; nobody gives what they do not have."""
    principal = work.principal
    beyond = [s for s in given["scopes"] if s in SCOPES and s not in principal.scopes]
    if beyond:
        listed = ", ".join(f"`{scope}`" for scope in beyond)
        es = f"Usted mismo no tiene {listed}; una aplicación suya tampoco puede tenerlo."
        en = f"You do not hold {listed} yourself, so an application of yours cannot either."
        raise Rejected(problem("FORBIDDEN", ("scopes",), es, en))
    assert principal.party
    asked = Registration(
        given["name"],
        principal.party,
        scopes=tuple(given["scopes"]),
        redirect_uris=tuple(given.get("redirectUris") or ()),
        public=bool(given.get("public")),
    )

    def do(session: Session, site: Site) -> tuple[ClientRow, str | None]:
        return registration.create(session, site.pepper, asked, principal)

    row, secret = await _run(work, do)
    values = {"client": _values(row), "clientSecret": _shown(given, secret)}
    return Written(Outcome.CREATED, [str(row.id)], values=values)


@verb(
    "renewClientSecret",
    None,
    _SCOPE,
    "Give an application of your party a new secret; the former one works for seven more days.",
    _WHICH,
    _SHOWN,
)
async def renew_secret(work: Work, given: Given) -> Written:
    """For rotation without an outage."""

    def do(session: Session, site: Site) -> tuple[ClientRow, str]:
        row = _own(session, work, given)
        return row, registration.add_secret(session, site.pepper, row, work.principal)

    row, secret = await _run(work, do)
    values = {"client": _values(row), "clientSecret": _shown(given, secret)}
    return Written(Outcome.UPDATED, [str(row.id)], values=values)


@verb(
    "suspendClient",
    None,
    _SCOPE,
    "Let an application of your party do nothing any more: all its tokens are dead at once.",
    _WHICH,
    _SHOWN,
)
async def suspend(work: Work, given: Given) -> Written:
    """Undone by the operator of the installation."""

    def do(session: Session, _site: Site) -> ClientRow:
        row = _own(session, work, given)
        if row.suspended_at is None:
            registration.suspend(session, row, by=work.principal)
        session.refresh(row)
        return row

    row = await _run(work, do)
    values = {"client": _values(row), "clientSecret": None}
    return Written(Outcome.UPDATED, [str(row.id)], values=values)
