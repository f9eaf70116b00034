"""Limits hold before validation, in time linear in the document; what passes is cheap to validate.

Nothing is timed: steps are counted, and the units of graphql-core's budget.
"""

from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, validate
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping

from api.limits import Limits
from api.settings import Settings
from api.size import Size
from schema.errors import BadUserInput, TooComplex
from tests.reading import graphql_schema

LIMITS = Limits(graphql_schema, Settings.model_validate({}))


def steps(query: str) -> int:
    """What is looked at in a document."""
    walk = LIMITS.walk(LIMITS.parse(query))
    walk.largest()
    return walk.steps


def size(query: str) -> Size:
    """What a document's largest operation comes to."""
    return LIMITS.walk(LIMITS.parse(query)).largest()


def check(query: str) -> None:
    """Parse and check."""
    LIMITS.check(LIMITS.parse(query))


def nested(depth: int, width: int = 1) -> str:
    """Fields of one name, so wide and so deep."""
    return "a" if depth == 1 else f"a{{{' '.join([nested(depth - 1, width)] * width)}}}"


def chain(length: int, spread: str) -> str:
    """Fragments, each of which spreads the next one as `spread` says."""
    fragments = [
        f"fragment F{n} on Query {{ {spread.replace('…', f'...F{n + 1}')} }}" for n in range(length)
    ]
    return "{ ...F0 }" + "".join(fragments) + f"fragment F{length} on Query {{ a }}"


def test_the_size_of_an_operation():
    """Fragments are counted wherever they are spread."""
    query = "{ x: a { ...F ... on A { ...F } } ...F } fragment F on A { b { c y: d } }"
    assert size(query) == Size(depth=3, fragments=2, roots=2, fields=10, aliases=4)


def test_the_largest_of_several_operations_counts():
    """Each of the numbers for itself."""
    assert size("query A { a { b { c } } } query B { a b c d }") == Size(depth=3, roots=4, fields=4)


def test_introspection_as_tools_do_it_passes():
    """With everything that it can ask for."""
    check(
        get_introspection_query(
            descriptions=True,
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        )
    )


REFUSED = {
    "depth": ("{" + nested(17) + "}", "16 fields deep"),
    "depth in fragments": (chain(9, "a { a { … } }"), "16 fields deep"),
    "depth in a fragment that is known": (
        "{ ...F " + "a {" * 9 + "...F" + "}" * 9 + "} fragment F on Query {" + nested(8) + "}",
        "16 fields deep",
    ),
    "fields": ("{ x {" + "a " * 501 + "} }", "502 fields"),
    "fields in fragments": (chain(12, "… …"), "fields at its root"),
    "aliases": ("{ x {" + " ".join(f"a{n}: a" for n in range(101)) + "} }", "101 aliases"),
    "roots": ("{" + "a " * 26 + "}", "26 fields at its root"),
    "roots in fragments": (chain(5, "… …"), "32 fields at its root"),
    "operations": (" ".join(f"query Q{n} {{ a }}" for n in range(51)), "51 operations"),
    "fragments in fragments": (chain(17, "…"), "16 fragments"),
    "inline fragments": ("{" + "... {" * 17 + "a" + "}" * 18, "16 fragments"),
    "directives": ("{ a " + "@skip(if: true) " * 9 + "}", "9 directives"),
    "directives of a variable": ("query($a: Int " + "@x " * 9 + ") { a }", "9 directives"),
    "values": ("{ a(b: " + "[" * 11 + "]" * 11 + ") }", "10 deep"),
    "values of a default": ("query($a: A = " + "{a:" * 11 + "1" + "}" * 11 + ") { a }", "10 deep"),
    "values of a directive": ("{ a @x(b: " + "[" * 11 + "]" * 11 + ") }", "10 deep"),
    "tokens": ("{" + "a " * 2_000 + "}", "2000 tokens"),
    "comments": ("#\n" * 501 + "{ a }", "500 comments"),
    "characters": ("{ a }" + " " * 20_000, "20000 characters"),
    "introspection": (
        "{" + "".join(f"a{n}: __schema {{ ...F }} " for n in range(20)) + "}"
        "fragment F on __Schema { types { fields { args { name type { name kind } } } } }",
        "/schema.graphql",
    ),
    "arguments of introspection": (
        "{ __schema { types { fields { args { type { "
        + " ".join(f"a{n}: name" for n in range(90))
        + " } } } } } }",
        "/schema.graphql",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_large_is_refused(query: str, reason: str):
    """With the limit, and what would work."""
    with pytest.raises(TooComplex, match=reason):
        check(query)


@pytest.mark.parametrize("page", ["first: 101", "last: 999999999999", "first: " + "9" * 5_000])
def test_a_page_that_is_too_large_is_refused(page: str):
    """However many digits."""
    with pytest.raises(BadUserInput, match="100 records"):
        check(f"{{ states({page}) {{ totalCount }} }}")


@pytest.mark.parametrize("query", ['{ a(b: "\\u0000") }', '{ a @x(b: [{c: "\\u{0}"}]) }'])
def test_a_nul_is_refused(query: str):
    """PostgreSQL's text cannot hold it."""
    with pytest.raises(BadUserInput, match=r"U\+0000"):
        check(query)


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { a ...A }",
        "{ ...A } fragment A on Query { a { ...B } } fragment B on A { ...A b }",
        "{ ...A } fragment B on Query { a }",
    ],
)
def test_cycles_and_gaps_are_left_to_validation(query: str):
    """They are walked once."""
    check(query)


@pytest.mark.parametrize(
    ("make", "few", "many"),
    [
        (lambda n: "{" + "a " * n + "}", 20, 200),
        (lambda n: "{" + "x { a } " * n + "}", 20, 200),
        (lambda n: "{ x {" + "...F " * n + "} } fragment F on X {" + "a " * n + "}", 30, 300),
        (lambda n: "{ a(b: [" + "1 " * n + "]) }", 100, 1_000),
        (lambda n: "{ a(b: {" + "c: 1 " * n + "}) }", 50, 500),
    ],
    ids=["fields", "objects", "spreads", "values", "properties"],
)
def test_the_walk_is_linear(make: Any, few: int, many: int):
    """Ten times the document is ten times the steps."""
    assert steps(make(many)) <= 11 * steps(make(few))


def test_fragments_are_walked_once():
    """Each doubles what the one before it brings; none is looked at again."""
    query = chain(14, "a { … } b { … }")
    assert size(query).fields == 2**16 - 3 - 2**14 + 1 or size(query).fields > 2**15
    assert steps(query) < 100


NOT_VALIDATED = {
    "equal leaves": "{ x {" + "id " * 495 + "} }",
    "equal objects": "{ x {" + "parent { id } " * 160 + "} }",
    "equal trees": "{ x { " + ("parent { " + "parent { id } " * 12 + "} ") * 12 + "} }",
    "unknown names": "{ x {" + "nme " * 495 + "} }",
}


@pytest.mark.parametrize("query", NOT_VALIDATED.values(), ids=NOT_VALIDATED)
def test_comparing_equal_names_has_a_budget(query: str):
    """What would take quadratic time is given up; documents of 2 kB are meant."""
    text = query.replace("x {", 'actor(by: {slug: "x"}) {', 1)
    document = LIMITS.parse(text)
    LIMITS.check(document)
    errors = validate(graphql_schema, document, max_errors=5)
    assert "Validation aborted." in errors[-1].message


def test_the_budget_is_ours():
    """A new version of graphql-core must not forget it silently."""
    assert overlapping.MAX_COMPLEXITY_BUDGET == 7_000


def test_what_components_ask_together_is_within_the_budget():
    """Forty fragments over the same record, as some clients write them."""
    fragments = "".join(f"fragment F{n} on Actor {{ parent {{ id }} }} " for n in range(40))
    query = '{ actor(by: {slug: "x"}) { ' + " ".join(f"...F{n}" for n in range(40)) + " } }"
    document = LIMITS.parse(query + fragments)
    LIMITS.check(document)
    assert validate(graphql_schema, document) == list[GraphQLError]()


def test_variables_as_they_are_meant_pass():
    """Of every JSON type."""
    LIMITS.check_variables({"a": 1, "b": [None, True, "x"], "c": {"d": [1.5]}, "e": None})


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"a": [[[[[[[[[[[1]]]]]]]]]]]}, "10 deep"),
        ({"a": list(range(2_001))}, "values in variables"),
        ({str(n): n for n in range(2_001)}, "values in variables"),
        ({"a": {"b": ["\0"]}}, r"U\+0000"),
    ],
    ids=["deep", "long", "many", "NUL"],
)
def test_variables_have_limits_too(variables: dict[str, Any], reason: str):
    """The same ones, where they are the same."""
    with pytest.raises((TooComplex, BadUserInput), match=reason):
        LIMITS.check_variables(variables)
