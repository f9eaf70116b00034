"""What PostgreSQL refuses, said as a partner reads it.

Names of constraints follow from the declarations (`schema/base.py`), so they lead back to fields.
"""

from typing import Any

from sqlalchemy.exc import DBAPIError

from schema.base import camel, entities, metadata
from schema.circles import chains
from schema.errors import Timeout
from schema.rejection import Path, Problem, problem


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of what it refused."""
    return getattr(error.orig.__cause__, "sqlstate", None) if error.orig else None


def problem_of(error: DBAPIError, noun: str | None) -> Problem:
    """The problem behind a refusal.

    Raises:
        Timeout: the statement took too long.
        DBAPIError: the error itself, where it is none of the client's.
    """
    cause: Any = error.orig.__cause__ if error.orig else None
    name, table = (getattr(cause, n, None) or "" for n in ("constraint_name", "table_name"))
    if not table and noun and name.startswith(f"{noun}_"):  # raised by a trigger
        table = noun
    path = _path(name, table, noun)
    shown = _shown(path)
    match sqlstate(error):
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
            column = camel(getattr(cause, "column_name", None) or "?")
            es = f"`{column}` no puede quedar vacío."
            return problem("REQUIRED", (column,), es, f"`{column}` cannot be left empty.")
        case "23514" | "23P01":
            return _broken(name, table, path)
        case "P0001":
            text = str(getattr(cause, "message", None) or cause)
            return problem("INVALID", (), text, text)
        case "54000":
            es = "Un texto es más largo de lo que su campo puede guardar; acórtelo."
            en = "A text is longer than its field can keep; shorten it."
            return problem("INVALID", (), es, en)
        case "22003" | "22P02" | "22001" | "22P05" | "22021" | "22008":
            es = "Un valor no se puede guardar tal como está escrito."
            return problem("INVALID", (), es, "A value cannot be kept as it is written.")
        case "57014":
            raise Timeout("The write was not done in time; nothing was changed. Send less at once.")
        case _:
            raise error


def _broken(name: str, table: str, path: Path) -> Problem:
    """A rule was broken; its declaration may say so in words."""
    declared = next(
        (c for c in _constraints(table) if c.name == name or f"{table}_{c.name}_check" == name),
        None,
    )
    said = declared.info if declared is not None else {}
    if not said and any(c.constraint == name and c.noun.name == table for c in chains()):
        es = f"Desde aquello que nombra {_shown(path)} se vuelve a este mismo registro; elija otro."
        en = f"What {_shown(path)} names leads back to this very record; choose another."
        return problem("INVALID", path, es, en)
    fields = ", ".join(f"`{f}`" for f in _named(str(getattr(declared, "sqltext", "")), table))
    es = said.get("es") or f"Estos valores no van juntos o no son posibles: {fields or name}."
    en = said.get("en") or f"These values do not go together, or cannot be: {fields or name}."
    return problem(said.get("code", "INVALID"), path, es, en)


def _constraints(table: str) -> list[Any]:
    return list(metadata.tables[table].constraints) if table in metadata.tables else []


def _named(sql: str, table: str) -> list[str]:
    """The fields of a noun that a rule speaks of."""
    if table not in entities:
        return []
    specs = entities[table].specs()
    return [camel(n) for n in specs if n in sql]


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
