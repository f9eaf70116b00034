"""Where an installation is, and the addresses that follow: never from what a client sends."""

from dataclasses import dataclass

from auth.pepper import Pepper


@dataclass(frozen=True)
class Site:
    """One installation.

    Args:
        issuer: its public URL, with neither path nor slash at the end.
        pepper: the key of its secrets.
    """

    issuer: str
    pepper: Pepper

    @property
    def resource(self) -> str:
        """What access tokens are for."""
        return f"{self.issuer}/graphql"

    @property
    def token_endpoint(self) -> str:
        """Where clients prove themselves."""
        return f"{self.issuer}/oauth/token"
