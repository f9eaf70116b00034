"""Records written as their declarations say, one or many in the same few statements.

Each step serves all records of a call: references are found, owners checked, rows written from JSON
by column, links and identifiers replaced. An update writes only what was given, and only where it
differs.
"""

import json
from collections.abc import Awaitable, Callable
from uuid import UUID

from resolvers.write import consent
from resolvers.write.attached import attach, by_columns, touch
from resolvers.write.drafts import Draft, drafts_of, empty
from resolvers.write.ownership import check_moves, check_seen, place
from resolvers.write.work import Given, Work
from schema.base import Entity, Translated
from schema.inputs import is_required, written
from schema.rejection import Outcome, Path, Rejected, no_text
from schema.rows import Row, says

Judge = Callable[[Work, list[Draft]], Awaitable[None]]
"""Completes drafts of a noun as its own rules say, or raises `Rejected`. Those of records that are
there already have their `id` in the row."""
JUDGES: dict[str, Judge] = {}
"""By noun: asked by `create` and `update`, so that no generic verb is a way around them."""


def judges(noun: str) -> Callable[[Judge], Judge]:
    """Declare the rules of a noun's own."""

    def declare(judge: Judge) -> Judge:
        JUDGES[noun] = judge
        return judge

    return declare


Leave = Callable[[Work, list[UUID]], Awaitable[None]]
"""What comes before records of a noun go for good; may raise `Rejected`."""
LEAVING: dict[str, Leave] = {}
"""By noun: asked by `retire`."""


def leaving(noun: str) -> Callable[[Leave], Leave]:
    """Declare what comes before records of a noun go."""

    def declare(leave: Leave) -> Leave:
        LEAVING[noun] = leave
        return leave

    return declare


async def _judge(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    await consent.check(work, noun, drafts)
    if drafts and noun.name in JUDGES:
        await JUDGES[noun.name](work, drafts)


async def create(work: Work, noun: Entity, given: list[tuple[Path, Given]]) -> list[UUID]:
    """Write new records, where the caller may.

    Raises:
        Rejected: one of them cannot be written; none is, then.
    """
    drafts = await drafts_of(work, noun, given)
    _require(noun, given)
    await place(work, noun, drafts)
    await _judge(work, noun, drafts)
    paths = [draft.path for draft in drafts]
    keys = await insert(work, noun, [draft.row for draft in drafts], paths)
    await attach(work, noun, drafts)
    return keys


async def insert(
    work: Work, noun: Entity, rows: list[Row], paths: list[Path] | None = None
) -> list[UUID]:
    """Put new rows into a noun's table, unless they say it with ids of their own; their ids.

    Args:
        paths: where they were given.
    """
    check_seen(noun, rows, paths)
    ids = await work.rows("SELECT uuidv7() FROM generate_series(1, $1::int)", len(rows))
    for row, [key] in zip(rows, ids, strict=True):
        row.setdefault("id", str(key))
    for names, some in by_columns(rows).items():
        listed = ", ".join(names)
        await work.rows(
            f"INSERT INTO {noun.name} ({listed}) SELECT {listed}"
            f" FROM jsonb_populate_recordset(NULL::{noun.name}, $1::text::jsonb)",
            json.dumps(some),
        )
    return [UUID(row["id"]) for row in rows]


async def update(work: Work, noun: Entity, given: list[tuple[Path, UUID, Given]]) -> list[Outcome]:
    """Change records that the caller may write (see `own`); what became of each.

    Raises:
        Rejected: one of them cannot be written; none is, then.
    """
    drafts = await drafts_of(work, noun, [(path, fields) for path, _, fields in given])
    for draft, (_, key, _) in zip(drafts, given, strict=True):
        draft.row["id"] = str(key)
    await check_moves(work, noun, drafts)
    await _judge(work, noun, drafts)
    attached = await attach(work, noun, drafts)
    paths = [draft.path for draft in drafts]
    changed = await change(work, noun, [draft.row for draft in drafts], paths)
    await touch(work, noun, attached - changed)
    changed |= attached
    return [Outcome.UPDATED if key in changed else Outcome.UNCHANGED for _, key, _ in given]


async def change(
    work: Work, noun: Entity, rows: list[Row], paths: list[Path] | None = None
) -> set[UUID]:
    """Set columns of rows that are there, each by its `id`; those that differed before.

    Args:
        paths: where they were given.
    """
    names = sorted({name for row in rows for name in row} - {"id"})
    if not names:
        return set()
    new, old = (", ".join(f"{alias}.{n}" for n in names) for alias in ("n", "o"))
    found = await work.rows(
        f"UPDATE {noun.name} t SET ({', '.join(names)}) = ROW ({new})"
        " FROM jsonb_array_elements($1::text::jsonb) g"
        f" JOIN {noun.name} o ON o.id = (g ->> 'id')::uuid"
        " CROSS JOIN LATERAL jsonb_populate_record(o, g) n"
        f" WHERE t.id = o.id AND ({old}) IS DISTINCT FROM ({new}) RETURNING t.id",
        json.dumps(rows),
    )
    changed = {row[0] for row in found}
    if {"owner_id", "visibility"} & set(names):
        await _check_seen(work, noun, rows, changed, paths or [()] * len(rows))
    return changed


async def _check_seen(
    work: Work, noun: Entity, rows: list[Row], changed: set[UUID], paths: list[Path]
) -> None:
    """Refuse changes by which a record is lost to all."""
    found = await work.rows(
        f"SELECT id::text, owner_id, visibility FROM {noun.name} WHERE id = ANY ($1::uuid[])",
        list(changed),
    )
    said = {row["id"]: path for row, path in zip(rows, paths, strict=True)}
    now: list[Row] = [{"owner_id": owner, "visibility": seen} for _, owner, seen in found]
    check_seen(noun, now, [said[key] for key, _, _ in found])


async def retire(work: Work, noun: Entity, keys: list[UUID]) -> None:
    """Remove records that the caller may write (see `own`)."""
    if noun.name in LEAVING:
        await LEAVING[noun.name](work, keys)
    await work.rows(f"DELETE FROM {noun.name} WHERE id = ANY ($1::uuid[])", keys)


async def differences(work: Work, noun: Entity, row: Row) -> set[str]:
    """The columns of a record that these values would change; the row has its `id`."""
    found = await work.rows(
        "SELECT o.key FROM jsonb_each(to_jsonb((SELECT t FROM"
        f" {noun.name} t WHERE t.id = $2))) o JOIN jsonb_each(to_jsonb((SELECT"
        f" jsonb_populate_record(t, $1::text::jsonb) FROM {noun.name} t WHERE t.id = $2))) n"
        " ON n.key = o.key AND n.value IS DISTINCT FROM o.value",
        json.dumps(row),
        row["id"],
    )
    return {each[0] for each in found}


def _require(noun: Entity, given: list[tuple[Path, Given]]) -> None:
    """Refuse new records that lack something; mutations of single ones have it in their types."""
    needed = {name: spec for name, spec in written(noun).items() if is_required(spec)}
    problems = [
        no_text((*path, n)) if n in fields and fields[n] is not None else empty((*path, n))
        for path, fields in given
        for n, spec in needed.items()
        if fields.get(n) is None or (isinstance(spec, Translated) and not says(fields[n]))
    ]
    if problems:
        raise Rejected(*problems)
