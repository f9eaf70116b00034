"""What PostgreSQL refuses, said as a partner reads it.

Names of constraints follow from the declarations (`schema/base.py`), so they lead back to fields.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from schema.base import camel, entities, metadata, refusals
from schema.circles import chains
from schema.errors import Timeout
from schema.inputs import written
from schema.language import Language
from schema.rejection import Path, Problem, no_text, problem, taken_identifier

_SORTED = re.compile(rf"_({'|'.join(la.suffix for la in Language)})_sort$")
_NAMED = re.compile(r"=\([^,]+, (?P<scheme>.*), (?P<value>.*)\) already exists")
_RULES = (
    (r"(\w+) > 0", "{0} tiene que ser mayor que cero.", "{0} has to be greater than zero."),
    (r"(\w+) >= 0", "{0} no puede ser negativo.", "{0} cannot be negative."),
    (r"(\w+) BETWEEN (\d+) AND (\d+)", "{0} va de {1} a {2}.", "{0} goes from {1} to {2}."),
    (r"(\w+) <> ''", "{0} no puede quedar vacío.", "{0} cannot be left empty."),
    (r"(\w+) <= ([a-z]\w+)", "{0} no puede pasar de {1}.", "{0} cannot go beyond {1}."),
    (
        r"(\w+)_id <> id",
        "Un registro no puede ser su propio {0}.",
        "A record cannot be its own {0}.",
    ),
)
"""Simple rules, whose SQL says all there is to say."""


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of what it refused."""
    return getattr(error.orig.__cause__, "sqlstate", None) if error.orig else None


def problem_of(
    error: DBAPIError, noun: str | None, given: dict[str, Any], language: Language
) -> Problem:
    """The problem behind a refusal.

    Args:
        given: the input, in which the value is looked for.
        language: of the sentence where it took too long.

    Raises:
        Timeout: the statement took too long.
        DBAPIError: the error itself, where it is none of the client's.
    """
    cause: Any = error.orig.__cause__ if error.orig else None
    name, table = (getattr(cause, n, None) or "" for n in ("constraint_name", "table_name"))
    if not table and noun and name.startswith(f"{noun}_"):  # raised by a trigger
        table = noun
    path = _within(given, _path(name, table, noun))
    shown = _shown(path)
    match sqlstate(error):
        case "23505" if table == "identifier":
            found = _NAMED.search(str(getattr(cause, "detail", "")))
            named = found.groupdict() if found else {"scheme": "?", "value": "?"}
            return taken_identifier(_within(given, ("identifiers",)), **named)
        case "23505":
            es = f"Otro registro ya tiene ese valor: {shown}. Dé otro, o cambie aquel registro."
            en = f"Another record has that value already: {shown}. Give another, or change that "
            return problem("TAKEN", path, es, f"{en}record.")
        case "23503" if str(cause).startswith("update or delete"):
            es = f"Otros registros se refieren a este ({_type(table)}); retírelos primero."
            en = f"Other records refer to this one ({_type(table)}); retire those first."
            return problem("IN_USE", (), es, en)
        case "23503":
            es = f"Aquello a lo que se refiere {shown} ya no está."
            return problem("NOT_FOUND", path, es, f"What {shown} refers to is no longer there.")
        case "23502":
            name = getattr(cause, "column_name", None) or "?"
            column = camel(_SORTED.sub("", name).removesuffix("_id"))
            path = _within(given, (column,))
            if _SORTED.search(name):
                return no_text(path)
            es = f"`{column}` no puede quedar vacío."
            return problem("REQUIRED", path, es, f"`{column}` cannot be left empty.")
        case "23514" | "23P01":
            return _broken(name, table, path, given)
        case "P0001":
            text = str(getattr(cause, "message", None) or cause)
            return problem("INVALID", (), text, text)
        case "54000":
            path, length = max(_texts(given, ()), key=lambda found: found[1])
            es = f"Un texto es más largo de lo que su campo puede guardar; acorte {_dotted(path)}"
            en = f"A text is longer than its field can keep; shorten {_dotted(path)}"
            es, en = (
                f"{es}, que tiene {length} caracteres.",
                f"{en}, which has {length} characters.",
            )
            return problem("INVALID", path, es, en)
        case "22003" | "22P02" | "22001" | "22P05" | "22021" | "22008":
            es = "Un valor no se puede guardar tal como está escrito."
            return problem("INVALID", (), es, "A value cannot be kept as it is written.")
        case "57014":
            es = "La escritura no se hizo a tiempo; nada cambió. Mande menos de una vez."
            en = "The write was not done in time; nothing was changed. Send less at once."
            raise Timeout({Language.ES: es, Language.EN: en}[language])
        case _:
            raise error


def _broken(name: str, table: str, path: Path, given: dict[str, Any]) -> Problem:
    """A rule was broken; its declaration may say so in words."""
    if not table:  # a trigger's, which names the rule alone
        table = max((t for t in metadata.tables if name.startswith(f"{t}_")), key=len, default="")
    declared = next(
        (c for c in _constraints(table) if c.name == name or f"{table}_{c.name}_check" == name),
        None,
    )
    sql = str(getattr(declared, "sqltext", ""))
    said = refusals.get(name) or (declared.info if declared is not None else {})
    if not said and any(c.constraint == name and c.noun.name == table for c in chains()):
        es = f"Desde aquello que nombra {_shown(path)} se vuelve a este mismo registro; elija otro."
        en = f"What {_shown(path)} names leads back to this very record; choose another."
        return problem("INVALID", path, es, en)
    said = said or _plainly(sql)
    named = _named(sql, table)
    fields = f": {', '.join(f'`{f}`' for f in named)}" if named else ""
    es = said.get("es") or f"Estos valores no van juntos o no son posibles{fields}."
    en = said.get("en") or f"These values do not go together, or cannot be{fields}."
    if not path and len(named) == 1:
        path = _within(given, (named[0],))
    if field := said.get("field"):
        path = _within(given, (field,))
    return problem(said.get("code", "INVALID"), path, es, en)


def _plainly(sql: str) -> dict[str, str]:
    """The sentences of a simple rule."""
    for pattern, *sentences in _RULES:
        if found := re.fullmatch(pattern, sql):
            parts = [p if p.isdigit() else f"`{camel(p)}`" for p in found.groups()]
            es, en = (sentence.format(*parts) for sentence in sentences)
            return {"es": es, "en": en}
    return {}


def _within(given: dict[str, Any], path: Path) -> Path:
    """The place of a field in the input; empty where it is not clear which."""
    if not path or path[0] in given:
        return path
    found = list(_places(given, path[-1], ()))
    if len(found) == 1:
        return found[0]
    lists = [value for value in given.values() if isinstance(value, list)]
    first = [items[0] for items in lists if items]
    upserted = any(isinstance(each, dict) and "identifier" in each for each in first)
    return () if found or upserted else path


def _places(value: Any, name: str | int, path: Path) -> Iterator[Path]:
    match value:
        case dict():
            if name in value:
                yield (*path, name)
            for key, below in value.items():
                yield from _places(below, name, (*path, key))
        case list():
            for n, below in enumerate(value):
                yield from _places(below, name, (*path, n))
        case _:
            pass


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, int]]:
    """The texts of an input, and how long they are."""
    match value:
        case dict():
            for key, below in value.items():
                yield from _texts(below, (*path, key))
        case list():
            for n, below in enumerate(value):
                yield from _texts(below, (*path, n))
        case str():
            yield path, len(value)
        case _:
            pass


def _dotted(path: Path) -> str:
    return f"`{'.'.join(map(str, path))}`"


def _constraints(table: str) -> list[Any]:
    return list(metadata.tables[table].constraints) if table in metadata.tables else []


def _named(sql: str, table: str) -> list[str]:
    """The input fields of a noun that a rule speaks of."""
    if table not in entities:
        return []
    ending = f"(_id|_earliest|_latest|_status|_{'|_'.join(la.suffix for la in Language)})?"
    specs = written(entities[table])
    return [n for n, s in specs.items() if re.search(rf"\b{s.name}{ending}\b", sql)]


def _path(name: str, table: str, noun: str | None) -> Path:
    """The input field that a constraint is about; empty where that is not clear."""
    if table != noun:
        return ()
    middle = name.removeprefix(f"{table}_")
    for ending in ("_key", "_fkey", "_check"):
        middle = middle.removesuffix(ending)
    specs = entities[table].specs()
    found = [n for n in specs if middle in (n, f"{n}_id")]
    found += [n for n in specs if middle.startswith(f"{n}_")]
    return (camel(found[0]),) if found else ()


def _shown(path: Path) -> str:
    return f"`{path[-1]}`" if path else "?"


def _type(table: str) -> str:
    return f"`{entities[table].type_name if table in entities else table}`"
