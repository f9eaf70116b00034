"""What PostgreSQL refuses, said as a partner reads it.

Names of constraints follow from the declarations (`schema/base.py`), so they lead back to fields.
"""

from typing import Any

from sqlalchemy.exc import DBAPIError

from schema.base import Entity, camel, entities, links
from schema.rejection import Path, Problem, problem


def problem_of(error: DBAPIError, noun: Entity) -> Problem:
    """The problem behind a refusal.

    Raises:
        DBAPIError: the error itself, where it is none of the client's.
    """
    cause: Any = error.orig.__cause__ if error.orig else None
    code = getattr(cause, "sqlstate", None)
    name = getattr(cause, "constraint_name", None) or ""
    table = getattr(cause, "table_name", None) or noun.name
    path = _path(name, table, noun)
    shown = f"`{path[-1]}`" if path else "un valor"
    match code:
        case "23505":
            return problem(
                "TAKEN",
                path,
                f"Otro registro ya tiene ese valor en {shown}.",
                f"Another record has that value already: {shown}.",
            )
        case "23503" if getattr(cause, "message", "").startswith("update or delete"):
            what = _type(getattr(cause, "table_name", None))
            return problem(
                "IN_USE",
                (),
                f"Otros registros se refieren a este ({what}); cámbielos o retírelos primero.",
                f"Other records refer to this one ({what}); change or retire those first.",
            )
        case "23503":
            return problem(
                "NOT_FOUND",
                path,
                f"Aquello a lo que se refiere {shown} ya no está.",
                f"What {shown} refers to is no longer there.",
            )
        case "23502":
            return problem(
                "REQUIRED",
                (camel(getattr(cause, "column_name", None) or ""),),
                "Ese campo no puede quedar vacío.",
                "That field cannot be left empty.",
            )
        case "23514" | "23P01":
            return _broken(name, table, path)
        case "P0001":
            text = str(getattr(cause, "message", ""))
            return problem("INVALID", (), text, text)
        case "22003" | "22P02" | "22001" | "22P05" | "22021":
            return problem(
                "INVALID",
                (),
                "Un valor no se puede guardar tal como está escrito.",
                "A value cannot be kept as it is written.",
            )
        case _:
            raise error


def _broken(name: str, table: str, path: Path) -> Problem:
    """A rule was broken; its declaration may say so in words."""
    declared = next(
        (c for c in _constraints(table) if c.name == name or f"{table}_{c.name}_check" == name),
        None,
    )
    said = declared.info if declared is not None else {}
    fields = ", ".join(f"`{f}`" for f in _named(str(getattr(declared, "sqltext", "")), table))
    es = said.get("es") or f"Estos valores no van juntos o no son posibles: {fields or name}."
    en = said.get("en") or f"These values do not go together, or cannot be: {fields or name}."
    return problem("INVALID", path, es, en)


def _constraints(table: str) -> list[Any]:
    from schema.base import metadata

    return list(metadata.tables[table].constraints) if table in metadata.tables else []


def _named(sql: str, table: str) -> list[str]:
    """The fields of a noun that a rule speaks of."""
    if table not in entities:
        return []
    specs = entities[table].specs()
    return [camel(n) for n in specs if n in sql]


def _path(name: str, table: str, noun: Entity) -> Path:
    """The input field that a constraint is about; empty where that is not clear."""
    middle = name.removeprefix(f"{table}_")
    for ending in ("_key", "_fkey", "_check"):
        middle = middle.removesuffix(ending)
    if table in links:
        return ()
    found = [n for n in noun.specs() if middle in (n, f"{n}_id")]
    found += [n for n in noun.specs() if middle.startswith(f"{n}_")]
    return (camel(found[0]),) if found else ()


def _type(table: str | None) -> str:
    if table in entities:
        return f"`{entities[table].type_name}`"
    return f"`{table}`"
