"""A subgraph for the composition, the query planner and the gateway of Apollo."""

import json
from typing import Any

import pytest

from tests.conformance.conftest import Node
from tests.serving import Edge


@pytest.fixture(scope="module")
def told(node: Node, edge: Edge) -> Any:
    """What came of composing the API with a site of talks, and of asking a gateway for both."""
    return json.loads(node("federation.mjs", f"http://127.0.0.1:{edge.port}/graphql"))


def test_it_composes_with_another_subgraph(told: Any):
    """Which has a `Node` and a `PageInfo` of its own."""
    assert (told["errors"], told["hints"]) == ([], [])


def test_the_supergraph_has_the_fields_of_both(told: Any):
    """A field on an interface comes to all its types; prices are there, scopes the API checks."""
    for name in ("Actor", "UnAgency", "Country"):
        assert {"id", "slug", "name", "talks"} <= set(told["fields"][name])
    assert told["fields"]["Talk"] == ["id", "title", "speaker", "country", "objective"]
    assert (told["priced"], told["scoped"]) == (True, False)


def test_a_gateway_asks_for_all_that_others_name_at_once(told: Any):
    """One request for each kind of links, however many there are; null for what is not there."""
    found = told["fromTalks"]
    unhcr = {
        "__typename": "UnAgency",
        "name": "Office of the United Nations High Commissioner for Refugees",
        "acronym": "UNHCR",
    }
    panama = {"__typename": "State", "name": "Panama"}
    expected = [
        ("A", unhcr, {"name": "Panama"}, {"number": 8}),
        ("B", panama, {"name": "Costa Rica"}, {"number": 13}),
        ("C", unhcr, {"name": "Panama"}, {"number": 8}),
        ("D", None, None, {"number": 8}),
    ]
    names = ("title", "speaker", "country", "objective")
    assert found["data"]["talks"] == [dict(zip(names, each, strict=True)) for each in expected]
    assert found["sent"] == [4, 4, 4]


def test_a_gateway_adds_what_others_know_to_what_is_found_here(told: Any):
    """One request here for both fields at the root."""
    found = told["fromHere"]
    assert found["data"] == {
        "actors": {
            "nodes": [
                {
                    "name": "Office of the United Nations High Commissioner for Refugees",
                    "talks": [{"title": "A"}, {"title": "C"}],
                },
                {"name": "Panama", "talks": [{"title": "B"}]},
            ]
        },
        "country": {"m49": "591", "talks": [{"title": "A"}, {"title": "C"}]},
    }
    assert found["sent"] == [0]
