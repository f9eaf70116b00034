"""Schemathesis over the whole schema, with a token that may write everything.

What a mutation did is rolled back, so that the next one finds the same records. `make fuzz` draws
many operations for each field; without it, each mutation is sent once.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Generator
from copy import copy
from functools import partial
from itertools import count
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
import schemathesis
from graphql import DocumentNode, parse, print_ast, print_schema
from hypothesis import HealthCheck, Phase, given, settings

from api.cluster import Cluster
from resolvers.mutation import VERBS
from tests.conftest import clone
from tests.fuzzing import SCHEMA, defects, filled
from tests.oauth import asks, register, token
from tests.serving import Edge, serving
from tests.valid import BODY, Made, found_body, furnish
from tests.writing import ALL, DONE, ONLY_READS, Writer, undone

EXAMPLES = int(os.environ.get("FUZZ", "0"))


class Fuzzed:
    """An application whose mutations are undone, and what it was asked."""

    def __init__(self, url: str, edge: Edge) -> None:
        self.edge = edge
        found: Any = schemathesis.graphql.from_file(print_schema(SCHEMA)).get_all_operations()
        self.operations = [each.ok() for each in found]
        self.made = asyncio.run(self._furnish(url))
        client = register(url, party=BODY, scopes=tuple(sorted(ALL)))
        self._line = f"Bearer {token(edge, client)}"
        self.accepted: Counter[str] = Counter()
        store = edge.app.state.store
        store.transaction = partial(undone, copy(store))

    @staticmethod
    async def _furnish(url: str) -> Made:
        connection, writer = await asyncpg.connect(url), Writer(url)
        try:
            await found_body(connection)
            return await furnish(connection, writer)
        finally:
            await writer.close()
            await connection.close()

    def run(self, name: str, document: DocumentNode) -> list[str]:
        """What is wrong with the answer."""
        answer = asks(self.edge, self._line, print_ast(document))
        found = defects(answer.status, answer.body.decode())
        payload = (answer.json.get("data") or {}).get(name)
        if isinstance(payload, dict) and payload.get("became") in ONLY_READS.get(name, DONE):
            self.accepted[name] += 1
        return found


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def fuzzed(cluster: Cluster, template: str) -> Generator[Fuzzed]:
    """An application over a body that has one record of every kind."""
    url = clone(cluster, template)
    with serving(url) as edge:
        yield Fuzzed(url, edge)
        assert [record.getMessage() for record in edge.log.records] == []


def drawn(operation: Any, examples: int, run: Callable[[DocumentNode], None]) -> None:
    """Run so many operations that Schemathesis draws for a field."""

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=examples < 10,
        phases=[Phase.generate], suppress_health_check=SLOW,
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        run(parse(case.body))

    each()


def test_every_mutation_is_accepted_with_a_valid_input(fuzzed: Fuzzed):
    """Whatever is selected of what it wrote; `-s` shows the numbers."""
    problems: list[Any] = []
    for operation in fuzzed.operations:
        if operation.label.startswith("Mutation."):
            name = operation.label.split(".")[1]
            numbers = count()

            def run(document: DocumentNode, name: str = name, numbers: Any = numbers) -> None:
                given = fuzzed.made.input_of(name)
                document = filled(document, given, more=next(numbers) % 2 == 1)
                problems.extend((name, each) for each in fuzzed.run(name, document))

            drawn(operation, EXAMPLES or 1, run)
    accepted = fuzzed.accepted
    print("\naccepted:", ", ".join(f"{verb} {accepted[verb]}" for verb in VERBS))
    assert problems == []
    assert {verb for verb in VERBS if not accepted[verb]} == set()


@pytest.mark.skipif(not EXAMPLES, reason="takes long: make fuzz")
def test_nothing_that_is_drawn_is_a_server_error(fuzzed: Fuzzed):
    """Of queries and mutations, as they come."""
    problems: list[Any] = []
    for operation in fuzzed.operations:
        name = operation.label.split(".")[1]

        def run(document: DocumentNode, name: str = name) -> None:
            problems.extend((name, each) for each in fuzzed.run(name, document))

        drawn(operation, EXAMPLES, run)
    assert problems == []
