"""Runs one operation as the edge does: validate, compile, one statement, finished JSON."""

import json
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import DocumentNode, OperationDefinitionNode, parse, validate

from auth.principal import ANONYMOUS, Principal
from resolvers.read import Call, Operation
from resolvers.schema import schema
from schema.language import Language

graphql_schema = schema._schema  # pyright: ignore[reportPrivateUsage]


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """The document's one operation."""
    [found] = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return found


def compiled(
    query: str | DocumentNode,
    variables: dict[str, Any] | None = None,
    principal: Principal = ANONYMOUS,
    language: Language = Language.ES,
    limit: int | None = None,
) -> Call:
    """The call of a valid operation, which may cost so many points."""
    document = parse(query) if isinstance(query, str) else query
    assert validate(graphql_schema, document) == []
    operation = Operation(graphql_schema, document, operation_of(document))
    return operation.prepare(variables, principal, language, limit).call(principal)


async def answer(connection: asyncpg.Connection, call: Call) -> bytes:
    """The JSON text of `data`."""
    rows = await connection.fetch(call.sql, *call.args) if call.sql else []
    return call.data(rows)


async def read(connection: asyncpg.Connection, query: str, *args: Any, **options: Any) -> Any:
    """The data of an operation."""
    return json.loads(await answer(connection, compiled(query, *args, **options)))
