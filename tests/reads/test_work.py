"""What the answers do not tell: how often PostgreSQL looks for what a fragment asks."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.reading import compiled

STATES = 17
"""Of the 44 seeded actors."""


def steps(plan: Any) -> Iterator[Any]:
    """The steps of an executed plan, from the top."""
    yield plan
    for below in plan.get("Plans", []):
        yield from steps(below)


@pytest.mark.parametrize(
    ("asked", "table"),
    [
        ("memberships { nodes { id } }", "membership"),
        ("identifiers { value }", "identifier"),
        ("country { citations { nodes { id } } }", "citation"),
    ],
)
async def test_a_list_is_looked_for_below_the_type_it_was_asked_of_alone(
    connection: asyncpg.Connection, asked: str, table: str
):
    """Once for each state, not once for each actor."""
    call = compiled(f"{{ actors(first: 100) {{ nodes {{ id ... on State {{ {asked} }} }} }} }}")
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {call.sql}"
    [row] = await connection.fetch(explain, *call.args)
    [plan] = json.loads(row[0])
    found = [s["Actual Loops"] for s in steps(plan["Plan"]) if s.get("Relation Name") == table]
    assert found == [STATES]
