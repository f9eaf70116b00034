"""The ledger of contributions: entries are added, take each other's place, are taken back."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.reading import read
from tests.writing import IOM, UNHCR, Verbs, acting, write

PANAMA = acting(id_of("actor", "panama"))
SHOWN = """{ outcome
    contribution { id version amount stage cancelled cancellationReason(language: EN)
        giver { id } receiver { id } revises { id }
        identifiers { value } documents { nodes { slug } }
        countries { edges { share node { slug } } } topics { edges { share } } }
    errors { code path message } warnings { code path message } }"""
GIVEN = 'stage: DISBURSEMENT, giver: {actor: {slug: "unhcr"}}, amount: "100.00", currency: "USD"'
TOTALS = "{ supportTotals(where: {stage: {eq: EXPENDITURE}}) { amount entries } }"


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to, each entries of its own."""
    return clone(cluster, template)


VERBS = Verbs(
    SHOWN, UNHCR, ("contribution", "contribution_country", "contribution_topic", "identifier")
)
done, refused, everything = VERBS.done, VERBS.refused, VERBS.everything


async def entered(database: str, fields: str = GIVEN) -> str:
    """The id of a new entry."""
    payload = await done(database, "recordContribution", fields)
    assert payload["errors"] == []
    return payload["contribution"]["id"]


def shared(payload: Any) -> dict[str, Any]:
    """The shares of countries."""
    edges = payload["contribution"]["countries"]["edges"]
    return {edge["node"]["slug"]: edge["share"] for edge in edges}


def shares(**countries: int | None) -> str:
    """`shares(panama=60)` as an input has it."""
    said = [
        f'{{country: {{slug: "{slug}"}}' + (f', share: "{share}"}}' if share is not None else "}")
        for slug, share in countries.items()
    ]
    return f"countries: [{', '.join(said)}]"


async def totals(database: str) -> Any:
    """The sums over what was spent."""
    connection = await connect(database)
    try:
        return (await read(connection, TOTALS))["supportTotals"]
    finally:
        await connection.close()


async def test_who_gives_enters_it(database: str):
    """It owns the entry."""
    payload = await done(database, "recordContribution", f"{GIVEN}, {shares(panama=60)}")
    assert payload["outcome"] == "CREATED"
    assert payload["contribution"]["amount"] == "100.00"
    assert shared(payload) == {"panama": "60.00"}


async def test_who_receives_enters_it_too(database: str):
    """Both sides of a transaction report it, each in an entry of its own."""
    input_ = GIVEN + ', receiver: {actor: {slug: "panama"}}'
    payload = await done(database, "recordContribution", input_, PANAMA)
    assert payload["outcome"] == "CREATED"


async def test_who_has_nothing_to_do_with_it_enters_nothing(database: str):
    """A body that tracks the gifts of others needs their delegation."""
    assert await refused(database, "recordContribution", GIVEN, IOM) == [
        (
            "NOT_OWNER",
            ["input", "giver"],
            "It is reported by who gives, who receives or through whom it goes, or by whom one of "
            "them delegated to.",
        )
    ]


async def test_nobody_need_be_named(database: str):
    """Some sources name neither giver nor receiver (M3:89); who reports it is not taken for one."""
    payload = await done(database, "recordContribution", "stage: ANNOUNCED", IOM)
    assert payload["outcome"] == "CREATED"
    assert (payload["contribution"]["giver"], payload["contribution"]["receiver"]) == (None, None)


async def test_nobody_gives_to_itself(database: str):
    """Not by a revision either."""
    entry = await entered(database)
    itself = 'receiver: {actor: {slug: "unhcr"}}'
    wrong = (
        "INVALID",
        ["input", "receiver"],
        "Who gives and who receives are two parties; leave out the one that is not known.",
    )
    assert await refused(database, "recordContribution", f"{GIVEN}, {itself}") == [wrong]
    revised = f'contribution: {{id: "{entry}"}}, {itself}'
    assert await refused(database, "reviseContribution", revised) == [wrong]


async def test_what_was_paid_is_not_dated_in_days_to_come(database: str):
    """What is announced may be; a year that has begun is not to come."""
    later = 'date: {edtf: "2090"}'
    not_yet = (
        "NOT_YET",
        ["input", "date"],
        "That has happened, and this day has not come; say when it was.",
    )
    assert await refused(database, "recordContribution", f"{GIVEN}, {later}") == [not_yet]
    announced = await entered(database, f"{GIVEN.replace('DISBURSEMENT', 'ANNOUNCED')}, {later}")
    paid = f'contribution: {{id: "{announced}"}}, stage: DISBURSEMENT'
    assert await refused(database, "reviseContribution", paid) == [not_yet]
    await entered(database, f'{GIVEN}, date: {{edtf: "{datetime.now(UTC).year}"}}')


async def test_a_currency_is_or_was_one(database: str):
    """What was announced in sucres stays in sucres."""
    await entered(database, GIVEN.replace("USD", "ECS"))
    for code in ("ABC", "XXX", "usd"):
        assert await refused(database, "recordContribution", GIVEN.replace("USD", code)) == [
            (
                "INVALID",
                ["input", "currency"],
                f"“{code}” is no currency of ISO 4217, and was none; write it like `USD`.",
            )
        ]


async def test_an_amount_has_a_currency(database: str):
    """The sentence says so."""
    assert await refused(database, "recordContribution", 'stage: ANNOUNCED, amount: "5"') == [
        (
            "INVALID",
            ["input", "currency"],
            "`amount` and `currency` go together: give both or neither.",
        )
    ]


async def test_shares_come_to_a_hundred_at_most(database: str):
    """All money goes somewhere once."""
    input_ = f"{GIVEN}, {shares(panama=60, mexico=41)}"
    assert await refused(database, "recordContribution", input_) == [
        (
            "INVALID",
            ["input", "countries"],
            "The shares come to 101 of a hundred; together they are 100 at most.",
        )
    ]


async def test_a_share_is_more_than_nothing(database: str):
    """An unknown one is left out."""
    assert await refused(database, "recordContribution", f"{GIVEN}, {shares(panama=0)}") == [
        (
            "INVALID",
            ["input", "countries"],
            "A share is more than 0 of a hundred; leave out what is not known.",
        )
    ]


@pytest.mark.parametrize("dry", ["true", "false"])
async def test_a_revision_shows_what_it_changes(database: str, dry: str):
    """From the entry before, whose values it does not repeat."""
    entry = await entered(database, f'{GIVEN}, description: {{en: "Tents"}}')
    query = f"""mutation {{ reviseContribution(input: {{contribution: {{id: "{entry}"}},
        amount: "90.00", description: null, dryRun: {dry}}}) {{
        changes {{ part fields {{ name before after }} }} }} }}"""
    answer = await write(database, query)
    fields = [
        {"name": "amount", "before": "100.00", "after": "90.00"},
        {"name": "descriptionEn", "before": "Tents", "after": None},
        {"name": "descriptionEnOrigin", "before": "HUMAN", "after": None},
        {"name": "revises", "before": None, "after": entry},
    ]
    assert answer["data"]["reviseContribution"]["changes"] == [{"part": None, "fields": fields}]


async def test_a_revision_takes_the_place_of_the_entry(database: str):
    """What was not given is as before, shares and names included."""
    entry = await entered(
        database, f'{GIVEN}, {shares(panama=60)}, identifiers: [{{scheme: "IATI", value: "r-1"}}]'
    )
    input_ = f'contribution: {{id: "{entry}"}}, amount: "9999999999999999.99"'
    payload = await done(database, "reviseContribution", input_)
    assert payload["outcome"] == "CREATED"
    assert payload["contribution"]["id"] != entry
    assert payload["contribution"]["revises"] == {"id": entry}
    assert payload["contribution"]["amount"] == "9999999999999999.99"
    assert payload["contribution"]["stage"] == "DISBURSEMENT"
    assert payload["contribution"]["identifiers"] == [{"value": "r-1"}]
    assert shared(payload) == {"panama": "60.00"}


async def test_a_revision_of_nothing_is_none(database: str):
    """The entry is shown as it is."""
    entry = await entered(database)
    input_ = f'contribution: {{id: "{entry}"}}, amount: "100"'
    payload = await done(database, "reviseContribution", input_)
    assert (payload["outcome"], payload["contribution"]["id"]) == ("UNCHANGED", entry)


async def test_large_amounts_are_copied_to_the_cent(database: str):
    """Sixteen digits and two more do not fit a floating-point number."""
    entry = await entered(database, GIVEN.replace("100.00", "9999999999999999.99"))
    input_ = f'contribution: {{id: "{entry}"}}, stage: COMMITMENT'
    payload = await done(database, "reviseContribution", input_)
    assert payload["contribution"]["amount"] == "9999999999999999.99"


async def test_shares_given_anew_replace_those_before(database: str):
    """In the new entry alone."""
    entry = await entered(database, f"{GIVEN}, {shares(panama=60)}")
    input_ = f'contribution: {{id: "{entry}"}}, {shares(mexico=10)}'
    payload = await done(database, "reviseContribution", input_)
    assert shared(payload) == {"mexico": "10.00"}
    old = await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    assert old["errors"][0]["code"] == "SUPERSEDED"


async def test_a_superseded_entry_is_not_revised(database: str):
    """The sentence names the one that is."""
    entry = await entered(database)
    input_ = f'contribution: {{id: "{entry}"}}, amount: "1"'
    later = (await done(database, "reviseContribution", input_))["contribution"]["id"]
    assert await refused(database, "reviseContribution", input_) == [
        (
            "SUPERSEDED",
            ["input", "contribution"],
            f"Another entry has taken its place: {later}. Change that one.",
        )
    ]


async def test_two_revisions_at_the_same_time_are_one(database: str):
    """The second is told of the first."""
    entry = await entered(database)
    payloads = await asyncio.gather(
        *(
            done(
                database,
                "reviseContribution",
                f'contribution: {{id: "{entry}"}}, amount: "{amount}"',
            )
            for amount in (1, 2)
        )
    )
    assert sorted(p["outcome"] for p in payloads) == ["CREATED", "REJECTED"]
    assert [e["code"] for p in payloads for e in p["errors"]] == ["SUPERSEDED"]


async def test_only_who_keeps_an_entry_revises_it(database: str):
    """Others enter their own."""
    entry = await entered(database)
    found = await refused(
        database, "reviseContribution", f'contribution: {{id: "{entry}"}}, amount: "1"', IOM
    )
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "contribution"])]


async def test_what_is_cancelled_counts_in_no_total(database: str):
    """It stays in the ledger."""
    spent = GIVEN.replace("DISBURSEMENT", "EXPENDITURE")
    await entered(database, spent)
    entry = await entered(database, spent)
    input_ = f'contribution: {{id: "{entry}"}}, reason: {{en: "Counted twice"}}'
    payload = await done(database, "cancelContribution", input_)
    assert payload["contribution"]["cancelled"] is True
    assert payload["contribution"]["cancellationReason"] == "Counted twice"
    assert await totals(database) == [{"amount": "100.00", "entries": 1}]


async def test_what_was_passed_on_of_it_is_named_in_a_warning(database: str):
    """It is cancelled all the same."""
    entry = await entered(database)
    await entered(database, f'{GIVEN}, upstream: {{id: "{entry}"}}')
    payload = await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    assert payload["outcome"] == "UPDATED"
    assert payload["warnings"] == [
        {
            "code": "STILL_REFERRED_TO",
            "path": ["input", "contribution"],
            "message": "Money was passed on from it in other entries: 1. They count by themselves "
            "now.",
        }
    ]


async def test_who_lost_the_answer_gets_its_warnings_again(database: str):
    """With the first outcome, under its key."""
    entry = await entered(database)
    await entered(database, f'{GIVEN}, upstream: {{id: "{entry}"}}')
    given = f'contribution: {{id: "{entry}"}}, idempotencyKey: "warned"'
    first = await done(database, "cancelContribution", given)
    again = await done(database, "cancelContribution", given)
    assert [w["code"] for w in first["warnings"]] == ["STILL_REFERRED_TO"]
    assert again["warnings"] == first["warnings"]


async def test_cancelling_twice_changes_nothing(database: str):
    """The version stays."""
    entry = await entered(database)
    await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    again = await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    assert (again["outcome"], again["contribution"]["version"]) == ("UNCHANGED", 2)


@pytest.mark.parametrize("verb", ["reviseContribution", "splitContribution"])
async def test_what_was_cancelled_is_not_changed(database: str, verb: str):
    """Another is entered."""
    entry = await entered(database)
    await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    assert await refused(
        database, verb, f'contribution: {{id: "{entry}"}}, {shares(panama=1)}'
    ) == [
        (
            "WRONG_STATUS",
            ["input", "contribution"],
            "That contribution was cancelled; enter another with `recordContribution`.",
        )
    ]


async def test_money_that_was_taken_back_is_not_passed_on(database: str):
    """The entry upstream counts nothing."""
    entry = await entered(database)
    await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    assert await refused(
        database, "recordContribution", f'{GIVEN}, upstream: {{id: "{entry}"}}'
    ) == [
        (
            "WRONG_STATUS",
            ["input", "upstream"],
            "The entry in `upstream` was cancelled; name the one that stands for it, or none.",
        )
    ]


async def test_money_is_passed_on_from_the_entry_that_stands(database: str):
    """Named is the one that took its place, however often."""
    entry = await entered(database)
    second = await done(
        database, "reviseContribution", f'contribution: {{id: "{entry}"}}, amount: "90.00"'
    )
    third = await done(
        database, "reviseContribution",
        f'contribution: {{id: "{second["contribution"]["id"]}"}}, amount: "80.00"',
    )  # fmt: skip
    assert await refused(
        database, "recordContribution", f'{GIVEN}, upstream: {{id: "{entry}"}}'
    ) == [
        (
            "SUPERSEDED",
            ["input", "upstream"],
            "Another entry has taken the place of the one in `upstream`:"
            f" {third['contribution']['id']}. Name that one.",
        )
    ]


async def test_what_an_entry_said_of_its_upstream_stays(database: str):
    """It is revised in other things, whatever became of the upstream."""
    entry = await entered(database)
    passed = await entered(database, f'{GIVEN}, upstream: {{id: "{entry}"}}')
    await done(database, "cancelContribution", f'contribution: {{id: "{entry}"}}')
    revised = f'contribution: {{id: "{passed}"}}, amount: "9.00"'
    assert (await done(database, "reviseContribution", revised))["outcome"] == "CREATED"


async def test_money_does_not_come_from_the_entry_that_is_revised(database: str):
    """Nor by way of another: both would count nowhere."""
    entry = await entered(database)
    passed = await entered(database, f'{GIVEN}, upstream: {{id: "{entry}"}}')
    for upstream in (entry, passed):
        revised = f'contribution: {{id: "{entry}"}}, upstream: {{id: "{upstream}"}}'
        assert await refused(database, "reviseContribution", revised) == [
            (
                "INVALID",
                ["input", "upstream"],
                "That money comes from this very entry; name another in `upstream`, or none.",
            )
        ]


async def test_a_share_is_said_beside_others(database: str):
    """And one said again is changed."""
    entry = await entered(database, f"{GIVEN}, {shares(panama=60, mexico=None)}")
    input_ = f'contribution: {{id: "{entry}"}}, {shares(mexico=40)}'
    payload = await done(database, "splitContribution", input_)
    assert (payload["outcome"], payload["contribution"]["version"]) == ("UPDATED", 2)
    assert shared(payload) == {"panama": "60.00", "mexico": "40.00"}


async def test_a_share_beside_others_does_not_go_beyond_a_hundred(database: str):
    """Those said before count."""
    entry = await entered(database, f"{GIVEN}, {shares(panama=60)}")
    assert await refused(
        database, "splitContribution", f'contribution: {{id: "{entry}"}}, {shares(mexico=41)}'
    ) == [
        (
            "INVALID",
            ["input", "countries"],
            "The shares come to 101.00 of a hundred; together they are 100 at most.",
        )
    ]


async def test_two_shares_race_for_the_last_place(database: str):
    """One of them finds it taken."""
    entry = await entered(database, f"{GIVEN}, {shares(guatemala=40)}")
    payloads = await asyncio.gather(
        *(
            done(database, "splitContribution", f'contribution: {{id: "{entry}"}}, {said}')
            for said in (shares(panama=60), shares(mexico=60))
        )
    )
    assert sorted(p["outcome"] for p in payloads) == ["REJECTED", "UPDATED"]
    [[error]] = [p["errors"] for p in payloads if p["errors"]]
    assert error["message"] == (
        "The shares come to 160.00 of a hundred; together they are 100 at most."
    )


async def test_the_database_holds_shares_by_itself(database: str):
    """Two connections, whatever wrote through them."""
    entry = (await entered(database)).removeprefix("contribution_")
    one, two = await asyncpg.connect(database), await asyncpg.connect(database)
    try:
        places = zip((one, two), ("panama", "mexico"), strict=True)
        results = await asyncio.gather(
            *(
                each.execute(
                    f"INSERT INTO contribution_country VALUES ('{entry}', $1, 60)",
                    id_of("country", slug),
                )
                for each, slug in places
            ),
            return_exceptions=True,
        )
        assert sorted(map(str, results)) == [
            "INSERT 0 1",
            "The shares come to 120.00 of a hundred; together they may be 100 at most.",
        ]
    finally:
        await one.close()
        await two.close()


# ── Sent by name ──────────────────────────────────────────────────────────────────────────────────


def named(name: str, more: str = "") -> str:
    """An entry by its name in a partner's system."""
    return f'{{identifier: {{scheme: "LEDGER", value: "{name}"}}, {GIVEN}, {more}}}'


async def sent(database: str, *entries: str, who: Any = UNHCR) -> Any:
    """What becomes of entries that are sent by name."""
    shown = SHOWN.replace("contribution {", "outcomes contributions {")
    query = f"mutation {{ upsertContributions(input: {{contributions: [{', '.join(entries)}]}})"
    return (await write(database, f"{query} {shown} }}", principal=who))["data"][
        "upsertContributions"
    ]


async def test_entries_are_sent_by_name_again_and_again(database: str):
    """What differs is entered anew, with the name; what does not stays, its shares too."""
    first = await sent(database, named("a", shares(panama=60)), named("b"))
    again = await sent(database, named("a", shares(panama=60)), named("b", 'usdValue: "90.00"'))
    assert (first["errors"], first["outcomes"]) == ([], ["CREATED", "CREATED"])
    assert (again["errors"], again["outcomes"]) == ([], ["UNCHANGED", "UPDATED"])
    assert again["contributions"][0]["id"] == first["contributions"][0]["id"]
    old, new = first["contributions"][1], again["contributions"][1]
    assert (new["revises"], new["identifiers"]) == ({"id": old["id"]}, [{"value": "b"}])
    assert (new["amount"], new["version"]) == ("100.00", 1)


async def test_another_share_is_a_difference(database: str):
    """The new entry has it; what is left out is as before."""
    await sent(database, named("shared", shares(panama=60)))
    answer = await sent(database, named("shared", shares(panama=50, mexico=50)))
    [entry] = answer["contributions"]
    assert answer["outcomes"] == ["UPDATED"]
    assert shared({"contribution": entry}) == {"panama": "50.00", "mexico": "50.00"}


async def refused_entries(database: str, *entries: str, who: Any = UNHCR) -> list[Any]:
    """Code and path of each reason; nothing has changed."""
    before = await everything(database)
    answer = await sent(database, *entries, who=who)
    assert (answer["outcome"], await everything(database)) == ("REJECTED", before)
    return [(e["code"], e["path"][2:]) for e in answer["errors"]]


async def test_what_was_cancelled_is_not_sent_again(database: str):
    """None of the others is entered then."""
    [entry] = (await sent(database, named("taken-back")))["contributions"]
    await done(database, "cancelContribution", f'contribution: {{id: "{entry["id"]}"}}')
    found = await refused_entries(database, named("new"), named("taken-back", 'usdValue: "1"'))
    assert found == [("WRONG_STATUS", ["1", "identifier"])]


async def test_entries_of_others_are_not_sent(database: str):
    """A name says nothing about who may."""
    await sent(database, named("of-unhcr"))
    found = await refused_entries(database, named("of-unhcr", 'usdValue: "1"'), who=IOM)
    assert found == [("NOT_OWNER", ["0", "identifier"])]


async def test_the_rules_of_the_ledger_hold_for_what_is_sent(database: str):
    """Shares come to a hundred; who reports is part of it."""
    await sent(database, named("ruled"))
    too_much = named("ruled", shares(panama=60, mexico=60))
    assert await refused_entries(database, too_much) == [("INVALID", ["0", "countries"])]
    found = await refused_entries(database, named("stranger"), who=PANAMA)
    assert found == [("NOT_OWNER", ["0", "giver"])]
