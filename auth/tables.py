"""Clients, users and what they were granted: tables that are no part of the graph.

A grant lies under every code, refresh token and access token; revoking its row ends all of them.
Secrets are kept as keyed hashes, passwords as argon2 has them.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from auth import redirects
from schema.nouns import metadata


class Table(DeclarativeBase):
    """Beside the nouns' tables, so that migrations know them."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        UUID: Uuid,
        bytes: LargeBinary,
        datetime: TIMESTAMP(timezone=True),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB(none_as_null=True),
    }


def _key() -> Mapped[UUID]:
    return mapped_column(primary_key=True, default=uuid4)


def _now() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


def _list() -> Mapped[list[str]]:
    return mapped_column(server_default=text("'{}'"))


class IssuerRow(Table):
    """An identity provider of others whose tokens are taken, such as the UN hub's."""

    __tablename__ = "issuer"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    jwks_uri: Mapped[str]
    audience: Mapped[str]
    algorithms: Mapped[list[str]]
    client_claim: Mapped[str] = mapped_column(server_default=text("'client_id'"))
    scope_claim: Mapped[str] = mapped_column(server_default=text("'scope'"))
    created_at: Mapped[datetime] = _now()


class ClientRow(Table):
    """An application of a party; `scopes` is the most it can ever hold.

    `authentication` says how it proves itself: with a secret (by Basic or in the body), with a key
    of its `jwks`, or not at all. A client of another issuer has no means to prove itself here.
    Without a party it is the server's own, and acts only for users.
    """

    __tablename__ = "oauth_client"
    __table_args__ = (
        CheckConstraint(
            "authentication IN ('SECRET', 'PRIVATE_KEY_JWT', 'NONE')", name="authentication"
        ),
        CheckConstraint("(authentication = 'PRIVATE_KEY_JWT') = (jwks IS NOT NULL)", name="jwks"),
        CheckConstraint(
            "grants <@ ARRAY['client_credentials', 'authorization_code', 'refresh_token']",
            name="grants",
        ),
        CheckConstraint(
            "authentication <> 'NONE' OR NOT 'client_credentials' = ANY (grants)", name="public"
        ),
        CheckConstraint(
            "(issuer IS NULL) = (external_id IS NULL) AND (issuer IS NULL OR grants = '{}')",
            name="external",
        ),
        CheckConstraint(
            "party_id IS NOT NULL OR (authentication = 'NONE' AND issuer IS NULL)", name="owner"
        ),
        Index(None, "issuer", "external_id", unique=True),
    )

    id: Mapped[UUID] = _key()
    name: Mapped[str]
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    authentication: Mapped[str]
    jwks: Mapped[dict[str, Any] | None]
    grants: Mapped[list[str]] = _list()
    redirect_uris: Mapped[list[str]] = _list()
    scopes: Mapped[list[str]] = _list()
    issuer: Mapped[str | None] = mapped_column(ForeignKey("issuer.issuer", ondelete="CASCADE"))
    external_id: Mapped[str | None]
    created_at: Mapped[datetime] = _now()
    suspended_at: Mapped[datetime | None]

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use this grant."""
        return grant_type in self.grants

    def check_response_type(self, response_type: str) -> bool:
        """Whether users may be sent to us by it."""
        return response_type == "code" and "authorization_code" in self.grants

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether users may be sent there."""
        return any(redirects.matches(each, redirect_uri) for each in self.redirect_uris)


class ClientSecretRow(Table):
    """A secret of a client; several may be live, so that one can follow another."""

    __tablename__ = "client_secret"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_client.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime | None]


class ClientAssertionRow(Table):
    """An assertion that a client proved itself with; none is taken twice."""

    __tablename__ = "client_assertion"

    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_client.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UserRow(Table):
    """A person who signs in. Without a password, the invitation was not taken up yet."""

    __tablename__ = "app_user"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email"),)

    id: Mapped[UUID] = _key()
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = _now()
    disabled_at: Mapped[datetime | None]


class UserRoleRow(Table):
    """What a user may do for a party; a token of the user never opens more."""

    __tablename__ = "user_role"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    party_id: Mapped[UUID] = mapped_column(
        ForeignKey("party.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    scopes: Mapped[list[str]] = _list()


class UserSessionRow(Table):
    """A browser in which a user has signed in."""

    __tablename__ = "user_session"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime]


class InvitationRow(Table):
    """A link that lets a user choose a password, once."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("purpose IN ('INVITATION', 'RESET')", name="purpose"),)

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OpenIDLoginRow(Table):
    """A browser that was sent to the OpenID provider; `hash` is of its state and its cookie."""

    __tablename__ = "openid_login"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    target: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AttemptRow(Table):
    """How often somebody tried lately; `key` is a hash of what is tried, or of from where."""

    __tablename__ = "attempt"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    number: Mapped[int]
    since: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class SpendingRow(Table):
    """How many points a client or an address has spent in a minute; `key` is a hash of which one.

    It may be lost with the server, and is gone after two minutes.
    """

    __tablename__ = "spending"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[bytes] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(BigInteger)


class GrantRow(Table):
    """What a client may do for one party: of its own accord, or as a user allowed it."""

    __tablename__ = "oauth_grant"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_why IS NULL)", name="revoked"),
    )

    id: Mapped[UUID] = _key()
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_client.id", ondelete="CASCADE"), index=True
    )
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), index=True
    )
    scopes: Mapped[list[str]]
    resource: Mapped[str]
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class DelegationRow(Table):
    """What an owner lets another party do with its records, of these nouns and by these scopes.

    `restricted:read` among them lets it see those that are not public.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("owner_id <> maintainer_id", name="maintainer"),
        CheckConstraint("cardinality(nouns) > 0", name="nouns"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    )

    id: Mapped[UUID] = _key()
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    maintainer_id: Mapped[UUID] = mapped_column(
        ForeignKey("party.id", ondelete="CASCADE"), index=True
    )
    nouns: Mapped[list[str]]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = _now()
    until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class WebhookRow(Table):
    """Where a party has changes sent to, and how far it was told.

    It sees what its application sees or, where a user let it act, as long as that grant is alive.
    `message` is on its way: it is sent again as it is until it is taken, or until its reader sees
    otherwise, of which `message_view` is a digest.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("(paused_at IS NULL) = (paused_why IS NULL)", name="paused"),
        CheckConstraint(
            "(message IS NULL) = (message_id IS NULL)"
            " AND (message IS NULL) = (message_until IS NULL)",
            name="message",
        ),
    )

    id: Mapped[UUID] = _key()
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_client.id", ondelete="CASCADE"), index=True
    )
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), index=True
    )
    grant_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("oauth_grant.id", ondelete="SET NULL"), index=True
    )
    scopes: Mapped[list[str]]
    url: Mapped[str]
    types: Mapped[list[str] | None]
    exclude_own: Mapped[bool]
    secret: Mapped[str]
    former_secret: Mapped[str | None]
    former_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = _now()
    sequence: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[UUID]
    test_asked: Mapped[bool] = mapped_column(server_default=text("false"))
    message: Mapped[str | None]
    message_id: Mapped[UUID | None]
    message_until: Mapped[int | None] = mapped_column(BigInteger)
    message_view: Mapped[str | None]
    next_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[datetime | None]
    answer: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_why: Mapped[str | None]


class AuthorizationCodeRow(Table):
    """The code that a user's consent gives the client, good for one minute and one use."""

    __tablename__ = "authorization_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_grant.id", ondelete="CASCADE"), index=True
    )
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    def get_redirect_uri(self) -> str:
        """The one that it was sent to, which the client has to name again."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The grant has them."""
        return ""


class RefreshTokenRow(Table):
    """A refresh token; its use gives the next one, and a second use ends the grant."""

    __tablename__ = "refresh_token"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_grant.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SigningKeyRow(Table):
    """A key that access tokens are signed with; `private` is sealed with the pepper.

    It is published from the start, signs from `signs_from` until a later one does, and stays
    published until `retired_at`, when the last token that it signed has died.
    """

    __tablename__ = "signing_key"

    id: Mapped[UUID] = _key()
    public: Mapped[dict[str, Any]]
    private: Mapped[str]
    created_at: Mapped[datetime] = _now()
    signs_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class AuditRow(Table):
    """What was granted, refused, revoked or changed. It outlives what it tells of: no keys."""

    __tablename__ = "audit"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    event: Mapped[str]
    client_id: Mapped[UUID | None] = mapped_column(index=True)
    party_id: Mapped[UUID | None] = mapped_column(index=True)
    user_id: Mapped[UUID | None] = mapped_column(index=True)
    grant_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
