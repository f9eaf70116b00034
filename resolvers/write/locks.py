"""Records locked until the write is done, and the version that a client expects of them."""

import json
from typing import Any
from uuid import UUID

from auth.visibility import writable_noun
from resolvers.read.binds import Binds
from resolvers.write.work import Given, Work
from schema.base import Entity, camel
from schema.rejection import Path, Problem, Rejected, problem
from schema.rows import Row


async def lock(
    work: Work, noun: Entity, path: Path, ref: Given, version: int | None = None
) -> dict[str, Any]:
    """The columns of a record that the caller sees, locked until the write is done.

    For verbs, which judge themselves who may do them. Amounts are text, as inputs have them.

    Args:
        version: that it must still have.

    Raises:
        Rejected: `NOT_FOUND`, `VERSION_CONFLICT`.
    """
    [key] = await work.find([(path, noun.type_name, ref)])
    row = await columns_of(work, noun, key)
    if not row:
        raise Rejected(gone(path))
    await check_version(work, noun, row, {"ifVersion": version})
    return row


async def columns_of(work: Work, noun: Entity, key: UUID) -> dict[str, Any]:
    """The columns of a record, locked until the write is done; none if it is gone."""
    rows = await work.rows(
        f"SELECT to_jsonb(t)::text FROM {noun.name} t WHERE t.id = $1 FOR NO KEY UPDATE", key
    )
    return json.loads(rows[0][0], parse_float=str) if rows else {}


async def check_version(work: Work, noun: Entity, row: Row, given: Given) -> None:
    """Refuse where a locked record is no longer of the version that the input expects.

    Raises:
        Rejected: `VERSION_CONFLICT`.
    """
    expected = given.get("ifVersion")
    if expected not in (None, row["version"]):
        key, path = UUID(row["id"]), ("ifVersion",)
        raise Rejected(await conflict(work, noun, key, path, expected, row["version"]))


async def conflict(
    work: Work, noun: Entity, key: UUID, path: Path, expected: int, found: int
) -> Problem:
    """What happened meanwhile, as far as the caller keeps the record: who does may read it all."""
    fields = await _changed_since(work, noun, key, found - expected)
    es = en = ""
    if fields:
        es, en = (f"{words}: {', '.join(fields)}" for words in ("cambió", "changed"))
        es, en = f"; desde entonces {es}", f"; since then {en}"
    return problem(
        "VERSION_CONFLICT",
        path,
        f"El registro ya tiene la versión {found}, no la {expected}{es}. Léalo de nuevo y decida.",
        f"The record is at version {found} by now, not {expected}{en}. Read it again and decide.",
    )


async def _changed_since(work: Work, noun: Entity, key: UUID, versions: int) -> list[str]:
    """The fields, and the lists that hang on it, that its last versions changed."""
    binds = Binds()
    which = binds.value([str(key)], "uuid[]", list)
    last = binds.value(versions, "int", int)
    rows = await work.visible_rows(
        "SELECT DISTINCT c.part, k.key FROM (SELECT part, before, after,"
        " dense_rank() OVER (ORDER BY transaction DESC) AS back FROM change"
        f" WHERE record_id = ANY ({which})) c LEFT JOIN LATERAL"
        " jsonb_object_keys(coalesce(c.before, '{}') || coalesce(c.after, '{}')) k (key) ON true"
        f" WHERE c.back <= {last} AND EXISTS (SELECT FROM {noun.name} t WHERE t.id = ANY ({which})"
        f" AND {writable_noun(noun, 't', binds.principal, work.scope)})",
        binds,
    )
    names = sorted(noun.fields, key=len, reverse=True)
    found = {
        part or next((n for n in names if column == n or column.startswith(f"{n}_")), "")
        for part, column in rows
    }
    return sorted(camel(name) for name in found - {"", "contact"})


def gone(path: Path) -> Problem:
    return problem("NOT_FOUND", path, "Ese registro ya no está.", "That record is no longer there.")
