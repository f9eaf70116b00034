"""An operation that is asked again, as the edge does; elsewhere each is compiled for one call."""

import json
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import parse

from auth.principal import ANONYMOUS
from resolvers.read import Operation
from schema.language import Language
from tests.reading import answer, graphql_schema, operation_of


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ actor(by: {slug: "panama"}) { country { name } } }', None),
        ("query($s: String!) { actor(by: {slug: $s}) { country { name } } }", {"s": "panama"}),
    ],
    ids=["without variables", "with variables"],
)
async def test_an_operation_is_answered_in_the_language_of_each_call(
    connection: asyncpg.Connection, query: str, variables: dict[str, Any] | None
):
    """Its plans are kept by language."""
    document = parse(query)
    operation = Operation(graphql_schema, document, operation_of(document))
    found: list[str] = []
    for language in (Language.ES, Language.EN, Language.ES):
        call = operation.call(variables, ANONYMOUS, language)
        data = json.loads(await answer(connection, call))
        found.append(data["actor"]["country"]["name"])
    assert found == ["Panamá", "Panama", "Panamá"]
