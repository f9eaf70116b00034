"""Inputs on their way into the tables, as rows; what they refer to is found all at once."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from resolvers.write.work import Given, Reference, Work
from schema.base import (
    Column,
    Contact,
    Dated,
    Entity,
    Link,
    One,
    Through,
    Translated,
    Values,
    camel,
    links,
    spec_of,
)
from schema.inputs import written
from schema.rejection import Path, Problem, Rejected, problem
from schema.rows import Row, columns


@dataclass
class Draft:
    """One record on its way into the tables.

    Args:
        row: columns by name, as JSON has their values.
        links: link table → its new rows; what the table has beside them goes.
        identifiers: all its new identifiers; `None` leaves them alone.
    """

    path: Path
    row: Row
    links: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    identifiers: list[Row] | None = None


async def drafts_of(work: Work, noun: Entity, given: list[tuple[Path, Given]]) -> list[Draft]:
    """Rows from inputs, their references found all at once.

    Raises:
        Rejected: with every problem of every record.
    """
    problems: list[Problem] = []
    drafts: list[Draft] = []
    references: list[tuple[Row, str, Reference]] = []
    specs = written(noun)
    for path, fields in given:
        draft = Draft(path, {})
        drafts.append(draft)
        for name, spec in specs.items():
            if name not in fields:
                continue
            try:
                references += _field(draft, spec, (*path, name), fields[name])
            except Rejected as rejected:
                problems += rejected.problems
    try:
        keys = await work.find([reference for _, _, reference in references])
    except Rejected as rejected:
        raise Rejected(*problems, *rejected.problems) from None
    if problems:
        raise Rejected(*problems)
    named: set[tuple[Path, UUID]] = set()
    for (row, column, (path, _, _)), key in zip(references, keys, strict=True):
        row[column] = str(key)
        if isinstance(path[-1], int) and (path[:-1], key) in named:
            problems.append(_twice(path))
        named.add((path[:-1], key))
    if problems:
        raise Rejected(*problems)
    return drafts


def identifier(path: Path, given: Given) -> Row:
    """A row of an identifier.

    Raises:
        Rejected: `INVALID` where a part of it says nothing.
    """
    empty = [part for part in ("scheme", "value") if not given[part].strip()]
    if empty:
        es = "Un identificador necesita un `scheme` y un `value` que digan algo."
        en = "An identifier needs a `scheme` and a `value` that say something."
        raise Rejected(*(problem("INVALID", (*path, part), es, en) for part in empty))
    return {part: given[part] for part in ("scheme", "value")}


def _field(draft: Draft, spec: Any, path: Path, value: Any) -> list[tuple[Row, str, Reference]]:
    """Put a field into the draft; the references to be found for it."""
    match spec:
        case Column() | Translated() | Dated() | Contact():
            draft.row |= columns(spec, value, path)
            return []
        case One():
            if value is None:
                if spec.required or not spec.optional:
                    raise Rejected(empty(path))
                draft.row[spec.column] = None
                return []
            return [(draft.row, spec.column, (path, spec.hint, value))]
        case Values():
            draft.identifiers = [
                identifier((*path, n), given) for n, given in enumerate(value or [])
            ]
            return []
        case Through():
            return _link(draft, spec, path, value or [])
        case _:  # pragma: no cover
            raise NotImplementedError(spec)


def _link(
    draft: Draft, spec: Through, path: Path, value: list[Any]
) -> list[tuple[Row, str, Reference]]:
    link = links[spec.link]
    _, far = link.ends()
    found: list[tuple[Row, str, Reference]] = []
    draft.links[link.name] = []
    for n, item in enumerate(value):
        row: Row = _defaults(link)
        draft.links[link.name].append(row)
        reference = item
        if link.written_fields():
            reference = item[camel(far.name)]
            for name, declared in link.written_fields().items():
                if camel(name) in item:
                    row |= columns(spec_of(declared), item[camel(name)], (*path, n, camel(name)))
        found.append((row, far.column, ((*path, n), far.hint, reference)))
    return found


def _defaults(link: Link) -> Row:
    """What a row of a link says where the client does not: a list replaces what was there."""
    specs = [spec_of(declared) for declared in link.written_fields().values()]
    plain = [s for s in specs if isinstance(s, Column)]
    return {s.name: s.default.strip("'") if s.default else None for s in plain}


def empty(path: Path) -> Problem:
    name = path[-1]
    return problem(
        "REQUIRED", path, f"`{name}` no puede quedar vacío.", f"`{name}` cannot be left empty."
    )


def _twice(path: Path) -> Problem:
    return problem("INVALID", path, "Ese ya está en la lista.", "The list has that one already.")
