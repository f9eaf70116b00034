"""Signs that no text holds: nobody sees them, or they change how what is around them looks."""

import re
from collections.abc import Iterator
from typing import Any

from schema.base import camel
from schema.language import Language
from schema.rejection import Path, Problem, problem

LONG = frozenset(
    {
        "cancellationReason", "capacity", "description", "limitation", "message", "note",
        "offeredTime", "overrideReason", "reason", "returnReason", "statement", "summary", "text",
        "vision", "withdrawalReason",
    }
)  # fmt: skip
"""Fields whose texts may have several lines; all others name things, and have one."""
_LANGUAGES = {language.suffix for language in Language}
_BREAKS = re.compile(r"[\t\n\r]")
_NEVER = re.compile(
    # C0 and C1 but tab, line feed and carriage return; separators of lines and paragraphs;
    # overrides and isolates of direction, since letters say theirs; the byte order mark;
    # surrogates and what Unicode says is no character.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(map(chr, (plane << 16 | end for plane in range(17) for end in (0xFFFE, 0xFFFF))))
    + "]"
)


def stray(given: Any, path: Path = ()) -> Iterator[Problem]:
    """Why the texts of an input or of a seed cannot be kept, each at its field.

    Source: Unicode 16, sections 23.1 to 23.8; UAX #9 for direction.
    """
    match given:
        case str():
            yield from _text(given, path)
        case dict():
            for name, value in given.items():  # pyright: ignore[reportUnknownVariableType]
                yield from stray(value, (*path, name))
        case list():
            for n, value in enumerate(given):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from stray(value, (*path, n))
        case _:
            pass


def _text(text: str, path: Path) -> Iterator[Problem]:
    names = [each for each in path if isinstance(each, str)] or ["?"]
    in_language = names[-1] in _LANGUAGES and len(names) > 1
    name = camel(names[-2] if in_language else names[-1])
    if found := _NEVER.search(text):
        sign = f"U+{ord(found.group()):04X}"
        es = f"`{name}` tiene el signo {sign}, que no se ve o cambia cómo se ve el resto; quítelo."
        en = f"`{name}` has the sign {sign}, which is unseen or changes how the rest looks; take it"
        yield problem("INVALID", path, es, f"{en} out.")
    elif name not in LONG and _BREAKS.search(text.strip()):
        es = f"`{name}` es una sola línea; quite de ella el salto de línea o el tabulador."
        en = f"`{name}` is one line; take the line break or tab out of it."
        yield problem("INVALID", path, es, en)
