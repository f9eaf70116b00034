"""Dates as vague as their source, in words."""

import calendar
from collections.abc import Callable
from datetime import date
from typing import Any

from schema.language import Language

_MONTHS = {
    Language.ES: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    Language.EN: "January February March April May June July August September October November "
    "December",
}
MONTHS = {language: names.split() for language, names in _MONTHS.items()}
Word = Callable[[str, str], str]
"""Name and value of an enum → what people call it."""


def is_exact(when: dict[str, Any]) -> bool:
    """Whether the days are known: one, or from one to another. A month is a window, not a day."""
    ends = (when.get("edtf") or "").split("/")
    return (
        when["status"] == "EXACT"
        and when["earliest"] is not None
        and when["latest"] is not None
        and all(_is_day(end) for end in ends)
    )


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def in_words(when: dict[str, Any], language: Language, word: Word) -> str:
    """When, with how well it is known where that is not exactly."""
    status = when["status"]
    if when["earliest"] is None or when["latest"] is None:
        known = word("DateStatus", status) if status != "EXACT" else ""
        text = when.get("text")
        return f"{text} ({known})" if text and known else text or known
    said = span(when["earliest"], when["latest"], language)
    return said if status == "EXACT" else f"{said} ({word('DateStatus', status)})"


def span(earliest: str, latest: str, language: Language) -> str:
    """A day, a month, a year, or from when to when."""
    first, last = date.fromisoformat(earliest), date.fromisoformat(latest)
    if first == last:
        return _day(first, language)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]:
        if (first.year, first.month) == (last.year, last.month):
            return _month(first, language)
        return f"{_month(first, language)} – {_month(last, language)}"
    return f"{_day(first, language)} – {_day(last, language)}"


def _month(day: date, language: Language) -> str:
    of = " de " if language is Language.ES else " "
    return f"{MONTHS[language][day.month - 1]}{of}{day.year}"


def _day(day: date, language: Language) -> str:
    of = " de " if language is Language.ES else " "
    return f"{day.day}{of}{_month(day, language)}"
