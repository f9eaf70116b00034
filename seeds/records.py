"""From a record of a seed file to rows of tables, following the noun's declaration."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from schema.base import (
    Column,
    Computed,
    Contact,
    Dated,
    Entity,
    Identity,
    One,
    Through,
    Translated,
    links,
)
from schema.fuzzy_date import DateStatus, days, status_of
from schema.language import Language, Origin
from schema.nouns import entities, interfaces
from schema.scalars import SCALARS
from schema.texts import stray

SPACE = uuid.UUID("8f2d7a52-6d0e-5f0f-9c55-6a1c2e1b7d10")
"""The namespace of seeded ids: a seeded record's id is the UUIDv5 of its noun and key in it."""

Row = dict[str, Any]
Resolve = Callable[[str, str], uuid.UUID]
"""Noun or interface, and reference → id; raises `Refused` where there is no such record."""


_PARSED = {kind: SCALARS[kind].parse_value for kind in (Decimal, date, datetime)}
"""What JSON writes as text."""


class Refused(Exception):
    """A record cannot be loaded; the message says why."""


def id_of(noun: str, key: str) -> uuid.UUID:
    """The id of a seeded record, the same on every installation."""
    return uuid.uuid5(SPACE, f"{noun}:{key}")


@dataclass
class Rows:
    """What one record becomes."""

    key: str
    row: Row
    links: list[tuple[str, Row]] = field(default_factory=list[tuple[str, Row]])
    identifiers: list[Row] = field(default_factory=list[Row])
    citations: list[Row] = field(default_factory=list[Row])


def key_of(record: Row) -> str:
    """What other records call it."""
    key = record.get("slug") or record.get("key")
    if not isinstance(key, str):
        raise Refused("it has neither `slug` nor `key`")
    return key


def check_texts(record: Row) -> None:
    """Refuse signs that no text holds.

    Raises:
        Refused: for the first of them.
    """
    for problem in stray(record):
        where = ".".join(map(str, problem.path))
        raise Refused(f"`{where}`: {problem.message[Language.EN]}")


def rows_of(noun: Entity, record: Row, resolve: Resolve) -> Rows:
    """Everything that a record becomes.

    Raises:
        Refused: a field is unknown, missing or of the wrong kind, or a reference leads nowhere.
    """
    key = key_of(record)
    check_texts(record)
    made = Rows(key, {"id": id_of(noun.name, key)})
    specs = {n: s for n, s in noun.specs().items() if s}
    unknown = record.keys() - specs.keys() - {"key"}
    if unknown:
        raise Refused(f"`{min(unknown)}` is not a field of {noun.type_name}")
    for name, spec in specs.items():
        made.row |= _columns(spec, record.get(name), resolve)
        if isinstance(spec, Through) and name in record:
            made.links += _links(made.row["id"], spec, record[name], resolve)
    made.identifiers = [
        {"record_id": made.row["id"], "noun": noun.name} | i for i in record.get("identifiers", [])
    ]
    for position, given in enumerate(record.get("citations", []), 1):
        made.citations.append(_citation(made.row["id"], position, given, resolve))
    return made


def _columns(spec: Any, value: Any, resolve: Resolve) -> Row:
    match spec:
        case Identity() | Computed():
            return {}
        case Column():
            return _plain(spec, value)
        case Translated():
            return _translated(spec, value)
        case Dated():
            return _dated(spec, value)
        case One():
            if value is None and not spec.optional:
                raise Refused(f"`{spec.name}` is missing")
            return {spec.column: resolve(spec.hint, value) if value is not None else None}
        case Contact() if value is not None:
            raise Refused(f"`{spec.name}` is personal, and everybody can read this file")
        case _:
            return {}


def _plain(spec: Column, value: Any) -> Row:
    if value is None:
        if spec.optional:
            return {spec.name: None}
        if spec.default is None and not spec.is_list:
            raise Refused(f"`{spec.name}` is missing")
        return {spec.name: []} if spec.is_list else {}
    kind = spec.python_type
    if parse := _PARSED.get(kind):
        try:
            return {spec.name: parse(value)}
        except ValueError as error:
            raise Refused(f"`{spec.name}`: {error}") from None
    for item in value if spec.is_list else [value]:
        if isinstance(kind, type) and issubclass(kind, Enum):
            if item not in kind.__members__:
                allowed = ", ".join(kind.__members__)
                raise Refused(f"`{spec.name}` is {item!r} and can be {allowed}")
        elif isinstance(kind, type) and type(item) is not kind:
            raise Refused(f"`{spec.name}` is {item!r}, which is no {kind.__name__}")
    return {spec.name: value}


def _translated(spec: Translated, value: Any) -> Row:
    if value is None:
        if not spec.optional:
            raise Refused(f"`{spec.name}` is missing")
        value = {}
    row: Row = {}
    for language in Language:
        text = value.get(language.suffix)
        origin = value.get("origin", {}).get(language.suffix) if text else None
        if text and origin not in Origin.__members__:
            raise Refused(f"`{spec.name}` does not say where its text in {language.name} is from")
        name = f"{spec.name}_{language.suffix}"
        row |= {name: text, f"{name}_origin": origin}
    return row


def _dated(spec: Dated, value: Any) -> Row:
    parts: Row = dict.fromkeys(("text", "edtf", "earliest", "latest", "status"))
    if value is not None:
        if value.get("status") not in DateStatus.__members__:
            raise Refused(f"`{spec.name}` has no status")
        exact = DateStatus.EXACT
        if value.get("edtf") and value["status"] == exact.name != status_of(value["edtf"]).name:
            raise Refused(f"`{spec.name}` is {value['edtf']!r}, which is not exact")
        parts |= {"text": value.get("text"), "status": value["status"], "edtf": value.get("edtf")}
        parts |= dict(zip(("earliest", "latest"), _range(spec, value.get("edtf")), strict=True))
    elif not spec.optional:
        raise Refused(f"`{spec.name}` is missing")
    return {f"{spec.name}_{part}": v for part, v in parts.items()}


def _range(spec: Dated, edtf: str | None) -> tuple[date | None, date | None]:
    if edtf is None:
        return None, None
    try:
        return days(edtf)
    except ValueError as error:
        raise Refused(f"`{spec.name}`: {error}") from None


def _links(own: uuid.UUID, spec: Through, given: Any, resolve: Resolve) -> list[tuple[str, Row]]:
    link = links[spec.link]
    near, far = link.sides(spec)
    if near is not link.ends()[0]:
        raise Refused(f"`{spec.name}` is written from the other side, in `{near.name}`'s record")
    found: list[tuple[str, Row]] = []
    for item in given:
        said: Row = dict(item) if isinstance(item, dict) else {far.name: item}
        target = resolve(far.hint, said.pop(far.name))
        found.append((link.name, {near.column: own, far.column: target} | said))
    return found


def _citation(record: uuid.UUID, position: int, given: Row, resolve: Resolve) -> Row:
    noun = entities["citation"]
    row: Row = {"id": uuid.uuid5(record, f"citation:{position}"), "record_id": record}
    row["position"] = position
    unknown = given.keys() - {"document", "locator", "field", "confidence", "note"}
    if unknown:
        raise Refused(f"citation {position}: `{min(unknown)}` is not a field of a citation")
    for name in ("document", "locator", "field", "confidence", "note"):
        row |= _columns(noun.specs()[name], given.get(name), resolve)
    return row


def split_reference(kind: str, reference: str) -> tuple[str, str]:
    """Noun and key of a reference: `panama`, or `actor:panama` where several nouns are possible."""
    if kind in interfaces:
        noun, _, key = reference.partition(":")
        return noun, key
    return next(n.name for n in entities.values() if n.type_name == kind), reference
