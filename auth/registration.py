"""Clients are registered, given secrets, and suspended. A secret is shown once, when it is made."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from auth import audit, redirects
from auth.granted import revoke
from auth.jose import Key
from auth.pepper import CLIENT_SECRET, Pepper, new_secret
from auth.scopes import SCOPES, ordered
from auth.tables import ClientRow, ClientSecretRow, GrantRow, IssuerRow

OVERLAP = timedelta(days=7)
"""How long the former secrets of a client still work when it has a new one."""


class Refused(ValueError):
    """What was asked for cannot be registered; the message says why and what would work."""


@dataclass(frozen=True)
class Registration:
    """What a client is to be.

    Args:
        party: the party it belongs to, and acts for by itself.
        scopes: the most it can ever hold.
        redirect_uris: where users may be sent back; without any, it acts by itself only.
        public: it runs where it cannot keep a secret: in browsers, on desktops and phones.
        jwks: its public keys, if it proves itself by signing.
        issuer: the other issuer whose tokens it comes with, and `external_id` its name there.
    """

    name: str
    party: UUID
    scopes: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    public: bool = False
    jwks: dict[str, Any] | None = None
    issuer: str | None = None
    external_id: str | None = None
    by: UUID | None = field(default=None, kw_only=True)
    """The user who registers it, if it is one."""

    @property
    def authentication(self) -> str:
        """How it proves itself."""
        if self.jwks is not None:
            return "PRIVATE_KEY_JWT"
        return "NONE" if self.public or self.issuer else "SECRET"

    @property
    def grants(self) -> list[str]:
        """The ways to a token that are open to it."""
        if self.issuer:
            return []
        alone = [] if self.public else ["client_credentials"]
        return alone + (["authorization_code", "refresh_token"] if self.redirect_uris else [])

    def check(self) -> None:
        """Refuse what makes no sense.

        Raises:
            Refused: saying why.
        """
        unknown = sorted(set(self.scopes) - set(SCOPES))
        if unknown:
            raise Refused(f"There is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}.")
        if not self.name.strip() or len(self.name) > 100 or not self.name.isprintable():
            raise Refused("A name has 1 to 100 signs: it is shown to those who consent.")
        if bool(self.issuer) != bool(self.external_id):
            raise Refused("A client of another issuer has its id there, and the other way round.")
        if self.public and not self.redirect_uris:
            raise Refused("A public client needs a redirect URI: it can do nothing by itself.")
        if self.public and self.jwks is not None:
            raise Refused("A client with a key of its own is not public.")
        try:
            for uri in self.redirect_uris:
                redirects.check(uri)
        except ValueError as error:
            raise Refused(str(error)) from None
        if self.jwks is not None:
            _check_keys(self.jwks)


def _check_keys(jwks: dict[str, Any]) -> None:
    try:
        keys = KeySet.import_key_set(jwks).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise Refused('The keys are not a JWK set such as {"keys": [{"kty": "EC", …}]}.') from None
    if not keys or not all(isinstance(key, Key) for key in keys):
        raise Refused("A client signs with EC, RSA or Ed25519 keys.")
    if any(key.is_private for key in keys):
        raise Refused("These are private keys: keep them, and make new ones; send the public part.")


def create(session: Session, pepper: Pepper, asked: Registration) -> tuple[ClientRow, str | None]:
    """Register a client; with it, its secret, if it has one.

    Raises:
        Refused: it cannot be registered so.
    """
    asked.check()
    if asked.issuer and session.get(IssuerRow, asked.issuer) is None:
        raise Refused(f"Tokens of {asked.issuer} are not taken here.")
    row = ClientRow(
        name=asked.name.strip(),
        party_id=asked.party,
        authentication=asked.authentication,
        jwks=asked.jwks,
        grants=asked.grants,
        redirect_uris=list(asked.redirect_uris),
        scopes=ordered(asked.scopes),
        issuer=asked.issuer,
        external_id=asked.external_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, audit.Event.CLIENT_CREATED, client=row, user=asked.by, scopes=row.scopes)
    return row, add_secret(session, pepper, row) if row.authentication == "SECRET" else None


def add_secret(session: Session, pepper: Pepper, client: ClientRow) -> str:
    """A new secret of a client; the former ones end after `OVERLAP`.

    Raises:
        Refused: the client has none.
    """
    if client.authentication != "SECRET":
        raise Refused("This client proves itself without a secret.")
    ends = func.now() + OVERLAP
    session.execute(
        update(ClientSecretRow)
        .where(ClientSecretRow.client_id == client.id)
        .values(expires_at=func.least(func.coalesce(ClientSecretRow.expires_at, ends), ends))
    )
    secret = new_secret(CLIENT_SECRET)
    session.add(ClientSecretRow(hash=pepper.digest(secret), client_id=client.id))
    audit.record(session, audit.Event.SECRET_CREATED, client=client)
    return secret


def revoke_secrets(session: Session, client: ClientRow) -> None:
    """End all secrets of a client at once."""
    session.execute(delete(ClientSecretRow).where(ClientSecretRow.client_id == client.id))
    audit.record(session, audit.Event.SECRET_REVOKED, client=client)


def suspend(session: Session, client: ClientRow, suspended: bool = True) -> None:
    """Let a client do nothing any more, and end what it was granted; or let it in again."""
    client.suspended_at = func.now() if suspended else None
    if suspended:
        revoke(session, GrantRow.client_id == client.id, "CLIENT_SUSPENDED")
    audit.record(session, audit.Event.CLIENT_SUSPENDED, client=client, suspended=suspended)


def change_scopes(session: Session, client: ClientRow, scopes: tuple[str, ...]) -> None:
    """Set the most that a client can hold; tokens that hold more lose it at once.

    Raises:
        Refused: there is no such scope.
    """
    Registration(client.name, client.party_id, scopes).check()
    client.scopes = ordered(scopes)
    audit.record(session, audit.Event.CLIENT_CHANGED, client=client, scopes=client.scopes)


def all_clients(session: Session) -> list[ClientRow]:
    """Every client, by name."""
    return list(session.scalars(select(ClientRow).order_by(ClientRow.name, ClientRow.id)))
