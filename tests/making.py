"""Records that a test makes or changes, in the words of the seed files.

`make(connection, "mandate", "x", post="mirps-presidency", holder="actor:panama", start="2024")`
"""

import json
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from schema.base import Dated, Translated
from schema.nouns import entities
from seeds.load import HERE as FOLDER
from seeds.records import id_of, key_of, rows_of, split_reference

Connection = asyncpg.Connection


def _resolve(kind: str, reference: str) -> UUID:
    return id_of(*split_reference(kind, reference))


def _in_full(spec: Any, given: Any) -> Any:
    """A text alone is in Spanish, by people; a date alone is in EDTF, and exact."""
    match spec:
        case Translated() if isinstance(given, str):
            return {"es": given, "origin": {"es": "HUMAN"}}
        case Dated() if isinstance(given, str):
            return {"text": given, "edtf": given, "status": "EXACT"}
        case _:
            return given


async def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values()
    )


async def make(connection: Connection, noun: str, key: str, **fields: Any) -> UUID:
    """A new record; its id follows from its key."""
    specs = entities[noun].specs()
    record = {name: _in_full(specs[name], given) for name, given in fields.items()}
    record["slug" if "slug" in specs else "key"] = key
    made = rows_of(entities[noun], record, _resolve)
    await _insert(connection, noun, made.row)
    for table, row in made.links:
        await _insert(connection, table, row)
    return made.row["id"]


EMAIL, PHONE = "ana.reach@example.org", "+50761234567"


async def reachable(connection: Connection, key: str, **fields: Any) -> UUID:
    """A person who agreed to be shown, with a contact."""
    made = await make(connection, "person", key, **{"consented_on": "2024-01-01"} | fields)
    await change(connection, "person", key, contact_email=EMAIL, contact_phone=PHONE)
    return made


async def change(connection: Connection, noun: str, key: str, **columns: Any) -> None:
    """New values in columns of a record."""
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    await connection.execute(
        f"UPDATE {noun} SET {places} WHERE id = $1", id_of(noun, key), *columns.values()
    )


def by_id(noun: str, key: str) -> str:
    """The arguments by which a query finds the record of this key."""
    return f'(by: {{id: "{noun}_{id_of(noun, key)}"}})'


def keys_of(noun: str) -> dict[str, str]:
    """The keys of the seeded records of a noun, by the id that the API gives them."""
    text = (FOLDER / f"{noun}.json").read_text(encoding="utf-8")
    return {f"{noun}_{id_of(noun, key)}": key for key in map(key_of, json.loads(text)["records"])}
