"""Copies of what is kept of a person, addresses of applicants: who sees them is written down."""

import asyncio
import json
from collections.abc import Generator
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from resolvers.verbs.person import _EXPORT  # pyright: ignore[reportPrivateUsage]
from schema.nouns import metadata
from seeds.records import id_of
from tests.conftest import clone
from tests.making import EMAIL, PHONE, make, reachable
from tests.oauth import Client, asks, register, token
from tests.serving import Edge, Response, serving

SCOPES = ("groups:write", "contacts:read", "restricted:read")
ANA, GROUP = id_of("person", "ana"), id_of("working_group", "disclosed")
UNHCR, IOM = id_of("actor", "unhcr"), id_of("actor", "iom")
EXPORT = """mutation { exportPerson(input: {person: {id: "person_%s"}%s}) {
    outcome errors { code path } changes { verb } export { data } } }"""
APPLICANT = "red@example.org"


async def prepare(database: str) -> None:
    """A person with a mandate and a candidacy, whom UNHCR keeps; a group that it serves."""
    connection = await asyncpg.connect(database)
    await make(connection, "working_group", "disclosed", name="Mesa", kind="MESA")
    said = {"group": "disclosed", "title": "Secretaría", "kind": "SECRETARY", "officer": True}
    await make(connection, "post", "disclosed", **said)
    who = {"name": "Ana Inventada", "gender": "FEMALE", "owner": "actor:unhcr"}
    await reachable(connection, "ana", **who)
    await connection.execute("INSERT INTO identifier VALUES ($1, 'person', 'HR', '7')", ANA)
    day = {"post": "disclosed", "holder": "actor:unhcr", "person": "ana", "start": "2024-02-01"}
    await make(connection, "mandate", "disclosed", **day)
    await make(connection, "election", "disclosed", post="disclosed", status="CALLED")
    await make(
        connection, "candidacy", "disclosed", election="disclosed", candidate="actor:unhcr",
        person="ana", nominated="2024-01-15",
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO override (record_id, rule, verb, reason)"
        " VALUES ($1, 'TERM_LIMIT', 'renewMandate', 'Nobody else came forward')",
        id_of("mandate", "disclosed"),
    )
    await connection.execute(
        "INSERT INTO application (group_id, name, language, type, email)"
        " VALUES ($1, 'Red', 'ES', 'CIVIL_SOCIETY_ORGANIZATION', $2)",
        GROUP, APPLICANT,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO delegation (id, owner_id, maintainer_id, nouns, scopes)"
        " VALUES (uuidv7(), $1, $2, $3, $4)",
        UNHCR, IOM, ["person"], list(SCOPES),
    )  # fmt: skip
    await beyond(connection)
    await connection.close()


async def beyond(connection: asyncpg.Connection) -> None:
    """What others keep to themselves of the same person."""
    hidden = {"visibility": "DRAFT", "owner": "actor:iom"}
    seat = {"kind": "REPRESENTATIVE", "title": "Puesto secreto"}
    await make(connection, "post", "hidden", group="disclosed", **seat, **hidden)
    held = {"holder": "actor:iom", "person": "ana", "start": "2024-03-01"}
    await make(connection, "mandate", "behind-hidden", post="hidden", **held)
    await make(connection, "post", "seen", group="disclosed", **seat | {"title": "Puesto"})
    await make(connection, "mandate", "hidden", post="seen", **held, **hidden)
    stood = {"election": "disclosed", "candidate": "actor:iom", "person": "ana"}
    await make(connection, "candidacy", "hidden", **stood, **hidden)
    for record in ("behind-hidden", "hidden"):
        await connection.execute(
            "INSERT INTO override (record_id, rule, verb, reason)"
            " VALUES ($1, 'PARITY', 'recordMandate', 'Whispered')",
            id_of("mandate", record),
        )


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database with that person."""
    return clone(cluster, template, prepare)


@pytest.fixture(scope="module")
def edge(database: str) -> Generator[Edge]:
    """The application over it."""
    with serving(database) as running:
        yield running


@pytest.fixture(scope="module")
def keeper(database: str) -> Client:
    """An application of who keeps the person."""
    return register(database, "Keeper", scopes=SCOPES)


@pytest.fixture(scope="module")
def stranger(database: str) -> Client:
    """An application of somebody else."""
    return register(database, "Stranger", id_of("actor", "idb"), scopes=SCOPES)


def rows(database: str, statement: str) -> list[Any]:
    """What is in the database."""

    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(database)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def disclosed(database: str) -> list[Any]:
    """What was written down, by party."""
    found = rows(
        database,
        "SELECT party_id, detail::text FROM audit WHERE event = 'CONTACTS_READ' ORDER BY at, id",
    )
    return [(party, json.loads(detail)) for party, detail in found]


def asked(edge: Edge, client: Client, query: str, *scopes: str) -> Response:
    """What a client is answered with these scopes, or with all of its own."""
    return asks(edge, f"Bearer {token(edge, client, scope=' '.join(scopes or SCOPES))}", query)


def copy(edge: Edge, client: Client, more: str = "") -> Any:
    """The payload of a copy."""
    return asked(edge, client, EXPORT % (ANA, more)).json["data"]["exportPerson"]


# ── Of a person ───────────────────────────────────────────────────────────────────────────────────


def test_who_keeps_a_person_hands_out_all_that_is_kept(edge: Edge, database: str, keeper: Client):
    """In the words of Popolo; nothing is changed, and it is written down."""
    before = disclosed(database)
    payload = copy(edge, keeper)
    data = payload.pop("export")["data"]
    assert payload == {"outcome": "UNCHANGED", "errors": [], "changes": []}
    [mandate, _], [candidacy] = data["memberships"], data["candidacies"]
    assert (data["id"], data["name"], data["gender"]) == (
        f"person_{ANA}",
        "Ana Inventada",
        "female",
    )
    assert data["contact_details"] == [
        {"type": "email", "value": EMAIL}, {"type": "voice", "value": PHONE},
    ]  # fmt: skip
    assert data["identifiers"] == [{"scheme": "HR", "identifier": "7"}]
    assert (data["consented_on"], data["owner_id"]) == ("2024-01-01", f"actor_{UNHCR}")
    assert (mandate["role"], mandate["organization_id"], mandate["start_date"]) == (
        "Secretaría", f"working_group_{GROUP}", "2024-02-01",
    )  # fmt: skip
    assert (candidacy["on_behalf_of_id"], candidacy["date"]) == (f"actor_{UNHCR}", "2024-01-15")
    exception = data["exceptions"][0]
    assert (exception["rule"], exception["verb"]) == ("TERM_LIMIT", "renewMandate")
    assert "name" in data["changes"][0]["fields"]
    assert disclosed(database) == [*before, (UNHCR, {"exports": [str(ANA)]})]


def test_it_says_to_whom_the_contact_and_copies_were_shown(edge: Edge, keeper: Client):
    """Whoever looked, and when."""
    asked(edge, keeper, f'{{ person(by: {{id: "person_{ANA}"}}) {{ contact {{ email }} }} }}')
    copy(edge, keeper)
    last = copy(edge, keeper)["export"]["data"]["disclosures"][-2:]
    assert [(d["party_id"], d.get("export", False)) for d in last] == [
        (f"actor_{UNHCR}", False), (f"actor_{UNHCR}", True),
    ]  # fmt: skip


@pytest.mark.parametrize("more", [", dryRun: true", ', idempotencyKey: "copy"'])
def test_a_dry_run_or_a_second_sending_is_written_down(
    edge: Edge, database: str, keeper: Client, more: str
):
    """What is shown is shown."""
    if "Key" in more:
        copy(edge, keeper, more)
    before = disclosed(database)
    assert copy(edge, keeper, more)["export"]["data"]["name"] == "Ana Inventada"
    assert disclosed(database) == [*before, (UNHCR, {"exports": [str(ANA)]})]


def test_others_are_handed_out_nothing(edge: Edge, database: str, stranger: Client):
    """And nothing is written down: nothing was shown."""
    before = disclosed(database)
    assert copy(edge, stranger) == {
        "outcome": "REJECTED", "changes": [], "export": None,
        "errors": [{"code": "NOT_OWNER", "path": ["input", "person"]}],
    }  # fmt: skip
    assert disclosed(database) == before


@pytest.mark.parametrize("lacking", ["contacts:read", "restricted:read"])
def test_it_needs_the_scopes_of_what_is_in_it(
    edge: Edge, database: str, keeper: Client, lacking: str
):
    """The contact, and what is for members alone."""
    before = disclosed(database)
    held = (scope for scope in SCOPES if scope != lacking)
    answer = asked(edge, keeper, EXPORT % (ANA, ""), *held)
    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    assert disclosed(database) == before


def test_what_one_may_not_see_is_in_no_copy(edge: Edge, keeper: Client):
    """Drafts of others, titles of hidden posts, and why a body set a rule aside."""
    data = copy(edge, keeper)["export"]["data"]
    second = data["memberships"][1]
    assert second["id"] == f"mandate_{id_of('mandate', 'behind-hidden')}"
    assert {"post_id", "role", "organization_id"} & set(second) == set()
    assert len(data["memberships"]) == 2
    assert {e["rule"] for e in data["exceptions"]} == {"TERM_LIMIT", "PARITY"}
    assert len(data["exceptions"]) == 2
    said = json.dumps(data)
    for hidden in ("Whispered", "secreto", "Nobody else", str(id_of("mandate", "hidden"))):
        assert hidden not in said


@pytest.mark.parametrize("verb", ["exportPerson", "erasePerson", "retirePerson"])
def test_whom_the_record_was_lent_to_hands_out_and_erases_nothing(
    edge: Edge, database: str, verb: str
):
    """Who may write a person's record may not yet read all of it, nor end it."""
    delegate = register(database, "Delegate", IOM, scopes=SCOPES)
    before = disclosed(database)
    mutation = (
        f'mutation {{ {verb}(input: {{person: {{id: "person_{ANA}"}}}}) {{ errors {{ code }} }} }}'
    )
    payload = asked(edge, delegate, mutation).json["data"][verb]
    assert payload["errors"] == [{"code": "NOT_OWNER"}]
    assert disclosed(database) == before


def test_no_table_that_names_persons_is_forgotten():
    """A new one has to be added to the copy, or here with the reason why not."""
    never = {
        "alignment": "of plans and their items", "merged": "of actors",
        "party": "of actors and groups",
        "record_topic": "of what has topics", "record_objective": "of what serves objectives",
        "seed": "seeds name no person",
    }  # fmt: skip
    naming = {
        table.name
        for table in metadata.sorted_tables
        if "record_id" in table.c
        or any(key.column.table.name in ("person", "record") for key in table.foreign_keys)
    }
    copied = {name for name in naming if f"FROM {name} " in _EXPORT}
    assert naming - copied == set(never)


# ── Of an applicant ───────────────────────────────────────────────────────────────────────────────


def test_who_reads_the_address_of_an_applicant_is_written_down(
    edge: Edge, database: str, keeper: Client
):
    """Whose it is, never the address; what else was written to the group is not."""
    [[application]] = rows(database, "SELECT id FROM application")
    before = disclosed(database)
    query = '{ workingGroup(by: {slug: "disclosed"}) { applications { name %s } } }'
    plain = asked(edge, keeper, query % "").json["data"]["workingGroup"]["applications"]
    assert (plain, disclosed(database)) == ([{"name": "Red"}], before)
    found = asked(edge, keeper, query % "e: email").json["data"]["workingGroup"]["applications"]
    assert found == [{"name": "Red", "e": APPLICANT}]
    assert disclosed(database) == [*before, (UNHCR, {"applications": [str(application)]})]
