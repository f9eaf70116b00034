"""Generated operations: the reader answers as the plain executor does, in one statement."""

import asyncio
import base64
import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import preparation
from auth import tokens
from resolvers.read.cursor import fingerprint
from schema import base
from schema.base import camel, entities, spec_of
from schema.connections import fields_of
from schema.contribution import SupportDimension, SupportTotal
from schema.errors import TooComplex
from schema.language import Language
from tests.conftest import clone, connect
from tests.property.data import KEEPER, MEMBER, READ, STRANGER, WRITE, enrich
from tests.property.derived import LISTS, VALUES
from tests.property.generate import FEEDS, OUTPUTS, Generator, Made, Pool, everything_there_is
from tests.property.offices import Offices
from tests.property.oracle import Oracle, load, normal, specs
from tests.reading import compiled

PRINCIPALS = (STRANGER, MEMBER, KEEPER)
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "60"))


@dataclass
class Bench:
    """What the examples share: a loop, a connection, the oracles and the books."""

    loop: asyncio.AbstractEventLoop
    connection: asyncpg.Connection
    oracles: dict[Any, Oracle]
    generator: Generator
    statements: list[str]
    answers: int = 0
    filled: int = 0
    refused: int = 0

    def run(self, coroutine: Any) -> Any:
        """Wait for it."""
        return self.loop.run_until_complete(coroutine)


@pytest.fixture(scope="module")
def bench(cluster: Any, template: str) -> Any:
    """A database with more than the seeds."""
    loop = asyncio.new_event_loop()
    url = clone(cluster, template)
    made = loop.run_until_complete(_bench(loop, url))
    yield made
    loop.run_until_complete(made.connection.close())
    loop.close()


async def _bench(loop: asyncio.AbstractEventLoop, url: str) -> Bench:
    async with preparation.connected(url) as writer:
        await enrich(writer)
    connection = await connect(url)
    await connection.fetch("SELECT $1::numeric[]", [])  # asyncpg asks about the type once
    tables = await load(connection)
    oracles = {
        (principal, language): Oracle(tables, principal, language)
        for principal in PRINCIPALS
        for language in Language
    }
    statements: list[str] = []
    connection.add_query_logger(lambda logged: statements.append(logged.query))
    seeing = [oracles[p, Language.ES] for p in PRINCIPALS]
    generator = Generator(Random(7), _pool(tables, seeing))
    return Bench(loop, connection, oracles, generator, statements)


def _pool(tables: dict[str, list[dict[str, Any]]], seeing: list[Oracle]) -> Pool:
    ids: dict[str, list[str]] = {}
    values: dict[str, list[Any]] = {
        "String": ["panama", "M2:76", "es", "zzz"], "Int": [1, 2, 4, 8, 13, 291],
        "Date": ["2017-06-01", "2019-06-15", "2022-12-31", "2023-04-20", "2026-01-01"],
        "DateTime": ["2020-01-01T00:00:00Z", "2099-12-31T23:59:59.5+02:00"],
        "Decimal": ["100", "0.01", "333.33"], "slugs": _slugs(tables),
        **{f"after {name}": _places(tables, name) for name in FEEDS},
    }  # fmt: skip
    links = Counter(
        v for rows in tables.values() for row in rows for v in row.values() if _is_id(v)
    )
    telling: dict[str, list[str]] = {}
    for noun in entities.values():
        rows = sorted(
            tables[noun.name], key=lambda r: (r.get("visibility") != "PUBLIC", -links[r["id"]])
        )
        ids[noun.name] = [f"{noun.name}_{r['id']}" for r in rows]
        for row in rows:
            name = noun.variants[row["type"]].__name__ if noun.variants else noun.type_name
            ids.setdefault(f"type:{name}", []).append(f"{noun.name}_{row['id']}")
        for column in rows[0]:
            known = [r[column] for r in rows if isinstance(r[column], str | int | Decimal)]
            if known:
                chosen = sorted({str(v) if isinstance(v, Decimal) else v for v in known}, key=str)
                values[f"{noun.type_name}Where.{camel(column)}"] = chosen[:40]
    given = {"pathsTo": {"objective": values["slugs"][0]}, "nextOccurrences": {"count": 4}}
    for type_name, known in list(ids.items()):
        if type_name.startswith("type:"):
            noun = entities[known[0].rpartition("_")[0]]
            for name in specs(noun):
                found = _telling(seeing, known, name, given.get(name, {}))
                telling[f"{type_name.removeprefix('type:')}.{name}"] = found
    chosen = [{k: i[k] for k in ("scheme", "value")} for i in tables["identifier"]]
    return Pool(ids, values, chosen, telling)


def _slugs(tables: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Of objectives that most works on, and a wrong one."""
    links = Counter(link["objective_id"] for link in tables["record_objective"])
    slugs = {o["id"]: o["slug"] for o in tables["objective"]}
    return [*(slugs[i] for i, _ in links.most_common(6))]


def _places(tables: dict[str, list[dict[str, Any]]], name: str) -> list[str]:
    """Cursors of changes: here and there, and near the end, where most happens."""
    numbers = sorted(row["sequence"] for row in tables["change"])
    packed = [
        fingerprint([name]) + json.dumps([str(n), tables["epoch"][0]["id"]], separators=(",", ":"))
        for n in [*numbers[::1000], *numbers[-90::9], numbers[-1]]
    ]
    return [base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in packed]


def _telling(
    seeing: list[Oracle], ids: list[str], name: str, arguments: dict[str, Any]
) -> list[str]:
    """A few of the records whose field says something, to everybody if possible."""
    for oracle in seeing:
        said = (i for i in ids if oracle.says(i.rpartition("_")[2], name, arguments))
        if found := list(islice(said, 3)):
            return found
    return []


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 36 and value[8] == "-"


def in_order(value: Any) -> str:
    """The JSON text, keys in the order they came in, numbers as they were written."""
    return json.dumps(value, ensure_ascii=False)


def filled(value: Any) -> bool:
    """Whether an answer holds anything but nulls, empty lists and zeros."""
    match value:
        case dict():
            return any(filled(v) for k, v in value.items() if k != "node0")
        case list():
            return any(map(filled, value))
        case None | False | 0 | "0":
            return False
        case _:
            return True


MOST_POINTS = 100_000
"""What the edge lets pass."""


def check(
    bench: Bench,
    made: Made,
    principal: Any,
    language: Language,
    counted: bool = True,
    most: int = MOST_POINTS,
) -> Any:
    """The reader's answer, after it was compared; exactly one statement was sent."""
    try:
        call = compiled(made.document, made.variables, principal, language, most)
    except TooComplex:
        bench.refused += 1
        return None
    bench.statements.clear()
    rows = bench.run(bench.connection.fetch(call.sql, *call.args)) if call.sql else []
    assert bench.statements == ([call.sql] if call.sql else [])
    actual = json.loads(call.data(rows), parse_int=str, parse_float=str)
    expected = bench.oracles[principal, language].answer(made.document, made.variables)
    text = json.dumps(expected, ensure_ascii=False)
    expected = json.loads(text, parse_int=str, parse_float=str)
    assert in_order(normal(actual)) == in_order(expected), f"{made.query}\n{made.variables}"
    if counted:
        bench.answers += 1
        bench.filled += filled(json.loads(text))
    return actual


CALLERS = [(p, la) for p in PRINCIPALS for la in Language]


def test_one_operation_for_every_field_argument_and_filter(bench: Bench):
    """Nothing in the schema goes unasked."""
    for number, make in enumerate(bench.generator.everything()):
        answer = None
        for attempt in range(3):  # other values, where these led to nothing
            answer = check(bench, make(), *CALLERS[number % len(CALLERS)], counted=False)
            if filled(answer) or attempt == 2:
                break
        bench.answers, bench.filled = bench.answers + 1, bench.filled + filled(answer)
    missing = everything_there_is() - bench.generator.used
    missing = {u for u in missing if "(" not in u or u.partition("(")[0] in OUTPUTS}
    for made in bench.generator.chase(missing):
        check(bench, made, MEMBER, Language.ES)


@settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 2**63), caller=st.sampled_from(CALLERS))
def test_any_operation_is_answered_as_the_plain_executor_does(bench: Bench, seed: int, caller: Any):
    """Equal JSON, keys in order, in one statement."""
    generator = Generator(Random(seed), bench.generator.pool, bench.generator.used)
    check(bench, generator.operation(), *caller)


def test_every_change_as_each_caller_is_told_of_it(bench: Bench):
    """Here and there and all of the last, by what may be asked for, and of each event."""
    fields = (
        "id at verb noun recordId part client record { id } mergedInto { id } party { id }"
        " onBehalfOf { id } fields { name before after }"
    )
    page = f"{{ edges {{ cursor node {{ {fields} }} }} pageInfo {{ hasNextPage endCursor }} }}"
    places = bench.generator.pool.values["after changes"]
    for caller in CALLERS[::3]:
        for more in ("", ", types: [EVENT, PLEDGE, PERSON]", ", excludeOwn: true"):
            query = f"query($c: String) {{ page: changes(first: 40, after: $c{more}) {page} }}"
            for place in places:
                check(bench, Made(query, {"c": place}), *caller, counted=False)
        _ask_all(bench, "event", f"... on Event {{ history(first: 9) {page} }}", 50, caller)


DAYS = [None, "2019-05-01", "2023-04-20"]
COMPUTED = sorted({key.partition(".")[0] for key in [*VALUES, *LISTS]})
CHOSEN = {
    base.Found: " {{ id }}", base.Related: "(first: 9) {{ totalCount nodes {{ id }} }}",
    "warnings": " {{ rule message expected {{ id }} }}", "next_occurrences":
    "(after: {day}, count: 7) {{ edtf earliest latest }}",
    "notes": " {{ status text }}", "applications": " {{ id email }}",
}  # fmt: skip
"""How a computed field is asked for, by kind or name, where it is more than a value."""


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_computed_of_every_record(bench: Bench, name: str, day: str | None):
    """All fields that declarations compute, for every record, on some days."""
    parts: list[str] = []
    for spec in entities[name].specs().values():
        if f"{name}.{spec.name}" in {*VALUES, *LISTS} and spec.name != "paths_to":
            text = CHOSEN.get(spec.name) or CHOSEN.get(type(spec), "")
            on = f"(on: {json.dumps(day)})" if "on" in getattr(spec, "arguments", {}) else ""
            parts.append(f"{camel(spec.name)}{on}{text.format(day=json.dumps(day))}")
    body = f"... on {entities[name].type_name} {{ {' '.join(parts)} }}"
    for caller in (CALLERS[0], CALLERS[-1]):
        _ask_all(bench, name, body, 90, caller)


def test_the_ways_of_every_party_to_every_objective(bench: Bench):
    """Not one too many, and in order."""
    objectives = bench.oracles[CALLERS[0]].tables["objective"]
    for number, objective in enumerate(objectives):
        given = json.dumps(objective["slug"])
        steps = "length steps { relation record { id } }"
        body = f"... on Party {{ pathsTo(objective: {given}) {{ {steps} }} }}"
        for name in ("actor", "working_group"):
            _ask_all(bench, name, body, 20, CALLERS[number % len(CALLERS)])


def _ask_all(bench: Bench, name: str, body: str, size: int, caller: Any) -> None:
    ids, before = bench.generator.pool.ids[name], bench.refused
    for start in range(0, len(ids), size):
        given = json.dumps(ids[start : start + size])
        made = Made(f"{{ nodes(ids: {given}) {{ {body} }} }}", {})
        check(bench, made, *caller, counted=False, most=100 * MOST_POINTS)
    assert bench.refused == before


@pytest.mark.parametrize("dimension", [d.name for d in SupportDimension])
def test_totals_of_support_by_every_dimension(bench: Bench, dimension: str):
    """Of all entries, and of some."""
    fields = " ".join(
        f"{camel(n)} {{ id }}" if isinstance(spec_of(f), base.One) else camel(n)
        for n, f in fields_of(SupportTotal).items()
    )
    for where in ("{}", "{comparator: {in: [EXACTLY, ABOUT]}}", "{stage: {eq: DISBURSEMENT}}"):
        made = Made(
            f"{{ supportTotals(dimension: {dimension}, where: {where}) {{ {fields} }} }}", {}
        )
        for caller in CALLERS:
            check(bench, made, *caller, counted=False)


REACH = (
    f"WITH RECURSIVE held AS (SELECT $1::uuid AS party_id), {tokens.REACH} SELECT {tokens.REACHED}"
)
SCOPES = frozenset({READ, WRITE})


def test_for_whom_each_party_acts(bench: Bench):
    """Members, officers, caretakers, registrars and delegates, from the same rows in Python."""
    tables = bench.oracles[CALLERS[0]].tables
    offices = Offices(tables, datetime.now(UTC).isoformat())
    seen: Counter[str] = Counter()
    for party in (r["id"] for noun in ("actor", "working_group") for r in tables[noun]):
        [[found]] = bench.run(bench.connection.fetch(REACH, UUID(party)))
        held = {"party_id": party, "client_id": party, "user_id": None, "id": None}
        actual = tokens.principal(held, SCOPES, json.loads(found))
        serves, belongs = offices.serves(party), offices.belongs(party)
        delegations = offices.delegations(party, SCOPES)
        assert {str(o) for o in actual.owners} == {party} | serves
        assert {str(g) for g in actual.groups} == belongs | serves
        assert set(actual.delegations) == delegations
        seen += Counter(serves=bool(serves), belongs=bool(belongs), keeps=bool(delegations))
    assert min(seen.values()) >= 5


PAGED = [(n, o) for n in entities.values() for o in [*n.orders, *(f"{x}_DESC" for x in n.orders)]]


@pytest.mark.parametrize(("noun", "order"), PAGED, ids=lambda v: getattr(v, "name", v))
def test_pages_follow_each_other_in_every_order(bench: Bench, noun: Any, order: str):
    """Forward by `after`, backward by `before`, each record once, `pageInfo` as it should be."""
    root = "".join(w.capitalize() if i else w for i, w in enumerate(noun.plural.split("_")))
    count = min(100, 2 + len(bench.generator.pool.ids[noun.name]) // 4)
    for forward in (True, False):
        size, at = ("first", "after") if forward else ("last", "before")
        given = f"{size}: {count}, {at}: $c, order: {order}"
        query = (
            f"query($c: String) {{ page: {root}({given}) {{ nodes {{ id }}"
            " totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
        )
        seen: list[str] = []
        cursor, more, page = None, True, {"totalCount": "-1"}
        while more:
            page = check(bench, Made(query, {"c": cursor}), MEMBER, Language.EN)["page"]
            ids = [n["id"] for n in page["nodes"]]
            seen = seen + ids if forward else ids + seen
            info = page["pageInfo"]
            more = info["hasNextPage" if forward else "hasPreviousPage"]
            cursor = info["endCursor" if forward else "startCursor"]
        assert len(seen) == len(set(seen)) == int(page["totalCount"])


def _pages(value: Any) -> list[Any]:
    """What was asked as `page`, wherever it stands."""
    if not isinstance(value, dict):
        return []
    return [v for k, v in value.items() if k == "page" and v] + [
        page for v in value.values() for page in _pages(v)
    ]


def test_every_connection_goes_on_after_and_before_a_cursor(bench: Bench):
    """At the root and below records."""
    for _, ask in bench.generator.connections():
        for size, at in (("first", "after"), ("last", "before")):
            number, cursors = 0, [None]
            for number in range(2):
                made = ask(number, **{size: 1})
                pages = _pages(check(bench, made, MEMBER, Language.ES, counted=False))
                cursors = [e["cursor"] for page in pages for e in page["edges"]] or [None]
                if cursors != [None]:
                    break
            made = ask(number, **{size: 2, at: cursors[0]})
            check(bench, made, MEMBER, Language.ES, counted=False)


def test_nothing_in_the_schema_went_unasked_and_most_answers_held_something(bench: Bench):
    """Runs after the others: what they covered."""
    if bench.answers < 100:
        pytest.skip("only meaningful after the whole module")
    missing = everything_there_is() - bench.generator.used
    print(f"{bench.answers} answers, {bench.filled / bench.answers:.0%} not empty")
    assert sorted(missing) == []
    assert bench.refused <= bench.answers // 50  # too many paths at once
    assert bench.filled / bench.answers >= 0.8
