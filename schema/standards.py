"""Values that others have made rules for: currencies, languages, time zones, addresses.

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
    """A rule for values.

    Args:
        knows: whether a value is of it.
        es, en: what is said of one that is not.
    """

    knows: Callable[[str], bool]
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


def is_address(email: str) -> bool:
    """Whether it looks like an address; whether it reaches anybody only a letter can tell."""
    before, at, after = email.partition("@")
    return bool(
        before and at and "." in after and "@" not in after
        and email.isprintable() and " " not in email
    )  # fmt: skip


STANDARDS = {
    "ISO 4217": Standard(
        lambda code: code in _currencies(),
        "«{0}» no es una moneda de ISO 4217, ni lo fue; escríbala como `USD`.",
        "“{0}” is no currency of ISO 4217, and was none; write it like `USD`.",
    ),
    "ISO 639-1": Standard(
        lambda code: code in _languages(),
        "«{0}» no es un idioma de ISO 639-1; escríbalo como `es`.",
        "“{0}” is no language of ISO 639-1; write it like `es`.",
    ),
    "IANA": Standard(
        lambda code: code in _zones(),
        "'{0}' no es una zona horaria de la IANA; escríbala como `America/Panama`.",
        "'{0}' is no IANA time zone; write it like `America/Panama`.",
    ),
    "e-mail": Standard(
        is_address,
        "Eso no es una dirección de correo como oficina@example.org.",
        "That is no e-mail address such as office@example.org.",
    ),
}
"""By the names that declarations give them."""
