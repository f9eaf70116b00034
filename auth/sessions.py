"""Browsers: each has one cookie, from which its forms are known and, once signed in, its user.

A visitor's cookie is known to that browser alone; nothing is stored for it. Signing in gives the
browser another one, of which the database keeps a keyed hash: whoever knew the cookie before knows
nothing after.
"""

import base64
import hmac
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from auth import audit
from auth.pepper import SESSION, Pepper, new_secret
from auth.site import Site
from auth.tables import UserRow, UserSessionRow

LIFE = timedelta(hours=12)
_LENGTH = len(new_secret(SESSION))


class Cookie(NamedTuple):
    """How the cookie is named and sent."""

    name: str
    secure: bool

    @staticmethod
    def of(site: Site) -> "Cookie":
        """The cookie of an installation; with `__Host-` no other host can plant it."""
        secure = site.issuer.startswith("https:")
        return Cookie("__Host-vinculo" if secure else "vinculo", secure)

    def line(self, value: str) -> str:
        """The `Set-Cookie` that gives it to a browser until that is closed."""
        end = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Path=/; HttpOnly; SameSite=Lax{end}"


def fresh() -> str:
    """A cookie for a browser that has none."""
    return new_secret(SESSION)


def well_formed(cookie: str) -> bool:
    """Whether we may have given it to a browser."""
    return cookie.startswith(SESSION) and len(cookie) == _LENGTH and cookie.isascii()


def form_token(pepper: Pepper, cookie: str) -> str:
    """What every form carries: only a page of ours in the same browser knows it."""
    digest = pepper.digest(f"form {cookie}")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_form_token(pepper: Pepper, cookie: str, token: str) -> bool:
    """Whether a form came from a page of ours in this browser."""
    return hmac.compare_digest(form_token(pepper, cookie).encode(), token.encode())


def user(session: Session, pepper: Pepper, cookie: str) -> UserRow | None:
    """Who signed in with this browser."""
    return session.scalar(
        select(UserRow)
        .join(UserSessionRow, UserSessionRow.user_id == UserRow.id)
        .where(
            UserSessionRow.hash == pepper.digest(cookie),
            UserSessionRow.expires_at > func.now(),
            UserRow.disabled_at.is_(None),
        )
    )


def begin(session: Session, pepper: Pepper, row: UserRow, before: str, by: str) -> str:
    """The cookie of a user who has just signed in; the one before is worth nothing any more.

    Args:
        by: how the user did, for the audit.
    """
    end(session, pepper, before)
    session.execute(delete(UserSessionRow).where(UserSessionRow.expires_at <= func.now()))
    cookie = fresh()
    expires = func.now() + LIFE
    session.add(UserSessionRow(hash=pepper.digest(cookie), user_id=row.id, expires_at=expires))
    audit.record(session, audit.Event.SIGNED_IN, user=row.id, by=by)
    return cookie


def end(session: Session, pepper: Pepper, cookie: str) -> None:
    """Sign a browser out."""
    found = session.scalar(
        delete(UserSessionRow)
        .where(UserSessionRow.hash == pepper.digest(cookie))
        .returning(UserSessionRow.user_id)
    )
    if found:
        audit.record(session, audit.Event.SIGNED_OUT, user=found)


def end_all(session: Session, row: UserRow) -> None:
    """Sign a user out of every browser."""
    session.execute(delete(UserSessionRow).where(UserSessionRow.user_id == row.id))
