"""A subgraph of Apollo Federation: `_entities`, `_service`, and what either refuses.

That hidden records stay hidden by each key is in `test_who_sees.py`, former ids in
`test_merges.py`, and `tests/property` compares answers with those of a plain executor.
"""

import json
import re
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import parse

from auth.principal import ANONYMOUS
from resolvers.read import Operation
from resolvers.schema import sdl, subgraph
from schema.base import Entity, entities
from schema.errors import BadUserInput, TooComplex
from schema.keys import keyed, keys_of
from schema.language import Language
from seeds.records import id_of
from tests.reading import answer, compiled, graphql_schema, operation_of, read
from tests.serving import Edge

Connection = asyncpg.Connection
ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Node { id } } }"
PANAMA = f"country_{id_of('country', 'panama')}"
UNHCR = f"actor_{id_of('actor', 'unhcr')}"
NATURAL = [(noun.name, key) for noun in entities.values() for key in keys_of(noun) if key != "id"]


async def found(connection: Connection, *given: Any) -> list[str | None]:
    """The ids of what representations name."""
    data = await read(connection, ENTITIES, {"r": list(given)})
    return [each and each["id"] for each in data["_entities"]]


async def some(connection: Connection, noun: str, column: str = "id") -> list[Any]:
    """Three records of a noun in an order of their own; the same of any of their columns."""
    rows = await connection.fetch(f"SELECT {column} FROM {noun} ORDER BY md5(id::text) LIMIT 3")
    return [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in rows]


def test_nouns_have_these_natural_keys():
    """Each is unique, always there, and what partners have: a slug, ISO codes, `GCM-8`."""
    others = {of for of, key in NATURAL if key != "slug"}
    assert {of: list(keys_of(entities[of])) for of in others} == {
        "country": ["id", "slug", "alpha2", "alpha3", "m49"],
        "objective": ["id", "slug", "code"],
    }
    assert {of for of, key in NATURAL if key == "slug"} == {
        n.name for n in entities.values() if n.slug
    }


async def test_every_noun_is_found_by_type_and_id_as_by_nodes(connection: Connection):
    """In the order asked."""
    ids = [f"{noun}_{key}" for noun in entities for key in await some(connection, noun)][::-1]
    assert {i.rpartition("_")[0] for i in ids} >= {"actor", "plan_item", "citation", "mandate"}
    for start in range(0, len(ids), 100):
        asked = ids[start : start + 100]
        given = [{"__typename": entities[i.rpartition("_")[0]].type_name, "id": i} for i in asked]
        assert await found(connection, *given) == asked


@pytest.mark.parametrize(("noun", "key"), NATURAL)
async def test_a_natural_key_finds_what_the_id_finds(connection: Connection, noun: str, key: str):
    """Of three records, where there are so many."""
    values = await some(connection, noun, keys_of(entities[noun])[key])
    ids = [f"{noun}_{each}" for each in await some(connection, noun)]
    name = entities[noun].type_name
    assert await found(connection, *({"__typename": name, key: v} for v in values)) == ids


COUNTRY = {"__typename": "Country", "alpha2": "PA"}
SHOWN: dict[str, tuple[list[Any], list[str | None]]] = {
    "of several types": (
        [COUNTRY, {"__typename": "UnAgency", "slug": "unhcr"}], [PANAMA, UNHCR]
    ),
    "twice": ([COUNTRY, COUNTRY], [PANAMA, PANAMA]),
    "none": ([], []),
    "that is not there": (
        [{"__typename": "Country", "alpha2": "XX"}, COUNTRY, {"__typename": "Country", "m49": ""}],
        [None, PANAMA, None],
    ),
    "by keys that fit each other": ([COUNTRY | {"slug": "panama", "id": PANAMA}], [PANAMA]),
    "by keys that do not, in any order": (
        [
            COUNTRY | {"alpha3": "CRI"}, {"__typename": "Country", "slug": "belize"},
            COUNTRY | {"slug": "belize"}, COUNTRY | {"id": PANAMA, "alpha3": "CRI"},
        ],
        [None, f"country_{id_of('country', 'belize')}", None, None],
    ),
    "by a key that is null, and one that is not": ([COUNTRY | {"slug": None}], [PANAMA]),
    "with what another subgraph says": ([COUNTRY | {"population": {"of": 2023}}], [PANAMA]),
    "of the interface": ([{"__typename": "Actor", "slug": "unhcr"}], [UNHCR]),
    "of any party, or record": (
        [{"__typename": "Party", "id": UNHCR}, {"__typename": "Record", "id": PANAMA}],
        [UNHCR, PANAMA],
    ),
    "of another type of actor": ([{"__typename": "State", "slug": "unhcr"}], [None]),
    "of another noun": (
        [{"__typename": "Country", "id": UNHCR}, {"__typename": "Party", "id": PANAMA}],
        [None, None],
    ),
    "of text that would end a literal": (
        [{"__typename": "Country", "slug": "'\"\\); DROP TABLE country; --"}], [None]
    ),
}  # fmt: skip


@pytest.mark.parametrize("named", SHOWN)
async def test_a_representation_finds_its_record_or_null(connection: Connection, named: str):
    """At its place."""
    given, expected = SHOWN[named]
    assert await found(connection, *given) == expected


WRONG: dict[str, tuple[Any, str]] = {
    "a text": ("x", "`representations[0]` is no object. It names a record by its type and a key"),
    "no type": ({"id": UNHCR}, "The `__typename` of `representations[0]` is not said."),
    "a number for a type": ({"__typename": 1}, "`__typename` of `representations[0]` is not said."),
    "an unknown type": ({"__typename": "Bank"}, "of `representations[0]` is `Bank`. It is a type "),
    "a type without keys": ({"__typename": "Node", "id": UNHCR}, "is `Node`. It is a type with"),
    "no key": (
        {"__typename": "Country", "iso": "PA"},
        "`representations[0]` names no `Country`. Give its `id` or `slug` or `alpha2` or `alpha3` "
        "or `m49` beside the `__typename`.",
    ),
    "a key of none of its": ({"__typename": "Party", "slug": "unhcr"}, "Give its `id` beside"),
    "a number for a key": (
        {"__typename": "Country", "m49": 591},
        "`m49` of `representations[0]` is no text. Keys are texts in quotes.",
    ),
    "no id of ours": ({"__typename": "Country", "id": "PA"}, "'PA' is not an id of this API."),
    "the character NUL": ({"__typename": "Country", "slug": "a\0"}, "U+0000"),
}  # fmt: skip


@pytest.mark.parametrize("named", WRONG)
def test_what_names_nothing_is_refused_in_a_sentence(named: str):
    """In a variable as in the document."""
    given, said = WRONG[named]
    literal = re.sub(r'"(\w+)":', r"\1:", json.dumps(given))
    written = f"{{ _entities(representations: [{literal}]) {{ __typename }} }}"
    asked: list[tuple[str, Any]] = [(ENTITIES, {"r": [given]}), (written, None)]
    for query, variables in asked:
        with pytest.raises(BadUserInput) as refused:
            compiled(query, variables)
        assert said in refused.value.message


def test_more_than_nodes_takes_are_refused():
    """However often a statement for fewer is there."""
    document = parse(ENTITIES)
    operation = Operation(graphql_schema, document, operation_of(document))
    for number in (1, 100):
        operation.call({"r": [COUNTRY] * number}, ANONYMOUS, Language.ES)
    with pytest.raises(BadUserInput) as refused:
        operation.call({"r": [COUNTRY] * 101}, ANONYMOUS, Language.ES)
    assert "`representations` has 101 items, and may have 100." in refused.value.message


def test_representations_are_priced_each_time():
    """One statement serves any number of one kind, and none of them gets in by it."""
    document = parse(ENTITIES)
    operation = Operation(graphql_schema, document, operation_of(document))
    one = operation.prepare({"r": [COUNTRY]}, ANONYMOUS, Language.ES, 6)
    six = operation.prepare({"r": [COUNTRY] * 6}, ANONYMOUS, Language.ES, 6)
    assert (one.points, six.points, one.plan is six.plan) == (1, 6, True)
    with pytest.raises(TooComplex):
        operation.prepare({"r": [COUNTRY] * 7}, ANONYMOUS, Language.ES, 6)


PRICES = {
    "_entities(representations: [$a, $a]) { ... on Actor { parts(first: 5) { nodes { id }} } }": 14,
    "_entities(representations: [$a]) { ... on Country { id } ... on Actor { parent { id } } }": 2,
    "_service { __typename sdl }": 10_001,
    "_service { a: sdl b: sdl c: sdl }": 30_001,
}


@pytest.mark.parametrize("asked", PRICES)
def test_the_price_of(asked: str):
    """As of `nodes`, and of the schema."""
    given = {"a": COUNTRY} if "$a" in asked else None
    document = parse(f"query {'($a: _Any!)' if given else ''} {{ {asked} }}")
    operation = Operation(graphql_schema, document, operation_of(document))
    assert operation.bill(given, ANONYMOUS).points == PRICES[asked]


async def test_one_operation_serves_all_kinds_and_languages(connection: Connection):
    """It makes a statement for each kind of representations, and mistakes none for another."""
    query = """query ($r: [_Any!]!, $one: _Any!, $type: String!, $id: ID!, $no: Boolean!) {
        all: _entities(representations: $r) { __typename ...Named }
        some: _entities(representations: [$one, {__typename: $type, id: $id}]) { ...Named }
    }
    fragment Named on _Entity {
        ... on Party { acronym @skip(if: $no) } ... on Country { name @include(if: true) m49 }
    }"""
    document = parse(query)
    operation = Operation(graphql_schema, document, operation_of(document))

    async def asked(language: Language, **given: Any) -> Any:
        call = operation.call(given, ANONYMOUS, language)
        return json.loads(await answer(connection, call))

    unhcr: dict[str, Any] = {"__typename": "UnAgency", "slug": "unhcr"}
    country = {"name": "Panamá", "m49": "591"}
    agency = {"one": unhcr, "type": "Actor", "id": UNHCR, "no": False}
    assert await asked(Language.ES, r=[COUNTRY], **agency) == {
        "all": [{"__typename": "Country", **country}],
        "some": [{"acronym": "ACNUR"}, {"acronym": "ACNUR"}],
    }
    assert await asked(Language.EN, r=[unhcr, COUNTRY], **agency) == {
        "all": [
            {"__typename": "UnAgency", "acronym": "UNHCR"},
            {"__typename": "Country", "name": "Panama", "m49": "591"},
        ],
        "some": [{"acronym": "UNHCR"}, {"acronym": "UNHCR"}],
    }
    other = {"one": COUNTRY | {"slug": "panama"}, "type": "Country", "id": PANAMA, "no": True}
    assert await asked(Language.ES, r=[unhcr], **other) == {
        "all": [{"__typename": "UnAgency"}],
        "some": [country, country],
    }
    wrong = {**other, "type": "Record", "id": UNHCR}
    assert (await asked(Language.ES, r=[], **wrong)) == {"all": [], "some": [country, {}]}


def test_any_number_of_types_and_ids_is_one_statement(edge: Edge):
    """And the schema beside them comes from memory."""
    before = edge.database.statements
    given = [
        COUNTRY,
        {"__typename": "Actor", "slug": "unhcr"},
        {"__typename": "Objective", "code": "GCM-8"},
    ]
    query = ENTITIES.replace("} }", "} } _service { sdl of: __typename }")
    data = edge.ask(query, variables={"r": given * 20}).json["data"]
    assert [each["id"] for each in data["_entities"][:3]] == [
        PANAMA, UNHCR, f"objective_{id_of('objective', 'gcm-8')}",
    ]  # fmt: skip
    assert len(data["_entities"]) == 60
    assert data["_service"] == {"sdl": subgraph(), "of": "_Service"}
    assert edge.database.statements == before + 1


def test_the_schema_for_gateways_asks_no_database(edge: Edge):
    """As gateways ask for it."""
    before = edge.database.statements
    answer = edge.ask("query SubgraphIntrospectQuery { _service { sdl } }")
    assert answer.json == {"data": {"_service": {"sdl": subgraph()}}}
    assert edge.database.statements == before


def test_the_schema_for_gateways_says_keys_and_nothing_that_they_add():
    """Every type with a key is an entity, with the keys that `_entities` takes."""
    text = subgraph()
    assert text.startswith('extend schema @link(url: "https://specs.apollo.dev/federation/v2.9"')
    assert "_entities" not in text
    assert "_service" not in text
    defined = [each for each in text.splitlines() if each.startswith("directive ")]
    assert [each.partition("(")[0].partition(" on ")[0] for each in defined] == [
        "directive @oneOf", "directive @requiresScopes",
    ]  # fmt: skip
    for name, (of, _) in keyed().items():
        keys = keys_of(of) if isinstance(of, Entity) else ["id"]
        said = " ".join(f'@key(fields: "{key}")' for key in keys)
        assert f"& Record {said} {{\n" in text or f"implements Node {said} {{\n" in text, name
    assert "interface Node {\n" in text


def test_who_asks_for_no_federation_meets_no_keys():
    """The published schema has the two fields, and none of its directives."""
    assert graphql_schema.query_type
    assert {"_entities", "_service"} <= graphql_schema.query_type.fields.keys()
    assert not any(name in sdl() for name in ("@key(", "@link(", "@shareable "))
    union: Any = graphql_schema.type_map["_Entity"]
    assert {t.name for t in union.types} == {
        cls.__name__ for noun in entities.values() for cls in noun.types
    }
