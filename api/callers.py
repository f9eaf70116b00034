"""Who calls `/graphql`: the bearer of the token in `Authorization`, or nobody in particular."""

from api.database import Database
from auth import metadata, tokens
from auth.issuers import Issuers
from auth.principal import Principal
from auth.site import Site
from schema.errors import Forbidden, Unauthenticated, Unavailable

_UNKNOWN = "Authorization is not `Bearer` and an access token."


class Callers:
    """The callers of one installation."""

    def __init__(self, database: Database, site: Site | None) -> None:
        self._database = database
        self._site = site
        self._issuers = Issuers(database.fetch)

    async def who(self, line: bytes) -> Principal:
        """The caller with this line for `Authorization`.

        Raises:
            InvalidToken: the token opens nothing. That holds where none is needed, too: a caller
                that believes to be known must not be answered as a stranger.
        """
        if self._site is None:
            raise Unavailable("Tokens cannot be checked here: VINCULO_PEPPER is not set.")
        scheme, _, token = line.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            raise tokens.InvalidToken(_UNKNOWN)
        others = self._issuers.authenticate
        return await tokens.authenticate(self._database.fetch, self._site, token.strip(), others)

    def challenge(self, error: Exception) -> list[tuple[bytes, bytes]]:
        """The header that tells a refused caller where tokens come from (RFC 6750, RFC 9728)."""
        if self._site is None or not isinstance(error, Unauthenticated | Forbidden):
            return []
        parts: list[str] = []
        if isinstance(error, tokens.InvalidToken):
            parts += ['error="invalid_token"', f'error_description="{_plain(error.message)}"']
        elif isinstance(error, Forbidden):
            parts.append('error="insufficient_scope"')
        if error.scopes:
            parts.append(f'scope="{" ".join(error.scopes)}"')
        parts.append(f'resource_metadata="{self._site.issuer}{metadata.RESOURCE_METADATA}"')
        line = f"Bearer {', '.join(parts)}".encode("ascii")
        return [(b"www-authenticate", line)]


def _plain(text: str) -> str:
    """A sentence in the signs that RFC 6750 lets through."""
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "'" for c in text)
