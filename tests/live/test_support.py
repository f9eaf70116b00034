"""Support: the ledger of contributions, its totals, who gives, and the ways to an objective."""

from decimal import Decimal
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from auth.principal import ANONYMOUS, Principal
from seeds.records import id_of
from tests.making import by_id, change, make
from tests.reading import read

Connection = asyncpg.Connection
US, UNHCR, DIME, IDB = "actor:united-states", "actor:unhcr", "actor:dime", "actor:idb"
KEYS = {
    "year": "year",
    "giver": "giver { ... on Actor { slug } ... on WorkingGroup { slug } }",
    "receiver": "receiver { ... on Actor { slug } ... on WorkingGroup { slug } }",
    "country": "country { slug }",
    "topic": "topic { slug }",
    "objective": "objective { slug }",
    "plan_item": "planItem { code plan { slug } }",
}
Total = tuple[Any, ...]


async def give(connection: Connection, key: str, amount: Any = "100", **fields: Any) -> None:
    """An entry of the ledger: a hundred dollars committed, unless something else is said."""
    given: dict[str, Any] = {"stage": "COMMITMENT", "amount": amount}
    if amount is not None:
        given["currency"] = "USD"
    await make(connection, "contribution", key, **given | fields)


def shares(noun: str, **parts: int | str | None) -> list[dict[str, Any]]:
    """Shares of a contribution: `shares("country", panama=60)`."""
    return [
        {noun: slug.replace("_", "-"), "share": share if share is None else Decimal(share)}
        for slug, share in parts.items()
    ]


async def totals(
    connection: Connection,
    dimension: str = "",
    where: str = "not: {stage: {eq: ANNOUNCED}}",
    principal: Principal = ANONYMOUS,
) -> list[Total]:
    """Stage, currency, amount and entries of totals, and what they are split by."""
    query = (
        f"{{ supportTotals(dimension: {dimension.upper() or 'NONE'}, where: {{{where}}})"
        f" {{ stage currency amount entries {KEYS.get(dimension, '')} unsplit }} }}"
    )
    found = (await read(connection, query, principal=principal))["supportTotals"]
    name = "planItem" if dimension == "plan_item" else dimension
    return [
        (
            total["stage"],
            total["currency"],
            total["amount"],
            total["entries"],
            *((_named(total[name]), total["unsplit"]) if dimension else ()),
        )
        for total in found
    ]


def _named(key: Any) -> Any:
    """The slug or code of what a total is for."""
    return key.get("slug") or key["code"] if isinstance(key, dict) else key


def committed(amount: str | None, entries: int, *more: Any) -> Total:
    """A total of commitments in dollars."""
    return ("COMMITMENT", "USD" if amount is not None else None, amount, entries, *more)


# ── September 2022 ────────────────────────────────────────────────────────────────────────────────


async def test_at_least_210_million_dollars_were_announced_in_september_2022(
    connection: Connection,
):
    """M3:89: the only sum that the documents name."""
    query = (
        "{ supportTotals { stage currency amount comparator entries giver { name } unsplit }"
        " contributions { nodes { comparator amount currency stage usdValue date { text earliest"
        " latest } giver { name } receiver { name } channel { name } pledge { id } superseded"
        " event { date { text } } } } }"
    )
    assert await read(connection, query) == {
        "supportTotals": [
            {
                "stage": "ANNOUNCED",
                "currency": "USD",
                "amount": "210000000.00",
                "comparator": "AT_LEAST",
                "entries": 1,
                "giver": None,
                "unsplit": False,
            }
        ],
        "contributions": {
            "nodes": [
                {
                    "comparator": "AT_LEAST",
                    "amount": "210000000.00",
                    "currency": "USD",
                    "stage": "ANNOUNCED",
                    "usdValue": None,
                    "date": {
                        "text": "septiembre de 2022",
                        "earliest": "2022-09-01",
                        "latest": "2022-09-30",
                    },
                    "giver": None,
                    "receiver": None,
                    "channel": None,
                    "pledge": None,
                    "superseded": False,
                    "event": {"date": {"text": "septiembre de 2022"}},
                }
            ]
        },
    }


@pytest.mark.parametrize(
    "dimension", ["giver", "receiver", "country", "topic", "objective", "plan_item"]
)
async def test_the_source_splits_it_by_nothing(connection: Connection, dimension: str):
    """Nor is it shared out here."""
    assert await totals(connection, dimension, where="") == [
        ("ANNOUNCED", "USD", "210000000.00", 1, None, True)
    ]


async def test_what_is_unclear_of_it_is_noted(connection: Connection):
    """Several donors; "dólares"; "más de"; whether it was a commitment."""
    query = "{ contributions { nodes { citations { nodes { locator field note } } } } }"
    [found] = (await read(connection, query))["contributions"]["nodes"]
    cited = [(c["locator"], c["field"], bool(c["note"])) for c in found["citations"]["nodes"]]
    assert cited == [
        ("M3:89", None, True),
        ("M3:89", "currency", True),
        ("M3:89", "comparator", True),
        ("M3:89", "stage", True),
    ]


# ── What is added up, and what is not ─────────────────────────────────────────────────────────────


async def test_entries_of_one_stage_and_currency_are_added_up(connection: Connection):
    """To the cent."""
    for key, amount in (("a", "100.10"), ("b", "0.20"), ("c", "0.01")):
        await give(connection, key, amount)
    assert await totals(connection) == [committed("100.31", 3)]


async def test_stages_and_currencies_are_never_added_up(connection: Connection):
    """A disbursement is not added to its commitment, nor a euro to a dollar."""
    await give(connection, "a")
    await give(connection, "b", "50", currency="EUR")
    await give(connection, "c", "70", stage="DISBURSEMENT")
    assert await totals(connection, where="") == [
        ("ANNOUNCED", "USD", "210000000.00", 1),
        ("COMMITMENT", "EUR", "50.00", 1),
        ("COMMITMENT", "USD", "100.00", 1),
        ("DISBURSEMENT", "USD", "70.00", 1),
    ]


async def test_entries_without_an_amount_are_counted_alone(connection: Connection):
    """Goods and services."""
    await give(connection, "a")
    await give(connection, "b", None, support="MATERIAL")
    assert await totals(connection) == [committed("100.00", 1), committed(None, 1)]


@pytest.mark.parametrize(
    ("comparators", "expected"),
    [
        (["EXACTLY", "EXACTLY"], "EXACTLY"),
        (["EXACTLY", "ABOUT"], "ABOUT"),
        (["EXACTLY", "AT_LEAST"], "AT_LEAST"),
        (["ABOUT", "AT_LEAST"], "AT_LEAST"),
    ],
)
async def test_a_lower_bound_stays_one_in_a_total(
    connection: Connection, comparators: list[str], expected: str
):
    """At least what is certain."""
    for key, comparator in zip("ab", comparators, strict=True):
        await give(connection, key, comparator=comparator)
    query = "{ supportTotals(where: {stage: {eq: COMMITMENT}}) { amount comparator } }"
    assert (await read(connection, query))["supportTotals"] == [
        {"amount": "200.00", "comparator": expected}
    ]


async def test_a_filter_chooses_what_is_added_up(connection: Connection):
    """Any filter of contributions."""
    await give(connection, "a", giver=US, date="2023-03")
    await give(connection, "b", "50", giver=IDB, date="2023-05")
    for where, expected in (
        ('giver: {actor: {slug: {eq: "idb"}}}', [committed("50.00", 1)]),
        ('date: {certainly: {to: "2023-03-31"}}, currency: {eq: "USD"}, stage: {eq: COMMITMENT}',
         [committed("100.00", 1)]),
        ('amount: {gte: "50"}, stage: {eq: COMMITMENT}', [committed("150.00", 2)]),
        ("stage: {eq: EXPENDITURE}", []),
    ):  # fmt: skip
        assert await totals(connection, where=where) == expected, where


# ── Shares ────────────────────────────────────────────────────────────────────────────────────────


async def test_shares_split_a_sum_by_country_and_leave_the_rest(connection: Connection):
    """60 and 15 of a hundred; for the rest nobody said."""
    await give(connection, "a", countries=shares("country", panama=60, guatemala=15))
    assert await totals(connection, "country") == [
        committed("60.00", 1, "panama", False),
        committed("25.00", 1, None, True),
        committed("15.00", 1, "guatemala", False),
    ]


async def test_shares_of_several_entries_meet_in_their_country(connection: Connection):
    """60 of 100, and all of 40."""
    await give(connection, "a", countries=shares("country", panama=60))
    await give(connection, "b", "40", countries=shares("country", panama=100))
    assert await totals(connection, "country") == [
        committed("100.00", 2, "panama", False),
        committed("40.00", 1, None, True),
    ]


async def test_shares_that_come_to_a_hundred_leave_nothing(connection: Connection):
    """No empty rest."""
    await give(connection, "a", countries=shares("country", panama=60, guatemala=40))
    assert await totals(connection, "country") == [
        committed("60.00", 1, "panama", False),
        committed("40.00", 1, "guatemala", False),
    ]


async def test_a_country_without_a_share_gets_nothing_of_the_sum(connection: Connection):
    """That it is for Panama, too, says not how much."""
    await give(connection, "a", countries=shares("country", panama=None))
    assert await totals(connection, "country") == [committed("100.00", 1, None, True)]


async def test_thirds_leave_a_cent(connection: Connection):
    """Nothing is lost by rounding."""
    await give(
        connection,
        "a",
        countries=shares("country", panama="33.33", guatemala="33.33", mexico="33.33"),
    )
    found = await totals(connection, "country")
    assert sorted((total[2], total[4]) for total in found if total[4]) == [
        ("33.33", "guatemala"),
        ("33.33", "mexico"),
        ("33.33", "panama"),
    ]
    assert found[-1] == committed("0.01", 1, None, True)


SHARED = {
    "country": ("countries", "panama", "guatemala"),
    "topic": ("topics", "refugees", "women"),
    "objective": ("objectives", "gcr-1", "gcr-2"),
    "plan_item": ("plan_items", "mirps-2023/1.1", "mirps-2023/1.3"),
}


async def give_whole(connection: Connection, **fields: Any) -> None:
    """An entry with its shares, kept whole or not at all."""
    async with connection.transaction():
        await give(connection, "a", **fields)
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("dimension", SHARED)
async def test_shares_may_come_to_a_hundred_at_most(connection: Connection, dimension: str):
    """Whatever they split by; the database says so in a sentence, and nothing is kept."""
    field, one, other = SHARED[dimension]
    too_much = [{dimension: one, "share": Decimal(60)}, {dimension: other, "share": Decimal(41)}]
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await give_whole(connection, **{field: too_much})
    assert refused.value.args == (
        "The shares come to 101.00 of a hundred; together they may be 100 at most.",
    )
    assert await totals(connection) == []


@pytest.mark.parametrize("dimension", SHARED)
async def test_a_share_cannot_grow_beyond_a_hundred(connection: Connection, dimension: str):
    """Nor by a change."""
    field, one, other = SHARED[dimension]
    both = [{dimension: one, "share": Decimal(60)}, {dimension: other, "share": Decimal(40)}]
    await give(connection, "a", **{field: both})
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(asyncpg.CheckViolationError, match="come to 101\\.00 of a hundred"):
        await connection.execute(f"UPDATE contribution_{dimension} SET share = 61 WHERE share = 60")


@pytest.mark.parametrize(
    "share",
    [
        "150",
        pytest.param(
            "-50",
        ),
    ],
)
async def test_a_share_is_not_negative_and_at_most_all(connection: Connection, share: str):
    """150 and -50 would come to a hundred."""
    with pytest.raises(asyncpg.CheckViolationError):
        await give_whole(connection, countries=shares("country", panama=share))


@pytest.mark.parametrize("dimension", ["topic", "objective"])
async def test_shares_split_a_sum_by_topic_or_objective(connection: Connection, dimension: str):
    """As by country."""
    field, one, other = SHARED[dimension]
    parts = [{dimension: one, "share": Decimal(70)}, {dimension: other, "share": Decimal(20)}]
    await give(connection, "a", **{field: parts})
    assert await totals(connection, dimension) == [
        committed("70.00", 1, one, False),
        committed("20.00", 1, other, False),
        committed("10.00", 1, None, True),
    ]


async def test_shares_split_a_sum_by_item_of_a_plan(connection: Connection):
    """M3:37: contributions, and how they are linked to the objectives of plans."""
    parts = [
        {"plan_item": "mirps-2023/1.1", "share": Decimal(70)},
        {"plan_item": "mirps-2023/1.3", "share": Decimal(30)},
    ]
    await give(connection, "a", plan_items=parts)
    assert await totals(connection, "plan_item") == [
        committed("70.00", 1, "1.1", False),
        committed("30.00", 1, "1.3", False),
    ]


@pytest.mark.parametrize("dimension", ["giver", "receiver"])
async def test_totals_are_split_by_party(connection: Connection, dimension: str):
    """What nobody is named for stays unsplit; a group may give and receive."""
    await give(connection, "a", **{dimension: US})
    await give(connection, "b", "30", **{dimension: US})
    await give(connection, "c", "60", **{dimension: "working_group:mirps"})
    await give(connection, "d", "5")
    assert await totals(connection, dimension) == [
        committed("130.00", 2, "united-states", False),
        committed("60.00", 1, "mirps", False),
        committed("5.00", 1, None, True),
    ]


async def test_totals_are_split_by_year(connection: Connection):
    """Where all days that are possible lie in one."""
    for key, when in (
        ("a", "2022"),
        ("b", "2023-04"),
        ("c", "2023-41"),
        ("d", "[2022-12,2023-01]"),
    ):
        status = "APPROXIMATE" if when.startswith("[") else "EXACT"
        await give(connection, key, date={"edtf": when, "status": status})
    await give(connection, "e", date={"status": "UNDATED"})
    assert await totals(connection, "year") == [
        committed("100.00", 1, 2022, False),
        committed("200.00", 2, 2023, False),
        committed("200.00", 2, None, True),
    ]


# ── Money that is counted once ────────────────────────────────────────────────────────────────────


async def test_money_passed_on_in_the_same_stage_is_counted_once(connection: Connection):
    """From a donor to an agency to an organization: one unit of money."""
    await give(connection, "a", giver=US, receiver=UNHCR)
    await give(connection, "b", "60", giver=UNHCR, receiver=DIME, upstream="a")
    assert await totals(connection) == [committed("100.00", 1)]


async def test_money_passed_on_in_another_stage_is_counted_in_both(connection: Connection):
    """Stages are told apart anyway."""
    await give(connection, "a", giver=US, receiver=UNHCR)
    await give(connection, "b", "60", stage="DISBURSEMENT", giver=UNHCR, upstream="a")
    assert await totals(connection) == [committed("100.00", 1), ("DISBURSEMENT", "USD", "60.00", 1)]


async def test_money_is_found_further_upstream(connection: Connection):
    """A commitment, its disbursement, and a commitment out of that."""
    await give(connection, "a")
    await give(connection, "b", "80", stage="DISBURSEMENT", upstream="a")
    await give(connection, "c", "60", upstream="b")
    assert await totals(connection) == [committed("100.00", 1), ("DISBURSEMENT", "USD", "80.00", 1)]


async def test_what_the_filter_leaves_out_counts_nothing(connection: Connection):
    """What UNHCR passed on, though it had it from the United States."""
    await give(connection, "a", giver=US, receiver=UNHCR)
    await give(connection, "b", "60", giver=UNHCR, receiver=DIME, upstream="a")
    where = 'giver: {actor: {slug: {eq: "unhcr"}}}'
    assert await totals(connection, where=where) == [committed("60.00", 1)]


async def test_what_was_passed_on_is_found_downstream(connection: Connection):
    """And where it came from."""
    await give(connection, "a")
    await give(connection, "b", "60", upstream="a")
    query = (
        f"{{ contribution{by_id('contribution', 'a')}"
        " { downstream { nodes { amount upstream { amount } } } } }"
    )
    assert (await read(connection, query))["contribution"] == {
        "downstream": {"nodes": [{"amount": "60.00", "upstream": {"amount": "100.00"}}]}
    }


async def test_a_ring_of_entries_ends(connection: Connection):
    """Each is upstream of the other, from before that was refused, and so neither counts."""
    await connection.execute(
        "ALTER TABLE contribution DISABLE TRIGGER contribution_upstream_circle"
    )
    await give(connection, "a")
    await give(connection, "b", "60", upstream="a")
    await connection.execute(
        "UPDATE contribution SET upstream_id = $2 WHERE id = $1",
        id_of("contribution", "a"),
        id_of("contribution", "b"),
    )
    assert await totals(connection) == []


# ── Revisions ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_revised_entry_is_left_out(connection: Connection):
    """The later one takes its place; both are kept."""
    await give(connection, "a", date="2022-05")
    await give(connection, "b", "120", revises="a", date="2023-05")
    assert await totals(connection) == [committed("120.00", 1)]
    query = (
        "{ contributions(where: {stage: {eq: COMMITMENT}})"
        " { nodes { amount superseded revises { amount } } } }"
    )
    assert (await read(connection, query))["contributions"]["nodes"] == [
        {"amount": "100.00", "superseded": True, "revises": None},
        {"amount": "120.00", "superseded": False, "revises": {"amount": "100.00"}},
    ]


async def test_a_revised_entry_is_left_out_whatever_is_asked(connection: Connection):
    """Also of the time of the earlier one."""
    await give(connection, "a", date="2022-05")
    await give(connection, "b", "120", revises="a", date="2023-05")
    where = 'stage: {eq: COMMITMENT}, date: {certainly: {to: "2022-12-31"}}'
    assert await totals(connection, where=where) == []


async def test_the_last_of_several_revisions_counts(connection: Connection):
    """Each revises the one before."""
    await give(connection, "a")
    await give(connection, "b", "120", revises="a")
    await give(connection, "c", "110", revises="b")
    assert await totals(connection) == [committed("110.00", 1)]


async def test_an_entry_is_revised_once(connection: Connection):
    """Two revisions of one entry would both count."""
    await give(connection, "a")
    await give(connection, "b", "120", revises="a")
    with pytest.raises(asyncpg.UniqueViolationError, match="contribution_revises_id_key"):
        await give(connection, "c", "130", revises="a")


async def test_what_a_revised_entry_passed_on_is_still_counted_once(connection: Connection):
    """The revision takes its place upstream as well."""
    await give(connection, "a", giver=US, receiver=UNHCR)
    await give(connection, "b", "60", giver=UNHCR, receiver=DIME, upstream="a")
    await give(connection, "c", "120", giver=US, receiver=UNHCR, revises="a")
    assert await totals(connection) == [committed("120.00", 1)]


DRAFT = {"visibility": "DRAFT", "owner": US}
OWNER = Principal(parties=(id_of("actor", "united-states"),))


async def test_a_draft_counts_for_its_owner_alone(connection: Connection):
    """As in every read."""
    await give(connection, "a")
    await give(connection, "b", "50", **DRAFT)
    assert await totals(connection) == [committed("100.00", 1)]
    assert await totals(connection, principal=OWNER) == [committed("150.00", 2)]


async def test_a_revision_that_nobody_sees_leaves_out_nothing(connection: Connection):
    """For the others the earlier entry stands."""
    await give(connection, "a")
    await give(connection, "b", "120", revises="a", **DRAFT)
    assert await totals(connection) == [committed("100.00", 1)]
    assert await totals(connection, principal=OWNER) == [committed("120.00", 1)]


# ── Who gives ─────────────────────────────────────────────────────────────────────────────────────


async def donors(connection: Connection) -> list[tuple[str, str]]:
    """Type and slug of whoever gives."""
    query = "{ donors { nodes { __typename slug } } }"
    found = (await read(connection, query))["donors"]["nodes"]
    return [(donor["__typename"], donor["slug"]) for donor in found]


async def test_the_fund_is_the_only_donor_by_name(connection: Connection):
    """M3:89 names none of those who gave."""
    assert await donors(connection) == [("Donor", "mirps-fund")]


async def test_whoever_gives_is_a_donor_and_stays_what_it_is(connection: Connection):
    """By name; once, however often it gave."""
    await give(connection, "a", giver=US)
    await give(connection, "b", giver=US)
    await give(connection, "c", giver=UNHCR)
    await give(connection, "d", giver=IDB, stage="EXPENDITURE")
    await give(connection, "e", giver=DIME, amount=None, stage="IN_KIND")
    assert sorted(await donors(connection)) == [
        ("CivilSocietyOrganization", "dime"),
        ("DevelopmentBank", "idb"),
        ("Donor", "mirps-fund"),
        ("State", "united-states"),
        ("UnAgency", "unhcr"),
    ]


async def test_whose_gift_nobody_sees_is_no_donor(connection: Connection):
    """A draft tells nothing."""
    await give(connection, "a", giver=US, **DRAFT)
    assert await donors(connection) == [("Donor", "mirps-fund")]


async def test_who_receives_is_no_donor(connection: Connection):
    """Nor whom it goes through."""
    await give(connection, "a", receiver=UNHCR, channel=IDB)
    assert await donors(connection) == [("Donor", "mirps-fund")]


async def test_a_party_knows_what_it_gave_and_received(connection: Connection):
    """Both ends of an entry."""
    await give(connection, "a", giver=US, receiver=UNHCR)
    query = (
        '{ giver: actor(by: {slug: "united-states"}) { contributionsGiven { nodes { amount } }'
        " contributionsReceived { totalCount } }"
        ' receiver: actor(by: {slug: "unhcr"}) { contributionsReceived { nodes { amount } } } }'
    )
    assert await read(connection, query) == {
        "giver": {
            "contributionsGiven": {"nodes": [{"amount": "100.00"}]},
            "contributionsReceived": {"totalCount": 0},
        },
        "receiver": {"contributionsReceived": {"nodes": [{"amount": "100.00"}]}},
    }


# ── Ways to an objective ──────────────────────────────────────────────────────────────────────────

RECORD = (
    "record { ... on WorkingGroup { slug } ... on Plan { slug } ... on PlanItem { code }"
    " ... on Objective { slug } ... on Contribution { amount } ... on Pledge { title } }"
)


async def paths(
    connection: Connection, root: str, slug: str, objective: str
) -> list[list[tuple[str, str]]]:
    """The ways from a party to an objective: what leads to what."""
    query = (
        f'{{ {root}(by: {{slug: "{slug}"}}) {{ pathsTo(objective: "{objective}")'
        f" {{ length steps {{ relation {RECORD} }} }} }} }}"
    )
    found = (await read(connection, query))[root]["pathsTo"]
    assert [path["length"] for path in found] == sorted(len(path["steps"]) for path in found)
    return [
        [(step["relation"], *step["record"].values()) for step in path["steps"]] for path in found
    ]


PLATFORM = "support-platform"
LAST = [("HAS_PLAN", "support-platform-2022-2023"), ("HAS_ITEM", "3")]


@pytest.mark.parametrize(
    ("slug", "relations"),
    [
        # Canada held the presidency (M3:73), Spain is a member (M3:14).
        ("canada", ["HOLDS_POST_IN", "MEMBER_OF"]),
        ("spain", ["MEMBER_OF"]),
    ],
)
async def test_a_member_of_the_platform_comes_to_objective_2_of_the_gcr(
    connection: Connection, slug: str, relations: list[str]
):
    """By the plan's third objective, which is aligned with it and works on it (M3:33)."""
    found = await paths(connection, "actor", slug, "gcr-2")
    assert sorted(found) == sorted(
        [(first, PLATFORM), *LAST, (last, "gcr-2")]
        for first in relations
        for last in ("ALIGNED_WITH", "WORKS_ON")
    )


@pytest.mark.parametrize("objective", ["gcm-8", "gcr-3"])
async def test_where_nothing_leads_there_is_no_path(connection: Connection, objective: str):
    """No source joins the states of the Platform to the GCM."""
    assert await paths(connection, "actor", "canada", objective) == []


async def test_an_objective_that_is_not_there_is_refused(connection: Connection):
    """No path to it would be a false answer."""
    with pytest.raises(asyncpg.RaiseError) as refusal:
        await paths(connection, "actor", "canada", "GCM-99")
    assert str(refusal.value) == (
        "There is no objective 'GCM-99'. Name one by its slug, such as 'gcm-8'."
    )


async def test_a_mechanism_works_through_its_mesas(connection: Connection):
    """G1:54: objective 8 is a priority of mesa 2. The code will do for the slug."""
    assert await paths(connection, "workingGroup", "lac-mechanism", "GCM-8") == [
        [("HAS_PART", "mesa-2"), ("WORKS_ON", "gcm-8")]
    ]


async def test_a_group_comes_straight_to_its_objectives(connection: Connection):
    """G2:62."""
    assert await paths(connection, "workingGroup", "mesa-2", "gcm-8") == [[("WORKS_ON", "gcm-8")]]


async def test_a_gift_is_a_way_to_what_it_serves(connection: Connection):
    """Shorter than the others, and so first."""
    await give(connection, "a", giver="actor:spain", objectives=shares("objective", gcr_2=50))
    found = await paths(connection, "actor", "spain", "gcr-2")
    assert found[0] == [("GAVE", "100.00"), ("WORKS_ON", "gcr-2")]
    assert len(found) == 3


async def test_a_pledge_is_a_way_to_what_it_serves(connection: Connection):
    """And joins the two families, where a party says so."""
    await make(
        connection,
        "pledge",
        "p",
        title="Promesa",
        kind="INDIVIDUAL",
        support=["TECHNICAL"],
        parties=[{"party": "actor:canada", "role": "LEAD"}],
        objectives=[{"objective": "gcm-8", "basis": "ASSERTED"}],
    )
    assert await paths(connection, "actor", "canada", "gcm-8") == [
        [("INVOLVED_IN", "Promesa"), ("WORKS_ON", "gcm-8")]
    ]


@pytest.mark.parametrize(
    ("status", "visibility", "count"),
    [
        ("ACTIVE", {}, 1),
        ("REQUESTED", {"visibility": "MEMBERS"}, 0),
        ("ENDED", {}, 0),
        ("ACTIVE", {"visibility": "DRAFT", "owner": DIME}, 0),
    ],
)
async def test_only_an_active_membership_that_is_seen_leads_on(
    connection: Connection, status: str, visibility: dict[str, str], count: int
):
    """A request is not public, and no way."""
    await make(
        connection, "membership", "m", group="mesa-2", party=DIME, status=status, **visibility
    )
    found = await paths(connection, "actor", "dime", "gcm-8")
    assert found == [[("MEMBER_OF", "mesa-2"), ("WORKS_ON", "gcm-8")]] * count


PLEDGED = {
    "title": "Promesa", "kind": "INDIVIDUAL", "support": ["TECHNICAL"],
    "parties": [{"party": "actor:canada", "role": "LEAD"}],
}  # fmt: skip
WORK = {
    "pledge": PLEDGED,
    "event": {
        "title": "Encuentro", "kind": "MEETING",
        "parties": [{"party": "actor:canada", "role": "ORGANIZER"}],
    },
    "practice": {
        "title": "Radio", "parties": [{"party": "actor:canada", "role": "LEAD"}],
    },
    "plan": {"title": "Plan", "party": "actor:canada", "content": "FULL"},
    "contribution": {
        "stage": "DISBURSEMENT", "giver": "actor:canada", "amount": "100.00", "currency": "USD",
    },
}  # fmt: skip
IDLE = "gcr-3"
TAKEN_BACK = {
    "pledge": {"status": "WITHDRAWN"}, "event": {"status": "CANCELLED"},
    "practice": {"status": "WITHDRAWN"}, "plan": {"status": "CANCELLED"},
    "contribution": {"cancelled": True},
}  # fmt: skip


@pytest.mark.parametrize("noun", sorted(WORK))
async def test_what_was_taken_back_is_no_work(connection: Connection, noun: str):
    """It leads nowhere, and the objective has nobody again."""
    link = (
        {"objective": IDLE, "basis": "ASSERTED"}
        if noun != "contribution"
        else {"objective": IDLE, "share": "10"}
    )
    await make(connection, noun, "w", **WORK[noun], objectives=[link])
    assert (
        len(await paths(connection, "actor", "canada", IDLE)),
        IDLE in await idle(connection),
    ) == (1, False)
    await change(connection, noun, "w", **TAKEN_BACK[noun])
    assert await paths(connection, "actor", "canada", IDLE) == []
    assert IDLE in await idle(connection)


async def test_an_item_of_a_plan_that_was_given_up_is_no_work(connection: Connection):
    """Nor one that was given up itself."""
    await make(connection, "plan", "w", **WORK["plan"])
    item = {"plan": "w", "code": "1", "kind": "ACTIVITY", "title": "Obra", "position": 1}
    link = {"objective": IDLE, "basis": "ASSERTED"}
    await make(connection, "plan_item", "w-1", **item, objectives=[link])
    assert len(await paths(connection, "actor", "canada", IDLE)) == 1
    for noun, key in (("plan_item", "w-1"), ("plan", "w")):
        await change(connection, noun, key, status="CANCELLED")
        assert await paths(connection, "actor", "canada", IDLE) == []
        assert IDLE in await idle(connection)
        await change(connection, noun, key, status=None)


async def test_an_entry_that_was_entered_anew_is_no_work(connection: Connection):
    """The later one counts, with what it says itself; so who gives is who gives by that one."""
    await give(connection, "a", giver="actor:dime", objectives=shares("objective", gcr_3=50))
    await give(connection, "b", giver="actor:canada", revises="a")
    assert await paths(connection, "actor", "dime", IDLE) == []
    assert IDLE in await idle(connection)
    donors = (await read(connection, "{ donors(first: 100) { nodes { slug } } }"))["donors"][
        "nodes"
    ]
    assert ("dime" in [d["slug"] for d in donors], "canada" in [d["slug"] for d in donors]) == (
        False,
        True,
    )


# ── Objectives that nobody works on ───────────────────────────────────────────────────────────────


async def idle(connection: Connection, where: str = "") -> list[str]:
    """The objectives without work."""
    query = f"{{ objectivesWithoutWork(where: {{{where}}}) {{ nodes {{ slug }} totalCount }} }}"
    found = (await read(connection, query))["objectivesWithoutWork"]
    assert found["totalCount"] == len(found["nodes"])
    return [objective["slug"] for objective in found["nodes"]]


async def test_two_objectives_have_nobody_who_works_on_them(connection: Connection):
    """The mesas take all of the GCM (G2:61–64), the Platform two of the GCR (M3:33)."""
    assert await idle(connection) == ["gcr-3", "gcr-4"]
    assert await idle(connection, 'framework: {slug: {eq: "gcm"}}') == []


async def practice(connection: Connection, **fields: Any) -> None:
    """A practice that serves objective 3 of the GCR."""
    await make(
        connection,
        "practice",
        "p",
        title="Práctica",
        objectives=[{"objective": "gcr-3", "basis": "ASSERTED"}],
        **fields,
    )


async def test_a_practice_is_work(connection: Connection):
    """As are groups, plans, pledges and events."""
    await practice(connection)
    assert await idle(connection) == ["gcr-4"]


async def test_work_that_nobody_sees_is_none(connection: Connection):
    """For who may not see it."""
    await practice(connection, **DRAFT)
    assert await idle(connection) == ["gcr-3", "gcr-4"]
