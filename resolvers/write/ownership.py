"""Who may write which records, where new ones go, and who gives one away."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from auth.principal import REGISTRY
from auth.visibility import visible_noun, writable, writable_noun
from resolvers.read.binds import Binds
from resolvers.write.drafts import Draft
from resolvers.write.locks import conflict, gone, lock
from resolvers.write.work import Given, Work
from schema.base import Entity, camel
from schema.record import Visibility
from schema.rejection import Path, Problem, Rejected, problem
from schema.rows import Row

_PUBLIC = Visibility.PUBLIC.name


async def own(
    work: Work,
    noun: Entity,
    wanted: list[tuple[Path, UUID, int | None]],
    hidden: Callable[[Path], Problem] | None = None,
) -> None:
    """Lock records that the caller sees, so that they can be written.

    Keys never change, so others may refer to them meanwhile.

    Args:
        wanted: where each is named, its id, and the version that it must still have.
        hidden: what to say of one that the caller does not see; `NOT_FOUND` otherwise.

    Raises:
        Rejected: `NOT_OWNER`, `VERSION_CONFLICT`; `NOT_FOUND` where one has just gone.
    """
    binds = Binds()
    keys = binds.value([str(key) for _, key, _ in wanted], "uuid[]", list)
    version = "t.version" if "version" in noun.fields else "NULL"
    owner = "t.owner_id" if "owner" in noun.fields else "NULL::uuid"
    if "owner" not in noun.fields and noun.within:  # a part is of who owns the whole
        owner = f"(SELECT r.owner_id FROM record r WHERE r.id = t.{noun.within}_id)"
    seen = visible_noun(noun, "t", binds.principal) or "true"
    sql = (
        f"SELECT t.id, {version}, {writable_noun(noun, 't', binds.principal, work.scope)}, {seen},"
        f" {owner}"
        f" FROM {noun.name} t WHERE t.id = ANY ({keys}) ORDER BY t.id FOR NO KEY UPDATE"
    )
    found = {row[0]: row for row in await work.visible_rows(sql, binds)}
    problems: list[Problem] = []
    for path, key, expected in wanted:
        row = found.get(key)
        if row is None:
            problems.append(gone(path))
        elif not (row[2] or row[3]):
            problems.append((hidden or gone)(path))
        elif not row[2]:
            problems.append(_not_owner(path, noun))
        elif expected not in (None, row[1]):
            where = (*path[:-1], "ifVersion")
            problems.append(await conflict(work, noun, key, where, expected, row[1]))
    if problems:
        raise Rejected(*problems)
    work.acts_for(*(row[4] for row in found.values()))


async def kept(work: Work, noun: Entity, given: Given) -> dict[str, Any]:
    """The columns of the record that an input is about, locked, if the caller may write it.

    Raises:
        Rejected: `NOT_FOUND`, `NOT_OWNER`, `VERSION_CONFLICT`.
    """
    path = (camel(noun.name),)
    row = await lock(work, noun, path, given[path[0]])
    await own(work, noun, [(path, UUID(row["id"]), given.get("ifVersion"))])
    return row


def keeps(work: Work, owner: Any) -> bool:
    """Whether the caller may write what this party owns; what nobody owns is the registry's."""
    return str(owner or REGISTRY) in map(str, work.keeping)


async def place(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Check that the caller may write where new records go, and give them their owner.

    A part goes where its whole is written; the rest belongs to the party that the caller acts for,
    or to another that it may write for, said in `owner`. Whatever scopes it holds, only an `owner`
    that is null makes a record of the registry; but reference data, which nobody else writes.
    """
    if noun.within:
        await _place_within(work, noun, drafts)
    if "owner" not in noun.fields:
        return
    principal = work.principal
    nobody = None if noun.scope == "registry:write" else str(principal.party)
    for draft in drafts:
        draft.row.setdefault("owner_id", nobody)
        if draft.row["owner_id"] is None and "registry:write" not in principal.scopes:
            draft.row["owner_id"] = str(principal.party)
    await _check_owners(work, noun, drafts)


def check_seen(noun: Entity, rows: list[Row], paths: list[Path] | None = None) -> None:
    """Refuse what would belong to nobody and be hidden: nobody could ever read or change it.

    Args:
        paths: where the rows were given.

    Raises:
        Rejected: `INVALID`, at `visibility`.
    """
    if noun.public or not {"owner", "visibility"} <= noun.fields.keys():
        return
    lost = [
        (*path, "visibility")
        for row, path in zip(rows, paths or [()] * len(rows), strict=True)
        if row.get("owner_id") is None and row.get("visibility", _PUBLIC) != _PUBLIC
    ]
    if lost:
        raise Rejected(*map(_lost, lost))


async def check_moves(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Check that the caller may write where records go that get another whole or owner.

    Who holds a post of a group is its officer: one's own post must not come to be of others.
    """
    if noun.within:
        column = noun.specs()[noun.within].column
        keys = [draft.row["id"] for draft in drafts if column in draft.row]
        rows = await work.rows(
            f"SELECT t.id, t.{column} FROM {noun.name} t WHERE t.id = ANY ($1::uuid[])", keys
        )
        whole = {str(row[0]): str(row[1]) for row in rows}
        moved = [d for d in drafts if d.row["id"] in whole and d.row[column] != whole[d.row["id"]]]
        allowed = await _wholes(work, noun, moved)
        before = await _owners_of(work, whole.values())
        mine = set(work.principal.owners) - {work.principal.party}
        wrong = [
            d
            for d, old, new in (
                (d, before[whole[d.row["id"]]], allowed[d.row[column]]) for d in moved
            )
            if old != new and not _gives(work, old) and not {old, new} <= mine
        ]
        if wrong:
            raise Rejected(*(_not_given((*d.path, camel(noun.within))) for d in wrong))
    if given := [draft for draft in drafts if "owner_id" in draft.row]:
        await _check_given(work, noun, given)


async def _owners_of(work: Work, keys: Iterable[str]) -> dict[str, UUID | None]:
    rows = await work.rows(
        "SELECT t.id, t.owner_id FROM record t WHERE t.id = ANY ($1::uuid[])", list(keys)
    )
    return {str(row[0]): row[1] for row in rows}


async def _place_within(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    assert noun.within
    column = noun.specs()[noun.within].column
    allowed = await _wholes(work, noun, drafts)
    if "owner" in noun.fields:
        for draft in drafts:
            owner = allowed[draft.row[column]]
            draft.row.setdefault("owner_id", str(owner) if owner else None)


async def _wholes(work: Work, noun: Entity, drafts: list[Draft]) -> dict[str, UUID | None]:
    """The wholes that drafts are to be parts of, all writable, with their owners."""
    assert noun.within
    spec = noun.specs()[noun.within]
    binds = Binds()
    keys = binds.value([draft.row[spec.column] for draft in drafts], "uuid[]", list)
    sql = (
        f"SELECT t.id, t.owner_id FROM record t WHERE t.id = ANY ({keys})"
        f" AND {writable('t', binds.principal, work.scope)}"
    )
    allowed = {str(row[0]): row[1] for row in await work.visible_rows(sql, binds)}
    wrong = [d for d in drafts if d.row[spec.column] not in allowed]
    if wrong:
        raise Rejected(*(_not_owner((*d.path, camel(spec.name)), None) for d in wrong))
    work.acts_for(*allowed.values())
    return allowed


async def _check_owners(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    principal = work.principal
    mine = {str(p) for p in principal.keeping(noun.name, work.scope)}
    for draft in drafts:
        owner = draft.row.get("owner_id")
        if owner not in mine and not (owner is None and "registry:write" in principal.scopes):
            raise Rejected(_not_owner((*draft.path, "owner"), None))
    work.acts_for(*(draft.row.get("owner_id") for draft in drafts))


async def _check_given(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Check that records get another owner by nobody but who may give them away."""
    rows = await work.rows(
        f"SELECT t.id, t.owner_id FROM {noun.name} t WHERE t.id = ANY ($1::uuid[])",
        [draft.row["id"] for draft in drafts],
    )
    before = {str(row[0]): row[1] for row in rows}
    given = [d for d in drafts if d.row["owner_id"] != _text(before[d.row["id"]])]
    wrong = [d for d in given if not _gives(work, before[d.row["id"]])]
    if wrong:
        raise Rejected(*(_not_given((*d.path, "owner")) for d in wrong))
    if "registry:write" in work.principal.scopes:
        work.acts_for(*(d.row["owner_id"] for d in given))
    else:
        await _check_owners(work, noun, given)


def _gives(work: Work, owner: UUID | None) -> bool:
    """Whether the caller may make another's what is this one's.

    Who keeps it for the owner, as delegate or officer, would have it for good. The registry gives
    away what nobody owns, and what a group owns in which nobody but it serves.
    """
    principal = work.principal
    if "registry:write" in principal.scopes:
        return (owner or REGISTRY) in principal.owners
    return owner is not None and owner == principal.party


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None


def _lost(path: Path) -> Problem:
    return problem(
        "INVALID",
        path,
        "Lo que no es de nadie lo ve todo el mundo, o no lo vería nadie: dé un `owner`, o deje "
        "`visibility` en `PUBLIC`.",
        "What belongs to nobody is seen by everybody, or nobody would see it: give an `owner`, or "
        "leave `visibility` at `PUBLIC`.",
    )


def _not_owner(path: Path, noun: Entity | None) -> Problem:
    return problem(
        "NOT_OWNER",
        path,
        "Solo lo cambia quien lo tiene a su cargo: su dueño, quien tiene un cargo en el grupo al "
        "que pertenece, o en quien su dueño ha delegado.",
        "Only who keeps it can change it: its owner, an officer of the group that owns it, or whom "
        "its owner has delegated it to.",
    )


def _not_given(path: Path) -> Problem:
    return problem(
        "NOT_OWNER",
        path,
        "Que pase a ser de otro lo decide solo su dueño; de lo que no tiene dueño, el registro.",
        "Only its owner decides that it becomes another's; of what has no owner, the registry.",
    )
