"""Plans as trees: their order, who coordinates what, what they are measured by, how they move."""

from collections import Counter
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from seeds.records import id_of
from tests.making import by_id, change, keys_of, make
from tests.reading import read

Connection = asyncpg.Connection
KEYS = keys_of("plan_item")
CSO, PANAMA, PLATFORM = "mirps-civil-society-2023", "mirps-2023", "support-platform-2022-2023"
CANADAS, LAC = "support-platform-2021-2022", "lac-mechanism-2023"


async def item(connection: Connection, key: str, fields: str) -> dict[str, Any]:
    """Fields of an item."""
    return (await read(connection, f"{{ planItem{by_id('plan_item', key)} {{ {fields} }} }}"))[
        "planItem"
    ]


async def plan(connection: Connection, slug: str, fields: str) -> dict[str, Any]:
    """Fields of a plan."""
    return (await read(connection, f'{{ plan(by: {{slug: "{slug}"}}) {{ {fields} }} }}'))["plan"]


def keys(found: dict[str, Any]) -> list[str]:
    """The keys of the items in a connection."""
    return [KEYS[node["id"]] for node in found["nodes"]]


def below(parent: str, *letters: str) -> list[str]:
    """`below("x", "a2", "r1")` is `["x/a1", "x/a2", "x/r1"]`."""
    return [f"{parent}/{x[0]}{n}" for x in letters for n in range(1, int(x[1:]) + 1)]


# ── Trees ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("slug", [CSO, PANAMA, PLATFORM, CANADAS, LAC])
async def test_the_items_of_a_plan_come_as_they_are_printed(connection: Connection, slug: str):
    """Depth first: the seed files follow the documents."""
    found = await plan(connection, slug, "items(first: 100) { nodes { id } }")
    assert keys(found["items"]) == [key for key in KEYS.values() if key.startswith(f"{slug}/")]


async def test_the_platform_s_codes_are_those_printed(connection: Connection):
    """M3:35–71."""
    found = await plan(connection, PLATFORM, "items(first: 100) { nodes { code } }")
    assert " ".join(node["code"] for node in found["items"]["nodes"]) == (
        "1 1.1 1.1.1 1.1.2 1.1.3 1.2 1.2.1 1.2.2 2 2.1 2.1.1 2.1.2 2.1.3 2.1.4 3 3.1 3.1.1 3.1.2"
        " 3.2 3.2.1 3.2.2 3.3 3.3.1 3.3.2 3.3.3 3.4 3.4.1 3.5 3.5.1"
    )


@pytest.mark.parametrize(
    ("key", "children"),
    [
        (f"{PANAMA}/1.1", below(f"{PANAMA}/1.1", "a5", "r4")),
        (f"{PANAMA}/1.2", below(f"{PANAMA}/1.2", "b2", "r4")),
        (f"{PANAMA}/1.2/b1", below(f"{PANAMA}/1.2/b1", "a4")),
        (f"{PANAMA}/1.2/b2", below(f"{PANAMA}/1.2/b2", "a5")),
        (f"{PANAMA}/1.3", below(f"{PANAMA}/1.3", "a4", "r3")),
        # The tenth, a result, comes after the ninth, not after the first.
        (f"{PANAMA}/2.1", below(f"{PANAMA}/2.1", "a9", "r3")),
        (f"{CSO}/m3", below(f"{CSO}/m3", "a5")),
        (f"{CSO}/o1", []),
    ],
)
async def test_children_come_by_their_place(connection: Connection, key: str, children: list[str]):
    """M2:121–206; in M1 actions hang from the three phases, not from the objectives."""
    assert keys((await item(connection, key, "children { nodes { id } }"))["children"]) == children


@pytest.mark.parametrize(
    ("slug", "top"),
    [
        (CSO, ["o1", "o2", "o3", "o4", "o5", "o6", "m1", "m2", "m3"]),
        (PANAMA, ["1", "2", "m1", "m2", "m3", "m4", "m5"]),
        (PLATFORM, ["1", "2", "3"]),
        (CANADAS, ["1", "2", "3", "4"]),
        (LAC, ["1", "2", "3"]),
    ],
)
async def test_a_plan_begins_with_these(connection: Connection, slug: str, top: list[str]):
    """What hangs from nothing else."""
    found = await plan(connection, slug, "topItems { nodes { id parent { id } } }")
    assert keys(found["topItems"]) == [f"{slug}/{key}" for key in top]
    assert [node["parent"] for node in found["topItems"]["nodes"]] == [None] * len(top)


@pytest.mark.parametrize(
    ("key", "outline", "level"),
    [
        (f"{PANAMA}/1", "0001", 1),
        (f"{PANAMA}/1.2/b2/a5", "0001000200020005", 4),
        (f"{PANAMA}/2.1/r3", "000200010012", 3),
        (f"{PANAMA}/m5/m2", "00070004", 2),
        (f"{CSO}/m3/a5", "00090005", 2),
        (f"{PLATFORM}/3.3.2", "000300030002", 3),
        (f"{PLATFORM}/2.1.4", "000200010004", 3),
    ],
)
async def test_an_outline_has_four_digits_a_level(
    connection: Connection, key: str, outline: str, level: int
):
    """So that it sorts as text."""
    assert await item(connection, key, "outline level") == {"outline": outline, "level": level}


async def test_ancestors_come_from_the_top_down(connection: Connection):
    """Priority, objective, block."""
    found = await item(
        connection, f"{PANAMA}/1.2/b2/a5", "parent { id } ancestors { nodes { id } }"
    )
    above = [f"{PANAMA}/1", f"{PANAMA}/1.2", f"{PANAMA}/1.2/b2"]
    assert keys(found["ancestors"]) == above
    assert KEYS[found["parent"]["id"]] == above[-1]


async def test_what_begins_a_plan_has_no_ancestors(connection: Connection):
    """Nothing lies above."""
    found = await item(connection, f"{PANAMA}/1", "ancestors { totalCount }")
    assert found["ancestors"] == {"totalCount": 0}


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("1", {"OBJECTIVE": 3, "BLOCK": 2, "ACTION": 18, "RESULT": 11}),
        ("1.2", {"BLOCK": 2, "ACTION": 9, "RESULT": 4}),
        ("2", {"OBJECTIVE": 1, "ACTION": 9, "RESULT": 3}),
        ("1.1/a1", {}),
    ],
)
async def test_descendants_are_all_below(connection: Connection, key: str, kinds: dict[str, int]):
    """At any depth, the item itself left out."""
    found = await item(
        connection, f"{PANAMA}/{key}", "descendants(first: 100) { nodes { kind } totalCount }"
    )
    assert Counter(node["kind"] for node in found["descendants"]["nodes"]) == kinds
    assert found["descendants"]["totalCount"] == sum(kinds.values())


@pytest.mark.parametrize(
    ("slug", "kind", "parents"),
    [
        (PANAMA, "RESULT", {"OBJECTIVE": 14}),
        (PLATFORM, "RESULT", {"ACTIVITY": 18}),
        (CANADAS, "RESULT", {"OBJECTIVE": 4}),
        (LAC, "RESULT", {"AXIS": 9}),
        (PANAMA, "ACTION", {"OBJECTIVE": 18, "BLOCK": 9}),
        (CSO, "ACTION", {"METHOD": 13}),
        (PLATFORM, "ACTIVITY", {"OBJECTIVE": 8}),
        (PANAMA, "OBJECTIVE", {"PRIORITY": 4}),
    ],
)
async def test_items_hang_where_their_plan_prints_them(
    connection: Connection, slug: str, kind: str, parents: dict[str, int]
):
    """Results from the objective in M2, the activity in M3, the general objective in M3:75–87."""
    found = await plan(
        connection,
        slug,
        f"items(where: {{kind: {{eq: {kind}}}}}, first: 100) {{ nodes {{ parent {{ kind }} }} }}",
    )
    assert Counter(node["parent"]["kind"] for node in found["items"]["nodes"]) == parents


async def test_the_platform_s_results_are_shared_out_to_its_activities(connection: Connection):
    """M3:37–71."""
    found = await plan(
        connection,
        PLATFORM,
        "items(where: {kind: {eq: ACTIVITY}}) { nodes { code children { totalCount } } }",
    )
    assert {n["code"]: n["children"]["totalCount"] for n in found["items"]["nodes"]} == {
        "1.1": 3, "1.2": 2, "2.1": 4, "3.1": 2, "3.2": 2, "3.3": 3, "3.4": 1, "3.5": 1
    }  # fmt: skip


async def test_a_code_may_be_printed_twice(connection: Connection):
    """M2:113 and M2:212 both number from one."""
    found = await plan(
        connection, PANAMA, 'items(where: {code: {eq: "1"}}) { nodes { kind outline } }'
    )
    assert found["items"]["nodes"] == [
        {"kind": "PRIORITY", "outline": "0001"},
        {"kind": "METHOD", "outline": "0003"},
    ]


# ── Whose plans they are ──────────────────────────────────────────────────────────────────────────


async def test_panama_s_plan_is_of_the_year_of_its_presidency(connection: Connection):
    """M2:5: the days of 2023, written as the year."""
    found = await plan(
        connection,
        PANAMA,
        "party { name } mandate { holder { name } } document { code }"
        " start { text earliest latest } end { text earliest latest }",
    )
    assert found == {
        "party": {"name": "Marco Integral Regional para la Protección y Soluciones"},
        "mandate": {"holder": {"name": "Panamá"}},
        "document": {"code": "M2"},
        "start": {"text": "2023", "earliest": "2023-01-01", "latest": "2023-01-01"},
        "end": {"text": "2023", "earliest": "2023-12-31", "latest": "2023-12-31"},
    }


@pytest.mark.parametrize(
    ("slug", "holder", "period", "status"),
    [
        (CSO, "Diálogo Intercultural Mexicano A.C.", ("2023-01-01", "2023-12-31"), "EXACT"),
        (PLATFORM, "Estados Unidos de América", ("2022-09-01", "2023-09-30"), "APPROXIMATE"),
        (CANADAS, "Canadá", ("2021-01-01", "2022-12-31"), "APPROXIMATE"),
    ],
)
async def test_a_plan_belongs_to_a_presidency(
    connection: Connection, slug: str, holder: str, period: tuple[str, str], status: str
):
    """M1:18–22, M3:14, M3:73."""
    found = await plan(
        connection, slug, "mandate { holder { name } } start { earliest } end { latest status }"
    )
    assert found["mandate"]["holder"]["name"] == holder
    assert (found["start"]["earliest"], found["end"]["latest"]) == period
    assert found["end"]["status"] == status


async def test_a_national_plan_is_its_state_s(connection: Connection):
    """M3:12 names seven, without a date or a text."""
    query = (
        "{ plans(where: {country: {}}) { nodes { country { slug } start { text } document { id }"
        " party { ... on State { slug } } items { totalCount } } } }"
    )
    found = (await read(connection, query))["plans"]["nodes"]
    assert sorted(p["country"]["slug"] for p in found) == [
        "belize", "costa-rica", "el-salvador", "guatemala", "honduras", "mexico", "panama"
    ]  # fmt: skip
    for one in found:
        assert one == {
            "country": one["country"],
            "party": one["country"],
            "start": None,
            "document": None,
            "items": {"totalCount": 0},
        }


# ── Who does what ─────────────────────────────────────────────────────────────────────────────────


async def test_four_items_have_a_coordinating_group(connection: Connection):
    """M2:125, M2:144, M2:154 and M2:173: the groups of MIRPS, not those of civil society."""
    query = (
        "{ planItems(where: {coordinatingGroup: {}}) { nodes { id coordinatingGroup { slug } } } }"
    )
    found = (await read(connection, query))["planItems"]["nodes"]
    assert {KEYS[n["id"]]: n["coordinatingGroup"]["slug"] for n in found} == {
        f"{PANAMA}/1.1": "mirps-reception",
        f"{PANAMA}/1.2/b1": "mirps-internal-displacement",
        f"{PANAMA}/1.2/b2": "mirps-local-governance",
        f"{PANAMA}/1.3": "mirps-livelihoods",
    }


async def test_the_two_blocks_of_objective_1_2_name_different_groups(connection: Connection):
    """M2:144 and M2:154; the objective itself names none."""
    found = await item(
        connection,
        f"{PANAMA}/1.2",
        "coordinatingGroup { id } children(where: {kind: {eq: BLOCK}})"
        " { nodes { coordinatingGroup { name } children { totalCount } } }",
    )
    assert found["coordinatingGroup"] is None
    assert found["children"]["nodes"] == [
        {
            "coordinatingGroup": {"name": "Grupo de Trabajo sobre Desplazamiento Interno"},
            "children": {"totalCount": 4},
        },
        {
            "coordinatingGroup": {"name": "Grupo de Trabajo sobre Gobernabilidad Local"},
            "children": {"totalCount": 5},
        },
    ]


WHOLE = """{
  plan(by: {slug: "mirps-2023"}) {
    topItems(first: 2) { nodes { code children(first: 4) { nodes {
      code
      group: coordinatingGroup { slug members(first: 10) { nodes { party { name } } } }
      results: children(where: {kind: {eq: RESULT}}) { totalCount }
      actions: children(where: {kind: {eq: ACTION}}) { totalCount }
      blocks: children(where: {kind: {eq: BLOCK}}, first: 2) { nodes {
        group: coordinatingGroup { slug members(first: 10) { nodes { party { name } } } }
        actions: children { totalCount }
      } }
    } } } }
  }
}"""


def group(slug: str, *members: str) -> dict[str, Any]:
    """A coordinating group in the answer."""
    return {"slug": slug, "members": {"nodes": [{"party": {"name": name}} for name in members]}}


def objective(
    code: str, coordinated: Any, results: int, actions: int, *blocks: dict[str, Any]
) -> dict[str, Any]:
    """An objective in the answer."""
    return {
        "code": code,
        "group": coordinated,
        "results": {"totalCount": results},
        "actions": {"totalCount": actions},
        "blocks": {"nodes": list(blocks)},
    }


async def test_one_operation_goes_from_priorities_to_the_members_of_a_group(connection: Connection):
    """No source names a member of these groups, so two are made here."""
    for party in ("panama", "guatemala"):
        await make(
            connection,
            "membership",
            party,
            group="mirps-reception",
            party=f"actor:{party}",
            status="ACTIVE",
            start="2023-01" if party == "panama" else "2023-02",
        )
    displacement = {"group": group("mirps-internal-displacement"), "actions": {"totalCount": 4}}
    governance = {"group": group("mirps-local-governance"), "actions": {"totalCount": 5}}
    first = [
        objective("1.1", group("mirps-reception", "Panamá", "Guatemala"), 4, 5),
        objective("1.2", None, 4, 0, displacement, governance),
        objective("1.3", group("mirps-livelihoods"), 3, 4),
    ]
    second = [objective("2.1", None, 3, 9)]
    assert (await read(connection, WHOLE))["plan"]["topItems"]["nodes"] == [
        {"code": "1", "children": {"nodes": first}},
        {"code": "2", "children": {"nodes": second}},
    ]


async def test_ten_items_have_parties(connection: Connection):
    """M2:131, M2:199, M2:239, M3:39, M3:41, M3:62 and M3:70; nobody else is named."""
    query = (
        "{ planItems(where: {parties: {some: {}}}) { nodes { id parties { edges { role node"
        " { ... on Actor { slug } ... on WorkingGroup { slug } } } } } } }"
    )
    found = {
        KEYS[n["id"]]: [(e["role"], e["node"]["slug"]) for e in n["parties"]["edges"]]
        for n in (await read(connection, query))["planItems"]["nodes"]
    }
    assert found == {
        f"{PANAMA}/1.1/a5": [("SUPPORTING", "asylum-capacity-support-group")],
        f"{PANAMA}/2.1/a8": [("SUPPORTING", "cim")],
        f"{PANAMA}/m5/d1": [("RESPONSIBLE", "panama")],
        f"{PANAMA}/m5/m1": [("RESPONSIBLE", "panama")],
        f"{PANAMA}/m5/d2": [("RESPONSIBLE", "panama")],
        f"{PANAMA}/m5/m2": [("RESPONSIBLE", "panama")],
        f"{PLATFORM}/1.1.2": [("RESPONSIBLE", "support-platform")],
        f"{PLATFORM}/1.2": [("RESPONSIBLE", "support-platform")],
        f"{PLATFORM}/3.3": [("RESPONSIBLE", "support-platform")],
        f"{PLATFORM}/3.5": [("RESPONSIBLE", "united-states")],
    }


NEEDS = {
    f"{CSO}/m2": [f"{CSO}/m1"],
    f"{CSO}/m3": [f"{CSO}/m1", f"{CSO}/m2"],
    f"{PLATFORM}/3.3": [f"{PLATFORM}/3.1", f"{PLATFORM}/3.2"],
    f"{PLATFORM}/3.5": [f"{PLATFORM}/3.3"],
}
"""M1:76 and M3:56–65. 3.1 and 3.2 name each other; neither waits for the other."""


@pytest.mark.parametrize("field", ["dependsOn", "neededBy"])
async def test_some_items_need_others_first(connection: Connection, field: str):
    """From both ends."""
    query = (
        f"{{ planItems(where: {{{field}: {{some: {{}}}}}})"
        f" {{ nodes {{ id {field} {{ nodes {{ id }} }} }} }} }}"
    )
    found = (await read(connection, query))["planItems"]["nodes"]
    pairs = {(KEYS[n["id"]], other) for n in found for other in keys(n[field])}
    expected = {(key, needed) for key, several in NEEDS.items() for needed in several}
    assert pairs == (expected if field == "dependsOn" else {(b, a) for a, b in expected})


async def test_an_end_may_be_announced_in_words(connection: Connection):
    """M3:70: "cerca del final de su mandato"."""
    found = await item(connection, f"{PLATFORM}/3.5", "start { text } end { edtf earliest status }")
    assert found == {
        "start": None,
        "end": {"edtf": None, "earliest": None, "status": "TO_BE_CONFIRMED"},
    }


# ── What they follow ──────────────────────────────────────────────────────────────────────────────

TARGET = (
    "target { __typename ... on Objective { slug } ... on Plan { slug } ... on Framework { slug }"
    " ... on Document { slug } }"
)
ALIGNMENTS = f"alignments {{ nodes {{ kind basis {TARGET} note(language: EN) }} }}"
NATIONAL = [
    f"national-plan-{slug}"
    for slug in ("belize", "costa-rica", "el-salvador", "guatemala", "honduras", "mexico", "panama")
]


def aligned(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, noun and slug of what a plan or item follows."""
    nodes = found["alignments"]["nodes"]
    return [(n["kind"], n["target"]["__typename"], n["target"]["slug"]) for n in nodes]


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        (PANAMA, []),
        (
            CSO,
            [
                ("ALIGNED", "Plan", "mirps-2023"),
                ("ALIGNED", "Framework", "gcr"),
                ("ALIGNED", "Framework", "los-angeles-declaration"),
            ],
        ),
        (
            PLATFORM,
            [
                ("ALIGNED", "Framework", "gcr"),
                ("ALIGNED", "Document", "gcr-indicator-framework"),
                ("CONTRIBUTES", "Plan", "support-platform-2021-2022"),
                ("BASED_ON", "Document", "us-collaborative-migration-management-strategy"),
                ("CONTRIBUTES", "Framework", "los-angeles-declaration"),
            ],
        ),
        (CANADAS, [("BASED_ON", "Document", "mirps-support-platform-governance-note")]),
        *((slug, [("ALIGNED", "Framework", "mirps")]) for slug in NATIONAL),
    ],
)
async def test_a_plan_follows_these(
    connection: Connection, slug: str, expected: list[tuple[str, str, str]]
):
    """M1:20–40, M3:12, M3:32, M3:83."""
    assert aligned(await plan(connection, slug, ALIGNMENTS)) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"{PANAMA}/1", [("CONTRIBUTES", "Plan", slug) for slug in NATIONAL]),
        (f"{PLATFORM}/1", [("ALIGNED", "Objective", "gcr-1")]),
        (f"{PLATFORM}/2", [("ALIGNED", "Objective", "gcr-1")]),
        (f"{PLATFORM}/3", [("ALIGNED", "Objective", "gcr-2")]),
        (f"{PLATFORM}/2.1", [("ALIGNED", "Plan", slug) for slug in (*NATIONAL, "mirps-2023")]),
    ],
)
async def test_an_item_follows_these(
    connection: Connection, key: str, expected: list[tuple[str, str, str]]
):
    """M2:113, M3:32–33, M3:47."""
    assert aligned(await item(connection, key, ALIGNMENTS)) == expected


async def test_nothing_else_follows_anything_and_all_of_it_is_stated(connection: Connection):
    """34 in all."""
    query = (
        "{ all: alignments { totalCount }"
        " stated: alignments(where: {basis: {eq: STATED}}) { totalCount } }"
    )
    assert await read(connection, query) == {
        "all": {"totalCount": 34},
        "stated": {"totalCount": 34},
    }


async def test_the_misprint_of_the_second_objective_is_noted(connection: Connection):
    """M3:32 prints "Objetivo 1 PMR" twice."""
    [found] = (await item(connection, f"{PLATFORM}/3", ALIGNMENTS))["alignments"]["nodes"]
    assert found["note"] == (
        "M3:32 prints “Objetivo 1 PMR” twice; the second, on self-reliance, is objective 2 of the"
        " Compact."
    )


@pytest.mark.parametrize(("slug", "items"), [("gcr-1", ["1", "2"]), ("gcr-2", ["3"])])
async def test_the_platform_s_objectives_serve_those_of_the_compact(
    connection: Connection, slug: str, items: list[str]
):
    """M3:32–33: the only links of plan items to objectives, all stated."""
    query = (
        f'{{ objective(by: {{slug: "{slug}"}})'
        " { planItems { edges { basis node { id } } nodes { id } } } }"
    )
    found = (await read(connection, query))["objective"]["planItems"]
    assert keys(found) == [f"{PLATFORM}/{code}" for code in items]
    assert {edge["basis"] for edge in found["edges"]} == {"STATED"}


# ── Targets ───────────────────────────────────────────────────────────────────────────────────────


async def test_two_to_four_learning_activities(connection: Connection):
    """M3:62, in both languages."""
    found = await item(
        connection,
        f"{PLATFORM}/3.3",
        "targets { nodes { es: metric en: metric(language: EN) comparator minimum maximum"
        " unit(language: EN) period reached } }",
    )
    assert found["targets"]["nodes"] == [
        {
            "es": "Actividades de aprendizaje",
            "en": "Learning activities",
            "comparator": "BETWEEN",
            "minimum": "2.00",
            "maximum": "4.00",
            "unit": "learning activity",
            "period": None,
            "reached": None,
        }
    ]


TARGETS = [
    (f"{CSO}/o4", [("AT_LEAST", "7.00", None, "country", None)]),
    (f"{CSO}/m1/a1", [("EXACTLY", "1.00", "1.00", "plan", "YEAR")]),
    (f"{CSO}/m2/a2", [("EXACTLY", "1.00", "1.00", "leader per working group", None)]),
    (f"{CSO}/m2/a3", [("EXACTLY", "1.00", "1.00", "focal point per country", None)]),
    (f"{CSO}/m3/a5", [("AT_LEAST", "1.00", None, "event per member organization", None)]),
    (f"{PANAMA}/1.2/b2/a1", [("INCREASE", None, None, "city", None)]),
    # Two virtual, one in person.
    (
        f"{PANAMA}/2.1/a6",
        [
            ("EXACTLY", "2.00", "2.00", "meeting", None),
            ("EXACTLY", "1.00", "1.00", "meeting", None),
        ],
    ),
    (f"{PLATFORM}/1.1.1", [("AT_LEAST", "2.00", None, "update", "YEAR")]),
    (f"{PLATFORM}/2.1.2", [("INCREASE", None, None, None, None)]),
    (
        f"{PLATFORM}/2.1.3",
        [("INCREASE", None, None, "firm", None), ("AT_LEAST", "2.00", None, "country", None)],
    ),
    (f"{PLATFORM}/2.1.4", [("AT_LEAST", "2.00", None, "commitment", None)]),
    (f"{PLATFORM}/3.3", [("BETWEEN", "2.00", "4.00", "learning activity", None)]),
    (f"{PLATFORM}/3.3.2", [("AT_LEAST", "1.00", None, "country", None)]),
    (f"{PLATFORM}/3.3.3", [("AT_LEAST", "1.00", None, "party", None)]),
    # A political one and one of funding.
    (
        f"{PLATFORM}/3.4.1",
        [("AT_LEAST", "1.00", None, "pledge", None), ("AT_LEAST", "1.00", None, "pledge", None)],
    ),
]
"""M1:60, 90, 130, 131, 157; M2:156, 197; M3:38, 50–52, 62, 66, 67, 69."""


@pytest.mark.parametrize(("key", "expected"), TARGETS, ids=[key for key, _ in TARGETS])
async def test_an_item_is_measured_by(
    connection: Connection, key: str, expected: list[tuple[str | None, ...]]
):
    """As far as the source gives a number."""
    found = await item(
        connection,
        key,
        "targets { nodes { comparator minimum maximum unit(language: EN) period } }",
    )
    assert [tuple(target.values()) for target in found["targets"]["nodes"]] == expected


async def test_nothing_else_is_measured(connection: Connection):
    """18 targets of 15 items."""
    query = (
        "{ targets { totalCount }"
        " planItems(where: {targets: {some: {}}}, first: 100) { nodes { id } } }"
    )
    found = await read(connection, query)
    assert found["targets"]["totalCount"] == 18
    assert sorted(keys(found["planItems"])) == sorted(key for key, _ in TARGETS)


# ── Progress ──────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_is_known_of_the_progress_of_any_plan(connection: Connection):
    """No source reports on a plan: not nought of a hundred, but nothing known."""
    query = (
        "{ plans(first: 100) { nodes { completion status } }"
        " planItems(where: {status: {isNull: true}}) { totalCount }"
        " progressUpdates { totalCount } needs { totalCount } }"
    )
    found = await read(connection, query)
    assert found["plans"]["nodes"] == [{"completion": None, "status": None}] * 15
    assert found["planItems"]["totalCount"] == 145
    assert (found["progressUpdates"], found["needs"]) == ({"totalCount": 0}, {"totalCount": 0})


async def test_nothing_is_known_of_the_progress_of_an_item(connection: Connection):
    """Nor below it."""
    assert await item(connection, f"{PANAMA}/1", "completion") == {"completion": None}


B1 = f"{PANAMA}/1.2/b1"


async def completions(connection: Connection) -> list[int | None]:
    """Of block 1.2/b1 with its four actions, of objective 1.2 with 13 leaves, and of the plan."""
    block = await item(connection, B1, "completion")
    one = await item(connection, f"{PANAMA}/1.2", "completion")
    whole = await plan(connection, PANAMA, "completion")
    return [found["completion"] for found in (block, one, whole)]


async def test_completion_counts_what_is_carried_out(connection: Connection):
    """1 of 4, of 13 and of 62 items without items below them, rounded down."""
    await change(connection, "plan_item", f"{B1}/a1", status="CLOSED")
    assert await completions(connection) == [25, 7, 1]


async def test_once_something_is_known_the_rest_counts_as_open(connection: Connection):
    """Nought, and no longer null."""
    await change(connection, "plan_item", f"{B1}/a1", status="IMPLEMENTATION")
    assert await completions(connection) == [0, 0, 0]


async def test_finalisation_counts_as_carried_out(connection: Connection):
    """Only accounts and reports are open."""
    await change(connection, "plan_item", f"{B1}/a1", status="FINALISATION")
    await change(connection, "plan_item", f"{B1}/a2", status="CLOSED")
    assert await completions(connection) == [50, 15, 3]


async def test_what_was_cancelled_does_not_count(connection: Connection):
    """1 of 3."""
    await change(connection, "plan_item", f"{B1}/a1", status="CLOSED")
    await change(connection, "plan_item", f"{B1}/a2", status="CANCELLED")
    assert (await completions(connection))[0] == 33


async def test_the_status_of_what_has_items_below_it_does_not_count(connection: Connection):
    """They tell."""
    await change(connection, "plan_item", B1, status="CLOSED")
    assert await completions(connection) == [None, None, None]


async def test_an_item_without_items_below_it_has_no_completion(connection: Connection):
    """It has a status."""
    await change(connection, "plan_item", f"{B1}/a1", status="CLOSED")
    assert await item(connection, f"{B1}/a1", "completion status") == {
        "completion": None,
        "status": "CLOSED",
    }


UNREPORTED = "itemsWithoutProgress(first: 100) { nodes { id } totalCount }"


async def test_no_progress_of_anything_was_reported(connection: Connection):
    """All items of a plan that have none below them."""
    found = [await plan(connection, slug, UNREPORTED) for slug in (CSO, PANAMA)]
    assert [one["itemsWithoutProgress"]["totalCount"] for one in found] == [19, 62]


@pytest.mark.parametrize("status", ["FINALISATION", "CLOSED", "CANCELLED"])
async def test_what_is_over_waits_for_no_report(connection: Connection, status: str):
    """It is left out."""
    await change(connection, "plan_item", f"{B1}/a1", status=status)
    found = (await plan(connection, PANAMA, UNREPORTED))["itemsWithoutProgress"]
    assert found["totalCount"] == 61
    assert f"{B1}/a1" not in keys(found)


@pytest.mark.parametrize("status", ["PIPELINE", "IMPLEMENTATION", "SUSPENDED"])
async def test_what_is_open_waits_for_a_report(connection: Connection, status: str):
    """Whatever its status."""
    await change(connection, "plan_item", f"{B1}/a1", status=status)
    assert f"{B1}/a1" in keys((await plan(connection, PANAMA, UNREPORTED))["itemsWithoutProgress"])


async def test_what_was_reported_on_waits_no_longer(connection: Connection):
    """One update is enough."""
    await make(
        connection, "progress_update", "u", item=f"{B1}/a1", date="2023-05", statement="Empezó."
    )
    found = (await plan(connection, PANAMA, UNREPORTED))["itemsWithoutProgress"]
    assert found["totalCount"] == 61
    assert f"{B1}/a1" not in keys(found)


LEARNING = f"{PLATFORM}/3.3/t1"


async def reached(connection: Connection, *values: tuple[str, str, str]) -> str | None:
    """What the learning activities come to after updates of a kind, a value and a month."""
    for number, (kind, value, month) in enumerate(values):
        await make(
            connection,
            "progress_update",
            f"u{number}",
            item=f"{PLATFORM}/3.3",
            target=LEARNING,
            value=value,
            value_kind=kind,
            date=month,
        )
    query = f"{{ target{by_id('target', LEARNING)} {{ reached }} }}"
    return (await read(connection, query))["target"]["reached"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([("INCREMENT", "1", "2023-03")], "1.00"),
        ([("INCREMENT", "1", "2023-03"), ("INCREMENT", "1", "2023-06")], "2.00"),
        ([("CUMULATIVE", "2", "2023-03"), ("CUMULATIVE", "3", "2023-06")], "3.00"),
        ([("CUMULATIVE", "3", "2023-06"), ("CUMULATIVE", "2", "2023-03")], "3.00"),
        ([("CUMULATIVE", "2", "2023-03"), ("INCREMENT", "1", "2023-06")], "3.00"),
        # What came before a cumulative value is part of it, in whatever order it was recorded.
        ([("CUMULATIVE", "2", "2023-06"), ("INCREMENT", "1", "2023-03")], "2.00"),
        (
            [
                ("INCREMENT", "1", "2023-01"),
                ("CUMULATIVE", "2", "2023-03"),
                ("INCREMENT", "1", "2023-06"),
                ("INCREMENT", "0.5", "2023-08"),
            ],
            "3.50",
        ),
        # A correction downwards stands.
        ([("CUMULATIVE", "3", "2023-03"), ("CUMULATIVE", "2", "2023-06")], "2.00"),
    ],
)
async def test_reached_is_the_latest_sum_and_what_came_after(
    connection: Connection, values: list[tuple[str, str, str]], expected: str | None
):
    """By the dates of the updates."""
    assert await reached(connection, *values) == expected


async def test_a_value_for_one_target_is_none_for_another(connection: Connection):
    """3.4.1 has two, and a status reported of the item counts for neither."""
    await make(
        connection,
        "progress_update",
        "u",
        item=f"{PLATFORM}/3.4.1",
        target=f"{PLATFORM}/3.4.1/t1",
        value="1",
        value_kind="INCREMENT",
        date="2023-03",
    )
    await make(
        connection,
        "progress_update",
        "s",
        item=f"{PLATFORM}/3.4.1",
        status="CLOSED",
        date="2023-04",
    )
    found = await item(connection, f"{PLATFORM}/3.4.1", "targets { nodes { reached } }")
    assert [target["reached"] for target in found["targets"]["nodes"]] == ["1.00", None]


@pytest.mark.parametrize(
    ("given", "unmet", "is_open"),
    [
        ({"amount": "100", "met": "30", "currency": "USD"}, "70.00", True),
        ({"amount": "100", "met": "100", "currency": "USD"}, "0.00", False),
        ({"amount": "100", "met": "130", "currency": "USD"}, "0.00", False),
        ({"amount": "100", "met": "30", "satisfied": True}, "0.00", False),
        ({}, None, True),
        ({"met": "5"}, None, True),
        ({"satisfied": True}, "0.00", False),
    ],
)
async def test_a_need_is_open_until_it_is_met(
    connection: Connection, given: dict[str, Any], unmet: str | None, is_open: bool
):
    """Or until who stated it says so; without an amount nobody knows how much is lacking."""
    await make(connection, "need", "n", item=f"{B1}/a3", kind="FINANCIAL", title="Mapas", **given)
    assert (await item(connection, f"{B1}/a3", "needs { nodes { unmet open } }"))["needs"] == {
        "nodes": [{"unmet": unmet, "open": is_open}]
    }


@pytest.mark.parametrize(("is_open", "titles"), [("true", ["Mapas"]), ("false", ["Música"])])
async def test_open_needs_can_be_asked_for(connection: Connection, is_open: str, titles: list[str]):
    """And met ones."""
    await make(connection, "need", "a", kind="TECHNICAL", title="Mapas", country="panama")
    await make(
        connection, "need", "b", kind="HUMAN", title="Música", country="panama", satisfied=True
    )
    query = f"{{ needs(where: {{open: {{eq: {is_open}}}}}) {{ nodes {{ title }} }} }}"
    found = (await read(connection, query))["needs"]["nodes"]
    assert [need["title"] for need in found] == titles


# ── Moving ────────────────────────────────────────────────────────────────────────────────────────


async def outlines(connection: Connection, key: str) -> dict[str, str]:
    """The outlines of an item and of everything below it."""
    found = await item(
        connection, key, "id outline descendants(first: 100) { nodes { id outline } }"
    )
    nodes = [found, *found["descendants"]["nodes"]]
    return {KEYS[node["id"]].removeprefix(f"{PANAMA}/"): node["outline"] for node in nodes}


async def test_a_moved_item_takes_along_what_is_below_it(connection: Connection):
    """To a new place beside the same items."""
    await change(connection, "plan_item", f"{PANAMA}/1.2", position=7)
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert await outlines(connection, f"{PANAMA}/1.2") == {
        "1.2": "00010007",
        "1.2/b1": "000100070001",
        "1.2/b1/a1": "0001000700010001",
        "1.2/b1/a2": "0001000700010002",
        "1.2/b1/a3": "0001000700010003",
        "1.2/b1/a4": "0001000700010004",
        "1.2/b2": "000100070002",
        "1.2/b2/a1": "0001000700020001",
        "1.2/b2/a2": "0001000700020002",
        "1.2/b2/a3": "0001000700020003",
        "1.2/b2/a4": "0001000700020004",
        "1.2/b2/a5": "0001000700020005",
        "1.2/r1": "000100070003",
        "1.2/r2": "000100070004",
        "1.2/r3": "000100070005",
        "1.2/r4": "000100070006",
    }


async def test_an_item_moves_below_another(connection: Connection):
    """A block goes from objective 1.2 to the end of 2.1, one priority on."""
    await change(
        connection, "plan_item", B1, parent_id=id_of("plan_item", f"{PANAMA}/2.1"), position=13
    )
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert await outlines(connection, B1) == {
        "1.2/b1": "000200010013",
        "1.2/b1/a1": "0002000100130001",
        "1.2/b1/a2": "0002000100130002",
        "1.2/b1/a3": "0002000100130003",
        "1.2/b1/a4": "0002000100130004",
    }


async def test_an_item_moves_to_another_level(connection: Connection):
    """A block becomes an item of the first level: its actions rise with it."""
    await change(connection, "plan_item", B1, parent_id=None, position=8)
    found = await item(connection, f"{B1}/a1", "outline level ancestors { nodes { id } }")
    assert (found["outline"], found["level"]) == ("00080001", 2)
    assert keys(found["ancestors"]) == [B1]


async def test_two_items_can_change_places(connection: Connection):
    """Places are compared at the end of the transaction."""
    await change(connection, "plan_item", f"{PANAMA}/1.1", position=3)
    await change(connection, "plan_item", f"{PANAMA}/1.3", position=1)
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = await item(connection, f"{PANAMA}/1", "children { nodes { id } }")
    assert keys(found["children"]) == [f"{PANAMA}/{code}" for code in ("1.3", "1.2", "1.1")]


PARENTS = [
    (f"{PANAMA}/1.2/b1/a1", "An item hangs below itself; choose a parent outside of it."),
    (f"{PANAMA}/1.2/b1", "An item hangs below itself; choose a parent outside of it."),
    (f"{PANAMA}/1.2", "An item hangs below itself; choose a parent outside of it."),
    (f"{CSO}/m1", "An item hangs below an item of another plan; both must be of one plan."),
]


@pytest.mark.parametrize(("parent", "message"), PARENTS)
async def test_an_item_cannot_hang_from_there(connection: Connection, parent: str, message: str):
    """Below what is below it, below itself, or in another plan; all stays as it was."""
    before = await outlines(connection, f"{PANAMA}/1.2")
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        async with connection.transaction():
            await change(
                connection, "plan_item", f"{PANAMA}/1.2", parent_id=id_of("plan_item", parent)
            )
    assert refused.value.args == (message,)
    assert await outlines(connection, f"{PANAMA}/1.2") == before


async def test_a_new_item_cannot_hang_from_another_plan(connection: Connection):
    """As one that moves."""
    with pytest.raises(asyncpg.CheckViolationError, match="below an item of another plan"):
        await make(
            connection,
            "plan_item",
            "new",
            plan=CSO,
            parent=f"{PANAMA}/1.2",
            kind="ACTION",
            position=99,
            title="Nueva",
        )


async def test_two_items_cannot_share_a_place(connection: Connection):
    """The fifth of 1.1's actions is there already."""
    await make(
        connection,
        "plan_item",
        "new",
        plan=PANAMA,
        parent=f"{PANAMA}/1.1",
        kind="ACTION",
        position=5,
        title="Nueva",
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="plan_item_plan_id_outline_key"):
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_a_new_item_finds_its_place(connection: Connection):
    """Between those beside it and below its parent."""
    made = await make(
        connection,
        "plan_item",
        "new",
        plan=PANAMA,
        parent=f"{PANAMA}/2.1",
        kind="ACTION",
        position=13,
        title="Nueva",
    )
    query = f'{{ planItem(by: {{id: "plan_item_{made}"}}) {{ outline level }} }}'
    assert (await read(connection, query))["planItem"] == {"outline": "000200010013", "level": 3}


async def test_an_item_takes_what_is_below_it_to_another_plan(connection: Connection):
    """A parent and its children are of one plan, even where their places stay the same."""
    other = id_of("plan", "national-plan-panama")
    await change(connection, "plan_item", f"{PANAMA}/1", plan_id=other)
    data = await read(
        connection,
        """{
          old: plan(by: {slug: "mirps-2023"}) { items { totalCount } }
          new: plan(by: {slug: "national-plan-panama"}) { items { totalCount } }
        }""",
    )
    assert data == {"old": {"items": {"totalCount": 74 - 35}}, "new": {"items": {"totalCount": 35}}}


async def test_an_item_without_others_moves_to_another_plan(connection: Connection):
    """Even to a place below one whose outline begins as its own did."""
    await change(
        connection,
        "plan_item",
        f"{CSO}/o1",
        plan_id=id_of("plan", PANAMA),
        parent_id=id_of("plan_item", f"{PANAMA}/1"),
        position=4,
    )
    assert (await item(connection, f"{CSO}/o1", "outline"))["outline"] == "00010004"


async def test_an_item_that_nobody_sees_changes_no_completion(connection: Connection):
    """What hangs below an action hidden from the caller is not there for them."""
    await change(connection, "plan_item", f"{B1}/a1", status="CLOSED")
    before = await completions(connection)
    await make(
        connection,
        "plan_item",
        "hidden",
        plan=PANAMA,
        parent=f"{B1}/a1",
        kind="ACTION",
        position=1,
        title="Borrador",
        visibility="DRAFT",
        owner="actor:panama",
    )
    assert await completions(connection) == before


async def test_an_item_that_nobody_sees_hides_no_other(connection: Connection):
    """The action above it still waits for a report."""
    await make(
        connection,
        "plan_item",
        "hidden",
        plan=PANAMA,
        parent=f"{B1}/a1",
        kind="ACTION",
        position=1,
        title="Borrador",
        visibility="DRAFT",
        owner="actor:panama",
    )
    found = (await plan(connection, PANAMA, UNREPORTED))["itemsWithoutProgress"]
    assert found["totalCount"] == 62
