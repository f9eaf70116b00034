"""GraphQL over HTTP as a well-behaved client meets it."""

import pytest

from api.landing import EXAMPLE
from resolvers.schema import sdl
from tests.serving import NEWER, OLDER, Edge

PANAMA = '{ actor(by: {slug: "panama"}) { slug } }'
ANSWER = {"data": {"actor": {"slug": "panama"}}}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_an_operation_is_one_statement(edge: Edge):
    """However many roots and levels it has."""
    before = edge.database.statements
    answer = edge.ask(
        '{ a: actor(by: {slug: "panama"}) { slug } states { nodes { country { alpha2 } } } }'
    )
    assert answer.status == 200
    assert edge.database.statements == before + 1


def test_what_needs_no_data_asks_no_database(edge: Edge):
    """Introspection is answered from memory."""
    before = edge.database.statements
    assert edge.ask("{ __typename }").json == {"data": {"__typename": "Query"}}
    assert edge.database.statements == before


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", OLDER),
        ("*/*", OLDER),
        ("application/*", OLDER),
        (OLDER, OLDER),
        (NEWER, NEWER),
        (f"{NEWER}, {OLDER}", NEWER),
        (f"{NEWER}, */*", NEWER),
        (f"{OLDER}, */*", OLDER),
        (f"{NEWER};q=0.5, {OLDER}", OLDER),
        (f"{NEWER};q=0, */*", OLDER),
        ("APPLICATION/GRAPHQL-RESPONSE+JSON; charset=utf-8", NEWER),
        (f"text/event-stream, {NEWER}", NEWER),
        ("nonsense;;;q=x, application/json", OLDER),
    ],
)
def test_the_media_type_is_the_one_accepted_most(edge: Edge, accept: str, expected: str):
    """RFC 9110, 12.5.1; without a preference older clients are spared the newer type."""
    answer = edge.ask(PANAMA, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, f"{expected}; charset=utf-8")
    assert answer.json == ANSWER


@pytest.mark.parametrize("accept", ["text/plain", "image/*", "application/json;q=0"])
def test_who_accepts_neither_type_is_told(edge: Edge, accept: str):
    """In JSON all the same, since there is nothing else."""
    answer = edge.ask(PANAMA, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (406, f"{OLDER}; charset=utf-8")
    assert NEWER in answer.messages


@pytest.mark.parametrize(
    ("accepted", "language", "name"),
    [
        ("", "es", "Panamá"),
        ("en", "en", "Panama"),
        ("en-GB, es;q=0.9", "en", "Panama"),
        ("fr, en;q=0.3, es;q=0.7", "es", "Panamá"),
        ("de", "es", "Panamá"),
        ("en;q=0, *", "es", "Panamá"),
        (";;,=,en;q=nan", "es", "Panamá"),
    ],
)
def test_the_language_is_the_one_accepted_most(edge: Edge, accepted: str, language: str, name: str):
    """Spanish where none of ours is named."""
    answer = edge.ask('{ actor(by: {slug: "panama"}) { country { name } } }', language=accepted)
    assert answer.json == {"data": {"actor": {"country": {"name": name}}}}
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"].startswith("Accept, Accept-Language, ")


def test_variables_and_operation_name_by_get(edge: Edge):
    """`variables` is JSON in the address."""
    query = "query A($s: String!) { actor(by: {slug: $s}) { slug } } query B { __typename }"
    answer = edge.get(query=query, variables='{"s": "panama"}', operationName="A")
    assert (answer.status, answer.json) == (200, ANSWER)


def test_one_of_several_operations_must_be_named(edge: Edge):
    """The message lists them."""
    answer = edge.ask("query A { __typename } query B { __typename }")
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert "A, B" in answer.messages


def test_an_operation_that_is_not_there_is_named(edge: Edge):
    """With those that are."""
    answer = edge.ask("query A { __typename }", operationName="B")
    assert answer.status == 400
    assert answer.messages == "The document has no operation 'B'; it has: A."


def test_a_mutation_by_get_is_not_allowed(edge: Edge):
    """Nothing is written because somebody followed a link."""
    answer = edge.get(query="mutation { __typename }")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["subscription"])
def test_what_the_schema_does_not_offer_is_said(edge: Edge, kind: str):
    """By POST."""
    answer = edge.ask(f"{kind} {{ x }}", accept=NEWER)
    assert (answer.status, answer.codes[0]) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert kind in answer.messages


def test_head_is_get_without_the_body(edge: Edge):
    """Length included."""
    get = edge.send("GET", "/graphql?query=%7B__typename%7D")
    head = edge.send("HEAD", "/graphql?query=%7B__typename%7D")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.body))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(edge: Edge, method: str):
    """With what is allowed."""
    answer = edge.send(method, "/graphql")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_any_page_may_read(edge: Edge):
    """There are no cookies that could be used behind somebody's back."""
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    preflight = edge.send("OPTIONS", "/graphql", b"", asked)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]
    assert {"*", "Authorization"} <= set(
        preflight.headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in preflight.headers
    assert edge.ask(PANAMA).headers["access-control-allow-origin"] == "*"


def test_a_syntax_error_is_placed(edge: Edge):
    """As older clients get it: 200."""
    answer = edge.ask("{\n  actor(")
    assert (answer.status, answer.codes) == (200, ["GRAPHQL_PARSE_FAILED"])
    assert answer.json["errors"][0]["locations"] == [{"line": 2, "column": 9}]
    assert "data" not in answer.json


def test_an_unknown_field_brings_suggestions(edge: Edge):
    """The schema is public."""
    answer = edge.ask('{ actor(by: {slug: "panama"}) { slugg } }', accept=NEWER)
    assert (answer.status, answer.codes) == (400, ["GRAPHQL_VALIDATION_FAILED"])
    assert "'slug'" in answer.messages
    assert "data" not in answer.json


def test_of_many_mistakes_the_first_are_said(edge: Edge):
    """A few are enough to go on."""
    answer = edge.ask("{ " + " ".join(f"x{n}" for n in range(50)) + " }", accept=NEWER)
    assert answer.status == 400
    assert len(answer.codes) <= 6


def test_a_variable_that_does_not_fit_is_a_bad_input(edge: Edge):
    """It says which."""
    answer = edge.ask("query($id: ID!) { node(id: $id) { id } }", accept=NEWER, variables={})
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert "$id" in answer.messages


def test_a_person_with_a_browser_gets_the_console(edge: Edge):
    """A link with a query shows its answer instead."""
    answer = edge.send("GET", "/graphql", b"", {"Accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    shown = edge.send("GET", "/graphql?query=%7B__typename%7D", b"", {"Accept": BROWSER})
    assert (shown.status, shown.json) == (200, {"data": {"__typename": "Query"}})


def test_the_schema_is_a_file(edge: Edge):
    """And who has it already gets no second copy."""
    answer = edge.send("GET", "/schema.graphql")
    assert (answer.status, answer.body.decode()) == (200, sdl())
    again = edge.send("GET", "/schema.graphql", b"", {"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_alive_and_ready(edge: Edge):
    """What a balancer asks."""
    assert edge.send("GET", "/healthz").json == {"status": "alive"}
    assert edge.send("GET", "/readyz").json == {"status": "ready"}


@pytest.mark.parametrize("path", ["/nothing", "/graphql/", "/%ff", "/..%2f..%2fetc/passwd"])
def test_an_unknown_address_is_a_problem(edge: Edge, path: str):
    """RFC 9457."""
    answer = edge.send("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json["status"] == 404


def test_a_person_at_an_unknown_address_gets_a_page(edge: Edge):
    """In the language of the browser, with a way on."""
    headers = {"Accept": BROWSER, "Accept-Language": "en-GB"}
    answer = edge.send("GET", "/nothing", b"", headers)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["vary"] == "Accept, Accept-Language, Cookie"
    assert '<h1 id="title">There is nothing here</h1>' in answer.body.decode()
    assert '<a href="/">The start page</a>' in answer.body.decode()
    assert "set-cookie" not in answer.headers
    spanish = edge.send("GET", "/nothing?lang=es", b"", headers)
    assert '<h1 id="title">Aquí no hay nada</h1>' in spanish.body.decode()


def test_the_page_of_an_unknown_address_leads_nowhere_else(edge: Edge):
    """Its links are no part of what was asked."""
    answer = edge.send("GET", "//evil.example/<b>", b"", {"Accept": BROWSER})
    assert (answer.status, "evil" in answer.body.decode()) == (404, False)


@pytest.mark.parametrize(
    "path",
    ["/oauth/token/", "/oauth/authorize/", "/login/", "/account/", "/docs/", "/schema.graphql/"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slash_too_many_leads_nowhere(issuing: Edge, path: str, method: str):
    """Least of all to where the header `Host` says, with what was posted."""
    answer = issuing.send(method, path, b"", {"Host": "evil.example"})
    assert (answer.status, "location" in answer.headers) == (404, False)
    detail = f"There is nothing at {path}; addresses here have no slash at their end."
    assert answer.json["detail"] == detail


def test_browsers_find_an_icon(edge: Edge):
    """They ask for it wherever they are."""
    answer = edge.send("GET", "/favicon.ico")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.body.startswith(b"<svg ")


def test_crawlers_are_told_what_is_for_them(edge: Edge):
    """Neither forms nor questions."""
    answer = edge.send("GET", "/robots.txt")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.body.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /account",
        "Disallow: /graphql",
        "Disallow: /login",
        "Disallow: /oauth",
    ]


def test_a_wrong_method_elsewhere_is_a_problem(edge: Edge):
    """With what is allowed."""
    answer = edge.send("DELETE", "/healthz")
    assert (answer.status, answer.json["title"]) == (405, "Method Not Allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "accepted", "language", "button"),
    [
        ("/", "", "es", "Ejecutar"),
        ("/", "en-US,en;q=0.9", "en", "Run"),
        ("/?lang=es", "en", "es", "Ejecutar"),
        ("/?lang=en", "", "en", "Run"),
        ("/?lang=xx", "en", "en", "Run"),
    ],
)
def test_the_page_speaks_two_languages(
    edge: Edge, path: str, accepted: str, language: str, button: str
):
    """The address decides before the browser does."""
    page = edge.send("GET", path, b"", {"Accept-Language": accepted})
    assert (page.status, page.headers["content-language"]) == (200, language)
    assert f'<html lang="{language}">' in page.body.decode()
    assert f">{button}</button>" in page.body.decode()


def test_the_page_runs_nothing_but_its_own(edge: Edge):
    """Its policy names style and script by their hashes."""
    policy = edge.send("GET", "/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_example_of_the_page_has_an_answer(edge: Edge):
    """Whoever presses the button sees data."""
    group = edge.ask(EXAMPLE).json["data"]["workingGroup"]
    assert len(group["objectives"]["edges"]) == 3
