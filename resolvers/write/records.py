"""Records written as their declarations say, one or many in the same few statements.

Each step serves all records of a call: references are found, owners checked, rows written from JSON
by column, links and identifiers replaced. An update writes only what was given, and only where it
differs.
"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from auth.principal import REGISTRY
from auth.visibility import visible_noun, writable, writable_noun
from resolvers.read.binds import Binds
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
from schema.inputs import is_required, written
from schema.rejection import (
    Outcome,
    Path,
    Problem,
    Rejected,
    no_text,
    problem,
    taken_identifier,
)
from schema.rows import Row, columns, says


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


async def _judge(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    if drafts and noun.name in JUDGES:
        await JUDGES[noun.name](work, drafts)


async def create(work: Work, noun: Entity, given: list[tuple[Path, Given]]) -> list[UUID]:
    """Write new records, where the caller may.

    Raises:
        Rejected: one of them cannot be written; none is, then.
    """
    drafts = await drafts_of(work, noun, given)
    _require(noun, given)
    await _place(work, noun, drafts)
    await _judge(work, noun, drafts)
    keys = await insert(work, noun, [draft.row for draft in drafts])
    await attach(work, noun, drafts)
    return keys


async def insert(work: Work, noun: Entity, rows: list[Row]) -> list[UUID]:
    """Put new rows into a noun's table, unless they say it with ids of their own; their ids."""
    ids = await work.rows("SELECT uuidv7() FROM generate_series(1, $1::int)", len(rows))
    for row, [key] in zip(rows, ids, strict=True):
        row.setdefault("id", str(key))
    for names, some in _by_columns(rows).items():
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
    changed = await change(work, noun, [draft.row for draft in drafts])
    await touch(work, noun, attached - changed)
    changed |= attached
    return [Outcome.UPDATED if key in changed else Outcome.UNCHANGED for _, key, _ in given]


async def change(work: Work, noun: Entity, rows: list[Row]) -> set[UUID]:
    """Set columns of rows that are there, each by its `id`; those that differed before."""
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
    return {row[0] for row in found}


async def retire(work: Work, noun: Entity, keys: list[UUID]) -> None:
    """Remove records that the caller may write (see `own`)."""
    await work.rows(f"DELETE FROM {noun.name} WHERE id = ANY ($1::uuid[])", keys)


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
            problems.append(_gone(path))
        elif not (row[2] or row[3]):
            problems.append((hidden or _gone)(path))
        elif not row[2]:
            problems.append(_not_owner(path, noun))
        elif expected not in (None, row[1]):
            where = (*path[:-1], "ifVersion")
            problems.append(await _conflict(work, noun, key, where, expected, row[1]))
    if problems:
        raise Rejected(*problems)
    work.acts_for(*(row[4] for row in found.values()))


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
        raise Rejected(_gone(path))
    await check_version(work, noun, row, {"ifVersion": version})
    return row


async def columns_of(work: Work, noun: Entity, key: UUID) -> dict[str, Any]:
    """The columns of a record, locked until the write is done; none if it is gone."""
    rows = await work.rows(
        f"SELECT to_jsonb(t)::text FROM {noun.name} t WHERE t.id = $1 FOR NO KEY UPDATE", key
    )
    return json.loads(rows[0][0], parse_float=str) if rows else {}


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


async def check_version(work: Work, noun: Entity, row: Row, given: Given) -> None:
    """Refuse where a locked record is no longer of the version that the input expects.

    Raises:
        Rejected: `VERSION_CONFLICT`.
    """
    expected = given.get("ifVersion")
    if expected not in (None, row["version"]):
        key, path = UUID(row["id"]), ("ifVersion",)
        raise Rejected(await _conflict(work, noun, key, path, expected, row["version"]))


def keeps(work: Work, owner: Any) -> bool:
    """Whether the caller may write what this party owns; what nobody owns is the registry's."""
    return str(owner or REGISTRY) in map(str, work.keeping)


async def kept(work: Work, noun: Entity, given: Given) -> dict[str, Any]:
    """The columns of the record that an input is about, locked, if the caller may write it.

    Raises:
        Rejected: `NOT_FOUND`, `NOT_OWNER`, `VERSION_CONFLICT`.
    """
    path = (camel(noun.name),)
    row = await lock(work, noun, path, given[path[0]])
    await own(work, noun, [(path, UUID(row["id"]), given.get("ifVersion"))])
    return row


def _require(noun: Entity, given: list[tuple[Path, Given]]) -> None:
    """Refuse new records that lack something; mutations of single ones have it in their types."""
    needed = {name: spec for name, spec in written(noun).items() if is_required(spec)}
    problems = [
        no_text((*path, n)) if n in fields and fields[n] is not None else _empty((*path, n))
        for path, fields in given
        for n, spec in needed.items()
        if fields.get(n) is None or (isinstance(spec, Translated) and not says(fields[n]))
    ]
    if problems:
        raise Rejected(*problems)


def _by_columns(rows: list[Row]) -> dict[tuple[str, ...], list[Row]]:
    """The rows in groups that have the same columns, so that defaults serve for the others."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(sorted(row))].append(row)
    return found


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


def _field(draft: Draft, spec: Any, path: Path, value: Any) -> list[tuple[Row, str, Reference]]:
    """Put a field into the draft; the references to be found for it."""
    match spec:
        case Column() | Translated() | Dated() | Contact():
            draft.row |= columns(spec, value, path)
            return []
        case One():
            if value is None:
                if spec.required or not spec.optional:
                    raise Rejected(_empty(path))
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


async def _place(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Check that the caller may write where new records go, and give them their owner.

    A part goes where its whole is written; the rest belongs to the party that the caller acts for,
    or to another that it may write for, said in `owner`.
    """
    if noun.within:
        await _place_within(work, noun, drafts)
    if "owner" not in noun.fields:
        return
    principal = work.principal
    for draft in drafts:
        if draft.row.get("owner_id") is None and "registry:write" not in principal.scopes:
            draft.row["owner_id"] = str(principal.party)
    await _check_owners(work, noun, drafts)


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


async def attach(work: Work, noun: Entity, drafts: list[Draft]) -> set[UUID]:
    """Replace links and identifiers where they were given; the records that changed by it."""
    changed: set[UUID] = set()
    for name in {name for draft in drafts for name in draft.links}:
        some = [d for d in drafts if name in d.links]
        changed |= await _replace_links(work, name, some)
    some = [d for d in drafts if d.identifiers is not None]
    if some:
        await _check_taken(work, noun, some)
        changed |= await _replace_identifiers(work, noun, some)
    return changed


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


async def _check_taken(work: Work, noun: Entity, drafts: list[Draft]) -> None:
    """Refuse identifiers of other records; of two that come at once, the database refuses one."""
    given = [
        {"at": at, "n": n, "record_id": draft.row["id"], **row}
        for at, draft in enumerate(drafts)
        for n, row in enumerate(draft.identifiers or [])
    ]
    found = await work.rows(
        "SELECT g.at, g.n FROM jsonb_to_recordset($1::text::jsonb)"
        " g(at int, n int, record_id uuid, scheme text, value text) JOIN identifier i"
        " ON (i.noun, i.scheme, i.value) = ($2, g.scheme, g.value) AND i.record_id <> g.record_id"
        " ORDER BY g.at, g.n",
        json.dumps(given),
        noun.name,
    )
    if found:
        names = [(drafts[at].path, n, (drafts[at].identifiers or [])[n]) for at, n in found]
        raise Rejected(*(taken_identifier((*p, "identifiers", n), **i) for p, n, i in names))


async def _replace_links(work: Work, name: str, drafts: list[Draft]) -> set[UUID]:
    near, far = (end.column for end in links[name].ends())
    said = [s.name for s in map(spec_of, links[name].edge_fields().values())]
    rows = [{near: d.row["id"], **row} for d in drafts for row in d.links[name]]
    keys = [d.row["id"] for d in drafts]
    gone = await work.rows(
        f"DELETE FROM {name} l WHERE l.{near} = ANY ($1::uuid[]) AND NOT EXISTS ("
        f"SELECT FROM jsonb_populate_recordset(NULL::{name}, $2::text::jsonb) n"
        f" WHERE n.{near} = l.{near} AND n.{far} = l.{far}) RETURNING l.{near}",
        keys,
        json.dumps(rows),
    )
    changed = {row[0] for row in gone}
    for names, some in _by_columns(rows).items():
        given = [n for n in names if n in said]
        sets = ", ".join(f"{n} = EXCLUDED.{n}" for n in given)
        differs = " OR ".join(f"l.{n} IS DISTINCT FROM EXCLUDED.{n}" for n in given)
        what = f"UPDATE SET {sets} WHERE {differs}" if given else "NOTHING"
        listed = ", ".join(names)
        put = await work.rows(
            f"INSERT INTO {name} AS l ({listed}) SELECT {listed}"
            f" FROM jsonb_populate_recordset(NULL::{name}, $1::text::jsonb)"
            f" ON CONFLICT ({near}, {far}) DO {what} RETURNING {near}",
            json.dumps(some),
        )
        changed |= {row[0] for row in put}
    return changed


async def _replace_identifiers(work: Work, noun: Entity, drafts: list[Draft]) -> set[UUID]:
    rows = [
        {"record_id": d.row["id"], "noun": noun.name, **given}
        for d in drafts
        for given in d.identifiers or []
    ]
    gone = await work.rows(
        "DELETE FROM identifier i WHERE i.record_id = ANY ($1::uuid[]) AND NOT EXISTS ("
        "SELECT FROM jsonb_populate_recordset(NULL::identifier, $2::text::jsonb) n"
        " WHERE (n.record_id, n.scheme, n.value) = (i.record_id, i.scheme, i.value))"
        " RETURNING i.record_id",
        [d.row["id"] for d in drafts],
        json.dumps(rows),
    )
    put = await work.rows(
        "INSERT INTO identifier (record_id, noun, scheme, value)"
        " SELECT record_id, noun, scheme, value"
        " FROM jsonb_populate_recordset(NULL::identifier, $1::text::jsonb)"
        " ON CONFLICT (record_id, scheme, value) DO NOTHING RETURNING record_id",
        json.dumps(rows),
    )
    return {row[0] for row in [*gone, *put]}


async def links_differ(work: Work, draft: Draft) -> bool:
    """Whether the links that a draft gives are others than the record, named in its row, has."""
    for name, rows in draft.links.items():
        near, far = (end.column for end in links[name].ends())
        listed = ", ".join([far, *links[name].written_fields()])
        kept = f"SELECT {listed} FROM {name} WHERE {near} = $1::uuid"
        given = f"SELECT {listed} FROM jsonb_populate_recordset(NULL::{name}, $2::text::jsonb)"
        found = await work.rows(
            f"({kept} EXCEPT {given}) UNION ALL ({given} EXCEPT {kept})",
            draft.row["id"],
            json.dumps(rows),
        )
        if found:
            return True
    return False


async def touch(work: Work, noun: Entity, keys: set[UUID]) -> None:
    """Count a version where only links changed."""
    if keys and "version" in noun.fields:
        await work.rows(
            f"UPDATE {noun.name} SET updated_at = now() WHERE id = ANY ($1::uuid[])", list(keys)
        )


def _empty(path: Path) -> Problem:
    name = path[-1]
    return problem(
        "REQUIRED", path, f"`{name}` no puede quedar vacío.", f"`{name}` cannot be left empty."
    )


def _twice(path: Path) -> Problem:
    return problem("INVALID", path, "Ese ya está en la lista.", "The list has that one already.")


def _gone(path: Path) -> Problem:
    return problem("NOT_FOUND", path, "Ese registro ya no está.", "That record is no longer there.")


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


async def _conflict(
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
