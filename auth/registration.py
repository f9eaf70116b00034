"""Clients are registered, given secrets, and suspended. A secret is shown once, when it is made."""

from dataclasses import dataclass
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
from auth.principal import Principal
from auth.scopes import ordered, unknown
from auth.tables import ClientRow, ClientSecretRow, GrantRow, IssuerRow

MOST_REDIRECTS = 20
"""Addresses that one client can have."""
OVERLAP = timedelta(days=7)
"""How long the former secrets of a client still work when it has a new one."""


class Refused(ValueError):
    """What was asked for cannot be registered: why, and what would work.

    Args:
        field: of `Registration`, which it is about.
    """

    def __init__(self, field: str, spanish: str, english: str) -> None:
        super().__init__(english)
        self.field = field
        self.spanish = spanish


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
        if wrong := unknown(self.scopes):
            raise Refused("scopes", *wrong)
        if not self.name.strip() or len(self.name) > 100 or not self.name.isprintable():
            raise Refused(
                "name",
                "Un nombre tiene de 1 a 100 signos, todos visibles: lo ve quien da su permiso.",
                "A name has 1 to 100 signs, all of them visible: those who consent see it.",
            )
        if bool(self.issuer) != bool(self.external_id):
            raise Refused(
                "external_id",
                "Una aplicación de otro emisor tiene su identificador allí, y al revés.",
                "A client of another issuer has its id there, and the other way round.",
            )
        self._check_redirects()
        if self.jwks is not None:
            _check_keys(self.jwks, self.public)

    def _check_redirects(self) -> None:
        if self.public and not self.redirect_uris:
            raise Refused(
                "redirect_uris",
                "Una aplicación pública necesita una dirección de retorno: por sí sola no puede "
                "hacer nada.",
                "A public client needs a redirect URI: it can do nothing by itself.",
            )
        if len(self.redirect_uris) > MOST_REDIRECTS:
            raise Refused(
                "redirect_uris",
                f"Una aplicación tiene como mucho {MOST_REDIRECTS} direcciones de retorno.",
                f"A client has at most {MOST_REDIRECTS} redirect URIs.",
            )
        try:
            for uri in self.redirect_uris:
                redirects.check(uri)
        except redirects.Wrong as error:
            raise Refused("redirect_uris", error.spanish, str(error)) from None


def _check_keys(jwks: dict[str, Any], public: bool) -> None:
    if public:
        raise Refused(
            "public",
            "Una aplicación con clave propia no es pública.",
            "A client with a key of its own is not public.",
        )
    try:
        keys = KeySet.import_key_set(jwks).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise Refused(
            "jwks",
            'Las claves no son un conjunto JWK como {"keys": [{"kty": "EC", …}]}.',
            'The keys are not a JWK set such as {"keys": [{"kty": "EC", …}]}.',
        ) from None
    if not keys or not all(isinstance(key, Key) for key in keys):
        raise Refused(
            "jwks",
            "Una aplicación firma con claves EC, RSA o Ed25519.",
            "A client signs with EC, RSA or Ed25519 keys.",
        )
    if any(key.is_private for key in keys):
        raise Refused(
            "jwks",
            "Son claves privadas: guárdelas, haga otras nuevas y mande la parte pública.",
            "These are private keys: keep them, and make new ones; send the public part.",
        )


def create(
    session: Session, pepper: Pepper, asked: Registration, by: Principal | None = None
) -> tuple[ClientRow, str | None]:
    """Register a client; with it, its secret, if it has one.

    Args:
        by: who does it with a token; nobody on the command line.
    Raises:
        Refused: it cannot be registered so.
    """
    asked.check()
    if asked.issuer and session.get(IssuerRow, asked.issuer) is None:
        raise Refused(
            "issuer",
            f"Aquí no se aceptan tokens de {asked.issuer}.",
            f"Tokens of {asked.issuer} are not taken here.",
        )
    row = ClientRow(
        name=asked.name.strip(),
        party_id=asked.party,
        authentication=asked.authentication,
        jwks=asked.jwks,
        grants=asked.grants,
        redirect_uris=list(dict.fromkeys(asked.redirect_uris)),
        scopes=ordered(asked.scopes),
        issuer=asked.issuer,
        external_id=asked.external_id,
    )
    session.add(row)
    session.flush()
    event = audit.Event.CLIENT_CREATED
    audit.record(session, event, client=row, **audit.who(by), scopes=row.scopes)
    return row, add_secret(session, pepper, row, by) if row.authentication == "SECRET" else None


def add_secret(
    session: Session, pepper: Pepper, client: ClientRow, by: Principal | None = None
) -> str:
    """A new secret of a client; the former ones end after `OVERLAP`.

    Args:
        by: as in `create`.
    Raises:
        Refused: the client has none.
    """
    if client.authentication != "SECRET":
        raise Refused(
            "client_id",
            "Esta aplicación se identifica sin secreto.",
            "This client proves itself without a secret.",
        )
    ends = func.now() + OVERLAP
    session.execute(
        update(ClientSecretRow)
        .where(ClientSecretRow.client_id == client.id)
        .values(expires_at=func.least(func.coalesce(ClientSecretRow.expires_at, ends), ends))
    )
    secret = new_secret(CLIENT_SECRET)
    session.add(ClientSecretRow(hash=pepper.digest(secret), client_id=client.id))
    audit.record(session, audit.Event.SECRET_CREATED, client=client, **audit.who(by))
    return secret


def revoke_secrets(session: Session, client: ClientRow) -> None:
    """End all secrets of a client at once."""
    session.execute(delete(ClientSecretRow).where(ClientSecretRow.client_id == client.id))
    audit.record(session, audit.Event.SECRET_REVOKED, client=client)


def suspend(
    session: Session, client: ClientRow, suspended: bool = True, by: Principal | None = None
) -> None:
    """Let a client do nothing any more, and end what it was granted; or let it in again.

    Args:
        by: as in `create`.
    """
    client.suspended_at = func.now() if suspended else None
    if suspended:
        revoke(session, GrantRow.client_id == client.id, "CLIENT_SUSPENDED")
    event = audit.Event.CLIENT_SUSPENDED
    audit.record(session, event, client=client, **audit.who(by), suspended=suspended)


def change_scopes(session: Session, client: ClientRow, scopes: tuple[str, ...]) -> None:
    """Set the most that a client can hold; tokens that hold more lose it at once.

    Raises:
        Refused: there is no such scope.
    """
    Registration(client.name, client.party_id or client.id, scopes).check()
    client.scopes = ordered(scopes)
    audit.record(session, audit.Event.CLIENT_CHANGED, client=client, scopes=client.scopes)


def all_clients(session: Session) -> list[ClientRow]:
    """Every client, by name."""
    return list(session.scalars(select(ClientRow).order_by(ClientRow.name, ClientRow.id)))
