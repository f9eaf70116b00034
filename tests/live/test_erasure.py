"""A person is erased: nothing of them stays, what they did for a party does."""

from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from seeds.records import id_of
from tests.writing import IOM, write

ERASE = """mutation ($input: ErasePersonInput!) { erasePerson(input: $input) {
    outcome errors { code path } } }"""
PERSON = {"input": {"person": {"id": f"person_{id_of('person', 'somebody')}"}}}


@pytest.fixture
async def connection(database: str) -> Any:
    """With an invented person in a mandate."""
    made = await asyncpg.connect(database)
    await made.execute(
        "INSERT INTO person (id, name, owner_id, visibility) VALUES ($1, $2, $3, 'DRAFT')",
        id_of("person", "somebody"),
        "Persona Inventada",
        id_of("actor", "unhcr"),
    )
    await made.execute("UPDATE mandate SET person_id = $1", id_of("person", "somebody"))
    await made.execute(
        "INSERT INTO override (record_id, rule, verb, reason)"
        " SELECT id, 'TERM', 'recordMandate', 'Persona Inventada asked for it' FROM mandate LIMIT 1"
    )
    yield made
    await made.close()


async def everywhere(connection: Any, words: str) -> list[str]:
    """The tables that hold these words."""
    tables = await connection.fetch(
        "SELECT quote_ident(table_name) AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    found = [
        row["name"]
        for row in tables
        if await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {row['name']} t WHERE t::text ILIKE '%' || $1 || '%')",
            words,
        )
    ]
    return sorted(found)


async def test_nothing_of_a_person_stays(connection: Any, database: str):
    """In no table; the mandates are as they were, without the person."""
    assert "person" in await everywhere(connection, "Persona Inventada")
    assert "override" in await everywhere(connection, "Persona Inventada")
    mandates = await connection.fetchval("SELECT count(*) FROM mandate")
    answer = await write(database, ERASE, PERSON)
    assert answer["data"]["erasePerson"] == {"outcome": "RETIRED", "errors": []}
    assert await everywhere(connection, "Persona Inventada") == []
    assert await everywhere(connection, str(id_of("person", "somebody"))) in ([], ["change"])
    assert await connection.fetchval("SELECT count(*) FROM mandate") == mandates
    assert await connection.fetchval("SELECT rule FROM override") == "TERM"


async def test_notes_that_name_a_person_go(connection: Any, database: str):
    """The whole name wherever it stands, a part of it beside what they held; others stay."""
    noted = """INSERT INTO citation (record_id, document_id, confidence, locator, note_en,
        note_en_origin) SELECT $1, id, 'HIGH', $2, $3, 'HUMAN' FROM document ORDER BY id LIMIT 1"""
    held = await connection.fetchval("SELECT id FROM mandate ORDER BY id LIMIT 1")
    other = id_of("actor", "iom")
    for key, locator, note in (
        (held, "held", "The source calls her Sra. inventada."),
        (other, "whole", "Signed by PERSONA INVENTADA, in May."),
        (other, "part", "An invented persona is no one."),
        (held, "silent", "The year is a misprint."),
    ):
        await connection.execute(noted, key, locator, note)
    await write(database, ERASE, PERSON)
    rows = await connection.fetch(
        "SELECT locator, note_en FROM citation WHERE locator = ANY ($1) ORDER BY locator",
        ["held", "whole", "part", "silent"],
    )
    assert [tuple(row) for row in rows] == [
        ("held", None),
        ("part", "An invented persona is no one."),
        ("silent", "The year is a misprint."),
        ("whole", None),
    ]
    assert await everywhere(connection, "PERSONA INVENTADA") == []


async def test_only_who_keeps_them_erases_them(connection: Any, database: str):
    """To others they are not there."""
    answer = await write(database, ERASE, PERSON, IOM)
    assert answer["data"]["erasePerson"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "person"]}
    ]
    assert "person" in await everywhere(connection, "Persona Inventada")
