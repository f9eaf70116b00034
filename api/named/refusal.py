"""Why a document is not given, in the language of who asked: they may read it in a frame."""

from collections.abc import Mapping
from typing import Self

from api.templates import words
from schema.errors import (
    ApiError,
    BadUserInput,
    InvalidCursor,
    RateLimited,
    Timeout,
    Unavailable,
)
from schema.language import Language

_PLAIN: dict[type[ApiError], str] = {
    InvalidCursor: "refused_cursor",
    Timeout: "refused_slow",
    Unavailable: "refused_away",
}
_LONGEST = 40


class Refused(BadUserInput):
    """What was asked cannot be.

    Args:
        text: the name of a text of pages.
        status: of the answer. A path that leads nowhere is 404, a parameter that is wrong 400.
        values: of that text; `given` is what somebody sent.
    """

    listed = ""
    """Where all is listed that it could have been."""

    def __init__(self, text: str, status: int = 400, /, **values: object) -> None:
        self.status = status
        self._parts = [(text, values)]
        super().__init__(self.sentence(Language.EN))

    def more(self, text: str, /, **values: object) -> Self:
        """With another sentence."""
        self._parts.append((text, values))
        return self

    def sentence(self, language: Language) -> str:
        """What somebody is told."""
        return " ".join(_said(language, text, values) for text, values in self._parts)


def sentence(error: ApiError, language: Language, points: int) -> str:
    """What somebody is told.

    Args:
        points: that an address may spend in a minute.
    """
    if isinstance(error, Refused):
        return error.sentence(language)
    if isinstance(error, RateLimited):
        values = {"points": f"{points:,}".replace(",", "\u202f"), "seconds": error.seconds}
        return _said(language, "refused_often", values)
    text = _PLAIN.get(type(error))
    return _said(language, text, {}) if text else error.message


def _said(language: Language, text: str, values: Mapping[str, object]) -> str:
    """A text as it is: who writes it into a page escapes it."""
    written = {
        name: _short(str(value)) if name == "given" else value for name, value in values.items()
    }
    return words(language).texts[text].format(**written)


def _short(given: str) -> str:
    """What somebody sent is repeated as one line, and not at length."""
    line = "".join(sign if sign.isprintable() else " " for sign in given)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
