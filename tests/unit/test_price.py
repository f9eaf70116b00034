"""What operations cost: by the published directives, with the real variables."""

from typing import Any
from uuid import UUID

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse,
    value_from_ast_untyped,
)

from auth.principal import ANONYMOUS, Principal
from auth.scopes import Scope
from resolvers.price import Bill
from resolvers.read import Operation
from resolvers.schema import sdl
from schema.errors import TooComplex
from schema.language import Language
from tests.reading import graphql_schema, operation_of

PUBLISHED = build_schema(sdl())
CALLER = Principal(client=UUID(int=1), scopes=frozenset(s.scope for s in Scope))


def bill(query: str, variables: dict[str, Any] | None = None) -> Bill:
    """The bill of an operation."""
    document = parse(query)
    operation = Operation(graphql_schema, document, operation_of(document))
    return operation.bill(variables, CALLER)


IDS = [f"actor_{n:08d}-0000-4000-8000-000000000000" for n in range(7)]
UPSERTED = [{"identifier": {"scheme": "a", "value": str(n)}} for n in range(3)]
PRICES: dict[str, tuple[str, dict[str, Any], int]] = {
    "a record": ('{ actor(by: {slug: "x"}) { id name } }', {}, 1),
    "a page": ("{ states { nodes { id } } }", {}, 26),
    "a page so long": ("{ states(first: 7) { nodes { id } } }", {}, 8),
    "from the back": ("{ states(last: 7) { edges { cursor node { id } } } }", {}, 8),
    "by a variable": ("query ($n: Int) { states(first: $n) { nodes { id } } }", {"n": 7}, 8),
    "a variable's default": ("query ($n: Int = 9) { states(first: $n) { nodes { id } } }", {}, 10),
    "a variable left out": ("query ($n: Int) { states(first: $n) { nodes { id } } }", {}, 26),
    "an empty page": ("{ states(first: 0) { nodes { id } } }", {}, 1),
    "nodes and edges": ("{ states(first: 7) { nodes { id } edges { node { id } } } }", {}, 15),
    "dates and translations": (
        "{ mandates(first: 7) { nodes { start { text } } pageInfo { endCursor } } }", {}, 8,
    ),
    "pages in a page": (
        "{ states(first: 7) { nodes { memberships(first: 3) { nodes { id } } } } }",
        {}, 1 + 7 * (1 + 1 + 3),
    ),
    "a count": ("{ states { totalCount } }", {}, 3),
    "ids": ("{{ nodes(ids: [{}]) {{ id }} }}".format(", ".join(f'"{i}"' for i in IDS)), {}, 7),
    "ids in a variable": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": IDS[:2]}, 2,
    ),
    "a filter of its own": (
        '{ actors(first: 1, where: {slug: {eq: "x"}}) { nodes { id } } }', {}, 2,
    ),
    "a filter through links": (
        "{ actors(first: 1, where: {memberships: {some: {group: {}}}}) { nodes { id } } }",
        {}, 2 + 2 * 50,
    ),
    "filters side by side, in a variable": (
        "query ($w: ActorWhere) { actors(first: 1, where: $w) { nodes { id } } }",
        {"w": {"or": [{"parent": {}}, {"not": {"country": {}}}], "and": None}}, 2 + 2 * 50,
    ),
    "words": ('{ actors(first: 1, search: "x") { nodes { id } } }', {}, 2 + 10),
    "words below records": (
        '{ states(first: 7) { nodes { memberships(first: 1, where: {group: {search: "x"}})'
        " { nodes { id } } } } }",
        {}, 1 + 7 * (1 + 1 + 1 + 50 + 10),
    ),
    "a search": ('{ search(first: 1, text: "x") { nodes { id } } }', {}, 201),
    "who holds a post": ("{ posts(first: 7) { nodes { currentMandate { id } } } }", {}, 1 + 7 * 7),
    "a link to any noun": ("{ citations(first: 7) { nodes { record { id } } } }", {}, 1 + 7 * 11),
    "records of any noun": (
        '{ topic(by: {slug: "x"}) { records(first: 3) { nodes { id } } } }', {}, 1 + 500 + 3,
    ),
    "paths": (
        '{ actor(by: {slug: "x"}) { pathsTo(objective: "gcm-8") { length } } }', {}, 20_001,
    ),
    "sums": ("{ supportTotals { amount } }", {}, 10_000),
    "twice by alias": (
        "{ a: states(first: 7) { nodes { id } } b: states(first: 3) { nodes { id } } }", {}, 12,
    ),
    "the same twice": (
        "{ states(first: 7) { nodes { id } } ...F } fragment F on Query"
        " { states(first: 7) { nodes { name } } }", {}, 8,
    ),
    "in a fragment": (
        "{ ...F } fragment F on Query { states(first: 7) { nodes { id } } }", {}, 8,
    ),
    "what is left out": (
        "query ($no: Boolean!) { states(first: 7) { nodes { parent @include(if: $no) { id } } } }",
        {"no": False}, 8,
    ),
    "by type": (
        "{ actors(first: 7) { nodes { ... on State { country { id } } ... on Donor"
        " { parent { id } } } } }", {}, 1 + 7 * 3,
    ),
    "the schema": ("{ __schema { types { name } } __typename }", {}, 0),
    "a write": (
        'mutation { createEvent(input: {title: {es: "x"}, kind: WORKSHOP, date: {edtf: "2027"}})'
        " { event { id parties(first: 3) { nodes { id } } } } }",
        {}, 500 + 1 + 1 + 3,
    ),
    "several writes": (
        "mutation ($i: [UpsertEventInput!]!) { upsertEvents(input: {events: $i}) { outcome } }",
        {"i": UPSERTED}, 500 + 3 * 100,
    ),
    "the records of several writes": (
        "mutation ($i: [UpsertEventInput!]!) { upsertEvents(input: {events: $i})"
        " { events { id history(first: 9) { nodes { fields { name } } } } } }",
        {"i": UPSERTED}, 500 + 3 * 100 + 3 * (1 + 1 + 9 * (1 + 25)),
    ),
    "what a write changed": (
        'mutation { createEvent(input: {title: {es: "x"}, kind: WORKSHOP, date: {edtf: "2027"}})'
        " { changes { verb record { id } } } }",
        {}, 500 + 100 * (1 + 10),
    ),
    "what many writes changed": (
        "mutation ($i: [UpsertEventInput!]!) { a: upsertEvents(input: {events: $i})"
        " { changes { record { id history(first: 2) { nodes { id } } } } } b: createTopic("
        'input: {name: {es: "x"}, scheme: GUIDING_PRINCIPLE, slug: "x"}) { changes { verb } } }',
        {"i": 50 * [UPSERTED[0] | {"parties": 3 * [{"party": {"id": "x"}, "role": "HOST"}]}]},
        500 + 50 * 100 + 50 * (1 + 3) * (1 + 10 + 1 + 2) + 500 + 100,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "variables", "points"), PRICES.values(), ids=PRICES)
def test_what_an_operation_costs(query: str, variables: dict[str, Any], points: int):
    """In points, by hand."""
    assert bill(query, variables).points == points


def test_a_page_of_less_than_nothing_pays_for_no_other():
    """It is refused later."""
    query = "{ a: states(first: -7) { nodes { id } } b: states(first: 7) { nodes { id } } }"
    assert bill(query).points == 9


def test_the_dearest_path_leads_to_where_most_is_spent():
    """By response keys, as errors have them."""
    found = bill(
        "{ a: states { nodes { m: memberships(first: 100) { nodes { id } } id } }"
        ' actor(by: {slug: "x"}) { id } }'
    )
    assert found.dearest == (["a", "nodes", "m", "nodes"], 2_500)


def test_what_costs_too_much_is_refused_with_price_limit_and_place():
    """For programs, too."""
    message = (
        "The operation costs 8 points, 7 of them at `states.nodes`; one may cost 7. Ask for"
        " smaller pages with `first`, above all in the outer lists, or in several requests."
    )
    with pytest.raises(TooComplex) as refusal:
        bill("{ states(first: 7) { nodes { id } } }").check(7)
    assert refusal.value.message == message
    assert refusal.value.details == {"cost": 8, "limit": 7, "dearest": ["states", "nodes"]}


def test_a_plan_keeps_its_price_and_ids_are_counted_each_time():
    """One plan serves any number of ids, and none of them gets in by it."""
    document = parse("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }")
    operation = Operation(graphql_schema, document, operation_of(document))
    ready = operation.prepare({"ids": IDS[:1]}, ANONYMOUS, Language.ES, 6)
    assert (ready.points, ready.new) == (1, True)
    ready = operation.prepare({"ids": IDS[:6]}, ANONYMOUS, Language.ES, 6)
    assert (ready.points, ready.new) == (6, False)
    with pytest.raises(TooComplex, match="costs 7 points"):
        operation.prepare({"ids": IDS}, ANONYMOUS, Language.ES, 6)


def test_links_to_any_noun_in_one_another_are_refused():
    """Each joins every table, below each of them again: 200 bytes made statements of 200 MB."""
    query = "id"
    for _ in range(5):
        query = f"citations(first: 1) {{ nodes {{ record {{ {query} }} }} }}"
    document = parse(f"{{ actors(first: 1) {{ nodes {{ {query} }} }} }}")
    operation = Operation(graphql_schema, document, operation_of(document))
    with pytest.raises(TooComplex, match="more than 250 tables"):
        operation.prepare({}, ANONYMOUS, Language.ES)


# ── As a gateway reads it ─────────────────────────────────────────────────────────────────────────


def directive(node: Any, name: str) -> dict[str, Any] | None:
    """The arguments of a directive in the published schema."""
    for each in (node.directives if node else ()) or ():
        if each.name.value == name:
            return {a.name.value: value_from_ast_untyped(a.value) for a in each.arguments or ()}
    return None


def weight(definition: Any) -> int:
    """What a field costs itself."""
    named = get_named_type(definition.type)
    found = directive(definition.ast_node, "cost") or directive(named.ast_node, "cost")
    return found["weight"] if found else int(not is_leaf_type(named))


def published(type_: Any, node: Any, size: int, sized: list[str]) -> int:
    """The price of a selection without fragments and filters, by the published schema alone."""
    points = 0
    for each in node.selections:
        assert isinstance(each, FieldNode)
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        definition = type_.fields[each.name.value]
        times = size if each.name.value in sized else 1
        given = {a.name.value: value_from_ast_untyped(a.value) for a in each.arguments or ()}
        items, below = 1, list[str]()
        if expected := directive(definition.ast_node, "listSize"):
            slicing = [given[n] for n in expected.get("slicingArguments") or () if n in given]
            items = slicing[0] if slicing else expected["assumedSize"]
            below = expected.get("sizedFields") or []
        own = weight(definition) * (1 if below else items)
        inner = 0
        if each.selection_set:
            named = get_named_type(definition.type)
            inner = published(named, each.selection_set, items, below)
            inner *= 1 if below else items
        points += times * (own + inner)
    return points


@pytest.mark.parametrize(
    "query",
    [
        *(q for q, v, _ in PRICES.values() if "..." not in q and "where" not in q and not v
          and "query" not in q and "search:" not in q and "ids" not in q and "__" not in q
          and "mutation" not in q),
        "{ posts(first: 9) { totalCount nodes { previousMandate { warnings { rule } } } } }",
        "{ changes(first: 9) { nodes { fields { name } record { id } party { id } } } }",
        "{ series { nodes { nextOccurrences { edtf } events(last: 4) { nodes { id } } } } }",
    ],
)  # fmt: skip
def test_a_gateway_comes_to_the_same_price(query: str):
    """From the published schema, by Apollo's rules."""
    document = parse(query)
    assert not any(isinstance(d, FragmentDefinitionNode) for d in document.definitions)
    found = published(PUBLISHED.query_type, operation_of(document).selection_set, 1, [])
    assert found == bill(query).points
