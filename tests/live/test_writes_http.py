"""Writes by clients: over the wire, with tokens."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.oauth import asks, register, token
from tests.serving import NEWER, Edge

CREATE = """mutation { createDocument(input: {slug: "%s", kind: NOTE, title: {es: "Nota"}}) {
    outcome errors { code message } document { slug owner { name } } } }"""
READ = '{ document(by: {slug: "%s"}) { title } }'


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


def opens(edge: Edge, database: str, *scopes: str) -> str:
    """The header of a new client of UNHCR's with these scopes."""
    return f"Bearer {token(edge, register(database, scopes=scopes))}"


def test_a_client_writes_with_the_scope(edge: Edge, committed: str):
    """And everybody reads it."""
    answer = asks(edge, opens(edge, committed, "documents:write"), CREATE % "by-http")
    assert answer.json["data"]["createDocument"] == {
        "outcome": "CREATED",
        "errors": [],
        "document": {
            "slug": "by-http",
            "owner": {
                "name": "Oficina del Alto Comisionado de las Naciones Unidas para los Refugiados"
            },
        },
    }
    assert edge.ask(READ % "by-http").json["data"]["document"] == {"title": "Nota"}
    assert answer.headers["cache-control"] == "private, no-store"


def test_without_a_token_it_is_401(edge: Edge):
    """With the scope that is needed, and nothing written."""
    answer = edge.ask(CREATE % "nobody")
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    assert 'scope="documents:write"' in answer.headers["www-authenticate"]
    assert "resource_metadata=" in answer.headers["www-authenticate"]
    assert "data" not in answer.json
    assert edge.ask(READ % "nobody").json["data"]["document"] is None


def test_without_the_scope_it_is_403(edge: Edge, committed: str):
    """Whatever the form of the answer."""
    line = opens(edge, committed, "events:write")
    answer = asks(edge, line, CREATE % "no-scope")
    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert edge.ask(READ % "no-scope").json["data"]["document"] is None


def test_a_get_writes_nothing(edge: Edge, committed: str):
    """However well it is authorized."""
    line = opens(edge, committed, "documents:write")
    path = "/graphql?" + urlencode({"query": CREATE % "by-get"})
    answer = edge.send("GET", path, b"", {"Authorization": line, "Accept": NEWER})
    assert answer.status == 405
    assert edge.ask(READ % "by-get").json["data"]["document"] is None


def test_a_form_of_another_site_writes_nothing(edge: Edge, committed: str):
    """Simple requests carry no JSON; there are no cookies either."""
    line = opens(edge, committed, "documents:write")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Authorization": line, "Content-Type": kind}
        body = b'{"query": "%b"}' % (CREATE % "by-form").replace('"', '\\"').encode()
        assert edge.send("POST", "/graphql", body, headers).status == 415
    assert edge.ask(READ % "by-form").json["data"]["document"] is None


@pytest.mark.parametrize("language", ["es", "en"])
def test_sentences_come_in_the_language_asked(edge: Edge, committed: str, language: str):
    """That of `Accept-Language`."""
    line = opens(edge, committed, "documents:write")
    answer = asks(edge, line, CREATE % "A B", {"Accept-Language": language})
    [error] = answer.json["data"]["createDocument"]["errors"]
    assert error["message"].startswith({"es": "Un `slug` tiene", "en": "A `slug` has"}[language])
    assert answer.headers["content-language"] == language


def test_what_nobody_foresaw_is_no_500(edge: Edge, committed: str):
    """Hostile values of every kind of field are refused by sentences, and change nothing."""
    line = opens(edge, committed, "events:write")
    hostile: list[Any] = [
        {"title": {"es": "\ud800"}}, {"place": "\\u0000"}, {"place": "x" * 60_000},
        {"date": {"edtf": "9" * 5000}}, {"date": {"edtf": "-99999999999999-12"}},
        {"date": {"edtf": "2023-13"}}, {"date": {"edtf": "../.."}},
        {"startsAt": "0001-01-01T00:00Z"}, {"identifiers": [{"scheme": "", "value": ""}] * 50},
        {"identifiers": [{"scheme": "".join(map(chr, range(9000, 13000))), "value": "y"}]},
        {"timezone": "'; DROP TABLE event; --"}, {"owner": {"id": "actor_x"}},
        {"superEvent": {"identifier": {"scheme": "\u202e", "value": "%"}}},
        {"parties": [{"party": {"actor": {"slug": "unhcr"}}}] * 30},
    ]  # fmt: skip
    query = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
        outcome errors { code } } }"""
    for fields in hostile:
        given = {"title": {"es": "x"}, "kind": "MEETING", **fields, "dryRun": True}
        answer = asks(edge, line, query, variables={"input": given})
        assert answer.status in (200, 400), (fields, answer.body)
        assert "INTERNAL" not in answer.body.decode()
