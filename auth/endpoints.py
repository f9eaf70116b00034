"""Tokens are ended (RFC 7009) or explained (RFC 7662) to the client that holds them."""

from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from auth import tokens
from auth.authlib import IntrospectionEndpoint, RevocationEndpoint, errors
from auth.granted import alive, revoke_one
from auth.jose import BadToken, Signed, read
from auth.pepper import REFRESH_TOKEN
from auth.principal import Principal
from auth.scopes import ordered
from auth.tables import ClientRow, GrantRow, RefreshTokenRow

_SECRETS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class Held(NamedTuple):
    """A token of whichever kind, and the grant it hangs on."""

    grant: GrantRow
    access: Signed | None = None
    principal: Principal | None = None
    refresh: RefreshTokenRow | None = None

    def check_client(self, client: ClientRow) -> bool:
        """Whether the client holds it."""
        return self.grant.client_id == client.id


class _Tokens:
    """What both endpoints do; a hint of the token's type is not needed, and not looked at."""

    server: Any

    def check_params(self, request: Any, client: ClientRow) -> None:
        """Only the token is needed."""
        if not request.form.get("token"):
            raise errors.InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:
        """The token, if it is one of ours and alive."""
        if token_string.startswith(REFRESH_TOKEN):
            return self._refresh(token_string)
        try:
            return self._access(read(token_string))
        except BadToken:
            return None

    def _refresh(self, text: str) -> Held | None:
        session, digest = self.server.session, self.server.site.pepper.digest(text)
        row = session.get(RefreshTokenRow, digest)
        return row and Held(session.get(GrantRow, row.grant_id), refresh=row)

    def _access(self, token: Signed) -> Held | None:
        session, values = self.server.session, tokens.asked(self.server.site, token)
        row = session.connection().exec_driver_sql(tokens.HELD, values).one()
        principal = tokens.holder(token, row)
        return Held(session.get(GrantRow, principal.grant), token, principal)


class Revocation(_Tokens, RevocationEndpoint):
    """Ends the whole grant: access and refresh tokens."""

    CLIENT_AUTH_METHODS = (*_SECRETS, "none")

    def revoke_token(self, token: Held, request: Any) -> None:
        """End the grant of a token."""
        revoke_one(self.server.session, token.grant.id, "CLIENT")


class Introspection(_Tokens, IntrospectionEndpoint):
    """Says what a token opens at this moment."""

    CLIENT_AUTH_METHODS = _SECRETS

    def check_permission(self, token: Held, client: ClientRow, request: Any) -> bool:
        """A client may ask about its own tokens."""
        return token.check_client(client)

    def create_introspection_payload(self, token: Held | None) -> dict[str, Any]:
        """All there is to know, or that the token opens nothing."""
        if token is None:
            return {"active": False}
        return _access(token) if token.access else _refresh(self.server.session, token)


def _access(held: Held) -> dict[str, Any]:
    assert held.access
    assert held.principal
    names = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti")
    claims = {name: held.access.claims[name] for name in names}
    scope = " ".join(ordered(held.principal.scopes))
    return {"active": True, "token_type": "Bearer", "scope": scope, **claims}


def _refresh(session: Session, held: Held) -> dict[str, Any]:
    row, grant = held.refresh, held.grant
    assert row
    if row.used_at or grant.revoked_at or not alive(session, row.expires_at, grant.expires_at):
        return {"active": False}
    return {
        "active": True,
        "scope": " ".join(grant.scopes),
        "client_id": str(grant.client_id),
        "sub": str(grant.user_id),
        "exp": int(row.expires_at.timestamp()),
    }
