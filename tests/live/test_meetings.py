"""Events are moved and cancelled; their minutes and agreements are kept with them."""

import asyncio
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import ANONYMOUS, Principal
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.reading import read
from tests.writing import IOM, Verbs, acting, write

MESA = acting(id_of("working_group", "mesa-2"))
MEMBER = Principal(groups=(id_of("working_group", "mesa-2"),))
SHOWN = """{ outcome
    event { id version status startsAt endsAt timezone date { edtf }
        cancellationReason(language: EN)
        documents { edges { role node { slug kind visibility owner { id } } } }
        agreements { nodes { id position text(language: EN) status } } }
    errors { code path message } }"""
HOURS = (
    'date: {date: "2026-03-02"}, startsAt: "2026-03-02T15:00:00Z",'
    ' endsAt: "2026-03-02T17:00:00Z", timezone: "America/Panama"'
)


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to, each events of its own."""
    return clone(cluster, template)


VERBS = Verbs(SHOWN, MESA, ("event", "agreement", "document", "record_document"))
done, refused = VERBS.done, VERBS.refused


async def scheduled(database: str) -> str:
    """A new meeting of the mesa, as inputs name it."""
    input_ = f'title: {{en: "Quarterly meeting"}}, kind: MEETING, {HOURS}'
    payload = await done(database, "createEvent", input_)
    assert payload["errors"] == []
    return f'event: {{id: "{payload["event"]["id"]}"}}'


async def seen(database: str, query: str, who: Principal = ANONYMOUS) -> Any:
    """What a reader finds."""
    connection = await connect(database)
    try:
        return await read(connection, query, principal=who)
    finally:
        await connection.close()


async def test_a_meeting_is_moved(database: str):
    """The hours it had are not those of the new day."""
    event = await scheduled(database)
    payload = await done(database, "moveEvent", f'{event}, date: {{edtf: "2026-04"}}')
    assert payload["outcome"] == "UPDATED"
    assert payload["event"]["date"] == {"edtf": "2026-04"}
    assert (payload["event"]["startsAt"], payload["event"]["endsAt"]) == (None, None)
    assert payload["event"]["timezone"] is None


async def test_a_meeting_is_moved_somewhere(database: str):
    """To no time at all is no move."""
    event = await scheduled(database)
    assert await refused(database, "moveEvent", event) == [
        (
            "REQUIRED",
            ["input", "date"],
            "Say when it is to be: `date`, `startsAt` or both.",
        )
    ]


START = 'startsAt: "2028-05-02T03:00:00Z", timezone: "America/Panama"'
WINDOW = """{ events(where: {date: {certainly: {from: "2028-05-01", to: "2028-05-03"}}}) {
    nodes { id } } }"""


async def made(database: str, when: str) -> Any:
    """A new meeting at this time, as its payload shows it."""
    payload = await done(database, "createEvent", f'title: {{en: "At"}}, kind: MEETING, {when}')
    assert payload["errors"] == []
    return payload["event"]


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (START, "2028-05-01"),
        (START + ", date: null", "2028-05-01"),
        (START + ', endsAt: "2028-05-02T05:00:00Z"', "2028-05-01"),  # midnight in Panama
        (START + ', endsAt: "2028-05-03T20:00:00Z"', "2028-05-01/2028-05-03"),
        (START + ', date: {edtf: "2028-05"}', "2028-05"),
    ],
)
async def test_the_date_follows_from_the_hours(database: str, when: str, days: str):
    """In their zone, where it is left out."""
    assert (await made(database, when))["date"] == {"edtf": days}


async def test_a_meeting_with_hours_is_found_by_its_days(database: str):
    """By what is certain, too."""
    event = await made(database, START)
    found = await seen(database, WINDOW)
    assert {"id": event["id"]} in found["events"]["nodes"]


async def test_the_date_follows_where_the_hours_move(database: str):
    """By an update, an upsert or a move; a date that holds the new day stays."""
    name = '{scheme: "mesa.example", value: "hours"}'
    event = f"event: {{identifier: {name}}}"
    await made(database, f"{START}, identifiers: [{name}]")
    june = 'startsAt: "2028-06-10T15:00:00Z"'
    payload = await done(database, "updateEvent", f"{event}, {june}")
    assert payload["event"]["date"] == {"edtf": "2028-06-10"}
    july = f'{{identifier: {name}, startsAt: "2028-07-11T15:00:00Z"}}'
    shown = "{ events { date { edtf } } }"
    payload = await done(database, "upsertEvents", f"events: [{july}]", shown=shown)
    assert payload["events"] == [{"date": {"edtf": "2028-07-11"}}]
    payload = await done(database, "moveEvent", f"{event}, {START}")
    assert payload["event"]["date"] == {"edtf": "2028-05-01"}
    payload = await done(database, "updateEvent", f'{event}, date: {{edtf: "2028"}}')
    payload = await done(database, "updateEvent", f"{event}, {june}")
    assert payload["event"]["date"] == {"edtf": "2028"}
    payload = await done(database, "updateEvent", f'{event}, startsAt: "2029-01-10T15:00:00Z"')
    assert payload["event"]["date"] == {"edtf": "2029-01-10"}


@pytest.mark.parametrize("date", ['{edtf: "2020"}', "{status: TO_BE_CONFIRMED}"])
async def test_a_date_does_not_contradict_the_hours(database: str, date: str):
    """Of a new event or of one that is there."""
    told = [
        (
            "INVALID",
            ["input", "date"],
            "`startsAt` is on 2028-05-01 in `America/Panama`, and `date` says otherwise; leave "
            "`date` out, so that it follows, or give both anew.",
        )
    ]
    title = 'title: {en: "At"}, kind: MEETING'
    assert await refused(database, "createEvent", f"{title}, {START}, date: {date}") == told
    event = f'event: {{id: "{(await made(database, START))["id"]}"}}'
    assert await refused(database, "updateEvent", f"{event}, date: {date}") == told


async def test_a_contradiction_is_told_in_spanish(database: str):
    """At its field."""
    given = f'title: {{en: "At"}}, kind: MEETING, {START}, date: {{edtf: "2020"}}'
    query = f"mutation {{ createEvent(input: {{{given}}}) {{ errors {{ message }} }} }}"
    answer = await write(database, query, principal=MESA, language=Language.ES)
    assert answer["data"]["createEvent"]["errors"] == [
        {
            "message": "`startsAt` cae en 2028-05-01 en `America/Panama`, y `date` dice otra cosa; "
            "deje `date` fuera, y lo sigue, o dé ambos de nuevo."
        }
    ]


@pytest.mark.parametrize(
    ("instant", "zone"),
    [("0001-01-01T01:00:00Z", "America/Panama"), ("9999-12-31T23:00:00Z", "Asia/Tokyo")],
)
async def test_hours_beyond_the_calendar_are_refused(database: str, instant: str, zone: str):
    """Their day in the zone has no date."""
    given = f'title: {{en: "At"}}, kind: MEETING, startsAt: "{instant}", timezone: "{zone}"'
    assert await refused(database, "createEvent", given) == [
        ("INVALID", ["input", "startsAt"], f"In `{zone}` that is too early or too late for a date.")
    ]


async def test_only_who_keeps_a_meeting_moves_it(database: str):
    """Its guests do not."""
    event = await scheduled(database)
    found = await refused(database, "moveEvent", f'{event}, date: {{edtf: "2026-04"}}', IOM)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "event"])]


async def test_a_time_zone_is_one(database: str):
    """Calendars would not know it."""
    event = await scheduled(database)
    hours = HOURS.replace("America/Panama", "Panama City")
    assert await refused(database, "moveEvent", f"{event}, {hours}") == [
        (
            "INVALID",
            ["input", "timezone"],
            "'Panama City' is no IANA time zone; write it like `America/Panama`.",
        )
    ]


async def test_a_meeting_is_cancelled(database: str):
    """Everybody sees that, its owner why."""
    event = await scheduled(database)
    payload = await done(database, "cancelEvent", f'{event}, reason: {{en: "No quorum"}}')
    assert payload["event"]["status"] == "CANCELLED"
    assert payload["event"]["cancellationReason"] == "No quorum"
    key = payload["event"]["id"]
    query = f'{{ event(by: {{id: "{key}"}}) {{ status cancellationReason(language: EN) }} }}'
    assert await seen(database, query) == {
        "event": {"status": "CANCELLED", "cancellationReason": None}
    }


async def test_cancelling_twice_changes_nothing(database: str):
    """The version stays."""
    event = await scheduled(database)
    await done(database, "cancelEvent", event)
    again = await done(database, "cancelEvent", event)
    assert (again["outcome"], again["event"]["version"]) == ("UNCHANGED", 2)


async def test_a_change_does_not_cancel(database: str):
    """The verb for it asks why."""
    event = await scheduled(database)
    assert await refused(database, "updateEvent", f"{event}, status: CANCELLED") == [
        ("INVALID", ["input", "status"], "An event is cancelled with `cancelEvent`.")
    ]


async def test_what_was_cancelled_takes_place_after_all(database: str):
    """Moved to a new time, and the reason is no longer true."""
    event = await scheduled(database)
    await done(database, "cancelEvent", f'{event}, reason: {{en: "No quorum"}}')
    payload = await done(database, "moveEvent", f"{event}, {HOURS}")
    assert payload["outcome"] == "UPDATED"
    assert payload["event"]["status"] == "CONFIRMED"
    assert payload["event"]["cancellationReason"] is None


async def test_a_change_does_not_revive(database: str):
    """`moveEvent` does."""
    event = await scheduled(database)
    await done(database, "cancelEvent", event)
    assert await refused(database, "updateEvent", f"{event}, status: CONFIRMED") == [
        (
            "WRONG_STATUS",
            ["input", "status"],
            "That event was cancelled; `moveEvent` has it take place after all.",
        )
    ]


MINUTES = 'title: {en: "Minutes"}, url: "https://example.org/minutes"'


async def test_minutes_are_for_members(database: str):
    """They belong to the group whose meeting it was (M1:123)."""
    event = await scheduled(database)
    input_ = f'{event}, minutes: {{slug: "minutes-1", {MINUTES}}}'
    payload = await done(database, "attachMinutes", input_)
    assert payload["event"]["documents"]["edges"] == [
        {
            "role": "MINUTES",
            "node": {
                "slug": "minutes-1",
                "kind": "MINUTES",
                "visibility": "MEMBERS",
                "owner": {"id": f"working_group_{id_of('working_group', 'mesa-2')}"},
            },
        }
    ]
    query = '{ document(by: {slug: "minutes-1"}) { slug } }'
    assert await seen(database, query) == {"document": None}
    assert await seen(database, query, MEMBER) == {"document": {"slug": "minutes-1"}}


async def test_minutes_may_be_public(database: str):
    """If whoever attaches them says so."""
    event = await scheduled(database)
    input_ = f'{event}, minutes: {{slug: "minutes-2", visibility: PUBLIC, {MINUTES}}}'
    await done(database, "attachMinutes", input_)
    query = '{ document(by: {slug: "minutes-2"}) { slug } }'
    assert await seen(database, query) == {"document": {"slug": "minutes-2"}}


async def test_minutes_that_are_there_are_attached(database: str):
    """Once."""
    event = await scheduled(database)
    input_ = f'{event}, document: {{slug: "mirps-cso-work-plan-2023"}}'
    payload = await done(database, "attachMinutes", input_)
    assert [e["role"] for e in payload["event"]["documents"]["edges"]] == ["MINUTES"]
    again = await done(database, "attachMinutes", input_)
    assert (again["outcome"], again["event"]["version"]) == ("UNCHANGED", 2)


async def test_minutes_are_one_document(database: str):
    """Neither none nor two."""
    event = await scheduled(database)
    assert await refused(database, "attachMinutes", event) == [
        ("INVALID", ["input", "document"], "Give `document` or `minutes`, one of the two.")
    ]


async def test_only_who_keeps_a_meeting_attaches_its_minutes(database: str):
    """Nothing is left of the document either."""
    event = await scheduled(database)
    input_ = f'{event}, minutes: {{slug: "minutes-3", {MINUTES}}}'
    found = await refused(database, "attachMinutes", input_, IOM)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "event"])]


def agreed(payload: Any) -> list[Any]:
    """Place, text and status of each agreement."""
    nodes = payload["event"]["agreements"]["nodes"]
    return [(n["position"], n["text"], n["status"]) for n in nodes]


async def test_agreements_are_recorded_in_order(database: str):
    """As the minutes have them."""
    event = await scheduled(database)
    input_ = f'{event}, agreements: [{{text: {{en: "Write"}}}}, {{text: {{en: "Meet"}}}}]'
    payload = await done(database, "recordAgreements", input_)
    assert agreed(payload) == [(1, "Write", "OPEN"), (2, "Meet", "OPEN")]
    assert payload["event"]["version"] == 2


async def test_agreements_keep_their_ids_in_a_new_order(database: str):
    """One is done, one is new, one is gone."""
    event = await scheduled(database)
    input_ = f'{event}, agreements: [{{text: {{en: "Write"}}}}, {{text: {{en: "Meet"}}}}]'
    first = await done(database, "recordAgreements", input_)
    [_, meet] = [node["id"] for node in first["event"]["agreements"]["nodes"]]
    listed = (
        f'{{text: {{en: "Call"}}}}, {{agreement: {{id: "{meet}"}}, text: {{en: "Meet"}},'
        " status: DONE}"
    )
    payload = await done(database, "recordAgreements", f"{event}, agreements: [{listed}]")
    assert agreed(payload) == [(1, "Call", "OPEN"), (2, "Meet", "DONE")]
    assert payload["event"]["agreements"]["nodes"][1]["id"] == meet


async def test_the_same_agreements_change_nothing(database: str):
    """The version stays."""
    event = await scheduled(database)
    first = await done(
        database, "recordAgreements", f'{event}, agreements: [{{text: {{en: "Write"}}}}]'
    )
    [node] = first["event"]["agreements"]["nodes"]
    same = f'agreements: [{{agreement: {{id: "{node["id"]}"}}, text: {{en: "Write"}}}}]'
    again = await done(database, "recordAgreements", f"{event}, {same}")
    assert (again["outcome"], again["event"]["version"]) == ("UNCHANGED", 2)


async def test_agreements_of_another_meeting_stay_there(database: str):
    """An id is no way to take them."""
    event, other = await scheduled(database), await scheduled(database)
    first = await done(
        database, "recordAgreements", f'{event}, agreements: [{{text: {{en: "Write"}}}}]'
    )
    [node] = first["event"]["agreements"]["nodes"]
    taken = f'agreements: [{{agreement: {{id: "{node["id"]}"}}}}]'
    assert await refused(database, "recordAgreements", f"{other}, {taken}") == [
        (
            "INVALID",
            ["input", "agreements", "0", "agreement"],
            "That agreement is of another event.",
        )
    ]


async def test_two_lists_of_agreements_at_the_same_time_are_one(database: str):
    """The later one replaces the earlier as a whole."""
    event = await scheduled(database)
    await asyncio.gather(
        *(
            done(
                database,
                "recordAgreements",
                f'{event}, agreements: [{{text: {{en: "{t}"}}}}, {{text: {{en: "{t}"}}}}]',
            )
            for t in ("A", "B")
        )
    )
    payload = await done(database, "cancelEvent", event)
    texts = [text for _, text, _ in agreed(payload)]
    assert texts in (["A", "A"], ["B", "B"])
