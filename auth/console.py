"""The console as a client: ours, public, the same at every installation.

It belongs to no party: it acts for the party of whoever signs in, within what they may do, and only
while its page is open. It is registered when a server starts; whoever runs the server may narrow or
suspend it like any other.
"""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auth import audit, redirects
from auth.scopes import SCOPES
from auth.site import Site
from auth.tables import ClientRow

ID = uuid5(UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "vinculo:console")
NAME = "GraphiQL"
BACK = "/console/login"
"""Where people come back to."""


def back(site: Site) -> str:
    """The redirect URI."""
    return f"{site.issuer}{BACK}"


def register(session: Session, site: Site) -> None:
    """See to it that people can sign in at the console, unless it was suspended.

    Nothing is done where no redirect URI can be had: `http://localhost` is none.
    """
    uri = back(site)
    try:
        redirects.check(uri)
    except ValueError:
        return
    made = session.execute(insert(ClientRow).values(_row(uri)).on_conflict_do_nothing())
    row = session.get_one(ClientRow, ID, with_for_update=True)
    if made.rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        audit.record(session, audit.Event.CLIENT_CREATED, client=row, scopes=row.scopes)
    elif row.redirect_uris != [uri]:
        row.redirect_uris = [uri]
        audit.record(session, audit.Event.CLIENT_CHANGED, client=row, redirect_uris=[uri])


def _row(uri: str) -> dict[str, Any]:
    return {
        "id": ID,
        "name": NAME,
        "authentication": "NONE",
        "grants": ["authorization_code", "refresh_token"],
        "redirect_uris": [uri],
        "scopes": list(SCOPES),
    }
