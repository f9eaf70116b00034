"""Pledges are announced by one of their parties and confirmed by the others, each for itself."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import Delegation
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import IOM, UNHCR, Verbs, acting, write

PANAMA = acting(id_of("actor", "panama"))
MEXICO = acting(id_of("actor", "mexico"))
REGISTRAR = acting(id_of("actor", "unhcr"), "pledges:write", "registry:write")
SHOWN = """{ outcome
    pledge { id version kind status amount withdrawalReason(language: EN) owner { id }
        matches { id } parties { edges { role confirmed node { name(language: EN) } } } }
    errors { code path message } warnings { code path message } }"""
JOINT = (
    'kind: JOINT, parties: [{party: {actor: {slug: "panama"}}},'
    ' {party: {actor: {slug: "mexico"}}, role: PARTNER}]'
)


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to, each pledges of its own."""
    return clone(cluster, template)


VERBS = Verbs(SHOWN, PANAMA, ("pledge", "pledge_party", "identifier"))
done, refused, everything = VERBS.done, VERBS.refused, VERBS.everything


async def announced(database: str, fields: str = "kind: INDIVIDUAL", who: Any = PANAMA) -> str:
    """The id of a new pledge."""
    payload = await done(database, "announcePledge", f'title: {{en: "Schools"}}, {fields}', who)
    assert payload["errors"] == []
    return payload["pledge"]["id"]


def parties(payload: Any) -> list[Any]:
    """Name, role and whether it confirmed, of each party."""
    edges = payload["pledge"]["parties"]["edges"]
    return sorted((e["node"]["name"], e["role"], e["confirmed"]) for e in edges)


async def test_who_announces_makes_it_and_has_confirmed(database: str):
    """Nobody else needs to be named."""
    payload = await done(
        database,
        "announcePledge",
        'title: {en: "Schools"}, kind: INDIVIDUAL, amount: "1500000.00", currency: "USD"',
    )
    assert payload["outcome"] == "CREATED"
    assert payload["pledge"]["status"] == "ANNOUNCED"
    assert payload["pledge"]["amount"] == "1500000.00"
    assert payload["pledge"]["owner"]["id"] == f"actor_{id_of('actor', 'panama')}"
    assert parties(payload) == [("Panama", "LEAD", True)]


async def test_parties_named_beside_it_have_to_confirm(database: str):
    """A joint pledge stands for each party when that one says so."""
    payload = await done(database, "announcePledge", f'title: {{en: "Schools"}}, {JOINT}')
    assert parties(payload) == [("Mexico", "PARTNER", False), ("Panama", "LEAD", True)]


async def test_nobody_makes_a_pledge_for_others_alone(database: str):
    """Who announces is among the parties."""
    assert await refused(
        database,
        "announcePledge",
        'title: {en: "Schools"}, kind: INDIVIDUAL, parties: [{party: {actor: {slug: "mexico"}}}]',
    ) == [
        (
            "NOT_OWNER",
            ["input", "parties"],
            "A pledge is announced by one of its parties, or by whom that one delegated to; name "
            "yours.",
        )
    ]


async def test_the_registry_records_pledges_of_others(database: str):
    """Those of the past, from documents; they stay unconfirmed."""
    payload = await done(
        database,
        "announcePledge",
        'title: {en: "Schools"}, kind: INDIVIDUAL, owner: null,'
        ' parties: [{party: {actor: {slug: "mexico"}}}]',
        REGISTRAR,
    )
    assert parties(payload) == [("Mexico", "LEAD", False)]
    assert payload["pledge"]["owner"] is None


async def test_a_joint_pledge_has_two_parties_at_least(database: str):
    """One alone is an individual pledge."""
    assert await refused(database, "announcePledge", 'title: {en: "Schools"}, kind: JOINT') == [
        (
            "INVALID",
            ["input", "parties"],
            "A pledge of `kind` `JOINT` has at least 2 of `parties`.",
        )
    ]


async def test_an_individual_pledge_has_one_party(database: str):
    """Several make a joint one."""
    input_ = f'title: {{en: "Schools"}}, {JOINT}'.replace("kind: JOINT", "kind: INDIVIDUAL")
    assert await refused(database, "announcePledge", input_) == [
        (
            "INVALID",
            ["input", "parties"],
            "A pledge of `kind` `INDIVIDUAL` is of one party; with several it is `JOINT`.",
        )
    ]


async def test_a_party_is_named_once(database: str):
    """Under whatever names."""
    panama = f'{{party: {{id: "actor_{id_of("actor", "panama")}"}}}}'
    input_ = f'title: {{en: "Schools"}}, {JOINT[:-1]}, {panama}]'
    assert await refused(database, "announcePledge", input_) == [
        ("INVALID", ["input", "parties", "2"], "The list has that one already.")
    ]


async def test_a_party_confirms_for_itself(database: str):
    """The record is another's; the naming is its own."""
    pledge = await announced(database, JOINT)
    payload = await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    assert (payload["outcome"], payload["pledge"]["version"]) == ("UPDATED", 2)
    assert parties(payload) == [("Mexico", "PARTNER", True), ("Panama", "LEAD", True)]


async def test_confirming_twice_changes_nothing(database: str):
    """The version stays."""
    pledge = await announced(database, JOINT)
    await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    again = await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    assert (again["outcome"], again["pledge"]["version"]) == ("UNCHANGED", 2)


async def test_who_is_not_named_confirms_nothing(database: str):
    """Not even with all scopes."""
    pledge = await announced(database, JOINT)
    assert await refused(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', IOM) == [
        (
            "NOT_NAMED",
            ["input", "party"],
            "The pledge does not name that party; who keeps it can, with `revisePledge`.",
        )
    ]


async def test_nobody_confirms_for_another(database: str):
    """Not the one who announced it either."""
    pledge = await announced(database, JOINT)
    input_ = f'pledge: {{id: "{pledge}"}}, party: {{actor: {{slug: "mexico"}}}}'
    assert await refused(database, "confirmPledge", input_) == [
        (
            "NOT_OWNER",
            ["input", "party"],
            "You do not speak for that party; leave the field out, or name one of yours.",
        )
    ]


async def test_a_confirmation_expects_a_version(database: str):
    """What one confirms is what one has read."""
    pledge = await announced(database, JOINT)
    input_ = f'pledge: {{id: "{pledge}"}}, ifVersion: 7'
    assert await refused(database, "confirmPledge", input_, MEXICO) == [
        (
            "VERSION_CONFLICT",
            ["input", "ifVersion"],
            "The record is at version 1 by now, not 7. Read it again and decide.",
        )
    ]


async def test_a_party_takes_its_name_off(database: str):
    """Nobody stays named against its will."""
    more = JOINT[:-1] + ', {party: {actor: {slug: "iom"}}, role: PARTNER}]'
    pledge = await announced(database, more)
    payload = await done(database, "declinePledge", f'pledge: {{id: "{pledge}"}}', IOM)
    assert parties(payload) == [("Mexico", "PARTNER", False), ("Panama", "LEAD", True)]
    assert (payload["pledge"]["kind"], payload["warnings"]) == ("JOINT", [])


async def test_a_joint_pledge_that_is_left_to_one_party_is_its_own(database: str):
    """Alone it promised nothing yet."""
    pledge = await announced(database, JOINT)
    payload = await done(database, "declinePledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    assert payload["pledge"]["kind"] == "INDIVIDUAL"
    assert parties(payload) == [("Panama", "LEAD", False)]
    assert [w["code"] for w in payload["warnings"]] == ["CONFIRMATION_LAPSED"]
    again = await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}')
    assert parties(again) == [("Panama", "LEAD", True)]


async def test_a_pledge_that_is_left_to_nobody_is_withdrawn(database: str):
    """A delegate keeps it, and makes none itself."""
    lent = Delegation(id_of("actor", "mexico"), frozenset({"pledge"}), frozenset({"pledges:write"}))
    hub = replace(IOM, delegations=(lent,))
    kept = 'kind: INDIVIDUAL, parties: [{party: {actor: {slug: "mexico"}}}]'
    pledge = await announced(database, kept, hub)
    payload = await done(database, "declinePledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    assert (payload["pledge"]["status"], parties(payload)) == ("WITHDRAWN", [])


async def test_who_keeps_a_pledge_withdraws_it_instead(database: str):
    """A pledge without its maker would be nobody's."""
    pledge = await announced(database, JOINT)
    assert await refused(database, "declinePledge", f'pledge: {{id: "{pledge}"}}') == [
        (
            "WRONG_STATUS",
            ["input", "party"],
            "That party keeps the pledge; take it back with `withdrawPledge`.",
        )
    ]


async def test_a_change_of_what_is_promised_is_confirmed_anew(database: str):
    """Mexico confirmed another amount."""
    pledge = await announced(database, f'{JOINT}, amount: "10", currency: "USD"')
    await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    payload = await done(database, "revisePledge", f'pledge: {{id: "{pledge}"}}, amount: "90"')
    assert parties(payload) == [("Mexico", "PARTNER", False), ("Panama", "LEAD", True)]
    assert payload["warnings"] == [
        {
            "code": "CONFIRMATION_LAPSED",
            "path": ["input"],
            "message": "What is promised has changed; parties that have to confirm anew: 1.",
        }
    ]


async def test_progress_leaves_confirmations_alone(database: str):
    """So does the same amount once more."""
    pledge = await announced(database, f'{JOINT}, amount: "10", currency: "USD"')
    await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    input_ = f'pledge: {{id: "{pledge}"}}, status: FULFILLED, amount: "10.00"'
    payload = await done(database, "revisePledge", input_)
    assert payload["pledge"]["status"] == "FULFILLED"
    assert parties(payload) == [("Mexico", "PARTNER", True), ("Panama", "LEAD", True)]
    assert payload["warnings"] == []


async def test_parties_written_anew_stay_confirmed(database: str):
    """A list replaces the one before; whoever is in both has still confirmed."""
    pledge = await announced(database, JOINT)
    await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    more = JOINT[:-1] + ', {party: {actor: {slug: "iom"}}, role: PARTNER}]'
    payload = await done(database, "revisePledge", f'pledge: {{id: "{pledge}"}}, {more}')
    assert [(name.split(" ")[0], sure) for name, _, sure in parties(payload)] == [
        ("International", False),
        ("Mexico", True),
        ("Panama", True),
    ]


async def test_only_who_keeps_it_revises_it(database: str):
    """A partner confirms or declines."""
    pledge = await announced(database, JOINT)
    found = await refused(
        database, "revisePledge", f'pledge: {{id: "{pledge}"}}, amount: "1"', MEXICO
    )
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "pledge"])]


async def test_a_withdrawn_pledge_stays_on_record(database: str):
    """With the reason, for its owner."""
    pledge = await announced(database)
    input_ = f'pledge: {{id: "{pledge}"}}, reason: {{en: "No budget"}}'
    payload = await done(database, "withdrawPledge", input_)
    assert payload["pledge"]["status"] == "WITHDRAWN"
    assert payload["pledge"]["withdrawalReason"] == "No budget"


async def test_the_reason_of_a_withdrawal_is_not_public(database: str):
    """Whoever else asks sees that it was withdrawn, not why."""
    pledge = await announced(database, JOINT)
    input_ = f'pledge: {{id: "{pledge}"}}, reason: {{en: "No budget"}}'
    await done(database, "withdrawPledge", input_)
    payload = await done(database, "declinePledge", f'pledge: {{id: "{pledge}"}}', MEXICO)
    assert payload["pledge"]["status"] == "WITHDRAWN"
    assert payload["pledge"]["withdrawalReason"] is None


async def test_withdrawing_twice_changes_nothing(database: str):
    """The reason stays the first."""
    pledge = await announced(database)
    await done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}, reason: {{en: "A"}}')
    again = await done(
        database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}, reason: {{en: "B"}}'
    )
    assert (again["outcome"], again["pledge"]["withdrawalReason"]) == ("UNCHANGED", "A")


async def test_a_withdrawn_pledge_is_not_revised(database: str):
    """Another is announced."""
    pledge = await announced(database)
    await done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}')
    assert await refused(
        database, "revisePledge", f'pledge: {{id: "{pledge}"}}, status: ANNOUNCED'
    ) == [
        (
            "WRONG_STATUS",
            ["input"],
            "That pledge was withdrawn; announce a new one with `announcePledge`.",
        )
    ]


async def test_a_withdrawn_pledge_is_not_confirmed(database: str):
    """There is nothing left of it."""
    pledge = await announced(database, JOINT)
    await done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}')
    assert await refused(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', MEXICO) == [
        (
            "WRONG_STATUS",
            ["input", "pledge"],
            "That pledge was withdrawn; there is nothing left to confirm.",
        )
    ]


async def test_a_status_does_not_withdraw(database: str):
    """The verb for it asks for a reason."""
    pledge = await announced(database)
    assert await refused(
        database, "revisePledge", f'pledge: {{id: "{pledge}"}}, status: WITHDRAWN'
    ) == [("INVALID", ["input", "status"], "A pledge is taken back with `withdrawPledge`.")]


async def test_a_pledge_matches_another(database: str):
    """Mexico gives as much as Panama does."""
    pledge = await announced(database)
    payload = await done(
        database,
        "announcePledge",
        f'title: {{en: "As much"}}, kind: MATCHING, matches: {{id: "{pledge}"}}',
        MEXICO,
    )
    assert payload["pledge"]["matches"] == {"id": pledge}


async def test_a_matching_pledge_says_which_one(database: str):
    """The kind and the link go together."""
    input_ = 'title: {en: "As much"}, kind: MATCHING'
    assert await refused(database, "announcePledge", input_) == [
        (
            "INVALID",
            ["input", "matches"],
            "A pledge of `kind` `MATCHING` says in `matches` which one it matches; others match "
            "none.",
        )
    ]


async def test_what_was_withdrawn_is_not_matched(database: str):
    """It is no longer promised."""
    pledge = await announced(database)
    await done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}')
    input_ = f'title: {{en: "As much"}}, kind: MATCHING, matches: {{id: "{pledge}"}}'
    assert await refused(database, "announcePledge", input_, MEXICO) == [
        (
            "WRONG_STATUS",
            ["input", "matches"],
            "The pledge in `matches` was withdrawn; match another.",
        )
    ]


async def test_who_is_matched_and_withdraws_is_told(database: str):
    """It is done all the same."""
    pledge = await announced(database)
    await announced(database, f'kind: MATCHING, matches: {{id: "{pledge}"}}', MEXICO)
    payload = await done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}')
    assert payload["outcome"] == "UPDATED"
    assert payload["warnings"] == [
        {
            "code": "STILL_REFERRED_TO",
            "path": ["input", "pledge"],
            "message": "Other pledges match this one: 1. They still stand.",
        }
    ]


async def test_two_pledges_cannot_come_to_match_each_other(database: str):
    """Sent at the same time, one of them is refused."""
    one, two = await announced(database), await announced(database, who=MEXICO)
    payloads = await asyncio.gather(
        done(
            database,
            "revisePledge",
            f'pledge: {{id: "{one}"}}, kind: MATCHING, matches: {{id: "{two}"}}',
        ),
        done(
            database,
            "revisePledge",
            f'pledge: {{id: "{two}"}}, kind: MATCHING, matches: {{id: "{one}"}}',
            MEXICO,
        ),
    )
    assert sorted(p["outcome"] for p in payloads) == ["REJECTED", "UPDATED"]
    [[error]] = [p["errors"] for p in payloads if p["errors"]]
    assert error["message"] == (
        "A pledge matches neither itself nor one that matches it; name another in `matches`."
    )


async def test_what_is_matched_is_not_taken_back_at_the_same_time(database: str):
    """Either the match is refused, or who takes back is told of it."""
    pledge = await announced(database)
    matching = f'title: {{en: "As much"}}, kind: MATCHING, matches: {{id: "{pledge}"}}'
    matched, taken_back = await asyncio.gather(
        done(database, "announcePledge", matching, MEXICO),
        done(database, "withdrawPledge", f'pledge: {{id: "{pledge}"}}'),
    )
    told = [w["code"] for w in taken_back["warnings"]]
    assert (matched["outcome"], told) in [
        ("REJECTED", []),
        ("CREATED", ["STILL_REFERRED_TO"]),
    ]


async def test_two_parties_confirm_at_the_same_time(database: str):
    """Both count."""
    more = JOINT[:-1] + ', {party: {actor: {slug: "iom"}}, role: PARTNER}]'
    pledge = await announced(database, more)
    await asyncio.gather(
        *(
            done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}', who)
            for who in (MEXICO, IOM)
        )
    )
    payload = await done(database, "confirmPledge", f'pledge: {{id: "{pledge}"}}')
    assert [sure for _, _, sure in parties(payload)] == [True, True, True]


UPSERT = """mutation ($pledges: [UpsertPledgeInput!]!) {
    upsertPledges(input: {pledges: $pledges}) { outcome outcomes errors { code path message }
        pledges { id status owner { id }
            parties { edges { confirmed node { name(language: EN) } } } } } }"""


def named(value: str, **fields: Any) -> dict[str, Any]:
    """A pledge as a hub sends it."""
    identifier = {"scheme": "HUB", "value": value}
    return {"identifier": identifier, "title": {"en": value}, "kind": "INDIVIDUAL"} | fields


async def test_pledges_are_sent_again_by_name(database: str):
    """The second time only what differs is changed."""
    first = {"pledges": [named("a-1"), named("a-2")]}
    second = {"pledges": [named("a-1"), named("a-2", status="FULFILLED"), named("a-3")]}
    await write(database, UPSERT, first, PANAMA)
    answer = (await write(database, UPSERT, second, PANAMA))["data"]["upsertPledges"]
    assert answer["outcomes"] == ["UNCHANGED", "UPDATED", "CREATED"]
    assert [p["status"] for p in answer["pledges"]] == ["ANNOUNCED", "FULFILLED", "ANNOUNCED"]


async def test_a_sent_pledge_keeps_the_rules(database: str):
    """All are refused with it."""
    before = await everything(database)
    sent = {"pledges": [named("b-1"), named("b-2", status="WITHDRAWN")]}
    answer = (await write(database, UPSERT, sent, PANAMA))["data"]["upsertPledges"]
    assert answer["outcome"] == "REJECTED"
    assert answer["errors"] == [
        {
            "code": "INVALID",
            "path": ["input", "pledges", "1", "status"],
            "message": "A pledge is taken back with `withdrawPledge`.",
        }
    ]
    assert await everything(database) == before


async def test_whom_it_acts_for_may_own_what_is_sent(database: str):
    """A hub keeps the pledges of two states, each its own."""
    hub = replace(IOM, owners=(*IOM.owners, *PANAMA.owners))
    panama = {"actor": {"slug": "panama"}}
    sent = {"pledges": [named("c-1", owner=panama), named("c-2")]}
    answer = (await write(database, UPSERT, sent, hub))["data"]["upsertPledges"]
    assert [
        (e["confirmed"], e["node"]["name"][:6])
        for p in answer["pledges"]
        for e in p["parties"]["edges"]
    ] == [(True, "Panama"), (True, "Intern")]
    assert answer["pledges"][0]["owner"] == {"id": f"actor_{id_of('actor', 'panama')}"}


async def test_others_own_nothing_that_one_sends(database: str):
    """An owner has to have delegated."""
    before = await everything(database)
    sent = {"pledges": [named("d-1", owner={"actor": {"slug": "mexico"}})]}
    answer = (await write(database, UPSERT, sent, UNHCR))["data"]["upsertPledges"]
    assert [(e["code"], e["path"]) for e in answer["errors"]] == [
        ("NOT_OWNER", ["input", "pledges", "0", "owner"])
    ]
    assert await everything(database) == before
