"""Seeds load as often as one likes, and bad files change nothing."""

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import preparation
from seeds.load import HERE, SeedError, load
from seeds.records import id_of
from tests.writing import acting, write


@pytest.fixture
async def transaction(database: str) -> AsyncGenerator[AsyncConnection]:
    """A connection for writes, on a database of the test's own."""
    async with preparation.connected(database) as connection:
        yield connection


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the seed files to spoil."""
    for path in HERE.glob("*.json"):
        shutil.copy(path, tmp_path)
    return tmp_path


def change(folder: Path, noun: str, number: int, /, **fields: Any) -> None:
    """Set fields of one record of a seed file; `None` removes one."""
    path = folder / f"{noun}.json"
    content = json.loads(path.read_text("utf-8"))
    content["records"][number] |= fields
    content["records"][number] = {
        k: v for k, v in content["records"][number].items() if v is not None
    }
    path.write_text(json.dumps(content), "utf-8")


async def value(connection: AsyncConnection, query: str) -> Any:
    """The first column of the first row."""
    return (await connection.execute(text(query))).scalar()


async def test_loading_again_writes_nothing(transaction: AsyncConnection):
    """The seeds are in already."""
    assert await load(transaction) == 0


async def test_a_changed_record_is_written_and_counted_as_a_new_version(
    transaction: AsyncConnection, files: Path
):
    """Only that one."""
    change(files, "country", 0, m49="999")
    assert await load(transaction, folder=files) == 1
    assert await value(transaction, "SELECT version FROM country WHERE m49 = '999'") == 2


async def test_what_somebody_changed_is_theirs_as_long_as_its_seed_stays(
    transaction: AsyncConnection,
):
    """A restart does not undo a partner's work."""
    await transaction.execute(
        text("UPDATE actor SET website = 'https://a.example' WHERE slug = 'oas'")
    )
    await load(transaction)
    query = "SELECT website FROM actor WHERE slug = 'oas'"
    assert await value(transaction, query) == "https://a.example"


async def test_progress_counts_every_record_of_every_file(transaction: AsyncConnection):
    """What a person watches ends at the end."""
    last: dict[str, tuple[int, int]] = {}
    await load(transaction, lambda name, done, of: last.update({name: (done, of)}))
    assert last["actor.json"] == (44, 44)
    assert last["working_group.json"] == (34, 34)


@pytest.mark.parametrize(
    ("noun", "fields", "reason"),
    [
        (
            "actor",
            {"type": "KINGDOM"},
            r"actor\.json, '[a-z-]+': `type` is 'KINGDOM' and can be STATE",
        ),
        ("actor", {"nickname": "x"}, r"actor\.json, '[a-z-]+': `nickname` is not a field of Actor"),
        ("actor", {"name": None}, r"actor\.json, '[a-z-]+': `name` is missing"),
        ("actor", {"country": "atlantis"}, r"refers to 'atlantis', which is not in country\.json"),
        ("objective", {"number": "8"}, r"`number` is '8', which is no int"),
        (
            "membership",
            {"start": {"edtf": "soon", "status": "EXACT"}},
            r"'soon' is not a date in EDTF",
        ),
        (
            "membership",
            {"start": {"edtf": "2023?", "status": "EXACT"}},
            r"`start` is '2023\?', which is not exact",
        ),
        ("country", {"alpha2": "pan"}, r"country\.json, '[a-z-]+': .*country_alpha2_check"),
        ("country", {"slug": None}, r"country\.json, record 1: it has neither `slug` nor `key`"),
    ],
)
async def test_a_bad_file_is_refused_with_file_record_and_reason(
    database: str, files: Path, noun: str, fields: dict[str, Any], reason: str
):
    """And changes nothing."""
    change(files, "framework", 0, url="https://changed.example")
    change(files, noun, 0, **fields)
    with pytest.raises(SeedError, match=reason):
        async with preparation.connected(database) as connection:
            await load(connection, folder=files)
    async with preparation.connected(database) as connection:
        query = "SELECT count(*) FROM framework WHERE url = 'https://changed.example'"
        assert await value(connection, query) == 0


async def test_a_file_that_is_not_json_is_refused_by_name(
    transaction: AsyncConnection, files: Path
):
    """Before anything is written."""
    (files / "actor.json").write_text("[{]", "utf-8")
    with pytest.raises(SeedError, match=r"actor\.json: it is not .* in JSON"):
        await load(transaction, folder=files)


async def test_two_records_of_one_key_are_refused(transaction: AsyncConnection, files: Path):
    """The second would overwrite the first."""
    path = files / "country.json"
    content = json.loads(path.read_text("utf-8"))
    content["records"].append(content["records"][0])
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(SeedError, match=r"country\.json, '[a-z-]+': there are two records"):
        await load(transaction, folder=files)


# ── After actors were merged ──────────────────────────────────────────────────────────────────────

MERGE = """mutation ($input: MergeActorsInput!) { mergeActors(input: $input) {
    outcome errors { code } } }"""


async def merge(database: str, one: str, into: str) -> None:
    """As the registry does it."""
    given = {"input": {"actor": {"slug": one}, "into": {"slug": into}}}
    registry = acting(id_of("actor", "unhcr"), "registry:write")
    answer = await write(database, MERGE, given, registry)
    assert answer["data"]["mergeActors"] == {"outcome": "UPDATED", "errors": []}


def edit(folder: Path, noun: str, word: str, **fields: Any) -> int:
    """Set fields of the records of a seed file in which a word stands; how many they are."""
    path = folder / f"{noun}.json"
    content = json.loads(path.read_text("utf-8"))
    found = [r for r in content["records"] if f'"{word}"' in json.dumps(r)]
    for record in found:
        record |= fields
    path.write_text(json.dumps(content), "utf-8")
    return len(found)


async def test_an_edited_seed_that_names_a_merged_actor_is_loaded_with_the_other(
    database: str, files: Path
):
    """The one that is gone does not come back, nor does what went with it."""
    await merge(database, "eclac", "iom")
    note = {"es": "Editado", "origin": {"es": "HUMAN"}}
    edit(files, "actor", "eclac", website="https://edited.example")
    assert edit(files, "membership", "actor:eclac", role=note) == 2
    async with preparation.connected(database) as connection:
        before = await value(connection, "SELECT count(*) FROM membership")
        await load(connection, folder=files)
        assert await value(connection, "SELECT count(*) FROM membership") == before
        assert await value(connection, "SELECT count(*) FROM actor WHERE slug = 'eclac'") == 0
        assert await load(connection, folder=files) == 0


async def test_a_new_seed_that_names_a_merged_actor_is_loaded_with_the_other(
    database: str, files: Path
):
    """As an id does that a partner kept."""
    await merge(database, "eclac", "iom")
    path = files / "membership.json"
    content = json.loads(path.read_text("utf-8"))
    content["records"].append(
        {"key": "new", "group": "mesa-2", "party": "actor:eclac", "status": "ENDED"}
    )
    path.write_text(json.dumps(content), "utf-8")
    async with preparation.connected(database) as connection:
        assert await load(connection, folder=files) == 1
        party = await value(
            connection, f"SELECT party_id FROM membership WHERE id = '{id_of('membership', 'new')}'"
        )
    assert party == id_of("actor", "iom")


async def test_a_part_into_which_its_whole_was_merged_is_part_of_nothing(
    database: str, files: Path
):
    """Its seed still names the whole."""
    await merge(database, "oas", "oas-migration-affairs")
    assert edit(files, "actor", "oas-migration-affairs", website="https://edited.example")
    async with preparation.connected(database) as connection:
        await load(connection, folder=files)
        query = "SELECT parent_id, website FROM actor WHERE slug = 'oas-migration-affairs'"
        [row] = await connection.execute(text(query))
    assert tuple(row) == (None, "https://edited.example")
