"""Dates as vague as their source: "April/May", "second half of 2023", "to be confirmed".

Kept as written, as EDTF (ISO 8601-2) and as a range of days, so that a filter can tell what
possibly from what certainly lies in a period.
"""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

import strawberry
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

from schema.base import namespace, part, value


@strawberry.enum(description="How well a date is known; three kinds of not knowing are kept apart.")
class DateStatus(Enum):
    """Kept beside every date."""

    EXACT = strawberry.enum_value("EXACT", description="As precise as the source gives it.")
    APPROXIMATE = strawberry.enum_value(
        "APPROXIMATE", description="The source says about when, or is not sure."
    )
    TO_BE_CONFIRMED = strawberry.enum_value(
        "TO_BE_CONFIRMED", description="Announced; the date was still open in the source."
    )
    UNDATED = strawberry.enum_value("UNDATED", description="The source gives no date.")
    SOURCE_LOST = strawberry.enum_value(
        "SOURCE_LOST", description="The source had a date that its text edition lost."
    )


@strawberry.enum(description="How sure a match on a vague date has to be.")
class Certainty(Enum):
    """Used by filters."""

    POSSIBLY = strawberry.enum_value(
        "POSSIBLY", description="It may be so: the days it could be overlap those asked for."
    )
    CERTAINLY = strawberry.enum_value(
        "CERTAINLY", description="It is so whatever the exact day turns out to be."
    )


namespace |= {"DateStatus": DateStatus, "Certainty": Certainty}


@value
class FuzzyDate:
    """A date as vague as its source. `earliest` and `latest` are the days it can possibly be."""

    text: str | None = part("As the source writes it.")
    edtf: str | None = part("In EDTF (ISO 8601-2), such as `2023-04` or `[2023-04,2023-05]`.")
    earliest: date | None = part("The first day it can be; null where no date is known.")
    latest: date | None = part("The last day it can be; null where no date is known.")
    status: DateStatus = part("How well it is known.")


namespace["FuzzyDate"] = FuzzyDate
PARTS = ("text", "edtf", "earliest", "latest", "status")
"""The columns of a date are its name and one of these."""


class Days(NamedTuple):
    """A range of days, both included."""

    earliest: date
    latest: date


_LONG_YEAR = re.compile("y-?[0-9]", re.IGNORECASE)
"""Never parsed: `Y1E999999999` would be computed digit by digit."""

_UNSURE = re.compile(r"[~?%\[]")


class NoDays(ValueError):
    """An expression that names no range of days; why, in each language."""

    def __init__(self, es: str, en: str) -> None:
        super().__init__(en)
        self.es, self.en = es, en


@lru_cache(1024)  # parsing takes ten milliseconds or more, and records share their dates
def days(edtf: str) -> Days:
    """The days an EDTF expression can be.

    Raises:
        NoDays: it is not EDTF, open at one end, beyond four digits, or ends before it begins.
    Source: ISO 8601-2:2019, levels 0 to 2; https://www.loc.gov/standards/datetime/
    """
    if _LONG_YEAR.search(edtf):
        raise _beyond(edtf)
    try:
        parsed: Any = parse_edtf(edtf)
        first, last = parsed.lower_strict()[:3], parsed.upper_strict()[:3]
    except (EDTFParseException, TypeError, AttributeError) as error:
        raise NoDays(
            f"'{edtf}' no es una fecha en EDTF; escríbala como 2023-04.",
            f"'{edtf}' is not a date in EDTF; write it like 2023-04.",
        ) from error
    try:
        found = Days(date(*first), date(*last))
    except ValueError:
        raise _beyond(edtf) from None
    if found.earliest > found.latest:
        raise NoDays(
            f"'{edtf}' termina antes de empezar; escriba primero lo que viene antes.",
            f"'{edtf}' ends before it begins; write what comes first before the rest.",
        )
    return found


def status_of(edtf: str) -> DateStatus:
    """How well an expression that is EDTF says that the date is known.

    `~`, `?` and `%` qualify it, and brackets hold several of which it is one.
    """
    return DateStatus.APPROXIMATE if _UNSURE.search(edtf) else DateStatus.EXACT


def _beyond(edtf: str) -> NoDays:
    return NoDays(
        f"'{edtf}' va más allá de los años 0001 a 9999; escriba años de cuatro cifras.",
        f"'{edtf}' goes beyond the years 0001 to 9999; write years of four digits.",
    )
