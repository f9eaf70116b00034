"""Codes that others keep lists of: currencies, languages, time zones.

CLDR, which Babel brings, has the currencies of ISO 4217 with those that are gone: what was
announced in one of them stays in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global


@dataclass(frozen=True)
class Standard:
    """A list of codes.

    Args:
        codes: reads the list when it is first asked for.
        es, en: what is said of a code that is not in it.
    """

    codes: Callable[[], frozenset[str]]
    es: str
    en: str


@cache
def _currencies() -> frozenset[str]:
    """Without the codes for no currency, and for tests."""
    return frozenset(get_global("all_currencies")) - {"XXX", "XTS"}


@cache
def _languages() -> frozenset[str]:
    """Those of two letters."""
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


STANDARDS = {
    "ISO 4217": Standard(
        _currencies,
        "«{0}» no es una moneda de ISO 4217, ni lo fue; escríbala como `USD`.",
        "“{0}” is no currency of ISO 4217, and was none; write it like `USD`.",
    ),
    "ISO 639-1": Standard(
        _languages,
        "«{0}» no es un idioma de ISO 639-1; escríbalo como `es`.",
        "“{0}” is no language of ISO 639-1; write it like `es`.",
    ),
    "IANA": Standard(
        _zones,
        "'{0}' no es una zona horaria de la IANA; escríbala como `America/Panama`.",
        "'{0}' is no IANA time zone; write it like `America/Panama`.",
    ),
}
"""By the names that declarations give them."""
