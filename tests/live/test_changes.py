"""Changes: each write of each record is told once, to who may see it, without personal values."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from sqlalchemy import text

from api import preparation
from auth.principal import ANONYMOUS, Principal
from schema.base import entities, links, spec_of
from schema.change import change_trigger
from seeds.load import load
from seeds.records import id_of
from tests.conftest import connect
from tests.making import change, make
from tests.reading import read
from tests.serving import serving

Connection = asyncpg.Connection
UNHCR, IOM, MESA = (
    id_of("actor", "unhcr"), id_of("actor", "iom"), id_of("working_group", "mesa-2")
)  # fmt: skip
OWNER, MEMBER = Principal(parties=(UNHCR,)), Principal(groups=(MESA,))
CLIENT = UUID(int=7)
TOLD = "verb noun recordId part fields { name before after }"


async def number(connection: Connection) -> None:
    """What a transaction does as it is committed."""
    for _ in range(2):  # waits behind what waits, once
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    await connection.execute("SET CONSTRAINTS ALL DEFERRED")


async def now(connection: Connection) -> str:
    """The place of the newest change."""
    return (await read(connection, "{ changes(first: 0) { latest } }"))["changes"]["latest"]


@pytest.fixture
async def since(connection: Connection) -> str:
    """Where the feed stands before the test writes."""
    return await now(connection)


async def told(
    connection: Connection,
    since: str,
    fields: str = TOLD,
    by: Principal = ANONYMOUS,
    more: str = "",
) -> list[dict[str, Any]]:
    """The changes that a caller is told of."""
    await number(connection)
    query = f'{{ changes(after: "{since}"{more}) {{ nodes {{ {fields} }} }} }}'
    return (await read(connection, query, principal=by))["changes"]["nodes"]


async def acting(connection: Connection, **settings: Any) -> None:
    """What the transaction says of itself."""
    for name, value in settings.items():
        await connection.execute("SELECT set_config($1, $2, true)", f"vinculo.{name}", str(value))


def event(key: str) -> str:
    """The id of an event."""
    return f"event_{id_of('event', key)}"


async def verbs(connection: Connection, since: str, by: Principal = ANONYMOUS) -> list[str]:
    """The verbs that a caller is told."""
    return [c["verb"] for c in await told(connection, since, "verb", by)]


# ── What is kept ──────────────────────────────────────────────────────────────────────────────────


async def test_a_new_record_is_told_with_what_it_says(connection: Connection, since: str):
    """Nothing that the database computes, and no nulls."""
    await make(connection, "event", "e", title="Encuentro", kind="MEETING", date="2027-03")
    values = {
        "dateEdtf": "2027-03", "dateStatus": "EXACT", "dateText": "2027-03", "kind": "MEETING",
        "status": "CONFIRMED", "titleEs": "Encuentro", "titleEsOrigin": "HUMAN",
        "visibility": "PUBLIC",
    }  # fmt: skip
    assert await told(connection, since) == [
        {
            "verb": "CREATED", "noun": "EVENT", "recordId": event("e"), "part": None,
            "fields": [{"name": n, "before": None, "after": v} for n, v in values.items()],
        }
    ]  # fmt: skip


async def test_an_update_tells_what_differs(connection: Connection, since: str):
    """Links by the ids that the API gives their records."""
    await change(connection, "actor", "unhcr", website="https://example.org", parent_id=IOM)
    [only] = await told(connection, since)
    fields = only.pop("fields")
    assert only == {
        "verb": "UPDATED", "noun": "ACTOR", "recordId": f"actor_{UNHCR}", "part": None
    }  # fmt: skip
    website = await connection.fetchval("SELECT before->>'website' FROM change ORDER BY id DESC")
    [parent, site] = fields
    assert parent["name"], parent["after"] == ("parent", f"actor_{IOM}")
    assert (site["before"], site["after"]) == (website and website.decode(), "https://example.org")


async def test_a_link_is_a_change_of_the_record_on_its_near_end(connection: Connection, since: str):
    """Added, changed and taken away."""
    key = await make(connection, "event", "e", title="Encuentro", kind="MEETING")
    await connection.execute("INSERT INTO event_party VALUES ($1, $2, 'ORGANIZER')", key, UNHCR)
    await connection.execute("UPDATE event_party SET role = 'AUDIENCE' WHERE event_id = $1", key)
    await connection.execute("UPDATE event_party SET role = 'AUDIENCE' WHERE event_id = $1", key)
    await connection.execute("DELETE FROM event_party WHERE event_id = $1", key)
    party = {"name": "party", "before": None, "after": f"actor_{UNHCR}"}
    role = {"name": "role", "before": None, "after": "ORGANIZER"}
    kept = {"verb": "UPDATED", "noun": "EVENT", "recordId": event("e"), "part": "eventParty"}
    assert (await told(connection, since))[1:] == [
        kept | {"fields": [party, role]},
        kept | {"fields": [{"name": "role", "before": "ORGANIZER", "after": "AUDIENCE"}]},
        kept | {"fields": [
            {"name": "party", "before": f"actor_{UNHCR}", "after": None},
            {"name": "role", "before": "AUDIENCE", "after": None},
        ]},
    ]  # fmt: skip


async def test_a_citation_and_an_identifier_are_parts_of_their_record(
    connection: Connection, since: str
):
    """They are no records themselves."""
    await connection.execute("INSERT INTO identifier VALUES ($1, 'actor', 'TEST', 'x')", UNHCR)
    await connection.execute("DELETE FROM citation WHERE record_id = $1", UNHCR)
    found = await told(connection, since, "recordId part")
    assert found[0] == {"recordId": f"actor_{UNHCR}", "part": "identifier"}
    assert found[1] == {"recordId": f"actor_{UNHCR}", "part": "citation"}


async def test_what_goes_with_a_record_is_not_told_apart(connection: Connection, since: str):
    """Its end says it all: a tombstone."""
    key = await make(connection, "event", "e", title="Encuentro", kind="MEETING")
    await connection.execute("INSERT INTO event_party VALUES ($1, $2, 'ORGANIZER')", key, UNHCR)
    await number(connection)
    middle = await now(connection)
    await connection.execute("DELETE FROM event WHERE id = $1", key)
    assert await told(connection, middle, f"record {{ id }} {TOLD}") == [
        {
            "record": None, "verb": "DELETED", "noun": "EVENT", "recordId": event("e"),
            "part": None, "fields": [],
        }
    ]  # fmt: skip
    assert await verbs(connection, since) == ["WITHDRAWN", "WITHDRAWN", "DELETED"]


async def test_a_change_says_who_did_it_for_whom_and_with_what(connection: Connection, since: str):
    """As the transaction said; whoever says nothing is the registry."""
    await acting(connection, verb="MOVED", client=CLIENT, party=IOM, behalf=UNHCR)
    await change(connection, "actor", "unhcr", website="https://example.org")
    await acting(connection, verb="", client="", party="", behalf="")
    await change(connection, "actor", "iom", website="https://example.org")
    fields = "verb client party { id } onBehalfOf { id }"
    assert await told(connection, since, fields) == [
        {
            "verb": "MOVED", "client": str(CLIENT), "party": {"id": f"actor_{IOM}"},
            "onBehalfOf": {"id": f"actor_{UNHCR}"},
        },
        {"verb": "UPDATED", "client": None, "party": None, "onBehalfOf": None},
    ]  # fmt: skip


async def test_a_record_merged_into_another_says_which(connection: Connection, since: str):
    """Who knew the one finds the other."""
    key = await make(connection, "actor", "twin", name="Gemelo", type="DONOR")
    await acting(connection, verb="MERGED", merged_into=UNHCR)
    await connection.execute("DELETE FROM actor WHERE id = $1", key)
    found = await told(connection, since, "verb recordId mergedInto { id }")
    assert found[-1] == {
        "verb": "MERGED", "recordId": f"actor_{key}", "mergedInto": {"id": f"actor_{UNHCR}"}
    }  # fmt: skip


async def test_nothing_is_rewritten(connection: Connection):
    """Not by us, either."""
    for statement in ("UPDATE change SET verb = 'X'", "DELETE FROM change", "TRUNCATE change"):
        with pytest.raises(asyncpg.RaiseError, match="neither changed nor taken away"):
            async with connection.transaction():
                await connection.execute(statement)


async def test_what_is_rolled_back_to_a_savepoint_was_not(connection: Connection, since: str):
    """Though it came first, and was to number the others."""
    savepoint = connection.transaction()
    await savepoint.start()
    await change(connection, "actor", "unhcr", website="https://example.org/1")
    await savepoint.rollback()
    await change(connection, "actor", "iom", website="https://example.org/2")
    assert await told(connection, since, "recordId") == [{"recordId": f"actor_{IOM}"}]


def test_every_table_of_records_keeps_its_changes():
    """Links and identifiers as well, and no generated column of any."""
    for name in [*entities, *links, "identifier"]:
        left_out = change_trigger(name).split("'{")[1].partition("}")[0].split(",")
        computed = [
            c.name
            for c in (entities.get(name) or links.get(name) or entities["actor"]).table.c
            if c.computed is not None
        ]
        if name != "identifier":
            assert set(computed) <= set(left_out), name


# ── Personal values ───────────────────────────────────────────────────────────────────────────────


async def test_a_change_holds_no_personal_value(connection: Connection, since: str):
    """Of a person nothing but that there is one, and who sees it; of a mandate not who holds it."""
    person = await make(
        connection, "person", "p", name="Ana Pérez", gender="FEMALE", consented_on="2024-01-01"
    )
    await connection.execute("UPDATE person SET name = 'Ana P.' WHERE id = $1", person)
    await connection.execute("INSERT INTO identifier VALUES ($1, 'person', 'ORCID', '0-1')", person)
    await make(
        connection, "mandate", "m", post="mirps-presidency", holder="actor:panama", person="p"
    )
    await make(connection, "event", "e", title="Encuentro", kind="MEETING",
               join_url="https://example.org/xyzzy")  # fmt: skip
    await connection.execute(
        "INSERT INTO agreement (event_id, text_es, text_es_origin)"
        " VALUES ($1, 'Ana escribe el acta', 'HUMAN')", id_of("event", "e"),
    )  # fmt: skip
    await number(connection)
    kept = b"".join(
        [r[0] for r in await connection.fetch("SELECT to_jsonb(c)::text FROM change c")]
    )
    for value in ("Ana", "FEMALE", "2024-01-01", '0-1"', "xyzzy", f'"person_id": "{person}'):
        assert value.encode() not in kept, value
    found = {f["name"]: f for c in await told(connection, since) for f in c["fields"]}
    for name in ("name", "gender", "consentedOn", "scheme", "person", "joinUrl", "textEs"):
        assert found[name] == {"name": name, "before": None, "after": None}


async def test_that_a_contact_changed_is_named_to_who_keeps_the_record(
    connection: Connection, since: str
):
    """Without its values; others are told of no change, in the feed and in the history."""
    who = {"name": "Ana", "consented_on": "2026-01-01", "owner": "actor:unhcr"}
    await make(connection, "person", "p", **who)
    await number(connection)
    middle = await now(connection)
    await change(connection, "person", "p", contact_email="ana@example.org")
    [kept] = await told(connection, middle, by=OWNER)
    assert kept["fields"] == [{"name": "contactEmail", "before": None, "after": None}]
    for other in (ANONYMOUS, MEMBER):
        assert await told(connection, middle, by=other) == []
        newest = f'{{ person(by: {{id: "person_{id_of("person", "p")}"}}) {{'
        newest += " history(first: 1) { nodes { verb } } } }"
        found = await read(connection, newest, principal=other)
        assert found["person"]["history"]["nodes"] == [{"verb": "CREATED"}]
    both = {"contact_email": "ana@example.net", "name": "Ana B."}
    await change(connection, "person", "p", **both)
    latest = (await told(connection, middle, by=ANONYMOUS))[-1]
    assert [f["name"] for f in latest["fields"]] == ["name"]
    held = "SELECT count(*) FROM change c WHERE c::text LIKE '%ana@example.org%'"
    assert await connection.fetchval(held) == 0


def test_whatever_is_said_of_a_person_is_personal():
    """A new field of a person has to be so, too; and what is for members is kept nowhere else."""
    assert entities["person"].personal
    for noun in entities.values():
        for field in noun.fields.values():
            spec = spec_of(field)
            if getattr(spec, "members", False) and spec.name in noun.table.c:
                assert spec.name in change_trigger(noun.name).rpartition("{")[2]


# ── Who is told ───────────────────────────────────────────────────────────────────────────────────


async def test_what_was_never_visible_is_not_there(connection: Connection, since: str):
    """Not even as a place in a page: only its owner is told."""
    await make(connection, "event", "e", title="Secreto", kind="MEETING", visibility="DRAFT",
               owner="actor:unhcr")  # fmt: skip
    assert await verbs(connection, since) == []
    assert await verbs(connection, since, Principal(parties=(IOM,))) == []
    assert await verbs(connection, since, OWNER) == ["CREATED"]


async def test_members_are_told_of_what_their_group_keeps_for_them(
    connection: Connection, since: str
):
    """As in every list."""
    await make(connection, "event", "e", title="Interno", kind="MEETING", visibility="MEMBERS",
               owner="working_group:mesa-2")  # fmt: skip
    assert await verbs(connection, since) == []
    assert await verbs(connection, since, MEMBER) == ["CREATED"]


async def test_what_is_hidden_now_was_withdrawn(connection: Connection, since: str):
    """Its id and no value, nor who did it, in each of the changes that were told before."""
    await acting(connection, client=CLIENT, party=IOM, behalf=UNHCR)
    key = await make(connection, "event", "e", title="Encuentro", kind="MEETING",
                     owner="actor:unhcr")  # fmt: skip
    await connection.execute("INSERT INTO event_party VALUES ($1, $2, 'ORGANIZER')", key, IOM)
    await change(connection, "event", "e", visibility="DRAFT")
    await change(connection, "event", "e", place="Danlí")
    withdrawn = {
        "verb": "WITHDRAWN", "noun": "EVENT", "recordId": event("e"), "part": None, "fields": [],
        "party": None, "onBehalfOf": None, "client": None, "record": None,
    }  # fmt: skip
    fields = f"{TOLD} party {{ id }} onBehalfOf {{ id }} client record {{ id }}"
    assert await told(connection, since, fields) == [withdrawn] * 3
    seen = await told(connection, since, "verb part", OWNER)
    assert [(c["verb"], c["part"]) for c in seen] == [
        ("CREATED", None), ("UPDATED", "eventParty"), ("UPDATED", None), ("UPDATED", None)
    ]  # fmt: skip


async def test_what_is_shown_at_last_says_nothing_of_before(connection: Connection, since: str):
    """What was asked for and refused while nobody saw it stays unseen."""
    await make(connection, "membership", "x", group="mesa-2", party="actor:iom",
               status="REQUESTED", visibility="DRAFT", owner="actor:iom")  # fmt: skip
    await change(connection, "membership", "x", status="ACTIVE", visibility="PUBLIC")
    assert await told(connection, since, "verb fields { name before after }") == [
        {
            "verb": "UPDATED",
            "fields": [
                {"name": "status", "before": None, "after": "ACTIVE"},
                {"name": "visibility", "before": None, "after": "PUBLIC"},
            ],
        }
    ]


async def test_what_was_hidden_between_is_told_as_far_as_it_was_seen(
    connection: Connection, since: str
):
    """Withdrawn in between, and there again."""
    await make(connection, "event", "e", title="Encuentro", kind="MEETING", owner="actor:unhcr")
    await change(connection, "event", "e", visibility="DRAFT")
    await change(connection, "event", "e", place="Danlí")
    await change(connection, "event", "e", visibility="PUBLIC")
    assert await verbs(connection, since) == ["CREATED", "WITHDRAWN", "UPDATED"]


async def test_a_draft_that_is_deleted_was_never_there(connection: Connection, since: str):
    """No tombstone for who did not know it."""
    key = await make(connection, "event", "e", title="Secreto", kind="MEETING", visibility="DRAFT",
                     owner="actor:unhcr")  # fmt: skip
    await connection.execute("DELETE FROM event WHERE id = $1", key)
    assert await verbs(connection, since) == []
    assert await verbs(connection, since, OWNER) == ["WITHDRAWN", "DELETED"]


async def test_a_link_to_what_is_hidden_is_not_told(connection: Connection, since: str):
    """Neither as a row of a list, nor as the value of a field."""
    hidden = await make(connection, "actor", "h", name="Oculto", type="DONOR", visibility="DRAFT",
                        owner="actor:unhcr")  # fmt: skip
    key = await make(connection, "contribution", "c", stage="PLEDGE", giver="actor:h")
    await make(connection, "event", "e", title="Encuentro", kind="MEETING")
    await connection.execute(
        "INSERT INTO event_party VALUES ($1, $2, 'ORGANIZER')", id_of("event", "e"), hidden
    )
    found = await told(connection, since)
    assert [(c["recordId"], c["part"]) for c in found] == [
        (f"contribution_{key}", None), (event("e"), None)
    ]  # fmt: skip
    [giver] = [f for f in found[0]["fields"] if f["name"] == "giver"]
    assert giver == {"name": "giver", "before": None, "after": None}
    assert str(hidden) not in str(found)


# ── Which are asked for ───────────────────────────────────────────────────────────────────────────


async def test_types_and_parties_narrow_the_feed(connection: Connection, since: str):
    """One does not name a thing twice for naming it twice; an empty list names nothing."""
    await make(connection, "event", "a", title="A", kind="MEETING", owner="actor:unhcr")
    await make(connection, "event", "b", title="B", kind="MEETING", owner="actor:iom")
    await make(connection, "document", "c", title="C", kind="NOTE", owner="actor:unhcr")
    iom, unhcr = f'"actor_{IOM}"', f'"actor_{UNHCR}"'
    expected = {
        "types: [EVENT, EVENT]": [event("a"), event("b")],
        "types: [DOCUMENT, EVENT]": [event("a"), event("b"), f"document_{id_of('document', 'c')}"],
        f"parties: [{iom}]": [event("b")],
        f"parties: [{unhcr}, {iom}], types: [EVENT]": [event("a"), event("b")],
        "types: []": [],
    }
    for given, ids in expected.items():
        found = await told(connection, since, "recordId", more=f", {given}")
        assert [c["recordId"] for c in found] == ids, given


async def test_ones_own_changes_can_be_left_out(connection: Connection, since: str):
    """Own is what the same application did; who has none has done nothing."""
    await acting(connection, client=CLIENT)
    await change(connection, "actor", "unhcr", website="https://example.org")
    await acting(connection, client="")
    await change(connection, "actor", "iom", website="https://example.org")
    own = Principal(client=CLIENT)
    for by, more, count in ((own, "true", 1), (own, "false", 2), (ANONYMOUS, "true", 2)):
        found = await told(connection, since, "id", by, f", excludeOwn: {more}")
        assert len(found) == count


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────

PAGE = "nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor } latest"


async def page(connection: Connection, given: str) -> dict[str, Any]:
    """A page of the feed."""
    return (await read(connection, f"{{ changes({given}) {{ {PAGE} }} }}"))["changes"]


async def test_pages_follow_each_other_to_the_end(connection: Connection):
    """Every change once, in order, whatever the size of the pages."""
    seen, cursor, more = list[str](), "", True
    while more:
        found = await page(connection, f"first: 100{cursor}")
        seen += [n["id"] for n in found["nodes"]]
        cursor = f', after: "{found["pageInfo"]["endCursor"]}"'
        more = found["pageInfo"]["hasNextPage"]
    rows = await connection.fetch("SELECT id FROM change WHERE far_id IS NULL ORDER BY sequence")
    assert set(seen) >= {str(r[0]) for r in rows}
    assert len(seen) == len(set(seen)) > 1000


async def test_an_empty_page_still_goes_on(connection: Connection, since: str):
    """From where the feed ended when it was asked for, past what the caller is not told."""
    await make(connection, "event", "e", title="Secreto", kind="MEETING", visibility="DRAFT",
               owner="actor:unhcr")  # fmt: skip
    await number(connection)
    found = await page(connection, f'after: "{since}"')
    assert found["nodes"] == found["edges"] == []
    assert found["pageInfo"] == {"hasNextPage": False, "endCursor": found["latest"]}
    assert found["latest"] != since


async def test_a_page_ends_with_its_last_change_while_there_are_more(
    connection: Connection, since: str
):
    """The cursor of the page is that of its last edge."""
    for name in ("unhcr", "iom"):
        await change(connection, "actor", name, website="https://example.org")
    await number(connection)
    found = await page(connection, f'first: 1, after: "{since}"')
    assert found["pageInfo"] == {"hasNextPage": True, "endCursor": found["edges"][0]["cursor"]}
    none = await page(connection, f'first: 0, after: "{since}"')
    assert none["pageInfo"] == {"hasNextPage": True, "endCursor": since}


async def test_a_page_says_where_it_begins(connection: Connection, since: str):
    """Relay asks that of every connection, and whether it can go back."""
    await change(connection, "actor", "unhcr", website="https://example.org")
    await number(connection)
    for first, begins in ((1, True), (0, False)):
        found = await read(
            connection,
            f"""{{ changes(first: {first}, after: "{since}") {{
                edges {{ cursor }} pageInfo {{ startCursor hasPreviousPage }} }} }}""",
        )
        start = found["changes"]["edges"][0]["cursor"] if begins else None
        info = {"startCursor": start, "hasPreviousPage": False}
        assert found["changes"]["pageInfo"] == info


async def test_the_history_of_a_record_starts_with_the_newest(connection: Connection):
    """Its own changes alone, page by page."""
    for n in range(3):
        await change(connection, "actor", "unhcr", website=f"https://example.org/{n}")
    await number(connection)
    ask = '{{ actor(by: {{slug: "unhcr"}}) {{ history(first: 2{after}) {{ {fields} }} }} }}'
    fields = "nodes { recordId fields { after } } pageInfo { hasNextPage endCursor }"
    found = (await read(connection, ask.format(after="", fields=fields)))["actor"]["history"]
    assert [n["fields"][0]["after"][-1] for n in found["nodes"]] == ["2", "1"]
    after = f', after: "{found["pageInfo"]["endCursor"]}"'
    found = (await read(connection, ask.format(after=after, fields=fields)))["actor"]["history"]
    assert found["nodes"][0]["fields"][0]["after"][-1] == "0"


# ── Epochs ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_cursor_from_before_a_restore_is_refused(connection: Connection, since: str):
    """Its numbers may stand for other changes now."""
    await connection.execute("UPDATE epoch SET id = gen_random_uuid()")
    with pytest.raises(asyncpg.PostgresError, match="before the database was restored"):
        await page(connection, f'after: "{since}"')


def test_a_client_is_told_what_to_do_about_it(database: str):
    """By code and sentence."""
    with serving(database) as edge:
        latest = edge.ask("{ changes(first: 0) { latest } }").json["data"]["changes"]["latest"]
        asyncio.run(preparation.begin_epoch(database))
        answer = edge.ask(f'{{ changes(after: "{latest}") {{ nodes {{ id }} }} }}')
    assert answer.codes == ["INVALID_CURSOR"]
    assert answer.messages == (
        "This cursor is from before the database was restored, and what it counted may be lost. "
        "Take a new one from `latest`, read the lists again, and follow the changes from there."
    )


async def test_a_database_that_moved_begins_an_epoch(database: str):
    """As a dump that was loaded into another one does; starting again in place does not."""
    connection = await asyncpg.connect(database)
    epochs = [await connection.fetchval("SELECT id FROM epoch")]
    for _ in range(2):
        await preparation.migrate(database)
        epochs.append(await connection.fetchval("SELECT id FROM epoch"))
    await preparation.begin_epoch(database)
    epochs.append(await connection.fetchval("SELECT id FROM epoch"))
    await connection.close()
    assert epochs[0] != epochs[1] == epochs[2] != epochs[3]


# ── Seeds ─────────────────────────────────────────────────────────────────────────────────────────


async def test_seeds_are_changes_like_others(database: str):
    """Of every seeded record, and none when nothing is new."""
    async with preparation.connected(database) as writer:
        count = text("SELECT count(*), count(DISTINCT record_id), min(verb), max(verb) FROM change")
        before = (await writer.execute(count)).one()
        records = (await writer.execute(text("SELECT count(*) FROM record"))).scalar()
        assert await load(writer) == 0
        assert (await writer.execute(count)).one() == before
    assert before[1:] == (records, "SEEDED", "SEEDED")


async def test_a_change_is_there_with_its_commit(database: str):
    """Not before, for nobody."""
    writer, reader = await asyncio.gather(connect(database), connect(database))
    since = await now(reader)
    async with writer.transaction():
        await change(writer, "actor", "unhcr", website="https://example.org")
        assert await now(writer) == await now(reader) == since
    found = await page(reader, f'after: "{since}"')
    assert len(found["nodes"]) == 1
    for connection in (writer, reader):
        await connection.close()
