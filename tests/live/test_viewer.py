"""`viewer`: who the API takes the caller for, in the statement that answers everything else."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from auth.tables import ClientRow
from tests.making import make
from tests.oauth import (
    CALLBACK,
    asks,
    consented,
    invite,
    redeem,
    register,
    request_of,
    token,
    write,
)
from tests.serving import Edge

EVERYTHING = (
    "{ viewer { client { id name } party { __typename name } user { name }"
    " scopes { name description(language: EN) } } }"
)


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """The application that issues tokens."""
    return issuing


@pytest.fixture
def database(committed: str) -> str:
    """Its database."""
    return committed


def viewer(edge: Edge, access_token: str, query: str = EVERYTHING) -> Any:
    """What is said to the bearer of a token."""
    answer = asks(edge, f"Bearer {access_token}", query)
    assert answer.status == 200, answer.body
    return answer.json["data"]["viewer"]


def test_a_client_that_acts_by_itself_sees_itself(edge: Edge, database: str):
    """Nobody let it act, and only what it asked for is open."""
    client = register(database, 'The "reader"', scopes=("plans:write", "restricted:read"))
    assert viewer(edge, token(edge, client, scope="restricted:read")) == {
        "client": {"id": client.id, "name": 'The "reader"'},
        "party": {
            "__typename": "UnAgency",
            "name": "Oficina del Alto Comisionado de las Naciones Unidas para los Refugiados",
        },
        "user": None,
        "scopes": [
            {
                "name": "restricted:read",
                "description": "See your drafts, and what your groups keep for their members.",
            }
        ],
    }


def test_a_client_that_somebody_let_act_sees_whom(edge: Edge, database: str):
    """The user's name, and no more of them than that."""
    client = register(database, scopes=("plans:write",), redirect_uris=(CALLBACK,))
    code = consented(
        edge, database, request_of(client), invite(database, ("plans:write",), name="Ana")
    )["code"]
    found = viewer(edge, redeem(edge, client, code).json["access_token"])
    assert found["user"] == {"name": "Ana"}
    assert [scope["name"] for scope in found["scopes"]] == ["plans:write"]


def test_what_was_taken_back_is_no_longer_said_to_be_open(edge: Edge, database: str):
    """At once, though the token lives on."""
    client = register(database, scopes=("plans:write", "restricted:read"))
    access_token = token(edge, client)

    def take(session: Any) -> None:
        session.get_one(ClientRow, UUID(client.id)).scopes = ["plans:write"]

    write(database, take)
    query = "{ viewer { scopes { name } } }"
    assert viewer(edge, access_token, query) == {"scopes": [{"name": "plans:write"}]}


def test_a_party_that_the_token_does_not_show_is_null(edge: Edge, database: str):
    """As any link to it would be."""

    async def hidden() -> UUID:
        connection = await asyncpg.connect(database)
        own = {"type": "DONOR", "name": "Fondo", "owner": "actor:fondo", "visibility": "DRAFT"}
        made = await make(connection, "actor", "fondo", **own)
        await connection.close()
        return made

    party = asyncio.run(hidden())
    client = register(database, party=party, scopes=("restricted:read", "plans:write"))
    query = "{ viewer { party { name } } }"
    assert viewer(edge, token(edge, client), query) == {"party": {"name": "Fondo"}}
    assert viewer(edge, token(edge, client, scope="plans:write"), query) == {"party": None}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Announce events and change them.", "Anunciar eventos y cambiarlos."]),
        ("es", ["Anunciar eventos y cambiarlos.", "Anunciar eventos y cambiarlos."]),
    ],
)
def test_scopes_are_described_in_the_language_asked(
    edge: Edge, database: str, language: str, said: list[str]
):
    """By the header, or by an argument."""
    client = register(database, scopes=("events:write",))
    query = '{"query": "{ viewer { scopes { a: description b: description(language: ES) } } }"}'
    headers = {
        "Content-Type": "application/json",
        "Accept-Language": language,
        "Authorization": f"Bearer {token(edge, client)}",
    }
    found = edge.send("POST", "/graphql", query.encode(), headers).json
    [scope] = found["data"]["viewer"]["scopes"]
    assert list(scope.values()) == said


def test_whoever_comes_without_a_token_is_nobody(edge: Edge):
    """Null, and no refusal: pages ask it to find out whether somebody signed in."""
    assert edge.ask(EVERYTHING).json == {"data": {"viewer": None}}


def test_it_costs_no_statement_of_its_own(edge: Edge, database: str):
    """One for the token, one for all that is asked."""
    access_token = token(edge, register(database))
    asks(edge, f"Bearer {access_token}")
    before = edge.database.statements
    query = "{ viewer { client { name } party { name } } countries { totalCount } }"
    asks(edge, f"Bearer {access_token}", query)
    assert edge.database.statements - before == 2
