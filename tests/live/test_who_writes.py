"""Every mutation × who calls it: generated from the schema, so that a new one joins by itself.

Refused callers leave every table as it was. Accepted ones are in the tests of each verb.
"""

import json
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_nullable_type,
)

from api.cluster import Cluster
from auth.principal import ANONYMOUS, Principal
from resolvers.mutation import VERBS
from schema.errors import Forbidden, Unauthenticated
from seeds.records import id_of
from tests.conftest import clone
from tests.reading import graphql_schema
from tests.writing import ALL, acting, state, write

STRANGER = acting(id_of("actor", "idb"))
NOTHING = "0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f"


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database: nothing here changes it."""
    return clone(cluster, template)


def example(type_: Any, known: dict[str, str], depth: int = 0) -> Any:
    """A value of an input type, with what is required alone; references lead to what is there."""
    type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLList):
        return [example(type_.of_type, known, depth + 1)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        if type_.is_one_of:
            return {"id": known.get(type_.name, f"event_{NOTHING}")}
        if type_.name == "TextInput":
            return {"es": "Texto"}
        if type_.name == "FuzzyDateInput":
            return {"edtf": "2026"}
        return {
            name: example(field.type, known, depth + 1)
            for name, field in type_.fields.items()
            if isinstance(field.type, GraphQLNonNull)
        }
    return {
        "Boolean": True, "Int": 1, "Decimal": "1.00", "Date": "2026-01-01", "URL": "https://x.org",
        "DateTime": "2026-01-01T00:00:00Z", "ID": f"event_{NOTHING}",
    }.get(type_.name, "texto")  # fmt: skip


async def known_ids(database: str) -> dict[str, str]:
    """By the name of a `…Ref`: a seeded record that the stranger does not keep."""
    connection = await asyncpg.connect(database)
    try:
        found: dict[str, str] = {}
        for name, verb in VERBS.items():
            noun = verb.noun
            if noun is None or f"{noun.type_name}Ref" in found:
                continue
            key = await connection.fetchval(f"SELECT id FROM {noun.name} ORDER BY id LIMIT 1")
            if key:
                found[f"{noun.type_name}Ref"] = f"{noun.name}_{key}"
            assert name
        found["PartyRef"] = f"actor_{id_of('actor', 'unhcr')}"
        found["RecordRef"] = found["PartyRef"]
        return found
    finally:
        await connection.close()


def operation(name: str) -> str:
    """A mutation that selects what a rejection says."""
    root = graphql_schema.mutation_type
    assert isinstance(root, GraphQLObjectType)
    type_ = root.fields[name].args["input"].type
    return f"mutation ($input: {type_}) {{ {name}(input: $input) {{ outcome errors {{ code }} }} }}"


def given(name: str, known: dict[str, str]) -> dict[str, Any]:
    """Its variables."""
    root = graphql_schema.mutation_type
    assert isinstance(root, GraphQLObjectType)
    value = example(root.fields[name].args["input"].type, known)
    return {"input": json.loads(json.dumps(value))}


OPEN = {name for name, verb in VERBS.items() if not verb.scope}
"""What strangers may do without a token."""


@pytest.mark.parametrize("who", ["anonymous", "no scope", "other scopes"])
async def test_without_its_scope_nothing_is_written(database: str, who: str):
    """Neither by strangers nor by clients with every scope but the one."""
    before, known = await state(database), await known_ids(database)
    for name, verb in VERBS.items():
        if name in OPEN:
            continue
        caller: Principal = {
            "anonymous": ANONYMOUS,
            "no scope": acting(id_of("actor", "unhcr"), "restricted:read"),
            "other scopes": acting(id_of("actor", "unhcr"), *(ALL - {verb.scope})),
        }[who]
        with pytest.raises(Unauthenticated if who == "anonymous" else Forbidden):
            await write(database, operation(name), given(name, known), caller)
    assert await state(database) == before


CREATING = (
    "create", "upsert", "register", "announce", "recordContribution", "draft", "issue", "state",
    "request",
)  # fmt: skip
"""Verbs that make something of the caller's own: nobody keeps it before."""


async def test_what_others_keep_stays_as_it_is(database: str):
    """A client with every scope, but the registrar's, writes no record of another party."""
    before, known = await state(database), await known_ids(database)
    passed: list[str] = []
    for name, verb in VERBS.items():
        if name in OPEN or verb.scope == "registry:write" or name.startswith(CREATING):
            continue
        answer = await write(database, operation(name), given(name, known), STRANGER)
        payload = (answer["data"] or {}).get(name)
        if payload is None or payload["outcome"] != "REJECTED":
            passed.append(name)
    assert passed == []
    assert await state(database) == before
