"""From what a client gives to the columns of a row, following the noun's declaration."""

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from schema.base import Column, Contact, Dated, Translated
from schema.fuzzy_date import DateStatus, NoDays, days, status_of
from schema.language import Language
from schema.rejection import Path, Problem, Rejected, problem
from schema.standards import STANDARDS, Standard

_SLUG = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(-[a-z0-9]+)*")
Row = dict[str, Any]
"""Columns of a row, as JSON has their values."""


def columns(spec: Column | Translated | Dated | Contact, value: Any, path: Path) -> Row:
    """The columns that a field becomes; only those that the value speaks of.

    Raises:
        Rejected: the value is of the right type and still cannot be kept.
    """
    match spec:
        case Translated():
            return _translated(spec, value, path)
        case Dated():
            return _dated(spec, value, path)
        case Contact():
            given = {"email": None, "phone": None} if value is None else value
            return {f"{spec.name}_{part}": text for part, text in given.items()}
        case Column():
            if value is None and not spec.optional:
                raise Rejected(_required(path))
            if spec.name == "slug":
                _check_slug(value, path)
            if spec.standard and value is not None:
                _check_code(STANDARDS[spec.standard], value, path)
            if spec.is_list:
                return {spec.name: [plain(item) for item in value or []]}
            return {spec.name: plain(value)}


def _check_slug(value: Any, path: Path) -> None:
    if value is not None and not _SLUG.fullmatch(value):
        es = "Un `slug` tiene letras minúsculas sin acentos, cifras y guiones, hasta 80: `mesa-2`."
        en = "A `slug` has small letters without accents, digits and hyphens, up to 80: `mesa-2`."
        raise Rejected(problem("INVALID", path, es, en))


def _check_code(standard: Standard, value: str, path: Path) -> None:
    if not standard.knows(value):
        es, en = (text.format(value) for text in (standard.es, standard.en))
        raise Rejected(problem("INVALID", path, es, en))


def plain(value: Any) -> Any:
    """A scalar as JSON has it."""
    match value:
        case Enum():
            return value.name
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value


def _required(path: Path) -> Problem:
    name = path[-1]
    return problem(
        "REQUIRED", path, f"`{name}` no puede quedar vacío.", f"`{name}` cannot be left empty."
    )


def says(value: Any) -> bool:
    """Whether a text is there in any language."""
    return any((value.get(language.suffix) or "").strip() for language in Language)


def _translated(spec: Translated, value: Any, path: Path) -> Row:
    if value is None:
        if not spec.optional:
            raise Rejected(_required(path))
        value = {language.suffix: None for language in Language}
    row: Row = {}
    origin = value.get("origin")
    for language in Language:
        if language.suffix in value:
            text = (value[language.suffix] or "").strip() or None
            name = f"{spec.name}_{language.suffix}"
            row |= {
                name: text,
                f"{name}_origin": (origin.name if origin else "HUMAN") if text else None,
            }
    return row


def _dated(spec: Dated, value: Any, path: Path) -> Row:
    parts: Row = dict.fromkeys(("text", "edtf", "earliest", "latest", "status"))
    if value is None:
        if not spec.optional:
            raise Rejected(_required(path))
        return {f"{spec.name}_{part}": v for part, v in parts.items()}
    day, edtf, status = value.get("date"), value.get("edtf"), value.get("status")
    if day and edtf:
        raise Rejected(
            problem(
                "INVALID",
                path,
                "Dé la fecha en `date` o en `edtf`, no en ambos.",
                "Give the date in `date` or in `edtf`, not in both.",
            )
        )
    edtf = day.isoformat() if day else edtf
    if edtf is None and status in (None, DateStatus.EXACT):
        raise Rejected(
            problem(
                "REQUIRED",
                path,
                "Una fecha necesita `date`, `edtf` o un `status` que diga por qué falta.",
                "A date needs `date`, `edtf`, or a `status` that says why there is none.",
            )
        )
    first, last = _range(edtf, path)
    parts |= {"text": value.get("text"), "edtf": edtf, "earliest": first, "latest": last}
    parts["status"] = _status(edtf, status, path).name
    return {f"{spec.name}_{part}": v for part, v in parts.items()}


def _status(edtf: str | None, status: DateStatus | None, path: Path) -> DateStatus:
    """The one given; else what the date says of itself."""
    written = status_of(edtf) if edtf else DateStatus.EXACT
    if status is DateStatus.EXACT is not written:
        es = f"'{edtf}' no dice la fecha con exactitud; deje `status` fuera, o dé `APPROXIMATE`."
        en = f"'{edtf}' does not say the date exactly; leave `status` out, or give `APPROXIMATE`."
        raise Rejected(problem("INVALID", (*path, "status"), es, en))
    return status or written


def _range(edtf: str | None, path: Path) -> tuple[str | None, str | None]:
    if edtf is None:
        return None, None
    try:
        first, last = days(edtf)
    except NoDays as error:
        raise Rejected(problem("INVALID", (*path, "edtf"), error.es, error.en)) from None
    return first.isoformat(), last.isoformat()
