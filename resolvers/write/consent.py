"""Nobody says alone what another party is or does.

A field that names a party says so in a record that everybody reads. So it names

- a party that the caller acts for, also as its officer or delegate, or whose record it keeps;
- an active member of the group that keeps the record, or of one above it: it joined them;
- anybody, where the declaration has it named `freely`: as it is only asked or addressed, or has to
  confirm it itself (pledges), or because the record is no more than its owner's account of it
  (entries of the ledger, what came of a recommendation).

The registry names anybody. What is said already stays; a list that is given again may repeat it.
Memberships are written by both sides. Mandates and candidacies follow the body's own rules; in a
body whose record a partner keeps, they name as other fields do. Those of the registry's bodies are
found by their officers: most of their members are named nowhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from resolvers.write.drafts import Draft
from resolvers.write.ownership import keeps
from resolvers.write.work import Work
from schema.base import Entity, One, Through, links
from schema.inputs import written
from schema.rejection import Path, Problem, Rejected, problem

_PARTIES = {"Party", "Actor", "WorkingGroup"}
_MEMBERS = """
SELECT g.n FROM jsonb_to_recordset($1::text::jsonb) g(n int, owner uuid, party uuid)
WHERE EXISTS (
    SELECT FROM membership m WHERE m.party_id = g.party
        AND is_active(m.status, m.end_latest, m.end_status)
        AND has_begun(m.start_earliest, m.start_status, (now() AT TIME ZONE 'UTC')::date)
        AND (m.group_id = g.owner OR m.group_id IN (SELECT a.id FROM groups_above(g.owner) a)))"""


@dataclass(frozen=True)
class Named:
    """A party that a draft names.

    Args:
        kept: where that is kept: a table, and its columns of the record and of the party.
        role: of the party, where a link says one.
        freely: roles in which anybody may be named.
    """

    draft: Draft
    path: Path
    party: str
    kept: tuple[str, str, str]
    role: str | None = None
    freely: tuple[str, ...] = ()


async def check(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Refuse parties that have not agreed to be named.

    Raises:
        Rejected: `CONSENT_NEEDED` for each.
    """
    if keeps(work, None):
        return
    found = [named for draft in drafts for named in _named(noun, draft)]
    found = await _of_others(work, found)
    found = await _not_said(work, found)
    if not found:
        return
    owners = {id(n.draft): await _owner(work, noun, n.draft) for n in found}
    joined = await _joined(work, [(owners[id(n.draft)], n.party) for n in found])
    wrong = [_problem(named) for n, named in enumerate(found) if n not in joined]
    if wrong:
        raise Rejected(*wrong)


async def check_seated(
    work: Work, path: Path, group: UUID, keeper: UUID | None, party: UUID | str
) -> None:
    """Refuse who has not agreed to sit in a body that a partner keeps, or to stand for a seat.

    Args:
        group: that fills the seat; `keeper` keeps its record, where the registry does not.

    Raises:
        Rejected: `CONSENT_NEEDED`.
    """
    if keeper is None or keeps(work, None):
        return
    named = Named(Draft(path, {}), path, str(party), ("", "", ""))
    if await _of_others(work, [named]) and not await _joined(work, [(str(group), str(party))]):
        raise Rejected(_problem(named))


def _named(noun: Entity, draft: Draft) -> Iterator[Named]:
    """The parties that a draft names, but for those that may be named freely."""
    for name, spec in written(noun).items():
        match spec:
            case One(hint=hint, name=field, freely=False) if hint in _PARTIES and field not in (
                "owner",
                noun.within,
            ):
                if party := draft.row.get(spec.column):
                    kept = noun.name, "id", spec.column
                    yield Named(draft, (*draft.path, name), party, kept)
            case Through():
                yield from _linked(spec, draft, (*draft.path, name))
            case _:
                pass


def _linked(spec: Through, draft: Draft, path: Path) -> Iterator[Named]:
    near, far = links[spec.link].ends()
    if far.hint not in _PARTIES or far.freely is True:
        return
    freely = far.freely or ()
    for n, row in enumerate(draft.links.get(spec.link, [])):
        role = row.get("role")
        if role not in freely:
            kept = spec.link, near.column, far.column
            yield Named(draft, (*path, n), row[far.column], kept, role, freely)


async def _of_others(work: Work, found: list[Named]) -> list[Named]:
    """Those for whom the caller does not act, and whose records it does not keep."""
    found = [named for named in found if not keeps(work, named.party)]
    if not found:
        return []
    rows = await work.rows(
        "SELECT id::text, owner_id FROM record WHERE id = ANY ($1::uuid[])",
        [named.party for named in found],
    )
    mine = {row[0] for row in rows if keeps(work, row[1])}
    return [named for named in found if named.party not in mine]


async def _not_said(work: Work, found: list[Named]) -> list[Named]:
    """Those of whom the records do not say so already, in the same role."""
    said: set[tuple[str, str, str, str | None]] = set()
    records = [n.draft.row["id"] for n in found if "id" in n.draft.row]
    for kept, role in {(n.kept, n.role is not None) for n in found} if records else ():
        table, near, far = kept
        rows = await work.rows(
            f"SELECT {near}::text, {far}::text, {'role' if role else 'NULL'} FROM {table}"
            f" WHERE {near} = ANY ($1::uuid[])",
            records,
        )
        said |= {(f"{table}.{far}", *row) for row in rows}
    return [
        n for n in found
        if (f"{n.kept[0]}.{n.kept[2]}", n.draft.row.get("id"), n.party, n.role) not in said
    ]  # fmt: skip


async def _joined(work: Work, pairs: list[tuple[str | None, str]]) -> set[int]:
    """Which of these parties are active members of the group beside each, or of one above it."""
    given = [{"n": n, "owner": owner, "party": party} for n, (owner, party) in enumerate(pairs)]
    return {row[0] for row in await work.rows(_MEMBERS, json.dumps(given))}


async def _owner(work: Work, noun: Entity, draft: Draft) -> str | None:
    """Who keeps the record that a draft is of, or the one that it is a part of."""
    if "owner_id" in draft.row:
        return draft.row["owner_id"]
    key, table = draft.row.get("id"), noun.name
    if "owner" not in noun.fields:
        assert noun.within
        column = noun.specs()[noun.within].column
        if column in draft.row:
            key, table = draft.row[column], "record"
        else:
            [[key]] = await work.rows(f"SELECT {column} FROM {noun.name} WHERE id = $1", key)
            table = "record"
    rows = await work.rows(f"SELECT owner_id::text FROM {table} WHERE id = $1", key)
    return rows[0][0] if rows else None


def _problem(named: Named) -> Problem:
    es = (
        "Esto dice qué es o qué hace otra parte. Tiene que registrarlo ella, o delegárselo a usted "
        "con `delegate`; un grupo nombra a sus miembros; el registro, a cualquiera."
    )
    en = (
        "This says what another party is or does. That one has to record it itself, or delegate "
        "that to you with `delegate`; a group names its members; the registry names anybody."
    )
    if named.freely:
        roles = ", ".join(f"`{role}`" for role in named.freely)
        es, en = f"{es} Como {roles} puede nombrarla.", f"{en} As {roles} you may name it."
    return problem("CONSENT_NEEDED", named.path, es, en)
