"""Elections as they are written: called, stood for, recorded."""

import asyncio
from typing import Any

import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.governing import Body, actor, body, day, do
from tests.reading import read
from tests.writing import rows

ELECTED = {
    "kind": "SECRETARY", "selection": "ELECTION", "term_months": 12, "consecutive_terms": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each has a body of its own."""
    return clone(cluster, template)


async def mesa(database: str, key: str, **posts: Any) -> Body:
    """A body whose secretary is elected."""
    return await body(database, key, secretary=ELECTED, **posts)


async def called(b: Body, **given: Any) -> dict[str, Any]:
    """A reference to a new election of the secretary."""
    answer = await b.did("openElection", post=b.post("secretary"), **given)
    return {"id": answer["election"]["id"]}


def stood(b: Body, letter: str, **said: Any) -> dict[str, Any]:
    """How it went for a member."""
    return {"candidate": b.party(letter), **said}


def codes(answer: Any) -> list[str]:
    """Of its warnings."""
    return [w["code"] for w in answer["warnings"]]


# ── Calling ───────────────────────────────────────────────────────────────────────────────────────


async def test_an_election_is_called(database: str):
    """Today, if nothing else is said."""
    b = await mesa(database, "calling")
    answer = await b.did("openElection", post=b.post("secretary"), date={"edtf": day(9)})
    election = answer["election"]
    assert election.pop("id").startswith("election_")
    assert election == {
        "status": "CALLED",
        "called": {"edtf": day(0)},
        "date": {"edtf": day(9)},
        "documents": {"edges": []},
        "result": None,
        "candidacies": {"nodes": []},
    }


async def test_others_call_no_election(database: str):
    """A member is not the body."""
    b = await mesa(database, "uncalled")
    given = {"post": b.post("secretary")}
    assert await b.refused("openElection", b.member("b"), **given) == [("NOT_OWNER", "post")]


async def test_a_post_that_is_not_elected_has_no_elections(database: str):
    """Unless the body sets that aside."""
    b = await mesa(database, "volunteers")
    given = {"post": b.post("leader")}
    assert await b.refused("openElection", **given) == [("SELECTION", "post")]
    answer = await b.did("openElection", b.overriding(), **given, overrideReason="Two offered")
    assert codes(answer) == ["SELECTION"]


async def test_one_election_of_a_post_is_open_at_a_time(database: str):
    """Three at once: one is called."""
    b = await mesa(database, "calls")
    given = {"post": b.post("secretary")}
    answers = await asyncio.gather(
        *(do(database, "openElection", b.officer(), **given) for _ in range(3))
    )
    assert sorted(a["outcome"] for a in answers) == ["CREATED", "REJECTED", "REJECTED"]
    assert await b.refused("openElection", **given) == [("ELECTION_OPEN", "post")]


async def test_a_cancelled_election_makes_room_for_another(database: str):
    """It stays on record."""
    b = await mesa(database, "cancelled")
    election = await called(b)
    answer = await b.did("cancelElection", election=election)
    assert answer["election"]["status"] == "CANCELLED"
    assert await b.refused("cancelElection", election=election) == [("WRONG_STATUS", "election")]
    await called(b)


async def test_others_cancel_no_election(database: str):
    """As they call none."""
    b = await mesa(database, "uncancelled")
    refused = await b.refused("cancelElection", b.member("b"), election=await called(b))
    assert refused == [("NOT_OWNER", "election")]


# ── Standing ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_member_stands(database: str):
    """Self-nominated (G1:47); what is not decided is for members."""
    b = await mesa(database, "standing")
    answer = await b.did("nominate", b.member("b"), election=await called(b))
    candidacy = answer["candidacy"]
    assert candidacy.pop("id").startswith("candidacy_")
    assert candidacy == {
        "candidate": {"slug": "standing-b"},
        "nominated": {"edtf": day(0)},
        "visibility": "MEMBERS",
    }


async def test_nobody_stands_for_another(database: str):
    """Who holds the election may record it."""
    b = await mesa(database, "pushed")
    given = {"election": await called(b), "candidate": b.party("c")}
    assert await b.refused("nominate", b.member("b"), **given) == [("NOT_OWNER", "candidate")]
    assert (await b.did("nominate", **given))["outcome"] == "CREATED"


async def test_who_is_no_member_does_not_stand(database: str):
    """The body elects among its own."""
    b = await mesa(database, "members")
    await actor(database, "members-x")
    given = {"election": await called(b)}
    assert await b.refused("nominate", b.member("x"), **given) == [("NOT_A_MEMBER", "candidate")]


async def test_nobody_stands_twice(database: str):
    """Not even at once."""
    b = await mesa(database, "eager")
    given = {"election": await called(b)}
    answers = await asyncio.gather(
        *(do(database, "nominate", b.member("b"), **given) for _ in range(3))
    )
    assert sorted(a["outcome"] for a in answers) == ["CREATED", "REJECTED", "REJECTED"]
    assert await b.refused("nominate", b.member("b"), **given) == [("TAKEN", "candidate")]


async def test_nobody_stands_when_the_votes_are_cast(database: str):
    """Nor withdraws."""
    b = await mesa(database, "late")
    election = await called(b)
    made = await b.did("nominate", b.member("b"), election=election)
    await b.did("recordElection", election=election, candidates=[stood(b, "a", elected=True)])
    given = {"election": election}
    assert await b.refused("nominate", b.member("c"), **given) == [("WRONG_STATUS", "election")]
    candidacy = {"id": made["candidacy"]["id"]}
    refused = await b.refused("withdrawCandidacy", b.member("b"), candidacy=candidacy)
    assert refused == [("WRONG_STATUS", "candidacy")]


async def test_of_a_candidacy_that_is_withdrawn_nothing_stays(database: str):
    """By who stands, or by who holds the election; not by others."""
    b = await mesa(database, "withdrawn")
    made = await b.did("nominate", b.member("b"), election=await called(b))
    candidacy = {"id": made["candidacy"]["id"]}
    refused = await b.refused("withdrawCandidacy", b.member("c"), candidacy=candidacy)
    assert refused == [("NOT_OWNER", "candidacy")]
    answer = await b.did("withdrawCandidacy", b.member("b"), candidacy=candidacy)
    assert (answer["outcome"], answer["candidacy"]) == ("RETIRED", None)


# ── Results ───────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_elected_gets_the_mandate(database: str):
    """From the day of the votes, for a term; who stood and is not named was not elected."""
    b = await mesa(database, "decided")
    election = await called(b)
    await b.did("nominate", b.member("b"), election=election)
    candidates = [stood(b, "a", votes=7, elected=True), stood(b, "c", votes=4)]
    answer = await b.did("recordElection", election=election, candidates=candidates)
    shown = answer["election"]
    assert (shown["status"], shown["date"]) == ("DECIDED", {"edtf": day(0)})
    assert shown["result"]["holder"] == {"slug": "decided-a"}
    assert (shown["result"]["status"], shown["result"]["start"]) == ("CURRENT", {"edtf": day(0)})
    found = sorted(shown["candidacies"]["nodes"], key=lambda n: n["candidate"]["slug"])
    assert [(n["votes"], n["elected"], n["visibility"]) for n in found] == [
        (7, True, "PUBLIC"),
        (None, False, "MEMBERS"),
        (4, False, "MEMBERS"),
    ]
    assert answer["warnings"] == []


async def test_the_public_sees_who_was_elected_and_not_who_lost(database: str):
    """Refusals are not public."""
    b = await mesa(database, "losing")
    candidates = [stood(b, "a", elected=True), stood(b, "c")]
    given = {"post": b.post("secretary"), "candidates": candidates}
    made = (await b.did("recordElection", **given))["election"]["id"]
    query = f"""{{ election(by: {{id: "{made}"}}) {{
        candidacies {{ nodes {{ candidate {{ ... on Actor {{ slug }} }} }} }} }} }}"""
    connection = await connect(database)
    seen = (await read(connection, query))["election"]["candidacies"]["nodes"]
    await connection.close()
    assert seen == [{"candidate": {"slug": "losing-a"}}]


async def test_an_election_that_was_not_called_here_is_recorded_at_once(database: str):
    """G1:47: those of the mesas were held before there was anything to call them in."""
    b = await mesa(database, "uncalled-here")
    candidates = [stood(b, "a", elected=True)]
    given = {"post": b.post("secretary"), "candidates": candidates, "date": {"edtf": "2023-03"}}
    answer = await b.did("recordElection", **given)
    assert (answer["outcome"], answer["election"]["called"]) == ("CREATED", None)
    assert answer["election"]["result"]["start"] == {"edtf": "2023-03-31"}


async def test_what_is_recorded_is_named_in_one_way(database: str):
    """The election or, if none was called, the post."""
    b = await mesa(database, "named")
    election = await called(b)
    given = {"candidates": [stood(b, "a", elected=True)]}
    both = {"election": election, "post": b.post("secretary")}
    assert await b.refused("recordElection", **given) == [("INVALID", "election")]
    assert await b.refused("recordElection", **given, **both) == [("INVALID", "election")]
    post = {"post": b.post("secretary")}
    assert await b.refused("recordElection", **given, **post) == [("ELECTION_OPEN", "post")]


async def test_others_record_no_election(database: str):
    """Not even for themselves."""
    b = await mesa(database, "usurped")
    given = {"election": await called(b), "candidates": [stood(b, "b", elected=True)]}
    refused = await b.refused("recordElection", b.member("b"), **given)
    assert refused == [("NOT_OWNER", "election")]


async def test_one_is_elected_to_a_post(database: str):
    """And named once."""
    b = await mesa(database, "several")
    election = await called(b)
    two = [stood(b, "a", elected=True), stood(b, "b", elected=True)]
    refused = await b.refused("recordElection", election=election, candidates=two)
    assert refused == [("INVALID", "candidates.1.elected")]
    same = [stood(b, "a", elected=True), stood(b, "a")]
    refused = await b.refused("recordElection", election=election, candidates=same)
    assert refused == [("INVALID", "candidates.1")]


async def test_votes_that_elect_nobody_are_recorded_too(database: str):
    """Another result can follow."""
    b = await mesa(database, "tied")
    election = await called(b)
    tied = [stood(b, "a", votes=3), stood(b, "b", votes=3)]
    answer = await b.did("recordElection", election=election, candidates=tied)
    assert (answer["election"]["status"], codes(answer)) == ("HELD", ["NO_RESULT"])
    assert {n["elected"] for n in answer["election"]["candidacies"]["nodes"]} == {None}
    second = [stood(b, "a", votes=3), stood(b, "b", votes=4, elected=True)]
    answer = await b.did("recordElection", election=election, candidates=second)
    assert answer["election"]["status"] == "DECIDED"
    assert len(answer["election"]["candidacies"]["nodes"]) == 2


async def test_more_votes_for_another_are_pointed_out(database: str):
    """Bodies count in their own ways, and people mistype."""
    b = await mesa(database, "counted")
    candidates = [stood(b, "a", votes=3, elected=True), stood(b, "b", votes=4)]
    given = {"post": b.post("secretary"), "candidates": candidates}
    answer = await b.did("recordElection", **given)
    assert [(w["code"], w["path"][1:]) for w in answer["warnings"]] == [
        ("MORE_VOTES", ["candidates", "1", "votes"])
    ]


async def test_no_votes_are_counted_before_they_are_cast(database: str):
    """A day to come has no result."""
    b = await mesa(database, "premature")
    election = await called(b, date={"edtf": day(3)})
    given = {"election": election, "candidates": [stood(b, "a", elected=True)]}
    assert await b.refused("recordElection", **given) == [("NOT_YET", "date")]


async def test_a_decided_election_is_decided(database: str):
    """Another one can be called."""
    b = await mesa(database, "final")
    election = await called(b)
    given = {"election": election, "candidates": [stood(b, "a", elected=True)]}
    await b.did("recordElection", **given)
    assert await b.refused("recordElection", **given) == [("WRONG_STATUS", "election")]


async def test_the_mandate_begins_when_the_term_before_has_ended(database: str):
    """Elections are held before the seat is vacant."""
    b = await mesa(database, "ahead")
    await b.recorded("a", day(-300), "secretary", end={"edtf": day(20)}, selection="ELECTION")
    given = {"post": b.post("secretary"), "candidates": [stood(b, "b", elected=True)]}
    result = (await b.did("recordElection", **given))["election"]["result"]
    assert (result["status"], result["start"]) == ("DESIGNATED", {"edtf": day(21)})


async def test_a_mandate_without_end_ends_with_the_election_of_another(database: str):
    """On the day before."""
    b = await mesa(database, "until")
    given = {"post": b.post("secretary"), "holder": b.party("a"), "start": {"edtf": day(-300)}}
    given |= {"end": None, "selection": "ELECTION", "overrideReason": "Nobody stood"}
    first = await b.did("recordMandate", b.overriding(), **given)
    given = {"post": b.post("secretary"), "candidates": [stood(b, "b", elected=True)]}
    await b.did("recordElection", **given)
    ended = "SELECT end_edtf FROM mandate WHERE 'mandate_' || id = $1"
    assert await rows(database, ended, first["mandate"]["id"]) == [(day(-1),)]


async def test_a_past_election_does_not_end_who_was_found_in_the_seat(database: str):
    """Who began nobody knows when was there when it was recorded."""
    b = await mesa(database, "older")
    undated = {"start": {"status": "UNDATED"}, "end": None, "selection": "ELECTION"}
    given = {"post": b.post("secretary"), "holder": b.party("a")}
    first = await b.did("recordMandate", **given, **undated)
    candidates = [stood(b, "b", elected=True)]
    given = {"post": b.post("secretary"), "candidates": candidates, "date": {"edtf": "2018-03-01"}}
    await b.did("recordElection", **given)
    ended = "SELECT end_status FROM mandate WHERE 'mandate_' || id = $1"
    assert await rows(database, ended, first["mandate"]["id"]) == [(None,)]


async def test_the_minutes_show_the_result(database: str):
    """G1:47: evidence."""
    b = await mesa(database, "shown")
    given = {"post": b.post("secretary"), "candidates": [stood(b, "a", elected=True)]}
    evidence = [{"slug": "gcm-lac-mechanism-factsheet-2023"}]
    answer = await b.did("recordElection", **given, evidence=evidence)
    assert answer["election"]["documents"] == {"edges": [{"role": "EVIDENCE"}]}


async def test_who_is_elected_may_decline(database: str):
    """The election stays decided, without a mandate."""
    b = await mesa(database, "declining")
    await b.recorded("a", day(-300), "secretary", end={"edtf": day(20)}, selection="ELECTION")
    given = {"post": b.post("secretary"), "candidates": [stood(b, "b", elected=True)]}
    election = (await b.did("recordElection", **given))["election"]
    await b.did("resignMandate", b.member("b"), mandate={"id": election["result"]["id"]})
    left = "SELECT status, result_id FROM election WHERE 'election_' || id = $1"
    assert await rows(database, left, election["id"]) == [("DECIDED", None)]


async def test_two_results_at_once_fill_one_seat(database: str):
    """They take turns at the post."""
    b = await mesa(database, "rivals")
    election = await called(b)
    answers = await asyncio.gather(
        *(
            do(database, "recordElection", b.officer(letter), election=election,
               candidates=[stood(b, letter, elected=True)])
            for letter in "abc"
        )
    )  # fmt: skip
    assert sorted(a["outcome"] for a in answers) == ["REJECTED", "REJECTED", "UPDATED"]
    held = "SELECT count(*) FROM mandate WHERE post_id = $1"
    assert await rows(database, held, id_of("post", "rivals-secretary")) == [(1,)]
