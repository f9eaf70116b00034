"""The console's client is registered before the server answers."""

from api.oauth import site_of
from api.settings import Settings
from api.store import do
from auth import console


def open_up(settings: Settings) -> None:
    """See to it that people can sign in at the console, where tokens are issued at all."""
    site = site_of(settings)
    if site:
        do(settings, lambda session: console.register(session, site))
