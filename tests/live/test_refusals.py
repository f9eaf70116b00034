"""What is refused, and in which words: each sentence says what happened and what would work."""

import json
from typing import Any

import pytest

from schema.errors import BadUserInput
from tests.reading import compiled
from tests.serving import NEWER, Edge

BAD_INPUT, CURSOR, INVALID = "BAD_USER_INPUT", "INVALID_CURSOR", "GRAPHQL_VALIDATION_FAILED"
ID = "actor_264bebab-776b-589f-90ba-dd33437812f4"
IDS = [f"actor_{n:08d}-0000-4000-8000-000000000000" for n in range(101)]
SLUGS = [f"slug-{n}" for n in range(101)]


def refused(
    edge: Edge, query: str, code: str, message: str, variables: dict[str, Any] | None = None
) -> None:
    """One error and no data."""
    answer = edge.ask(query, accept=NEWER, variables=variables or {})
    assert answer.status == 400
    assert [error["message"] for error in answer.json["errors"]] == [message]
    assert answer.codes == [code]
    assert "data" not in answer.json


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────

BOTH = "`first` and `last` were both given. Use one of them."
BEYOND = (
    "`{}` is {}. It goes from 0 to 100; use `after` or `before` with a cursor for the pages that "
    "follow."
)
LITERAL = (
    "`{0}: {1}` is more than the 100 records of a page. Ask for `{0}: 100` and go on from the "
    "page's cursor."
)


@pytest.mark.parametrize("asked", ["nodes { id }", "totalCount", "pageInfo { hasNextPage }"])
def test_first_and_last_together(edge: Edge, asked: str):
    """Whatever is asked of the page."""
    refused(edge, f"{{ states(first: 1, last: 1) {{ {asked} }} }}", BAD_INPUT, BOTH)


def test_first_and_last_together_as_variables(edge: Edge):
    """The same."""
    query = "query ($f: Int, $l: Int) { states(first: $f, last: $l) { totalCount } }"
    refused(edge, query, BAD_INPUT, BOTH, {"f": 1, "l": 1})


@pytest.mark.parametrize("size", ["first", "last"])
@pytest.mark.parametrize("number", [101, -1])
def test_a_page_of_no_possible_size(edge: Edge, size: str, number: int):
    """Below a record as at the root."""
    said = LITERAL if number > 0 else BEYOND
    for query in (
        f"{{ states({size}: {number}) {{ nodes {{ id }} }} }}",
        f'{{ actor(by: {{slug: "oas"}}) {{ parts({size}: {number}) {{ totalCount }} }} }}',
    ):
        refused(edge, query, BAD_INPUT, said.format(size, number))


@pytest.mark.parametrize("size", ["first", "last"])
@pytest.mark.parametrize("number", [101, -1])
def test_a_variable_for_a_page_of_no_possible_size(edge: Edge, size: str, number: int):
    """Known only once the variable is."""
    query = f"query ($n: Int) {{ states({size}: $n) {{ nodes {{ id }} }} }}"
    refused(edge, query, BAD_INPUT, BEYOND.format(size, number), {"n": number})


def test_a_number_beyond_32_bits(edge: Edge):
    """GraphQL's own limit of an Int."""
    message = (
        "Variable '$n' has invalid value: Int cannot represent non 32-bit signed integer value: "
    )
    query = "query ($n: Int) { states(first: $n) { totalCount } }"
    refused(edge, query, BAD_INPUT, f"{message}2147483648", {"n": 2**31})


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────────

NO_ID = (
    "'{}' is not an id of this API. Ids are handed out in the field `id` and look like "
    "'actor_0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f'."
)
USES = {
    "node": "node(id: {}) {{ id }}",
    "nodes": f'nodes(ids: ["{ID}", {{}}]) {{{{ id }}}}',
    "by": "actor(by: {{id: {}}}) {{ id }}",
    "eq": "actors(where: {{id: {{eq: {}}}}}) {{ totalCount }}",
    "in": f'actors(where: {{{{id: {{{{in: ["{ID}", {{}}]}}}}}}}}) {{{{ totalCount }}}}',
    "a link": "actors(where: {{parent: {{id: {{eq: {}}}}}}}) {{ totalCount }}",
}
GARBAGE = [
    "garbage",
    "",
    "actor_",
    "actor_1",
    "actor",
    ID.removeprefix("actor_"),
    ID.upper(),
    ID.replace("actor", "ship"),
    ID.replace("-", ""),
    f"{ID} ",
    f"{ID}'; --",
]


@pytest.mark.parametrize("field", USES.values(), ids=USES)
def test_an_id_that_was_never_handed_out(edge: Edge, field: str):
    """As a literal and as a variable, wherever an id may stand."""
    refused(
        edge, f"{{ {field.format(json.dumps('garbage'))} }}", BAD_INPUT, NO_ID.format("garbage")
    )
    query = f"query ($id: ID!) {{ {field.format('$id')} }}"
    refused(edge, query, BAD_INPUT, NO_ID.format("garbage"), {"id": "garbage"})


@pytest.mark.parametrize("garbage", GARBAGE)
def test_an_id_of_another_form(edge: Edge, garbage: str):
    """Only as it was handed out, to the letter."""
    query = "query ($id: ID!) { node(id: $id) { id } }"
    refused(edge, query, BAD_INPUT, NO_ID.format(garbage), {"id": garbage})


def test_a_long_id_is_not_repeated_in_full(edge: Edge):
    """Its beginning is enough to find it."""
    query = "query ($id: ID!) { node(id: $id) { id } }"
    refused(edge, query, BAD_INPUT, NO_ID.format("x" * 80 + "…"), {"id": "x" * 81})


def test_an_id_of_another_noun_is_only_not_found(edge: Edge):
    """It is an id, and there is no such country."""
    answer = edge.ask(f'{{ country(by: {{id: "{ID}"}}) {{ id }} node(id: "{IDS[0]}") {{ id }} }}')
    assert answer.json == {"data": {"country": None, "node": None}}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f"{{ nodes(ids: {json.dumps(IDS)}) {{ id }} }}", {}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": IDS}),
    ],
    ids=["literal", "variable"],
)
def test_nodes_with_101_ids(edge: Edge, query: str, variables: dict[str, Any]):
    """A hundred are answered."""
    message = "`ids` has 101 items, and may have 100. Split the request."
    refused(edge, query, BAD_INPUT, message, variables)


def test_nodes_with_100_ids(edge: Edge):
    """Each with its null."""
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answer = edge.ask(query, variables={"ids": IDS[:100]})
    assert answer.json == {"data": {"nodes": [None] * 100}}


@pytest.mark.parametrize(
    ("kind", "where", "values"),
    [
        ("[ID!]", "{{id: {{in: {}}}}}", IDS),
        ("[String!]", "{{slug: {{in: {}}}}}", SLUGS),
        ("[ActorType!]", "{{type: {{in: {}}}}}", ["STATE"] * 101),
        ("[String!]", "{{or: [{{parent: {{slug: {{in: {}}}}}}}]}}", SLUGS),
    ],
    ids=["ids", "texts", "enums", "deeper"],
)
def test_a_filter_with_101_values(edge: Edge, kind: str, where: str, values: list[str]):
    """As a literal and as a variable."""
    message = "A list of 101 values is longer than 100. Split the request."
    literal = json.dumps(values)
    if "Type" in kind:
        literal = literal.replace('"', "")
    refused(
        edge, f"{{ actors(where: {where.format(literal)}) {{ totalCount }} }}", BAD_INPUT, message
    )
    query = f"query ($v: {kind}) {{ actors(where: {where.format('$v')}) {{ totalCount }} }}"
    refused(edge, query, BAD_INPUT, message, {"v": values})


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────────

TEXTS = {
    "search": "actors(search: {}) {{ totalCount }}",
    "text": "search(text: {}) {{ totalCount }}",
    "slug": "actor(by: {{slug: {}}}) {{ id }}",
    "value": 'actor(by: {{identifier: {{scheme: "XM-DAC", value: {}}}}}) {{ id }}',
    "eq": "actors(where: {{slug: {{eq: {}}}}}) {{ totalCount }}",
    "in": "actors(where: {{slug: {{in: [{}]}}}}) {{ totalCount }}",
    "where": "actors(where: {{search: {}}}) {{ totalCount }}",
}


@pytest.mark.parametrize("use", TEXTS.values(), ids=TEXTS)
def test_a_nul_in_a_text(edge: Edge, use: str):
    """PostgreSQL keeps none."""
    message = "A text holds the character U+0000, which cannot be kept; leave it out."
    value = "a\0b"
    refused(edge, f"{{ {use.format(json.dumps(value))} }}", BAD_INPUT, message)
    query = f"query ($v: String!) {{ {use.format('$v')} }}"
    refused(edge, query, BAD_INPUT, message, {"v": value})


@pytest.mark.parametrize("use", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a\0b", "A text contains the character U+0000, which cannot be stored. Remove it."),
        ("a\ud800b", "A text contains half a surrogate pair. Send valid Unicode."),
    ],
    ids=["NUL", "surrogate"],
)
def test_the_reader_lets_no_such_text_through_either(use: str, value: str, message: str):
    """Whoever asks it, without HTTP as well."""
    with pytest.raises(BadUserInput) as refusal:
        compiled(f"query ($v: String!) {{ {use.format('$v')} }}", {"v": value})
    assert refusal.value.message == message


def test_half_a_surrogate_in_a_body(edge: Edge):
    """Such a body is not JSON in UTF-8."""
    query = "query ($v: String!) { search(text: $v) { totalCount } }"
    answer = edge.ask(query, accept=NEWER, variables={"v": "a\ud800b"})
    assert (answer.status, answer.codes) == (400, [BAD_INPUT])
    assert answer.messages.startswith("The body is not JSON in UTF-8: no low surrogate in string:")


def test_half_a_surrogate_in_a_document(edge: Edge):
    """GraphQL's own syntax forbids it."""
    message = "Syntax Error: Invalid Unicode escape sequence: '\\uD800'."
    refused(edge, '{ search(text: "\\uD800") { totalCount } }', "GRAPHQL_PARSE_FAILED", message)


# ── Cursors ───────────────────────────────────────────────────────────────────────────────────────

FOREIGN = (
    "This cursor was made for another list, order or filter. Use a cursor from a page of the same "
    "list, or start from the front without one."
)
NO_CURSOR = (
    "This is not a cursor of this API. Use `startCursor`, `endCursor` or `cursor` as they were "
    "handed out."
)
ASKED = ["nodes { id }", "totalCount", "__typename", "pageInfo { hasNextPage }"]


def cursor_of(edge: Edge, field: str) -> str:
    """The cursor of the first record of a list."""
    answer = edge.ask(f"{{ page: {field} {{ pageInfo {{ startCursor }} }} }}")
    return answer.json["data"]["page"]["pageInfo"]["startCursor"]


@pytest.mark.parametrize("at", ["after", "before"])
@pytest.mark.parametrize(
    "field",
    [
        "actors(order: NAME_DESC, {})",
        "actors(order: CREATED_AT, {})",
        'actors(search: "a", {})',
        "actors(where: {{}}, {})",
        "actors(where: {{type: {{eq: STATE}}}}, {})",
        "documents({})",
        "countries({})",
        "memberships({})",
    ],
)
def test_a_cursor_of_another_list(edge: Edge, field: str, at: str):
    """Another order, filter, search or noun, even with the same order."""
    given = f"{at}: {json.dumps(cursor_of(edge, 'actors(first: 1)'))}"
    refused(edge, f"{{ {field.format(given)} {{ nodes {{ id }} }} }}", CURSOR, FOREIGN)


def test_a_cursor_of_the_same_filter_with_another_value(edge: Edge):
    """The values count, and are known only once the variables are."""
    filtered = "actors(first: 1, where: {type: {eq: STATE}})"
    query = (
        "query ($c: String, $t: ActorType) { actors(after: $c, where: {type: {eq: $t}})"
        " { nodes { id } } }"
    )
    cursor = cursor_of(edge, filtered)
    refused(edge, query, CURSOR, FOREIGN, {"c": cursor, "t": "UN_AGENCY"})
    same = edge.ask(query, variables={"c": cursor, "t": "STATE"})
    assert len(same.json["data"]["actors"]["nodes"]) == 16


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_cursor_of_another_language(edge: Edge, language: str):
    """Names are ordered in the reader's language."""
    cursor = cursor_of(edge, "actors(first: 1)")
    query = "query ($c: String) { actors(after: $c, first: 1) { nodes { slug } } }"
    answer = edge.ask(query, accept=NEWER, language=language, variables={"c": cursor})
    said = {"es": "", "en": FOREIGN}[language]
    assert (answer.messages if "errors" in answer.json else "") == said


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("at", ["after", "before"])
@pytest.mark.parametrize("cursor", ["garbage", "", "!!!", "ñ", "e30", "W10", "x" * 3000])
def test_a_cursor_that_was_never_handed_out(edge: Edge, cursor: str, at: str, asked: str):
    """Whatever is asked of the page, as a literal and as a variable."""
    literal = f"{{ actors({at}: {json.dumps(cursor)}) {{ {asked} }} }}"
    refused(edge, literal, CURSOR, NO_CURSOR)
    query = f"query ($c: String) {{ actors({at}: $c) {{ {asked} }} }}"
    refused(edge, query, CURSOR, NO_CURSOR, {"c": cursor})


@pytest.mark.parametrize("asked", ASKED)
def test_a_wrong_cursor_refuses_the_whole_operation(edge: Edge, asked: str):
    """What else was asked is not answered either."""
    query = f'{{ states {{ totalCount }} actors(after: "x") {{ {asked} }} }}'
    refused(edge, query, CURSOR, NO_CURSOR)


# ── Which record ──────────────────────────────────────────────────────────────────────────────────

ONE_OF = (
    "Within OneOf Input Object type 'ActorRef', exactly one field must be specified, and the value "
    "for that field must be non-null."
)


@pytest.mark.parametrize("by", ["{}", '{slug: "oas", id: "x"}', "{slug: null}"])
def test_a_look_up_by_nothing_or_by_two_things(edge: Edge, by: str):
    """`@oneOf` is known to validation."""
    refused(edge, f"{{ actor(by: {by}) {{ id }} }}", INVALID, ONE_OF)


@pytest.mark.parametrize(
    ("by", "at"), [({}, ""), ({"slug": "oas", "id": ID}, ""), ({"slug": None}, " at .slug")]
)
def test_a_variable_that_names_nothing_or_two_things(edge: Edge, by: dict[str, Any], at: str):
    """It says which variable."""
    message = f"Variable '$by' has invalid value{at}: {ONE_OF}"
    query = "query ($by: ActorRef!) { actor(by: $by) { id } }"
    refused(edge, query, BAD_INPUT, message, {"by": by})


# ── What the schema does not know ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            '{ actors(where: {type: {eq: "STATE"}}) { totalCount } }',
            "Enum 'ActorType' cannot represent non-enum value: \"STATE\"."
            " Did you mean the enum value 'STATE'?",
        ),
        (
            '{ actors(order: "NAME") { totalCount } }',
            "Enum 'ActorOrder' cannot represent non-enum value: \"NAME\"."
            " Did you mean the enum value 'NAME'?",
        ),
        (
            "{ actors(order: NAM) { totalCount } }",
            "Value 'NAM' does not exist in 'ActorOrder' enum. Did you mean the enum value 'NAME'?",
        ),
        ("{ actorz { totalCount } }", "Cannot query field 'actorz' on type 'Query'."
         " Did you mean 'actor' or 'actors'?"),
        ("{ actors { nodes { nam } } }", "Cannot query field 'nam' on type 'Actor'."
         " Did you mean 'name' or 'names'?"),
        ("{ actors { nodes { zzzzzz } } }", "Cannot query field 'zzzzzz' on type 'Actor'."),
        (
            "{ actors(where: {typ: {eq: STATE}}) { totalCount } }",
            "Expected value of type 'ActorWhere' not to include unknown field 'typ'."
            " Did you mean 'type'? Found: { typ: { eq: STATE } }.",
        ),
        (
            "{ actors(frist: 1) { totalCount } }",
            "Unknown argument 'frist' on field 'Query.actors'. Did you mean 'first' or 'last'?",
        ),
        (
            "{ actor { id } }",
            "Argument 'Query.actor(by:)' of type 'ActorRef!' is required, but it was not provided.",
        ),
        (
            "{ actors { nodes } }",
            "Field 'nodes' of type '[Actor!]!' must have a selection of subfields."
            " Did you mean 'nodes { ... }'?",
        ),
        (
            '{ memberships(where: {heldOn: {date: "2020-13-01"}}) { totalCount } }',
            "Expected value of type 'Date', but encountered error ''2020-13-01' is not a date;"
            " write year, month, day: 2023-04-20.'; found: \"2020-13-01\".",
        ),
    ],
)  # fmt: skip
def test_a_document_that_the_schema_does_not_know(edge: Edge, query: str, message: str):
    """With a suggestion where a name is near."""
    refused(edge, query, INVALID, message)


@pytest.mark.parametrize(
    ("value", "suggestion"), [("STAT", " Did you mean the enum value 'STATE'?"), ("ZZ", "")]
)
def test_a_variable_that_is_no_value_of_its_enum(edge: Edge, value: str, suggestion: str):
    """A string in JSON, and still one of the names."""
    message = (
        f"Variable '$t' has invalid value: Value '{value}' does not exist in 'ActorType' enum."
    )
    query = "query ($t: ActorType) { actors(where: {type: {eq: $t}}) { totalCount } }"
    refused(edge, query, BAD_INPUT, message + suggestion, {"t": value})


def test_a_page_of_pages_of_pages(edge: Edge):
    """Refused before anything is read."""
    query = (
        "{ actors(first: 100) { nodes { memberships(first: 100) { nodes {"
        " group { members(first: 100) { nodes { id } } } } } } } }"
    )
    message = (
        "The operation costs 1,030,201 points, 1,000,000 of them at"
        " `actors.nodes.memberships.nodes.group.members.nodes`; one may cost 100,000. Ask for"
        " smaller pages with `first`, above all in the outer lists, or in several requests."
    )
    refused(edge, query, "TOO_COMPLEX", message)
