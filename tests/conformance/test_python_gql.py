"""Python's `gql` on aiohttp, which fetches the schema and checks operations by it."""

import asyncio
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from graphql import GraphQLError

from tests.serving import Edge

LISTED = """query ($after: String) {
    planItems(first: 40, after: $after) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor }
    }
}"""
CREATED = """mutation ($input: CreateEventInput!) {
    createEvent(input: $input) {
        outcome event { id title } changes { fields { name after } }
    }
}"""
INPUT = {"title": {"en": "Shown by gql"}, "kind": "MEETING", "date": {"edtf": "2030-01"}}


def connected(edge: Edge, **headers: str) -> Client:
    """A client as its documentation sets one up."""
    transport = AIOHTTPTransport(f"{edge.url}/graphql", headers={"Accept-Language": "en"} | headers)
    return Client(transport=transport, fetch_schema_from_transport=True)


@pytest.fixture(scope="module")
def client(writable: Edge) -> Client:
    """Without a token; the schema is fetched once."""
    made = connected(writable)
    ask(made, "{ __typename }")
    return made


def ask(client: Client, query: str, **variables: Any) -> Any:
    """What is answered."""
    request = gql(query)
    request.variable_values = variables
    return run(client, request)


def run(client: Client, request: GraphQLRequest) -> Any:
    """The same of a request; its own loop would be left open."""
    return asyncio.run(client.execute_async(request))


def test_variables(client: Client):
    """As JSON, beside the query."""
    query = "query ($by: ActorRef!) { actor(by: $by) { name } }"
    assert ask(client, query, by={"slug": "panama"}) == {"actor": {"name": "Panama"}}


def test_mistakes_are_found_before_anything_is_sent(client: Client):
    """By the schema that was fetched: this is no error of the transport."""
    with pytest.raises(GraphQLError, match="Cannot query field 'nothing' on type 'State'"):
        ask(client, "{ states { nodes { nothing } } }")


def test_operations_written_in_python(client: Client):
    """Its DSL writes look-ups by one of several names, and lists."""
    assert client.schema
    ds: Any = DSLSchema(client.schema)
    group = ds.Query.workingGroup(by={"slug": "mesa-2"})
    objectives = ds.WorkingGroup.objectives(first=1).select(
        ds.WorkingGroupObjectiveConnection.nodes.select(ds.Objective.code)
    )
    query = dsl_gql(DSLQuery(group.select(ds.WorkingGroup.slug, objectives)))
    assert run(client, query) == {
        "workingGroup": {"slug": "mesa-2", "objectives": {"nodes": [{"code": "GCM-4"}]}}
    }


def test_pages(client: Client):
    """To the end of a list by its cursors, each record once."""
    ids: list[str] = []
    page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
    total = 0
    while page["hasNextPage"]:
        items = ask(client, LISTED, after=page["endCursor"])["planItems"]
        ids += [node["id"] for node in items["nodes"]]
        total, page = items["totalCount"], items["pageInfo"]
    assert len(ids) == len(set(ids)) == total == 145


def test_errors_have_codes(client: Client):
    """Whatever the status."""
    for query, variables, code in (
        ("{ states(first: 500) { totalCount } }", {}, "BAD_USER_INPUT"),
        ('{ states(after: "x") { totalCount } }', {}, "INVALID_CURSOR"),
        (CREATED, {"input": INPUT}, "UNAUTHENTICATED"),
    ):
        with pytest.raises(TransportQueryError) as refused:
            ask(client, query, **variables)
        assert refused.value.errors
        assert refused.value.errors[0]["extensions"]["code"] == code


def test_a_dry_run_and_a_write(writable: Edge, bearer: str):
    """With a token."""
    client = connected(writable, Authorization=f"Bearer {bearer}")
    found = '{ events(search: "Shown by gql") { totalCount } }'
    tried = ask(client, CREATED, input=INPUT | {"dryRun": True})["createEvent"]
    assert (tried["outcome"], tried["event"]) == ("DRY_RUN", None)
    assert {"name": "titleEn", "after": "Shown by gql"} in tried["changes"][0]["fields"]
    assert ask(client, found) == {"events": {"totalCount": 0}}
    done = ask(client, CREATED, input=INPUT)["createEvent"]
    assert (done["outcome"], done["event"]["title"]) == ("CREATED", "Shown by gql")
    assert ask(client, found) == {"events": {"totalCount": 1}}
