"""The calendar: dates as vague as their sources, periods, series and their windows."""

from collections import Counter
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.making import by_id, change, keys_of, make
from tests.reading import read

Connection = asyncpg.Connection
KEYS = keys_of("event")
ITEMS = keys_of("plan_item")


async def events(connection: Connection, where: str = "", fields: str = "id") -> list[Any]:
    """Events like this, by date."""
    query = f"{{ events(where: {{{where}}}, first: 100) {{ nodes {{ {fields} }} totalCount }} }}"
    found = (await read(connection, query))["events"]
    assert found["totalCount"] == len(found["nodes"])
    return found["nodes"]


async def keys(connection: Connection, where: str) -> list[str]:
    """The keys of events like this, sorted."""
    return sorted(KEYS[event["id"]] for event in await events(connection, where))


def within(certainty: str, first: str, last: str) -> str:
    """The filter of a period, both days included."""
    return f'date: {{{certainty}: {{from: "{first}", to: "{last}"}}}}'


async def event(connection: Connection, key: str, fields: str) -> dict[str, Any]:
    """Fields of an event."""
    query = f"{{ event{by_id('event', key)} {{ {fields} }} }}"
    return (await read(connection, query))["event"]


# ── What there is ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("field", "counts"),
    [
        (
            "kind",
            {
                "MEETING": 14,
                "HIGH_LEVEL_EVENT": 13,
                "MILESTONE": 8,
                "LEARNING_ACTIVITY": 3,
                "CONFERENCE": 1,
                "WORKSHOP": 1,
            },
        ),
        # Confirmed are the plenaries (M2:247) and what was over when the source was written.
        ("status", {"CONFIRMED": 11, "TENTATIVE": 29}),
        ("mode", {"VIRTUAL": 5, "HYBRID": 1, None: 34}),
    ],
)
async def test_the_events_are_of_these_sorts(
    connection: Connection, field: str, counts: dict[str | None, int]
):
    """40 in all."""
    assert Counter(e[field] for e in await events(connection, fields=field)) == counts


async def test_their_dates_are_known_like_this(connection: Connection):
    """M2:247, M3:89–126, G1:31–45, G2:7; three kinds of not knowing."""
    found = await events(connection, fields="date { status edtf }")
    assert Counter(e["date"]["status"] for e in found) == {
        "EXACT": 16,
        "APPROXIMATE": 7,
        "SOURCE_LOST": 15,
        "TO_BE_CONFIRMED": 1,
        "UNDATED": 1,
    }
    assert sum(e["date"]["edtf"] is None for e in found) == 17


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (
            "SOURCE_LOST",
            [
                "m2/10-oas-general-assembly",
                "m2/11-un-general-assembly",
                "m2/12-annual-meeting",
                "m2/13-refugee-forum-preparatory-sessions",
                "m2/14-global-refugee-forum",
                "m2/15-action-plan-presentation",
                "m2/16-statute-draft",
                "m2/2-first-working-group-sessions",
                "m2/3-reception-sessions",
                "m2/4-internal-displacement-sessions",
                "m2/5-livelihoods-sessions",
                "m2/6-local-governance-sessions",
                "m2/7-oas-juridical-and-political-affairs",
                "m2/8-oas-migration-affairs",
                "m2/9-cities-meeting",
            ],
        ),
        ("TO_BE_CONFIRMED", ["m3/16-solidarity-event-2023"]),
        ("UNDATED", ["g1/2-narratives-workshop"]),
    ],
)
async def test_these_have_no_date(connection: Connection, status: str, found: list[str]):
    """M2:248–264, whose fifteen rows lost theirs; M3:126; G1:35–37."""
    assert await keys(connection, f"date: {{status: {{eq: {status}}}}}") == found


async def test_what_has_no_date_says_nothing_of_one(connection: Connection):
    """No text, no EDTF, no day."""
    lost = await events(
        connection,
        "date: {status: {in: [SOURCE_LOST, UNDATED]}}",
        "date { text edtf earliest latest }",
    )
    nothing = {"text": None, "edtf": None, "earliest": None, "latest": None}
    assert lost == [{"date": nothing}] * 16


async def test_to_be_confirmed_is_kept_as_written(connection: Connection):
    """M3:126."""
    found = await event(connection, "m3/16-solidarity-event-2023", "date { text earliest status }")
    assert found["date"] == {"text": "Por confirmar", "earliest": None, "status": "TO_BE_CONFIRMED"}


@pytest.mark.parametrize(
    ("key", "text", "edtf", "earliest", "latest"),
    [
        ("m2/1-plenary-january", "24 Jan", "2023-01-24", "2023-01-24", "2023-01-24"),
        ("m2/1-plenary-april", "20 Abr", "2023-04-20", "2023-04-20", "2023-04-20"),
        ("m2/1-plenary-july", "20 Jul", "2023-07-20", "2023-07-20", "2023-07-20"),
        ("m2/1-plenary-october", "19 Oct", "2023-10-19", "2023-10-19", "2023-10-19"),
        ("m3/4-strategy-publication", "Febrero", "2023-02", "2023-02-01", "2023-02-28"),
        ("m3/11-cities-summit", "Abril/Mayo", "[2023-04,2023-05]", "2023-04-01", "2023-05-31"),
        (
            "m3/13-second-learning-activity",
            "Junio/Julio",
            "[2023-06,2023-07]",
            "2023-06-01",
            "2023-07-31",
        ),
        (
            "g1/1-multi-stakeholder-conversation",
            "segundo semestre del 2023",
            "2023-41",
            "2023-07-01",
            "2023-12-31",
        ),
        (
            "g1/3-mesa-1-coordinates-technical-table",
            "primer trimestre del 2023",
            "2023-33",
            "2023-01-01",
            "2023-03-31",
        ),
        ("g2/1-mechanism-founded", "11 de Febrero 2022", "2022-02-11", "2022-02-11", "2022-02-11"),
        ("m3/un-general-assembly-2022", "2022", "2022", "2022-01-01", "2022-12-31"),
    ],
)
async def test_a_date_is_kept_as_written_and_as_days(
    connection: Connection, key: str, text: str, edtf: str, earliest: str, latest: str
):
    """M2:245–247, M3:99–115, G1:31 and 45, G2:7, M3:89."""
    found = await event(connection, key, "date { text edtf earliest latest }")
    assert found["date"] == {"text": text, "edtf": edtf, "earliest": earliest, "latest": latest}


# ── Periods ───────────────────────────────────────────────────────────────────────────────────────

APRIL_OR_MAY = [
    "m3/10-first-learning-activity",
    "m3/11-cities-summit",
    "m3/12-third-quarterly-meeting",
    "m3/9-next-presidency-joins-troika",
]
"""M3:110–113, under "Abril/Mayo" (M3:108)."""
APRIL = "m2/1-plenary-april"
SUMMER = [
    "g1/1-multi-stakeholder-conversation",
    "m2/1-plenary-july",
    "m3/13-second-learning-activity",
    "m3/14-third-learning-activity",
    "m3/15-fourth-quarterly-meeting",
]
PERIODS = [
    ("2023-04-01", "2023-04-30", [APRIL, *APRIL_OR_MAY], [APRIL]),
    ("2023-05-01", "2023-05-31", APRIL_OR_MAY, []),
    ("2023-04-01", "2023-05-31", [APRIL, *APRIL_OR_MAY], [APRIL, *APRIL_OR_MAY]),
    # The conversation may be later (G1:31), the learning activity earlier (M3:115).
    ("2023-07-01", "2023-09-30", SUMMER, SUMMER[1:2] + SUMMER[3:]),
    (
        "2023-07-01",
        "2023-12-31",
        [*SUMMER, "m2/1-plenary-october"],
        [*SUMMER[:2], *SUMMER[3:], "m2/1-plenary-october"],
    ),
    (
        "2022-01-01",
        "2022-12-31",
        [
            "g2/1-mechanism-founded",
            "m3/1-solidarity-event-2022",
            "m3/2-first-quarterly-meeting",
            "m3/3-mirps-annual-meeting-2022",
            "m3/un-general-assembly-2022",
        ],
        [
            "g2/1-mechanism-founded",
            "m3/1-solidarity-event-2022",
            "m3/2-first-quarterly-meeting",
            "m3/3-mirps-annual-meeting-2022",
            "m3/un-general-assembly-2022",
        ],
    ),
    ("2023-04-20", "2023-04-20", [APRIL, *APRIL_OR_MAY], [APRIL]),
    ("2024-01-01", "2024-12-31", [], []),
]


@pytest.mark.parametrize(("first", "last", "possibly", "certainly"), PERIODS)
async def test_a_period_has_these_events(
    connection: Connection, first: str, last: str, possibly: list[str], certainly: list[str]
):
    """Possibly where the days overlap, certainly where all of them lie within."""
    found = [await keys(connection, within(c, first, last)) for c in ("possibly", "certainly")]
    assert found == [sorted(possibly), sorted(certainly)]


@pytest.mark.parametrize("certainty", ["possibly", "certainly"])
async def test_eighteen_events_are_of_2023(connection: Connection, certainty: str):
    """Every date that is known lies in one year."""
    assert len(await keys(connection, within(certainty, "2023-01-01", "2023-12-31"))) == 18


@pytest.mark.parametrize("certainty", ["possibly", "certainly"])
async def test_what_has_no_date_is_in_no_period(connection: Connection, certainty: str):
    """Not even in all of time."""
    found = await keys(connection, within(certainty, "1900-01-01", "2999-12-31"))
    assert len(found) == 40 - 17


@pytest.mark.parametrize(("certainty", "count"), [("possibly", 4 + 6), ("certainly", 6)])
async def test_a_period_may_be_open(connection: Connection, certainty: str, count: int):
    """From the middle of May on: what may be in April is only possible."""
    where = f'date: {{{certainty}: {{from: "2023-05-15"}}}}'
    assert len(await keys(connection, where)) == count


async def test_lists_come_by_date_and_those_without_one_last(connection: Connection):
    """By the first day that is possible."""
    days = [e["date"]["earliest"] for e in await events(connection, fields="date { earliest }")]
    known = [day for day in days if day is not None]
    assert known == sorted(known)
    assert days == known + [None] * 17


PAST_IN_MAY = [
    "g1/3-mesa-1-coordinates-technical-table",
    "g2/1-mechanism-founded",
    "m2/1-plenary-april",
    "m2/1-plenary-january",
    "m3/1-solidarity-event-2022",
    "m3/2-first-quarterly-meeting",
    "m3/3-mirps-annual-meeting-2022",
    "m3/4-strategy-publication",
    "m3/5-second-quarterly-meeting",
    "m3/6-next-presidency-identified",
    "m3/7-inventory-preliminary-results",
    "m3/8-learning-activities-selected",
    "m3/un-general-assembly-2022",
]


async def test_these_are_past_for_certain_in_the_middle_of_may(connection: Connection):
    """What may still come is not, and of what has no date nobody knows."""
    found = await events(connection, fields='id past(on: "2023-05-15")')
    past = {KEYS[e["id"]]: e["past"] for e in found}
    assert sorted(key for key, over in past.items() if over) == PAST_IN_MAY
    assert Counter(past.values()) == {True: 13, False: 10, None: 17}


@pytest.mark.parametrize(("day", "past"), [("2023-05-31", False), ("2023-06-01", True)])
async def test_an_event_is_past_after_the_last_day_it_can_be(
    connection: Connection, day: str, past: bool
):
    """April or May."""
    assert await event(connection, "m3/11-cities-summit", f'past(on: "{day}")') == {"past": past}


# ── What belongs to events ────────────────────────────────────────────────────────────────────────


async def test_the_solidarity_event_was_in_the_margins_of_the_general_assembly(
    connection: Connection,
):
    """M3:89."""
    found = await event(connection, "m3/1-solidarity-event-2022", "superEvent { id subEvents"
                        " { nodes { id } } } kind date { text }")  # fmt: skip
    above = found.pop("superEvent")
    assert KEYS[above["id"]] == "m3/un-general-assembly-2022"
    assert [KEYS[n["id"]] for n in above["subEvents"]["nodes"]] == ["m3/1-solidarity-event-2022"]
    assert found == {"kind": "HIGH_LEVEL_EVENT", "date": {"text": "septiembre de 2022"}}


ROLES = [
    ("m3/1-solidarity-event-2022", {"canada": "CO_ORGANIZER", "support-platform": "CO_ORGANIZER"}),
    (
        "m3/3-mirps-annual-meeting-2022",
        {"honduras": "ORGANIZER", "mirps": "PARTICIPANT", "support-platform": "PARTICIPANT"},
    ),
    ("m3/10-first-learning-activity", {"support-platform": "ORGANIZER", "mirps": "AUDIENCE"}),
    (
        "m3/16-solidarity-event-2023",
        {"united-states": "ORGANIZER", "support-platform": "PARTICIPANT"},
    ),
    (
        "m3/9-next-presidency-joins-troika",
        {"support-platform": "PARTICIPANT", "troika": "PARTICIPANT"},
    ),
    (
        "m2/2-first-working-group-sessions",
        {
            "mirps-reception": "PARTICIPANT",
            "mirps-internal-displacement": "PARTICIPANT",
            "mirps-livelihoods": "PARTICIPANT",
            "mirps-local-governance": "PARTICIPANT",
        },
    ),
]


@pytest.mark.parametrize(("key", "roles"), ROLES, ids=[key for key, _ in ROLES])
async def test_an_event_has_these_parties(connection: Connection, key: str, roles: dict[str, str]):
    """M2:248, M3:62–126."""
    found = await event(
        connection,
        key,
        "parties { edges { role node { ... on Actor { slug } ... on WorkingGroup { slug } } } }",
    )
    assert {e["node"]["slug"]: e["role"] for e in found["parties"]["edges"]} == roles


@pytest.mark.parametrize(
    ("key", "place", "country"),
    [
        ("m2/9-cities-meeting", "Denver", "united-states"),
        ("g1/2-narratives-workshop", "Santiago de Chile", "chile"),
    ],
)
async def test_two_events_have_a_place(connection: Connection, key: str, place: str, country: str):
    """M2:256 and G1:37; M2:260 says where the missions are, not the sessions."""
    found = await event(connection, key, "place country { slug }")
    assert found == {"place": place, "country": {"slug": country}}
    assert len(await keys(connection, "country: {}")) == 2


async def test_the_meeting_and_the_summit_of_cities_are_two_records(connection: Connection):
    """Probably one event; M2:256 and M3:112 do not say so, and both notes do."""
    query = (
        "{ event%s { citations(where: {confidence: {eq: MEDIUM}})"
        " { nodes { field note(language: EN) } } } }"
    )
    for key in ("m2/9-cities-meeting", "m3/11-cities-summit"):
        found = await read(connection, query % by_id("event", key))
        notes = [c["note"] for c in found["event"]["citations"]["nodes"] if c["field"] == "title"]
        assert len(notes) == 1
        assert "probably" in notes[0].lower()


SERVED = {
    "mirps-2023/1.1/a5": ["m2/14-global-refugee-forum"],
    "mirps-2023/2.1/a1": ["m2/16-statute-draft"],
    "mirps-2023/2.1/a5": ["m2/14-global-refugee-forum"],
    "mirps-2023/m1/m1": [
        "m2/1-plenary-april",
        "m2/1-plenary-january",
        "m2/1-plenary-july",
        "m2/1-plenary-october",
    ],
    "mirps-2023/m1/m2": [
        "m2/2-first-working-group-sessions",
        "m2/3-reception-sessions",
        "m2/4-internal-displacement-sessions",
        "m2/5-livelihoods-sessions",
        "m2/6-local-governance-sessions",
    ],
    "mirps-2023/m2/m2": [
        "m2/10-oas-general-assembly",
        "m2/7-oas-juridical-and-political-affairs",
        "m2/8-oas-migration-affairs",
    ],
    "mirps-2023/m2/m3": ["m2/12-annual-meeting"],
    "mirps-2023/m2/m4": ["m2/14-global-refugee-forum"],
    "support-platform-2022-2023/3.2": ["m3/7-inventory-preliminary-results"],
    "support-platform-2022-2023/3.3": [
        "m3/10-first-learning-activity",
        "m3/13-second-learning-activity",
        "m3/14-third-learning-activity",
        "m3/8-learning-activities-selected",
    ],
    "support-platform-2022-2023/3.4": ["m2/14-global-refugee-forum"],
    "support-platform-2022-2023/3.5": ["m3/16-solidarity-event-2023"],
    "lac-mechanism-2023/3/r1": ["g1/1-multi-stakeholder-conversation"],
}


async def test_events_serve_these_items_of_plans(connection: Connection):
    """25 links of 22 events."""
    query = (
        "{ planItems(where: {events: {some: {}}}, first: 100)"
        " { nodes { id events { nodes { id } } } } }"
    )
    found = (await read(connection, query))["planItems"]["nodes"]
    served = {ITEMS[n["id"]]: sorted(KEYS[e["id"]] for e in n["events"]["nodes"]) for n in found}
    assert served == SERVED


# ── Series ────────────────────────────────────────────────────────────────────────────────────────

OCCURRENCES = 'nextOccurrences(after: "%s", count: %d) { edtf earliest latest }'


async def windows(
    connection: Connection, slug: str, after: str, first: int = 2
) -> list[tuple[str, str, str]]:
    """The next windows of a series."""
    query = f'{{ eventSeries(by: {{slug: "{slug}"}}) {{ {OCCURRENCES % (after, first)} }} }}'
    found = (await read(connection, query))["eventSeries"]["nextOccurrences"]
    return [(o["edtf"], o["earliest"], o["latest"]) for o in found]


async def test_the_series_meet_this_often(connection: Connection):
    """M1:144–147, G2:49, G2:83, M3:90, M2:247."""
    query = "{ series { nodes { frequency frequencyText mode events { totalCount } } } }"
    found = (await read(connection, query))["series"]["nodes"]
    assert Counter((s["frequency"], s["frequencyText"], s["mode"]) for s in found) == {
        ("MONTHLY", "Mensualmente", "VIRTUAL"): 5,
        ("AMBIGUOUS", "Bimensualmente", "VIRTUAL"): 1,
        ("QUARTERLY", "trimestral", None): 6,
        # No word for it: the four dates of the calendar.
        ("QUARTERLY", None, "VIRTUAL"): 1,
        ("TWICE_A_YEAR", "semestral", None): 1,
    }


async def test_two_series_have_their_events_recorded(connection: Connection):
    """M2:247 and M3:90–122, four each."""
    query = "{ series(where: {events: {some: {}}}) { nodes { slug events { nodes { id } } } } }"
    found = (await read(connection, query))["series"]["nodes"]
    assert {s["slug"]: [KEYS[e["id"]] for e in s["events"]["nodes"]] for s in found} == {
        "mirps-plenary-meetings": [
            "m2/1-plenary-january",
            "m2/1-plenary-april",
            "m2/1-plenary-july",
            "m2/1-plenary-october",
        ],
        "support-platform-quarterly-meetings": [
            "m3/2-first-quarterly-meeting",
            "m3/5-second-quarterly-meeting",
            "m3/12-third-quarterly-meeting",
            "m3/15-fourth-quarterly-meeting",
        ],
    }


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        (
            "mirps-cso-assembly-meetings",
            [("2023-05", "2023-05-01", "2023-05-31"), ("2023-06", "2023-06-01", "2023-06-30")],
        ),
        (
            "mesa-3-meetings",
            [("2023-34", "2023-04-01", "2023-06-30"), ("2023-35", "2023-07-01", "2023-09-30")],
        ),
        (
            "lac-mechanism-dialogues",
            [("2023-40", "2023-01-01", "2023-06-30"), ("2023-41", "2023-07-01", "2023-12-31")],
        ),
        # "Bimensualmente": twice a month or every two months.
        ("mirps-cso-secretariat-meetings", []),
    ],
)
async def test_the_next_windows_are_months_quarters_or_half_years(
    connection: Connection, slug: str, expected: list[tuple[str, str, str]]
):
    """In EDTF; the window that the day lies in is the first."""
    assert await windows(connection, slug, "2023-05-15") == expected


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("YEARLY", [("2023", "2023-01-01", "2023-12-31"), ("2024", "2024-01-01", "2024-12-31")]),
        (
            "EVERY_TWO_MONTHS",
            [
                ("[2023-11..2023-12]", "2023-11-01", "2023-12-31"),
                ("[2024-01..2024-02]", "2024-01-01", "2024-02-29"),
            ],
        ),
        ("QUARTERLY", [("2023-36", "2023-10-01", "2023-12-31"),
                       ("2024-33", "2024-01-01", "2024-03-31")]),
        ("MONTHLY", [("2023-12", "2023-12-01", "2023-12-31"),
                     ("2024-01", "2024-01-01", "2024-01-31")]),
        ("AS_NEEDED", []),
        ("UNSTATED", []),
    ],
)  # fmt: skip
async def test_windows_go_on_into_the_next_year(
    connection: Connection, frequency: str, expected: list[tuple[str, str, str]]
):
    """Whatever the frequency; one that says no length has none."""
    await change(connection, "event_series", "mesa-3-meetings", frequency=frequency)
    assert await windows(connection, "mesa-3-meetings", "2023-12-15") == expected


@pytest.mark.parametrize(("first", "count"), [(1, 1), (24, 24), (30, 24)])
async def test_at_most_24_windows_are_given(connection: Connection, first: int, count: int):
    """Two years of months."""
    found = await windows(connection, "mirps-cso-assembly-meetings", "2023-05-15", first)
    assert len(found) == count


async def test_four_windows_are_given_if_nothing_is_said(connection: Connection):
    """From today on."""
    query = '{ eventSeries(by: {slug: "mesa-3-meetings"}) { nextOccurrences { edtf } } }'
    assert len((await read(connection, query))["eventSeries"]["nextOccurrences"]) == 4


async def begin_and_end(
    connection: Connection, start: dict[str, str] | str | None, end: dict[str, str] | str | None
) -> str:
    """A monthly series with a beginning and an end."""
    await make(
        connection,
        "event_series",
        "monthly",
        title="Mensual",
        frequency="MONTHLY",
        start=start,
        end=end,
    )
    return "monthly"


async def test_a_series_ends_with_its_end(connection: Connection):
    """No window begins after it."""
    slug = await begin_and_end(connection, None, "2023-06-15")
    found = await windows(connection, slug, "2023-05-15", 4)
    assert [edtf for edtf, _, _ in found] == ["2023-05", "2023-06"]


async def test_a_series_that_ended_has_no_windows(connection: Connection):
    """It is over."""
    slug = await begin_and_end(connection, None, "2023-04")
    assert await windows(connection, slug, "2023-05-15") == []


async def test_a_series_has_no_window_before_its_start(connection: Connection):
    """It begins in July."""
    slug = await begin_and_end(connection, "2023-07", None)
    found = await windows(connection, slug, "2023-05-15", 4)
    assert [edtf for edtf, _, _ in found][:2] == ["2023-07", "2023-08"]


async def test_a_series_that_starts_later_has_as_many_windows(connection: Connection):
    """Counted from its start."""
    slug = await begin_and_end(connection, "2024-07", None)
    found = await windows(connection, slug, "2023-05-15", 2)
    assert [edtf for edtf, _, _ in found] == ["2024-07", "2024-08"]


async def test_a_series_that_ended_nobody_knows_when_has_no_windows(connection: Connection):
    """An end without a date is an end."""
    slug = await begin_and_end(connection, None, {"status": "UNDATED"})
    assert await windows(connection, slug, "2023-05-15") == []


@pytest.mark.parametrize(("day", "window"), [("2023-05-31", "2023-05"), ("2023-06-01", "2023-06")])
async def test_a_window_is_given_to_its_last_day(connection: Connection, day: str, window: str):
    """It may still be that day."""
    found = await windows(connection, "mirps-cso-assembly-meetings", day, 1)
    assert [edtf for edtf, _, _ in found] == [window]
