"""Whose a record is: said by who makes it, for any party that it may write for, and changed by the
owner alone.
"""

from dataclasses import replace
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth.principal import Delegation, Principal
from auth.scopes import SCOPES
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import IOM, UNHCR, acting, write


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each writes records of its own."""
    return clone(cluster, template)


CREATE = """mutation ($owner: PartyRef, $slug: String!) { createDocument(input: {
    slug: $slug, kind: NOTE, title: {en: "Memo"}, owner: $owner}) {
        document { owner { id } } errors { code path } } }"""
MESA = {"workingGroup": {"slug": "mesa-2"}}


async def test_a_record_may_belong_to_any_party_that_one_writes_for(database: str):
    """A group that the acting party serves."""
    mesa = id_of("working_group", "mesa-2")
    serving = replace(UNHCR, owners=(*UNHCR.owners, mesa))
    answer: Any = await write(database, CREATE, {"owner": MESA, "slug": "minutes-memo"}, serving)
    assert answer["data"]["createDocument"] == {
        "document": {"owner": {"id": f"working_group_{mesa}"}},
        "errors": [],
    }


async def test_a_record_belongs_to_nobody_else(database: str):
    """Nothing is written."""
    answer: Any = await write(database, CREATE, {"owner": MESA, "slug": "memo"})
    assert answer["data"]["createDocument"] == {
        "document": None,
        "errors": [{"code": "NOT_OWNER", "path": ["input", "owner"]}],
    }
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SELECT count(*) FROM document WHERE slug = 'memo'") == 0
    finally:
        await connection.close()


REGISTRAR = acting(id_of("actor", "sica"), *SCOPES)
UNHCR_PARTY = {"actor": {"slug": "unhcr"}}
IOM_PARTY = {"actor": {"slug": "iom"}}
PAYLOAD = "outcome errors { code path message }"


def lent(*nouns: str) -> Principal:
    """IOM, as UNHCR's delegate for records of these nouns."""
    scopes = frozenset(SCOPES)
    return replace(
        IOM, delegations=(Delegation(id_of("actor", "unhcr"), frozenset(nouns), scopes),)
    )


def serving(*groups: str) -> Principal:
    """IOM as an officer of these groups."""
    return replace(IOM, owners=(*IOM.owners, *(id_of("working_group", g) for g in groups)))


async def answered(database: str, verb: str, who: Principal, **given: Any) -> tuple[Any, ...]:
    """Outcome, then code and place of each error."""
    type_ = f"{verb[0].upper()}{verb[1:]}Input"
    query = f"mutation ($input: {type_}!) {{ {verb}(input: $input) {{ {PAYLOAD} }} }}"
    payload = (await write(database, query, {"input": given}, who))["data"][verb]
    return payload["outcome"], *((e["code"], *e["path"][1:]) for e in payload["errors"])


def named(value: str) -> dict[str, str]:
    """A name in a hub."""
    return {"scheme": "HUB", "value": value}


SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "upsertPledges": (
        "pledge",
        {"title": {"en": "Ours"}, "kind": "INDIVIDUAL", "parties": [{"party": UNHCR_PARTY}]},
    ),
    "upsertPractices": ("practice", {"slug": "ours", "title": {"en": "Ours"}}),
    "upsertContributions": (
        "contribution",
        {"stage": "DISBURSEMENT", "giver": UNHCR_PARTY, "amount": "5.00", "currency": "USD"},
    ),
    "upsertEvents": ("event", {"title": {"en": "Ours"}, "kind": "MEETING"}),
}


@pytest.mark.parametrize("verb", SENT)
async def test_a_delegate_takes_no_record(database: str, verb: str):
    """It changes the record, and not whose it is."""
    noun, fields = SENT[verb]
    plural = verb.removeprefix("upsert").lower()
    item = {"identifier": named(f"taken-{verb}")}
    made = await answered(database, verb, UNHCR, **{plural: [item | fields]})
    assert made == ("CREATED",)
    taken = {plural: [item | {"owner": IOM_PARTY}]}
    assert await answered(database, verb, lent(noun), **taken) == (
        "REJECTED", ("NOT_OWNER", plural, "0", "owner"),
    )  # fmt: skip
    same = {plural: [item | {"owner": UNHCR_PARTY}]}
    assert await answered(database, verb, lent(noun), **same) == ("UNCHANGED",)


async def test_an_officer_takes_no_record_of_the_group(database: str):
    """Not for the organization that it comes from."""
    officer, item = serving("mesa-2"), {"identifier": named("mesa"), "title": {"en": "Meeting"}}
    event = item | {"kind": "MEETING", "owner": MESA}
    assert await answered(database, "upsertEvents", officer, events=[event]) == ("CREATED",)
    taken = item | {"owner": IOM_PARTY}
    assert await answered(database, "upsertEvents", officer, events=[taken]) == (
        "REJECTED", ("NOT_OWNER", "events", "0", "owner"),
    )  # fmt: skip


async def test_an_owner_gives_a_record_away(database: str):
    """To a party that it may write for; then it has it no more."""
    ours = acting(id_of("actor", "unhcr"))
    serves = replace(ours, owners=(*ours.owners, id_of("working_group", "mesa-2")))
    event = {"identifier": named("given"), "title": {"en": "Meeting"}, "kind": "MEETING"}
    assert await answered(database, "upsertEvents", serves, events=[event]) == ("CREATED",)
    given = {"event": {"identifier": named("given")}, "owner": MESA}
    assert await answered(database, "updateEvent", serves, **given) == ("UPDATED",)
    back = given | {"owner": UNHCR_PARTY}
    assert await answered(database, "updateEvent", serves, **back) == (
        "REJECTED", ("NOT_OWNER", "owner"),
    )  # fmt: skip


async def test_an_owner_gives_nothing_to_who_was_not_asked(database: str):
    """A record that it may not write afterwards."""
    event = {"identifier": named("pressed"), "title": {"en": "Meeting"}, "kind": "MEETING"}
    assert await answered(database, "upsertEvents", UNHCR, events=[event]) == ("CREATED",)
    given = {"event": {"identifier": named("pressed")}, "owner": IOM_PARTY}
    assert await answered(database, "updateEvent", UNHCR, **given) == (
        "REJECTED", ("NOT_OWNER", "owner"),
    )  # fmt: skip


async def test_a_delegate_moves_no_part_into_its_own_whole(database: str):
    """There it would write the part for good."""
    plan = {"content": "PARTIAL", "title": {"en": "Plan"}}
    for slug, who in (("plan-of-unhcr", UNHCR), ("plan-of-iom", IOM)):
        assert await answered(database, "createPlan", who, slug=slug, **plan) == ("CREATED",)
    item = {"kind": "ACTION", "position": 1, "title": {"en": "Item"}}
    theirs = {"plan": {"slug": "plan-of-unhcr"}, "identifiers": [named("part")]}
    assert await answered(database, "createPlanItem", UNHCR, **item, **theirs) == ("CREATED",)
    moved = {"planItem": {"identifier": named("part")}, "plan": {"slug": "plan-of-iom"}}
    assert await answered(database, "updatePlanItem", lent("plan", "plan_item"), **moved) == (
        "REJECTED", ("NOT_OWNER", "plan"),
    )  # fmt: skip


async def test_the_registry_gives_bodies_their_own_records(database: str):
    """What the seeds brought belongs to nobody; from then on the body keeps it, and it alone."""
    profile = {"actor": {"slug": "unhcr"}, "website": "https://example.org/"}
    before = await answered(database, "updateActor", UNHCR, **profile)
    assert before == ("REJECTED", ("NOT_OWNER", "actor"))
    given = {"actor": {"slug": "unhcr"}, "owner": UNHCR_PARTY}
    assert await answered(database, "updateActor", REGISTRAR, **given) == ("UPDATED",)
    assert await answered(database, "updateActor", UNHCR, **profile) == ("UPDATED",)
    again = given | {"owner": IOM_PARTY}
    assert await answered(database, "updateActor", REGISTRAR, **again) == (
        "REJECTED", ("NOT_OWNER", "actor"),
    )  # fmt: skip


async def test_nobody_else_takes_what_nobody_owns(database: str):
    """Not even the body that it is about."""
    given = {"actor": {"slug": "iom"}, "owner": IOM_PARTY}
    assert await answered(database, "updateActor", IOM, **given) == (
        "REJECTED", ("NOT_OWNER", "actor"),
    )  # fmt: skip
