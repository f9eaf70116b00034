"""A person's browser asks for a page: in which language, with which cookie, and what was sent.

A form is looked at only if it carries the token that a page of ours gave to the same browser, and
the browser does not say that it comes from elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.forms import BadForm, body_of, parameters
from api.negotiation import chosen
from api.origin import host_of
from api.settings import Settings
from api.store import Store
from api.templates import Words, pages, words
from auth import sessions
from auth.openid import OpenID, Provider
from auth.site import Site
from schema.errors import Unavailable
from schema.language import Language

T = TypeVar("T")
_A_YEAR = 31_536_000
BACK = "/login/openid/callback"
"""Where the OpenID provider sends people back to."""
_AT_ONCE = 2
"""Passwords that are hashed at the same time; each takes 64 MiB."""


class Desk:
    """What all pages of one installation work with."""

    def __init__(self, store: Store, site: Site, settings: Settings) -> None:
        self.store = store
        self.site = site
        self.settings = settings
        self.pepper = site.pepper
        self.cookie = sessions.Cookie.of(site)
        self._thinking = asyncio.Semaphore(_AT_ONCE)
        self.openid = _openid(site, settings)
        name = settings.openid_name or urlsplit(settings.openid_issuer or "").hostname
        self.provider = name if self.openid else None

    async def run(self, work: Callable[[Session], T]) -> T:
        """What a function does in a transaction."""
        return await self.store.run(work)

    async def think(self, work: Callable[..., T], *values: Any) -> T:
        """What a function that takes long gives, in a thread; a few of them at once."""
        async with self._thinking:
            return await asyncio.to_thread(work, *values)


def _openid(site: Site, settings: Settings) -> OpenID | None:
    issuer, us = settings.openid_issuer, settings.openid_client_id
    if not (issuer and us and settings.openid_client_secret):
        return None
    back = f"{site.issuer}{BACK}"
    return OpenID(Provider(issuer, us, settings.openid_client_secret, back))


class Visit:
    """One request of a browser, and the way to answer it.

    Args:
        query: the parameters of the address.
        form: what was sent; empty unless it came from a page of ours in this browser.
    """

    def __init__(self, desk: Desk, request: Request, query: dict[str, str]) -> None:
        self.desk = desk
        self.request = request
        self.query = query
        self.form: dict[str, str] = {}
        given = request.cookies.get(desk.cookie.name, "")
        self.known = sessions.well_formed(given)
        self.cookie = given if self.known else sessions.fresh()
        self.language = self._language()
        self.words: Words = words(self.language)

    def _language(self) -> Language:
        """The one chosen here, else before, else asked for by the application or the browser."""
        wanted = self.query.get("ui_locales", "").replace(" ", ",")
        return chosen(
            self.query.get("lang"),
            self.request.cookies.get("lang"),
            languages=wanted or self.request.headers.get("accept-language", ""),
        )

    @property
    def host(self) -> str:
        """From where it comes."""
        lines = self.request.headers.getlist("x-forwarded-for")
        return host_of(self.request.scope.get("client"), lines, self.desk.settings.proxies)

    def came_from_here(self) -> bool:
        """Whether a form is ours."""
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        token = self.form.get("form", "")
        return (
            self.known
            and site == "same-origin"
            and sessions.is_form_token(self.desk.pepper, self.cookie, token)
        )

    def page(
        self, name: str, *, status: int = 200, targets: tuple[str, ...] = (), **values: Any
    ) -> Response:
        """A page, with a form token for this browser."""
        base = {
            "form": sessions.form_token(self.desk.pepper, self.cookie),
            "switch": {each.suffix: self._switch(each) for each in Language},
        }
        answer = pages().page(name, self.language, base | values, status=status, targets=targets)
        return self._with_cookies(answer)

    def message(
        self, name: str, status: int, title: str = "wrong_title", link: str = ""
    ) -> Response:
        """A page that only says something."""
        links = {"/login": "to_login", "/account": "to_account", "/apply": "to_apply"}
        to = (link, self.words(links[link])) if link else None
        return self.page(
            "message", status=status, title=self.words(title), text=self.words(name), link=to
        )

    def go(self, location: str, cookie: str | None = None) -> Response:
        """The way to another page, perhaps with another cookie."""
        answer = Response(status_code=303, headers={"location": location})
        answer.headers["cache-control"] = "no-store"
        if cookie:
            self.known, self.cookie = False, cookie
        return self._with_cookies(answer)

    def _with_cookies(self, answer: Response) -> Response:
        if not self.known:
            answer.headers.append("set-cookie", self.desk.cookie.line(self.cookie))
        if self.query.get("lang", "").upper() in Language.__members__:
            line = language_cookie(self.language, self.desk.cookie.secure)
            answer.headers.append("set-cookie", line)
        return answer

    def _switch(self, to: Language) -> str:
        path, query = self.request.url.path, self.query
        if self.form:  # the answer to a form has no address of its own
            link = quote(self.form.get("link", ""), safe="")
            path = {
                "/oauth/consent": "/account",
                "/invitation": f"/invitation/{link}",
                "/login/openid": "/login",
            }.get(path, path)
            query = {name: self.form[name] for name in ("next",) if name in self.form}
        elif path == BACK:  # works once
            path, query = "/login", {}
        return f"{path}?{urlencode({**query, 'lang': to.suffix})}"


def language_cookie(chosen: Language, secure: bool) -> str:
    """What keeps a language that was chosen."""
    end = "; Secure" if secure else ""
    return f"lang={chosen.suffix}; Path=/; Max-Age={_A_YEAR}; SameSite=Lax{end}"


Answering = Callable[[Visit], Awaitable[Response]]


def page(
    desk: Desk, path: str, *, get: Answering | None = None, post: Answering | None = None
) -> Route:
    """The route of a page, and of its form."""

    async def answer(request: Request) -> Response:
        visit = Visit(desk, request, {})
        try:
            visit = Visit(desk, request, parameters(request.scope["query_string"]))
            if request.method != "POST":
                assert get
                return await get(visit)
            assert post
            visit.form = await body_of(request, desk.settings.body_seconds)
            if not visit.came_from_here():
                return visit.message("wrong_form", 403)
            return await post(visit)
        except BadForm:
            return visit.message("wrong_request", 400)
        except Unavailable:
            return visit.message("wrong_gone", 503)

    methods = [name for name, given in (("GET", get), ("POST", post)) if given]
    return Route(path, answer, methods=methods)


def safe(target: str) -> str:
    """Where to go afterwards: a page of ours, whatever was sent."""
    if target.startswith("/oauth/authorize?") and target.isascii() and target.isprintable():
        return target
    return "/account"
