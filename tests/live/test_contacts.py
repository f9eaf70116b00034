"""Contacts: who is shown how to reach a person, and that each showing is written down first."""

import asyncio
import json
import logging
from collections.abc import Generator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType

from api.cluster import Cluster
from auth.tables import ClientRow
from schema.nouns import entities
from seeds.records import Refused, id_of, rows_of
from tests.conftest import clone
from tests.hearing import Heard
from tests.making import EMAIL, PHONE, change, make, reachable
from tests.oauth import (
    CALLBACK,
    Client,
    asks,
    consented,
    invite,
    redeem,
    register,
    request_of,
    token,
    write,
)
from tests.reading import graphql_schema
from tests.serving import NEWER, Edge, Response, serving

SCOPE = ("contacts:read",)
SHOWN = {"email": EMAIL, "phone": PHONE}
UNHCR, IOM, IDB = (id_of("actor", slug) for slug in ("unhcr", "iom", "idb"))
PERSONS = ("ana", "past", "coming", "draft", "elsewhere", "kept", "silent")
IDS = {key: id_of("person", f"contacts-{key}") for key in PERSONS}


async def prepare(database: str) -> None:
    """A group in which UNHCR is a member and IOM holds a post, and people around it.

    Ana holds a mandate there today, `past` did, `coming` will, `draft` might; `silent` holds one
    and has no contact; `elsewhere` holds one in a group of others; `kept` holds none, and is IDB's.
    """
    connection = await asyncpg.connect(database)
    for group in ("contacts", "contacts-elsewhere"):
        await make(connection, "working_group", group, kind="MESA", name="Mesa")
    below = {"kind": "SUBGROUP", "name": "Parte", "parent": "contacts"}
    await make(connection, "working_group", "contacts-below", **below)
    for key, party, said in (
        ("contacts-1", "actor:unhcr", {"status": "ACTIVE"}),
        ("contacts-2", "actor:iadb", {"status": "REQUESTED", "visibility": "DRAFT"}),
        ("contacts-3", "actor:iadb", {"status": "ACTIVE", "end": "2020-12-31"}),
    ):
        party = "actor:idb" if party == "actor:iadb" else party
        await make(connection, "membership", key, group="contacts", party=party, **said)
    for position, group in enumerate(("contacts", "contacts-below", "contacts-elsewhere"), 1):
        kind = {"kind": "REPRESENTATIVE", "title": "Representante", "position": position}
        slug = f"{group}-seat" if group == "contacts-elsewhere" else group
        await make(connection, "post", slug, group=group, **kind)
    day = {"start": "2020-01-01"}
    for key, said in {
        "ana": day, "silent": day, "past": {**day, "end": "2021-12-31"},
        "coming": {"start": "2099-01-01"}, "draft": {**day, "visibility": "DRAFT"},
        "elsewhere": {**day, "post": "contacts-elsewhere-seat"}, "kept": {},
    }.items():  # fmt: skip
        own = {"owner": "actor:idb"} if key == "kept" else {}
        await reachable(connection, f"contacts-{key}", name=f"Persona {key}", **own)
        if key == "silent":
            none = {"contact_email": None, "contact_phone": None}
            await change(connection, "person", f"contacts-{key}", **none)
        if said:
            seat = f"contacts-{key}"
            await make(
                connection, "post", seat, group="contacts", kind="REPRESENTATIVE", title="Puesto"
            )
            held = {"post": seat, "holder": "actor:iom", "person": f"contacts-{key}", **said}
            await make(connection, "mandate", f"contacts-{key}", **held)
    await connection.close()


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database with those people."""
    return clone(cluster, template, prepare)


@pytest.fixture(scope="module")
def running(database: str) -> Generator[Edge]:
    """The application over it."""
    with serving(database) as edge:
        yield edge


@pytest.fixture
def edge(running: Edge) -> Generator[Edge]:
    """The application; whatever it is asked, it must log no defect."""
    running.log.records.clear()
    yield running
    assert [record.getMessage() for record in running.log.records] == []


@pytest.fixture(scope="module")
def member(database: str) -> Client:
    """An application of UNHCR."""
    return register(database, "Member", scopes=(*SCOPE, "restricted:read"))


@pytest.fixture(scope="module")
def outsider(database: str) -> Client:
    """An application of IDB."""
    return register(database, "Outsider", IDB, scopes=(*SCOPE, "restricted:read"))


def query_of(key: str, selected: str = "contact { email phone }") -> str:
    """Something of a person."""
    return f'{{ person(by: {{id: "person_{IDS[key]}"}}) {{ {selected} }} }}'


def rows(database: str, statement: str, *args: Any) -> list[Any]:
    """What is in the database."""

    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(database)
        try:
            return [dict(row) for row in await connection.fetch(statement, *args)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


class Audit:
    """What is written down from here on."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._before = self._count()

    def _count(self) -> int:
        return rows(self._database, "SELECT count(*) FROM audit WHERE event = 'CONTACTS_READ'")[0][
            "count"
        ]

    def added(self) -> list[Any]:
        """The rows about contacts."""
        statement = "SELECT * FROM audit WHERE event = 'CONTACTS_READ' ORDER BY at, id OFFSET $1"
        return rows(self._database, statement, self._before)

    def persons(self) -> list[list[str]]:
        """Whose contacts were shown, by row."""
        return [json.loads(row["detail"])["persons"] for row in self.added()]


@pytest.fixture
def audit(database: str) -> Audit:
    """What the test leaves in the audit."""
    return Audit(database)


def asked(edge: Edge, client: Client, query: str, scope: str = "contacts:read") -> Response:
    """The answer to a client that holds this scope."""
    return asks(edge, f"Bearer {token(edge, client, scope=scope)}", query)


def shown(edge: Edge, client: Client, key: str, scope: str = "contacts:read") -> Any:
    """A person's contact, as a client sees it."""
    answer = asked(edge, client, query_of(key), scope)
    assert answer.status == 200, answer.body
    return answer.json["data"]["person"]["contact"]


# Who may ask


def test_without_the_scope_nothing_is_read(edge: Edge, member: Client, audit: Audit):
    """The refusal says what is missing, what is held, and where tokens come from."""
    access_token = token(edge, member, scope="restricted:read")
    before = edge.database.statements
    answer = asks(edge, f"Bearer {access_token}", query_of("ana"))
    assert answer.status == 403
    [error] = answer.json["errors"]
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "missing": {"Person.contact": ["contacts:read"]},
        "held": ["restricted:read"],
    }
    assert "data" not in answer.json
    assert answer.headers["www-authenticate"] == (
        'Bearer error="insufficient_scope", scope="contacts:read", resource_metadata='
        f'"{edge.url}/.well-known/oauth-protected-resource/graphql"'
    )
    assert edge.database.statements - before == 1  # the token's
    assert audit.added() == []


@pytest.mark.parametrize("accept", ["application/json", NEWER])
def test_without_a_token_nothing_is_read(edge: Edge, accept: str, audit: Audit):
    """401 for both media types, and no word of an error: nothing was wrong with credentials."""
    before = edge.database.statements
    answer = edge.ask(query_of("ana"), accept)
    assert answer.status == 401
    [error] = answer.json["errors"]
    assert error["extensions"] == {
        "code": "UNAUTHENTICATED",
        "missing": {"Person.contact": ["contacts:read"]},
    }
    assert "data" not in answer.json
    assert answer.headers["www-authenticate"] == (
        'Bearer scope="contacts:read", resource_metadata='
        f'"{edge.url}/.well-known/oauth-protected-resource/graphql"'
    )
    assert edge.database.statements == before
    assert audit.added() == []


def test_a_document_that_one_may_ask_is_not_open_to_the_next(edge: Edge, member: Client):
    """Parsed documents and plans are kept; who may ask them is looked at each time."""
    query = query_of("ana", "again: contact { email }")
    assert edge.ask(query).status == 401
    assert asked(edge, member, query).status == 200
    assert edge.ask(query).status == 401
    assert asked(edge, member, query, "restricted:read").status == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("query($v: Boolean!) { people: persons { nodes { contact @include(if: $v) { email } } } }",
         200),
        ("query($v: Boolean!) { persons { nodes { contact @skip(if: $v) { email } } } }", 401),
        ("query($v: Boolean! = true) { persons @skip(if: $v) { nodes { name } } "
         "... @skip(if: $v) { persons { nodes { contact { email } } } } }", 401),
    ],
)  # fmt: skip
def test_what_is_left_out_needs_no_token(edge: Edge, query: str, status: int):
    """By directives, with these variables."""
    assert edge.ask(query, variables={"v": False}).status == status


def test_only_the_operation_that_runs_counts(edge: Edge):
    """Of several in one document."""
    query = "query A { persons { totalCount } } query B { persons { nodes { contact { email } } } }"
    assert edge.ask(query, operationName="A").status == 200
    assert edge.ask(query, operationName="B").status == 401


def test_a_null_for_a_directive_is_refused_as_any_value(edge: Edge):
    """And is no defect of ours."""
    query = "query($v: Boolean = true) { persons { nodes { contact @skip(if: $v) { email } } } }"
    answer = edge.ask(query, NEWER, variables={"v": None})
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])


def test_a_scope_that_the_client_loses_is_gone_at_once(edge: Edge, database: str):
    """Though its token was issued with it."""
    client = register(database, scopes=SCOPE)
    access_token = token(edge, client)
    assert asks(edge, f"Bearer {access_token}", query_of("ana")).status == 200

    def lose(session: Any) -> None:
        session.get_one(ClientRow, UUID(client.id)).scopes = []

    write(database, lose)
    assert asks(edge, f"Bearer {access_token}", query_of("ana")).status == 403


# Who sees it


def test_a_member_sees_it_and_that_is_written_down(
    edge: Edge, database: str, member: Client, audit: Audit
):
    """Which application of whom, and whose contact; not the contact."""
    assert shown(edge, member, "ana") == SHOWN
    [row] = audit.added()
    assert (str(row["client_id"]), row["party_id"], row["user_id"]) == (member.id, UNHCR, None)
    assert row["grant_id"] is not None
    assert json.loads(row["detail"]) == {"persons": [str(IDS["ana"])]}
    assert [value for value in map(str, row.values()) if EMAIL in value or PHONE in value] == []


def test_it_is_written_down_which_user_looked(edge: Edge, database: str, audit: Audit):
    """Where a person let the application act."""
    client = register(database, scopes=SCOPE, redirect_uris=(CALLBACK,))
    user = invite(database, SCOPE)
    code = consented(edge, database, request_of(client), user)["code"]
    access_token = redeem(edge, client, code).json["access_token"]
    assert asks(edge, f"Bearer {access_token}", query_of("ana")).status == 200
    [row] = audit.added()
    assert (str(row["client_id"]), row["user_id"]) == (client.id, user)


def test_who_holds_a_post_in_the_group_sees_it(edge: Edge, database: str, audit: Audit):
    """Whether or not it is a member."""
    assert shown(edge, register(database, party=IOM, scopes=SCOPE), "ana") == SHOWN
    assert audit.persons() == [[str(IDS["ana"])]]


def test_a_member_of_a_group_sees_it_in_the_groups_below(
    edge: Edge, database: str, member: Client, outsider: Client
):
    """As it sees what they keep for their members."""

    async def below() -> None:
        connection = await asyncpg.connect(database)
        key = "contacts-beneath"
        await reachable(connection, key, name="Eva")
        held = {"post": "contacts-below", "holder": "actor:oas", "start": "2020-01-01"}
        await make(connection, "mandate", key, person=key, **held)
        await connection.close()

    asyncio.run(below())
    IDS["beneath"] = id_of("person", "contacts-beneath")
    assert shown(edge, member, "beneath") == SHOWN
    assert shown(edge, outsider, "beneath") is None


def test_who_keeps_the_record_sees_it(edge: Edge, outsider: Client, member: Client, audit: Audit):
    """Somebody has to keep it right."""
    assert shown(edge, outsider, "kept") == SHOWN
    assert audit.persons() == [[str(IDS["kept"])]]
    assert shown(edge, member, "kept") is None


@pytest.mark.parametrize("scope", ["contacts:read", "contacts:read restricted:read"])
def test_who_does_not_serve_there_sees_nothing(
    edge: Edge, outsider: Client, audit: Audit, scope: str
):
    """Its membership ended, and it asked for another; nothing is written down, nothing shown."""
    assert shown(edge, outsider, "ana", scope) is None
    assert audit.added() == []


@pytest.mark.parametrize("key", ["past", "coming", "draft", "elsewhere"])
def test_who_does_not_serve_there_today_is_not_shown(
    edge: Edge, member: Client, audit: Audit, key: str
):
    """A mandate that ended, is to begin, is a draft, or is in another group."""
    assert shown(edge, member, key, "contacts:read restricted:read") is None
    assert audit.added() == []


async def beside(database: str, key: str, mandate: Any, post: Any) -> None:
    """A person with a contact who holds a mandate beside UNHCR."""
    connection = await asyncpg.connect(database)
    name = f"contacts-{key}"
    IDS[key] = id_of("person", name)
    await reachable(connection, name, name="Eva")
    seat = {"group": "contacts", "kind": "REPRESENTATIVE", "title": "Puesto", **post}
    await make(connection, "post", name, **seat)
    held = {"post": name, "holder": "actor:iom", "person": name, "start": "2020-01-01", **mandate}
    await make(connection, "mandate", name, **held)
    await connection.close()


OWN_DRAFT = {"visibility": "DRAFT", "owner": "actor:unhcr"}
FOR_MEMBERS = {"visibility": "MEMBERS", "owner": "working_group:contacts"}
BOTH = "contacts:read restricted:read"


@pytest.mark.parametrize(
    ("key", "mandate", "post"),
    [("drafted-mandate", OWN_DRAFT, {}), ("drafted-post", {}, OWN_DRAFT)],
)
def test_a_draft_of_ones_own_opens_no_contact(
    edge: Edge, database: str, member: Client, audit: Audit, key: str, mandate: Any, post: Any
):
    """Who could draft a mandate for somebody would else read how to reach anybody."""
    asyncio.run(beside(database, key, mandate, post))
    assert shown(edge, member, key, BOTH) is None
    assert audit.added() == []


def test_a_drafted_post_of_ones_own_serves_nowhere(
    edge: Edge, database: str, outsider: Client, audit: Audit
):
    """It would sit beside whom it likes."""

    async def sit() -> None:
        connection = await asyncpg.connect(database)
        key, seat = "contacts-sitting", {"kind": "REPRESENTATIVE", "title": "Puesto"}
        draft = {"visibility": "DRAFT", "owner": "actor:idb"}
        await make(connection, "post", key, group="contacts-elsewhere", **seat, **draft)
        held = {"post": key, "holder": "actor:idb", "start": "2020-01-01"}
        await make(connection, "mandate", key, **held)
        await connection.close()

    asyncio.run(sit())
    assert shown(edge, outsider, "elsewhere", BOTH) is None
    assert audit.added() == []


@pytest.mark.parametrize(
    ("key", "mandate", "post"),
    [("mandate-for-members", FOR_MEMBERS, {}), ("post-for-members", {}, FOR_MEMBERS)],
)
def test_what_one_may_not_see_opens_no_contact(
    edge: Edge, database: str, member: Client, key: str, mandate: Any, post: Any
):
    """Who is shown a contact would else learn of a mandate that is for members."""
    asyncio.run(beside(database, key, mandate, post))
    assert shown(edge, member, key) is None
    assert shown(edge, member, key, BOTH) == SHOWN


def test_who_has_no_contact_is_not_written_down(edge: Edge, member: Client, audit: Audit):
    """Nothing was shown."""
    assert shown(edge, member, "silent") is None
    assert audit.added() == []


def test_a_person_whom_one_may_not_see_has_no_contact(
    edge: Edge, database: str, member: Client, audit: Audit
):
    """Serving beside somebody does not open a record that is closed."""

    async def close(visibility: str) -> None:
        connection = await asyncpg.connect(database)
        await change(connection, "person", "contacts-silent", visibility=visibility)
        await change(connection, "person", "contacts-silent", contact_email=EMAIL)
        await connection.close()

    asyncio.run(close("DRAFT"))
    try:
        answer = asked(edge, member, query_of("silent"), "contacts:read restricted:read")
        assert answer.json == {"data": {"person": None}}
        assert audit.added() == []
    finally:
        asyncio.run(close("PUBLIC"))
        rows(database, "UPDATE person SET contact_email = NULL WHERE id = $1", IDS["silent"])


# Wherever it is asked

_PLACES = {
    "aliases": "{ x: person(by: {id: ANA}) { y: contact { z: email } } }",
    "merged fields": "{ person(by: {id: ANA}) { contact { email } contact { phone } } }",
    "a fragment": "{ person(by: {id: ANA}) { ...F } } "
    "fragment F on Person { contact { ...G } } fragment G on Contact { email }",
    "an interface": "{ node(id: ANA) { ... on Record { ... on Person { contact { email } } } } }",
    "a list of ids": "{ nodes(ids: [ANA]) { ... on Person { contact { email } } } }",
    "nodes": "{ persons(where: {id: {eq: ANA}}) { nodes { contact { email } } } }",
    "edges": "{ persons(where: {id: {eq: ANA}}) { edges { node { contact { email } } } } }",
    "below lists": '{ workingGroup(by: {slug: "contacts"}) { posts { nodes { '
    "currentMandate { person { contact { email } } } } } } }",
    "twice": "{ a: person(by: {id: ANA}) { contact { email } } "
    "b: person(by: {id: ANA}) { contact { email } } }",
    "beside other data": "{ countries { totalCount } person(by: {id: ANA}) { contact { email } } "
    "__schema { queryType { name } } }",
}
PLACES = {name: text.replace("ANA", f'"person_{IDS["ana"]}"') for name, text in _PLACES.items()}


@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_and_written_down_wherever_it_stands(
    edge: Edge, member: Client, audit: Audit, place: str
):
    """Once for each read, each person once."""
    answer = asked(edge, member, PLACES[place])
    assert answer.status == 200, answer.body
    assert EMAIL in answer.body.decode()
    assert b"\x01" not in answer.body
    assert audit.persons() == [[str(IDS["ana"])]]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_refused_wherever_it_stands(edge: Edge, member: Client, audit: Audit, place: str):
    """To who holds another scope, and to who holds none."""
    assert asked(edge, member, PLACES[place], "restricted:read").status == 403
    assert edge.ask(PLACES[place]).status == 401
    assert audit.added() == []


def test_only_whom_the_answer_shows_is_written_down(edge: Edge, member: Client, audit: Audit):
    """Not the next page, and not those whose contacts stay closed."""
    some = json.dumps([f"person_{IDS[key]}" for key in ("ana", "past", "elsewhere", "kept")])
    page = "{ nodes { name contact { phone } } pageInfo { hasNextPage } totalCount }"
    query = f"{{ persons(first: 1, where: {{id: {{in: {some}}}}}) {page} }}"
    found = asked(edge, member, query).json["data"]["persons"]
    assert found == {
        "nodes": [{"name": "Persona ana", "contact": {"phone": PHONE}}],
        "pageInfo": {"hasNextPage": True},
        "totalCount": 4,
    }
    assert audit.persons() == [[str(IDS["ana"])]]


def test_all_whom_a_list_shows_are_written_down(
    edge: Edge, database: str, member: Client, audit: Audit
):
    """In one row, each once."""
    asyncio.run(beside(database, "second", {}, {}))
    query = "{ persons(first: 100) { nodes { id contact { email } } } }"
    nodes = asked(edge, member, query).json["data"]["persons"]["nodes"]
    seen = sorted(node["id"].removeprefix("person_") for node in nodes if node["contact"])
    assert {str(IDS["ana"]), str(IDS["second"])} <= set(seen)
    assert audit.persons() == [seen]


def test_a_text_that_looks_like_the_sign_of_a_contact_is_a_text(
    edge: Edge, database: str, member: Client, audit: Audit
):
    """Nobody else's name gets into the audit, and nothing out of the answer."""
    forged = f"\x01{uuid4()}\x01"

    async def forge() -> None:
        connection = await asyncpg.connect(database)
        await make(connection, "working_group", "contacts-forged", kind="MESA", name="Foro")
        # Nobody could write it so, but it may be there from before.
        hostile = "UPDATE working_group SET name_es = $1 WHERE slug = 'contacts-forged'"
        await connection.execute(hostile, forged)
        await connection.close()

    asyncio.run(forge())
    query = query_of("ana")[:-1] + ' workingGroup(by: {slug: "contacts-forged"}) { name } }'
    answer = asked(edge, member, query)
    assert answer.json["data"]["workingGroup"] == {"name": forged}
    assert audit.persons() == [[str(IDS["ana"])]]


def test_by_get_it_is_the_same(edge: Edge, member: Client, audit: Audit):
    """And no cache keeps it."""
    headers = {"Authorization": f"Bearer {token(edge, member)}"}
    answer = edge.send("GET", f"/graphql?{urlencode({'query': query_of('ana')})}", b"", headers)
    assert answer.json == {"data": {"person": {"contact": SHOWN}}}
    assert answer.headers["cache-control"] == "private, no-store"
    assert audit.persons() == [[str(IDS["ana"])]]


def test_reads_without_contacts_write_nothing(edge: Edge, member: Client, audit: Audit):
    """Of persons, by who could see them."""
    assert asked(edge, member, query_of("ana", "name gender")).status == 200
    assert audit.added() == []


# Mutations

CREATE = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    outcome errors { code message path } person { id contact { email phone } } } }"""
UPDATE = """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
    errors { code } person { contact { email phone } } } }"""
NEW: dict[str, Any] = {"name": "Nora", "consentedOn": "2024-01-01", "contact": SHOWN}


@pytest.fixture(scope="module")
def keeper(database: str) -> Client:
    """An application of IDB that may write as well."""
    return register(database, "Keeper", IDB, scopes=(*SCOPE, "groups:write"))


def wrote(
    edge: Edge, client: Client, query: str, scope: str = "contacts:read groups:write", **given: Any
) -> Response:
    """The answer to a mutation."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token(edge, client, scope=scope)}",
    }
    body = json.dumps({"query": query, "variables": {"input": given}}).encode()
    return edge.send("POST", "/graphql", body, headers)


def persons(database: str) -> Any:
    """Every row of every person."""
    return rows(database, "SELECT to_jsonb(p)::text FROM person p ORDER BY id")


def test_a_mutation_refuses_a_null_for_a_directive(edge: Edge, keeper: Client):
    """As a query does."""
    query = CREATE.replace("($input", "($v: Boolean = true, $input").replace(
        "createPerson(input: $input)", "createPerson(input: $input) @skip(if: $v)"
    )
    access_token = token(edge, keeper)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {access_token}"}
    body = {"query": query, "variables": {"v": None, "input": NEW}}
    answer = edge.send("POST", "/graphql", json.dumps(body).encode(), headers)
    assert answer.codes == ["BAD_USER_INPUT"]


def test_what_a_mutation_shows_is_written_down(
    edge: Edge, database: str, keeper: Client, audit: Audit
):
    """A payload is read as anything else is."""
    answer = wrote(edge, keeper, CREATE, **NEW).json["data"]["createPerson"]
    assert answer["person"]["contact"] == SHOWN
    key = answer["person"]["id"].removeprefix("person_")
    assert audit.persons() == [[key]]
    changed = wrote(
        edge, keeper, UPDATE, person={"id": answer["person"]["id"]}, contact={"phone": None}
    )
    assert changed.json["data"]["updatePerson"] == {
        "errors": [],
        "person": {"contact": {"email": EMAIL, "phone": None}},
    }
    cleared = wrote(edge, keeper, UPDATE, person={"id": answer["person"]["id"]}, contact=None)
    assert cleared.json["data"]["updatePerson"]["person"] == {"contact": None}
    assert audit.persons() == [[key], [key]]


def test_a_dry_run_shows_no_contact_and_writes_nothing_down(
    edge: Edge, database: str, keeper: Client, audit: Audit
):
    """There is no record yet."""
    before = persons(database)
    answer = wrote(edge, keeper, CREATE, **NEW, dryRun=True).json["data"]["createPerson"]
    assert (answer["outcome"], answer["person"]) == ("DRY_RUN", None)
    assert audit.persons() == []
    assert persons(database) == before


def test_a_mutation_needs_the_scopes_of_all_that_it_selects(
    edge: Edge, database: str, keeper: Client, audit: Audit
):
    """Writing a contact does not open those of others; nothing is written."""
    before = persons(database)
    for scope, missing in (
        ("groups:write", {"Person.contact": ["contacts:read"]}),
        ("contacts:read", {"Mutation.createPerson": ["groups:write"]}),
    ):
        answer = wrote(edge, keeper, CREATE, scope, **NEW)
        assert answer.status == 403
        assert answer.json["errors"][0]["extensions"]["missing"] == missing
    assert persons(database) == before
    assert audit.added() == []


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ({"email": "ana at example"}, "`contact.email` no es una dirección; escríbala como"),
        ({"phone": "6123 4567"}, "`contact.phone` no es un número internacional;"),
    ],
)
def test_a_contact_that_is_none_is_refused(
    edge: Edge, database: str, keeper: Client, contact: Any, said: str
):
    """In a sentence, and nothing is written."""
    before = persons(database)
    query = CREATE.replace("person { id contact { email phone } }", "")
    answer = wrote(edge, keeper, query, **(NEW | {"contact": contact})).json
    [error] = answer["data"]["createPerson"]["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["input", "contact"])
    assert said in error["message"]
    assert persons(database) == before


# If it cannot be written down


@pytest.mark.parametrize(
    "how",
    [
        "ALTER TABLE audit RENAME TO audit_away",
        "ALTER TABLE audit ADD CHECK (event <> 'CONTACTS_READ') NOT VALID",
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'; "
        "CREATE TRIGGER slow BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION slow()",
    ],
    ids=["gone", "refused", "slow"],
)  # fmt: skip
def test_what_cannot_be_written_down_is_not_shown(cluster: Cluster, template: str, how: str):
    """Whatever is the reason."""
    url = clone(cluster, template, prepare)
    with serving(url, statement_seconds=1) as edge:
        access_token = token(edge, register(url, scopes=SCOPE))

        async def break_it() -> None:
            connection = await asyncpg.connect(url)
            await connection.execute(how)
            await connection.close()

        asyncio.run(break_it())
        answer = asks(edge, f"Bearer {access_token}", query_of("ana"))
        assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
        assert "data" not in answer.json
        assert answer.headers["retry-after"] == "2"
        [logged] = [logging.Formatter().format(record) for record in edge.log.records]
        assert [text for text in (EMAIL, PHONE) if text in logged + answer.messages] == []


def test_a_mutation_that_cannot_be_written_down_is_not_done(cluster: Cluster, template: str):
    """Neither is anything shown."""
    url = clone(cluster, template)
    with serving(url) as edge:
        keeper = register(url, party=IDB, scopes=(*SCOPE, "groups:write"))
        access = "contacts:read groups:write"
        assert wrote(edge, keeper, CREATE, access, **NEW).status == 200
        before = persons(url)
        token(edge, keeper)

        async def break_it() -> None:
            connection = await asyncpg.connect(url)
            refuse = "ALTER TABLE audit ADD CHECK (event <> 'CONTACTS_READ') NOT VALID"
            await connection.execute(refuse)
            await connection.close()

        asyncio.run(break_it())
        answer = wrote(edge, keeper, CREATE, access, **NEW)
        assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
        assert EMAIL.encode() not in answer.body
        assert persons(url) == before


# What never knows it


def test_no_contact_reaches_a_log(edge: Edge, member: Client, outsider: Client, heard: Heard):
    """At DEBUG, shown or not."""
    for client in (member, outsider):
        for query in (query_of("ana"), *PLACES.values()):
            assert asked(edge, client, query).status == 200
    assert heard.text != ""
    assert [text for text in (EMAIL, PHONE) if text in heard.text] == []


def test_no_filter_order_or_search_knows_contacts():
    """Else they could be guessed. Only inputs that write do."""
    found: list[str] = []
    for type_ in graphql_schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            found += [f"{type_.name}.{name}" for name in type_.fields if "contact" in name.lower()]
        elif isinstance(type_, GraphQLEnumType):
            found += [f"{type_.name}.{name}" for name in type_.values if "CONTACT" in name]
    writing = ("CreatePersonInput", "UpdatePersonInput", "UpsertPersonInput")
    assert sorted(found) == [f"{name}.contact" for name in writing]
    noun = entities["person"]
    assert [name for name in noun.searched if "contact" in name] == []
    assert {"contact_email", "contact_phone"} <= set(noun.table.c.keys())
    indexed = {column.name for index in noun.table.indexes for column in index.columns}
    assert indexed & {"contact_email", "contact_phone"} == set()


def test_a_search_does_not_find_a_contact(edge: Edge, member: Client):
    """In no noun."""
    query = f'{{ search(text: "{EMAIL.partition("@")[0]}") {{ totalCount }} }}'
    assert asked(edge, member, query).json == {"data": {"search": {"totalCount": 0}}}


def test_seeds_hold_no_contacts():
    """Everybody can read them."""
    record = {"key": "x", "name": "Ana", "contact": {"email": EMAIL}}
    with pytest.raises(Refused, match="personal"):
        rows_of(entities["person"], record, lambda *_: uuid4())


async def test_the_database_takes_nothing_but_addresses_and_numbers(
    connection: asyncpg.Connection,
):
    """A note in place of an address would be shown as one."""
    await make(connection, "person", "contacts-checked", name="Ana", consented_on="2024-01-01")
    for column, text in (
        ("contact_email", "ana at example"), ("contact_email", "a@b c@d"), ("contact_email", ""),
        ("contact_phone", "6123 4567"), ("contact_phone", "+0761234567"), ("contact_phone", ""),
    ):  # fmt: skip
        with pytest.raises(asyncpg.CheckViolationError):
            async with connection.transaction():
                await change(connection, "person", "contacts-checked", **{column: text})
    await change(connection, "person", "contacts-checked", contact_email=EMAIL, contact_phone=PHONE)
