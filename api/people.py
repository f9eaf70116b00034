"""The pages where people sign in, choose a password, and see what they have connected."""

import asyncio
import logging
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import Route

from api import mail
from api.visit import BACK, Desk, Visit, page, safe
from auth import openid, passwords, people, sessions, throttle, users
from auth.scopes import SCOPES, ordered
from auth.tables import UserRow

_log = logging.getLogger("vinculo")
_NOTES = {
    "password": "login_password_chosen",
    "out": "login_out",
    "disconnected": "account_disconnected",
}
WAIT = {"retry-after": str(round(throttle.WINDOW.total_seconds()))}
_RESETS = 3
"""Links that an account can be sent in a quarter of an hour."""


class People:
    """The pages of one installation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sending: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """What is where."""
        return [
            page(self._desk, "/login", get=self.login, post=self.signed_in),
            *(
                (
                    page(self._desk, "/login/openid", post=self.leave),
                    page(self._desk, BACK, get=self.back),
                )
                if self._desk.openid
                else ()
            ),
            page(self._desk, "/logout", post=self.logout),
            page(self._desk, "/account", get=self.account),
            page(self._desk, "/account/disconnect", post=self.disconnect),
            page(self._desk, "/invitation/{link}", get=self.invitation),
            page(self._desk, "/invitation", post=self.chosen),
            page(self._desk, "/reset", get=self.forgotten, post=self.reset),
        ]

    # Signing in and out

    async def login(self, visit: Visit) -> Response:
        """The form; who has signed in already goes on."""
        target = safe(visit.query.get("next", ""))
        if await self._user(visit):
            return visit.go(target)
        return self._login(visit, target)

    def _login(
        self, visit: Visit, target: str, wrong: str = "", status: int = 200, email: str = ""
    ) -> Response:
        note, provider = _NOTES.get(visit.query.get("done", "")), self._desk.provider
        return visit.page(
            "login",
            status=status,
            next=target,
            email=email,
            wrong=visit.words(wrong, provider=provider) if wrong else "",
            provider=provider,
            note=visit.words(note) if note else "",
        )

    async def signed_in(self, visit: Visit) -> Response:
        """Whether it is the password: the same answer for all that are wrong."""
        desk, form = self._desk, visit.form
        email, password, target = (form.get(name, "") for name in ("email", "password", "next"))
        target = safe(target)
        account = await desk.run(lambda s: people.attempt(s, desk.pepper, email, visit.host))
        if account is None:
            answer = self._login(visit, target, "login_throttled", 429, email)
            answer.headers.update(WAIT)
            return answer
        right = await desk.think(passwords.fits, password, account.kept)
        newer = None
        if right and account.kept and passwords.is_old(account.kept):
            newer = await desk.think(passwords.hash_of, password)
        cookie = await desk.run(
            lambda s: people.sign_in(s, desk.pepper, account, right, newer, visit.cookie)
        )
        if cookie is None:
            return self._login(visit, target, "login_wrong", 403, email)
        return visit.go(target, cookie)

    # Through the OpenID provider

    async def leave(self, visit: Visit) -> Response:
        """The way to the provider: a page that leads on.

        A redirect would not do: the policy of a form holds for all that follow it, and a provider
        may hand people on to others.
        """
        desk = self._desk
        assert desk.openid
        target = safe(visit.form.get("next", ""))

        def work(session: Session) -> openid.Login | None:
            return openid.begin(session, desk.pepper, visit.cookie, target, visit.host)

        login = await desk.run(work)
        if login is None:
            answer = self._login(visit, target, "openid_throttled", 429)
            answer.headers.update(WAIT)
            return answer
        try:
            to = await desk.openid.location(login, visit.language.suffix)
        except openid.Refused as error:
            return self._refused(visit, target, error)
        return visit.page("leave", to=to, provider=desk.provider)

    async def back(self, visit: Visit) -> Response:
        """Whom the provider sends; only who left from this browser, once, is listened to."""
        desk, state = self._desk, visit.query.get("state", "")
        assert desk.openid
        target = await desk.run(lambda s: openid.take(s, desk.pepper, visit.cookie, state))
        try:
            if target is None:
                raise openid.Refused("STATE")
            login = openid.Login.of(desk.pepper, visit.cookie, state)
            email = await desk.openid.email(login, visit.query)
        except openid.Refused as error:
            code = error.code
            await desk.run(lambda s: openid.refuse(s, desk.pepper, visit.host, code))
            return self._refused(visit, safe(target or ""), error)
        cookie = await desk.run(lambda s: openid.sign_in(s, desk.pepper, email, visit.cookie))
        if cookie is None:
            return self._refused(visit, safe(target), openid.Refused("NOT_INVITED"))
        return visit.go(safe(target), cookie)

    def _refused(self, visit: Visit, target: str, error: openid.Refused) -> Response:
        status = 503 if error.code == "AWAY" else 403
        return self._login(visit, target, f"openid_{error.code}", status)

    async def logout(self, visit: Visit) -> Response:
        """Forget the browser."""
        await self._desk.run(lambda s: sessions.end(s, self._desk.pepper, visit.cookie))
        target = visit.form.get("next")
        query = {"next": safe(target)} if target else {"done": "out"}
        return visit.go(f"/login?{urlencode(query)}", sessions.fresh())

    async def _user(self, visit: Visit) -> UserRow | None:
        if not visit.known:
            return None
        return await self._desk.run(lambda s: sessions.user(s, self._desk.pepper, visit.cookie))

    # The account

    async def account(self, visit: Visit) -> Response:
        """What the user may do, and what was connected."""

        def work(session: Session) -> dict[str, Any] | None:
            user = sessions.user(session, self._desk.pepper, visit.cookie)
            return user and self._account(session, visit, user)

        values = await self._desk.run(work) if visit.known else None
        return visit.page("account", **values) if values else visit.go("/login")

    def _account(self, session: Session, visit: Visit, user: UserRow) -> dict[str, Any]:
        roles = people.roles(session, user.id, visit.language)
        connected = people.applications(session, user.id, visit.language)
        note = _NOTES.get(visit.query.get("done", ""))
        return {
            "user": user,
            "roles": [{"name": each.name, "can": can(visit, each.scopes)} for each in roles],
            "applications": [
                {
                    "client": each.client,
                    "party": each.party,
                    "name": each.name,
                    "owner": each.owner,
                    "party_name": each.party_name,
                    "since": each.since,
                    "can": can(visit, each.scopes),
                }
                for each in connected
            ],
            "note": visit.words(note) if note else "",
        }

    async def disconnect(self, visit: Visit) -> Response:
        """End what an application was allowed."""
        try:
            client, party = UUID(visit.form.get("client")), UUID(visit.form.get("party"))
        except (TypeError, ValueError):
            return visit.message("wrong_request", 400, link="/account")

        def work(session: Session) -> bool:
            user = sessions.user(session, self._desk.pepper, visit.cookie)
            if user:
                people.disconnect(session, user.id, client, party)
            return user is not None

        found = await self._desk.run(work)
        return visit.go("/account?done=disconnected" if found else "/login")

    # Links

    async def invitation(self, visit: Visit) -> Response:
        """The form behind a link. Looking at it uses nothing up: programs that read mail do so."""
        return await self._password(visit, visit.request.path_params["link"])

    async def _password(self, visit: Visit, secret: str, wrong: str = "") -> Response:
        user = await self._desk.run(lambda s: people.invited(s, self._desk.pepper, secret))
        if user is None:
            return self._dead(visit)
        text = visit.words(f"password_{wrong}") if wrong else ""
        status = 422 if wrong else 200
        return visit.page("password", status=status, user=user, link=secret, wrong=text)

    def _dead(self, visit: Visit) -> Response:
        return visit.message("password_dead", 410, "password_dead_title", "/login")

    async def chosen(self, visit: Visit) -> Response:
        """The password was chosen: the link is used up."""
        desk, secret = self._desk, visit.form.get("link", "")
        password, again = visit.form.get("password", ""), visit.form.get("again", "")
        user = await desk.run(lambda s: people.invited(s, desk.pepper, secret))
        if user is None:
            return self._dead(visit)
        try:
            people.check_password(user, password, again)
        except passwords.Weak as error:
            return await self._password(visit, secret, error.code)
        kept = await desk.think(passwords.hash_of, password)
        if not await desk.run(lambda s: people.choose_password(s, desk.pepper, secret, kept)):
            return self._dead(visit)
        return visit.go("/login?done=password", sessions.fresh())

    async def forgotten(self, visit: Visit) -> Response:
        """The form that asks for a link."""
        return visit.page("reset", mail=bool(self._desk.settings.smtp_url))

    async def reset(self, visit: Visit) -> Response:
        """Send a link if there is such an account: the answer does not tell, nor does its time."""
        desk, email = self._desk, visit.form.get("email", "")
        if not desk.settings.smtp_url:
            return visit.message("reset_without_mail", 404, "reset_title", "/login")

        def count(session: Session) -> list[int]:
            account, address = throttle.account(email), throttle.address(visit.host)
            whats = f"reset {account}", f"reset {address}"
            return throttle.counts(session, desk.pepper, *whats)

        of_account, of_address = await desk.run(count)
        if of_address > throttle.FOR_ADDRESS:
            answer = visit.message("reset_throttled", 429, "reset_title", "/login")
            answer.headers.update(WAIT)
            return answer
        if of_account <= _RESETS:
            task = asyncio.create_task(self._send(visit, email))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return visit.message("reset_done", 200, "reset_done_title", "/login")

    async def _send(self, visit: Visit, email: str) -> None:
        desk = self._desk

        def work(session: Session) -> tuple[str, str, str] | None:
            user = users.find(session, email)
            if user is None or user.disabled_at:
                return None
            purpose = "RESET" if user.password_hash else "INVITATION"
            return user.email, users.link(session, desk.pepper, user, purpose), purpose

        try:
            found = await desk.run(work)
            if found:
                to, secret, purpose = found
                about = mail.about_link(people.address_of(desk.site, secret), purpose)
                letter = mail.Letter(to, *about)
                await asyncio.to_thread(mail.send, desk.settings, letter)
        except Exception as error:  # nobody waits for it; neither address nor link is logged
            _log.error("A mail could not be sent: %s", type(error).__name__)


def can(visit: Visit, scopes: list[str]) -> list[str]:
    """What scopes allow, in plain words."""
    return [SCOPES[name].sentence(visit.language) for name in ordered(scopes)]
