"""From a client's secret to a token, and from a token to an answer."""

import pytest

from auth import registration
from tests.oauth import Client, asks, by_itself, change, register, token
from tests.serving import Edge


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def database(committed: str) -> str:
    """Its database."""
    return committed


@pytest.fixture
def client(database: str) -> Client:
    """A client of UNHCR that may see what is restricted."""
    return register(database, scopes=("restricted:read", "pledges:write"))


def test_a_client_gets_a_token_for_itself(edge: Edge, client: Client):
    """RFC 6749, 4.4; never to be cached, and without a refresh token."""
    answer = by_itself(edge, client)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert {k: v for k, v in answer.json.items() if k != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "pledges:write restricted:read",
    }


def test_a_token_is_taken(edge: Edge, client: Client):
    """And what it is told is for nobody else."""
    answer = asks(edge, f"Bearer {token(edge, client)}")
    assert (answer.status, answer.json) == (200, {"data": {"__typename": "Query"}})
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_bad_token_is_refused_even_for_public_data(edge: Edge):
    """The answer says where tokens come from."""
    answer = asks(edge, "Bearer nonsense")
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    assert "data" not in answer.json
    assert answer.headers["www-authenticate"] == (
        'Bearer error="invalid_token", error_description="The access token is not valid. It is '
        'not a signed JWT. Get a new one.", '
        f'resource_metadata="{edge.url}/.well-known/oauth-protected-resource/graphql"'
    )


def test_a_token_of_a_suspended_client_is_dead_at_once(edge: Edge, client: Client, database: str):
    """Though its signature holds and its time is not up."""
    held = token(edge, client)
    change(database, client, registration.suspend)
    assert asks(edge, f"Bearer {held}").status == 401
    assert by_itself(edge, client).status == 401
