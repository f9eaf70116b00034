"""Dates as vague as their source, in words."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schema.language import Language

_MONTHS = {
    Language.ES: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    Language.EN: "January February March April May June July August September October November "
    "December",
}
MONTHS = {language: names.split() for language, names in _MONTHS.items()}
_DIGITS = re.compile(r"\d")
_KINDS = {"0000-00-00": ("día", "day"), "0000-00": ("mes", "month"), "0000": ("año", "year")}
Word = Callable[[str, str], str]
"""Name and value of an enum → what people call it."""


def local(instant: str, zone: str | None) -> datetime:
    """An instant as clocks of its place show it; in UTC where the zone is not known here."""
    try:
        there = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        there = UTC
    return datetime.fromisoformat(instant).astimezone(there)


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


def precision(when: dict[str, Any], language: Language, word: Word) -> str:
    """How exactly a date is known: to the day, the month, the year, or not exactly."""
    status, edtf = when["status"], when.get("edtf") or ""
    kinds = {_KINDS.get(_DIGITS.sub("0", end)) for end in edtf.split("/")}
    kind = kinds.pop() if len(kinds) == 1 and status == "EXACT" else None
    return kind[0 if language is Language.ES else 1] if kind else word("DateStatus", status)


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
