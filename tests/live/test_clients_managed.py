"""`clients:manage`: a party registers applications of its own, with no more than it holds."""

import asyncio
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from seeds.records import id_of
from tests.oauth import Client, asks, by_itself, register, token
from tests.serving import Edge

REGISTER = """mutation ($input: RegisterClientInput!) { registerClient(input: $input) {
    outcome errors { code message path } clientSecret
    client { clientId name scopes redirectUris suspended __typename } } }"""


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def manager(edge: Edge, committed: str) -> str:
    """The header of a client of UNHCR's that may register others."""
    held = register(committed, scopes=("clients:manage", "events:write"))
    return f"Bearer {token(edge, held)}"


def registers(edge: Edge, line: str, **given: Any) -> Any:
    """What `registerClient` answers."""
    variables = {"input": {"name": "Sitio", "scopes": [], **given}}
    return asks(edge, line, REGISTER, variables=variables).json["data"]["registerClient"]


def count(database: str) -> int:
    """How many applications there are."""

    async def run() -> int:
        connection = await asyncpg.connect(database)
        found = await connection.fetchval("SELECT count(*) FROM oauth_client")
        await connection.close()
        return found

    return asyncio.run(run())


def events(database: str, client: str) -> list[tuple[str, str]]:
    """What was written down of an application, with the one that did it."""

    async def run() -> list[tuple[str, str]]:
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(
            "SELECT event, detail->'by'->>'client' FROM audit WHERE client_id = $1::text::uuid"
            " ORDER BY 1, 2",
            client,
        )
        await connection.close()
        return [tuple(row) for row in rows]

    return asyncio.run(run())


def test_it_registers_an_application_that_works(edge: Edge, manager: str):
    """The secret is shown, and opens the token endpoint."""
    answer = registers(edge, manager, scopes=["events:write"])
    client, secret = answer["client"], answer["clientSecret"]
    assert client == {
        "clientId": client["clientId"], "name": "Sitio", "scopes": ["events:write"],
        "redirectUris": [], "suspended": False, "__typename": "OAuthClient",
    }  # fmt: skip
    got = by_itself(edge, Client(client["clientId"], secret), scope="events:write")
    assert (got.status, got.json["scope"]) == (200, "events:write")


def test_it_gives_no_scope_that_it_does_not_hold(edge: Edge, manager: str, committed: str):
    """Nobody gives what they do not have."""
    before = count(committed)
    answer = registers(edge, manager, scopes=["registry:write"])
    assert answer["errors"] == [
        {
            "code": "FORBIDDEN",
            "message": "Usted mismo no tiene `registry:write`; una aplicación suya tampoco puede "
            "tenerlo.",
            "path": ["input", "scopes"],
        }
    ]
    assert (answer["client"], answer["clientSecret"]) == (None, None)
    assert count(committed) == before


@pytest.mark.parametrize(
    ("given", "field", "begins"),
    [
        ({"scopes": ["no:such"]}, "scopes", "No existe el permiso `no:such`; existen actors:write"),
        ({"name": " "}, "name", "Un nombre tiene de 1 a 100 signos"),
        ({"name": "x" * 101}, "name", "Un nombre tiene de 1 a 100 signos"),
        ({"name": "a\u202eb"}, "name", "`name` tiene el signo U+202E, que no se ve"),
        ({"public": True}, "redirectUris", "Una aplicación pública necesita"),
        ({"redirectUris": ["javascript:alert(1)"]}, "redirectUris", "Una dirección de retorno"),
        ({"redirectUris": ["https://example.org/#x"]}, "redirectUris", "Una dirección de retorno"),
        ({"redirectUris": ["https://x:99999/"]}, "redirectUris", "La dirección de retorno no es"),
        ({"redirectUris": ["http://example.org/"]}, "redirectUris", "Una dirección de retorno"),
        (
            {"redirectUris": [f"https://example.org/{n}" for n in range(21)]},
            "redirectUris",
            "Una aplicación tiene como mucho 20 direcciones de retorno.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    edge: Edge, manager: str, committed: str, given: dict[str, Any], field: str, begins: str
):
    """By a sentence in the language of who asks, at its field."""
    before = count(committed)
    answer = registers(edge, manager, **given)
    [error] = answer["errors"]
    assert (answer["outcome"], error["code"]) == ("REJECTED", "INVALID")
    assert (error["path"], error["message"].startswith(begins)) == (["input", field], True), error
    assert count(committed) == before


def test_an_address_given_twice_is_kept_once(edge: Edge, manager: str):
    """In the order given."""
    given = ["https://example.org/b", "https://example.org/a", "https://example.org/b"]
    client = registers(edge, manager, redirectUris=given)["client"]
    assert client["redirectUris"] == ["https://example.org/b", "https://example.org/a"]


def test_a_trial_shows_no_secret(edge: Edge, manager: str, committed: str):
    """It would never open anything."""
    before = count(committed)
    answer = registers(edge, manager, dryRun=True)
    assert (answer["outcome"], answer["clientSecret"]) == ("DRY_RUN", None)
    number = registers(edge, manager)["client"]["clientId"]
    query = f"""mutation {{ renewClientSecret(input: {{clientId: "{number}", dryRun: true}}) {{
        outcome clientSecret }} }}"""
    renewed = asks(edge, manager, query).json["data"]["renewClientSecret"]
    assert renewed == {"outcome": "DRY_RUN", "clientSecret": None}
    assert count(committed) == before + 1


def test_it_is_written_down_who_did_it(edge: Edge, manager: str, committed: str):
    """With which application: all that changes one is in the audit."""
    number = registers(edge, manager)["client"]["clientId"]
    for verb in ("renewClientSecret", "suspendClient"):
        query = f"""mutation {{ {verb}(input: {{clientId: "{number}"}}) {{ outcome }} }}"""
        assert asks(edge, manager, query).json["data"] == {verb: {"outcome": "UPDATED"}}
    mine = asks(edge, manager, "{ viewer { client { id } } }").json["data"]["viewer"]["client"]
    assert events(committed, number) == [
        ("CLIENT_CREATED", mine["id"]),
        ("CLIENT_SUSPENDED", mine["id"]),
        ("SECRET_CREATED", mine["id"]),
        ("SECRET_CREATED", mine["id"]),
    ]


def test_sent_again_it_is_the_same_application_without_its_secret(
    edge: Edge, manager: str, committed: str
):
    """A secret is kept nowhere that could show it twice."""
    first = registers(edge, manager, idempotencyKey="one-app")
    before = count(committed)
    again = registers(edge, manager, idempotencyKey="one-app")
    assert again["client"] == first["client"]
    assert (again["clientSecret"], count(committed)) == (None, before)


def test_a_new_secret_works_beside_the_former_one(edge: Edge, manager: str):
    """For seven days."""
    made = registers(edge, manager)
    number = made["client"]["clientId"]
    query = (
        f"""mutation {{ renewClientSecret(input: {{clientId: "{number}"}}) {{ clientSecret }} }}"""
    )
    new = asks(edge, manager, query).json["data"]["renewClientSecret"]["clientSecret"]
    for secret in (made["clientSecret"], new):
        assert by_itself(edge, Client(number, secret)).status == 200


def test_a_suspended_application_is_dead_at_once(edge: Edge, manager: str):
    """With all its tokens."""
    made = registers(edge, manager, scopes=["events:write"])
    number, secret = made["client"]["clientId"], made["clientSecret"]
    held = token(edge, Client(number, secret))
    query = f"""mutation {{ suspendClient(input: {{clientId: "{number}"}}) {{
        client {{ suspended }} }} }}"""
    answer = asks(edge, manager, query).json["data"]["suspendClient"]
    assert answer == {"client": {"suspended": True}}
    assert asks(edge, f"Bearer {held}").status == 401
    assert by_itself(edge, Client(number, secret)).status == 401


def test_applications_of_others_are_not_there(edge: Edge, manager: str, committed: str):
    """Whether or not the number exists, the answer is the same."""
    theirs = register(committed, party=id_of("actor", "iom"))
    messages: set[str] = set()
    for number in (theirs.id, "0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f", "x"):
        for verb in ("suspendClient", "renewClientSecret"):
            query = f"""mutation {{ {verb}(input: {{clientId: "{number}"}}) {{
                errors {{ code message path }} clientSecret }} }}"""
            answer = asks(edge, manager, query).json["data"][verb]
            assert answer["clientSecret"] is None
            messages.add(str(answer["errors"]))
    assert len(messages) == 1
    assert by_itself(edge, theirs).status == 200


def test_it_needs_the_scope(edge: Edge, manager: str, committed: str):
    """Whoever else comes registers nothing, nor renews or suspends what its party has."""
    number = registers(edge, manager)["client"]["clientId"]
    held = token(edge, register(committed, scopes=("events:write",)))
    before = count(committed), events(committed, number)
    given: dict[str, Any] = {"input": {"name": "x", "scopes": []}}
    asked = [(REGISTER, given)]
    for verb in ("renewClientSecret", "suspendClient"):
        query = f'mutation {{ {verb}(input: {{clientId: "{number}"}}) {{ outcome }} }}'
        asked.append((query, {}))
    for query, variables in asked:
        assert asks(edge, f"Bearer {held}", query, variables=variables).status == 403
        assert edge.ask(query, variables=variables).status == 401
    assert (count(committed), events(committed, number)) == before
