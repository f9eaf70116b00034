"""Whoever writes a new record says whose it is: any party that it may write for."""

from dataclasses import replace
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from seeds.records import id_of
from tests.writing import UNHCR, write

CREATE = """mutation ($owner: PartyRef) { createDocument(input: {
    slug: "memo", kind: NOTE, title: {en: "Memo"}, owner: $owner}) {
        document { owner { id } } errors { code path } } }"""
MESA = {"workingGroup": {"slug": "mesa-2"}}


async def test_a_record_may_belong_to_any_party_that_one_writes_for(database: str):
    """A group that the acting party serves."""
    mesa = id_of("working_group", "mesa-2")
    serving = replace(UNHCR, owners=(*UNHCR.owners, mesa))
    answer: Any = await write(database, CREATE, {"owner": MESA}, serving)
    assert answer["data"]["createDocument"] == {
        "document": {"owner": {"id": f"working_group_{mesa}"}},
        "errors": [],
    }


async def test_a_record_belongs_to_nobody_else(database: str):
    """Nothing is written."""
    answer: Any = await write(database, CREATE, {"owner": MESA})
    assert answer["data"]["createDocument"] == {
        "document": None,
        "errors": [{"code": "NOT_OWNER", "path": ["input", "owner"]}],
    }
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SELECT count(*) FROM document WHERE slug = 'memo'") == 0
    finally:
        await connection.close()
