"""What the sources say, asked of the API: the questions that partners will check it by."""

from itertools import chain
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from schema.language import Language
from tests.reading import read

Connection = asyncpg.Connection
INSERT = """INSERT INTO actor (slug, type, name_es, name_es_origin)
VALUES ($1, 'STAKEHOLDER', $2, 'HUMAN')"""


async def nodes(connection: Connection, query: str, *path: str, **options: Any) -> list[Any]:
    """The `nodes` of the connection at this path of the answer."""
    found = await read(connection, query, **options)
    for key in path:
        found = found[key]
    return found["nodes"]


# ── Objectives ────────────────────────────────────────────────────────────────────────────────────


async def mesas(connection: Connection) -> dict[str, list[dict[str, int]]]:
    """The objectives of each mesa, by its slug."""
    found = await nodes(
        connection,
        "{ workingGroups(where: {kind: {eq: MESA}}) { nodes { slug"
        " objectives { nodes { number roundTable framework { slug } } } } } }",
        "workingGroups",
    )
    return {mesa["slug"]: mesa["objectives"]["nodes"] for mesa in found}


async def test_the_mesas_take_these_objectives(connection: Connection):
    """G2:61–64."""
    found = {
        slug: [o["number"] for o in taken] for slug, taken in (await mesas(connection)).items()
    }
    assert found == {
        "mesa-1": [2, 5, 6, 12, 18],
        "mesa-2": [4, 8, 9, 10, 11, 13, 21],
        "mesa-3": [14, 15, 16, 19, 20, 22],
        "mesa-4": [1, 3, 7, 17, 23],
    }


async def test_the_mesas_share_the_23_objectives_out(connection: Connection):
    """Each to one mesa, none left."""
    taken = list(chain.from_iterable((await mesas(connection)).values()))
    query = "{ gcmObjectives { nodes { number roundTable framework { slug } } totalCount } }"
    compact = (await read(connection, query))["gcmObjectives"]
    assert compact["totalCount"] == len(taken) == 23
    assert sorted(taken, key=lambda o: o["number"]) == compact["nodes"]


async def test_a_mesa_has_the_number_of_its_round_table(connection: Connection):
    """Of the International Migration Review Forum."""
    for slug, taken in (await mesas(connection)).items():
        assert {f"mesa-{o['roundTable']}" for o in taken} == {slug}


@pytest.mark.parametrize(
    "by",
    ['slug: "gcm-13"', 'identifier: {scheme: "UN-HUB-TERM", value: "291"}'],
)
async def test_objective_13_is_term_291_of_round_table_2(connection: Connection, by: str):
    """G1:74 prints its link without the number."""
    query = f"{{ objective(by: {{{by}}}) {{ number unHubTermId unHubUrl roundTable }} }}"
    assert (await read(connection, query))["objective"] == {
        "number": 13,
        "unHubTermId": 291,
        "unHubUrl": "https://migrationnetwork.un.org/hub?gcm_objectives=291",
        "roundTable": 2,
    }


@pytest.mark.parametrize(
    ("slug", "chosen"), [("mesa-1", []), ("mesa-2", [4, 8, 13]), ("mesa-3", [16, 19, 20])]
)
async def test_priorities_are_marked_on_the_edge(
    connection: Connection, slug: str, chosen: list[int]
):
    """G1:54 and G1:83."""
    query = (
        f'{{ workingGroup(by: {{slug: "{slug}"}})'
        " { objectives { edges { priority basis node { number } } } } }"
    )
    edges = (await read(connection, query))["workingGroup"]["objectives"]["edges"]
    assert [e["node"]["number"] for e in edges if e["priority"]] == chosen
    assert {e["basis"] for e in edges} == {"STATED"}


# ── Memberships ───────────────────────────────────────────────────────────────────────────────────


SUPPORTING_STATES = [
    "argentina",
    "brazil",
    "canada",
    "colombia",
    "france",
    "spain",
    "switzerland",
    "united-states",
    "uruguay",
]
FOUNDERS = ["belize", "costa-rica", "guatemala", "honduras", "mexico", "panama"]


@pytest.mark.parametrize("certainty", ["POSSIBLY", "CERTAINLY"])
@pytest.mark.parametrize(
    ("day", "members"),
    [
        ("2016-12-31", []),
        ("2018-01-01", FOUNDERS),
        ("2019-05-31", FOUNDERS),
        ("2020-01-01", sorted([*FOUNDERS, "el-salvador"])),
    ],
)
async def test_mirps_had_six_members_and_then_seven(
    connection: Connection, day: str, members: list[str], certainty: str
):
    """M2:66: founded in 2017; El Salvador joined in June 2019."""
    found = await nodes(
        connection,
        f'{{ workingGroup(by: {{slug: "mirps"}}) {{ members(where: {{heldOn: {{date: "{day}",'
        f" certainty: {certainty}}}}}) {{ nodes {{ party {{ ... on Actor {{ slug }} }} }} }} }} }}",
        "workingGroup",
        "members",
    )
    assert sorted(m["party"]["slug"] for m in found) == members


@pytest.mark.parametrize(
    ("certainty", "members"),
    [("POSSIBLY", sorted([*FOUNDERS, "el-salvador"])), ("CERTAINLY", FOUNDERS)],
)
async def test_within_the_month_it_joined_el_salvador_is_possibly_a_member(
    connection: Connection, certainty: str, members: list[str]
):
    """The source gives no day."""
    query = (
        '{ memberships(where: {group: {slug: {eq: "mirps"}}, heldOn: {date: "2019-06-15",'
        f" certainty: {certainty}}}}}) {{ nodes {{ party {{ ... on Actor {{ slug }} }} }} }} }}"
    )
    found = await nodes(connection, query, "memberships")
    assert sorted(m["party"]["slug"] for m in found) == members


async def test_the_support_platform_has_fourteen_members(connection: Connection):
    """M3:14."""
    found = await nodes(
        connection,
        '{ workingGroup(by: {slug: "support-platform"})'
        " { members { nodes { party { ... on Actor { slug } } } totalCount } } }",
        "workingGroup",
        "members",
    )
    others = {"cabei", "eclac", "european-union", "idb", "world-bank"}
    assert sorted(m["party"]["slug"] for m in found) == sorted({*SUPPORTING_STATES, *others})


async def test_nine_members_of_the_support_platform_are_states(connection: Connection):
    """Asked by a filter through the party."""
    found = await nodes(
        connection,
        '{ workingGroup(by: {slug: "support-platform"}) { members(where: {party: {actor: '
        "{type: {eq: STATE}}}}) { nodes { party { __typename ... on State { slug } } } } } }",
        "workingGroup",
        "members",
    )
    assert {m["party"]["__typename"] for m in found} == {"State"}
    assert sorted(m["party"]["slug"] for m in found) == SUPPORTING_STATES


async def test_a_group_may_be_a_member_of_a_group(connection: Connection):
    """G2:23: the working group of the network belongs to the mechanism."""
    query = (
        '{ workingGroup(by: {slug: "lac-mechanism"})'
        " { members { nodes { party { __typename name } } } } }"
    )
    assert await nodes(connection, query, "workingGroup", "members") == [
        {
            "party": {
                "__typename": "WorkingGroup",
                "name": "Grupo de Trabajo sobre Sociedad Civil",
            }
        }
    ]


# ── Counterparts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("slug", "counterpart"),
    [
        ("mirps-cso-process", "GT MIRPS: Fortalecimiento de Sistemas de Asilo"),
        ("mirps-cso-internal-displacement", "Grupo de Trabajo sobre Desplazamiento Interno"),
        ("mirps-cso-local-governance", "Grupo de Trabajo sobre Gobernabilidad Local"),
    ],
)
async def test_each_group_of_civil_society_has_its_counterpart(
    connection: Connection, slug: str, counterpart: str
):
    """M1:99–115, and back again."""
    query = (
        f'{{ workingGroup(by: {{slug: "{slug}"}})'
        " { counterpart { name counterpart { slug } } } }"
    )
    assert (await read(connection, query))["workingGroup"] == {
        "counterpart": {"name": counterpart, "counterpart": {"slug": slug}}
    }


async def test_no_other_group_has_a_counterpart(connection: Connection):
    """Three pairs."""
    query = "{ workingGroups(where: {counterpart: {}}) { nodes { slug } } }"
    found = await nodes(connection, query, "workingGroups")
    assert sorted(group["slug"] for group in found) == [
        "mirps-asylum-systems",
        "mirps-cso-internal-displacement",
        "mirps-cso-local-governance",
        "mirps-cso-process",
        "mirps-internal-displacement",
        "mirps-local-governance",
    ]


async def test_empleos_y_medios_de_vida_has_no_counterpart(connection: Connection):
    """M1 names none."""
    query = (
        '{ workingGroups(search: "empleos medios vida") { nodes { name counterpart { slug } } } }'
    )
    assert await nodes(connection, query, "workingGroups") == [
        {"name": "Grupo de Trabajo sobre Empleos y Medios de Vida", "counterpart": None}
    ]


# ── Texts ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["migracion", "MIGRACIÓN", "migracio\u0301n", "migraciones"])
async def test_a_search_finds_names_without_their_accents(connection: Connection, words: str):
    """Nor do case, plural endings or how the accent is encoded matter."""
    query = "query ($words: String!) { actors(search: $words) { nodes { name } } }"
    found = await nodes(connection, query, "actors", variables={"words": words})
    assert [actor["name"] for actor in found] == [
        "Conferencia Regional sobre Migración",
        "Organización Internacional para las Migraciones",
        "Red de las Naciones Unidas sobre la Migración",
        "Red Regional de las Naciones Unidas sobre Migración para América Latina y el Caribe",
    ]


@pytest.mark.parametrize("order", ["NAME", "NAME_DESC"])
async def test_an_accent_does_not_change_the_place_in_a_list(connection: Connection, order: str):
    """África stands under a, between Afr and Ag."""
    for name in ("Afr", "África", "Ag"):
        await connection.execute(INSERT, f"made-{name.lower()}", name)
    query = f"{{ actors(order: {order}, first: 100) {{ nodes {{ name }} }} }}"
    found = [actor["name"] for actor in await nodes(connection, query, "actors")]
    if order == "NAME_DESC":
        found.reverse()
    assert found[:4] == ["Afr", "África", "Ag", "Argentina"]


@pytest.mark.parametrize(
    ("root", "field", "spanish", "english"),
    [
        ('country(by: {slug: "spain"})', "name", "España", "Spain"),
        ('actor(by: {slug: "unhcr"})', "acronym", "ACNUR", "UNHCR"),
        ('framework(by: {slug: "gcm"})', "acronym", "PMM", "GCM"),
        (
            'workingGroup(by: {slug: "liaison-table"})',
            "name",
            "Mesa de Vinculación",
            "Liaison Table",
        ),
        (
            'document(by: {slug: "mirps-statute"})',
            "title",
            "Carta Estatutaria del MIRPS",
            "Statute of MIRPS",
        ),
    ],
)
@pytest.mark.parametrize("language", Language)
async def test_the_same_query_speaks_both_languages(
    connection: Connection, root: str, field: str, spanish: str, english: str, language: Language
):
    """And a field may ask for another than the rest."""
    query = f"{{ found: {root} {{ {field} es: {field}(language: ES) en: {field}(language: EN) }} }}"
    found = (await read(connection, query, language=language))["found"]
    own = spanish if language is Language.ES else english
    assert found == {field: own, "es": spanish, "en": english}


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (Language.ES, ["España", "Estados Unidos de América", "Santa Lucía"]),
        (Language.EN, ["Saint Lucia", "Spain", "United States of America"]),
    ],
)
async def test_a_list_is_ordered_in_the_language_it_is_read_in(
    connection: Connection, language: Language, names: list[str]
):
    """By what the reader sees."""
    query = '{ countries(where: {alpha2: {in: ["US", "ES", "LC"]}}) { nodes { name } } }'
    found = await nodes(connection, query, "countries", language=language)
    assert [country["name"] for country in found] == names


async def test_every_text_of_the_seeds_is_in_both_languages(connection: Connection):
    """Each with its origin."""
    query = "{ actors(first: 100) { nodes { slug names { language } } } }"
    found = await nodes(connection, query, "actors")
    assert len(found) == 44
    for actor in found:
        assert actor["names"] == [{"language": "ES"}, {"language": "EN"}], actor["slug"]
