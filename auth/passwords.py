"""Passwords, which people choose: argon2 makes each guess expensive, so keep it off the event loop.

No transaction is open meanwhile, and an account that does not exist costs as much as one that does.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 12
LONGEST = 200
_FEWEST_SIGNS = 5
_hasher = PasswordHasher()
_NOBODYS = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""What is compared where there is no account: as costly as any, and nothing fits."""


class Weak(ValueError):
    """A password that is not taken; `code` is SHORT, LONG, SIMPLE, PERSONAL or DIFFERENT."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check(password: str, again: str, *, personal: tuple[str, ...]) -> None:
    """Refuse what is guessed first; which signs it consists of is everybody's own affair.

    Args:
        again: the same once more, against slips.
        personal: words it must not consist of, such as the address of the account.
    Raises:
        Weak: saying why.
    """
    if password != again:
        raise Weak("DIFFERENT")
    if len(password) < SHORTEST:
        raise Weak("SHORT")
    if len(password) > LONGEST:
        raise Weak("LONG")
    if len(set(password)) < _FEWEST_SIGNS:
        raise Weak("SIMPLE")
    if password.strip().lower() in {word.lower() for word in personal}:
        raise Weak("PERSONAL")


def hash_of(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(_plain(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password; where there is none, it takes as long to say no."""
    try:
        right = _hasher.verify(kept or _NOBODYS, _plain(password[: LONGEST + 1]))
    except (Argon2Error, InvalidHashError):
        return False
    return right and kept is not None


def is_old(kept: str) -> bool:
    """Whether it was made with less effort than is made today."""
    return _hasher.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """The same signs, however a keyboard makes them."""
    return unicodedata.normalize("NFKC", password)
