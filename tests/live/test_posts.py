"""Posts and mandates: who held which seat when, who is next, and what departs from the rules."""

from collections import Counter
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from schema.language import Language
from tests.making import by_id, make
from tests.reading import read

Connection = asyncpg.Connection
MIRPS, PLATFORM, CSO = (
    "mirps-presidency",
    "support-platform-presidency",
    "mirps-civil-society-presidency",
)


async def post(connection: Connection, slug: str, fields: str, **options: Any) -> dict[str, Any]:
    """Fields of a post."""
    query = f'{{ post(by: {{slug: "{slug}"}}) {{ {fields} }} }}'
    return (await read(connection, query, **options))["post"]


async def group(connection: Connection, slug: str, fields: str) -> dict[str, Any]:
    """Fields of a group."""
    return (await read(connection, f'{{ workingGroup(by: {{slug: "{slug}"}}) {{ {fields} }} }}'))[
        "workingGroup"
    ]


HOLDERS = """
  previous: previousMandate(on: "%(day)s") { holder { ... on Actor { slug } } }
  current: currentMandate(on: "%(day)s") { holder { ... on Actor { slug } } }
  next: nextMandate(on: "%(day)s") { holder { ... on Actor { slug } } }
"""


async def holders(connection: Connection, slug: str, day: str) -> list[str | None]:
    """Who held a post before, holds it, and is to hold it next, as of a day."""
    found = await post(connection, slug, HOLDERS % {"day": day})
    return [mandate and mandate["holder"]["slug"] for mandate in found.values()]


async def mandate(connection: Connection, key: str, fields: str, **options: Any) -> dict[str, Any]:
    """Fields of a mandate."""
    query = f"{{ mandate{by_id('mandate', key)} {{ {fields} }} }}"
    return (await read(connection, query, **options))["mandate"]


# ── Posts ─────────────────────────────────────────────────────────────────────────────────────────


async def test_there_are_posts_of_these_kinds(connection: Connection):
    """44 seats."""
    query = "{ posts(first: 100) { nodes { kind } totalCount } }"
    found = (await read(connection, query))["posts"]
    assert found["totalCount"] == 44
    assert Counter(node["kind"] for node in found["nodes"]) == {
        "PRO_TEMPORE_PRESIDENCY": 3,
        "TECHNICAL_SECRETARIAT": 4,
        # Three of civil society (M1:119), four of MIRPS (M2:214), the technical table's (G1:45).
        "LEADER": 3 + 4 + 1,
        "FOCAL_POINT": 7,
        "SECRETARY": 4,
        "DELEGATE": 4,
        "ALTERNATE": 4,
        "REPRESENTATIVE": 4 * 2 + 2,
    }


@pytest.mark.parametrize(
    ("slug", "count"),
    [
        ("mirps", 1),
        ("mirps-secretariat", 2),
        ("support-platform", 1),
        ("support-platform-secretariat", 2),
        ("mirps-reception", 1),
        ("mirps-internal-displacement", 1),
        ("mirps-livelihoods", 1),
        ("mirps-local-governance", 1),
        # M2:249–252 list four groups; this name of M1:101 is not among them.
        ("mirps-asylum-systems", 0),
        ("mirps-civil-society", 1 + 7),
        ("mirps-cso-process", 1),
        ("mesa-1", 3),
        ("mesa-4", 3),
        ("liaison-table", 10),
        ("technical-table", 1),
        ("lac-mechanism", 0),
    ],
)
async def test_a_group_has_so_many_seats(connection: Connection, slug: str, count: int):
    """Vacant ones included."""
    assert await group(connection, slug, "posts { totalCount }") == {"posts": {"totalCount": count}}


async def test_the_liaison_table_is_filled_by_the_mesas_and_the_agencies(connection: Connection):
    """G2:75–77: two seats of each mesa by election, two of the agencies by consensus."""
    found = await group(
        connection,
        "liaison-table",
        "posts { nodes { electedBy { slug } selection termMonths consecutiveTerms required } }",
    )
    seats = Counter(
        (p["electedBy"]["slug"], p["selection"], p["termMonths"], p["consecutiveTerms"])
        for p in found["posts"]["nodes"]
    )
    assert seats == {
        **{(f"mesa-{n}", "ELECTION", 12, 2): 2 for n in (1, 2, 3, 4)},
        ("gt-sc", "CONSENSUS", None, None): 2,
    }
    assert all(p["required"] for p in found["posts"]["nodes"])


async def test_the_presidency_of_mirps_rotates(connection: Connection):
    """M2:76 and M2:90: by the alphabet, a calendar year each, since the rule of 2020."""
    found = await post(
        connection, MIRPS, "selection termMonths officer ruleSince { edtf } electedBy { slug }"
    )
    assert found == {
        "selection": "ROTATION",
        "termMonths": 12,
        "officer": True,
        "ruleSince": {"edtf": "2020"},
        "electedBy": None,
    }


# ── Presidencies ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2018-12-31", [None, None, "mexico"]),
        ("2019-01-01", [None, "mexico", "el-salvador"]),
        ("2019-06-01", [None, "mexico", "el-salvador"]),
        ("2020-06-01", ["mexico", "el-salvador", "guatemala"]),
        ("2021-06-01", ["el-salvador", "guatemala", "honduras"]),
        ("2022-06-01", ["guatemala", "honduras", "panama"]),
        ("2022-12-31", ["guatemala", "honduras", "panama"]),
        ("2023-01-01", ["honduras", "panama", None]),
        ("2023-12-31", ["honduras", "panama", None]),
        ("2024-01-01", ["panama", None, None]),
    ],
)
async def test_mirps_was_chaired_by(connection: Connection, day: str, expected: list[str | None]):
    """M2:82–107: before, on the day, and next."""
    assert await holders(connection, MIRPS, day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-06-01", [None, "canada", "united-states"]),
        pytest.param(
            "2022-12-01",
            ["canada", "united-states", None],
        ),
        ("2023-06-01", ["canada", "united-states", None]),
        ("2023-12-01", ["united-states", None, None]),
    ],
)
async def test_the_platform_was_chaired_by(
    connection: Connection, day: str, expected: list[str | None]
):
    """M3:14 and M3:73: Canada in 2021–2022, the United States for a year from September 2022."""
    assert await holders(connection, PLATFORM, day) == expected


async def test_dime_presides_the_civil_society_mechanism(connection: Connection):
    """M1:22: elected in January 2023; no end is stated, and none is assumed."""
    found = await post(
        connection,
        CSO,
        'currentMandate(on: "2030-01-01")'
        " { holder { name } selection start { edtf } end { text } }",
    )
    assert found["currentMandate"] == {
        "holder": {"name": "Diálogo Intercultural Mexicano A.C."},
        "selection": "ELECTION",
        "start": {"edtf": "2023-01"},
        "end": None,
    }


UNHCR = "Oficina del Alto Comisionado de las Naciones Unidas para los Refugiados"
OAS = "Organización de los Estados Americanos"
SECRETARIATS = {
    "mirps-secretariat-oas": OAS,
    "mirps-secretariat-unhcr": UNHCR,
    "support-platform-secretariat-oas": OAS,
    "support-platform-secretariat-unhcr": UNHCR,
}
"""M3:16; always held."""
CIVIL_SOCIETY = {CSO: "Diálogo Intercultural Mexicano A.C."}


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2018-06-30", {}),
        (
            "2023-02-15",
            {
                MIRPS: "Panamá",
                PLATFORM: "Estados Unidos de América",
                "technical-table-coordination": "Mesa de Trabajo 1: Factores de la Migración y"
                " Rutas Regulares",
                **CIVIL_SOCIETY,
            },
        ),
        ("2023-06-30", {MIRPS: "Panamá", PLATFORM: "Estados Unidos de América", **CIVIL_SOCIETY}),
        ("2024-06-30", CIVIL_SOCIETY),
    ],
)
async def test_these_seats_are_held(connection: Connection, day: str, held: dict[str, str]):
    """M1:22, M2:5, M3:14, G1:45, and the four of the secretariats; nobody else is named."""
    query = (
        f'{{ posts(first: 100) {{ nodes {{ slug currentMandate(on: "{day}")'
        " { holder { name } } } } }"
    )
    found = {
        node["slug"]: node["currentMandate"]["holder"]["name"]
        for node in (await read(connection, query))["posts"]["nodes"]
        if node["currentMandate"]
    }
    assert found == SECRETARIATS | held


async def test_seats_without_a_known_start_are_held(connection: Connection):
    """M3:16 says who the secretariat is, not since when."""
    query = (
        '{ mandates(where: {start: {status: {eq: UNDATED}}}) { nodes { status(on: "2023-06-30")'
        ' post { slug vacant(on: "2023-06-30") currentMandate(on: "2023-06-30")'
        " { holder { ... on Actor { slug } } } } } } }"
    )
    found = (await read(connection, query))["mandates"]["nodes"]
    assert {m["status"] for m in found} == {"CURRENT"}
    assert {m["post"]["vacant"] for m in found} == {False}
    assert {m["post"]["slug"]: m["post"]["currentMandate"]["holder"]["slug"] for m in found} == {
        "mirps-secretariat-oas": "oas",
        "mirps-secretariat-unhcr": "unhcr",
        "support-platform-secretariat-oas": "oas",
        "support-platform-secretariat-unhcr": "unhcr",
    }


@pytest.mark.parametrize(
    ("day", "statuses"),
    [
        ("2018-06-01", ["DESIGNATED"] * 5),
        ("2021-06-01", ["ENDED", "ENDED", "CURRENT", "DESIGNATED", "DESIGNATED"]),
        ("2023-12-31", ["ENDED"] * 4 + ["CURRENT"]),
        ("2024-01-01", ["ENDED"] * 5),
    ],
)
async def test_a_mandate_is_designated_then_current_then_ended(
    connection: Connection, day: str, statuses: list[str]
):
    """The five of MIRPS, by their dates."""
    query = (
        f'{{ mandates(where: {{post: {{slug: {{eq: "{MIRPS}"}}}}}}, order: START)'
        f' {{ nodes {{ status(on: "{day}") }} }} }}'
    )
    found = (await read(connection, query))["mandates"]["nodes"]
    assert [m["status"] for m in found] == statuses


# ── Rotation ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-07-01", None),  # the rule is of 2020
        ("2020-06-01", "guatemala"),
        ("2021-06-01", "honduras"),
        ("2022-06-01", "mexico"),
        ("2023-06-01", "belize"),
        ("2024-06-01", "belize"),
        ("2018-06-01", None),
    ],
)
async def test_the_turn_after_the_holder_is_by_the_alphabet(
    connection: Connection, day: str, expected: str | None
):
    """Of the Spanish names of the members; after the last comes the first."""
    found = await post(
        connection, MIRPS, f'nextByRotation(on: "{day}") {{ ... on Actor {{ slug }} }}'
    )
    assert found["nextByRotation"] == (expected and {"slug": expected})


async def test_a_post_that_does_not_rotate_has_no_turn(connection: Connection):
    """The Platform finds its presidency otherwise."""
    found = await post(connection, PLATFORM, 'nextByRotation(on: "2023-06-01") { name }')
    assert found["nextByRotation"] is None


@pytest.mark.parametrize(
    ("language", "message", "name"),
    [
        (Language.ES, "Por rotación alfabética correspondía a México.", "México"),
        (Language.EN, "By alphabetical rotation it was the turn of Mexico.", "Mexico"),
    ],
)
async def test_2023_departs_from_the_rotation(
    connection: Connection, language: Language, message: str, name: str
):
    """M2:76: after Honduras comes Mexico. The presidency stands; the rule is shown."""
    found = await mandate(
        connection,
        f"{MIRPS}/2023-panama",
        "holder { name } warnings { rule message expected { name } }",
        language=language,
    )
    assert found["warnings"] == [
        {"rule": "ROTATION", "message": message, "expected": {"name": name}}
    ]


async def test_no_other_mandate_departs_from_a_rule(connection: Connection):
    """2019 and 2020 are older than the rule (M2:90); 2021 and 2022 follow it."""
    query = "{ mandates(first: 100) { nodes { start { text } warnings { rule } } totalCount } }"
    found = (await read(connection, query))["mandates"]
    warned = [m for m in found["nodes"] if m["warnings"]]
    assert found["totalCount"] == 13
    assert warned == [{"start": {"text": "2023"}, "warnings": [{"rule": "ROTATION"}]}]


async def test_whoever_follows_the_rotation_is_not_warned_of(connection: Connection):
    """Belize in 2024: Panama is the last of the alphabet."""
    await make(
        connection,
        "mandate",
        "2024",
        post=MIRPS,
        holder="actor:belize",
        start="2024-01-01",
        end="2024-12-31",
    )
    assert (await mandate(connection, "2024", "warnings { rule }"))["warnings"] == []
    assert await holders(connection, MIRPS, "2023-06-01") == ["honduras", "panama", "belize"]


async def test_a_second_year_in_a_row_departs_from_the_rotation(connection: Connection):
    """Panama again in 2024, when it was the turn of Belize."""
    await make(
        connection,
        "mandate",
        "2024",
        post=MIRPS,
        holder="actor:panama",
        start="2024-01-01",
        end="2024-12-31",
    )
    found = await mandate(connection, "2024", "warnings { rule expected { name } }")
    assert found["warnings"] == [{"rule": "ROTATION", "expected": {"name": "Belice"}}]


# ── Vacant seats ──────────────────────────────────────────────────────────────────────────────────

SEATS = [
    *(f"liaison-table-mesa-{mesa}-seat-{seat}" for mesa in (1, 2, 3, 4) for seat in (1, 2)),
    "liaison-table-gt-sc-seat-1",
    "liaison-table-gt-sc-seat-2",
]
AGENCIES = {SEATS[-2]: "actor:iom", SEATS[-1]: "actor:unhcr"}


async def fill(connection: Connection, *slugs: str) -> None:
    """Give seats of the liaison table to somebody for 2023."""
    for slug in slugs:
        await make(
            connection,
            "mandate",
            slug,
            post=slug,
            holder=AGENCIES.get(slug, "actor:dime"),
            start="2023-01-01",
            end="2023-12-31",
        )


async def test_all_ten_seats_of_the_liaison_table_are_vacant(connection: Connection):
    """No source says who holds them."""
    found = await group(
        connection,
        "liaison-table",
        'complete(on: "2023-06-30") posts(where: {vacant: {eq: true}}) { nodes { slug } }',
    )
    assert found["complete"] is False
    assert [p["slug"] for p in found["posts"]["nodes"]] == SEATS


@pytest.mark.parametrize(("filled", "complete"), [(SEATS[:9], False), (SEATS, True)])
async def test_the_liaison_table_is_complete_with_ten(
    connection: Connection, filled: list[str], complete: bool
):
    """G2:77: four times two, and two agencies."""
    await fill(connection, *filled)
    assert await group(connection, "liaison-table", 'complete(on: "2023-06-30")') == {
        "complete": complete
    }


@pytest.mark.parametrize(
    ("day", "complete"),
    [("2022-12-31", False), ("2023-01-01", True), ("2023-12-31", True), ("2024-01-01", False)],
)
async def test_it_is_complete_for_as_long_as_they_hold_their_seats(
    connection: Connection, day: str, complete: bool
):
    """By the day asked about."""
    await fill(connection, *SEATS)
    assert await group(connection, "liaison-table", f'complete(on: "{day}")') == {
        "complete": complete
    }


async def test_only_the_liaison_table_can_be_complete(connection: Connection):
    """No other group has seats that it needs."""
    query = "{ workingGroups(first: 100) { nodes { slug complete } } }"
    found = (await read(connection, query))["workingGroups"]["nodes"]
    assert {g["slug"]: g["complete"] for g in found if g["complete"] is not None} == {
        "liaison-table": False
    }


# ── Terms ─────────────────────────────────────────────────────────────────────────────────────────

SEAT = SEATS[0]
DIME, BLOC = "actor:dime", "actor:bloque-latinoamericano"


async def terms(connection: Connection, *given: tuple[str, str, str]) -> list[list[str]]:
    """The rules that each of several mandates in one seat departs from, in their order."""
    for holder, start, end in given:
        await make(connection, "mandate", start, post=SEAT, holder=holder, start=start, end=end)
    found = [await mandate(connection, start, "warnings { rule }") for _, start, _ in given]
    return [[warning["rule"] for warning in one["warnings"]] for one in found]


YEARS = [(f"202{n}-03-01", f"202{n + 1}-02-28") for n in range(5)]


@pytest.mark.parametrize(
    ("holders_", "expected"),
    [
        ([DIME, DIME], [[], []]),
        ([DIME, DIME, DIME], [[], [], ["REELECTION"]]),
        ([DIME, DIME, DIME, DIME], [[], [], ["REELECTION"], ["REELECTION"]]),
        # After a gap in which another held it, it may come back.
        ([DIME, DIME, BLOC, DIME], [[], [], [], []]),
        ([DIME, BLOC, DIME, DIME], [[], [], [], []]),
        ([BLOC, DIME, DIME, DIME], [[], [], [], ["REELECTION"]]),
    ],
)
async def test_two_terms_in_a_row_are_allowed(
    connection: Connection, holders_: list[str], expected: list[list[str]]
):
    """G2:75: one immediate re-election."""
    given = [(holder, *year) for holder, year in zip(holders_, YEARS, strict=False)]
    assert await terms(connection, *given) == expected


async def test_it_may_come_back_after_a_gap_in_which_nobody_held_it(connection: Connection):
    """The rule says "inmediata": a year of vacancy interrupts as well."""
    years = [YEARS[0], YEARS[1], YEARS[3]]
    assert await terms(connection, *((DIME, *year) for year in years)) == [[], [], []]


async def test_a_third_term_says_how_many_the_rule_allows(connection: Connection):
    """In both languages."""
    await terms(connection, *((DIME, *year) for year in YEARS[:3]))
    said = [
        (await mandate(connection, YEARS[2][0], "warnings { message }", language=language))[
            "warnings"
        ]
        for language in Language
    ]
    assert said == [
        [{"message": "Es el período consecutivo número 3 y la regla permite 2."}],
        [{"message": "It is consecutive term number 3, and the rule allows 2."}],
    ]


async def test_a_person_is_bound_whoever_they_act_for(connection: Connection):
    """The rule binds the person; one who changes organizations gains no term."""
    await make(connection, "person", "p", name="Una", consented_on="2023-01-01")
    for holder, year in zip([DIME, DIME, BLOC], YEARS, strict=False):
        await make(
            connection,
            "mandate",
            year[0],
            post=SEAT,
            holder=holder,
            person="p",
            start=year[0],
            end=year[1],
        )
    found = await mandate(connection, YEARS[2][0], "warnings { rule }")
    assert found["warnings"] == [{"rule": "REELECTION"}]


async def test_another_person_of_the_same_organization_begins_anew(connection: Connection):
    """As above."""
    for key in ("p", "q"):
        await make(connection, "person", key, name=key, consented_on="2023-01-01")
    for person, year in zip("ppq", YEARS, strict=False):
        await make(
            connection,
            "mandate",
            year[0],
            post=SEAT,
            holder=DIME,
            person=person,
            start=year[0],
            end=year[1],
        )
    found = await mandate(connection, YEARS[2][0], "warnings { rule }")
    assert found["warnings"] == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-01-01", "2023-12-31", []),
        # As vague as the dates, and a month more.
        ("2023-01-01", "2024-01-31", []),
        ("2023-01", "2024-02", []),
        ("2023-01-01", "2024-02-02", ["TERM"]),
        ("2023-01-01", "2024-12-31", ["TERM"]),
        ("2023", "2024", []),
    ],
)
async def test_a_term_has_twelve_months(
    connection: Connection, start: str, end: str, expected: list[str]
):
    """G2:75."""
    assert await terms(connection, (DIME, start, end)) == [expected]


async def test_a_term_that_is_too_long_says_so(connection: Connection):
    """In both languages."""
    await terms(connection, (DIME, "2023-01-01", "2024-12-31"))
    said = [
        (await mandate(connection, "2023-01-01", "warnings { message }", language=language))[
            "warnings"
        ]
        for language in Language
    ]
    assert said == [
        [{"message": "Dura más que un período de 12 meses."}],
        [{"message": "It is longer than a term of 12 months."}],
    ]


# ── Starts and ends that are not known ────────────────────────────────────────────────────────────


async def open_dated(
    connection: Connection, start: dict[str, str] | str | None, end: dict[str, str] | str | None
) -> tuple[str, bool, list[str | None]]:
    """Status and vacancy of a seat, and before, now and next, with one mandate so dated."""
    await make(connection, "mandate", "m", post=SEAT, holder=DIME, start=start, end=end)
    status = (await mandate(connection, "m", 'status(on: "2023-06-30")'))["status"]
    vacant = (await post(connection, SEAT, 'vacant(on: "2023-06-30")'))["vacant"]
    return status, vacant, await holders(connection, SEAT, "2023-06-30")


TO_BE_CONFIRMED = {"text": "por confirmar", "status": "TO_BE_CONFIRMED"}
UNDATED = {"status": "UNDATED"}
LOST = {"status": "SOURCE_LOST"}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, ("CURRENT", False, [None, "dime", None])),
        (UNDATED, None, ("CURRENT", False, [None, "dime", None])),
        (LOST, None, ("CURRENT", False, [None, "dime", None])),
        (TO_BE_CONFIRMED, None, ("DESIGNATED", True, [None, None, "dime"])),
        ("2024-01-01", None, ("DESIGNATED", True, [None, None, "dime"])),
        ("2023-01-01", None, ("CURRENT", False, [None, "dime", None])),
        ("2022-01-01", "2022-12-31", ("ENDED", True, ["dime", None, None])),
        # It may have begun, and may not have ended.
        ("2023", "2023", ("CURRENT", False, [None, "dime", None])),
        (UNDATED, "2022", ("ENDED", True, ["dime", None, None])),
    ],
)
async def test_a_mandate_counts_by_what_is_known_of_it(
    connection: Connection,
    start: dict[str, str] | str | None,
    end: dict[str, str] | str | None,
    expected: tuple[str, bool, list[str | None]],
):
    """One without a known start is current; one whose start is to be confirmed is designated."""
    assert await open_dated(connection, start, end) == expected


@pytest.mark.parametrize("end", [TO_BE_CONFIRMED, UNDATED, LOST])
async def test_status_and_vacancy_agree_on_an_end_without_a_date(
    connection: Connection, end: dict[str, str]
):
    """A seat is vacant exactly when no mandate in it is current."""
    status, vacant, found = await open_dated(connection, "2022-01-01", end)
    assert (status == "CURRENT") == (not vacant) == (found[1] == "dime")


async def test_an_end_to_be_confirmed_has_not_come(connection: Connection):
    """Until then the holder stays."""
    expected = ("CURRENT", False, [None, "dime", None])
    assert await open_dated(connection, "2022-01-01", TO_BE_CONFIRMED) == expected


# ── Countries without somebody ────────────────────────────────────────────────────────────────────

COUNTRIES = ["belize", "costa-rica", "el-salvador", "guatemala", "honduras", "mexico", "panama"]


async def without(connection: Connection, whom: str) -> list[str]:
    """The countries of the civil-society mechanism without a focal point, or members."""
    field = f"countriesWithout{whom}"
    found = await group(connection, "mirps-civil-society", f"{field} {{ nodes {{ slug }} }}")
    return [country["slug"] for country in found[field]["nodes"]]


@pytest.mark.parametrize("whom", ["FocalPoint", "Members"])
async def test_no_country_has_anybody_yet(connection: Connection, whom: str):
    """M1:30, M1:60 and M1:121: nobody is named; sorted by their Spanish names."""
    assert await without(connection, whom) == COUNTRIES


async def appoint(connection: Connection, start: str, end: str | None = None) -> None:
    """A focal point for Mexico."""
    await make(
        connection,
        "mandate",
        "mexico",
        post="mirps-civil-society-focal-point-mexico",
        holder=DIME,
        start=start,
        end=end,
    )


async def test_a_country_with_a_focal_point_is_no_longer_without(connection: Connection):
    """A focal point makes no member."""
    await appoint(connection, "2023-02")
    assert await without(connection, "FocalPoint") == [c for c in COUNTRIES if c != "mexico"]
    assert await without(connection, "Members") == COUNTRIES


@pytest.mark.parametrize(("start", "end"), [("2022-01", "2022-12"), ("2999-01", None)])
async def test_one_that_ended_or_has_not_begun_does_not_count(
    connection: Connection, start: str, end: str | None
):
    """Today somebody has to be there."""
    await appoint(connection, start, end)
    assert await without(connection, "FocalPoint") == COUNTRIES


@pytest.mark.parametrize(
    ("status", "left"),
    [
        ("ACTIVE", [c for c in COUNTRIES if c != "mexico"]),
        ("REQUESTED", COUNTRIES),
        ("INVITED", COUNTRIES),
        ("ENDED", COUNTRIES),
    ],
)
async def test_a_country_with_a_member_is_no_longer_without(
    connection: Connection, status: str, left: list[str]
):
    """DIME is at home in Mexico (M1:22); a request or an invitation makes no member."""
    await make(
        connection,
        "membership",
        "m",
        group="mirps-civil-society",
        party=DIME,
        status=status,
        start="2023-02",
        visibility="PUBLIC" if status in ("ACTIVE", "ENDED") else "DRAFT",
    )
    assert await without(connection, "Members") == left


async def test_a_member_from_another_country_fills_no_gap(connection: Connection):
    """The count is by the country a member is at home in."""
    await make(
        connection,
        "actor",
        "made",
        name="Hecha",
        type="CIVIL_SOCIETY_ORGANIZATION",
        country="chile",
    )
    await make(
        connection,
        "membership",
        "m",
        group="mirps-civil-society",
        party="actor:made",
        status="ACTIVE",
    )
    assert await without(connection, "Members") == COUNTRIES


async def test_a_group_without_focal_points_seats_lacks_nobody(connection: Connection):
    """Only the mechanism promises one for each country."""
    found = await group(
        connection,
        "lac-mechanism",
        "countriesWithoutFocalPoint { totalCount } countriesWithoutMembers { totalCount }",
    )
    assert found == {
        "countriesWithoutFocalPoint": {"totalCount": 0},
        "countriesWithoutMembers": {"totalCount": 0},
    }


# ── Seats that not everybody sees ─────────────────────────────────────────────────────────────────

DRAFT = {"visibility": "DRAFT", "owner": "actor:unhcr"}


async def test_a_seat_that_nobody_sees_is_not_missed(connection: Connection):
    """With the ten that are seen the liaison table is complete."""
    await fill(connection, *SEATS)
    await make(
        connection,
        "post",
        "eleventh",
        group="liaison-table",
        kind="REPRESENTATIVE",
        title="Undécimo asiento",
        required=True,
        **DRAFT,
    )
    assert await group(connection, "liaison-table", 'complete(on: "2023-06-30")') == {
        "complete": True
    }


@pytest.mark.parametrize("whom", ["FocalPoint", "Members"])
async def test_a_focal_point_s_seat_that_nobody_sees_promises_nothing(
    connection: Connection, whom: str
):
    """Chile has none."""
    await make(
        connection,
        "post",
        "chile",
        group="mirps-civil-society",
        kind="FOCAL_POINT",
        title="Punto focal de Chile",
        country="chile",
        **DRAFT,
    )
    assert await without(connection, whom) == COUNTRIES


async def test_a_mandate_that_nobody_sees_fills_no_seat(connection: Connection):
    """It is vacant until the mandate is public."""
    await make(connection, "mandate", "m", post=SEAT, holder=DIME, start="2023-01-01", **DRAFT)
    assert await holders(connection, SEAT, "2023-06-30") == [None, None, None]
    found = await post(connection, SEAT, 'vacant(on: "2023-06-30") mandates { totalCount }')
    assert found == {"vacant": True, "mandates": {"totalCount": 0}}


# ── Achievements ──────────────────────────────────────────────────────────────────────────────────


async def test_the_advances_of_the_platform_fall_in_a_presidency(connection: Connection):
    """M3:87–91: the three are dated, in the year of the United States."""
    found = await mandate(
        connection,
        f"{PLATFORM}/2022-united-states",
        "achievements { nodes { kind group { slug } date { edtf } } }",
    )
    assert found["achievements"]["nodes"] == [
        {"kind": "ADVANCE", "group": {"slug": "support-platform"}, "date": {"edtf": edtf}}
        for edtf in ("2022-09", "2022-11", "2022-12")
    ]


async def test_two_mesas_name_objectives_as_priorities(connection: Connection):
    """G1:54 and G1:83; no other achievement names one."""
    query = (
        "{ achievements(where: {objectives: {some: {}}}) { nodes { group { slug }"
        " objectives { edges { priority basis node { number } } } } } }"
    )
    found = (await read(connection, query))["achievements"]["nodes"]
    assert {
        a["group"]["slug"]: [
            (e["node"]["number"], e["priority"], e["basis"]) for e in a["objectives"]["edges"]
        ]
        for a in found
    } == {
        "mesa-2": [(n, True, "STATED") for n in (4, 8, 13)],
        "mesa-3": [(n, True, "STATED") for n in (16, 19, 20)],
    }


# ── Topics ────────────────────────────────────────────────────────────────────────────────────────


async def test_the_topics_are_of_these_vocabularies(connection: Connection):
    """60 words; every hub link of G1 leaves theme and type open, so those schemes are empty."""
    query = "{ topics(first: 100) { nodes { scheme } } }"
    found = (await read(connection, query))["topics"]["nodes"]
    assert Counter(topic["scheme"] for topic in found) == {
        "POPULATION_GROUP": 13,
        "THEME": 22,
        "REGION": 2,
        "GUIDING_PRINCIPLE": 5,
        "SELECTION_CRITERION": 6,
        "MEMBERSHIP_CATEGORY": 12,
    }


async def test_four_groups_are_forcibly_displaced(connection: Connection):
    """M3:26."""
    query = '{ topic(by: {slug: "forcibly-displaced"}) { narrower { nodes { slug } } } }'
    found = (await read(connection, query))["topic"]["narrower"]["nodes"]
    assert sorted(topic["slug"] for topic in found) == [
        "asylum-seekers",
        "internally-displaced",
        "refugees",
        "stateless",
    ]
