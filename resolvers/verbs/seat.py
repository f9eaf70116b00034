"""Seats: who may fill them, and from when to when. Each is locked before it is judged."""

import json
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from auth.principal import REGISTRY
from auth.visibility import own
from resolvers.read.binds import Binds
from resolvers.write import drafts, locks, ownership, records
from resolvers.write.work import Given, Work
from schema.base import Dated, Entity
from schema.document import DocumentRole
from schema.inputs import IF_VERSION, Fields
from schema.nouns import entities
from schema.rejection import Path, Rejected, problem
from schema.rows import Row, columns

MANDATE = entities["mandate"]
WHICH: Fields = {"mandate": ("MandateRef", "Which mandate.")} | IF_VERSION
TERM: Fields = {
    "start": ("FuzzyDateInput | None", "When it begins."),
    "end": (
        "FuzzyDateInput | None",
        "Its last day; as the term of the post has it, if left out. Null leaves it open, where the "
        "post has no term.",
    ),
}
PERSON: Fields = {
    "person": (
        "PersonRef | None",
        "Who acts for the holder, with their consent; named by who keeps their record. They are "
        "shown to whom they agreed to.",
    ),
    "parityAttested": (
        "bool | None",
        "That women and men share the seats evenly, where a person's gender is not declared.",
    ),
}
CERTAIN = (
    "certain_days({0}.start_latest, {0}.start_status, {0}.end_earliest, {0}.end_status,"
    " {0}.created_at)"
)
"""SQL: the days on which a mandate certainly runs."""
_SEAT = """
    SELECT p.id, g.id AS filler_id, g.owner_id AS keeper_id, p.selection, p.term_months,
        p.visibility, coalesce(p.title_es, p.title_en) AS es, coalesce(p.title_en, p.title_es) AS en
    FROM post p JOIN working_group g ON g.id = coalesce(p.elected_by_id, p.group_id)
    WHERE p.id = $1::uuid"""
_LIKE = """
    SELECT q.id FROM post p JOIN post q ON q.group_id = p.group_id AND q.kind = p.kind
        AND q.elected_by_id IS NOT DISTINCT FROM p.elected_by_id
    WHERE p.id = $1::uuid ORDER BY q.id FOR NO KEY UPDATE OF q"""


@dataclass(frozen=True)
class Seat:
    """A post, locked until the write is done.

    Args:
        filler_id: the group that fills it: its own or, where the post says so, another.
        keeper_id: who keeps that group's record; `None` for the registry.
        es, en: what it is called.
    """

    id: UUID
    filler_id: UUID
    keeper_id: UUID | None
    selection: str | None
    term_months: int | None
    visibility: str
    es: str
    en: str


async def seat(work: Work, key: UUID | str) -> Seat:
    """A post by its id, locked with those like it: all that fills them takes turns here."""
    await work.rows(_LIKE, key)
    [row] = await work.rows(_SEAT, key)
    return Seat(*row)


async def seat_named(work: Work, given: Given) -> Seat:
    """The post of an input, locked.

    Raises:
        Rejected: `NOT_FOUND`, or `NOT_OWNER` where others fill it.
    """
    [key] = await work.find([(("post",), "Post", given["post"])])
    found = await seat(work, key)
    check_serves(work, found, ("post",))
    return found


def serves(work: Work, found: Seat) -> bool:
    """Whether the caller acts for the group that fills the seat, or keeps that group's record."""
    owners = set(work.keeping)
    return found.filler_id in owners or (found.keeper_id or REGISTRY) in owners


def check_serves(work: Work, found: Seat, path: Path) -> None:
    """Refuse who does not fill the seat.

    Raises:
        Rejected: `NOT_OWNER`.
    """
    if not serves(work, found):
        es = f"«{found.es}» lo llena su grupo: quien tiene un cargo en él, o en el que está encima,"
        en = f"“{found.en}” is filled by its group: by who holds an office in it or above it, or,"
        raise Rejected(
            problem(
                "NOT_OWNER",
                path,
                f"{es} o, mientras no haya nadie, quien lleva su registro.",
                f"{en} while there is nobody, by its registrar.",
            )
        )
    work.acts_for(found.filler_id)


async def mandate_named(work: Work, given: Given) -> tuple[Row, Seat]:
    """The mandate of an input and its seat, both locked, the seat first.

    Raises:
        Rejected: `NOT_FOUND`, `VERSION_CONFLICT`.
    """
    path = ("mandate",)
    [key] = await work.find([(path, "Mandate", given["mandate"])])
    [[post]] = await work.rows("SELECT post_id FROM mandate WHERE id = $1", key)
    found = await seat(work, post)
    row = await locks.lock(work, MANDATE, path, given["mandate"])
    await locks.check_version(work, MANDATE, row, given)
    return row, found


def is_holder(work: Work, row: Row) -> bool:
    """Whether the caller acts for the party that holds the mandate."""
    if UUID(row["holder_id"]) not in work.keeping:
        return False
    work.acts_for(row["holder_id"])
    return True


async def person_of(work: Work, given: Given, path: Path = ("person",)) -> str | None:
    """The person of an input; the caller has to see them."""
    if given.get("person") is None:
        return None
    [key] = await work.find([(path, "Person", given["person"])])
    return str(key)


async def check_naming(work: Work, person: str | None, path: Path) -> None:
    """Refuse to name a person whose record others keep.

    Who is named in a group is shown, with how to reach them, to all that serve there: nobody
    brings somebody else's person into a group of its own, nor one that was delegated to it.

    Raises:
        Rejected: `NOT_OWNER`.
    """
    if person and await _others(work, "SELECT {}::uuid", person):
        es = "A una persona la nombra solo quien mantiene su ficha. Deje `person` fuera; esa"
        en = "Only who keeps a person's record names them. Leave `person` out; that organization"
        raise Rejected(
            problem(
                "NOT_OWNER",
                path,
                f"{es} organización la nombra con `nameRepresentative`, si el mandato es suyo.",
                f"{en} names them with `nameRepresentative`, where it holds the mandate.",
            )
        )


async def _others(work: Work, persons: str, key: str) -> bool:
    """Whether others keep the record of one of these persons, selected by a key."""
    binds = Binds()
    which = persons.format(binds.value(key, "text", str))
    sql = (
        f"SELECT t.id FROM person t WHERE t.id IN ({which})"
        f" AND NOT {own('t', binds.principal)} LIMIT 1"
    )
    return bool(await work.visible_rows(sql, binds))


@records.judges("post")
async def _check_moves(work: Work, drafts: list[drafts.Draft]) -> None:
    """Who owns a post in a group of others cannot seat itself beside somebody by changing it.

    Moved to another group, it takes nobody else's person along; who fills it, its group says.
    """
    for draft in drafts:
        row, path = draft.row, draft.path
        if "id" not in row:
            continue
        [[group, filler]] = await work.rows(
            "SELECT group_id::text, elected_by_id::text FROM post WHERE id = $1::uuid", row["id"]
        )
        if row.get("group_id", group) != group and await _others(
            work, "SELECT m.person_id FROM mandate m WHERE m.post_id = {}::uuid", row["id"]
        ):
            es = "En ese puesto figuran personas cuya ficha mantienen otros; se queda en su grupo."
            en = "The post names persons whose records others keep; it stays in its group."
            raise Rejected(problem("NOT_OWNER", (*path, "group"), es, en))
        if row.get("elected_by_id", filler) != filler and not await _keeps_group(work, group):
            es = "Quién llena un puesto lo dice su grupo."
            en = "Who fills a post is for its group to say."
            raise Rejected(problem("NOT_OWNER", (*path, "electedBy"), es, en))


async def _keeps_group(work: Work, key: str) -> bool:
    """Whether the caller serves a group, or keeps its record."""
    [[keeper]] = await work.rows("SELECT owner_id FROM working_group WHERE id = $1::uuid", key)
    return ownership.keeps(work, key) or ownership.keeps(work, keeper)


async def status(work: Work, key: str) -> str:
    """Where a mandate stands today."""
    [[found]] = await work.rows(
        "SELECT mandate_status(start_earliest, start_status, end_latest, end_status,"
        " (now() AT TIME ZONE 'UTC')::date) FROM mandate WHERE id = $1::uuid",
        key,
    )
    return found


def today() -> date:
    """The day in UTC, by which mandates begin and end."""
    return datetime.now(UTC).date()


def exactly(name: str, day: date) -> Row:
    """The columns of a date that is known."""
    return dated(name, {"date": day}, (name,))


def dated(name: str, value: Any, path: Path, noun: Entity = MANDATE) -> Row:
    """The columns of a date, as it was given."""
    spec = noun.specs()[name]
    assert isinstance(spec, Dated)
    return columns(spec, value, path)


def term(found: Seat, given: Given) -> Row:
    """The columns of start and end; the end as the term of the post has it, if it was left out."""
    row = dated("start", given.get("start"), ("start",))
    return row | (
        ending(found, row) if "end" not in given else dated("end", given["end"], ("end",))
    )


def ending(found: Seat, row: Row) -> Row:
    """The columns of an end one term after the start, as vague as that."""
    first, last = row.get("start_earliest"), row.get("start_latest")
    if not (found.term_months and first and last) or row["start_status"] == "TO_BE_CONFIRMED":
        return dated("end", None, ("end",))
    first, last = (after(date.fromisoformat(d), found.term_months) for d in (first, last))
    return between("end", first, last, row["start_status"])


def between(name: str, first: date, last: date, status: str = "EXACT") -> Row:
    """The columns of a date that is one of these days."""
    if first == last:
        return exactly(name, first) | {f"{name}_status": status}
    row = dated(name, {"edtf": f"{first}/{last}"}, (name,))
    return row | {f"{name}_status": "APPROXIMATE"}


def after(start: date, months: int) -> date:
    """The last day of so many months that begin on a day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


async def succeed(work: Work, found: Seat, key: str, row: Row, *, terms: bool = False) -> None:
    """End who came before on the day before a mandate starts.

    Those whose end is not known; with `terms` also those whose term would last longer. Who began
    nobody knows when was there when it was recorded: what came before that does not end it.
    """
    if row["start_earliest"] is None:
        return
    first, last = (
        date.fromisoformat(row[f"start_{p}"]) - timedelta(days=1) for p in ("earliest", "latest")
    )
    before = await work.rows(
        "SELECT id FROM mandate WHERE post_id = $1 AND id <> $2::uuid"
        " AND start_status IS DISTINCT FROM 'TO_BE_CONFIRMED'"
        " AND coalesce(start_earliest <= $3::text::date,"
        " $4::boolean OR (created_at AT TIME ZONE 'UTC')::date - 1 <= $3::text::date) AND CASE"
        " WHEN end_latest IS NULL THEN coalesce(end_status NOT IN ('UNDATED', 'SOURCE_LOST'), true)"
        " ELSE $4::boolean AND end_latest > $3::text::date END",
        found.id, key, first.isoformat(), terms,
    )  # fmt: skip
    end = between("end", first, last)
    await records.change(work, MANDATE, [{"id": str(m[0]), **end} for m in before])


async def label(work: Work, key: str) -> tuple[str, str]:
    """What a party is called, in Spanish and in English."""
    [row] = await work.rows(
        "SELECT json_build_array(coalesce(name_es, name_en), coalesce(name_en, name_es))::text"
        " FROM (SELECT id, name_es, name_en FROM actor"
        " UNION ALL SELECT id, name_es, name_en FROM working_group) p WHERE id = $1::uuid",
        key,
    )
    es, en = json.loads(row[0])
    return es, en


async def attach(
    work: Work, record: str, refs: Sequence[Given], role: DocumentRole, path: Path
) -> bool:
    """Link documents to a record; whether one was not linked yet."""
    keys = await work.find([((*path, n), "Document", ref) for n, ref in enumerate(refs)])
    made = await work.rows(
        "INSERT INTO record_document (record_id, document_id, role)"
        " SELECT $1::uuid, d, $3 FROM unnest($2::uuid[]) d ON CONFLICT DO NOTHING"
        " RETURNING document_id",
        record,
        keys,
        role.name,
    )
    return bool(made)
