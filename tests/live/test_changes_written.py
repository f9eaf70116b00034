"""What a write answers of what it changed, or would change, and for whom it says it was."""

from dataclasses import replace
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import Delegation, Principal
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.governing import body
from tests.reading import read
from tests.writing import IOM, UNHCR, acting, kept, rows, write

SHOWN = """changes { verb noun recordId part record { __typename } fields { name before after }
    onBehalfOf { id } party { id } }"""
CREATE = f"""mutation ($input: CreateEventInput!) {{ createEvent(input: $input) {{
    outcome event {{ id }} {SHOWN} }} }}"""
UPDATE = f"""mutation ($input: UpdateEventInput!) {{ updateEvent(input: $input) {{
    outcome errors {{ code }} {SHOWN} }} }}"""
UPSERT = f"""mutation ($input: UpsertEventsInput!) {{ upsertEvents(input: $input) {{
    outcomes errors {{ code }} {SHOWN} }} }}"""
PERSON = f"""mutation ($input: CreatePersonInput!) {{ createPerson(input: $input) {{
    outcome {SHOWN} }} }}"""
GIVEN = {"title": {"es": "Reunión"}, "kind": "MEETING"}
IOM_KEY, UNHCR_KEY = f"actor_{id_of('actor', 'iom')}", f"actor_{id_of('actor', 'unhcr')}"
MAY = Delegation(
    id_of("actor", "unhcr"), frozenset({"event"}), frozenset({"events:write", "restricted:read"})
)
DELEGATE = replace(IOM, delegations=(MAY,))
"""IOM, to which UNHCR delegated its events."""


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each writes records of its own."""
    return clone(cluster, template)


async def did(database: str, query: str, given: Any, who: Principal = UNHCR) -> Any:
    """What the one field of a mutation answers."""
    [payload] = (await write(database, query, {"input": given}, who))["data"].values()
    return payload


async def event(database: str, **fields: Any) -> str:
    """The id of a new event of UNHCR's."""
    return (await did(database, CREATE, GIVEN | fields))["event"]["id"]


def said(payload: Any) -> list[Any]:
    """The fields of each change."""
    return [
        [(f["name"], f["before"], f["after"]) for f in change["fields"]]
        for change in payload["changes"]
    ]


async def history(database: str, key: str, nodes: str, first: int) -> Any:
    """The newest changes of an event, as everybody is told them."""
    connection = await connect(database)
    try:
        query = (
            f'{{ event(by: {{id: "{key}"}}) {{ history(first: {first}) {{ nodes {nodes} }} }} }}'
        )
        return (await read(connection, query))["event"]["history"]["nodes"]
    finally:
        await connection.close()


# ── What changed ──────────────────────────────────────────────────────────────────────────────────


async def test_a_dry_run_shows_the_difference(database: str):
    """And nothing is changed, nor kept as a change."""
    key = await event(database, place="Danlí")
    before = await kept(database, "event", "change", "event_party")
    given = {"event": {"id": key}, "place": "Choluteca", "joinUrl": "https://example.org/x"}
    answer = await did(database, UPDATE, given | {"dryRun": True})
    assert answer["outcome"] == "DRY_RUN"
    [change] = answer["changes"]
    assert change.pop("fields") == [
        {"name": "joinUrl", "before": None, "after": None},  # for members: named, never kept
        {"name": "place", "before": "Danlí", "after": "Choluteca"},
    ]
    assert change == {
        "verb": "updateEvent", "noun": "EVENT", "recordId": key, "part": None,
        "record": None, "onBehalfOf": None, "party": None,
    }  # fmt: skip
    assert await kept(database, "event", "change", "event_party") == before


async def test_what_was_done_is_shown_as_the_feed_tells_it(database: str):
    """Links are parts of their record; the changes are those that are kept."""
    key = await event(database)
    parties = [{"party": {"actor": {"slug": "iom"}}, "role": "AUDIENCE"}]
    answer = await did(database, UPDATE, {"event": {"id": key}, "parties": parties})
    [link, _version] = answer["changes"]
    assert (link["part"], said(answer)) == (
        "eventParty", [[("party", None, IOM_KEY), ("role", None, "AUDIENCE")], []],
    )  # fmt: skip
    assert await history(database, key, SHOWN[8:], 2) == answer["changes"][::-1]


async def test_what_changes_nothing_shows_nothing(database: str):
    """Neither does what is refused."""
    key = await event(database, place="Danlí")
    same = await did(database, UPDATE, {"event": {"id": key}, "place": "Danlí"})
    assert (same["outcome"], same["changes"]) == ("UNCHANGED", [])
    refused = await did(database, UPDATE, {"event": {"id": key}, "place": "x"}, IOM)
    assert (refused["outcome"], refused["changes"]) == ("REJECTED", [])


async def test_sent_again_under_its_key_it_shows_the_changes_of_then(database: str):
    """As the first answer did, whatever was changed since."""
    given = GIVEN | {"idempotencyKey": "told-again"}
    first = await did(database, CREATE, given)
    await did(database, UPDATE, {"event": {"id": first["event"]["id"]}, "place": "Danlí"})
    assert (await did(database, CREATE, given))["changes"] == first["changes"]
    assert len(first["changes"]) == 1


async def test_what_is_personal_is_named_and_not_shown(database: str):
    """In a dry run neither: no answer holds what the history must not."""
    given = {"name": "Ana Nadie", "consentedOn": "2026-01-01", "dryRun": True}
    answer = await did(database, PERSON, given)
    assert answer["outcome"] == "DRY_RUN"
    shown = [field for field in said(answer)[0] if field[2] is not None]
    assert shown == [("owner", None, UNHCR_KEY), ("visibility", None, "PUBLIC")]
    assert ("name", None, None) in said(answer)[0]


async def test_a_side_of_a_record_is_shown_what_it_changed_there(database: str):
    """A request to join is the group's record, and not public; who asks knows what it asked."""
    b = await body(database, "asked-side")
    query = f"""mutation ($input: RequestMembershipInput!) {{ requestMembership(input: $input) {{
        outcome errors {{ code }} {SHOWN} }} }}"""
    asked = {"group": {"slug": b.key}}
    answer = await did(database, query, asked)
    [fields] = said(answer)
    assert ("status", None, "REQUESTED") in fields
    assert whom(answer) == [None]


async def test_a_write_of_several_shows_the_changes_of_all(database: str):
    """In the order in which they were made."""
    names = [{"scheme": "CHANGES", "value": value} for value in "ab"]
    items = [GIVEN | {"identifier": name} for name in names]
    answer = await did(database, UPSERT, {"events": items, "dryRun": True})
    assert [c["part"] for c in answer["changes"]] == [None, None, "identifier", "identifier"]


async def test_who_may_write_and_not_see_is_shown_what_it_sees(database: str):
    """Without `restricted:read` one's own drafts are hidden, also from who just wrote them."""
    blind = acting(id_of("actor", "unhcr"), "events:write")
    draft = {"place": "Danlí", "visibility": "DRAFT"}
    made = await did(database, CREATE, GIVEN | draft, blind)
    assert (made["outcome"], made["event"], made["changes"]) == ("CREATED", None, [])
    key = await event(database, place="Choluteca")
    hidden = await did(database, UPDATE, {"event": {"id": key}} | draft, blind)
    assert [(c["verb"], c["recordId"], c["fields"], c["party"]) for c in hidden["changes"]] == [
        ("WITHDRAWN", key, [], None)
    ]
    seen = await did(database, UPDATE, {"event": {"id": key}, "place": "Choluteca"})
    assert said(seen) == [[("place", "Danlí", "Choluteca")]]


async def test_a_field_that_led_to_what_one_may_not_see_says_nothing(database: str):
    """A record may be written that has a link to a draft of others."""
    theirs = (await did(database, CREATE, GIVEN | {"visibility": "DRAFT"}, IOM))["event"]["id"]
    key = await event(database)
    await rows(database, "UPDATE event SET super_event_id = $1 WHERE id = $2", theirs[6:], key[6:])
    answer = await did(database, UPDATE, {"event": {"id": key}, "superEvent": None})
    assert said(answer) == [[("superEvent", None, None)]]
    assert theirs[6:] not in str(answer)


# ── For whom ──────────────────────────────────────────────────────────────────────────────────────


def whom(payload: Any) -> list[Any]:
    """For whom each change says it was."""
    return [c["onBehalfOf"] and c["onBehalfOf"]["id"] for c in payload["changes"]]


async def test_the_owner_acts_for_itself(database: str):
    """Then nobody else is named."""
    assert whom(await did(database, CREATE, GIVEN)) == [None]


async def test_a_delegate_acts_for_the_owner(database: str):
    """Whether it changes a record or makes one."""
    key = await event(database)
    changed = await did(database, UPDATE, {"event": {"id": key}, "place": "Danlí"}, DELEGATE)
    owner = {"owner": {"actor": {"slug": "unhcr"}}}
    made = await did(database, CREATE, GIVEN | owner, DELEGATE)
    assert (whom(changed), whom(made)) == ([UNHCR_KEY], [UNHCR_KEY])
    assert changed["changes"][0]["party"] == {"id": IOM_KEY}


async def test_what_is_of_several_is_for_each(database: str):
    """One's own among them for nobody else."""
    items = [
        GIVEN | {"identifier": {"scheme": "FOR", "value": slug}, "owner": {"actor": {"slug": slug}}}
        for slug in ("unhcr", "iom")
    ]
    answer = await did(database, UPSERT, {"events": items}, DELEGATE)
    assert whom(answer) == [UNHCR_KEY, None, UNHCR_KEY, None]


async def test_an_officer_acts_for_the_group(database: str):
    """And a member that stands for election, for itself."""
    b = await body(database, "for-whom", chair={"kind": "SECRETARY", "selection": "ELECTION"})
    query = """mutation ($input: %s!) { %s(input: $input) { outcome errors { code }
        changes { onBehalfOf { id } party { id } } } }"""
    opened = await did(
        database, query % ("OpenElectionInput", "openElection"), {"post": b.post("chair")},
        b.officer(),
    )  # fmt: skip
    assert whom(opened) == [f"working_group_{b.id}"]
    [[election]] = await rows(database, "SELECT id FROM election WHERE owner_id = $1", b.id)
    stood = await did(
        database, query % ("NominateInput", "nominate"),
        {"election": {"id": f"election_{election}"}}, b.member("b"),
    )  # fmt: skip
    assert (stood["errors"], whom(stood)) == ([], [None])


async def test_the_registry_acts_for_nobody(database: str):
    """What has no owner is its own."""
    who = acting(id_of("actor", "unhcr"), "events:write", "registry:write")
    made = await did(database, CREATE, GIVEN | {"owner": None}, who)
    assert whom(made) == [None]


async def test_everybody_is_told_for_whom_a_public_change_was(database: str):
    """The feed names who did it and for whom."""
    key = await event(database)
    await did(database, UPDATE, {"event": {"id": key}, "place": "Danlí"}, DELEGATE)
    told = await history(database, key, "{ party { id } onBehalfOf { id } }", 1)
    assert told == [{"party": {"id": IOM_KEY}, "onBehalfOf": {"id": UNHCR_KEY}}]
