"""Mandates as they are written: who may, what a seat's rules refuse, and what they only say."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone
from tests.governing import Body, actor, body, day, do
from tests.making import change
from tests.writing import acting, rows, write

YEARLY = {"kind": "SECRETARY", "term_months": 12, "consecutive_terms": 2}
ELECTED = {**YEARLY, "selection": "ELECTION"}
PAIR = {"kind": "REPRESENTATIVE", "term_months": 12, "consecutive_terms": 2}
TO_BE_CONFIRMED = {"status": "TO_BE_CONFIRMED"}


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each has a body of its own."""
    return clone(cluster, template)


def codes(answer: Any) -> list[str]:
    """Of its warnings."""
    return [w["code"] for w in answer["warnings"]]


# ── Recording ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_mandate_lasts_a_term_of_its_post(database: str):
    """It belongs to the group that fills the post."""
    b = await body(database, "one", secretary=YEARLY)
    answer = await b.recorded("a", day(-10), "secretary", selection="CONSENSUS")
    [[end]] = await rows(
        database, "SELECT ($1::text::date + interval '1 year - 1 day')::date::text", day(-10)
    )
    mandate = answer["mandate"]
    assert mandate.pop("id").startswith("mandate_")
    assert mandate == {
        "version": 1,
        "status": "CURRENT",
        "selection": "CONSENSUS",
        "start": {"edtf": day(-10), "status": "EXACT"},
        "end": {"edtf": end},
        "holder": {"slug": "one-a"},
        "person": None,
        "owner": {"slug": "one"},
        "documents": {"edges": []},
    }
    assert (answer["outcome"], answer["warnings"]) == ("CREATED", [])


async def test_a_vague_start_gives_an_end_as_vague(database: str):
    """Nobody is made more exact than the source."""
    b = await body(database, "vague", secretary=YEARLY)
    answer = await b.recorded("a", "2020-04", "secretary")
    assert answer["mandate"]["end"] == {"edtf": "2021-03-31/2021-04-29"}


async def test_an_end_of_null_is_left_open(database: str):
    """As in any input: what is left out is the term, null is none."""
    b = await body(database, "open")
    answer = await b.recorded("a", day(-10), end=None)
    assert answer["mandate"]["end"] is None


async def test_no_end_is_beyond_any_term(database: str):
    """As a day too late is."""
    b = await body(database, "no-end", secretary=YEARLY)
    given = {"post": b.post("secretary"), "holder": b.party("a"), "start": {"edtf": day(-10)}}
    assert await b.refused("recordMandate", **given, end=None) == [("TERM_LENGTH", "start")]


async def test_a_term_is_set_aside_with_a_reason(database: str):
    """As any rule of a body."""
    b = await body(database, "aside", secretary=YEARLY)
    given = {"post": b.post("secretary"), "holder": b.party("a"), "start": {"edtf": day(-10)}}
    given |= {"end": None, "overrideReason": "Until the assembly meets"}
    answer = await b.did("recordMandate", b.overriding(), **given)
    assert (answer["mandate"]["end"], codes(answer)) == (None, ["TERM_LENGTH"])


@pytest.mark.parametrize("end", [None, TO_BE_CONFIRMED])
async def test_a_term_is_not_corrected_away(database: str, end: Any):
    """By a null, or a day to be confirmed."""
    b = await body(database, "corrected-null" if end is None else "corrected-tbc", secretary=YEARLY)
    made = await b.recorded("a", day(-10), "secretary")
    given = {"mandate": {"id": made["mandate"]["id"]}, "end": end}
    assert await b.refused("correctMandate", **given) == [("TERM_LENGTH", "start")]


async def test_others_do_not_fill_a_post(database: str):
    """Not even members of the body; its record and its posts are not theirs."""
    b = await body(database, "others")
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(-1)}}
    assert await b.refused("recordMandate", b.member("b"), **given) == [("NOT_OWNER", "post")]


async def test_the_registry_fills_posts_of_groups_that_it_keeps(database: str):
    """Somebody can always act: the first officer of a body."""
    b = await body(database, "registry")
    who = acting(id_of("actor", "iom"), "groups:write", "registry:write")
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(-1)}}
    assert (await b.did("recordMandate", who, **given))["outcome"] == "CREATED"


async def test_seats_of_a_table_are_filled_by_the_body_that_elects_them(database: str):
    """G2:64–75: each mesa its two; the table's officers have no say, and the mesa keeps it."""
    mesa = await body(database, "sending")
    seat = {**PAIR, "elected_by": "sending"}
    table = await body(database, "receiving", seat=seat)
    given = {"post": table.post("seat"), "holder": mesa.party("a"), "start": {"edtf": day(-1)}}
    assert await table.refused("recordMandate", **given) == [("NOT_OWNER", "post")]
    answer = await mesa.did("recordMandate", **given)
    assert answer["mandate"]["owner"] == {"slug": "sending"}


async def test_what_has_not_begun_is_designated(database: str):
    """A record says what is so."""
    b = await body(database, "later")
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(1)}}
    assert await b.refused("recordMandate", **given) == [("NOT_YET", "start")]


async def test_a_mandate_does_not_end_before_it_starts(database: str):
    """The database's own check, in words."""
    b = await body(database, "backwards")
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(-1)}}
    answer = await do(database, "recordMandate", b.officer(), **given, end={"edtf": day(-2)})
    assert [(e["code"], e["message"]) for e in answer["errors"]] == [
        ("INVALID", "A mandate cannot end before it starts.")
    ]


# ── One holder ────────────────────────────────────────────────────────────────────────────────────


async def test_a_seat_has_one_holder(database: str):
    """Certainly on the same days."""
    b = await body(database, "single")
    await b.recorded("a", day(-100), end={"edtf": day(-50)})
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(-50)}}
    assert await b.refused("recordMandate", **given) == [("SEAT_TAKEN", "start")]
    assert (await b.recorded("b", day(-49)))["mandate"]["status"] == "CURRENT"


async def test_no_override_makes_room_for_two(database: str):
    """That is integrity, not a rule of the body."""
    b = await body(database, "integrity")
    await b.recorded("a", day(-100))
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(-50)}}
    refused = await b.refused("recordMandate", b.overriding(), **given, overrideReason="Both")
    assert refused == [("SEAT_TAKEN", "start")]


async def test_mandates_that_may_just_have_followed_are_both_kept(database: str):
    """Only days that are certain for both collide: "until 2020", "since 2020"."""
    b = await body(database, "following")
    await b.recorded("a", "2019", end={"edtf": "2020"})
    assert (await b.recorded("b", "2020", end={"edtf": "2021"}))["outcome"] == "CREATED"


async def test_who_holds_a_seat_since_nobody_knows_when_had_others_before(database: str):
    """Its history can be recorded, and nobody else today."""
    b = await body(database, "unknown")
    undated = {"post": b.post("leader"), "holder": b.party("a"), "start": {"status": "UNDATED"}}
    await b.did("recordMandate", **undated)
    assert (await b.recorded("b", "2018", end={"edtf": "2019"}))["outcome"] == "CREATED"
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(0)}}
    assert await b.refused("recordMandate", **given) == [("SEAT_TAKEN", "start")]


async def test_of_two_at_once_one_gets_the_seat(database: str):
    """They take turns at the post."""
    b = await body(database, "racing")
    given = {"post": b.post("leader"), "start": {"edtf": day(-1)}}
    answers = await asyncio.gather(
        *(
            do(database, "recordMandate", b.officer(letter), **given, holder=b.party(letter))
            for letter in "abc"
        )
    )
    assert sorted(a["outcome"] for a in answers) == ["CREATED", "REJECTED", "REJECTED"]
    assert {e["code"] for a in answers for e in a["errors"]} == {"SEAT_TAKEN"}
    held = await rows(
        database, "SELECT count(*) FROM mandate WHERE post_id = $1", id_of("post", "racing-leader")
    )
    assert held == [(1,)]


async def test_the_database_keeps_the_seat_whoever_writes(database: str):
    """Two transactions that see nothing of each other, without the verbs and their lock."""
    await body(database, "bare")
    sql = (
        "INSERT INTO mandate (post_id, holder_id, start_edtf, start_earliest, start_latest,"
        " start_status) VALUES ($1, $2, '2026-01-01', '2026-01-01', '2026-01-01', 'EXACT')"
    )
    one, two = [await asyncpg.connect(database) for _ in range(2)]
    first, second = one.transaction(), two.transaction()
    await first.start()
    await second.start()
    for connection, letter in ((one, "a"), (two, "b")):
        await connection.execute(
            sql, id_of("post", "bare-leader"), id_of("actor", f"bare-{letter}")
        )
    await first.commit()
    with pytest.raises(asyncpg.ExclusionViolationError, match="mandate_seat_excl"):
        await second.commit()
    await one.close()
    await two.close()


# ── Members ───────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_no_member_holds_no_post(database: str):
    """M1:121: and it says what would work."""
    b = await body(database, "closed")
    await actor(database, "closed-x")
    given = {"post": b.post("leader"), "holder": b.party("x"), "start": {"edtf": day(-1)}}
    assert await b.refused("recordMandate", **given) == [("NOT_A_MEMBER", "holder")]
    answer = await do(database, "recordMandate", b.officer(), **given)
    assert [(e["message"], e["help"]) for e in answer["errors"]] == [
        (
            "closed-x is no member of the body that fills the post; make it one first.",
            "Who holds `governance:override` can do it, with `overrideReason`.",
        )
    ]


async def test_a_member_of_the_parent_alone_is_none(database: str):
    """Mesas have members of their own."""
    parent = await body(database, "whole")
    b = await body(database, "piece", parent="whole")
    given = {"post": b.post("leader"), "holder": parent.party("a"), "start": {"edtf": day(-1)}}
    assert await b.refused("recordMandate", **given) == [("NOT_A_MEMBER", "holder")]


async def test_where_a_part_names_no_members_those_of_the_whole_count(database: str):
    """M1:119: working groups divide the mechanism's members among them."""
    parent = await body(database, "mechanism")
    b = await body(database, "division", members="", parent="mechanism")
    given = {"post": b.post("leader"), "holder": parent.party("a"), "start": {"edtf": day(-1)}}
    who = replace(b.officer(), owners=(b.id,))
    assert codes(await b.did("recordMandate", who, **given)) == []


async def test_where_nobody_is_named_it_is_said_that_nothing_was_checked(database: str):
    """Most members of civil society's bodies are counted and not named."""
    b = await body(database, "unnamed", members="")
    await actor(database, "unnamed-x")
    answer = await b.recorded("x", day(-1))
    assert [(w["code"], w["path"]) for w in answer["warnings"]] == [
        ("NOT_A_MEMBER", ["input", "holder"])
    ]


async def test_a_part_of_the_body_holds_posts_of_it(database: str):
    """G1:45: mesa 1 coordinated the technical table."""
    b = await body(database, "parts")
    await body(database, "parts-part", parent="parts")
    given = {"post": b.post("leader"), "start": {"edtf": day(-1)}}
    holder = {"workingGroup": {"slug": "parts-part"}}
    answer = await b.did("recordMandate", **given, holder=holder)
    assert answer["mandate"]["holder"] == {"slug": "parts-part"}


# ── Terms ─────────────────────────────────────────────────────────────────────────────────────────


async def two_terms(b: Body, letter: str = "a", name: str = "secretary", **given: Any) -> None:
    """Two years up to yesterday."""
    await b.recorded(letter, day(-730), name, end={"edtf": day(-366)}, **given)
    await b.recorded(letter, day(-365), name, end={"edtf": day(-1)}, **given)


def third(b: Body, letter: str = "a", name: str = "secretary", **given: Any) -> dict[str, Any]:
    """A third year from today."""
    start = {"edtf": day(0)}
    return {"post": b.post(name), "holder": b.party(letter), "start": start, **given}


async def test_a_third_term_in_a_row_is_refused(database: str):
    """G2:75: one immediate re-election."""
    b = await body(database, "limit", secretary=YEARLY)
    await two_terms(b)
    assert await b.refused("recordMandate", **third(b)) == [("TERM_LIMIT", "holder")]
    assert (await b.did("recordMandate", **third(b, "b")))["outcome"] == "CREATED"


async def test_after_a_gap_one_may_come_back(database: str):
    """The rule says "inmediata"."""
    b = await body(database, "gap", secretary=YEARLY)
    for letter, start, end in (("a", -1460, -1096), ("a", -1095, -731), ("b", -365, -1)):
        await b.recorded(letter, day(start), "secretary", end={"edtf": day(end)})
    assert codes(await b.did("recordMandate", **third(b))) == []


async def test_a_person_gains_no_term_by_another_organization(database: str):
    """The rule binds the person."""
    b = await body(database, "binding", secretary=YEARLY)
    una = await b.person("una")
    await two_terms(b, person=una)
    given = third(b, "b", person=una)
    assert await b.refused("recordMandate", **given) == [("TERM_LIMIT", "holder")]


async def test_a_person_gains_no_term_by_the_other_seat(database: str):
    """The two seats of a mesa are alike."""
    b = await body(database, "moving", seat_1={**PAIR, "elected_by": "moving"},
                   seat_2={**PAIR, "elected_by": "moving", "position": 2})  # fmt: skip
    await two_terms(b, name="seat-1")
    given = third(b, name="seat-2")
    assert await b.refused("recordMandate", **given) == [("TERM_LIMIT", "holder")]


async def test_an_organization_goes_on_with_another_person(database: str):
    """Both are looked at; of the organization it is only said."""
    b = await body(database, "organization", secretary=YEARLY)
    una, dos = await b.person("una"), await b.person("dos")
    await two_terms(b, person=una)
    answer = await b.did("recordMandate", **third(b, person=dos))
    assert [(w["code"], w["message"]) for w in answer["warnings"]] == [
        (
            "TERM_LIMIT",
            "It is consecutive term number 3 of the organization, by other persons.",
        )
    ]


async def test_a_term_is_no_longer_than_the_post_has_it(database: str):
    """G2:75: a year."""
    b = await body(database, "length", secretary=YEARLY)
    given = third(b, end={"edtf": day(800)})
    assert await b.refused("recordMandate", **given) == [("TERM_LENGTH", "start")]


async def test_what_is_over_is_a_fact_whatever_the_rules(database: str):
    """It is recorded with what it departs from."""
    b = await body(database, "facts", secretary=ELECTED)
    answer = await b.recorded("a", day(-1500), "secretary", end={"edtf": day(-100)})
    assert (answer["outcome"], codes(answer)) == ("CREATED", ["TERM_LENGTH"])


# ── Setting rules aside ───────────────────────────────────────────────────────────────────────────


async def test_a_rule_is_set_aside_with_a_reason_that_is_kept(database: str):
    """It stands as a warning; the reason stays out of the graph."""
    b = await body(database, "reason", secretary=YEARLY)
    await two_terms(b)
    answer = await b.did(
        "recordMandate", b.overriding(), **third(b), overrideReason=" The assembly asked for it. "
    )
    assert (answer["outcome"], codes(answer)) == ("CREATED", ["TERM_LIMIT"])
    kept = await rows(
        database,
        "SELECT rule, verb, reason, party_id FROM override WHERE 'mandate_' || record_id = $1",
        answer["mandate"]["id"],
    )
    text = "The assembly asked for it."
    assert kept == [("TERM_LIMIT", "recordMandate", text, id_of("actor", "reason-a"))]


async def test_a_reason_outlasts_the_mandate(database: str):
    """What was set aside stays known when the mandate is retired; not for whom, once they are
    erased."""
    b = await body(database, "outlast", secretary=YEARLY)
    ana = await b.person("ana")
    given = {"post": b.post("secretary"), "holder": b.party("a"), "start": {"edtf": day(-10)}}
    given |= {"end": None, "person": ana, "overrideReason": "Ana asked for it"}
    made = await b.did("recordMandate", b.overriding(), **given)
    await b.did("retireMandate", mandate={"id": made["mandate"]["id"]})
    kept = "SELECT rule, reason FROM override WHERE 'mandate_' || record_id = $1"
    found = await rows(database, kept, made["mandate"]["id"])
    assert found == [("TERM_LENGTH", "Ana asked for it")]
    erase = "mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { outcome } }"
    await write(database, erase, {"input": {"person": ana}}, b.officer())
    assert await rows(database, kept, made["mandate"]["id"]) == [
        ("TERM_LENGTH", "Erased with the person.")
    ]


async def test_setting_a_rule_aside_needs_the_right(database: str):
    """An office is not enough."""
    b = await body(database, "right", secretary=YEARLY)
    await two_terms(b)
    given = {**third(b), "overrideReason": "I want to"}
    assert await b.refused("recordMandate", **given) == [
        ("OVERRIDE_NOT_ALLOWED", "overrideReason"),
        ("TERM_LIMIT", "holder"),
    ]


async def test_setting_a_rule_aside_needs_a_reason(database: str):
    """Blanks are none."""
    b = await body(database, "blank", secretary=YEARLY)
    await two_terms(b)
    given = {**third(b), "overrideReason": "  "}
    refused = await b.refused("recordMandate", b.overriding(), **given)
    assert refused == [("REQUIRED", "overrideReason")]


async def test_where_no_rule_is_broken_no_reason_is_kept(database: str):
    """Nothing was set aside."""
    b = await body(database, "needless")
    given = {"post": b.post("leader"), "holder": b.party("a"), "start": {"edtf": day(-1)}}
    answer = await b.did("recordMandate", b.overriding(), **given, overrideReason="Just in case")
    kept = "SELECT count(*) FROM override WHERE 'mandate_' || record_id = $1"
    assert await rows(database, kept, answer["mandate"]["id"]) == [(0,)]


# ── Both genders ──────────────────────────────────────────────────────────────────────────────────


async def pair(database: str, key: str, *genders: str | None, **given: Any) -> tuple[Body, Any]:
    """A mesa with its first representative, and what its second is to be."""
    seat = {**ELECTED, "kind": "REPRESENTATIVE", "elected_by": key}
    b = await body(database, key, seat_1=seat, seat_2={**seat, "position": 2})
    one, two = [await b.person(f"p{n}", gender=g) for n, g in enumerate(genders)]
    await b.recorded("a", day(-1), "seat-1", person=one, selection="ELECTION")
    return b, third(b, "b", "seat-2", person=two, selection="ELECTION", **given)


@pytest.mark.parametrize("gender", ["FEMALE", "MALE"])
async def test_two_representatives_of_one_gender_are_refused(database: str, gender: str):
    """G2:64–75: "paritaria"."""
    b, given = await pair(database, f"same-{gender.lower()}", gender, gender)
    assert await b.refused("recordMandate", **given) == [("PARITY", "holder")]


async def test_two_of_both_genders_are_right(database: str):
    """Nothing is said."""
    b, given = await pair(database, "both", "FEMALE", "MALE")
    assert codes(await b.did("recordMandate", **given)) == []


@pytest.mark.parametrize("gender", [None, "UNDECLARED"])
async def test_nobody_must_declare_a_gender(database: str, gender: str | None):
    """It is said that parity is not known, unless the body attests it."""
    b, given = await pair(database, f"silent-{str(gender).lower()}", "FEMALE", gender)
    answer = await b.did("recordMandate", **given, dryRun=True)
    assert [(w["code"], w["path"][1:]) for w in answer["warnings"]] == [
        ("PARITY", ["parityAttested"])
    ]
    assert codes(await b.did("recordMandate", **given, parityAttested=True)) == []


async def test_nobody_sits_in_both_seats(database: str):
    """G2:75–77: two representatives, two agencies."""
    seat = {"kind": "REPRESENTATIVE", "selection": "CONSENSUS", "elected_by": "twice"}
    b = await body(database, "twice", seat_1=seat, seat_2={**seat, "position": 2})
    await b.recorded("a", day(-1), "seat-1", selection="CONSENSUS")
    given = third(b, "a", "seat-2", selection="CONSENSUS")
    assert await b.refused("recordMandate", **given) == [("SEAT_HELD", "holder")]


async def test_nobody_gets_into_both_seats_at_once(database: str):
    """Seats that are alike are locked together."""
    seat = {"kind": "REPRESENTATIVE", "selection": "CONSENSUS", "elected_by": "hasty"}
    b = await body(database, "hasty", seat_1=seat, seat_2={**seat, "position": 2})
    answers = await asyncio.gather(
        *(
            do(database, "recordMandate", b.officer(), **third(b, "a", name))
            for name in ("seat-1", "seat-2")
        )
    )
    assert sorted(a["outcome"] for a in answers) == ["CREATED", "REJECTED"]
    assert [e["code"] for a in answers for e in a["errors"]] == ["SEAT_HELD"]


# ── Designating and taking over ───────────────────────────────────────────────────────────────────


async def designated(b: Body, letter: str = "b", name: str = "leader", **given: Any) -> Any:
    """A reference to a new designation."""
    given = {"post": b.post(name), "holder": b.party(letter), **given}
    return {"id": (await b.did("designate", **given))["mandate"]["id"]}


async def test_who_is_designated_waits_for_the_handover(database: str):
    """Without a day that is fixed, who holds the post stays."""
    b = await body(database, "handover")
    await b.recorded("a", day(-100))
    answer = await b.did("designate", post=b.post("leader"), holder=b.party("b"))
    mandate = answer["mandate"]
    assert (mandate["status"], mandate["start"]) == (
        "DESIGNATED",
        {"edtf": None, "status": "TO_BE_CONFIRMED"},
    )
    assert mandate["selection"] == "VOLUNTARY"


async def test_who_takes_over_ends_the_time_of_who_was_there(database: str):
    """On the day before."""
    b = await body(database, "change", secretary=YEARLY)
    first = await b.recorded("a", day(-100), "secretary")
    mandate = await designated(b, name="secretary")
    answer = await b.did("takeOver", mandate=mandate, on=day(-3))
    assert (answer["mandate"]["status"], answer["mandate"]["start"]["edtf"]) == ("CURRENT", day(-3))
    assert answer["mandate"]["end"]["edtf"] > day(300)
    ended = "SELECT end_edtf, version FROM mandate WHERE 'mandate_' || id = $1"
    assert await rows(database, ended, first["mandate"]["id"]) == [(day(-4), 2)]


async def test_nobody_takes_over_long_before_the_designation(database: str):
    """With or without a term; what is over is recorded."""
    b = await body(database, "ancient", secretary=YEARLY)
    for name in ("leader", "secretary"):
        mandate = await designated(b, name=name)
        assert await b.refused("takeOver", mandate=mandate, on="1900-01-01") == [("INVALID", "on")]
    assert await b.refused("takeOver", mandate=mandate, on=day(-366)) == [("INVALID", "on")]


async def test_nobody_is_designated_until_a_day_past(database: str):
    """The mandate would be over before it begins."""
    b = await body(database, "past-end")
    given = {"post": b.post("leader"), "holder": b.party("b"), "end": {"edtf": "1900"}}
    assert await b.refused("designate", **given) == [("INVALID", "end")]


@pytest.mark.parametrize("verb", ["recordMandate", "takeOver", "correctMandate", "renewMandate"])
async def test_nobody_held_a_post_before_there_was_the_body(database: str, verb: str):
    """Whichever verb would say so."""
    b = await body(database, f"founded-{verb.lower()}")
    founded = {"established_edtf": day(-20), "established_text": None}
    founded |= {f"established_{p}": date.fromisoformat(day(-20)) for p in ("earliest", "latest")}
    connection = await asyncpg.connect(database)
    await change(connection, "working_group", b.key, **founded, established_status="EXACT")
    await connection.close()
    early = {"start": {"edtf": day(-21)}}
    if verb == "recordMandate":
        given = {"post": b.post("leader"), "holder": b.party("a"), **early}
    elif verb == "takeOver":
        given = {"mandate": await designated(b), "on": day(-21)}
    else:
        made = await b.recorded("a", day(-20), end={"edtf": day(-9)})
        given = {"mandate": {"id": made["mandate"]["id"]}, **early}
    where = "on" if verb == "takeOver" else "start"
    assert await b.refused(verb, **given) == [("INVALID", where)]


@pytest.mark.parametrize("dates", [{"end": "2026/2099"}, {"start": "2023/2099"}])
async def test_vague_dates_are_no_way_around_a_term(database: str, dates: dict[str, str]):
    """To the year they are good enough."""
    b = await body(database, f"hazy-{next(iter(dates))}", secretary=YEARLY)
    given: dict[str, Any] = {"post": b.post("secretary"), "holder": b.party("a")}
    given |= {"start": {"edtf": day(-10)}} | {k: {"edtf": v} for k, v in dates.items()}
    assert await b.refused("recordMandate", **given) == [("TERM_LENGTH", "start")]


async def test_nobody_takes_over_on_a_day_to_come(database: str):
    """It has to have happened."""
    b = await body(database, "early")
    mandate = await designated(b)
    refused = await b.refused("takeOver", mandate=mandate, on=day(1))
    assert refused == [("NOT_YET", "on")]


async def test_who_is_designated_takes_over_by_itself_once_the_day_has_come(database: str):
    """Before, who fills the post decides."""
    b = await body(database, "itself")
    mandate = await designated(b, start={"edtf": day(30), "status": "TO_BE_CONFIRMED"})
    assert await b.refused("takeOver", b.member("b"), mandate=mandate) == [("NOT_YET", "on")]
    await rows(
        database,
        "UPDATE mandate SET (start_edtf, start_earliest, start_latest)"
        " = ($2, $2::text::date, $2::text::date) WHERE 'mandate_' || id = $1",
        mandate["id"], day(0),
    )  # fmt: skip
    answer = await b.did("takeOver", b.member("b"), mandate=mandate)
    assert answer["mandate"]["start"] == {"edtf": day(0), "status": "EXACT"}


async def test_others_take_nothing_over(database: str):
    """Neither for themselves nor for who is designated."""
    b = await body(database, "meddling")
    mandate = await designated(b)
    refused = await b.refused("takeOver", b.member("c"), mandate=mandate)
    assert refused == [("NOT_OWNER", "mandate")]


async def test_a_mandate_is_taken_over_once(database: str):
    """It has begun then."""
    b = await body(database, "once")
    mandate = await designated(b)
    await b.did("takeOver", mandate=mandate)
    assert await b.refused("takeOver", mandate=mandate) == [("WRONG_STATUS", "mandate")]


async def test_one_is_designated_at_a_time(database: str):
    """The database keeps that as well."""
    b = await body(database, "queue")
    await designated(b)
    given = {"post": b.post("leader"), "holder": b.party("c")}
    assert await b.refused("designate", **given) == [("SEAT_TAKEN", "start")]


async def test_a_fixed_day_has_to_be_free(database: str):
    """Who holds the post without an end would still be there."""
    b = await body(database, "fixed")
    await b.recorded("a", day(-100))
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(30)}}
    assert await b.refused("designate", **given) == [("SEAT_TAKEN", "start")]


async def test_designations_are_for_days_to_come(database: str):
    """What has begun is recorded."""
    b = await body(database, "begun")
    given = {"post": b.post("leader"), "holder": b.party("b"), "start": {"edtf": day(0)}}
    assert await b.refused("designate", **given) == [("INVALID", "start")]


async def test_nobody_is_designated_to_what_is_elected(database: str):
    """Unless the body says why: that is said once, and holds for the handover."""
    b = await body(database, "elected", secretary=ELECTED)
    given = {"post": b.post("secretary"), "holder": b.party("b")}
    assert await b.refused("designate", **given) == [("SELECTION", "post")]
    why = "No quorum"
    answer = await b.did("designate", b.overriding(), **given, overrideReason=why)
    assert answer["mandate"]["selection"] == "DESIGNATION"
    taken = await b.did("takeOver", mandate={"id": answer["mandate"]["id"]})
    assert (taken["mandate"]["status"], codes(taken)) == ("CURRENT", ["SELECTION"])


async def test_a_turn_that_is_passed_over_is_said(database: str):
    """M2:90: the rotation of MIRPS is soft; after Panama the alphabet begins anew with Belize."""
    database_ = Body(database, "mirps")
    who = acting(id_of("actor", "iom"), "groups:write", "registry:write")
    given = {"post": {"slug": "mirps-presidency"}, "start": {"edtf": "2024-01-01"}}
    answer = await database_.did(
        "recordMandate", who, **given, holder={"actor": {"slug": "mexico"}}, dryRun=True
    )
    assert [(w["code"], w["message"]) for w in answer["warnings"]] == [
        ("ROTATION", "By alphabetical rotation it was the turn of Belize.")
    ]


# ── Renewing and resigning ────────────────────────────────────────────────────────────────────────


async def test_a_mandate_is_renewed_for_the_next_term(database: str):
    """As one of its own, from the day after."""
    b = await body(database, "renewed", secretary=YEARLY)
    first = await b.recorded("a", day(-365), "secretary", end={"edtf": day(-1)})
    answer = await b.did("renewMandate", mandate={"id": first["mandate"]["id"]})
    mandate = answer["mandate"]
    assert (answer["outcome"], mandate["start"]["edtf"], mandate["holder"]) == (
        "CREATED",
        day(0),
        {"slug": "renewed-a"},
    )
    second = {"id": mandate["id"]}
    assert await b.refused("renewMandate", mandate=second) == [("TERM_LIMIT", "mandate")]


async def test_a_renewal_comes_after_what_it_renews(database: str):
    """It is the next term."""
    b = await body(database, "before")
    first = await b.recorded("a", day(-365), end={"edtf": day(-1)})
    given = {"mandate": {"id": first["mandate"]["id"]}, "start": {"edtf": "1900"}}
    given |= {"end": {"edtf": "1901"}}
    assert await b.refused("renewMandate", **given) == [("INVALID", "start")]


async def test_an_open_mandate_is_not_renewed(database: str):
    """It goes on anyway."""
    b = await body(database, "endless")
    first = await b.recorded("a", day(-365))
    given = {"mandate": {"id": first["mandate"]["id"]}}
    assert await b.refused("renewMandate", **given) == [("WRONG_STATUS", "mandate")]


async def test_a_holder_does_not_renew_itself(database: str):
    """Who fills the post does."""
    b = await body(database, "selfish", secretary=YEARLY)
    first = await b.recorded("b", day(-365), "secretary", end={"edtf": day(-1)})
    given = {"mandate": {"id": first["mandate"]["id"]}}
    refused = await b.refused("renewMandate", b.member("b"), **given)
    assert refused == [("NOT_OWNER", "mandate")]


async def test_re_election_takes_an_election(database: str):
    """A renewal is none."""
    b = await body(database, "reelected", secretary=ELECTED)
    first = await b.recorded(
        "a", day(-365), "secretary", end={"edtf": day(-1)}, selection="ELECTION"
    )
    given = {"mandate": {"id": first["mandate"]["id"]}}
    assert await b.refused("renewMandate", **given) == [("SELECTION", "post")]


async def test_a_holder_resigns(database: str):
    """Today is its last day, and the group is told what it lacks now."""
    b = await body(database, "leaving", leader={"kind": "LEADER", "required": True})
    first = await b.recorded("b", day(-10))
    answer = await b.did("resignMandate", b.member("b"), mandate={"id": first["mandate"]["id"]})
    assert (answer["mandate"]["end"], codes(answer)) == ({"edtf": day(0)}, ["SEAT_VACANT"])


async def test_others_do_not_resign_for_a_holder(database: str):
    """Only who fills the post may record it."""
    b = await body(database, "ousted")
    first = {"id": (await b.recorded("b", day(-10)))["mandate"]["id"]}
    refused = await b.refused("resignMandate", b.member("c"), mandate=first)
    assert refused == [("NOT_OWNER", "mandate")]
    assert (await b.did("resignMandate", mandate=first, on=day(-2)))["outcome"] == "UPDATED"
    assert await b.refused("resignMandate", mandate=first) == [("WRONG_STATUS", "mandate")]


async def test_nobody_resigns_after_the_term(database: str):
    """It would make it longer."""
    b = await body(database, "longer")
    first = await b.recorded("b", day(-10), end={"edtf": day(5)})
    given = {"mandate": {"id": first["mandate"]["id"]}, "on": day(6)}
    assert await b.refused("resignMandate", **given) == [("INVALID", "on")]


async def test_a_designation_that_is_taken_back_leaves_nothing(database: str):
    """Refusals are not public."""
    b = await body(database, "declined")
    mandate = await designated(b)
    answer = await b.did("resignMandate", b.member("b"), mandate=mandate)
    assert (answer["outcome"], answer["mandate"]) == ("RETIRED", None)
    left = "SELECT count(*) FROM mandate WHERE 'mandate_' || id = $1"
    assert await rows(database, left, mandate["id"]) == [(0,)]


# ── Persons, corrections, reports ─────────────────────────────────────────────────────────────────


async def test_who_is_designated_may_prepare(database: str):
    """M3:110: it says who will act for it."""
    b = await body(database, "preparing")
    mandate, una = await designated(b), await b.person("una", owner="actor:preparing-b")
    answer = await b.did("nameRepresentative", b.member("b"), mandate=mandate, person=una)
    assert (answer["mandate"]["person"], answer["mandate"]["version"]) == ({"name": "una"}, 2)


async def test_a_person_that_was_elected_is_not_exchanged_by_the_holder(database: str):
    """Who fills the post may."""
    b = await body(database, "exchanged", secretary=ELECTED)
    una, dos = await b.person("una"), await b.person("dos")
    made = await b.recorded("b", day(-1), "secretary", person=una, selection="ELECTION")
    given = {"mandate": {"id": made["mandate"]["id"]}, "person": dos}
    refused = await b.refused("nameRepresentative", b.member("b"), **given)
    assert refused == [("NOT_OWNER", "mandate")]
    assert (await b.did("nameRepresentative", **given))["mandate"]["person"] == {"name": "dos"}


async def test_another_person_is_judged_by_its_own_terms(database: str):
    """The limit is not evaded by exchanging persons later."""
    b = await body(database, "evading", secretary=YEARLY)
    una, dos = await b.person("una"), await b.person("dos")
    await two_terms(b, person=una)
    made = await b.did("recordMandate", **third(b, person=dos))
    given = {"mandate": {"id": made["mandate"]["id"]}, "person": una}
    assert await b.refused("nameRepresentative", **given) == [("TERM_LIMIT", "person")]


async def test_a_person_that_the_caller_does_not_see_is_not_named(database: str):
    """Persons are closed; whether one exists is not told."""
    b = await body(database, "hidden")
    una = await b.person("una", visibility="DRAFT", owner="actor:unhcr", consented_on=None)
    given = third(b, name="leader", person=una)
    assert await b.refused("recordMandate", **given) == [("NOT_FOUND", "person")]


async def test_what_was_recorded_is_corrected(database: str):
    """Judged as if it were new; the same again is no change."""
    b = await body(database, "corrected")
    await b.recorded("a", "2020", end={"edtf": "2021-06-30"})
    made = await b.recorded("b", "2022-01", end={"edtf": "2022"})
    mandate = {"id": made["mandate"]["id"]}
    given = {"mandate": mandate, "start": {"edtf": "2021-01"}}
    assert await b.refused("correctMandate", **given) == [("SEAT_TAKEN", "start")]
    given = {"mandate": mandate, "start": {"edtf": "2021-09"}}
    answer = await b.did("correctMandate", **given)
    assert (answer["mandate"]["start"]["edtf"], answer["mandate"]["version"]) == ("2021-09", 2)
    assert (await b.did("correctMandate", **given))["outcome"] == "UNCHANGED"


async def test_a_mandate_that_was_changed_in_between_is_not_overwritten(database: str):
    """`ifVersion`, as everywhere."""
    b = await body(database, "version")
    made = await b.recorded("a", "2020", end={"edtf": "2021"})
    given = {"mandate": {"id": made["mandate"]["id"]}, "ifVersion": 2}
    refused = await b.refused("correctMandate", **given, selection="CONSENSUS")
    assert refused == [("VERSION_CONFLICT", "ifVersion")]


async def test_a_mandate_that_never_was_is_removed(database: str):
    """By who fills the post, not by who holds it."""
    b = await body(database, "mistake")
    given = {"mandate": {"id": (await b.recorded("b", day(-1)))["mandate"]["id"]}}
    refused = await b.refused("retireMandate", b.member("b"), **given)
    assert refused == [("NOT_OWNER", "mandate")]
    assert (await b.did("retireMandate", **given))["outcome"] == "RETIRED"


MEMOIR = """mutation ($input: CreateDocumentInput!) { createDocument(input: $input) {
    errors { code } document { id } } }"""


async def report(b: Body, letter: str) -> dict[str, Any]:
    """A reference to a member's new document."""
    given = {"slug": f"{b.key}-memoria", "kind": "REPORT", "title": {"es": "Memoria"}}
    answer = await write(b.database, MEMOIR, {"input": given}, b.member(letter))
    return {"id": answer["data"]["createDocument"]["document"]["id"]}


async def test_an_ended_presidency_hands_over_its_report(database: str):
    """M2:239: the report outlasts the office."""
    b = await body(database, "report")
    made = await b.recorded("b", day(-400), end={"edtf": day(-30)})
    given = {"mandate": {"id": made["mandate"]["id"]}, "documents": [await report(b, "b")]}
    answer = await b.did("handOverReport", b.member("b"), **given)
    assert answer["mandate"]["documents"] == {"edges": [{"role": "OUTPUT"}]}
    assert answer["mandate"]["version"] == 2
    assert (await b.did("handOverReport", **given))["outcome"] == "UNCHANGED"


async def test_others_hand_over_no_report(database: str):
    """Nor does who has not begun."""
    b = await body(database, "unreported")
    mandate = await designated(b)
    given = {"mandate": mandate, "documents": [await report(b, "c")]}
    assert await b.refused("handOverReport", b.member("c"), **given) == [("NOT_OWNER", "mandate")]
    assert await b.refused("handOverReport", b.member("b"), **given) == [("NOT_YET", "mandate")]
