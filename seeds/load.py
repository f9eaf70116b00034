"""Loads the seed files, as often as one likes.

A record is written when its data differ from what it was last loaded from; a record that somebody
has changed since is theirs as long as its seed stays as it was. What names an actor that was merged
into another is loaded with the other; the seed of the one that is gone is passed over. All is one
transaction: a bad file leaves the database as it was.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Container, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.base import Entity, Through, links
from schema.nouns import entities, metadata
from seeds.records import Refused, Row, Rows, id_of, key_of, rows_of, split_reference

HERE = Path(__file__).parent
Progress = Callable[[str, int, int], None]
"""Called with the file's name, how many of its records are done, and how many it has."""


class SeedError(Exception):
    """A seed file cannot be loaded; the message names file, record and reason."""


def _quiet(_name: str, _done: int, _of: int) -> None: ...


def read(folder: Path) -> dict[str, list[Row]]:
    """The records of every noun that has a file, in the order of declaration.

    Raises:
        SeedError: a file is not JSON, or not a list of records.
    """
    found: dict[str, list[Row]] = {}
    for name in entities:
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        try:
            found[name] = json.loads(path.read_text("utf-8"))["records"]
            if not all(isinstance(record, dict) for record in found[name]):
                raise TypeError
        except (ValueError, KeyError, TypeError) as error:
            shape = '{"records": [{…}, …]}'
            raise SeedError(f"{path.name}: it is not {shape} in JSON: {error}") from None
    return found


def _keys(files: dict[str, list[Row]]) -> set[tuple[str, str]]:
    keys: set[tuple[str, str]] = set()
    for noun, records in files.items():
        for number, record in enumerate(records, 1):
            try:
                key = key_of(record)
            except Refused as reason:
                raise SeedError(f"{noun}.json, record {number}: {reason}.") from None
            if (noun, key) in keys:
                raise SeedError(f"{noun}.json, '{key}': there are two records of this key.")
            keys.add((noun, key))
    return keys


def _resolver(keys: set[tuple[str, str]], merged: dict[UUID, UUID]) -> Callable[[str, str], UUID]:
    def resolve(kind: str, reference: str) -> UUID:
        noun, key = split_reference(kind, reference)
        if (noun, key) not in keys:
            raise Refused(f"it refers to '{reference}', which is not in {noun}.json")
        found = id_of(noun, key)
        return merged.get(found, found)

    return resolve


def _digest(record: Row) -> str:
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()


async def load(
    connection: AsyncConnection, progress: Progress = _quiet, folder: Path = HERE
) -> int:
    """Load the seed files within the caller's transaction; how many records were written.

    Raises:
        SeedError: naming file, record and reason; roll back then.
    """
    files = read(folder)
    merged = {
        row.id: row.into_id for row in await connection.execute(select(metadata.tables["merged"]))
    }
    resolve = _resolver(_keys(files), merged)
    seeded = {
        row.record_id: row.digest
        for row in await connection.execute(select(metadata.tables["seed"]))
    }
    await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    await connection.execute(text("SELECT set_config('vinculo.verb', 'SEEDED', true)"))
    written: dict[str, list[Rows]] = {}
    for name, records in files.items():
        new = [r for r in records if seeded.get(id_of(name, key_of(r))) != _digest(r)]
        standing = [r for r in new if id_of(name, key_of(r)) not in merged]
        made = list(_convert(entities[name], standing, resolve))
        written[name] = await _without_joined(connection, entities[name], made, seeded, merged)
        kept = len(records) - len(new)
        progress(f"{name}.json", kept, len(records))
        async for done in _write_nouns(connection, entities[name], written[name]):
            progress(f"{name}.json", kept + done, len(records))
        progress(f"{name}.json", len(records), len(records))
        digests = [{"record_id": id_of(name, key_of(r)), "digest": _digest(r)} for r in new]
        await _upsert(connection, metadata.tables["seed"], ["record_id"], digests)
    for name, rows in written.items():
        await _write_rest(connection, name, rows)
    await _check(connection)
    return sum(map(len, written.values()))


async def _without_joined(
    connection: AsyncConnection,
    noun: Entity,
    made: list[Rows],
    seeded: Container[UUID],
    merged: dict[UUID, UUID],
) -> list[Rows]:
    """All but what went when actors were merged, such as one of two memberships in a group.

    What would link a record to itself now links it to nothing.
    """
    stays = set(merged.values())
    if not stays:
        return made
    table = noun.table
    query = select(table.c.id).where(table.c.id.in_([rows.row["id"] for rows in made]))
    there = set((await connection.execute(query)).scalars())
    found: list[Rows] = []
    for rows in made:
        key = rows.row["id"]
        if key in seeded and key not in there and stays & _uuids(rows.row):
            continue
        itself = [c for c, v in rows.row.items() if v == key and c != "id"]
        rows.row |= dict.fromkeys(itself if key in stays else ())
        found.append(rows)
    return found


def _uuids(row: Row) -> set[UUID]:
    return {value for value in row.values() if isinstance(value, UUID)}


def _convert(
    noun: Entity, records: list[Row], resolve: Callable[[str, str], UUID]
) -> Iterable[Rows]:
    for record in records:
        try:
            yield rows_of(noun, record, resolve)
        except Refused as reason:
            raise SeedError(f"{noun.name}.json, '{key_of(record)}': {reason}.") from None
        except (AttributeError, TypeError, KeyError) as error:
            raise SeedError(f"{noun.name}.json, '{key_of(record)}': malformed ({error}).") from None


async def _write_nouns(
    connection: AsyncConnection, noun: Entity, made: list[Rows]
) -> AsyncIterator[int]:
    for done, rows in enumerate(made, 1):
        try:
            await _upsert(connection, noun.table, ["id"], [rows.row])
            yield done
        except DBAPIError as error:
            raise SeedError(f"{noun.name}.json, '{rows.key}': {error.orig}.") from None


async def _write_rest(connection: AsyncConnection, name: str, made: list[Rows]) -> None:
    """Identifiers, links and citations: what a record no longer has goes."""
    ids = [rows.row["id"] for rows in made]
    tables = metadata.tables
    if not ids:
        return
    for table, column in _owned(entities[name]):
        await connection.execute(delete(tables[table]).where(tables[table].c[column].in_(ids)))
    for rows in made:
        try:
            for table, row in rows.links:
                await connection.execute(insert(tables[table]).values(row).on_conflict_do_nothing())
            for table, several in (("identifier", rows.identifiers), ("citation", rows.citations)):
                if several:
                    await connection.execute(insert(tables[table]), several)
        except DBAPIError as error:
            raise SeedError(f"{name}.json, '{rows.key}': {error.orig}.") from None


def _owned(noun: Entity) -> list[tuple[str, str]]:
    """The tables that hold what belongs to a record of the noun's file."""
    found = [("identifier", "record_id"), ("citation", "record_id")]
    for spec in noun.specs().values():
        if isinstance(spec, Through):
            near, _ = links[spec.link].sides(spec)
            if near is links[spec.link].ends()[0]:
                found.append((spec.link, near.column))
    return found


async def _upsert(
    connection: AsyncConnection, table: Table, key: list[str], rows: list[dict[str, Any]]
) -> None:
    if not rows:
        return
    statement = insert(table)
    changed = {c: statement.excluded[c] for c in rows[0] if c not in key}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changed), rows
    )


async def _check(connection: AsyncConnection) -> None:
    try:
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except DBAPIError as error:
        raise SeedError(f"The seed files contradict each other: {error.orig}.") from None
