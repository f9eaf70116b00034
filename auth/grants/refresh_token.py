"""A client goes on under a grant: each refresh token is good once, and gives the next.

Who comes with a used one has stolen it, or was stolen from; nobody can tell, so the grant ends.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from auth import audit, users
from auth.authlib import grants
from auth.granted import alive, locked, revoke_one
from auth.pepper import REFRESH_TOKEN, Pepper, new_secret
from auth.tables import ClientRow, GrantRow, RefreshTokenRow, UserRow

LIFE = timedelta(days=30)
"""How long a client may stay away."""


def add(session: Session, pepper: Pepper, grant: GrantRow) -> str:
    """The next refresh token under a grant."""
    secret = new_secret(REFRESH_TOKEN)
    session.add(
        RefreshTokenRow(hash=pepper.digest(secret), grant_id=grant.id, expires_at=func.now() + LIFE)
    )
    return secret


class Presented:
    """A refresh token that was sent, with its grant, as authlib asks for it."""

    def __init__(self, row: RefreshTokenRow, grant: GrantRow) -> None:
        self.row = row
        self.grant = grant

    def check_client(self, client: ClientRow) -> bool:
        """Whether it was given to the client."""
        return self.grant.client_id == client.id

    def get_scope(self) -> str:
        """What it can be asked for."""
        return " ".join(self.grant.scopes)


class RefreshToken(grants.RefreshTokenGrant):
    """RFC 6749, 6, with the rotation of RFC 9700, 4.14."""

    TOKEN_ENDPOINT_AUTH_METHODS = (
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    )

    def validate_token_request(self) -> None:
        """Client, token, scope and resource."""
        super().validate_token_request()
        self.server.check_resource(self.request.form.get("resource"))

    def authenticate_refresh_token(self, refresh_token: str) -> Presented | None:
        """The token, locked, if it is the client's and alive; a second use ends the grant."""
        session, digest = self.server.session, self.server.site.pepper.digest(refresh_token)
        found = locked(session, RefreshTokenRow, digest)
        if found is None or found[1].client_id != self.request.client.id:
            return None
        row, grant = found
        if row.used_at is not None:
            revoke_one(session, grant.id, "REFRESH_TOKEN_REUSED")
            return None
        if grant.revoked_at or not alive(session, row.expires_at, grant.expires_at):
            return None
        return Presented(row, grant)

    def authenticate_user(self, refresh_token: Presented) -> UserRow | None:
        """The user, who may have been disabled since."""
        grant = refresh_token.grant
        return users.acting(self.server.session, grant.user_id, grant.party_id)

    def issue_token(self, user: UserRow, refresh_token: Presented) -> dict[str, Any]:
        """An access token with the scopes asked for, and the next refresh token for all of them."""
        session, grant = self.server.session, refresh_token.grant
        scope = self.request.payload.scope
        token = self.server.issue(grant, scope.split() if scope else grant.scopes)
        token["refresh_token"] = add(session, self.server.site.pepper, grant)
        audit.record(session, audit.Event.TOKEN_ISSUED, grant=grant, by="refresh_token")
        return token

    def revoke_old_credential(self, refresh_token: Presented) -> None:
        """Remember that it was used."""
        refresh_token.row.used_at = func.now()

    def save_token(self, token: dict[str, Any]) -> None:
        """Access tokens are not stored."""
