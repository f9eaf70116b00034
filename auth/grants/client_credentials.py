"""A client acts for its own party, by itself."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func

from auth import audit
from auth.authlib import grants
from auth.keys import TOKEN_LIFE
from auth.tables import GrantRow


class ClientCredentials(grants.ClientCredentialsGrant):
    """RFC 6749, 4.4: each token has a grant of its own, which ends with it."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")

    def validate_token_request(self) -> None:
        """Client, grant type, resource and scopes."""
        super().validate_token_request()
        self.server.check_resource(self.request.form.get("resource"))
        self.request.scope = self.server.allowed(self.request.client, self.request.payload.scope)

    def generate_token(self, **_options: Any) -> dict[str, Any]:
        """An access token, and no refresh token."""
        client = self.request.client
        grant = GrantRow(
            client_id=client.id,
            party_id=client.party_id,
            scopes=self.request.scope,
            resource=self.server.site.resource,
            expires_at=func.now() + TOKEN_LIFE + timedelta(minutes=1),
        )
        self.server.session.add(grant)
        token = self.server.issue(grant, grant.scopes)
        audit.record(self.server.session, audit.Event.GRANTED, grant=grant, scopes=grant.scopes)
        return token

    def save_token(self, token: dict[str, Any]) -> None:
        """Access tokens are not stored."""
