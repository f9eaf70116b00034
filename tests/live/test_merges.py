"""Two actors become one: links, names in other systems, and ids that partners kept."""

from dataclasses import replace
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from auth.principal import ANONYMOUS
from schema.errors import Forbidden, Unauthenticated
from seeds.records import id_of
from tests.making import make
from tests.reading import read
from tests.writing import acting, state, write

REGISTRAR = acting(id_of("actor", "oas"), "registry:write")
MERGE = """mutation ($input: MergeActorsInput!) { mergeActors(input: $input) {
    outcome errors { code path } warnings { code path message }
    actor { id slug identifiers { scheme value }
    events { totalCount } memberships { nodes { group { slug } } } pledges { totalCount } } } }"""


@pytest.fixture
async def connection(database: str) -> Any:
    """On a database of the test's own, with an actor that is there twice."""
    made = await asyncpg.connect(database)
    await make(made, "actor", "copy", type="UN_AGENCY", name="ACNUR, otra vez")
    await make(made, "event", "both", title="x", kind="MEETING")
    await make(made, "event", "one", title="x", kind="MEETING")
    for event, party in (("both", "copy"), ("both", "unhcr"), ("one", "copy")):
        await made.execute(
            "INSERT INTO event_party (event_id, party_id) VALUES ($1, $2)",
            id_of("event", event),
            id_of("actor", party),
        )
    await make(made, "document", "theirs", kind="NOTE", title="y", owner="actor:copy")
    await made.execute(
        "INSERT INTO identifier (record_id, noun, scheme, value) VALUES ($1, 'actor', 'HUB', '7')",
        id_of("actor", "copy"),
    )
    yield made
    await made.close()


async def merged(
    database: str, one: str = "copy", into: str = "unhcr", who: Any = REGISTRAR
) -> Any:
    """What `mergeActors` answers."""
    variables = {"input": {"actor": {"slug": one}, "into": {"slug": into}}}
    return (await write(database, MERGE, variables, who))["data"]["mergeActors"]


async def test_links_of_both_are_of_one(connection: Any, database: str):
    """What was said of both is said once."""
    before = await connection.fetchval(
        "SELECT count(*) FROM event_party WHERE party_id = $1", id_of("actor", "unhcr")
    )
    answer = await merged(database)
    assert answer["errors"] == []
    assert answer["actor"]["slug"] == "unhcr"
    assert answer["actor"]["events"]["totalCount"] == before + 1
    assert {"scheme": "HUB", "value": "7"} in answer["actor"]["identifiers"]
    owner = await connection.fetchval(
        "SELECT owner_id FROM document WHERE id = $1", id_of("document", "theirs")
    )
    assert owner == id_of("actor", "unhcr")


async def test_the_id_of_the_other_leads_there(connection: Any, database: str):
    """Wherever an id is given, through a second merge too."""
    await merged(database)
    await merged(database, "unhcr", "iom")
    for slug in ("copy", "unhcr"):
        old = f"actor_{id_of('actor', slug)}"
        query = f"""{{ node(id: "{old}") {{ ... on Actor {{ slug }} }}
            nodes(ids: ["{old}"]) {{ ... on Actor {{ slug }} }}
            actor(by: {{id: "{old}"}}) {{ slug }}
            _entities(representations: [{{__typename: "UnAgency", id: "{old}"}}])
            {{ ... on Actor {{ slug }} }} }}"""
        there = {"slug": "iom"}
        asked = await asyncpg.connect(database)
        await asked.set_type_codec(
            "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
        )
        found = await read(asked, query)
        await asked.close()
        assert found == {"node": there, "nodes": [there], "actor": there, "_entities": [there]}


async def test_only_the_registrar_merges(connection: Any, database: str):
    """Not the owner of both either."""
    both = (id_of("actor", "copy"), id_of("actor", "unhcr"))
    before = await state(database)
    for who in (ANONYMOUS, acting(both[1]), replace(acting(both[1]), owners=both)):
        refused = Unauthenticated if who is ANONYMOUS else Forbidden
        with pytest.raises(refused, match="registry:write"):
            await merged(database, who=who)
    assert await state(database) == before
    assert (await merged(database))["outcome"] == "UPDATED"


async def test_what_is_merged_with_what_is_said(connection: Any, database: str):
    """Nobody merges a record with itself, nor with none."""
    answer = await merged(database, "unhcr", "unhcr")
    assert answer["errors"] == [{"code": "INVALID", "path": ["input", "into"]}]
    answer = await merged(database, "unhcr", "nobody")
    assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "into"]}]
    assert await connection.fetchval("SELECT count(*) FROM merged") == 0


async def versions(connection: Any) -> dict[str, int]:
    """Of the events, the document and the actor that stays."""
    rows = await connection.fetch(
        "SELECT id, version FROM event WHERE id = ANY ($1::uuid[]) UNION ALL"
        " SELECT id, version FROM document WHERE id = $2 UNION ALL"
        " SELECT id, version FROM actor WHERE id = $3",
        [id_of("event", key) for key in ("both", "one")],
        id_of("document", "theirs"), id_of("actor", "unhcr"),
    )  # fmt: skip
    return {str(row["id"]): row["version"] for row in rows}


async def test_the_role_that_says_more_stays(connection: Any, database: str):
    """Which is dropped is said."""
    roles = "UPDATE event_party SET role = $3 WHERE (event_id, party_id) = ($1, $2)"
    both = id_of("event", "both")
    await connection.execute(roles, both, id_of("actor", "copy"), "ORGANIZER")
    await connection.execute(roles, both, id_of("actor", "unhcr"), "AUDIENCE")
    answer = await merged(database)
    assert [w["message"] for w in answer["warnings"]] == [
        f"event_{both} named both, as `AUDIENCE` and as `ORGANIZER`; `ORGANIZER` stays."
    ]
    found = await connection.fetch("SELECT role FROM event_party WHERE event_id = $1", both)
    assert [row["role"] for row in found] == ["ORGANIZER"]


async def test_what_names_another_now_counts_a_version(connection: Any, database: str):
    """So that whoever read it before notices."""
    before = await versions(connection)
    assert (await merged(database))["warnings"] == []
    assert {k: v > before[k] for k, v in (await versions(connection)).items()} == dict.fromkeys(
        before, True
    )


async def test_two_kinds_are_not_merged(connection: Any, database: str):
    """Who is sure corrects the type before."""
    answer = await merged(database, "panama", "unhcr")
    assert answer["errors"] == [{"code": "INVALID", "path": ["input", "into"]}]
    assert await connection.fetchval("SELECT count(*) FROM merged") == 0


SAME = {"group": "mesa-1", "start": "2024"}


@pytest.mark.parametrize(
    ("of_copy", "of_unhcr", "left"),
    [
        ("ACTIVE", "ACTIVE", ["ACTIVE"]),
        ("ACTIVE", "REQUESTED", ["ACTIVE"]),
        ("INVITED", "ACTIVE", ["ACTIVE"]),
        ("DECLINED", "ACTIVE", ["ACTIVE", "DECLINED"]),
    ],
)
async def test_of_two_memberships_for_one_time_one_stays(
    connection: Any, database: str, of_copy: str, of_unhcr: str, left: list[str]
):
    """Rather what is than what is asked for; what cited the other cites it."""
    for party, status in (("copy", of_copy), ("unhcr", of_unhcr)):
        seen = "PUBLIC" if status == "ACTIVE" else "DRAFT"
        said = {"party": f"actor:{party}", "status": status, "visibility": seen}
        await make(connection, "membership", f"of-{party}", **SAME, **said)
        await connection.execute(
            "INSERT INTO citation (record_id, document_id, locator, confidence)"
            " SELECT $1, id, $2, 'HIGH' FROM document ORDER BY id LIMIT 1",
            id_of("membership", f"of-{party}"),
            party,
        )
    assert (await merged(database))["errors"] == []
    found = await connection.fetch(
        "SELECT m.status, (SELECT count(*) FROM citation c WHERE c.record_id = m.id) AS cited"
        " FROM membership m WHERE m.party_id = $1 AND m.group_id = $2 ORDER BY m.status",
        id_of("actor", "unhcr"),
        id_of("working_group", "mesa-1"),
    )
    assert [row["status"] for row in found] == left
    assert sum(row["cited"] for row in found) == 2
