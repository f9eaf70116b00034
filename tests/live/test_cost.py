"""What an operation costs is told to who asks, and refused before anything is read."""

import json
from typing import Any

import pytest

from tests.oauth import asks, register, token
from tests.serving import NEWER, OLDER, Edge, Response

STATES = "query ($n: Int) { states(first: $n) { nodes { id } } }"
DEAR = (
    "{ actors(first: 100) { nodes { memberships(first: 100) { nodes { id group"
    " { members(first: 100) { totalCount nodes { id } } } } } } } }"
)


def ask(edge: Edge, how: str | None, query: str, line: str = "", **variables: Any) -> Response:
    """An operation with `GraphQL-Cost`."""
    headers = {"Content-Type": OLDER, "Accept": OLDER}
    if how is not None:
        headers["GraphQL-Cost"] = how
    if line:
        headers["Authorization"] = line
    body = json.dumps({"query": query, "variables": variables}).encode()
    return edge.send("POST", "/graphql", body, headers)


def cost(points: int, *path: str, of: int) -> dict[str, Any]:
    """What `extensions.cost` says."""
    return {"points": points, "limit": 100_000, "dearest": {"path": [*path], "points": of}}


def test_who_asks_is_told_the_price_and_nothing_runs(edge: Edge):
    """With the real variables."""
    before = edge.database.statements
    answer = ask(edge, "validate", STATES, n=7)
    assert (answer.status, edge.database.statements) == (200, before)
    said = {"cost": cost(8, "states", "nodes", of=7)}
    assert answer.json == {"data": None, "extensions": said}


def test_a_price_is_told_beside_the_answer(edge: Edge):
    """`report` runs it."""
    answer = ask(edge, "report", STATES, n=1).json
    assert len(answer["data"]["states"]["nodes"]) == 1
    assert answer["extensions"] == {"cost": cost(2, "states", "nodes", of=1)}


def test_nobody_is_told_who_does_not_ask(edge: Edge):
    """Answers stay as they are."""
    assert list(ask(edge, None, STATES, n=1).json) == ["data"]


def test_the_price_of_what_is_too_dear_is_told_as_well(edge: Edge):
    """That is when one needs it."""
    answer = ask(edge, "validate", DEAR)
    path = ["actors", "nodes", "memberships", "nodes", "group", "members", "nodes"]
    assert answer.json["extensions"]["cost"]["dearest"] == {"path": path, "points": 1_000_000}


def test_what_is_too_dear_is_not_run(edge: Edge):
    """The refusal says price, limit and the dearest path."""
    before = edge.database.statements
    answer = edge.ask(DEAR, accept=NEWER)
    assert (answer.status, edge.database.statements) == (400, before)
    [error] = answer.json["errors"]
    assert error["extensions"] == {
        "code": "TOO_COMPLEX",
        "cost": 1_050_201,
        "limit": 100_000,
        "dearest": ["actors", "nodes", "memberships", "nodes", "group", "members", "nodes"],
    }


def test_a_mutation_is_priced_and_not_done(issuing: Edge, committed: str):
    """A write that is only priced changes nothing."""
    line = f"Bearer {token(issuing, register(committed, scopes=('events:write',)))}"
    query = (
        'mutation { createEvent(input: {title: {es: "Priced"}, kind: WORKSHOP,'
        ' date: {edtf: "2027"}}) { event { id } } }'
    )
    answer = ask(issuing, "validate", query, line).json
    assert answer == {"data": None, "extensions": {"cost": cost(501, "createEvent", of=501)}}
    found = issuing.ask('{ events(search: "Priced") { totalCount } }').json
    assert found == {"data": {"events": {"totalCount": 0}}}


EVENT = (
    'mutation { createEvent(input: {title: {es: "Misspelt"}, kind: WORKSHOP,'
    ' date: {edtf: "2027"}}) { event { id } } }'
)


@pytest.mark.parametrize("how", ["VALIDATE", " validate\t ", "Validate", "validate, validate"])
def test_how_the_header_is_written_makes_no_difference(edge: Edge, how: str):
    """Letters, spaces, or that it came twice."""
    before = edge.database.statements
    assert ask(edge, how, STATES, n=7).json["extensions"]["cost"]["points"] == 8
    assert edge.database.statements == before


@pytest.mark.parametrize("how", ["dry-run", "validate, report", "validat", "", "validate;q=1"])
def test_a_header_that_is_not_known_runs_nothing(issuing: Edge, committed: str, how: str):
    """Whoever sends it believes that nothing is written."""
    line = f"Bearer {token(issuing, register(committed, scopes=('events:write',)))}"
    answer = ask(issuing, how, EVENT, line)
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert answer.messages == (
        f"`GraphQL-Cost: {how}` is not known, and nothing was run. `validate` tells what the "
        "operation costs without running it, `report` runs it and tells; leave the header out to "
        "run it."
    )
    found = issuing.ask('{ events(search: "Misspelt") { totalCount } }').json
    assert found == {"data": {"events": {"totalCount": 0}}}


def test_two_headers_that_differ_run_nothing(edge: Edge):
    """Nobody knows which one is meant."""
    body = json.dumps({"query": STATES}).encode()
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"GraphQL-Cost: validate\r\nGraphQL-Cost: report\r\nConnection: close\r\n"
    )
    answer = edge.raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_mutation_that_is_too_dear_is_not_done(issuing: Edge, committed: str):
    """By what its payload would show."""
    line = f"Bearer {token(issuing, register(committed, scopes=('events:write',)))}"
    query = (
        'mutation { createEvent(input: {title: {es: "Dear"}, kind: WORKSHOP,'
        ' date: {edtf: "2027"}}) { event { parties(first: 100) { nodes { ... on Actor {'
        " memberships(first: 100) { nodes { group { members(first: 100) { nodes { id } } } } }"
        " } } } } } }"
    )
    assert asks(issuing, line, query).codes == ["TOO_COMPLEX"]
    found = issuing.ask('{ events(search: "Dear") { totalCount } }').json
    assert found == {"data": {"events": {"totalCount": 0}}}


def test_prices_need_the_scopes_that_answers_need(issuing: Edge):
    """A price does not tell what may not be asked."""
    query = "{ persons(first: 1) { nodes { contact { email } } } }"
    assert ask(issuing, "validate", query).codes == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("levels", [2, 4])
def test_links_to_any_noun_in_one_another_read_nothing(edge: Edge, levels: int):
    """Two hundred bytes would be a statement of megabytes, planned for minutes."""
    inner = "id"
    for _ in range(levels):
        inner = f"citations(first: 1) {{ nodes {{ record {{ {inner} }} }} }}"
    answer = edge.ask(f"{{ actors(first: 1) {{ nodes {{ {inner} }} }} }}", accept=NEWER)
    assert (answer.status, answer.codes) == (400, ["TOO_COMPLEX"])
    assert "more than 250 tables" in answer.messages
