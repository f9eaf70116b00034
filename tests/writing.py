"""Runs one mutation as the edge does, against a database of the test's own."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import parse, validate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.oauth import site_of
from api.store import Store
from auth.principal import REGISTRY, Principal
from auth.scopes import SCOPES
from resolvers.mutation import VERBS
from resolvers.write import Mutation
from resolvers.write.outside import NOWHERE, Outside
from resolvers.write.work import Given
from schema.base import camel
from schema.errors import Forbidden, Unauthenticated
from schema.language import Language
from seeds.records import id_of
from tests.reading import graphql_schema, operation_of
from tests.serving import settings_of

ALL = frozenset(SCOPES)
CLIENT = UUID(int=1)


def acting(party: UUID, *scopes: str, client: UUID = CLIENT) -> Principal:
    """A client that acts for a party, with these scopes or with all but the registry's."""
    held = frozenset(scopes) or ALL - {"registry:write"}
    owners = (party, REGISTRY) if "registry:write" in held else (party,)
    inside = "restricted:read" in held
    return Principal(
        parties=(party,) if inside else (), owners=owners, party=party, scopes=held, client=client
    )


UNHCR = acting(id_of("actor", "unhcr"))
IOM = acting(id_of("actor", "iom"), client=UUID(int=2))


async def write(
    database: str,
    query: str,
    variables: dict[str, Any] | None = None,
    principal: Principal = UNHCR,
    language: Language = Language.EN,
    outside: Outside = NOWHERE,
) -> Any:
    """The whole answer of a valid mutation."""
    document = parse(query)
    assert validate(graphql_schema, document) == []
    operation = Mutation(graphql_schema, document, operation_of(document))
    settings = settings_of(database)
    store, site = Store(settings), site_of(settings)
    try:
        return json.loads(
            await operation.run(variables, principal, language, store.transaction, site, outside)
        )
    finally:
        await store.close()


async def rows(database: str, sql: str, *args: Any) -> list[Any]:
    """What is in the tables."""
    connection = await asyncpg.connect(database)
    try:
        return [tuple(row) for row in await connection.fetch(sql, *args)]
    finally:
        await connection.close()


async def kept(database: str, *tables: str) -> list[Any]:
    """All rows of these tables: what a refused write must leave as it was."""
    each = (f"SELECT '{table}', to_jsonb(t)::text FROM {table} t" for table in tables)
    return await rows(database, f"{' UNION ALL '.join(each)} ORDER BY 1, 2")


async def digests(connection: asyncpg.Connection) -> dict[str, str]:
    """A digest of every table."""
    tables = await connection.fetch(
        "SELECT quote_ident(table_name) FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    each = (
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f" FROM {name} t"
        for (name,) in tables
    )
    return dict(await connection.fetch(" UNION ALL ".join(each)))


async def state(database: str) -> dict[str, str]:
    """A digest of every table but the one that counts requests."""
    connection = await asyncpg.connect(database)
    try:
        found = await digests(connection)
    finally:
        await connection.close()
    del found["spending"]
    return found


@dataclass(frozen=True)
class Verbs:
    """Mutations of a noun, whose inputs are written as in a document.

    Args:
        shown: what is selected of a payload.
        who: acts, where nobody else does.
        tables: what a refusal leaves as it was.
    """

    shown: str
    who: Principal
    tables: tuple[str, ...]

    async def done(
        self,
        database: str,
        verb: str,
        input_: str,
        who: Principal | None = None,
        shown: str | None = None,
    ) -> Any:
        """The payload of one mutation."""
        query = f"mutation {{ {verb}(input: {{{input_}}}) {shown or self.shown} }}"
        return (await write(database, query, principal=who or self.who))["data"][verb]

    async def refused(
        self,
        database: str,
        verb: str,
        input_: str,
        who: Principal | None = None,
        shown: str | None = None,
    ) -> list[Any]:
        """Code, path and message of each reason; nothing has changed, and no record is shown."""
        before = await self.everything(database)
        payload = await self.done(database, verb, input_, who, shown)
        assert payload.pop("outcome") == "REJECTED"
        assert await self.everything(database) == before
        errors, _ = payload.pop("errors"), payload.pop("warnings", None)
        assert set(payload.values()) == {None}
        return [(e["code"], e["path"], e["message"]) for e in errors]

    async def everything(self, database: str) -> list[Any]:
        """What a refusal leaves as it was."""
        return await kept(database, *self.tables)


DONE = {"CREATED", "UPDATED", "RETIRED"}
ONLY_READS = {"exportPerson": {"UNCHANGED"}}
"""Mutations for what they write down of who read."""
SHOWN = {
    "delegate": "delegation { revoked }",
    "revokeDelegation": "delegation { revoked }",
    "exportPerson": "export { __typename }",
    **{verb: "webhook { id }" for verb in VERBS if "Webhook" in verb},
}
"""What a payload has in place of a record."""


class Writer:
    """Runs mutations as the edge does, and undoes what they did."""

    def __init__(self, url: str) -> None:
        settings = settings_of(url)
        self._store, self._site = Store(settings), site_of(settings)
        self._operations = {verb: _operation(verb) for verb in VERBS}
        self.close = self._store.close

    async def done(self, verb: str, given: Given, who: Principal) -> Given:
        """The payload of what is committed."""
        answer = await self._run(verb, given, who, self._store.transaction)
        payload = answer["data"][verb]
        assert payload["errors"] == [], (verb, given, payload["errors"])
        return payload

    async def tried(
        self,
        verb: str,
        given: Given,
        who: Principal,
        look: Callable[[AsyncSession], Awaitable[None]] | None = None,
    ) -> str:
        """What it was answered with: an outcome, or why it was refused.

        Args:
            look: sees what it has done, before that is undone.
        """
        kept: list[str] = []

        @asynccontextmanager
        async def noted() -> AsyncGenerator[AsyncSession]:
            async with undone(self._store) as session:
                yield session
                if look:
                    await look(session)
            kept.append(verb)

        try:
            answer = await self._run(verb, given, who, noted)
        except (Unauthenticated, Forbidden) as refused:
            assert not kept
            return type(refused).__name__
        payload = answer["data"][verb]
        if payload["outcome"] != "REJECTED":
            return payload["outcome"]
        assert not kept or VERBS[verb].guard, f"{verb} keeps something though it is refused"
        return " ".join(error["code"] for error in payload["errors"])

    async def _run(self, verb: str, given: Given, who: Principal, transaction: Any) -> Any:
        operation, variables = self._operations[verb], {"input": given}
        return json.loads(await operation.run(variables, who, Language.EN, transaction, self._site))


class _RolledBack(Exception):
    """Ends a transaction that would be committed."""


@asynccontextmanager
async def undone(store: Store) -> AsyncGenerator[AsyncSession]:
    """A transaction that is rolled back in the end, though nothing was refused."""
    try:
        async with store.transaction() as session:
            yield session
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            raise _RolledBack
    except _RolledBack:
        pass


def _operation(verb: str) -> Mutation:
    noun = VERBS[verb].noun
    field = camel(noun.plural if VERBS[verb].several else noun.name) if noun else "client"
    shows = f"{field} {{ {'id' if noun else 'clientId'} }}"
    shows = SHOWN.get(verb, shows)
    document = parse(
        f"mutation ($input: {VERBS[verb].input}!) {{ {verb}(input: $input) {{ outcome"
        f" errors {{ code message path }} {shows} }} }}"
    )
    assert validate(graphql_schema, document) == []
    return Mutation(graphql_schema, document, operation_of(document))
