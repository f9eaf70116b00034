"""Runs one mutation as the edge does, against a database of the test's own."""

import json
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import parse, validate

from api.oauth import site_of
from api.store import Store
from auth.principal import REGISTRY, Principal
from auth.scopes import SCOPES
from resolvers.write import Mutation
from resolvers.write.outside import NOWHERE, Outside
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


async def state(database: str) -> dict[str, str]:
    """A digest of every table."""
    connection = await asyncpg.connect(database)
    try:
        tables = await connection.fetch(
            "SELECT quote_ident(table_name) AS name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        return {
            row["name"]: await connection.fetchval(digest.format(row["name"])) for row in tables
        }
    finally:
        await connection.close()
