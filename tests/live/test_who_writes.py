"""Every mutation × who calls it: generated from the schema, so that a new one joins by itself.

Each cell is the same valid input over the same records, which are all of one body: what differs is
who sends it, with a real token. What was done is rolled back, what was refused has to be.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import GraphQLInputObjectType, get_nullable_type
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.cluster import Cluster
from auth import tokens
from auth.principal import ANONYMOUS, Principal
from auth.site import Site
from resolvers.mutation import VERBS
from schema.nouns import entities
from schema.record import Visibility
from seeds.records import id_of
from tests.conftest import clone
from tests.making import change, make
from tests.oauth import PEPPERED, register, token
from tests.reading import graphql_schema
from tests.serving import Edge, serving
from tests.valid import BODY, Given, Made, found_body, furnish
from tests.writing import ALL, DONE, ONLY_READS, Writer, acting, digests

# ── Callers ───────────────────────────────────────────────────────────────────────────────────────

EVERY = ALL - {"registry:write"}
READ = "restricted:read"


@dataclass(frozen=True)
class Caller:
    """Somebody with a token.

    Args:
        scopes: of its client; but for the one that a mutation needs, with `lacks`.
        party: whom it acts for, if not a party of its own.
        post: of the body, that it holds since 2022.
        held: of the body, that it held until 2021.
        vacant: whether it comes when nobody is in office any more.
    """

    scopes: frozenset[str] = EVERY
    lacks: bool = False
    party: UUID | None = None
    post: str = ""
    held: str = ""
    vacant: bool = False


CALLERS = {
    "anonymous": Caller(),
    "no scope": Caller(frozenset({READ}), party=BODY),
    "other scopes": Caller(ALL, lacks=True, party=BODY),
    "stranger": Caller(),
    "former officer": Caller(held="chair"),
    "registrar beside officers": Caller(),
    "registry": Caller(ALL),
    "delegate": Caller(),
    "officer": Caller(post="chair"),
    "caretaker": Caller(held="deputy"),
    "registrar": Caller(vacant=True),
    "owner": Caller(party=BODY),
}
KEEPERS = {"owner", "officer", "caretaker", "registrar", "delegate"}
ANYBODY = set(CALLERS) - {"anonymous", "no scope", "other scopes"}
PASSES: dict[str, set[str]] = {
    # The only one that needs no token: it asks, and others decide.
    "applyForMembership": set(CALLERS),
    # Applications to join are of strangers, who are told that officers alone read them.
    "approveApplication": KEEPERS - {"delegate"},
    "declineApplication": KEEPERS - {"delegate"},
    # What was lent is not lent on.
    "delegate": KEEPERS - {"delegate"},
    "revokeDelegation": KEEPERS - {"delegate"},
    # Who keeps the record itself answers to the person; officers, too, if they serve beside them.
    "erasePerson": KEEPERS - {"delegate"},
    "retirePerson": KEEPERS - {"delegate"},
    "exportPerson": {"owner"},
    "nameRepresentative": KEEPERS - {"delegate"},
    # Applications (programs) are of the party itself: each registers its own, and sees no others.
    "registerClient": ANYBODY,
    "renewClientSecret": {"owner"},
    "suspendClient": {"owner"},
    "createWebhook": ANYBODY,
    "updateWebhook": {"owner"},
    "testWebhook": {"owner"},
    "renewWebhookSecret": {"owner"},
    "deleteWebhook": {"owner"},
}
"""Who may, where that is not just whoever keeps what the body has."""


def expected(verb: str) -> set[str]:
    """Who passes: `registry:write` is held by the registry alone, the rest is the body's."""
    if VERBS[verb].scope == "registry:write":
        return {"registry"}
    return PASSES.get(verb, KEEPERS)


WHY = {"NOT_OWNER", "NOT_FOUND", "NOT_NAMED"}
"""What refuses who holds the scope. Any other code would say that the input is not valid."""


def slug(caller: str) -> str:
    """That of a caller's own party."""
    return f"body-{caller.replace(' ', '-')}"


async def introduce(connection: asyncpg.Connection) -> None:
    """The parties of the callers, and what makes them who they are."""
    for name, caller in CALLERS.items():
        kind = "CIVIL_SOCIETY_ORGANIZATION"
        await make(connection, "actor", slug(name), name=name, type=kind)
        if post := caller.post or caller.held:
            years = {"start": "2022"} if caller.post else {"start": "2020", "end": "2021"}
            said = {"post": f"body-{post}", "holder": f"actor:{slug(name)}"}
            await make(
                connection, "mandate", slug(name), owner="working_group:body", **said, **years
            )
    registrar = id_of("actor", slug("registrar"))
    await change(connection, "working_group", "body", registrar_id=registrar)
    delegate = id_of("actor", slug("delegate"))
    await connection.execute(
        "INSERT INTO delegation (id, owner_id, maintainer_id, nouns, scopes)"
        " VALUES ($1, $2, $3, $4, $5)",
        uuid4(), BODY, delegate, sorted(entities), sorted(EVERY),
    )  # fmt: skip


# ── Cells ─────────────────────────────────────────────────────────────────────────────────────────


async def hide(connection: asyncpg.Connection) -> None:
    """Whatever the body keeps becomes a draft."""
    for noun in entities.values():
        if {"visibility", "owner"} <= noun.fields.keys():
            await connection.execute(
                f"UPDATE {noun.name} SET visibility = 'DRAFT' WHERE owner_id = $1", BODY
            )


def places(of: Any, given: Any) -> Iterator[tuple[Given, bool]]:
    """Where in an input `visibility` may stand, and whether `owner` may beside it."""
    of = get_nullable_type(of)
    if isinstance(given, list):
        for item in given:  # pyright: ignore[reportUnknownVariableType]
            yield from places(of.of_type, item)
    elif isinstance(of, GraphQLInputObjectType):
        if "visibility" in of.fields:
            yield given, "owner" in of.fields
        for name, value in given.items():
            yield from places(of.fields[name].type, value)


def hidden(made: Made, verb: str, seen: Visibility, *, null: bool) -> Given | None:
    """A valid input of what is not for everybody, its owner null or left out."""
    root: Any = graphql_schema.mutation_type
    given = made.input_of(verb)
    found = list(places(root.fields[verb].args["input"].type, given))
    for place, owned in found:
        place.pop("owner", None)
        place |= {"visibility": seen.name} | ({"owner": None} if owned and null else {})
    return given if found else None


LOST = """SELECT 1 FROM record WHERE owner_id IS NULL AND visibility <> 'PUBLIC'
    AND noun <> ALL (:reference)"""
REFERENCE = [noun.name for noun in entities.values() if noun.public]


class Matrix:
    """What each caller was answered, and whether anything has changed by it."""

    def __init__(self, url: str, edge: Edge) -> None:
        self._url, self._edge = url, edge
        self.answers: dict[tuple[str, str], str] = {}
        self.changed: list[str] = []
        self.hidden: dict[str, str] = {}
        """What a stranger is answered when all that the body has is a draft."""
        self.lost: list[str] = []
        """What would be hidden from everybody."""
        self.unmade: dict[str, str] = {}
        """Why what is not for everybody, and of no owner that was said, was not written."""
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        connection, writer = await asyncpg.connect(self._url), Writer(self._url)
        try:
            await found_body(connection)
            await introduce(connection)
            made = await furnish(connection, writer)
            principals: dict[str, Principal] = {}
            for vacant in (False, True):
                if vacant:
                    officer = slug("officer")
                    ended = {"end_earliest", "end_latest"}
                    day = await connection.fetchval("SELECT current_date - 2")
                    said = dict.fromkeys(ended, day) | {"end_status": "EXACT"}
                    said |= {"end_edtf": str(day), "end_text": str(day)}
                    await change(connection, "mandate", officer, **said)
                some = await self._callers(connection, vacant)
                principals |= some
                for name, principal in some.items():
                    before = await digests(connection)
                    for verb in VERBS:
                        answer = await self._cell(writer, made, name, verb, principal)
                        self.answers[verb, name] = answer
                    if await digests(connection) != before:
                        self.changed.append(name)
            await self._lose(writer, made)
            await hide(connection)
            for verb in VERBS:
                self.hidden[verb] = await self._cell(
                    writer, made, "stranger", verb, principals["stranger"]
                )
        finally:
            await writer.close()
            await connection.close()

    async def _lose(self, writer: Writer, made: Made) -> None:
        """Try to write what nobody sees, with a token that opens everything."""
        who = acting(BODY, *ALL)
        ways = [(seen, null) for seen in (Visibility.MEMBERS, Visibility.DRAFT) for null in (0, 1)]
        nouns = {verb: VERBS[verb].noun for verb in VERBS}
        for verb in [verb for verb, noun in nouns.items() if noun and not noun.public]:
            for seen, null in ways:
                if given := hidden(made, verb, seen, null=bool(null)):

                    async def look(session: AsyncSession, verb: str = verb) -> None:
                        found = await session.execute(text(LOST), {"reference": REFERENCE})
                        self.lost += [verb] if found.first() else []

                    said = await writer.tried(verb, given, who, look)
                    if not null and said not in DONE:
                        self.unmade[verb] = said

    async def _callers(self, connection: asyncpg.Connection, vacant: bool) -> dict[str, Principal]:
        site, found = Site(self._edge.url, PEPPERED), dict[str, Principal]()
        for name, caller in CALLERS.items():
            if name == "anonymous" and not vacant:
                found[name] = ANONYMOUS
            elif caller.vacant == vacant:
                held = await asyncio.to_thread(self._token, name, caller)
                found[name] = await tokens.authenticate(
                    lambda sql, values: connection.fetch(sql, *values), site, held
                )
        return found

    def _token(self, name: str, caller: Caller) -> str:
        party = caller.party or id_of("actor", slug(name.removesuffix(" beside officers")))
        scopes = tuple(sorted(caller.scopes))
        return token(self._edge, register(self._url, name, party, scopes=scopes))

    @staticmethod
    async def _cell(writer: Writer, made: Made, name: str, verb: str, who: Principal) -> str:
        if CALLERS[name].lacks:
            who = replace(who, scopes=who.scopes - {VERBS[verb].scope or ""})
        return await writer.tried(verb, made.input_of(verb), who)

    def passed(self, caller: str) -> set[str]:
        """What a caller may do."""
        return {
            verb
            for (verb, name), said in self.answers.items()
            if name == caller and said in ONLY_READS.get(verb, DONE)
        }


@pytest.fixture(scope="module")
def matrix(cluster: Cluster, template: str) -> Generator[Matrix]:
    """A database with all of it, and an application that gives tokens."""
    url = clone(cluster, template)
    with serving(url) as edge:
        yield Matrix(url, edge)


# ── What is told ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_may_do_this_and_nothing_else(matrix: Matrix, caller: str):
    """Of every mutation."""
    allowed = {verb for verb in VERBS if caller in expected(verb)}
    assert matrix.passed(caller) ^ allowed == set(), {
        verb: matrix.answers[verb, caller] for verb in matrix.passed(caller) ^ allowed
    }


@pytest.mark.parametrize("caller", CALLERS)
def test_a_refusal_leaves_every_table_as_it_was(matrix: Matrix, caller: str):
    """Whatever was asked."""
    assert caller not in matrix.changed


def test_who_is_refused_is_told_why(matrix: Matrix):
    """It is about who asks: the same input is accepted from another."""
    said = {
        (verb, name): answer
        for (verb, name), answer in matrix.answers.items()
        if name not in expected(verb)
    }
    without = {
        key: why
        for key, why in said.items()
        if why != ("Unauthenticated" if key[1] == "anonymous" else "Forbidden")
        and not set(why.split()) <= WHY | ({"TAKEN"} if key[0].startswith("upsert") else set())
    }
    assert without == {}


def test_what_a_stranger_cannot_see_is_not_found(matrix: Matrix):
    """Rather than not its own, which would say that it is there.

    An identifier that leads to it is taken, as for who creates a record with it.
    """
    of_its_own = {verb for verb in VERBS if verb.endswith(("Client", "ClientSecret"))}
    of_its_own |= {verb for verb in VERBS if verb.endswith(("Webhook", "WebhookSecret"))}
    expected = {
        verb: "TAKEN" if verb.startswith("upsert") else "NOT_FOUND"
        for verb in VERBS.keys() - of_its_own
    }
    expected["upsertContributions"] = "NOT_FOUND"  # its name is a new one here
    expected |= {v: "Forbidden" for v in expected if VERBS[v].scope == "registry:write"}
    said = {verb: " ".join(set(matrix.hidden[verb].split())) for verb in expected}
    assert said == expected


def test_nothing_is_written_that_nobody_sees(matrix: Matrix):
    """With an owner that is null or left out, by a token that opens everything."""
    assert matrix.lost == []


def test_what_has_no_owner_given_belongs_to_who_writes_it(matrix: Matrix):
    """So it can be hidden, whatever the token opens."""
    assert matrix.unmade == {}


def test_every_mutation_is_accepted_from_somebody(matrix: Matrix, record_testsuite_property: Any):
    """What nobody may do, this would say nothing of; `-s` shows the numbers."""
    accepted = Counter(verb for caller in CALLERS for verb in matrix.passed(caller))
    print("\naccepted:", ", ".join(f"{verb} {accepted[verb]}" for verb in VERBS))
    record_testsuite_property("accepted writes", json.dumps(accepted))
    assert {verb for verb in VERBS if not accepted[verb]} == set()
