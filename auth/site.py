"""Where an installation is, and the addresses that follow: never from what a client sends."""

from dataclasses import dataclass

from auth.pepper import Pepper

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Names of the own machine, where nobody is on the way."""


@dataclass(frozen=True)
class Site:
    """One installation.

    Args:
        issuer: its public URL, with neither path nor slash at the end.
        pepper: the key of its secrets.
        private_webhooks: whether webhooks may lead into private networks, and do without TLS.
    """

    issuer: str
    pepper: Pepper
    private_webhooks: bool = False

    @property
    def resource(self) -> str:
        """What access tokens are for."""
        return f"{self.issuer}/graphql"

    @property
    def token_endpoint(self) -> str:
        """Where clients prove themselves."""
        return f"{self.issuer}/oauth/token"
