"""Every order and every filter alone is read from an index, as PostgreSQL itself explains it.

Plans are generic, as the reader's are. By default they are made over a few invented records, with
sequential scans made dear, since over small tables they would win: one that is still there had no
index to take its place. `make scale` names a directory that `vinculo demo` filled with a hundred
times the usual number (`DEMO_DATA`), and then no scan of a large table may win by itself.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import nullcontext
from enum import Enum
from pathlib import Path
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
import pytest_asyncio

from api.cluster import Cluster
from api.postgres import embedded
from schema.base import Computed, Entity, camel, entities
from schema.filters import Filter, filters_of
from schema.language import Language
from schema.tables import order_column
from seeds import demo
from tests.conftest import clone, connect
from tests.reading import compiled

pytestmark = pytest.mark.asyncio(loop_scope="module")

Plan = dict[str, Any]
KEY = "01234567-89ab-4def-8123-456789abcdef"
NOW = '"2023-04-20T10:00:00Z"'
VALUES = {"str": '"x"', "int": "1", "datetime": NOW, "bool": "true", "Decimal": '"1.00"'}
DATA = os.environ.get("DEMO_DATA")
LARGE = 10_000
"""Rows; reading a smaller table from end to end costs less than an index saves."""
ORDERS = [
    (noun.name, f"{name}{suffix}")
    for noun in entities.values()
    for name in noun.orders
    for suffix in ("", "_DESC")
]


# ── Plans ─────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planner(cluster: Cluster, template: str) -> AsyncGenerator[asyncpg.Connection]:
    """A connection that knows the sizes of the tables and to which sequential scans are dear."""
    with embedded(Path(DATA)) if DATA else nullcontext() as large:
        url = large.url if large else await asyncio.to_thread(clone, cluster, template)
        filler = await asyncpg.connect(url)
        if large is None:
            async with filler.transaction():
                await demo.fill(filler, 0.2)
            await filler.execute("VACUUM ANALYZE")
        small = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples < $1"
        SMALL.update(row[0] for row in await filler.fetch(small, LARGE if large else -1))
        await filler.close()
        connection = await connect(url)
        await connection.execute(f"SET enable_seqscan = {'on' if large else 'off'}")
        yield connection
        await connection.close()


async def plan_of(connection: asyncpg.Connection, field: str, language: Language) -> Plan:
    """How PostgreSQL would run a root field, whatever the values."""
    call = compiled(f"{{ {field} }}", language=language)
    await connection.execute(f"PREPARE asked AS {call.sql}")
    nulls = ", ".join("NULL" for _ in call.args)
    execute = f"EXECUTE asked({nulls})" if nulls else "EXECUTE asked"
    [[text]] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {execute}")
    await connection.execute("DEALLOCATE asked")
    return json.loads(text)[0]["Plan"]


def within(plan: Plan) -> Iterator[Plan]:
    """A node and all below it."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from within(inner)


SMALL: set[str] = {"epoch"}  # it has one row
"""Tables that may be read from end to end."""


def root(noun: Entity) -> str:
    """The noun's list."""
    return camel(noun.plural)


def reads(plan: Plan, noun: Entity) -> list[Plan]:
    """The nodes that read the list itself, not what its filters refer to."""
    return [
        node
        for node in within(plan)
        if node.get("Relation Name") == noun.name and node["Alias"].partition("_")[0] == "t1"
    ]


def scans(plan: Plan) -> list[str]:
    """The tables that are read from end to end for want of an index."""
    found = [node["Relation Name"] for node in within(plan) if node["Node Type"] == "Seq Scan"]
    return [name for name in found if name not in SMALL]


# ── Orders ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("size", "language"), [("first", Language.ES), ("last", Language.EN)])
@pytest.mark.parametrize(("noun", "order"), ORDERS)
async def test_a_page_comes_from_the_index_of_its_order(
    planner: asyncpg.Connection, noun: str, order: str, size: str, language: Language
):
    """Nothing is sorted below the page's limit: what the page does not show is not read."""
    entity = entities[noun]
    field = f"{root(entity)}({size}: 5, order: {order}) {{ nodes {{ id }} }}"
    plan = await plan_of(planner, field, language)
    if noun in SMALL:
        pytest.skip("the table is too small for its indexes to pay")
    [limit] = [node for node in within(plan) if node["Node Type"] == "Limit"]
    assert [node for node in within(limit) if "Sort" in node["Node Type"]] == []
    [scan] = reads(limit, entity)
    assert scan["Node Type"] in ("Index Scan", "Index Only Scan")
    column = order_column(entity, entity.orders[order.removesuffix("_DESC")], language)
    assert scan["Index Name"] == f"{noun}_{column}_id_idx"
    reverse = order.endswith("_DESC") != (size == "last")
    assert scan["Scan Direction"] == ("Backward" if reverse else "Forward")


@pytest.mark.parametrize("at", ["after", "before"])
@pytest.mark.parametrize(("noun", "order"), ORDERS)
async def test_a_page_starts_at_its_cursor(
    planner: asyncpg.Connection, noun: str, order: str, at: str
):
    """In the index, not by passing over what comes before."""
    entity = entities[noun]
    page = f"{root(entity)}(first: 1, order: {order}"
    call = compiled(f"{{ page: {page}) {{ pageInfo {{ endCursor }} }} }}")
    [row] = await planner.fetch(call.sql, *call.args)
    cursor = json.loads(call.data([row]))["page"]["pageInfo"]["endCursor"]
    field = f'{page}, {at}: "{cursor}") {{ nodes {{ id }} }}'
    plan = await plan_of(planner, field, Language.ES)
    [limit] = [node for node in within(plan) if node["Node Type"] == "Limit"]
    [scan] = reads(limit, entity)
    assert "ROW(" in scan["Index Cond"]


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────


def value_of(python_type: Any) -> str:
    """A literal of this type."""
    if isinstance(python_type, type) and issubclass(python_type, Enum):
        return next(iter(python_type)).name
    return VALUES[python_type.__name__]


def asked(known: Filter) -> Iterator[tuple[str, str]]:
    """Each operator of a filter that an index can answer, and the filter with it."""
    match known.kind:
        case "id":
            noun = "actor"
            yield "eq", f'{{eq: "{noun}_{KEY}"}}'
            yield "in", f'{{in: ["{noun}_{KEY}"]}}'
        case "value":
            value = value_of(known.spec.python_type)
            yield "eq", f"{{eq: {value}}}"
            if known.spec.python_type is not bool:
                yield "in", f"{{in: [{value}]}}"
            if known.spec.optional:
                yield "isNull", "{isNull: true}"
            if value in ("1", NOW, '"1.00"'):
                yield "gte", f"{{gte: {value}}}"
                yield "lte", f"{{lte: {value}}}"
        case "dated":
            days = '{from: "2023-01-01", to: "2023-12-31"}'
            yield "possibly", f"{{possibly: {days}}}"
            yield "certainly", f"{{certainly: {days}}}"
            yield "status", "{status: {eq: SOURCE_LOST}}"
            if known.spec.optional:
                yield "isNull", "{isNull: true}"
        case "one":
            yield "id", f'{{id: {{eq: "actor_{KEY}"}}}}'
        case "held":
            yield "possibly", '{date: "2023-01-01"}'
            yield "certainly", '{date: "2023-01-01", certainty: CERTAINLY}'
        case "search":
            yield "words", '"x"'
        case "identifier":
            yield "name", '{scheme: "x", value: "x"}'
        case _:
            return


def column_of(known: Filter) -> str:
    """The column that the index is searched by, or its beginning."""
    match known.kind:
        case "value":
            return known.spec.name
        case "dated":
            return f"{known.spec.name}_{'earliest' if known.spec.bound else 'days'}"
        case "one":
            return known.spec.column
        case "held":
            return f"{known.spec[0]}_earliest"
        case "search":
            return "search"
        case _:
            return "id"


FILTERS = [
    pytest.param(
        noun.name,
        f"{known.name}: {text}",
        f"{known.spec.name}_status"
        if "status" in text or (operator == "isNull" and known.kind == "dated")
        else column_of(known),
        id=f"{noun.name}-{known.name}-{operator}",
    )
    for noun in entities.values()
    for known in filters_of(noun).values()
    if not isinstance(known.spec, Computed)  # what is computed when it is read has no index
    for operator, text in asked(known)
]
LISTS = [
    pytest.param(noun.name, f"{known.name}: {{some: {{}}}}", id=f"{noun.name}-{known.name}")
    for noun in entities.values()
    for known in filters_of(noun).values()
    if known.kind == "list"
]


@pytest.mark.parametrize(("noun", "where", "column"), FILTERS)
async def test_a_filter_is_a_look_up_in_an_index(
    planner: asyncpg.Connection, noun: str, where: str, column: str
):
    """Counted, where no order competes with it."""
    entity = entities[noun]
    if noun in SMALL:
        pytest.skip("the table is too small for its indexes to pay")
    field = f"{root(entity)}(where: {{{where}}}) {{ totalCount }}"
    plan = await plan_of(planner, field, Language.ES)
    assert scans(plan) == []
    [scan] = reads(plan, entity)
    found = scan.get("Index Cond") or scan.get("Recheck Cond") or ""
    assert re.search(rf"\b{column}\b", found), scan


@pytest.mark.parametrize(
    ("noun", "where"), [*(pytest.param(*p.values[:2], id=p.id) for p in FILTERS), *LISTS]
)
async def test_a_page_of_a_filter_reads_no_table_from_end_to_end(
    planner: asyncpg.Connection, noun: str, where: str
):
    """Its own table and those its links lead to."""
    field = f"{root(entities[noun])}(where: {{{where}}}) {{ nodes {{ id }} }}"
    assert scans(await plan_of(planner, field, Language.ES)) == []


# ── Single records, links and words ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "field",
    [
        f'node(id: "actor_{KEY}") {{ id }}',
        f'nodes(ids: ["actor_{KEY}", "citation_{KEY}"]) {{ id }}',
        'actor(by: {slug: "x"}) { parent { id } owner { id } country { id } }',
        'actor(by: {identifier: {scheme: "x", value: "x"}}) { identifiers { value } }',
        'workingGroup(by: {slug: "x"}) { members { nodes { id party { id } } } }',
        'workingGroup(by: {slug: "x"}) { objectives { nodes { id } } subgroups { totalCount } }',
        'country(by: {slug: "x"}) { actorsAtWork { nodes { id } } actors { nodes { id } } }',
        'document(by: {slug: "x"}) { citedBy { nodes { record { id } } totalCount } }',
        'actor(by: {slug: "x"}) { citations { nodes { document { id } } totalCount } }',
        'search(text: "x") { nodes { id } totalCount }',
    ],
)
async def test_what_a_record_leads_to_is_looked_up(planner: asyncpg.Connection, field: str):
    """Each link by its key, each list below it by the index of the link it follows."""
    assert scans(await plan_of(planner, field, Language.ES)) == []


# ── Changes ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "index"),
    [
        ("", "change_sequence_key"),
        ("types: [EVENT, PLEDGE]", "change_noun_sequence_idx"),
        (f'parties: ["actor_{KEY}"]', "change_owner_id_sequence_idx"),
        (f'types: [EVENT], parties: ["actor_{KEY}"]', "change_owner_id_sequence_idx"),
        ("excludeOwn: true", "change_sequence_key"),
    ],
)
async def test_changes_are_read_in_order_from_an_index(
    planner: asyncpg.Connection, given: str, index: str
):
    """From the cursor on, and no further than the page goes; of each kind and each party apart."""
    call = compiled("{ changes(first: 0) { latest } }")
    [row] = await planner.fetch(call.sql, *call.args)
    after = json.loads(call.data([row]))["changes"]["latest"]
    field = f'changes(after: "{after}", {given}) {{ nodes {{ id verb record {{ id }} }} latest }}'
    plan = await plan_of(planner, field, Language.ES)
    assert scans(plan) == []
    [scan] = [n for n in within(plan) if n.get("Alias") == "c" and n.get("Index Name")]
    assert scan["Index Name"] == index
    assert "sequence >" in scan["Index Cond"]
    limits = [n for n in within(plan) if n["Node Type"] == "Limit" and scan in within(n)]
    assert [n for n in within(limits[-1]) if "Sort" in n["Node Type"]] == []


async def test_a_history_is_read_from_its_end(planner: asyncpg.Connection):
    """Backwards, and no further than the page goes."""
    field = 'actor(by: {slug: "x"}) { history(first: 5) { nodes { verb fields { name } } } }'
    plan = await plan_of(planner, field, Language.ES)
    assert scans(plan) == []
    [scan] = [n for n in within(plan) if n.get("Alias") == "c" and n.get("Index Name")]
    assert scan["Index Name"] == "change_record_id_sequence_idx"
    assert scan["Scan Direction"] == "Backward"
