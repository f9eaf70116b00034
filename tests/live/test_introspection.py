"""Questions about the schema: paid for, worked on beside the loop, and answered from memory."""

import os
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query

from api.quotas import DOCUMENT, PLAN, REQUEST, Quotas
from resolvers.read.introspection import Introspection, introspection_of
from resolvers.schema import schema
from tests.serving import PANAMA, Edge, serving

LIMIT = 200_000
NAMES = "{ __schema { types { name } } }"
NEW = REQUEST + DOCUMENT + PLAN


@pytest.fixture(scope="module")
def asked(seeded: str) -> Generator[Edge]:
    """An application with points for two whole introspections."""
    with serving(seeded, address_points=LIMIT) as made:
        yield made


@pytest.fixture
def edge(asked: Edge) -> Edge:
    """That application, where nobody has spent anything."""
    known: Quotas = asked.app.state.quotas
    known._accounts.clear()  # pyright: ignore[reportPrivateUsage]
    known._secret = os.urandom(16)  # pyright: ignore[reportPrivateUsage]
    return asked


MEMORY = introspection_of(schema._schema)  # pyright: ignore[reportPrivateUsage]


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has asked of the schema, and refusals come at once."""
    monkeypatch.setattr("api.quotas.LATE_SECONDS", 0)
    MEMORY.__init__(schema._schema)  # pyright: ignore[reportPrivateUsage]


def spent(edge: Edge) -> int:
    """What was spent until now."""
    return edge.app.state.quotas.of_address("127.0.0.1").spent


def test_it_costs_what_it_takes(edge: Edge):
    """A point for each field that is resolved, on average."""
    answer = edge.ask(NAMES)
    types = len(answer.json["data"]["__schema"]["types"])
    assert spent(edge) == NEW + 2 + types


def test_whole_tools_know_the_schema(edge: Edge):
    """And pay once for it; the second answer is from memory."""
    query = get_introspection_query()
    first = edge.ask(query)
    paid = spent(edge)
    assert 50_000 < paid < 150_000
    assert "Actor" in build_client_schema(first.json["data"]).type_map
    second = edge.ask(query)
    assert second.body == first.body
    assert (spent(edge) - paid, MEMORY.executed) == (REQUEST + PLAN, 1)


@pytest.mark.parametrize(
    "query",
    [
        f"{NAMES} # again",
        "query Named($x: Boolean = true) { a: __schema { types { name } } ok: __typename"
        " @include(if: $x) }",
        "{\n  __schema {\n    types { name, }\n  }\n}",
    ],
)
def test_how_it_is_written_makes_no_difference(edge: Edge, query: str):
    """Nor what else is asked, nor by which name."""
    edge.ask(NAMES)
    paid = spent(edge)
    assert edge.ask(query).status == 200
    assert (spent(edge) - paid, MEMORY.executed) == (NEW, 1)


def test_other_variables_are_another_question(edge: Edge):
    """Each has its answer."""
    query = "query ($n: String!) { __type(name: $n) { name } }"
    found = [edge.ask(query, variables={"n": name}).json for name in ("Actor", "Topic")]
    assert [each["data"]["__type"]["name"] for each in found] == ["Actor", "Topic"]


def test_what_is_not_paid_for_is_not_looked_up(edge: Edge):
    """The refusal costs no more than a request."""
    edge.ask(PANAMA)
    account = edge.app.state.quotas.of_address("127.0.0.1")
    account.spend(account.remaining - 10_000)
    before = account.spent
    answer = edge.ask(get_introspection_query())
    assert (answer.status, answer.codes, MEMORY.executed) == (429, ["RATE_LIMITED"], 0)
    assert account.spent - before == REQUEST


def test_others_are_answered_meanwhile_and_one_is_worked_on_at_a_time(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
):
    """However many ask at once."""
    working: list[int] = []
    begun, go, execute = threading.Event(), threading.Event(), Introspection.execute

    def slow(memory: Introspection, *asked: Any) -> bytes:
        working.append(len(working))
        begun.set()
        assert go.wait(5)
        working.remove(0)
        return execute(memory, *asked)

    monkeypatch.setattr(Introspection, "execute", slow)
    queries = [f'{{ __type(name: "Actor") {{ a{n}: name }} }}' for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(edge.ask, query) for query in queries]
        assert begun.wait(5)
        assert edge.send("GET", "/healthz").status == 200
        assert edge.ask(PANAMA).status == 200
        assert working == [0]
        go.set()
        assert [each.result().status for each in answers] == [200] * 3
    assert (working, MEMORY.executed) == ([], 3)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    """What was asked least lately makes room."""
    monkeypatch.setattr("resolvers.read.introspection._MOST_BYTES", 20)
    for n in range(3):
        MEMORY.keep(n, b"0123456789")
    assert [MEMORY.known(n) for n in range(3)] == [None, b"0123456789", b"0123456789"]
