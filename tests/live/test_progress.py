"""Progress is reported by who works on an item, and verified by another; needs are stated."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth.principal import ANONYMOUS
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.making import make
from tests.reading import read
from tests.writing import IOM, Verbs, acting

PANAMA = acting(id_of("actor", "panama"))
COORDINATOR = acting(id_of("working_group", "mirps-reception"))
REGISTRAR = acting(id_of("actor", "unhcr"), "plans:write", "registry:write", "restricted:read")
SHOWN = """{ outcome
    progressUpdate { id version value valueKind status visibility verification
        reportedBy { id } verifiedBy { id } owner { id }
        disaggregations { nodes { position dimension category value } } }
    errors { code path message } warnings { code path message } }"""
NEED = """{ outcome need { id amount met unmet satisfied visibility item { code } owner { id } }
    errors { code path message } }"""


def item(key: str) -> str:
    """An item as inputs name it."""
    return f'item: {{id: "plan_item_{id_of("plan_item", key)}"}}'


def party(key: UUID, noun: str = "actor") -> dict[str, str]:
    """A party as payloads show it."""
    return {"id": f"{noun}_{key}"}


HANDOVER = item("mirps-2023/m5/d1")
BELOW = item("mirps-2023/1.1/a5")


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to, with a plan that is a draft of UNHCR."""
    return clone(cluster, template, _draft)


async def _draft(url: str) -> None:
    connection = await asyncpg.connect(url)
    hidden: dict[str, Any] = {"owner": "actor:unhcr", "visibility": "DRAFT", "title": "Secreto"}
    try:
        await make(connection, "plan", "secret", content="FULL", **hidden)
        fields = {"plan": "secret", "kind": "ACTION", "position": 1}
        await make(connection, "plan_item", "secret/1", **fields, **hidden)
    finally:
        await connection.close()


VERBS = Verbs(SHOWN, PANAMA, ("progress_update", "disaggregation", "need"))
done, refused = VERBS.done, VERBS.refused


async def reported(database: str, fields: str = f"{HANDOVER}, status: CLOSED") -> str:
    """A new report of Panama's, as inputs name it."""
    payload = await done(database, "reportProgress", fields)
    assert payload["errors"] == []
    return f'progressUpdate: {{id: "{payload["progressUpdate"]["id"]}"}}'


NOT_THEIRS = (
    "That is done by who works on the item of the plan: who keeps it, coordinates it, is "
    "responsible for it or supports it."
)


async def test_what_was_reached_is_not_dated_in_days_to_come(database: str):
    """A plan says what is to come."""
    assert await refused(
        database, "reportProgress", f'{HANDOVER}, status: CLOSED, date: {{edtf: "2090-01"}}'
    ) == [
        (
            "NOT_YET",
            ["input", "date"],
            "That has happened, and this day has not come; say when it was.",
        )
    ]


async def test_who_is_responsible_reports(database: str):
    """Panama's presidency hands over a report (M2:239)."""
    input_ = f'{HANDOVER}, value: "12", valueKind: INCREMENT, date: {{edtf: "2023-10"}}'
    payload = await done(database, "reportProgress", input_)
    assert payload["outcome"] == "CREATED"
    assert payload["progressUpdate"]["value"] == "12.00"
    assert payload["progressUpdate"]["verification"] == "REPORTED"
    assert payload["progressUpdate"]["reportedBy"] == party(id_of("actor", "panama"))
    assert payload["progressUpdate"]["owner"] == party(id_of("actor", "panama"))


async def test_who_coordinates_what_lies_above_reports(database: str):
    """An axis is coordinated with all that hangs below it."""
    payload = await done(database, "reportProgress", f"{BELOW}, status: CLOSED", COORDINATOR)
    assert payload["outcome"] == "CREATED"


async def test_who_does_not_work_on_an_item_reports_nothing(database: str):
    """Not even with all scopes."""
    assert await refused(database, "reportProgress", f"{HANDOVER}, status: CLOSED", IOM) == [
        ("NOT_OWNER", ["input", "item"], NOT_THEIRS)
    ]


async def test_nobody_reports_in_the_name_of_another(database: str):
    """The reporter is the party that one acts for, or one of one's own."""
    input_ = f'{HANDOVER}, status: CLOSED, reportedBy: {{actor: {{slug: "iom"}}}}'
    found = await refused(database, "reportProgress", input_)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "reportedBy"])]


async def test_a_report_says_something(database: str):
    """A date alone is none."""
    assert await refused(database, "reportProgress", HANDOVER) == [
        ("INVALID", ["input"], "A report says something: give `value`, `status` or `statement`.")
    ]


async def test_a_value_adds_up_or_stands_for_all(database: str):
    """Without its kind it could be either."""
    assert await refused(database, "reportProgress", f'{HANDOVER}, value: "12"') == [
        (
            "INVALID",
            ["input", "value"],
            "`value` and `valueKind` go together: give both or neither.",
        )
    ]


async def test_a_value_counts_for_a_target_of_its_item(database: str):
    """Another item's target would be reached by it."""
    target = f'target: {{id: "target_{id_of("target", "mirps-civil-society-2023/o4/t1")}"}}'
    input_ = f'{HANDOVER}, value: "1", valueKind: INCREMENT, {target}'
    assert await refused(database, "reportProgress", input_) == [
        (
            "INVALID",
            ["input", "target"],
            "That target is of another item of the plan; name one of this item.",
        )
    ]


async def test_a_value_is_split_into_parts_in_order(database: str):
    """By sex, and by age beside that."""
    parts = (
        'disaggregations: [{dimension: SEX, category: "women", value: "7"},'
        ' {dimension: SEX, category: "men", value: "5"},'
        ' {dimension: AGE, category: "0–17", value: "3"}]'
    )
    input_ = f'{HANDOVER}, value: "12", valueKind: INCREMENT, {parts}'
    payload = await done(database, "reportProgress", input_)
    assert payload["warnings"] == []
    assert payload["progressUpdate"]["disaggregations"]["nodes"] == [
        {"position": 1, "dimension": "SEX", "category": "women", "value": "7.00"},
        {"position": 2, "dimension": "SEX", "category": "men", "value": "5.00"},
        {"position": 3, "dimension": "AGE", "category": "0–17", "value": "3.00"},
    ]


async def test_parts_beyond_the_whole_are_noted(database: str):
    """Kept all the same: some people are counted twice."""
    parts = 'disaggregations: [{dimension: SEX, category: "women", value: "13"}]'
    input_ = f'{HANDOVER}, value: "12", valueKind: INCREMENT, {parts}'
    payload = await done(database, "reportProgress", input_)
    assert payload["outcome"] == "CREATED"
    assert payload["warnings"] == [
        {
            "code": "PARTS_DO_NOT_ADD_UP",
            "path": ["input", "disaggregations"],
            "message": "The parts by `SEX` come to 13, more than 12.",
        }
    ]


async def test_parts_are_of_a_value(database: str):
    """There is nothing to split otherwise."""
    parts = 'disaggregations: [{dimension: SEX, category: "women", value: "13"}]'
    assert await refused(database, "reportProgress", f"{HANDOVER}, status: CLOSED, {parts}") == [
        ("REQUIRED", ["input", "value"], "Parts are of a value; give `value` as well.")
    ]


async def test_another_verifies_a_report(database: str):
    """The plan belongs to the registry."""
    update = await reported(database)
    payload = await done(database, "verifyProgress", update, REGISTRAR)
    assert payload["progressUpdate"]["verification"] == "VERIFIED"
    assert payload["progressUpdate"]["verifiedBy"] == party(id_of("actor", "unhcr"))


async def test_who_reported_does_not_verify(database: str):
    """Two pairs of eyes."""
    update = await reported(database)
    assert await refused(database, "verifyProgress", update) == [
        (
            "SAME_PARTY",
            ["input", "verifiedBy"],
            "A report is verified by another party than the one that made it.",
        )
    ]


async def test_who_does_not_work_on_an_item_verifies_nothing(database: str):
    """A stranger's word is worth nothing here."""
    update = await reported(database)
    assert await refused(database, "verifyProgress", update, IOM) == [
        ("NOT_OWNER", ["input", "progressUpdate"], NOT_THEIRS)
    ]


async def test_a_report_is_verified_once(database: str):
    """Again by the same party nothing changes; another comes too late."""
    update = await reported(database)
    await done(database, "verifyProgress", update, REGISTRAR)
    again = await done(database, "verifyProgress", update, REGISTRAR)
    assert again["outcome"] == "UNCHANGED"
    assert await refused(database, "verifyProgress", update) == [
        ("WRONG_STATUS", ["input", "progressUpdate"], "That report is verified already.")
    ]


async def test_two_verify_a_report_at_the_same_time(database: str):
    """One of them did."""
    update = await reported(database, f"{item('mirps-2023/m5/d2')}, status: CLOSED")
    other = replace(REGISTRAR, party=id_of("actor", "iom"))
    payloads = await asyncio.gather(
        *(done(database, "verifyProgress", update, who) for who in (REGISTRAR, other))
    )
    assert sorted(p["outcome"] for p in payloads) == ["REJECTED", "UPDATED"]
    assert [e["code"] for p in payloads for e in p["errors"]] == ["WRONG_STATUS"]


async def test_what_is_said_of_a_hidden_item_is_hidden(database: str):
    """By the same owner, who sees it."""
    unhcr = acting(id_of("actor", "unhcr"))
    payload = await done(database, "reportProgress", f"{item('secret/1')}, status: CLOSED", unhcr)
    assert payload["progressUpdate"]["visibility"] == "DRAFT"
    query = f'{{ node(id: "{payload["progressUpdate"]["id"]}") {{ id }} }}'
    connection = await connect(database)
    try:
        assert await read(connection, query, principal=ANONYMOUS) == {"node": None}
    finally:
        await connection.close()


async def test_an_item_that_one_cannot_see_is_not_there(database: str):
    """Its id alone opens nothing."""
    found = await refused(database, "reportProgress", f"{item('secret/1')}, status: CLOSED")
    assert [(code, path) for code, path, _ in found] == [("NOT_FOUND", ["input", "item"])]


async def test_a_need_of_an_item_is_stated_by_who_works_on_it(database: str):
    """How much of it came is part of it."""
    input_ = (
        f'{HANDOVER}, kind: FINANCIAL, title: {{en: "Printing"}}, amount: "100", currency: "USD",'
        ' met: "40"'
    )
    payload = await done(database, "stateNeed", input_, shown=NEED)
    assert payload["outcome"] == "CREATED"
    assert payload["need"]["unmet"] == "60.00"
    assert payload["need"]["owner"] == party(id_of("actor", "panama"))


async def test_others_state_no_need_of_it(database: str):
    """They may state those of a country."""
    input_ = f'{HANDOVER}, kind: FINANCIAL, title: {{en: "Printing"}}'
    assert await refused(database, "stateNeed", input_, IOM, NEED) == [
        ("NOT_OWNER", ["input", "item"], NOT_THEIRS)
    ]


async def test_a_country_needs_something(database: str):
    """Whoever says so keeps the record."""
    input_ = 'country: {slug: "panama"}, kind: MATERIAL, title: {en: "Beds"}'
    payload = await done(database, "stateNeed", input_, IOM, NEED)
    assert payload["outcome"] == "CREATED"
    assert payload["need"]["owner"] == party(id_of("actor", "iom"))


async def test_a_need_is_of_somebody(database: str):
    """Of an item or a country."""
    input_ = 'kind: MATERIAL, title: {en: "Beds"}'
    assert await refused(database, "stateNeed", input_, IOM, NEED) == [
        ("REQUIRED", ["input", "item"], "Say what needs it: `item`, `country` or both.")
    ]


async def test_a_need_of_a_hidden_item_is_hidden(database: str):
    """It tells of the item."""
    unhcr = acting(id_of("actor", "unhcr"))
    input_ = f'{item("secret/1")}, kind: MATERIAL, title: {{en: "Beds"}}'
    payload = await done(database, "stateNeed", input_, unhcr, NEED)
    assert payload["need"]["visibility"] == "DRAFT"


async def test_what_came_of_a_need_is_said_later(database: str):
    """By who keeps it."""
    input_ = 'country: {slug: "panama"}, kind: MATERIAL, title: {en: "Beds"}, amount: "10"'
    need = (await done(database, "stateNeed", input_, IOM, NEED))["need"]["id"]
    revised = f'need: {{id: "{need}"}}, met: "4"'
    payload = await done(database, "reviseNeed", revised, IOM, NEED)
    assert (payload["outcome"], payload["need"]["unmet"]) == ("UPDATED", "6.00")
    found = await refused(database, "reviseNeed", f'need: {{id: "{need}"}}, met: "9"', shown=NEED)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "need"])]
