"""The published schema: what it is, that it only grows, and that it explains itself."""

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
)

from resolvers.schema import sdl

DOCS = Path(__file__).parents[2] / "docs"
PUBLISHED = build_schema(sdl())


def test_the_published_schema_is_the_schema():
    """`vinculo schema --write docs/schema.graphql` after a change."""
    assert (DOCS / "schema.graphql").read_text("utf-8") == sdl()


def test_nothing_that_clients_rely_on_has_gone():
    """Against the schema of the last release."""
    baseline = build_schema((DOCS / "schema.baseline.graphql").read_text("utf-8"))
    assert [c.description for c in find_breaking_changes(baseline, PUBLISHED)] == []


def test_a_removed_field_would_be_noticed():
    """The test above can fail."""
    smaller = build_schema(sdl().replace("  alpha2: String!\n", "  alpha9: String!\n"))
    changes = [c.description for c in find_breaking_changes(PUBLISHED, smaller)]
    assert any("Country.alpha2" in change for change in changes)


def described() -> list[tuple[str, str | None]]:
    """Everything a partner reads, and what it says of itself."""
    found: list[tuple[str, str | None]] = []
    for name, type_ in PUBLISHED.type_map.items():
        if name.startswith("__") or name in ("Boolean", "Float", "ID", "Int", "String"):
            continue
        found.append((name, type_.description))
        members: dict[str, Any] = {}
        match type_:
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLInputObjectType():
                members = dict(type_.fields)
            case GraphQLEnumType():
                members = dict(type_.values)
            case _:
                pass
        for key, member in members.items():
            found.append((f"{name}.{key}", member.description))
            for argument, definition in getattr(member, "args", {}).items():
                found.append((f"{name}.{key}({argument}:)", definition.description))
    return found


@pytest.mark.parametrize("name", sorted({n.split("(")[0].split(".")[0] for n, _ in described()}))
def test_every_part_of_a_type_is_described_in_a_sentence(name: str):
    """A partner's engineer reads the schema and needs no manual."""
    for each, text in described():
        if each.split(".")[0] == name:
            assert text, each
            assert len(text) >= 5, each
            assert text.rstrip().endswith((".", "…")), (each, text)
