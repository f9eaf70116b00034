"""A field of a noun is one line of its declaration: the migration is written, the rest follows."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
BEFORE = '    theme: str | None = translated("What it is about, in a few words.")\n'
LINES = """
    nickname: str | None = translated("What people call it.")
    coined: FuzzyDate | None = dated("Since when.")
"""
CODE = """
import asyncio, json, sys
from api import preparation
from auth.scopes import SCOPES
from tests.writing import acting, id_of, write

WHO = acting(id_of("actor", "unhcr"), *SCOPES)
SAID = "{ outcome plan { nickname nicknames { language text } coined { edtf } }" \\
    " changes { fields { name before after } } }"
CREATE = "mutation ($i: CreatePlanInput!) { createPlan(input: $i) " + SAID + "}"
UPDATE = "mutation ($i: UpdatePlanInput!) { updatePlan(input: $i) " + SAID + "}"
UPSERT = "mutation ($i: UpsertPlansInput!) { upsertPlans(input: $i) {" \\
    " outcomes plans { nicknames { language text } } } }"


async def revise(url):
    async with preparation.connected(url) as connection:
        await connection.run_sync(preparation.revise, "nickname")
    await preparation.migrate(url)


async def main(url):
    await revise(url)

    async def do(query, **given):
        answer = await write(url, query, {"i": given}, WHO)
        return next(iter(answer["data"].values()))

    identifier = {"scheme": "test", "value": "huddle"}
    plan = {"identifier": identifier}
    both = {"en": "the huddle", "es": "el corro"}
    new = {"slug": "huddle", "title": {"en": "Huddle"}, "content": "NAMED"}
    names = {"nickname": {"en": "the H"}, "coined": {"edtf": "2023-05"}}
    print(json.dumps([
        await do(CREATE, identifiers=[identifier], **new, **names),
        await do(UPDATE, plan=plan, nickname=both),
        await do(UPDATE, plan=plan, nickname=both),
        await do(UPSERT, plans=[{"identifier": identifier, "nickname": {"en": "ours"}}]),
        await do(UPDATE, plan=plan, nickname=None, coined=None),
    ]))


asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def written(tmp_path: Path, database: str) -> list[Any]:
    """What five writes answered that name new fields, in a copy of the project that has them."""
    for place in ROOT.iterdir():
        if place.name != "schema" and not place.name.startswith("."):
            (tmp_path / place.name).symlink_to(place)
    copytree(ROOT / "schema", tmp_path / "schema")
    plan = tmp_path / "schema" / "plan.py"
    declared = plan.read_text("utf-8")
    assert BEFORE in declared
    plan.write_text(declared.replace(BEFORE, BEFORE + LINES), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CODE, database],
        capture_output=True, text=True, cwd=tmp_path, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_new_fields_are_written_read_and_told_of(written: list[Any]):
    """Created, updated, left alone, upserted, emptied, by nothing but their lines."""
    created, updated, same, upserted, emptied = written
    assert created["plan"] == {
        "nickname": "the H",
        "nicknames": [{"language": "EN", "text": "the H"}],
        "coined": {"edtf": "2023-05"},
    }
    told = {each["name"]: each["after"] for each in created["changes"][0]["fields"]}
    assert told == {
        "coinedEdtf": "2023-05",
        "coinedStatus": "EXACT",
        "content": "NAMED",
        "nicknameEn": "the H",
        "nicknameEnOrigin": "HUMAN",
        "owner": "actor_aabe2dff-1fc9-5867-b4b6-1024e536a251",
        "slug": "huddle",
        "titleEn": "Huddle",
        "titleEnOrigin": "HUMAN",
        "visibility": "PUBLIC",
    }
    both = [{"language": "ES", "text": "el corro"}, {"language": "EN", "text": "the huddle"}]
    assert (updated["outcome"], updated["plan"]["nicknames"]) == ("UPDATED", both)
    assert (same["outcome"], same["plan"]["nicknames"], same["changes"]) == ("UNCHANGED", both, [])
    ours = [both[0], {"language": "EN", "text": "ours"}]
    assert upserted == {"outcomes": ["UPDATED"], "plans": [{"nicknames": ours}]}
    assert emptied["plan"] == {"nickname": None, "nicknames": [], "coined": None}
