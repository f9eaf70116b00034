"""Plain nouns: created, changed, upserted, retired; what is refused changes nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api import settings
from api.cluster import Cluster
from api.store import Store
from auth.principal import ANONYMOUS, Delegation
from auth.sweep import sweep
from resolvers.read import InvalidVariables
from schema.errors import Forbidden, Unauthenticated
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import IOM, UNHCR, acting, kept, rows, write

CREATE = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
    outcome errors { code message path } event {
        id version title titles { language text origin } date { text edtf earliest latest status }
        parties { edges { role node { name(language: EN) } } } owner { id } visibility place
        identifiers { scheme value } } } }"""
UPDATE = """mutation ($input: UpdateEventInput!) { updateEvent(input: $input) {
    outcome errors { code message path } event {
        id version title titles { language text origin } place startsAt timezone
        date { edtf } parties { edges { role node { id } } } identifiers { value } } } }"""
RETIRE = """mutation ($input: RetireEventInput!) { retireEvent(input: $input) {
    outcome errors { code message path } event { id } } }"""
UPSERT = """mutation ($input: UpsertEventsInput!) { upsertEvents(input: $input) {
    outcome outcomes errors { code message path }
    events { id version title place identifiers { scheme value } } } }"""


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One database for all tests here: each writes records of its own."""
    return clone(cluster, template)


async def everything(database: str) -> list[Any]:
    """What a refused write must leave as it was."""
    return await kept(database, "event", "event_party", "identifier", "idempotency")


async def created(database: str, **fields: Any) -> dict[str, Any]:
    """A new event of UNHCR's."""
    given = {"title": {"es": "Reunión"}, "kind": "MEETING", **fields}
    answer = (await write(database, CREATE, {"input": given}))["data"]["createEvent"]
    assert answer["errors"] == []
    return answer["event"]


async def updated(database: str, key: str, **fields: Any) -> Any:
    """What an update answers."""
    variables = {"input": {"event": {"id": key}, **fields}}
    return (await write(database, UPDATE, variables))["data"]["updateEvent"]


async def test_a_new_record_is_read_back_with_what_it_is_linked_to(database: str):
    """Its owner is the party that the client acts for."""
    parties = [{"party": {"actor": {"slug": "unhcr"}}, "role": "ORGANIZER"}]
    event = await created(database, date={"edtf": "2026-12"}, parties=parties, place="Danlí")
    assert event.pop("id").startswith("event_")
    assert event == {
        "version": 1,
        "title": "Reunión",
        "titles": [{"language": "ES", "text": "Reunión", "origin": "HUMAN"}],
        "date": {
            "text": None, "edtf": "2026-12", "earliest": "2026-12-01", "latest": "2026-12-31",
            "status": "EXACT",
        },
        "parties": {"edges": [{"role": "ORGANIZER", "node": {
            "name": "Office of the United Nations High Commissioner for Refugees"}}]},
        "owner": {"id": f"actor_{id_of('actor', 'unhcr')}"},
        "visibility": "PUBLIC",
        "place": "Danlí",
        "identifiers": [],
    }  # fmt: skip


async def test_an_update_changes_what_is_given_alone(database: str):
    """Null clears; what is left out stays."""
    event = await created(database, place="Danlí", description={"es": "Más"})
    answer = await updated(database, event["id"], place=None)
    assert (answer["outcome"], answer["event"]["place"]) == ("UPDATED", None)
    assert (answer["event"]["version"], answer["event"]["title"]) == (2, "Reunión")


async def test_texts_change_by_language(database: str):
    """The other language stays, with its origin."""
    event = await created(database)
    answer = await updated(database, event["id"], title={"en": "Meeting", "origin": "MACHINE"})
    assert answer["event"]["titles"] == [
        {"language": "ES", "text": "Reunión", "origin": "HUMAN"},
        {"language": "EN", "text": "Meeting", "origin": "MACHINE"},
    ]


async def test_a_list_replaces_the_one_before(database: str):
    """What an edge says included: without a role it is that of everybody."""
    one, two = ({"party": {"actor": {"slug": slug}}} for slug in ("unhcr", "iom"))
    event = await created(database, parties=[one | {"role": "HOST"}, two | {"role": "AUDIENCE"}])
    answer = await updated(database, event["id"], parties=[one])
    node = {"id": f"actor_{id_of('actor', 'unhcr')}"}
    assert answer["event"]["parties"]["edges"] == [{"role": "PARTICIPANT", "node": node}]
    assert answer["event"]["version"] == 2


async def test_what_is_so_already_is_unchanged(database: str):
    """Its version stays."""
    party = {"party": {"actor": {"slug": "unhcr"}}, "role": "HOST"}
    event = await created(database, place="Danlí", parties=[party])
    answer = await updated(database, event["id"], place="Danlí", parties=[party])
    assert (answer["outcome"], answer["event"]["version"]) == ("UNCHANGED", 1)


async def test_a_retired_record_is_gone(database: str):
    """It is found no more."""
    event = await created(database)
    answer = await write(database, RETIRE, {"input": {"event": {"id": event["id"]}}})
    assert answer["data"]["retireEvent"] == {"outcome": "RETIRED", "errors": [], "event": None}
    again = await updated(database, event["id"], place="x")
    assert again["errors"][0]["code"] == "NOT_FOUND"


async def test_what_others_refer_to_is_not_retired(database: str):
    """The sentence says which."""
    event = await created(database)
    await created(database, superEvent={"id": event["id"]})
    before = await everything(database)
    answer = await write(database, RETIRE, {"input": {"event": {"id": event["id"]}}})
    [error] = answer["data"]["retireEvent"]["errors"]
    assert (error["code"], error["path"]) == ("IN_USE", ["input"])
    assert await everything(database) == before


@pytest.mark.parametrize(
    ("fields", "code", "path", "message"),
    [
        ({"title": None}, "REQUIRED", "title", "`title` cannot be left empty."),
        ({"status": None}, "REQUIRED", "status", "`status` cannot be left empty."),
        (
            {"date": {"edtf": "soon"}}, "INVALID", "date.edtf",
            "'soon' is not a date in EDTF; write it like 2023-04.",
        ),
        (
            {"date": {"edtf": "2020-01-05/2020-01-02"}}, "INVALID", "date.edtf",
            "'2020-01-05/2020-01-02' ends before it begins; write what comes first before the "
            "rest.",
        ),
        (
            {"date": {"edtf": "0000"}}, "INVALID", "date.edtf",
            "'0000' goes beyond the years 0001 to 9999; write years of four digits.",
        ),
        (
            {"date": {"edtf": "Y1E999999999"}}, "INVALID", "date.edtf",
            "'Y1E999999999' goes beyond the years 0001 to 9999; write years of four digits.",
        ),
        (
            {"title": {"es": ""}}, "REQUIRED", "title",
            "`title` needs a text in one language at least.",
        ),
        (
            {"identifiers": [{"scheme": "HUB", "value": "x"}, {"scheme": "HUB", "value": " "}]},
            "INVALID", "identifiers.1.value",
            "An identifier needs a `scheme` and a `value` that say something.",
        ),
        (
            {"date": {}}, "REQUIRED", "date",
            "A date needs `date`, `edtf`, or a `status` that says why there is none.",
        ),
        (
            {"date": {"date": "2026-01-01", "edtf": "2026"}}, "INVALID", "date",
            "Give the date in `date` or in `edtf`, not in both.",
        ),
        (
            {"country": {"slug": "atlantis"}}, "NOT_FOUND", "country",
            "There is no `Country` of that name that you may see.",
        ),
        (
            {"series": {"id": "event_0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f"}}, "NOT_FOUND", "series",
            "There is no `EventSeries` of that name that you may see.",
        ),
        (
            {"parties": [{"party": {"actor": {"slug": "unhcr"}}}, {"party": {"id": "x"}}]},
            "INVALID", "parties.1",
            "'x' is not an id of this API. Ids are handed out in the field `id` and look like "
            "'actor_0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f'.",
        ),
        (
            {"startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z",
             "timezone": "America/Panama"}, "INVALID", "endsAt",
            "An event does not end before it begins: `endsAt` is before `startsAt`.",
        ),
        ({"ifVersion": 7}, "VERSION_CONFLICT", "ifVersion",
            "The record is at version 1 by now, not 7. Read it again and decide."),
        ({"idempotencyKey": ""}, "INVALID", "idempotencyKey", "A key has 1 to 100 characters."),
        ({"idempotencyKey": "k" * 101, "dryRun": True}, "INVALID", "idempotencyKey",
            "A key has 1 to 100 characters."),
        ({"place": "x" * 20_000}, "INVALID", "place",
            "A text is longer than its field can keep; shorten `place`, which has 20000 "
            "characters."),
        ({"place": "x" * 9000, "title": {"es": "".join(chr(9000 + n) for n in range(4000))}},
            "INVALID", "place", "A text is longer than its field can keep; shorten `place`, which "
            "has 9000 characters."),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused(
    database: str, fields: dict[str, Any], code: str, path: str, message: str
):
    """With a code, the place in the input, and a sentence; nothing changes."""
    event = await created(database)
    before = await everything(database)
    answer = await updated(database, event["id"], **fields)
    assert (answer["outcome"], answer["event"]) == ("REJECTED", None)
    assert answer["errors"] == [
        {"code": code, "message": message, "path": ["input", *filter(None, path.split("."))]}
    ]
    assert await everything(database) == before


async def test_a_conflict_says_what_changed_since(database: str):
    """By the names of fields, as `history` has them; the last versions alone."""
    event = await created(database)
    await updated(database, event["id"], kind="WORKSHOP")
    await updated(database, event["id"], place="Danlí", title={"en": "Changed"})
    await updated(database, event["id"], date={"edtf": "2027"})
    before = await everything(database)
    answer = await updated(database, event["id"], ifVersion=2, place="x")
    assert answer["errors"] == [
        {
            "code": "VERSION_CONFLICT",
            "message": "The record is at version 4 by now, not 2; since then changed: date, place, "
            "title. Read it again and decide.",
            "path": ["input", "ifVersion"],
        }
    ]
    assert await everything(database) == before


@pytest.mark.parametrize("title", [{}, {"es": None}, {"es": " ", "en": ""}])
async def test_a_new_record_needs_a_title_in_one_language(database: str, title: dict[str, Any]):
    """The field is named, not the column that sorts by it."""
    given = {"input": {"title": title, "kind": "MEETING"}}
    answer = await write(database, CREATE, given, language=Language.ES)
    assert answer["data"]["createEvent"]["errors"] == [
        {
            "code": "REQUIRED",
            "message": "`title` necesita un texto en un idioma al menos.",
            "path": ["input", "title"],
        }
    ]


TAKEN = (
    "Another record, perhaps one that you do not see, has the identifier '7' of 'MINE' already. "
    "Give another, or use a `scheme` that is yours alone."
)


@pytest.mark.parametrize("visibility", ["PUBLIC", "DRAFT"])
async def test_an_identifier_of_others_is_taken(database: str, visibility: str):
    """Whether their record can be seen or not."""
    name = {"scheme": "MINE", "value": "7"}
    event = await created(database, visibility=visibility, identifiers=[name])
    names = [{"scheme": "MINE", "value": "8"}, name]
    given = {"title": {"es": "x"}, "kind": "MEETING", "identifiers": names}
    answer = await write(database, CREATE, {"input": given}, IOM)
    await write(database, RETIRE, {"input": {"event": {"id": event["id"]}}})
    assert answer["data"]["createEvent"]["errors"] == [
        {"code": "TAKEN", "message": TAKEN, "path": ["input", "identifiers", "1"]}
    ]


async def test_all_that_is_wrong_is_said_at_once(database: str):
    """In the language asked for."""
    wrong = {"title": {"es": "x"}, "kind": "MEETING", "date": {"edtf": "?"}, "place": "x"}
    wrong |= {"country": {"slug": "x"}, "series": {"slug": "x"}}
    answer = await write(database, CREATE, {"input": wrong}, language=Language.ES)
    errors = answer["data"]["createEvent"]["errors"]
    assert [(e["path"][-1], e["message"]) for e in errors] == [
        ("edtf", "'?' no es una fecha en EDTF; escríbala como 2023-04."),
        ("country", "No hay ningún registro de tipo `Country` con ese nombre que usted pueda ver."),
        (
            "series",
            "No hay ningún registro de tipo `EventSeries` con ese nombre que usted pueda ver.",
        ),
    ]


async def test_signs_that_nobody_sees_are_refused(database: str):
    """Each at its field, before anything is looked up."""
    before = await everything(database)
    wrong = {"title": {"es": "a\u202eb"}, "kind": "MEETING", "place": "x\x07", "owner": {"id": "x"}}
    answer = await write(database, CREATE, {"input": wrong}, language=Language.ES)
    assert answer["data"]["createEvent"]["errors"] == [
        {
            "code": "INVALID",
            "path": ["input", field, *more],
            "message": f"`{field}` tiene el signo {sign}, que no se ve o cambia cómo se ve el "
            "resto; quítelo.",
        }
        for field, more, sign in (("title", ["es"], "U+202E"), ("place", [], "U+0007"))
    ]
    assert await everything(database) == before


async def test_a_rejection_is_never_missed(database: str):
    """A client that did not ask for `errors` finds it in those of the answer."""
    query = "mutation ($input: RetireEventInput!) { gone: retireEvent(input: $input) { outcome } }"
    nothing = {"input": {"event": {"id": "event_0190a5f0-8e1c-7c3a-9d55-2f6b8c1d4e7f"}}}
    answer = await write(database, query, nothing)
    assert answer["data"] == {"gone": {"outcome": "REJECTED"}}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["gone"], "WRITE_REJECTED")
    assert error["message"] == "There is no `Event` of that name that you may see."


async def test_who_does_not_keep_it_does_not_change_it(database: str):
    """Public: `NOT_OWNER`. Hidden: not there."""
    seen, hidden = await created(database), await created(database, visibility="DRAFT")
    before = await everything(database)
    for key, code in ((seen["id"], "NOT_OWNER"), (hidden["id"], "NOT_FOUND")):
        for query, name in ((UPDATE, "updateEvent"), (RETIRE, "retireEvent")):
            answer = await write(database, query, {"input": {"event": {"id": key}}}, IOM)
            assert [e["code"] for e in answer["data"][name]["errors"]] == [code]
    assert await everything(database) == before


async def test_nobody_gives_a_record_to_another(database: str):
    """An owner is who acts, or a group it serves."""
    before = await everything(database)
    given = {"title": {"es": "x"}, "kind": "MEETING", "owner": {"actor": {"slug": "iom"}}}
    answer = await write(database, CREATE, {"input": given})
    [error] = answer["data"]["createEvent"]["errors"]
    assert (error["code"], error["path"]) == ("NOT_OWNER", ["input", "owner"])
    assert await everything(database) == before


async def test_a_part_goes_where_its_whole_is_written(database: str):
    """Items of plans of others are for those others; one's own are one's own."""
    query = """mutation ($input: CreatePlanItemInput!) { createPlanItem(input: $input) {
        errors { code path } planItem { owner { id } } } }"""
    item = {"kind": "ACTION", "position": 90, "title": {"es": "x"}}
    theirs = item | {"plan": {"slug": "mirps-2023"}}
    answer = await write(database, query, {"input": theirs})
    assert answer["data"]["createPlanItem"]["errors"] == [
        {"code": "NOT_OWNER", "path": ["input", "plan"]}
    ]
    mine = """mutation ($input: CreatePlanInput!) { createPlan(input: $input) {
        errors { code message } plan { slug } } }"""
    plan = {"slug": "un-plan", "title": {"es": "Un plan"}, "content": "FULL"}
    assert (await write(database, mine, {"input": plan}))["data"]["createPlan"]["errors"] == []
    answer = await write(database, query, {"input": item | {"plan": {"slug": "un-plan"}}})
    assert answer["data"]["createPlanItem"] == {
        "errors": [], "planItem": {"owner": {"id": f"actor_{id_of('actor', 'unhcr')}"}}
    }  # fmt: skip


async def test_a_post_is_not_moved_into_a_group_of_others(database: str):
    """Its holder would be an officer there."""
    group = """mutation ($input: CreateWorkingGroupInput!) { createWorkingGroup(input: $input) {
        errors { code message } } }"""
    given = {"slug": "un-grupo", "kind": "SUBGROUP", "name": {"es": "Un grupo"}}
    answer = await write(database, group, {"input": given})
    assert answer["data"]["createWorkingGroup"]["errors"] == []
    post = """mutation ($input: CreatePostInput!) { createPost(input: $input) {
        errors { code message } } }"""
    given = {"slug": "un-cargo", "kind": "LEADER", "officer": True, "title": {"es": "Un cargo"}}
    answer = await write(database, post, {"input": given | {"group": {"slug": "un-grupo"}}})
    assert answer["data"]["createPost"]["errors"] == []
    before = await everything(database)
    move = """mutation ($input: UpdatePostInput!) { updatePost(input: $input) {
        errors { code path } } }"""
    moved = {"post": {"slug": "un-cargo"}, "group": {"slug": "mirps"}}
    answer = await write(database, move, {"input": moved})
    assert answer["data"]["updatePost"]["errors"] == [
        {"code": "NOT_OWNER", "path": ["input", "group"]}
    ]
    assert await everything(database) == before


DELEGATED = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
    errors { code path } event { owner { id } visibility } } }"""


@pytest.mark.parametrize(
    ("nouns", "scope", "codes"),
    [
        ("event", "events:write", []),
        ("plan", "events:write", ["NOT_OWNER"]),
        ("event", "plans:write", ["NOT_OWNER"]),
    ],
)
async def test_a_delegate_writes_for_the_owner(
    database: str, nouns: str, scope: str, codes: list[str]
):
    """Of the nouns and by the scopes that were delegated."""
    owner = id_of("actor", "iom")
    delegation = Delegation(owner, frozenset({nouns}), frozenset({scope}))
    before = await everything(database)
    given = {"title": {"es": "x"}, "kind": "MEETING", "owner": {"actor": {"slug": "iom"}}}
    caller = replace(acting(id_of("actor", "unhcr")), delegations=(delegation,))
    answer = await write(database, DELEGATED, {"input": given}, caller)
    made = answer["data"]["createEvent"]
    assert [error["code"] for error in made["errors"]] == codes
    if codes:
        assert await everything(database) == before
    else:
        assert made["event"]["owner"]["id"] == f"actor_{owner}"


async def test_the_registry_keeps_what_has_no_owner(database: str):
    """Reference data, by its scope alone."""
    query = """mutation ($input: UpdateCountryInput!) { updateCountry(input: $input) {
        errors { code } country { region } } }"""
    registrar = acting(id_of("actor", "oas"), "registry:write")
    change = {"input": {"country": {"slug": "panama"}, "alpha3": "XXX"}}
    with pytest.raises(Forbidden):
        await write(database, query.replace("region", "alpha3"), change)
    answer = await write(database, query.replace("region", "alpha3"), change, registrar)
    assert answer["data"]["updateCountry"] == {"errors": [], "country": {"alpha3": "XXX"}}


async def test_without_a_token_nothing_is_written(database: str):
    """Nor without the scope: the whole operation is refused before anything runs."""
    before = await everything(database)
    given = {"input": {"title": {"es": "x"}, "kind": "MEETING"}}
    with pytest.raises(Unauthenticated):
        await write(database, CREATE, given, ANONYMOUS)
    two = """mutation ($input: CreateEventInput!, $plan: RetirePlanInput!) {
        createEvent(input: $input) { outcome } retirePlan(input: $plan) { outcome } }"""
    given["plan"] = {"plan": {"slug": "mirps-2023"}}
    with pytest.raises(Forbidden) as refused:
        await write(database, two, given, acting(id_of("actor", "unhcr"), "events:write"))
    assert "`plans:write` for `Mutation.retirePlan`" in str(refused.value)
    assert await everything(database) == before


async def test_each_mutation_is_a_transaction_of_its_own(database: str):
    """In order: the second reads what the first wrote, and its rejection leaves that."""
    query = """mutation { a: createDocument(input: {slug: "uno", kind: NOTE, title: {es: "Uno"}}) {
        outcome } b: createDocument(input: {slug: "uno", kind: NOTE, title: {es: "Dos"}}) {
        outcome errors { code path } } c: updateDocument(input: {document: {slug: "uno"},
        title: {en: "One"}}) { outcome document { title(language: EN) } } }"""
    assert (await write(database, query))["data"] == {
        "a": {"outcome": "CREATED"},
        "b": {"outcome": "REJECTED", "errors": [{"code": "TAKEN", "path": ["input", "slug"]}]},
        "c": {"outcome": "UPDATED", "document": {"title": "One"}},
    }


async def test_a_dry_run_changes_nothing_and_shows_no_record(database: str):
    """Clients that keep records by their ids would show what is not so."""
    event = await created(database)
    before = await everything(database)
    answer = await updated(database, event["id"], place="Danlí", dryRun=True)
    assert (answer["outcome"], answer["event"]) == ("DRY_RUN", None)
    assert await everything(database) == before


async def test_a_key_makes_a_write_happen_once(database: str):
    """Sent again it is answered, with what is selected and there now."""
    given = {"title": {"es": "Una vez"}, "kind": "MEETING", "idempotencyKey": "once"}
    first = await write(database, CREATE, {"input": given})
    key = first["data"]["createEvent"]["event"]["id"]
    await updated(database, key, place="Danlí")
    again = await write(database, CREATE, {"input": given})
    event = again["data"]["createEvent"]["event"]
    assert (event["id"], event["place"], event["version"]) == (key, "Danlí", 2)
    assert again["data"]["createEvent"]["outcome"] == "CREATED"
    assert await rows(database, "SELECT count(*) FROM event WHERE title_es = 'Una vez'") == [(1,)]


async def test_a_key_is_for_one_write(database: str):
    """Another body under it is refused, another client's key is another key."""
    given = {"title": {"es": "Llave"}, "kind": "MEETING", "idempotencyKey": "mine"}
    await write(database, CREATE, {"input": given})
    other = await write(database, CREATE, {"input": given | {"kind": "WORKSHOP"}})
    assert other["data"]["createEvent"]["errors"][0]["code"] == "IDEMPOTENCY_MISMATCH"
    theirs = await write(database, CREATE, {"input": given | {"kind": "WORKSHOP"}}, IOM)
    assert theirs["data"]["createEvent"]["outcome"] == "CREATED"


async def test_a_key_is_the_clients_own(database: str):
    """Another application of the same party has keys of its own."""
    given = {"input": {"title": {"es": "Dos"}, "kind": "MEETING", "idempotencyKey": "each"}}
    other = replace(UNHCR, client=id_of("client", "another"))
    answers = [await write(database, CREATE, given, who) for who in (UNHCR, other)]
    assert len({a["data"]["createEvent"]["event"]["id"] for a in answers}) == 2


async def test_a_key_holds_in_parallel(database: str):
    """Ten senders, one row, one outcome."""
    given = {"input": {"title": {"es": "Diez"}, "kind": "MEETING", "idempotencyKey": "ten"}}
    answers = await asyncio.gather(*(write(database, CREATE, given) for _ in range(10)))
    assert len({a["data"]["createEvent"]["event"]["id"] for a in answers}) == 1
    assert {a["data"]["createEvent"]["outcome"] for a in answers} == {"CREATED"}
    assert await rows(database, "SELECT count(*) FROM event WHERE title_es = 'Diez'") == [(1,)]


async def test_a_rejected_write_frees_its_key(database: str):
    """Mended, it is sent again under the same one."""
    wrong = {"title": {"es": " "}, "kind": "MEETING", "idempotencyKey": "mend"}
    assert (await write(database, CREATE, {"input": wrong}))["data"]["createEvent"]["errors"]
    right = wrong | {"title": {"es": "Bien"}}
    answer = await write(database, CREATE, {"input": right})
    assert answer["data"]["createEvent"]["outcome"] == "CREATED"


def item(number: int, **fields: Any) -> dict[str, Any]:
    """An event by its name in a hub."""
    name = {"scheme": "HUB", "value": str(number)}
    return {"identifier": name, "title": {"es": f"Evento {number}"}, "kind": "MEETING", **fields}


async def upserted(database: str, *items: dict[str, Any], who: Any = UNHCR) -> Any:
    """What an upsert answers."""
    return (await write(database, UPSERT, {"input": {"events": items}}, who))["data"][
        "upsertEvents"
    ]


async def test_an_upsert_creates_and_changes_by_identifier(database: str):
    """Each says what became of it."""
    await upserted(database, item(1), item(2))
    answer = await upserted(database, item(1), item(2, place="Danlí"), item(3))
    assert answer["outcomes"] == ["UNCHANGED", "UPDATED", "CREATED"]
    assert [(e["version"], e["place"]) for e in answer["events"]] == [
        (1, None), (2, "Danlí"), (1, None),
    ]  # fmt: skip
    assert answer["events"][2]["identifiers"] == [{"scheme": "HUB", "value": "3"}]


async def test_an_upsert_is_done_whole_or_not_at_all(database: str):
    """One item that lacks something stops the others."""
    before = await everything(database)
    lacking = {"identifier": {"scheme": "HUB", "value": "11"}}
    answer = await upserted(database, item(10), lacking)
    assert [(e["code"], e["path"]) for e in answer["errors"]] == [
        ("REQUIRED", ["input", "events", "1", "title"]),
        ("REQUIRED", ["input", "events", "1", "kind"]),
    ]
    assert await everything(database) == before


async def test_an_upsert_names_each_record_once(database: str):
    """And at most a hundred."""
    twice = await upserted(database, item(20), item(20))
    assert twice["errors"][0]["path"] == ["input", "events", "1", "identifier"]
    many = await upserted(database, *(item(n) for n in range(100, 201)))
    assert many["errors"][0]["message"] == "Send 1 to 100 records at a time."


async def test_an_upsert_changes_nothing_of_others(database: str):
    """Neither what is public nor what is not."""
    await upserted(database, item(30), item(31, visibility="DRAFT"))
    before = await everything(database)
    answer = await upserted(database, item(30, place="x"), item(31, place="x"), who=IOM)
    assert [e["code"] for e in answer["errors"]] == ["NOT_OWNER", "TAKEN"]
    assert answer["errors"][1]["message"] == TAKEN.replace("'7' of 'MINE'", "'31' of 'HUB'")
    assert answer["errors"][1]["path"] == ["input", "events", "1", "identifier"]
    assert await everything(database) == before


async def test_an_upsert_names_records_by_what_says_something(database: str):
    """Neither half of an identifier is empty."""
    answer = await upserted(database, item(35, identifier={"scheme": "", "value": "35"}))
    assert [(e["code"], e["path"]) for e in answer["errors"]] == [
        ("INVALID", ["input", "events", "0", "identifier", "scheme"])
    ]


async def test_upserts_of_one_name_take_turns(database: str):
    """Ten senders make one record."""
    answers = await asyncio.gather(*(upserted(database, item(40)) for _ in range(10)))
    assert len({a["events"][0]["id"] for a in answers}) == 1
    assert sorted(a["outcome"] for a in answers) == ["CREATED", *["UNCHANGED"] * 9]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"title": {"fr": "x"}},
            "Variable '$input' has invalid value at .title: Expected value of type 'TextInput' not "
            'to include unknown field \'fr\', found: {"fr": "x"}.',
        ),
        (
            {"kind": None},
            "Variable '$input' has invalid value at .kind: Expected value of non-null type "
            "'EventKind!' not to be null.",
        ),
        (
            {"place": {"a": [None, True]}},
            "Variable '$input' has invalid value at .place: String cannot represent a non string "
            'value: {"a": [null, true]}',
        ),
    ],
)
async def test_wrong_variables_are_shown_in_json(
    database: str, fields: dict[str, Any], message: str
):
    """As the client wrote them."""
    with pytest.raises(InvalidVariables) as refused:
        await created(database, **fields)
    assert [error.message for error in refused.value.errors] == [message]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "example.org", "https://", "http://[", "https://a b", "//x"]
)
async def test_an_address_opens_safely_or_is_refused(database: str, url: str):
    """Only `http` and `https`: pages of partners make links of them."""
    with pytest.raises(InvalidVariables):
        await created(database, joinUrl=url)


@pytest.mark.parametrize("slug", ["", "Mesa", "mesa_1", "-a", "a-", "á", "a" * 81, "a\n"])
async def test_a_slug_is_short_and_readable(database: str, slug: str):
    """It is part of addresses, for good."""
    query = """mutation ($input: CreateDocumentInput!) { createDocument(input: $input) {
        errors { code path } } }"""
    given = {"input": {"slug": slug, "kind": "NOTE", "title": {"es": "x"}}}
    answer = await write(database, query, given)
    assert answer["data"]["createDocument"]["errors"] == [
        {"code": "INVALID", "path": ["input", "slug"]}
    ]


async def test_keys_are_forgotten_after_a_week(database: str):
    """Until then they are known."""
    given = {"title": {"es": "Semana"}, "kind": "MEETING"}
    for key in ("old-key", "new-key"):
        await write(database, CREATE, {"input": given | {"idempotencyKey": key}})
    back = "UPDATE idempotency SET created_at = now() - interval '8 days' WHERE key = 'old-key'"
    await rows(database, back)
    store = Store(settings.read(database_url=database))
    await store.run(sweep)
    await store.close()
    kept = "SELECT key FROM idempotency WHERE key IN ('old-key', 'new-key')"
    assert await rows(database, kept) == [("new-key",)]


async def test_an_upsert_takes_two_names_of_one_record_once(database: str):
    """What the first item says would be gone."""
    both = [{"scheme": "HUB", "value": "50"}, {"scheme": "OTHER", "value": "50"}]
    given = {"title": {"es": "Dos nombres"}, "kind": "MEETING", "identifiers": both}
    await write(database, CREATE, {"input": given})
    before = await everything(database)
    uno, dos = ({"identifier": n, "place": p} for n, p in zip(both, ("Uno", "Dos"), strict=True))
    answer = await upserted(database, uno, dos)
    assert [(e["code"], e["path"]) for e in answer["errors"]] == [
        ("INVALID", ["input", "events", "1", "identifier"])
    ]
    assert await everything(database) == before


async def test_an_upsert_writes_what_has_the_name_once_it_may(database: str):
    """The name passed to another record while the upsert waited for the first."""
    made = await upserted(database, item(60), item(61))
    first, second = (event["id"].removeprefix("event_") for event in made["events"])
    connection = await asyncpg.connect(database)
    held = connection.transaction()
    await held.start()
    await connection.execute("SELECT FROM event WHERE id = $1 FOR NO KEY UPDATE", first)
    writing = asyncio.create_task(upserted(database, item(60, place="Danlí")))
    waits = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    await connection.execute(
        f"DO $$ BEGIN WHILE NOT EXISTS ({waits}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"
    )
    await connection.execute("DELETE FROM identifier WHERE record_id = $1", second)
    await connection.execute(
        "UPDATE identifier SET record_id = $2 WHERE record_id = $1", first, second
    )
    await held.commit()
    answer = await writing
    await connection.close()
    assert [(e["id"], e["place"]) for e in answer["events"]] == [(f"event_{second}", "Danlí")]
