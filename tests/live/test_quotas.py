"""Points a minute: for each application and address, over all processes, and never in the way."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import quotas
from api.quotas import DOCUMENT, JOIN, PLAN, REQUEST, Quotas
from api.store import Store
from resolvers.read import Operation
from tests.live.test_named import written
from tests.oauth import asks, register, token
from tests.serving import NEWER, PEPPER, Edge, Response, serving, settings_of

PANAMA = '{ actor(by: {slug: "panama"}) { slug } }'
ANSWER = {"data": {"actor": {"slug": "panama"}}}
STATES = "{ states(first: 100) { nodes { id } } }"
DEAR = "{ actors(first: 100) { nodes { memberships(first: 10) { nodes { id } } } } }"
TOPICS_AT = "/q/en/topics.json"
WALK = REQUEST + 2 * 4
"""What two pages of three topics cost."""
LIMIT = 4_000


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals are not kept waiting for."""
    monkeypatch.setattr("api.quotas.LATE_SECONDS", 0)


@pytest.fixture(scope="module")
def sparing(committed: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Edge]:
    """An application that lets little be asked."""
    folder = tmp_path_factory.mktemp("documents")
    written(folder)
    limits = {"address_points": LIMIT, "client_points": 2 * LIMIT, "max_cost": LIMIT}
    with serving(committed, **limits, named_documents=folder, document_pages=2) as made:
        made.ask(PANAMA)
        yield made


@pytest.fixture
def edge(sparing: Edge) -> Edge:
    """That application, which nobody has asked anything yet."""
    begin(sparing)
    return sparing


def begin(edge: Edge) -> None:
    """Forget who asked, here and in the database: all get other keys."""
    known: Quotas = edge.app.state.quotas
    known._accounts.clear()  # pyright: ignore[reportPrivateUsage]
    known._secret = os.urandom(16)  # pyright: ignore[reportPrivateUsage]


def left(answer: Response) -> int:
    """How many points are left, by the header."""
    return int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])


def test_every_answer_says_what_is_left(edge: Edge):
    """As the draft of the IETF has it."""
    answer = edge.ask(PANAMA)
    assert answer.headers["ratelimit-policy"] == f'"address";q={LIMIT};qu="points";w=60'
    name, rest, seconds = answer.headers["ratelimit"].split(";")
    assert (name, rest) == ('"address"', f"r={LIMIT - REQUEST}")
    assert 1 <= int(seconds.removeprefix("t=")) <= 61
    assert "RateLimit" in answer.headers["access-control-expose-headers"]


def test_an_operation_counts_its_price_and_a_small_one_a_request(edge: Edge):
    """The second time, when its document and plan are known."""
    edge.ask(STATES)
    begin(edge)
    assert left(edge.ask(STATES)) == LIMIT - 101
    assert left(edge.ask(PANAMA)) == LIMIT - 101 - REQUEST


def test_what_is_new_counts_more(edge: Edge):
    """Documents are read and statements planned; whoever brings them pays for it."""
    assert left(edge.ask("{ states(first: 99) { totalCount } }")) == (
        LIMIT - REQUEST - DOCUMENT - PLAN
    )
    query = "{ states(first: 100) { nodes { country { id } } } }"
    before = left(edge.ask(PANAMA))
    assert before - left(edge.ask(query)) == 201 + DOCUMENT + PLAN + 2 * JOIN


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ states(first: 101) { totalCount } }"])
def test_refused_requests_count(edge: Edge, query: str):
    """Reading them is work as well."""
    assert left(edge.ask(query)) == LIMIT - REQUEST - DOCUMENT


def test_what_is_refused_for_its_price_costs_a_request(edge: Edge, monkeypatch: pytest.MonkeyPatch):
    """Neither its document nor a statement, which is not made: one loses nothing by asking."""
    account = edge.app.state.quotas.of_address("127.0.0.1")
    edge.ask(PANAMA)
    account.spend(account.remaining - 1_000)
    before = edge.database.statements
    monkeypatch.delattr(Operation, "_compile")
    for n in (98, 97):
        spent, query = account.spent, DEAR.replace("100", f"{n}")
        answer = edge.ask(query)
        assert (answer.status, answer.codes) == (429, ["RATE_LIMITED"])
        assert (account.spent - spent, edge.database.statements) == (REQUEST, before)


def test_a_new_document_is_not_read_where_it_cannot_be_paid(edge: Edge):
    """Nor is it known afterwards."""
    account = edge.app.state.quotas.of_address("127.0.0.1")
    edge.ask(PANAMA)
    account.spend(account.remaining - REQUEST - DOCUMENT + 1)
    spent = account.spent
    assert edge.ask("{").status == 429
    assert account.spent - spent == REQUEST


def spend(edge: Edge) -> None:
    """Spend all there is."""
    while edge.ask(DEAR, accept=NEWER).status == 200:
        pass
    while (answer := edge.ask(STATES, accept=NEWER)).status == 200:
        pass
    while (answer := edge.ask(PANAMA, accept=NEWER)).status == 200:
        pass
    assert answer.status == 429


def test_who_has_spent_all_is_told_until_when(edge: Edge):
    """And nothing is read."""
    spend(edge)
    before = edge.database.statements
    answer = edge.ask(PANAMA)
    assert edge.database.statements == before
    assert (answer.status, answer.codes) == (429, ["RATE_LIMITED"])
    seconds = int(answer.headers["retry-after"])
    assert 1 <= seconds <= 61
    [error] = answer.json["errors"]
    assert error["extensions"]["retryAfter"] == seconds
    assert error["message"].startswith("This address may spend 4,000 points a minute; ")
    assert f"Send it again in {seconds} seconds" in error["message"]
    assert answer.headers["ratelimit"].startswith('"address";r=')


def test_a_new_minute_begins_anew(edge: Edge, monkeypatch: pytest.MonkeyPatch):
    """With all points."""
    spend(edge)
    clock = time.time
    monkeypatch.setattr(quotas.time, "time", lambda: clock() + 61)
    assert left(edge.ask(PANAMA)) == LIMIT - REQUEST


def test_what_costs_nothing_is_not_refused(edge: Edge):
    """Preflights, and what balancers and people ask."""
    spend(edge)
    assert edge.send("OPTIONS", "/graphql").status == 204
    for path in ("/healthz", "/readyz", "/", "/schema.graphql"):
        assert edge.send("GET", path).status == 200


def test_a_named_document_counts_each_page_it_reads(edge: Edge):
    """And the request, once its plan is known; what a cache has already is no cheaper."""
    tag = edge.send("GET", TOPICS_AT).headers["etag"]
    for headers in ({}, {"If-None-Match": tag}):
        begin(edge)
        edge.send("GET", TOPICS_AT, b"", headers)
        assert left(edge.ask(PANAMA)) == LIMIT - WALK - REQUEST


def test_refused_named_documents_count(edge: Edge):
    """As a request."""
    assert edge.send("GET", f"{TOPICS_AT}?colour=red").status == 400
    assert left(edge.ask(PANAMA)) == LIMIT - REQUEST - REQUEST


def test_named_documents_end_with_the_points(edge: Edge):
    """With the headers of `/graphql`, as problem details; the list of them stays free."""
    edge.send("GET", TOPICS_AT)
    begin(edge)
    answers = [edge.send("GET", TOPICS_AT) for _ in range(LIMIT // WALK + 1)]
    assert [answer.status for answer in answers] == [200] * (len(answers) - 1) + [429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert refused.headers["ratelimit-policy"] == f'"address";q={LIMIT};qu="points";w=60'
    assert refused.headers["ratelimit"].startswith('"address";r=')
    assert "RateLimit" in refused.headers["access-control-expose-headers"]
    assert edge.send("GET", "/q/en.json").status == 200


MANY_AT_ONCE: dict[str, Callable[[Edge], Response]] = {
    "topic": lambda edge: edge.ask("{ topics(first: 0) { totalCount } }"),
    "event": lambda edge: edge.send("GET", "/q/en/calendar.json?kind=WORKSHOP"),
}
"""By the table that it reads."""


@pytest.mark.parametrize("table", MANY_AT_ONCE)
async def test_who_asks_much_at_once_waits_behind_itself(committed: str, table: str):
    """Half of the connections are left to others, whatever one account has in work."""
    other, asked = await asyncpg.connect(committed), MANY_AT_ONCE[table]
    with serving(committed, pool_size=4, pool_seconds=1) as edge:
        client = await asyncio.to_thread(register, committed)
        access_token = await asyncio.to_thread(token, edge, client)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(8))  # two cores have six
        answered = await asyncio.to_thread(asked, edge)
        async with other.transaction():
            await other.execute(f"LOCK TABLE {table}")  # the look-up of a token does not read it
            stuck = [asyncio.create_task(asyncio.to_thread(asked, edge)) for _ in range(6)]
            await asyncio.sleep(1.5)  # all of them are there, and longer than any waits in the pool
            answer = await asyncio.to_thread(asks, edge, f"Bearer {access_token}", PANAMA)
        assert (answer.status, answer.json) == (200, ANSWER)
        assert [(await each).json for each in stuck] == [answered.json] * 6
    await other.close()


def test_a_token_has_an_account_of_its_own(edge: Edge, committed: str):
    """However busy the others at its address are."""
    access_token = token(edge, register(committed))
    spend(edge)
    answer = asks(edge, f"Bearer {access_token}", PANAMA)
    assert (answer.status, answer.json) == (200, ANSWER)
    assert answer.headers["ratelimit-policy"] == f'"client";q={2 * LIMIT};qu="points";w=60'
    assert edge.ask(PANAMA).status == 429


def test_viewer_says_what_is_left(edge: Edge, committed: str):
    """The same as the header, until the same moment."""
    access_token = token(edge, register(committed))
    query = "{ viewer { quota { __typename limit remaining resetAt } } }"
    answer = asks(edge, f"Bearer {access_token}", query)
    found = answer.json["data"]["viewer"]["quota"]
    assert found.pop("resetAt").endswith("Z")
    assert found == {"__typename": "Quota", "limit": 2 * LIMIT, "remaining": left(answer)}


def test_tokens_that_open_nothing_are_counted(edge: Edge):
    """Each asks the database; after some of them no more is tried for a while."""
    answers = [asks(edge, "Bearer nonsense", PANAMA).status for _ in range(9)]
    assert answers == [401] * 8 + [429]
    assert edge.ask(PANAMA).status == 200


def test_an_ipv6_household_has_one_account(seeded: str):
    """It has 2⁶⁴ addresses; an IPv4 one has its own."""
    settings = settings_of(seeded)
    made = Quotas(Store(settings), settings)
    one = made.of_address("2001:db8::1")
    assert made.of_address("2001:db8::ffff:1") is one
    assert made.of_address("2001:db8:0:1::1") is not one
    assert made.of_address("192.0.2.1") is not made.of_address("192.0.2.2")
    assert made.of_address("::ffff:192.0.2.1").key == made.of_address("192.0.2.1").key


def test_accounts_do_not_fill_the_memory(seeded: str, monkeypatch: pytest.MonkeyPatch):
    """Who has spent all is remembered before others."""
    monkeypatch.setattr(quotas, "_MOST", 100)
    settings = settings_of(seeded)
    made = Quotas(Store(settings), settings)
    spent = made.of_address("192.0.2.1")
    spent.ends, spent.spent = time.time() + 60, spent.limit
    for n in range(1_000):
        made.of_address(f"2001:db8:{n:x}::1").ends = time.time() + 60
    assert len(made._accounts) <= 102  # pyright: ignore[reportPrivateUsage]
    assert made.of_address("192.0.2.1") is spent


def test_a_database_that_is_slow_keeps_no_read_waiting(edge: Edge, committed: str):
    """Here nobody can write what was spent; each process goes on counting for itself."""

    async def locked() -> None:
        other = await asyncpg.connect(committed)
        async with other.transaction():
            await other.execute("LOCK spending IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            for _ in range(9):
                assert (await asyncio.to_thread(edge.ask, STATES)).status == 200
            assert time.monotonic() - began < 9 * quotas._PATIENCE_SECONDS + 2  # pyright: ignore[reportPrivateUsage]
            await asyncio.to_thread(spend, edge)
        await other.close()

    edge.ask(STATES)
    begin(edge)
    asyncio.run(locked())


# ── Several processes ─────────────────────────────────────────────────────────────────────────────

POINTS = 100_000


@contextmanager
def processes(url: str) -> Generator[list[int]]:
    """The ports of two servers over one database."""
    environment = {
        "VINCULO_DATABASE_URL": url,
        "VINCULO_PEPPER": PEPPER,
        "VINCULO_ADDRESS_POINTS": str(POINTS),
    }
    command = [sys.executable, "-m", "api", "serve", "--port", "0"]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    command, stdout=subprocess.PIPE, text=True, env=os.environ | environment
                )
            )
            for _ in range(2)
        ]
        try:
            ports: list[int] = []
            for process in started:
                assert process.stdout
                assert process.stdout.readline() == "Vínculo is ready:\n"
                address = process.stdout.readline().split()[0].rstrip("/")
                ports.append(int(address.rpartition(":")[2]))
            yield ports
        finally:
            for process in started:
                process.terminate()


class Asker:
    """Asks a server from an address of this machine."""

    def __init__(self, port: int, host: str) -> None:
        source = (host, 0)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, 20, source_address=source)

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __call__(self, query: str) -> tuple[int, int, int]:
        """Status, points and seconds left."""
        body = json.dumps({"query": query})
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/graphql", body, headers)
        answer = self._connection.getresponse()
        answer.read()
        _, points, seconds = (answer.getheader("RateLimit") or "").split(";")
        return answer.status, int(points[2:]), int(seconds[2:])


def fresh(port: int) -> str:
    """An address that nobody asked from, whose minute does not end in the middle of a test."""
    for n in range(2, 250):
        host = f"127.0.0.{n}"
        with Asker(port, host) as ask:
            status, points, seconds = ask("{ __typename }")
        if status == 200 and seconds > 30 and points > POINTS - 5_000:
            return host
    raise AssertionError


@pytest.mark.parametrize(
    ("query", "price"),
    [("{ states(first: 100) { nodes { id } } }", 101),
     ("{ actors(first: 100) { nodes { memberships(first: 30) { nodes { id } } } } }", 3_201)],
    ids=["many cheap ones", "few dear ones"],
)  # fmt: skip
def test_two_processes_count_together(two: list[int], query: str, price: int):
    """What both let pass is within a tenth of what one may ask of all."""
    host = fresh(two[0])
    passed = 2 * (DOCUMENT + PLAN + 2 * JOIN)  # each learns the document
    with Asker(two[0], host) as one, Asker(two[1], host) as other:
        refused = set[int]()
        for n in range(3 * POINTS // price):
            status, _, seconds = (one, other)[n % 2](query)
            assert seconds > 1, "The minute ended before the test."
            if status == 200:
                passed += price
            else:
                refused.add(n % 2)
            if len(refused) == 2:
                break
    assert refused == {0, 1}
    assert 0.9 * POINTS <= passed + price <= 1.1 * POINTS


@pytest.fixture(scope="module")
def two(committed: str) -> Generator[list[int]]:
    """Two servers over one database."""
    with processes(committed) as ports:
        yield ports


def test_a_process_learns_from_the_others_what_was_spent(two: list[int]):
    """With its first request of a minute."""
    host = fresh(two[1])
    with Asker(two[0], host) as one, Asker(two[1], host) as other:
        known = min(one(STATES)[1] for _ in range(60))
        other(PANAMA)
        time.sleep(0.7)
        _, points, _ = other(PANAMA)
    assert abs(points - known) <= 3 * (REQUEST + DOCUMENT + PLAN + JOIN)
