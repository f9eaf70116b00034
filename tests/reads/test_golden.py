"""Each read as a triplet: the operation sent, the statement run, the answer got.

They are rewritten on demand, never by CI: `GOLDEN=rewrite make test ARGS=tests/reads`.
"""

import json
import os
from pathlib import Path
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from schema.language import Language
from tests.reading import answer, compiled

HERE = Path(__file__).parent
REWRITE = os.environ.get("GOLDEN") == "rewrite" and not os.environ.get("CI")


def directives(query: str) -> tuple[dict[str, Any] | None, Language]:
    """What the comments at the head of an operation say: `# variables: {…}`, `# language: EN`."""
    variables, language = None, Language.ES
    for line in query.splitlines():
        name, _, value = line.removeprefix("# ").partition(": ")
        if line.startswith("# ") and name == "variables":
            variables = json.loads(value)
        elif line.startswith("# ") and name == "language":
            language = Language[value]
    return variables, language


def pretty(data: bytes) -> str:
    """The answer for people, its keys in the order they came in."""
    return json.dumps(json.loads(data), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", sorted(p.stem for p in HERE.glob("*.graphql")))
async def test_an_operation_gives_this_statement_and_this_answer(
    connection: asyncpg.Connection, name: str
):
    """A reviewer sees the SQL next to the query."""
    query = (HERE / f"{name}.graphql").read_text("utf-8")
    variables, language = directives(query)
    call = compiled(query, variables, language=language)
    found = {"sql": f"{call.sql}\n", "json": pretty(await answer(connection, call))}
    for kind, text in found.items():
        path = HERE / f"{name}.{kind}"
        if REWRITE:
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")


def test_there_are_at_least_twenty_five():
    """One for every kind of read."""
    assert len(list(HERE.glob("*.graphql"))) >= 25
