"""A database that runs, for as long as a command needs it."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What ends a command beside Ctrl-C: a service manager, and a terminal that is closed."""


def heed() -> None:
    """End by `ENDING` as by Ctrl-C, so that what we started ends with us.

    asyncio answers Ctrl-C by cancelling what it runs. An exception raised wherever we happen to be
    may be swallowed there: asyncpg does so between its callbacks.
    """
    for number in ENDING:
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


Data = Annotated[
    Path | None, typer.Option(help="Where the embedded PostgreSQL keeps its data [.data].")
]


@contextmanager
def database(data: Path | None, *, served: bool = False, **options: Any) -> Generator[Any]:
    """The settings, with `database_url` of a database that runs.

    Args:
        served: whether `public_url`, if it is not set, is where a server serves these data now.
    """
    from api import settings

    given = settings.read(data=data, **options)
    if given.database_url:
        yield given
        return
    from api.postgres import address_of, embedded, pepper_of

    with embedded(given.data) as running:
        pepper = given.pepper or pepper_of(given.data)
        found: dict[str, str | None] = {"database_url": running.url, "pepper": pepper}
        if served and given.public_url is None:
            found["public_url"] = address_of(given.data)
        yield given.model_copy(update=found)
