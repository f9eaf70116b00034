"""`vinculo serve --dev`: an invented client and user to try things with, on this machine only.

Their secrets follow from the installation's pepper: the same at every start, unknown elsewhere.
Whenever the server starts without `--dev`, both are shut out again.
"""

import base64
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from api.failure import Failure
from api.oauth import site_of
from api.settings import Settings
from api.store import do
from auth import passwords, registration, users
from auth.pepper import CLIENT_SECRET, Pepper
from auth.scopes import SCOPES
from auth.tables import ClientRow, ClientSecretRow

CLIENT = "Aplicación inventada de prueba"
USER = "Persona Inventada de Prueba"
EMAIL = "prueba@vinculo.invalid"
REDIRECT = "http://127.0.0.1/callback"
_PARTIES = text(
    "SELECT id, slug FROM actor ORDER BY slug NOT IN ('panama', 'unhcr'), slug DESC LIMIT 2"
)


def check(settings: Settings) -> None:
    """Refuse `--dev` wherever somebody else could come in.

    Raises:
        Failure: saying what stands in the way.
    """
    if settings.database_url:
        raise Failure("--dev is for the embedded database: unset VINCULO_DATABASE_URL.")
    if not _is_loopback(settings.host):
        raise Failure(f"--dev is for this machine only: {settings.host} can be reached by others.")
    if settings.public_url and not _is_loopback(urlsplit(settings.public_url).hostname or ""):
        raise Failure("--dev is for this machine only: unset VINCULO_PUBLIC_URL.")
    if settings.proxies:
        raise Failure("--dev is for this machine only: unset VINCULO_PROXIES.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def open_up(settings: Settings) -> list[str]:
    """Make client and user, or let them in again; what a person needs to know of them."""
    return _run(settings, _open_up)


def shut_out(settings: Settings) -> None:
    """See to it that neither of them can be used."""
    _run(settings, _shut_out)


def _run(settings: Settings, work: Callable[[Session, Pepper], list[str]]) -> list[str]:
    site = site_of(settings)
    return do(settings, lambda session: work(session, site.pepper)) if site else []


def _open_up(session: Session, pepper: Pepper) -> list[str]:
    parties: list[Any] = list(session.execute(_PARTIES).all())
    if not parties:
        return ["There is no actor to act for: --dev made neither client nor user."]
    client, secret = _client(session, pepper, parties[0].id)
    password = _derived(pepper, "password")[:20]
    _user(session, pepper, password, [party.id for party in parties])
    return [
        "Invented, for this machine only:",
        f"  client    {client.id}",
        f"  secret    {secret}",
        f"  redirect  {REDIRECT}, at any port",
        f"  user      {EMAIL}",
        f"  password  {password}",
        f"  for       {', '.join(party.slug for party in parties)}",
    ]


def _client(session: Session, pepper: Pepper, party: UUID) -> tuple[ClientRow, str]:
    secret = CLIENT_SECRET + _derived(pepper, "client")
    row = _known(session, pepper)
    if row is None:
        asked = registration.Registration(CLIENT, party, tuple(SCOPES), (REDIRECT,))
        row, _ = registration.create(session, pepper, asked)
        registration.revoke_secrets(session, row)
        session.add(ClientSecretRow(hash=pepper.digest(secret), client_id=row.id))
    elif row.suspended_at:
        registration.suspend(session, row, suspended=False)
    return row, secret


def _known(session: Session, pepper: Pepper) -> ClientRow | None:
    held = session.get(ClientSecretRow, pepper.digest(CLIENT_SECRET + _derived(pepper, "client")))
    return held and session.get(ClientRow, held.client_id)


def _user(session: Session, pepper: Pepper, password: str, parties: list[UUID]) -> None:
    row = users.find(session, EMAIL)
    if row is None:
        row, _ = users.invite(session, pepper, EMAIL, USER)
        for party in parties:
            users.give_role(session, row, party, tuple(SCOPES))
    if row.disabled_at:
        users.disable(session, row, disabled=False)
    if not passwords.fits(password, row.password_hash):
        row.password_hash = passwords.hash_of(password)


def _shut_out(session: Session, pepper: Pepper) -> list[str]:
    client, user = _known(session, pepper), users.find(session, EMAIL)
    if client and client.suspended_at is None:
        registration.suspend(session, client)
    if user and user.disabled_at is None:
        users.disable(session, user)
    return []


def _derived(pepper: Pepper, what: str) -> str:
    digest = pepper.digest(f"development {what}")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
