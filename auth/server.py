"""The authorization server: authlib's, over our tables, one small object for each request.

authlib is synchronous; `await session.run_sync(lambda s: Server(s, site).token(request))` runs it
over asyncpg. A refusal is an answer too: the transaction commits, since the reuse of a code or
token must be remembered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from auth import audit, clients, tokens, users
from auth.authlib import AuthorizationServer, OAuth2Request, Payload, errors
from auth.endpoints import Introspection, Revocation
from auth.grants import GRANTS
from auth.scopes import SCOPES, ordered
from auth.site import Site
from auth.tables import ClientRow, GrantRow

_GRANTS = "client_credentials, authorization_code or refresh_token"
_SAID = {
    "unsupported_grant_type": f"The grant_type must be {_GRANTS}.",
    "Invalid 'code' in request.": "The code is unknown, used, older than a minute, revoked, or of "
    "another client. Send the user to /oauth/authorize again.",
    "Invalid 'redirect_uri' in request.": "The redirect_uri is not the one of the authorization "
    "request. Send the same.",
    "There is no 'user' for this code.": "The user acts for the party no longer.",
    "There is no 'user' for this token.": "The user acts for the party no longer.",
    "invalid_grant": "The refresh token is unknown, used, older than 30 days, revoked, or of "
    "another client. Send the user to /oauth/authorize again.",
    "invalid_scope": "A scope is unknown, or neither the client nor the grant has it.",
}
"""Sentences for refusals of authlib's that have none, or one that does not say what would work."""


@dataclass(frozen=True)
class Answer:
    """What goes back: a JSON object, or nothing but headers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Request(OAuth2Request):
    """A request whose parameters were checked: UTF-8, each given once, without NUL.

    authlib wants an https address before all else. It gets none of ours: which addresses are safe
    is checked once, in the settings.
    """

    def __init__(
        self, parameters: dict[str, str], authorization: str = "", method: str = "POST"
    ) -> None:
        super().__init__(method, "https://unused.invalid/")
        self.payload = Payload(parameters)
        self.authorization = authorization

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self.payload.data

    @property
    def args(self) -> dict[str, str]:
        """The parameters of the address."""
        return self.payload.data


class Issued(dict[str, Any]):
    """The answer to a token request; authlib logs it, and must not log what is in it."""

    def __repr__(self) -> str:
        """Nothing of it."""
        return "<tokens>"


class Server(AuthorizationServer):
    """The authorization server for one request."""

    def __init__(self, session: Session, site: Site) -> None:
        super().__init__(list(SCOPES))
        self.session = session
        self.site = site
        for grant in GRANTS:
            self.register_grant(grant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def token(self, request: Request) -> Answer:
        """The answer of the token endpoint."""
        if "grant_type" not in request.form:
            error = errors.InvalidRequestError("Missing 'grant_type' in request.")
            return self.handle_error_response(request, error)
        return self.create_token_response(request)

    def revoke(self, request: Request) -> Answer:
        """The answer of the revocation endpoint."""
        return self.create_endpoint_response("revocation", request)

    def introspect(self, request: Request) -> Answer:
        """The answer of the introspection endpoint."""
        return self.create_endpoint_response("introspection", request)

    # What authlib asks of us

    def query_client(self, client_id: str) -> ClientRow | None:
        """A client that may act."""
        return clients.find(self.session, client_id)

    def authenticate_client(
        self, request: Request, methods: list[str], endpoint: str = "token"
    ) -> ClientRow:
        """The client that sent a request; `none` among the methods lets public ones in."""
        request.client = clients.authenticate(
            self.session, self.site, request.form, request.authorization, public="none" in methods
        )
        return request.client

    def issue(self, grant: GrantRow, scopes: Iterable[str]) -> dict[str, Any]:
        """An access token under a grant, with those of the scopes that are still open."""
        self.session.flush()
        held = set(scopes) & set(grant.scopes) & set(self._client_of(grant).scopes)
        if grant.user_id:
            held &= set(users.role(self.session, grant.user_id, grant.party_id))
        return Issued(tokens.issue(self.session, self.site, grant, held))

    def _client_of(self, grant: GrantRow) -> ClientRow:
        return self.session.get_one(ClientRow, grant.client_id)

    def allowed(self, client: ClientRow, scope: str | None) -> list[str]:
        """The scopes that a client asks for; all it can have, if it names none.

        Raises:
            InvalidScopeError: there are none such, or it cannot have them.
        """
        if not scope:
            return ordered(client.scopes)
        wanted = set(scope.split())
        if not wanted <= set(client.scopes):
            raise errors.InvalidScopeError("A scope is unknown, or the client may not have it.")
        return ordered(wanted)

    def check_resource(self, resource: str | None) -> None:
        """Refuse to issue tokens for another API than ours (RFC 8707).

        Raises:
            OAuth2Error: `invalid_target`.
        """
        if resource not in (None, self.site.resource, self.site.issuer, f"{self.site.issuer}/"):
            raise errors.OAuth2Error(
                "Tokens are issued for the resource of this server only.", error="invalid_target"
            )

    def create_oauth2_request(self, request: Request) -> Request:
        """The request, which is what authlib works with already."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_error_response(self, request: Request, error: Any) -> Answer:
        """A refusal, by a sentence; it is written down where the client is known."""
        described = error.description
        if not described or described == errors.InvalidScopeError.description:
            described = error.error
        error.description = _SAID.get(described, error.description)
        if error.error == "invalid_scope" and request.client:
            held = " ".join(request.client.scopes) or "no scopes"
            error.description = f"{error.description} The client can have at most: {held}."
        if request.client:
            client, pepper = request.client, self.site.pepper
            audit.denied(self.session, pepper, str(client.id), client=client, why=error.error)
        return super().handle_error_response(request, error)

    def handle_response(
        self, status: int, body: dict[str, Any] | str, headers: list[tuple[str, str]]
    ) -> Answer:
        """What authlib wants to be answered."""
        return Answer(status, body if isinstance(body, dict) else {}, dict(headers))
