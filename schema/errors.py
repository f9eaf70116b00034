"""What can go wrong, said so that a partner's engineer can act on it at two in the morning.

An error is a sentence, what happened and what would work, and a documented code. Raise one where
you know; `api/errors.py` alone gives it its wire form. Anything else that is raised is a defect and
reaches the client as `INTERNAL` with a request id.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ApiError(Exception):
    """An answer other than the one asked for.

    Args:
        message: a sentence that says what happened and what would work.
        path: where in the operation, as response keys and list positions; empty for all of it.
        details: for programs, beside the code.
    """

    code: ClassVar[str] = "INTERNAL"

    def __init__(
        self,
        message: str,
        path: Sequence[str | int] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        self.details = dict(details or {})


class BadUserInput(ApiError):
    """A value is of the right type and still means nothing here."""

    code = "BAD_USER_INPUT"


class InvalidCursor(ApiError):
    """A cursor was not made by this API, or was made for another list, order or filter."""

    code = "INVALID_CURSOR"


class TooComplex(ApiError):
    """The operation is larger than one answer may be."""

    code = "TOO_COMPLEX"


class NeedsScopes(ApiError):
    """What was asked needs more than the caller brings.

    Args:
        scopes: all scopes that would be needed.
    """

    def __init__(
        self, message: str, scopes: Sequence[str] = (), details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, (), details)
        self.scopes = tuple(scopes)


class Unauthenticated(NeedsScopes):
    """Nobody is known to ask, or a token opens nothing."""

    code = "UNAUTHENTICATED"


class Forbidden(NeedsScopes):
    """The caller is known, and may not do this."""

    code = "FORBIDDEN"


class Timeout(ApiError):
    """The answer took longer than an answer may take; its statement was cancelled."""

    code = "TIMEOUT"


class Unavailable(ApiError):
    """The database cannot be reached at the moment."""

    code = "UNAVAILABLE"


class RateLimited(ApiError):
    """The caller has spent what it may spend in a minute.

    Args:
        seconds: after which there is more.
        headers: that say so.
    """

    code = "RATE_LIMITED"

    def __init__(
        self, message: str, seconds: int, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        super().__init__(message, (), {"retryAfter": seconds})
        self.seconds = seconds
        self.headers = list(headers)
