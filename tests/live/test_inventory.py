"""How many of everything the five documents name, count by count, and who they are.

A count that differs from the first reading of the documents says why, with the lines.
"""

from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from schema.actor import StakeholderCategory
from tests.reading import read

Connection = asyncpg.Connection
MIRPS = 'group: {slug: {eq: "mirps"}}'
PLATFORM = 'group: {slug: {eq: "support-platform"}}'
OF_MIRPS = f"memberships: {{some: {{{MIRPS}}}}}"
ORGANS = (
    '["oas-general-assembly", "oas-juridical-and-political-affairs",'
    ' "oas-migration-affairs", "un-general-assembly"]'
)


def held(post: str, more: str = "") -> str:
    """The filter of a post's mandates."""
    return f'post: {{slug: {{eq: "{post}"}}}} {more}'


def of(plan: str, kind: str) -> str:
    """The filter of a plan's items of a kind."""
    return f'plan: {{slug: {{eq: "{plan}"}}}}, kind: {{eq: {kind}}}'


def advances(group: str) -> str:
    """The filter of what a group reports to have reached."""
    return f'kind: {{eq: ADVANCE}}, group: {{slug: {{eq: "{group}"}}}}'


# ── Counts ────────────────────────────────────────────────────────────────────────────────────────

CSO, PANAMA = "mirps-civil-society-2023", "mirps-2023"
STATES_PLAN, CANADAS, LAC = (
    "support-platform-2022-2023",
    "support-platform-2021-2022",
    "lac-mechanism-2023",
)
COUNTS = [
    # Actors.
    ("states of MIRPS, M2:66, M3:12", "states", OF_MIRPS, 7),
    ("other states, M3:14, M2:40", "states", f"not: {{{OF_MIRPS}}}", 10),
    ("states", "states", "", 17),
    ("members of the Support Platform, M3:14", "memberships", PLATFORM, 14),
    ("development banks, M3:14", "developmentBanks", "", 3),
    ("UN agencies, M3:16, G2:23", "unAgencies", "", 8),
    # The European Union (M3:14), 8 others, and 4 organs (M2:254–258).
    ("intergovernmental organizations", "intergovernmentalOrganizations", "", 1 + 8 + 4),
    ("organs, M2:254–258", "actors", f"slug: {{in: {ORGANS}}}", 4),
    ("named civil-society organizations, M1:22, G2:85–87", "civilSocietyOrganizations", "", 2),
    # 39 organizations as first counted, their 4 organs, and the MIRPS fund in the OAS (M2:93).
    ("actors", "actors", "", 39 + 4 + 1),
    ("stakeholders of other kinds", "actors", "type: {eq: STAKEHOLDER}", 0),
    # Groups. One more than the 26 first counted: M1:101 and M2:125 name one twice,
    # perhaps: no source says so, and two are kept.
    ("groups", "workingGroups", "", 27 + 7),
    (
        "national coordination groups, M2:105, M2:193",
        "workingGroups",
        "kind: {eq: NATIONAL_COORDINATION_GROUP}",
        7,
    ),
    # Presidencies.
    ("presidencies of MIRPS, M2:76–107", "mandates", held("mirps-presidency"), 5),
    ("achievements of presidencies, M2:82–107", "achievements", "kind: {eq: PRESIDENCY}", 17),
    # The third of the three first counted is vacant: M3:104 and M3:110 name nobody for 2023–2024.
    ("presidencies of the Platform, M3:14", "mandates", held("support-platform-presidency"), 2),
    ("presidencies of civil society, M1:22", "mandates", held("mirps-civil-society-presidency"), 1),
    # Plans. The general strategy of M3:75–87 is Canada's, of 2021–2022: a plan with content of its
    # own, where four were first counted.
    ("plans in full", "plans", "content: {eq: FULL}", 3),
    ("plans in part, G1:104–137, M3:75–87", "plans", "content: {eq: PARTIAL}", 2),
    ("plans named only", "plans", "content: {eq: NAMED}", 3 + 7),
    ("national plans, M3:12", "plans", "content: {eq: NAMED}, country: {}", 7),
    # Items of plans.
    ("priorities, M2:113, M2:115", "planItems", "kind: {eq: PRIORITY}", 2),
    ("objectives and axes", "planItems", "kind: {in: [OBJECTIVE, AXIS]}", 20),
    ("objectives of M1:46–70", "planItems", of(CSO, "OBJECTIVE"), 3 + 3),
    ("objectives of M2:121–188", "planItems", of(PANAMA, "OBJECTIVE"), 4),
    ("objectives of M3:35–54", "planItems", of(STATES_PLAN, "OBJECTIVE"), 3),
    ("objectives of M3:75–81", "planItems", of(CANADAS, "OBJECTIVE"), 4),
    ("axes of G1:104–114", "planItems", of(LAC, "AXIS"), 3),
    ("actions and activities", "planItems", "kind: {in: [ACTION, ACTIVITY]}", 48),
    ("actions of M1:90–169", "planItems", of(CSO, "ACTION"), 4 + 4 + 5),
    ("actions of M2:127–200", "planItems", of(PANAMA, "ACTION"), 5 + (4 + 5) + 4 + 9),
    ("activities of M3:37–70", "planItems", of(STATES_PLAN, "ACTIVITY"), 8),
    ("results", "planItems", "kind: {eq: RESULT}", 45),
    ("results of M2:135–206", "planItems", of(PANAMA, "RESULT"), 4 + 4 + 3 + 3),
    ("results of M3:38–71", "planItems", of(STATES_PLAN, "RESULT"), 18),
    ("results of M3:76–85", "planItems", of(CANADAS, "RESULT"), 4),
    ("results of G1:120–137", "planItems", of(LAC, "RESULT"), 5 + 1 + 3),
    # What was reached.
    ("past advances", "achievements", "kind: {eq: ADVANCE}", 24),
    ("advances of the mechanism, G1:16–41", "achievements", advances("lac-mechanism"), 7),
    ("advances of mesa 1, G1:45–98", "achievements", advances("mesa-1"), 3),
    ("advances of mesa 2, G1:45–98", "achievements", advances("mesa-2"), 4),
    ("advances of mesa 3, G1:45–98", "achievements", advances("mesa-3"), 4),
    ("advances of mesa 4, G1:45–98", "achievements", advances("mesa-4"), 3),
    ("advances of the Platform, M3:89–91", "achievements", advances("support-platform"), 3),
    ("results in a country, M2:74", "achievements", "kind: {eq: COUNTRY_RESULT}", 4),
    # The calendar. The fortieth is no fact of it: M3:89 names the General Assembly of 2022 only as
    # the event in whose margins another one took place.
    ("events", "events", "", 39 + 1),
    ("events in whose margins others take place, M3:89", "events", "subEvents: {some: {}}", 1),
    ("series, M1:142–147, G2:49, G2:83, M3:90, M2:247", "series", "", 14),
    # The rest.
    ("instruments, and MIRPS, M2:38–62", "frameworks", "", 12 + 1),
    ("objectives of the GCM", "gcmObjectives", "", 23),
    ("objectives of the GCM and of the GCR", "objectives", "", 23 + 4),
    ("output types, M2:230–235", "planItems", 'parent: {code: {eq: "3"}, kind: {eq: METHOD}}', 6),
    ("guiding principles, G2:33–37", "topics", "scheme: {eq: GUIDING_PRINCIPLE}", 5),
    ("selection criteria, G2:68–73", "topics", "scheme: {eq: SELECTION_CRITERION}", 6),
    ("membership categories, G2:55", "topics", "scheme: {eq: MEMBERSHIP_CATEGORY}", 12),
    ("sums of money, M3:89", "contributions", "", 1),
]


@pytest.mark.parametrize(
    ("field", "where", "count"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS]
)
async def test_there_are_so_many(connection: Connection, field: str, where: str, count: int):
    """As the documents say, on the lines of the name."""
    query = f"{{ {field}(where: {{{where}}}) {{ totalCount }} }}"
    assert await read(connection, query) == {field: {"totalCount": count}}


# ── Who they are ──────────────────────────────────────────────────────────────────────────────────


async def slugs(connection: Connection, field: str, where: str = "") -> list[str]:
    """The slugs of a list, sorted."""
    query = f"{{ {field}(where: {{{where}}}, first: 100) {{ nodes {{ slug }} }} }}"
    return sorted(node["slug"] for node in (await read(connection, query))[field]["nodes"])


OTHER_BODIES = f"type: {{eq: INTERGOVERNMENTAL_ORGANIZATION}}, not: {{slug: {{in: {ORGANS}}}}}"
MEMBERS = [
    (
        "states of MIRPS",
        "states",
        OF_MIRPS,
        "belize costa-rica el-salvador guatemala honduras mexico panama",
    ),
    (
        "other states",
        "states",
        f"not: {{{OF_MIRPS}}}",
        "argentina brazil canada colombia france spain switzerland united-states uruguay venezuela",
    ),
    ("banks", "developmentBanks", "", "cabei idb world-bank"),
    ("UN agencies", "unAgencies", "", "eclac ilo iom ohchr unaids undp unfpa unhcr"),
    (
        "the European Union and eight other bodies",
        "actors",
        OTHER_BODIES,
        "asylum-capacity-support-group cim european-union oas quito-process"
        " regional-conference-on-migration sica un-network-on-migration"
        " un-network-on-migration-lac",
    ),
    ("civil society", "civilSocietyOrganizations", "", "bloque-latinoamericano dime"),
    ("the fund", "actors", "type: {eq: DONOR}", "mirps-fund"),
    (
        "instruments",
        "frameworks",
        "",
        "brazil-declaration cartagena-declaration crrf darien-conference gcm gcr imrf-modalities"
        " imrf-progress-declaration lima-ministerial los-angeles-declaration mirps"
        " san-jose-declaration san-pedro-sula-declaration",
    ),
    (
        "plans in full",
        "plans",
        "content: {eq: FULL}",
        "mirps-2023 mirps-civil-society-2023 support-platform-2022-2023",
    ),
    (
        "plans in part",
        "plans",
        "content: {eq: PARTIAL}",
        "lac-mechanism-2023 support-platform-2021-2022",
    ),
    (
        "plans named only",
        "plans",
        "content: {eq: NAMED}",
        "lac-mechanism-2023-2024 mesa-2-2023 mesa-3-2022-2023 national-plan-belize"
        " national-plan-costa-rica national-plan-el-salvador national-plan-guatemala"
        " national-plan-honduras national-plan-mexico national-plan-panama",
    ),
]


@pytest.mark.parametrize(
    ("field", "where", "expected"), [row[1:] for row in MEMBERS], ids=[row[0] for row in MEMBERS]
)
async def test_they_are_these(connection: Connection, field: str, where: str, expected: str):
    """One by one."""
    assert await slugs(connection, field, where) == expected.split()


async def test_chile_is_a_place_and_no_actor(connection: Connection):
    """G1:37: a workshop took place in Santiago."""
    query = (
        '{ country(by: {slug: "chile"}) { actors { totalCount } events { nodes { kind place } } } }'
    )
    assert (await read(connection, query))["country"] == {
        "actors": {"totalCount": 0},
        "events": {"nodes": [{"kind": "WORKSHOP", "place": "Santiago de Chile"}]},
    }


async def test_two_bodies_say_how_many_they_are(connection: Connection):
    """M1:22 and G1:2–3; their other members are unnamed, and none is made up."""
    query = (
        "{ workingGroups(first: 100) {"
        " nodes { slug declaredMemberCount declaredMemberCountQualifier } } }"
    )
    found = (await read(connection, query))["workingGroups"]["nodes"]
    declared = {
        group["slug"]: (group["declaredMemberCountQualifier"], group["declaredMemberCount"])
        for group in found
        if group["declaredMemberCount"] is not None
    }
    assert declared == {"mirps-civil-society": ("EXACT", 29), "lac-mechanism": ("MORE_THAN", 80)}


async def test_there_are_groups_of_these_kinds(connection: Connection):
    """Five groups of MIRPS rather than four: see the two on asylum."""
    query = "{ workingGroups(first: 100) { nodes { kind } } }"
    kinds = [g["kind"] for g in (await read(connection, query))["workingGroups"]["nodes"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "PROCESS": 1,
        "PLATFORM": 1,
        "SECRETARIAT": 2,
        "TROIKA": 1,
        "MECHANISM": 2,
        "ASSEMBLY": 1,
        "LEADERSHIP": 1,
        "WORKING_GROUP": 5 + 3 + 1,
        "MESA": 4,
        "SUBGROUP": 3,
        "LIAISON_TABLE": 1,
        "TECHNICAL_TABLE": 1,
        "NATIONAL_COORDINATION_GROUP": 7,
    }


async def test_four_presidencies_of_mirps_reached_17_things(connection: Connection):
    """M2:82–107; the fifth had just begun."""
    query = (
        f"{{ mandates(where: {{{held('mirps-presidency')}}}, order: START) {{ nodes"
        ' { start { text } status(on: "2023-06-01") achievements { totalCount } } } }'
    )
    found = (await read(connection, query))["mandates"]["nodes"]
    assert [(m["start"]["text"], m["status"], m["achievements"]["totalCount"]) for m in found] == [
        ("2019", "ENDED", 4),
        ("2020", "ENDED", 5),
        ("2021", "ENDED", 4),
        ("2022", "ENDED", 4),
        ("2023", "CURRENT", 0),
    ]


async def test_four_countries_had_results(connection: Connection):
    """M2:74, in its order."""
    query = "{ achievements(where: {kind: {eq: COUNTRY_RESULT}}) { nodes { country { alpha2 } } } }"
    found = (await read(connection, query))["achievements"]["nodes"]
    assert [a["country"]["alpha2"] for a in found] == ["MX", "GT", "CR", "HN"]


async def test_fourteen_documents_have_a_title_and_four_pages_an_address(connection: Connection):
    """What only the five documents speak of, themselves left out."""
    where = "code: {isNull: true}, citations: {every: {document: {code: {isNull: false}}}}"
    assert await slugs(connection, "documents", where) == [
        "gcm-regional-review-report-2021",
        "gcr-indicator-framework",
        "iom-gcm-key-milestones-4",
        "labour-skills-recognition-strategy",
        "lac-mechanism-operational-plan-2023-2024",
        "mesa-1-fact-sheet-2022-2023",
        "mesa-2-work-plan-2023",
        "mesa-3-manual",
        "mesa-3-operational-plan-2022-2023",
        "mesa-4-communication-strategy",
        "mirps-statute",
        "mirps-support-platform-governance-note",
        "mirps-support-platform-strategy-2021-2022",
        "un-network-gcm-follow-up-and-review",
        "un-network-pledges",
        "un-network-pledging-dashboard",
        "un-network-repository-of-practices",
        "us-collaborative-migration-management-strategy",
    ]


async def hub_ids(connection: Connection) -> list[int]:
    """The numbers of the GCM's objectives in the hub."""
    query = "{ gcmObjectives { nodes { unHubTermId } } }"
    return [o["unHubTermId"] for o in (await read(connection, query))["gcmObjectives"]["nodes"]]


async def test_every_objective_has_its_page_in_the_hub(connection: Connection):
    """22 links have a number; the one without (G1:74) is 291, of objective 13."""
    assert await hub_ids(connection) == list(range(279, 302))


def cited_from(record: dict[str, Any], lines: set[str]) -> bool:
    """Whether a record is cited from one of these lines."""
    return any(citation["locator"] in lines for citation in record["citations"]["nodes"])


async def test_thirty_addresses_are_kept(connection: Connection):
    """31 are printed, one of them twice (G1:140 and G1:141)."""
    lines = {"G1:65", "G1:66", "G1:67", "G1:138", "G1:139", "G1:140-141"}
    query = (
        "{ documents(first: 100) { nodes { url citations { nodes { locator } } } }"
        ' framework(by: {slug: "mirps"}) { url } }'
    )
    found = await read(connection, query)
    pages = {d["url"] for d in found["documents"]["nodes"] if cited_from(d, lines)}
    network = "https://migrationnetwork.un.org"
    assert pages == {
        f"{network}/system/files/docs/"
        "OIM_GCM_Key%20Milestones%20and%20Progress%20%234_SPA%207%20de%20sept.pdf",
        f"{network}/global-compact-migration-follow-and-review",
        f"{network}/resources/progress-declaration-international-migration-review-forum",
        f"{network}/hub/repository-of-practices",
        f"{network}/the-pledging-dashboard",
        f"{network}/pledges",
    }
    assert found["framework"]["url"] == "http://www.mirps-platform.org"
    assert len(pages) + len(await hub_ids(connection)) + 1 == 30


def test_paragraph_44_of_the_gcm_names_thirteen_kinds_of_stakeholders():
    """G2:15."""
    assert len(StakeholderCategory) == 13
