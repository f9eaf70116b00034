"""Links from a noun to itself never lead back to where they began."""

import asyncio
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth.scopes import SCOPES
from schema.circles import chains
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import acting, write

REGISTRY = acting(id_of("actor", "sica"), *SCOPES)
PAYLOAD = "outcome errors { code path message }"
NEW: dict[str, dict[str, Any]] = {
    "actor": {"type": "DONOR", "name": {"en": "A"}},
    "workingGroup": {"kind": "MESA", "name": {"en": "A"}},
    "event": {"kind": "MEETING", "title": {"en": "A"}},
    "planItem": {"kind": "ACTION", "title": {"en": "A"}, "plan": {"slug": "plan-of-circles"}},
    "topic": {"scheme": "THEME", "name": {"en": "A"}},
}
SLUGS = {"actor", "workingGroup", "topic"}
LEADS_BACK = "What `{}` names leads back to this very record; choose another."
SAID = {
    ("planItem", "parent"): "An item hangs neither below itself nor below what hangs below it; "
    "choose another `parent`.",
}
"""Where a noun has a sentence of its own."""
LINKS = [
    ("actor", "parent", False),
    ("workingGroup", "parent", False),
    ("event", "superEvent", False),
    ("planItem", "parent", False),
    ("planItem", "dependsOn", True),
    ("topic", "parent", False),
]


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each writes records of its own."""
    return clone(cluster, template)


async def done(database: str, verb: str, **given: Any) -> Any:
    """The payload."""
    type_ = f"{verb[0].upper()}{verb[1:]}Input"
    noun = verb.removeprefix("create").removeprefix("update")
    shown = f"{noun[0].lower()}{noun[1:]} {{ id }}"
    query = f"mutation ($input: {type_}!) {{ {verb}(input: $input) {{ {PAYLOAD} {shown} }} }}"
    return (await write(database, query, {"input": given}, REGISTRY))["data"][verb]


async def linked(database: str, noun: str, field: str, several: bool, one: str, to: str) -> Any:
    """Let a record name another."""
    there: Any = [{"id": to}] if several else {"id": to}
    verb = f"update{noun[0].upper()}{noun[1:]}"
    return await done(database, verb, **{noun: {"id": one}, field: there})


async def made(database: str, noun: str, field: str, number: int) -> str:
    """A new record; its id."""
    fields = dict(NEW[noun])
    if noun in SLUGS:
        fields["slug"] = f"circle-{field.lower()}-{number}"
    if noun == "planItem":
        await done(
            database, "createPlan", slug="plan-of-circles", content="PARTIAL", title={"en": "P"}
        )
        fields["position"] = number + (10 if field == "parent" else 20)
    payload = await done(database, f"create{noun[0].upper()}{noun[1:]}", **fields)
    assert payload["errors"] == []
    return payload[noun]["id"]


@pytest.mark.parametrize(("noun", "field", "several"), LINKS)
async def test_circles_are_refused(database: str, noun: str, field: str, several: bool):
    """Of three, of two, and of a record with itself."""
    a, b, c = [await made(database, noun, field, n) for n in (1, 2, 3)]
    for one, to in ((a, b), (b, c)):
        assert (await linked(database, noun, field, several, one, to))["outcome"] == "UPDATED"
    for one, to in ((c, a), (b, a), (a, a)):
        refused = await linked(database, noun, field, several, one, to)
        assert refused["errors"] == [
            {
                "code": "INVALID",
                "path": ["input", field],
                "message": SAID.get((noun, field), LEADS_BACK.format(field)),
            }
        ]


async def test_two_racing_writers_close_no_circle(database: str):
    """The second waits for the first."""
    a, b = [await made(database, "workingGroup", f"race-{n}", n) for n in (1, 2)]
    answers = await asyncio.gather(
        linked(database, "workingGroup", "parent", False, a, b),
        linked(database, "workingGroup", "parent", False, b, a),
    )
    assert sorted(answer["outcome"] for answer in answers) == ["REJECTED", "UPDATED"]


async def test_the_database_holds_it_for_every_such_link(database: str):
    """Also for those that verbs alone write."""
    connection = await asyncpg.connect(database)
    found = await connection.fetch("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%\\_circle'")
    await connection.close()
    assert {row[0] for row in found} == {f"{c.noun.name}_{c.field}_circle" for c in chains()}
    assert sorted(f"{c.noun.name}.{c.field}" for c in chains()) == [
        "actor.parent",
        "contribution.revises",
        "contribution.upstream",
        "event.super_event",
        "plan_item.depends_on",
        "plan_item.parent",
        "pledge.matches",
        "topic.parent",
        "working_group.parent",
    ]


async def test_rules_of_mandates_end_in_a_circle_of_before(database: str):
    """One that was written before the database refused them."""
    a, b = [await made(database, "workingGroup", f"old-{n}", n) for n in (1, 2)]
    post = await done(
        database,
        "createPost",
        slug="in-a-circle",
        group={"id": a},
        kind="REPRESENTATIVE",
        title={"en": "R"},
    )
    connection = await asyncpg.connect(database)
    await connection.execute(
        "ALTER TABLE working_group DISABLE TRIGGER working_group_parent_circle"
    )
    for one, to in ((a, b), (b, a)):
        await connection.execute(
            "UPDATE working_group SET parent_id = $2 WHERE id = $1",
            one.split("_")[-1],
            to.split("_")[-1],
        )
    await connection.execute("ALTER TABLE working_group ENABLE TRIGGER working_group_parent_circle")
    await connection.close()
    query = (
        "mutation ($input: RecordMandateInput!) { recordMandate(input: $input)"
        " { outcome errors { code } warnings { code } } }"
    )
    given = {
        "post": {"id": post["post"]["id"]},
        "holder": {"actor": {"slug": "iom"}},
        "start": {"date": "2025-01-01"},
    }
    answer = (await write(database, query, {"input": given}, REGISTRY))["data"]["recordMandate"]
    assert answer["errors"] == []
