"""Persons are named by who keeps their record: a mandate opens to its group how to reach them."""

import asyncio
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth.principal import Delegation
from seeds.records import id_of
from tests.conftest import clone
from tests.governing import Body, body, day
from tests.making import change, make
from tests.parties import Caller, comes
from tests.serving import Edge, serving
from tests.writing import UNHCR, rows, write

EMAIL = "ana.named@example.org"
YEARLY = {"kind": "SECRETARY", "term_months": 12}
ELECTED = {**YEARLY, "selection": "ELECTION"}


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each has a body of its own."""
    return clone(cluster, template)


async def with_ana(database: str, key: str, **posts: Any) -> tuple[Body, dict[str, Any]]:
    """A body, and a reference to Ana, whose record its member `b` keeps."""
    b = await body(database, key, **posts)
    return b, await b.person("ana", owner=f"actor:{key}-b")


def held(b: Body, name: str = "leader", **given: Any) -> dict[str, Any]:
    """A mandate of `b` since yesterday."""
    post = {"post": b.post(name), "holder": b.party("b"), "start": {"edtf": day(-1)}}
    return {**post, **given}


async def recorded(b: Body, name: str = "leader", **given: Any) -> dict[str, Any]:
    """A reference to it."""
    done = await b.did("recordMandate", **held(b, name, **given))
    return {"id": done["mandate"]["id"]}


async def past(b: Body, ana: dict[str, Any]) -> dict[str, Any]:
    """A reference to a mandate of `b` that is over, in which Ana was named by her keeper."""
    mandate = await recorded(b, start={"edtf": day(-20)}, end={"edtf": day(0)})
    await b.did("nameRepresentative", b.member("b"), mandate=mandate, person=ana)
    await b.did("correctMandate", mandate=mandate, end={"edtf": day(-10)})
    return mandate


# ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def edge(database: str) -> Generator[Edge]:
    """The application over it; IOM keeps Ana, and IDB makes a group of its own."""

    async def prepare() -> None:
        connection = await asyncpg.connect(database)
        said = {"name": "Ana", "consented_on": "2024-01-01", "owner": "actor:iom"}
        await make(connection, "person", "named-ana", **said)
        await change(connection, "person", "named-ana", contact_email=EMAIL)
        await connection.close()

    asyncio.run(prepare())
    with serving(database) as edge:
        yield edge


@pytest.fixture(scope="module")
def hub(edge: Edge, database: str) -> Caller:
    """Who may write groups and read contacts, and keeps a group with a post."""
    hub = comes(edge, database, id_of("actor", "idb"), "groups:write", "contacts:read")
    hub.does("createWorkingGroup", slug="own", kind="WORKING_GROUP", name={"es": "Propio"})
    post = {"slug": "own", "group": {"slug": "own"}, "title": {"es": "Puesto"}}
    hub.does("createPost", kind="LEADER", officer=True, **post)
    return hub


def named(hub: Caller, **given: Any) -> Any:
    """What is answered to who names Ana in its own group, and asks how to reach her."""
    query = """mutation ($input: RecordMandateInput!) { recordMandate(input: $input) {
        errors { code path message } mandate { person { contact { email } } } } }"""
    holder, ana = {"actor": {"slug": "idb"}}, {"id": f"person_{id_of('person', 'named-ana')}"}
    given |= {"post": {"slug": "own"}, "holder": holder, "person": ana}
    return hub.reads(query, input=given | {"start": {"date": day(0)}})["recordMandate"]


@pytest.mark.parametrize("dry", [False, True])
def test_nobody_names_a_person_to_read_how_to_reach_them(hub: Caller, dry: bool):
    """The record is public; who keeps it decides whom she serves beside."""
    assert named(hub, dryRun=dry) == {
        "errors": [
            {
                "code": "NOT_OWNER",
                "path": ["input", "person"],
                "message": "Only who keeps a person's record names them. Leave `person` out; that "
                "organization names them with `nameRepresentative`, where it holds the mandate.",
            }
        ],
        "mandate": None,
    }


# ── By each verb ──────────────────────────────────────────────────────────────────────────────────


async def test_who_fills_a_post_designates_nobody_elses_person(database: str):
    """As it records none."""
    b, ana = await with_ana(database, "designating")
    given = held(b, start={"edtf": day(9)}, person=ana)
    assert await b.refused("designate", **given) == [("NOT_OWNER", "person")]


async def test_who_takes_over_brings_nobody_elses_person(database: str):
    """At the handover."""
    b, ana = await with_ana(database, "handing")
    made = await b.did("designate", post=b.post("leader"), holder=b.party("b"))
    given = {"mandate": {"id": made["mandate"]["id"]}, "person": ana}
    assert await b.refused("takeOver", **given) == [("NOT_OWNER", "person")]


async def test_who_renews_a_mandate_changes_to_nobody_elses_person(database: str):
    """With the next term."""
    b, ana = await with_ana(database, "renewing", secretary=YEARLY)
    mandate = await recorded(b, "secretary")
    refused = await b.refused("renewMandate", mandate=mandate, person=ana)
    assert refused == [("NOT_OWNER", "person")]


async def test_a_holder_names_nobody_elses_person(database: str):
    """For its own seat neither."""
    b, ana = await with_ana(database, "holding")
    made = await b.did("recordMandate", **held(b, holder=b.party("c")))
    given = {"mandate": {"id": made["mandate"]["id"]}, "person": ana}
    refused = await b.refused("nameRepresentative", b.member("c"), **given)
    assert refused == [("NOT_OWNER", "person")]


async def test_a_holder_names_its_own_person(database: str):
    """The way on that the refusal tells."""
    b, ana = await with_ana(database, "telling")
    mandate = await recorded(b)
    done = await b.did("nameRepresentative", b.member("b"), mandate=mandate, person=ana)
    assert done["mandate"]["person"] == {"name": "ana"}


async def test_a_candidate_stands_with_nobody_elses_person(database: str):
    """Candidates become holders."""
    b, ana = await with_ana(database, "standing", secretary=ELECTED)
    made = await b.did("openElection", post=b.post("secretary"))
    given = {"election": {"id": made["election"]["id"]}, "person": ana}
    assert await b.refused("nominate", b.member("c"), **given) == [("NOT_OWNER", "person")]


async def test_a_result_names_nobody_elses_person(database: str):
    """Who was not put forward by her keeper."""
    b, ana = await with_ana(database, "counting", secretary=ELECTED)
    stood = {"candidate": b.party("b"), "person": ana, "elected": True}
    refused = await b.refused("recordElection", post=b.post("secretary"), candidates=[stood])
    assert refused == [("NOT_OWNER", "candidates.0.person")]


async def test_a_result_names_whom_the_candidate_put_forward(database: str):
    """It is known who agreed."""
    b, ana = await with_ana(database, "counted", secretary=ELECTED)
    made = await b.did("openElection", post=b.post("secretary"))
    which = {"election": {"id": made["election"]["id"]}}
    await b.did("nominate", b.member("b"), **which, person=ana)
    stood = {"candidate": b.party("b"), "person": ana, "elected": True}
    done = await b.did("recordElection", **which, candidates=[stood])
    assert done["election"]["status"] == "DECIDED"


async def test_who_is_named_stays_named_in_the_next_term(database: str):
    """Who fills the post renews it."""
    b, ana = await with_ana(database, "staying", secretary=YEARLY)
    mandate = await recorded(b, "secretary")
    await b.did("nameRepresentative", b.member("b"), mandate=mandate, person=ana)
    done = await b.did("renewMandate", mandate=mandate)
    assert done["mandate"]["person"] == {"name": "ana"}


async def test_who_was_lent_a_persons_record_does_not_name_them(database: str):
    """How to reach her was not lent with it."""
    b, ana = await with_ana(database, "lent")
    lent = Delegation(
        id_of("actor", "lent-b"), frozenset({"person", "mandate"}), frozenset({"groups:write"})
    )
    who = replace(b.officer(), delegations=(lent,))
    refused = await b.refused("recordMandate", who, **held(b, person=ana))
    assert refused == [("NOT_OWNER", "person")]


# ── Who left does not come back by it ─────────────────────────────────────────────────────────────


async def test_a_mandate_that_is_over_is_not_renewed_with_its_person(database: str):
    """She left; her keeper names her anew."""
    b, ana = await with_ana(database, "lapsed")
    mandate = await past(b, ana)
    refused = await b.refused("renewMandate", mandate=mandate)
    assert refused == [("NOT_OWNER", "person")]


async def test_a_mandate_that_is_over_is_renewed_without_its_person(database: str):
    """Nobody is locked out."""
    b, ana = await with_ana(database, "lapsed-alone")
    mandate = await past(b, ana)
    done = await b.did("renewMandate", mandate=mandate, person=None)
    assert done["mandate"]["person"] is None


async def test_a_mandate_that_is_over_is_not_reopened_with_its_person(database: str):
    """By a correction of its end."""
    b, ana = await with_ana(database, "reopened")
    mandate = await past(b, ana)
    refused = await b.refused("correctMandate", mandate=mandate, end={"edtf": day(9)})
    assert refused == [("NOT_OWNER", "mandate")]


# ── Posts ─────────────────────────────────────────────────────────────────────────────────────────


async def moved(b: Body, to: str, fields: str, by: Any) -> Any:
    """What is answered to who changes the post `leader`."""
    query = f"""mutation {{ updatePost(input: {{post: {{slug: "{b.key}-leader"}} {fields}: {{
        slug: "{to}"}}}}) {{ errors {{ code path }} }} }}"""
    return (await write(b.database, query, None, by))["data"]["updatePost"]["errors"]


async def owned(b: Body) -> None:
    """The post is UNHCR's, though others serve in its group; it keeps a group of its own."""
    await rows(
        b.database, "UPDATE post SET owner_id = $2 WHERE slug = $1", f"{b.key}-leader", UNHCR.party
    )
    connection = await asyncpg.connect(b.database)
    group = {"name": "Propio", "kind": "MESA", "owner": "actor:unhcr"}
    await make(connection, "working_group", f"{b.key}-own", **group)
    await connection.close()


async def test_a_post_takes_nobody_elses_person_to_another_group(database: str):
    """Its owner serves in that one."""
    b, ana = await with_ana(database, "moved")
    mandate = await recorded(b)
    await b.did("nameRepresentative", b.member("b"), mandate=mandate, person=ana)
    await owned(b)
    assert await moved(b, "moved-own", "group", UNHCR) == [
        {"code": "NOT_OWNER", "path": ["input", "group"]}
    ]


async def test_who_fills_a_post_is_for_its_group_to_say(database: str):
    """Who owns the post would seat itself beside the others."""
    b = await body(database, "filled")
    await owned(b)
    assert await moved(b, "filled-own", "electedBy", UNHCR) == [
        {"code": "NOT_OWNER", "path": ["input", "electedBy"]}
    ]
