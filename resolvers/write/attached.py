"""Links and identifiers of records: a list that is given replaces what was there."""

import json
from collections import defaultdict
from uuid import UUID

from resolvers.write.drafts import Draft
from resolvers.write.work import Work
from schema.base import Entity, links, spec_of
from schema.rejection import Rejected, taken_identifier
from schema.rows import Row


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


async def touch(work: Work, noun: Entity, keys: set[UUID]) -> None:
    """Count a version where only links changed."""
    if keys and "version" in noun.fields:
        await work.rows(
            f"UPDATE {noun.name} SET updated_at = now() WHERE id = ANY ($1::uuid[])", list(keys)
        )


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
    for names, some in by_columns(rows).items():
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


def by_columns(rows: list[Row]) -> dict[tuple[str, ...], list[Row]]:
    """The rows in groups that have the same columns, so that defaults serve for the others."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(sorted(row))].append(row)
    return found
