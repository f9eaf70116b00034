"""What lies outside a mutation's transaction: from where it was asked, and letters that follow."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a transaction that is committed at the end of its block, and rolled back by what is raised
there."""


class Letter(NamedTuple):
    """To whom, and what."""

    to: str
    subject: str
    text: str


def _nobody(_letter: Letter) -> None:
    """Without a mail server, letters go nowhere."""


@dataclass(frozen=True)
class Outside:
    """The world around a mutation.

    Args:
        address: from where it was asked, for counting what strangers do.
        post: takes letters once what they tell of is done.
    """

    address: str = ""
    post: Callable[[Letter], None] = _nobody


NOWHERE = Outside()
