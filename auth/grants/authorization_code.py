"""A user lets a client act for one party: consent gives a code, the code gives tokens, once.

PKCE with S256 is required of every client (RFC 7636, RFC 9700).
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func

from auth import audit, users
from auth.authlib import errors, grants
from auth.granted import alive, locked, revoke_one
from auth.grants import refresh_token
from auth.tables import AuthorizationCodeRow, ClientRow, UserRow

LIFE = timedelta(days=365)
"""How long a consent holds."""
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class AuthorizationCode(grants.AuthorizationCodeGrant):
    """RFC 6749, 4.1."""

    TOKEN_ENDPOINT_AUTH_METHODS = (
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    )

    # The authorization endpoint

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:
        """Every request is for us, so that even a wrong `response_type` is checked in order."""
        return True

    def validate_authorization_request(self) -> str:
        """The redirect URI of a request that may be shown to the user.

        Raises:
            OAuth2Error: with the redirect URI, as soon as that is known to be the client's.
        """
        request = self.request
        client = self.server.query_client(request.payload.client_id)
        if client is None:
            raise errors.InvalidClientError("The application is unknown or suspended.")
        uri = request.payload.redirect_uri
        if not uri or not client.check_redirect_uri(uri):
            raise errors.InvalidRequestError(
                "The redirect_uri is missing, or is not registered for the application."
            )
        request.client = client
        try:
            self._validate(client)
        except errors.OAuth2Error as error:
            error.redirect_uri = uri
            raise
        return uri

    def _validate(self, client: ClientRow) -> None:
        asked = self.request.args
        if "response_type" not in asked:
            raise errors.InvalidRequestError("Missing 'response_type' in request.")
        if asked["response_type"] != "code":
            raise errors.OAuth2Error(
                "The response_type must be code.", error="unsupported_response_type"
            )
        if not client.check_response_type("code"):
            raise errors.UnauthorizedClientError("The application does not act for users.")
        if asked.get("response_mode", "query") != "query":
            raise errors.InvalidRequestError("The response_mode must be query.")
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            asked.get("code_challenge", "")
        ):
            raise errors.InvalidRequestError(
                "PKCE is required: send code_challenge, and code_challenge_method=S256."
            )
        self.server.check_resource(asked.get("resource"))
        self.request.scope = self.server.allowed(client, asked.get("scope"))

    # The token endpoint

    def validate_token_request(self) -> None:
        """Client, code, redirect URI, verifier and resource."""
        super().validate_token_request()
        verifier = self.request.form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
        kept = self.request.authorization_code.code_challenge.encode()
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(challenge, kept):
            raise errors.InvalidGrantError("The code_verifier does not fit the code_challenge.")
        self.server.check_resource(self.request.form.get("resource"))

    def query_authorization_code(self, code: str, client: ClientRow) -> AuthorizationCodeRow | None:
        """The code, locked, if it is the client's and alive; a second use ends the grant."""
        session, digest = self.server.session, self.server.site.pepper.digest(code)
        found = locked(session, AuthorizationCodeRow, digest)
        if found is None or found[1].client_id != client.id:
            return None
        row, grant = found
        if row.used_at is not None:
            revoke_one(session, grant.id, "CODE_REUSED")
            return None
        if grant.revoked_at or not alive(session, row.expires_at):
            return None
        self.request.grant = grant
        return row

    def authenticate_user(self, authorization_code: AuthorizationCodeRow) -> UserRow | None:
        """The user, who may have been disabled since."""
        grant = self.request.grant
        return users.acting(self.server.session, grant.user_id, grant.party_id)

    def generate_token(self, **_options: Any) -> dict[str, Any]:
        """Access token and, if the client takes them, a refresh token."""
        session, grant = self.server.session, self.request.grant
        grant.expires_at = func.now() + LIFE
        token = self.server.issue(grant, grant.scopes)
        if self.request.client.check_grant_type("refresh_token"):
            token["refresh_token"] = refresh_token.add(session, self.server.site.pepper, grant)
        audit.record(session, audit.Event.TOKEN_ISSUED, grant=grant, by="authorization_code")
        return token

    def delete_authorization_code(self, authorization_code: AuthorizationCodeRow) -> None:
        """Remember that it was used."""
        authorization_code.used_at = func.now()

    def save_token(self, token: dict[str, Any]) -> None:
        """Access tokens are not stored."""
