"""The page where a user lets an application act, or does not.

What the page shows is checked again when the user answers: the request that the client sent comes
back from the browser, and is trusted as little as before.
"""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.forms import parameters
from api.people import can
from api.visit import Desk, Visit, page
from auth import consent, people, sessions, users
from auth.scopes import ordered
from auth.tables import UserRow

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")


class Consent:
    """The page of one installation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Where the answer is sent; the question is at /oauth/authorize."""
        return [page(self._desk, "/oauth/consent", post=self.answered)]

    async def ask(self, request: Request, given: dict[str, str]) -> Response:
        """Show a request to the user, who may have to sign in before."""
        visit = Visit(self._desk, request, given)

        def work(session: Session) -> Response | None:
            user = sessions.user(session, self._desk.pepper, visit.cookie)
            if user is None:
                return None
            asked = consent.validate(session, self._desk.site, given)
            return self._next(session, visit, user, asked)

        shown = await self._desk.run(work) if visit.known else None
        return shown or self._sign_in(visit, given)

    def unanswerable(self, request: Request, why: str) -> Response:
        """What a user is told whom a client sent with a request that must not be answered."""
        visit = Visit(self._desk, request, {})
        return visit.page(
            "message",
            status=400,
            title=visit.words("wrong_title"),
            text=visit.words("wrong_client"),
            detail=why,
            link=None,
        )

    def _sign_in(self, visit: Visit, given: dict[str, str]) -> Response:
        return visit.go(f"/login?{urlencode({'next': f'/oauth/authorize?{urlencode(given)}'})}")

    def _next(self, session: Session, visit: Visit, user: UserRow, asked: Any) -> Response:
        match asked:
            case consent.Unanswerable(why):
                return self.unanswerable(visit.request, why)
            case consent.SentBack(location):
                return visit.go(location)
            case _:
                return self._shown(session, visit, user, asked)

    def _shown(
        self, session: Session, visit: Visit, user: UserRow, asked: consent.Asked
    ) -> Response:
        return visit.page(
            "consent",
            targets=(source(asked.redirect_uri),),
            client=asked.client.name,
            owner=people.owner(session, asked.client, visit.language),
            user=user,
            host=shown_host(asked.redirect_uri),
            request=urlencode({k: v for k, v in visit.query.items() if k != "lang"}),
            roles=[
                {
                    "party": role.party,
                    "name": role.name,
                    "can": can(visit, ordered(set(asked.scopes) & set(role.scopes))),
                    "beyond": bool(set(asked.scopes) - set(role.scopes)),
                }
                for role in people.roles(session, user.id, visit.language)
            ],
        )

    async def answered(self, visit: Visit) -> Response:
        """Send the user back with a code, or with a refusal."""
        given = parameters(visit.form.get("request", "").encode("ascii", "replace"))

        def work(session: Session) -> Response | None:
            user = sessions.user(session, self._desk.pepper, visit.cookie)
            if user is None:
                return None
            asked = consent.validate(session, self._desk.site, given)
            if not isinstance(asked, consent.Asked):
                return self._next(session, visit, user, asked)
            return self._answer(session, visit, user, asked)

        return await self._desk.run(work) or self._sign_in(visit, given)

    def _answer(
        self, session: Session, visit: Visit, user: UserRow, asked: consent.Asked
    ) -> Response:
        site = self._desk.site
        match visit.form.get("answer"):
            case "deny":
                return visit.go(consent.deny(session, site, asked, user))
            case "allow":
                try:
                    party = UUID(visit.form.get("party"))
                    return visit.go(
                        consent.approve(session, site, asked, user, party, asked.scopes)
                    )
                except (TypeError, ValueError, users.Refused):
                    return visit.message("wrong_request", 400)
            case _:
                return visit.message("wrong_request", 400)


def source(uri: str) -> str:
    """A redirect URI as CSP names where a form may lead: Chromium looks at redirects as well."""
    parts = urlsplit(uri)
    known = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if known else f"{parts.scheme}:"


def shown_host(uri: str) -> str:
    """Where a user goes back to, as people know it."""
    parts = urlsplit(uri)
    return parts.netloc or f"{parts.scheme}:"
