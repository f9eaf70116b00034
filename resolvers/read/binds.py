"""Values that a statement takes: what a client sends never becomes part of the SQL text.

While an operation is compiled its variables are symbols (`Var`), so that one plan serves every
value; what decides the plan's shape (page sizes, directives, which filters are there) stays plain.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from auth.principal import Principal
from auth.visibility import Array
from schema.base import entities
from schema.errors import BadUserInput
from schema.paging import MOST_VALUES

Variables = dict[str, Any]
Parameter = Callable[[Variables, Principal], Any]
LONGEST_SEARCH = 500
_SHOWN = 80
SHAPING = {"first", "last", "order", "language", "dimension", "if"}
"""Arguments whose values decide the shape of a plan."""
SHAPING_FIELDS = {"isNull"}
"""Input fields whose values do."""


@dataclass(frozen=True)
class Var:
    """A variable's value, or a piece of it; `sample` is what it is while the plan is made."""

    path: tuple[str | int, ...]
    sample: Any = None


def symbolic(value: Any, path: tuple[str | int, ...]) -> Any:
    """A coerced variable with a `Var` for every value in it, its shape kept."""
    match value:
        case None | []:
            return value
        case dict():
            known = SHAPING_FIELDS
            return {k: v if k in known else symbolic(v, (*path, k)) for k, v in value.items()}
        case list() if any(isinstance(item, dict) for item in value):
            return [symbolic(item, (*path, i)) for i, item in enumerate(value)]
        case _:
            return Var(path, value)


def shape(value: Any) -> Any:
    """What of a coerced variable decides the plan: two with equal shapes share it."""
    match value:
        case None | []:
            return None if value is None else ()
        case dict():
            return tuple((k, v if k in SHAPING_FIELDS else shape(v)) for k, v in value.items())
        case list() if any(isinstance(item, dict) for item in value):
            return tuple(shape(item) for item in value)
        case _:
            return True


def resolve(value: Any, variables: Variables) -> Any:
    """A value with its symbols replaced by what they stand for."""
    match value:
        case Var():
            found: Any = variables
            for step in value.path:
                found = found[step]
            return found
        case dict():
            return {k: resolve(v, variables) for k, v in value.items()}
        case list():
            return [resolve(item, variables) for item in value]
        case _:
            return value


class Binds:
    """The parameters of one statement, in order."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []
        self.checks: list[Parameter] = []
        """Conversions that only refuse: the statement does not take their values."""
        self._arrays: dict[Array, str] = {}

    def _place(self, parameter: Parameter, cast: str) -> str:
        self.parameters.append(parameter)
        return f"${len(self.parameters)}::{cast}"

    def value(self, value: Any, cast: str, convert: Callable[[Any], Any]) -> str:
        """A placeholder for a constant or a `Var`, converted to what asyncpg takes.

        A constant is converted at once, so that a wrong one is refused when the plan is made.
        """
        if not _has_symbols(value):
            constant = convert(value)
            return self._place(lambda _v, _p: constant, cast)
        return self._place(lambda v, _p: convert(resolve(value, v)), cast)

    def check(self, value: Any, convert: Callable[[Any], Any]) -> None:
        """Have a value refused where it is wrong, though nothing that was asked depends on it."""
        if _has_symbols(value):
            self.checks.append(lambda v, _p: convert(resolve(value, v)))
        else:
            convert(value)

    def principal(self, array: Array) -> str:
        """The placeholder of an array of the caller's, one for each statement."""
        if array not in self._arrays:
            self._arrays[array] = self._place(lambda _v, p: array.of(p), array.cast)
        return self._arrays[array]

    def caller(self, what: Callable[[Principal], Any], cast: str) -> str:
        """A placeholder for something about the caller."""
        return self._place(lambda _v, p: what(p), cast)

    def client(self) -> str:
        """The placeholder of the caller's application; null where there is none."""
        return self._place(lambda _v, p: p.client, "uuid")

    def used(self, sql: str) -> tuple[str, tuple[Parameter, ...]]:
        """The statement with its placeholders numbered anew, and the parameters it uses.

        Some expressions are prepared and then not selected; PostgreSQL refuses their parameters.
        """
        numbers: dict[str, int] = {}

        def renumber(found: re.Match[str]) -> str:
            return f"${numbers.setdefault(found[1], len(numbers) + 1)}"

        text = re.sub(r"\$(\d+)", renumber, sql)
        return text, tuple(self.parameters[int(n) - 1] for n in numbers)


def _has_symbols(value: Any) -> bool:
    match value:
        case Var():
            return True
        case dict():
            return any(_has_symbols(v) for v in value.values())
        case list():
            return any(_has_symbols(item) for item in value)
        case _:
            return False


def text(value: str) -> str:
    """A string that PostgreSQL can hold.

    Raises:
        BadUserInput: it contains the character NUL, or half of a surrogate pair.
    """
    if "\0" in value:
        raise BadUserInput(
            "A text contains the character U+0000, which cannot be stored. Remove it."
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadUserInput("A text contains half a surrogate pair. Send valid Unicode.") from None
    return value


def searched(value: str) -> str:
    """The words of a search.

    Raises:
        BadUserInput: they are longer than any title.
    """
    if len(value) > LONGEST_SEARCH:
        raise BadUserInput(
            f"A search of {len(value)} characters is longer than {LONGEST_SEARCH}. Send fewer "
            "words, or only their beginnings."
        )
    return text(value)


def _finite(value: date) -> date:
    """A day or instant that asyncpg does not take for infinity, as it does the first and last."""
    bare = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if bare in (type(value).min, type(value).max):
        return value + timedelta(days=1 if bare == type(value).min else -1)
    return value


def plain(value: Any) -> Any:
    """A scalar as asyncpg takes it: an enum by its name, a text checked."""
    if hasattr(value, "name"):
        return value.name
    if isinstance(value, date):
        return _finite(value)
    return text(value) if isinstance(value, str) else value


def several(convert: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    """The conversion of a list of values; refuses more than a filter takes."""

    def convert_all(values: list[Any]) -> list[Any]:
        if len(values) > MOST_VALUES:
            raise BadUserInput(
                f"A list of {len(values)} values is longer than {MOST_VALUES}. Split the request."
            )
        return [convert(v) for v in values]

    return convert_all


def shown(value: str) -> str:
    """The beginning of a text, to be repeated in a refusal."""
    return text(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def split_id(value: str) -> tuple[str, UUID]:
    """Noun and UUID of an id as handed out.

    Raises:
        BadUserInput: this API handed out no such id.
    """
    noun, _, key = value.rpartition("_")
    if noun in entities:
        try:
            uuid = UUID(key)
            if str(uuid) == key:
                return noun, uuid
        except ValueError:
            pass
    raise BadUserInput(
        f"'{shown(value)}' is not an id of this API. Ids are handed out in the field `id` and look "
        "like 'actor_0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f'."
    )


def id_of(*nouns: str) -> Callable[[str], UUID | None]:
    """The conversion of an id to the UUID of one of these nouns; of another noun it is null."""

    def convert(value: str) -> UUID | None:
        noun, key = split_id(value)
        return key if noun in nouns else None

    return convert
