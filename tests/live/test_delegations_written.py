"""A party lets another keep its records, and takes that back: it holds at the next request."""

import asyncio
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from seeds.records import id_of
from tests.oauth import asks, register, token
from tests.serving import Edge

IOM, UNHCR = id_of("actor", "iom"), id_of("actor", "unhcr")
DELEGATE = """mutation ($input: DelegateInput!) { delegate(input: $input) {
    outcome errors { code path } delegation {
        owner { id } maintainer { id } nouns scopes until revoked } } }"""
REVOKE = """mutation ($input: RevokeDelegationInput!) { revokeDelegation(input: $input) {
    outcome errors { code path } delegation { revoked } } }"""
CREATE = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
    outcome errors { code } event { owner { id } } } }"""
EVENT = {"title": {"es": "Por encargo"}, "kind": "MEETING", "owner": {"actor": {"slug": "unhcr"}}}
LENT = {"maintainer": {"actor": {"slug": "iom"}}, "nouns": ["EVENT"], "scopes": ["events:write"]}


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def owner(edge: Edge, committed: str) -> str:
    """The header of a client of UNHCR's."""
    held = ("clients:manage", "events:write", "practices:write")
    return f"Bearer {token(edge, register(committed, scopes=held))}"


@pytest.fixture
def hub(edge: Edge, committed: str) -> str:
    """The header of a client of IOM's."""
    held = register(committed, party=IOM, scopes=("events:write", "clients:manage"))
    return f"Bearer {token(edge, held)}"


def answer(edge: Edge, line: str, query: str, **given: Any) -> Any:
    """What the one mutation of a query answers."""
    [found] = asks(edge, line, query, variables={"input": given}).json["data"].values()
    return found


def number(database: str, sql: str) -> Any:
    """A value from the database."""

    async def run() -> Any:
        connection = await asyncpg.connect(database)
        found = await connection.fetchval(sql)
        await connection.close()
        return found

    return asyncio.run(run())


def test_what_is_delegated_can_be_done_until_it_is_revoked(edge: Edge, owner: str, hub: str):
    """With tokens that were there before."""
    assert answer(edge, hub, CREATE, **EVENT)["errors"] == [{"code": "NOT_OWNER"}]
    lent = answer(edge, owner, DELEGATE, **LENT)
    assert lent["delegation"] == {
        "owner": {"id": f"actor_{UNHCR}"}, "maintainer": {"id": f"actor_{IOM}"}, "nouns": ["EVENT"],
        "scopes": ["events:write"], "until": None, "revoked": False,
    }  # fmt: skip
    made = answer(edge, hub, CREATE, **EVENT)
    assert made["event"] == {"owner": {"id": f"actor_{UNHCR}"}}
    back = answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])
    assert back["delegation"] == {"revoked": True}
    assert answer(edge, hub, CREATE, **EVENT)["errors"] == [{"code": "NOT_OWNER"}]


def test_it_is_for_the_nouns_that_were_named(edge: Edge, owner: str, hub: str):
    """A delegation again replaces the one before."""
    answer(edge, owner, DELEGATE, **LENT)
    again = answer(edge, owner, DELEGATE, **LENT | {"nouns": ["PRACTICE"]})
    assert (again["outcome"], again["delegation"]["nouns"]) == ("UPDATED", ["PRACTICE"])
    assert answer(edge, hub, CREATE, **EVENT)["errors"] == [{"code": "NOT_OWNER"}]
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"scopes": ["registry:write"]}, "INVALID", "scopes"),
        ({"scopes": ["no:such"]}, "INVALID", "scopes"),
        ({"scopes": []}, "REQUIRED", "scopes"),
        ({"nouns": []}, "REQUIRED", "nouns"),
        ({"maintainer": {"actor": {"slug": "unhcr"}}}, "INVALID", "maintainer"),
        ({"maintainer": {"actor": {"slug": "nobody"}}}, "NOT_FOUND", "maintainer"),
        ({"owner": {"actor": {"slug": "oas"}}}, "NOT_OWNER", "owner"),
        ({"until": "2020-01-01T00:00:00Z"}, "INVALID", "until"),
        ({"scopes": ["events:write", "no:such"]}, "INVALID", "scopes"),
    ],
)
def test_what_cannot_be_lent_is_refused(
    edge: Edge, owner: str, committed: str, given: dict[str, Any], code: str, path: str
):
    """Nobody lets others do more than they may do themselves."""
    live = "SELECT count(*) FROM delegation WHERE revoked_at IS NULL"
    before = number(committed, live)
    refused = answer(edge, owner, DELEGATE, **LENT | given)
    assert refused["errors"] == [{"code": code, "path": ["input", path]}]
    assert number(committed, live) == before


def test_it_needs_the_scope(edge: Edge, committed: str):
    """Neither verb is for who may only write."""
    before = number(committed, "SELECT count(*) FROM delegation")
    held = f"Bearer {token(edge, register(committed, scopes=('events:write',)))}"
    for query, given in ((DELEGATE, LENT), (REVOKE, {"maintainer": LENT["maintainer"]})):
        assert asks(edge, held, query, variables={"input": given}).status == 403
        assert edge.ask(query, variables={"input": given}).status == 401
    assert number(committed, "SELECT count(*) FROM delegation") == before


def test_what_is_lent_is_shown_as_it_is_kept(edge: Edge, owner: str, committed: str):
    """Each kind once, the end in UTC; both in the audit as well."""
    given = {"nouns": ["PRACTICE", "EVENT", "EVENT"], "until": "2999-01-01T00:00:00+05:30"}
    lent = answer(edge, owner, DELEGATE, **LENT | given)["delegation"]
    assert (lent["nouns"], lent["until"]) == (["EVENT", "PRACTICE"], "2998-12-31T18:30:00.000000Z")
    kept = "SELECT detail->>'until' FROM audit WHERE event = 'DELEGATED' ORDER BY at DESC LIMIT 1"
    assert number(committed, kept) == "2998-12-31T18:30:00+00:00"
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])


def test_a_scope_that_does_not_exist_is_said_so(edge: Edge, owner: str):
    """It is another mistake than one that is not held."""
    query = DELEGATE.replace("code path", "message")
    refused = answer(edge, owner, query, **LENT | {"scopes": ["no:such"]})
    [error] = refused["errors"]
    assert error["message"].startswith("No existe el permiso `no:such`; existen actors:write, ")


def test_what_was_lent_is_not_lent_on(edge: Edge, owner: str, hub: str):
    """The hub does not delegate what is UNHCR's."""
    answer(edge, owner, DELEGATE, **LENT)
    theirs = {"owner": {"actor": {"slug": "unhcr"}}, "maintainer": {"actor": {"slug": "oas"}}}
    refused = answer(edge, hub, DELEGATE, **LENT | theirs)
    assert refused["errors"] == [{"code": "NOT_OWNER", "path": ["input", "owner"]}]
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])


def test_nothing_delegated_is_not_revoked(edge: Edge, owner: str):
    """The answer says so."""
    refused = answer(edge, owner, REVOKE, maintainer={"actor": {"slug": "oas"}})
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "maintainer"]}]


def test_both_are_written_down(edge: Edge, owner: str, committed: str):
    """Who let whom do what."""
    events = "SELECT count(*) FROM audit WHERE event IN ('DELEGATED', 'DELEGATION_REVOKED')"
    before = number(committed, events)
    answer(edge, owner, DELEGATE, **LENT)
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])
    assert number(committed, events) == before + 2


# ── Listed ────────────────────────────────────────────────────────────────────────────────────────

LISTED = """{ viewer {
    delegationsGiven { maintainer { id } nouns scopes revoked }
    delegationsReceived { owner { id } nouns scopes } } }"""


def listed(edge: Edge, line: str) -> tuple[list[Any], list[Any]]:
    """What the caller's party lets others do, and what others let it do."""
    viewer = asks(edge, line, LISTED).json["data"]["viewer"]
    return viewer["delegationsGiven"], viewer["delegationsReceived"]


def test_the_two_parties_list_it_until_it_is_revoked(
    edge: Edge, owner: str, hub: str, committed: str
):
    """So that nobody has to know by heart what is to be taken back; others are told nothing."""
    other = token(edge, register(committed, party=id_of("actor", "oas"), scopes=("events:write",)))
    answer(edge, owner, DELEGATE, **LENT)
    lent = {"nouns": ["EVENT"], "scopes": ["events:write"]}
    given = {"maintainer": {"id": f"actor_{IOM}"}, **lent, "revoked": False}
    assert listed(edge, owner) == ([given], [])
    assert listed(edge, hub) == ([], [{"owner": {"id": f"actor_{UNHCR}"}, **lent}])
    assert listed(edge, f"Bearer {other}") == ([], [])
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])
    assert (listed(edge, owner), listed(edge, hub)) == (([], []), ([], []))


def test_a_delegation_sent_again_under_its_key_is_shown_as_it_is(edge: Edge, owner: str):
    """Revoked by now."""
    first = answer(edge, owner, DELEGATE, **LENT, idempotencyKey="lent-once")
    answer(edge, owner, REVOKE, maintainer=LENT["maintainer"])
    again = answer(edge, owner, DELEGATE, **LENT, idempotencyKey="lent-once")
    assert (first["delegation"]["revoked"], again["delegation"]["revoked"]) == (False, True)
