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
        said: SQL of whether the record, whose id is `$1`, says so already; `$2` is the party.
        role: of the party, where a link says one.
        freely: roles in which anybody may be named.
    """

    path: Path
    party: str
    said: str
    role: str | None = None
    freely: tuple[str, ...] = ()


async def check(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Refuse parties that have not agreed to be named.

    Raises:
        Rejected: `CONSENT_NEEDED` for each.
    """
    if keeps(work, None):
        return
    found: list[tuple[Draft, Named]] = []
    for draft in drafts:
        for named in _named(noun, draft):
            if not await _speaks_for(work, named) and not await _is_said(work, draft, named):
                found.append((draft, named))
    if not found:
        return
    owners = [await _owner(work, noun, draft) for draft, _ in found]
    given = [
        {"n": n, "owner": owner, "party": named.party}
        for n, (owner, (_, named)) in enumerate(zip(owners, found, strict=True))
    ]
    joined = {row[0] for row in await work.rows(_MEMBERS, json.dumps(given))}
    wrong = [_problem(named) for n, (_, named) in enumerate(found) if n not in joined]
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
    named = Named(path, str(party), "")
    if keeper is None or keeps(work, None) or await _speaks_for(work, named):
        return
    given = [{"n": 0, "owner": str(group), "party": named.party}]
    if not await work.rows(_MEMBERS, json.dumps(given)):
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
                    said = f"SELECT 1 FROM {noun.name} WHERE (id, {spec.column}) = ($1, $2)"
                    yield Named((*draft.path, name), party, said)
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
            said = f"SELECT 1 FROM {spec.link} WHERE ({near.column}, {far.column}) = ($1, $2)"
            yield Named((*path, n), row[far.column], said, role, freely)


async def _speaks_for(work: Work, named: Named) -> bool:
    """Whether the caller acts for the party, or keeps its record."""
    if keeps(work, named.party):
        return True
    rows = await work.rows("SELECT owner_id FROM record WHERE id = $1", named.party)
    return bool(rows) and keeps(work, rows[0][0])


async def _is_said(work: Work, draft: Draft, named: Named) -> bool:
    """Whether the record says so already, in this role."""
    if "id" not in draft.row:
        return False
    said, more = named.said, [named.role] if named.role else []
    said += " AND role = $3" if named.role else ""
    return bool(await work.rows(said, draft.row["id"], named.party, *more))


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
