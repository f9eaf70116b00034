"""The seeds say what the sources say, where they say it, and note where the sources are wrong."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schema.fuzzy_date import days
from schema.nouns import entities

FOLDER = Path(__file__).parents[2] / "seeds"
NOUNS = sorted(path.stem for path in FOLDER.glob("*.json"))
LOCATOR = re.compile(r"(M[123]|G[12]):\d+(-\d+)?(, \d+(-\d+)?)*")
Records = dict[str, dict[str, Any]]


def read(noun: str) -> Records:
    """The seeded records of a noun, by key."""
    records = json.loads((FOLDER / f"{noun}.json").read_text(encoding="utf-8"))["records"]
    return {record.get("slug") or record["key"]: record for record in records}


SEEDS = {noun: read(noun) for noun in NOUNS}
ACTORS, GROUPS, OBJECTIVES = SEEDS["actor"], SEEDS["working_group"], SEEDS["objective"]
CODES = {key: r["code"] for key, r in SEEDS["document"].items() if "code" in r}


def citations(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The locators of a record, each with its citation."""
    for citation in record.get("citations", []):
        yield citation.get("locator", ""), citation


def parties(group: str) -> set[str]:
    """Who belongs to a group, without the noun."""
    return {m["party"].partition(":")[2] for m in members(group)}


def members(group: str) -> list[dict[str, Any]]:
    """The memberships of a group."""
    return [m for m in SEEDS["membership"].values() if m["group"] == group]


def held_on(membership: dict[str, Any], day: date) -> bool:
    """Whether a membership without end certainly held on a day."""
    return days(membership["start"]["edtf"]).latest <= day


def texts(value: Any) -> Iterator[dict[str, Any]]:
    """Every translated text within a value."""
    if isinstance(value, dict) and "origin" in value:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


# ── Who and what there is ─────────────────────────────────────────────────────────────────────────


def test_there_are_44_actors_of_the_types_the_sources_name():
    """39 organizations, four organs, and the fund in the OAS."""
    assert Counter(actor["type"] for actor in ACTORS.values()) == {
        "STATE": 17,
        "DEVELOPMENT_BANK": 3,
        "UN_AGENCY": 8,
        "INTERGOVERNMENTAL_ORGANIZATION": 1 + 8 + 4,
        "CIVIL_SOCIETY_ORGANIZATION": 2,
        "DONOR": 1,
    }


@pytest.mark.parametrize(
    ("type", "slugs"),
    [
        (
            "STATE",
            "argentina belize brazil canada colombia costa-rica el-salvador france guatemala "
            "honduras mexico panama spain switzerland united-states uruguay venezuela",
        ),
        ("DEVELOPMENT_BANK", "cabei idb world-bank"),
        ("UN_AGENCY", "eclac ilo iom ohchr unaids undp unfpa unhcr"),
        ("CIVIL_SOCIETY_ORGANIZATION", "bloque-latinoamericano dime"),
        ("DONOR", "mirps-fund"),
        (
            "INTERGOVERNMENTAL_ORGANIZATION",
            "asylum-capacity-support-group cim european-union oas oas-general-assembly "
            "oas-juridical-and-political-affairs oas-migration-affairs quito-process "
            "regional-conference-on-migration sica un-general-assembly un-network-on-migration "
            "un-network-on-migration-lac",
        ),
    ],
)
def test_each_type_has_exactly_these_actors(type: str, slugs: str):
    """Most members of the civil-society bodies are unnamed; none is made up."""
    assert sorted(k for k, a in ACTORS.items() if a["type"] == type) == slugs.split()


def test_the_organs_and_the_fund_belong_to_the_oas():
    """The General Assembly of the United Nations has no parent among the actors."""
    parts = sorted(key for key, actor in ACTORS.items() if actor.get("parent"))

    assert parts == [
        "mirps-fund",
        "oas-general-assembly",
        "oas-juridical-and-political-affairs",
        "oas-migration-affairs",
    ]
    assert {ACTORS[key]["parent"] for key in parts} == {"oas"}


def test_a_state_is_at_home_in_the_country_of_its_slug():
    """State and Country are two nouns; the link between them is explicit."""
    states = [a for a in ACTORS.values() if a["type"] == "STATE"]

    assert [s["country"] for s in states] == [s["slug"] for s in states]


def test_there_are_38_countries_with_consistent_codes():
    """33 of Latin America and the Caribbean, and the five others that the sources name."""
    countries = SEEDS["country"]
    beyond = {"canada", "france", "spain", "switzerland", "united-states"}

    assert (len(countries), len(countries.keys() - beyond)) == (38, 33)
    for country in countries.values():
        assert [i["value"] for i in country["identifiers"]] == [
            country["alpha2"],
            country["alpha3"],
            country["m49"],
        ]


@pytest.mark.parametrize(
    ("parent", "slugs"),
    [
        (
            "mirps",
            "mirps-asylum-systems mirps-internal-displacement mirps-livelihoods "
            "mirps-local-governance mirps-reception mirps-secretariat "
            "national-coordination-belize national-coordination-costa-rica "
            "national-coordination-el-salvador national-coordination-guatemala "
            "national-coordination-honduras national-coordination-mexico "
            "national-coordination-panama",
        ),
        ("support-platform", "support-platform-secretariat troika"),
        (
            "mirps-civil-society",
            "mirps-cso-assembly mirps-cso-internal-displacement mirps-cso-leadership "
            "mirps-cso-local-governance mirps-cso-process",
        ),
        ("lac-mechanism", "liaison-table mesa-1 mesa-2 mesa-3 mesa-4 technical-table"),
        ("mesa-4", "mesa-4-cooperation mesa-4-data-reliability mesa-4-public-policy"),
        (None, "gt-sc lac-mechanism mirps mirps-civil-society support-platform"),
    ],
)
def test_the_groups_form_these_trees(parent: str | None, slugs: str):
    """Members of a parent may see what its parts own, so the tree matters."""
    assert sorted(k for k, g in GROUPS.items() if g.get("parent") == parent) == slugs.split()


def test_a_national_coordination_group_is_about_one_mirps_country_each():
    """M2:105 and M2:193 name the groups, not the countries."""
    groups = [g for g in GROUPS.values() if g["kind"] == "NATIONAL_COORDINATION_GROUP"]

    assert {g["country"] for g in groups} == parties("mirps")


def test_gt_sc_is_hosted_by_the_regional_network():
    """G2:17: the Network acts through its working group."""
    assert GROUPS["gt-sc"]["host"] == "un-network-on-migration-lac"


PAGES = (
    "un-network-gcm-follow-up-and-review",
    "un-network-pledges",
    "un-network-pledging-dashboard",
    "un-network-repository-of-practices",
)
"""G1:66 and G1:138–141; its links to objectives are on these."""


def test_the_sources_are_five_and_name_fourteen_documents_and_four_pages():
    """The rest stand for facts from outside."""
    documents = SEEDS["document"]
    named = {
        key
        for key, record in documents.items()
        if key not in CODES and all(c["document"] in CODES for c in record["citations"])
    }

    assert sorted(CODES.values()) == ["G1", "G2", "M1", "M2", "M3"]
    assert sorted(named) == [
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
        *PAGES,
        "us-collaborative-migration-management-strategy",
    ]


def test_there_are_twelve_instruments_and_mirps():
    """Resolution 73/195 is the GCM, not an instrument beside it."""
    assert sorted(SEEDS["framework"]) == [
        "brazil-declaration",
        "cartagena-declaration",
        "crrf",
        "darien-conference",
        "gcm",
        "gcr",
        "imrf-modalities",
        "imrf-progress-declaration",
        "lima-ministerial",
        "los-angeles-declaration",
        "mirps",
        "san-jose-declaration",
        "san-pedro-sula-declaration",
    ]
    assert SEEDS["framework"]["gcm"]["un_symbol"] == "A/RES/73/195"


# ── Objectives ────────────────────────────────────────────────────────────────────────────────────


def test_the_gcm_has_23_objectives_and_the_gcr_four():
    """Numbered from one without a gap."""
    numbers = {
        framework: [o["number"] for o in OBJECTIVES.values() if o["framework"] == framework]
        for framework in ("gcm", "gcr")
    }

    assert numbers == {"gcm": list(range(1, 24)), "gcr": list(range(1, 5))}


def test_the_objectives_of_the_four_mesas_partition_the_23():
    """G2:61–64: each mesa takes the objectives of the round table with its number."""
    taken = {
        key: [OBJECTIVES[link["objective"]] for link in group["objectives"]]
        for key, group in GROUPS.items()
        if "objectives" in group
    }

    assert {k: [o["number"] for o in objectives] for k, objectives in taken.items()} == {
        "mesa-1": [2, 5, 6, 12, 18],
        "mesa-2": [4, 8, 9, 10, 11, 13, 21],
        "mesa-3": [14, 15, 16, 19, 20, 22],
        "mesa-4": [1, 3, 7, 17, 23],
    }
    for key, objectives in taken.items():
        assert {f"mesa-{o['round_table']}" for o in objectives} == {key}


def test_two_mesas_have_chosen_three_priorities_each():
    """G1:54 and G1:83, all of them stated and within the mesa's round table."""
    chosen = {
        key: [link["objective"] for link in group["objectives"] if link["priority"]]
        for key, group in GROUPS.items()
        if "objectives" in group
    }

    assert chosen == {
        "mesa-1": [],
        "mesa-2": ["gcm-4", "gcm-8", "gcm-13"],
        "mesa-3": ["gcm-16", "gcm-19", "gcm-20"],
        "mesa-4": [],
    }


def test_objective_13_has_hub_id_291_and_round_table_2():
    """Its printed link lost the id."""
    objective = OBJECTIVES["gcm-13"]

    assert (objective["un_hub_term_id"], objective["round_table"]) == (291, 2)


def test_hub_ids_run_from_279_with_the_number():
    """And every one is an identifier, so that the hub's own ids find the objective."""
    for objective in (o for o in OBJECTIVES.values() if o["framework"] == "gcm"):
        assert objective["un_hub_term_id"] == 278 + objective["number"]
        assert objective["identifiers"] == [
            {"scheme": "UN-HUB-TERM", "value": str(objective["un_hub_term_id"])}
        ]


# ── Memberships ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "slugs"),
    [
        (date(2018, 1, 1), "belize costa-rica guatemala honduras mexico panama"),
        (date(2020, 1, 1), "belize costa-rica el-salvador guatemala honduras mexico panama"),
    ],
)
def test_mirps_had_six_members_and_then_seven(day: date, slugs: str):
    """M2:66: El Salvador joined in June 2019."""
    held = sorted(m["party"].removeprefix("actor:") for m in members("mirps") if held_on(m, day))

    assert held == slugs.split()


def test_the_support_platform_has_fourteen_members_nine_of_them_states():
    """M3:14."""
    types = Counter(ACTORS[party]["type"] for party in parties("support-platform"))

    assert types == {
        "STATE": 9,
        "INTERGOVERNMENTAL_ORGANIZATION": 1,
        "UN_AGENCY": 1,
        "DEVELOPMENT_BANK": 3,
    }


def test_only_the_united_states_has_a_date_on_the_support_platform():
    """M3:14 dates no other membership; none is guessed."""
    dated = [m["key"] for m in members("support-platform") if m["start"]["status"] != "UNDATED"]

    assert dated == ["support-platform/united-states"]


@pytest.mark.parametrize("group", ["mirps-secretariat", "support-platform-secretariat"])
def test_unhcr_and_the_oas_are_both_secretariats(group: str):
    """M3:16."""
    assert parties(group) == {"oas", "unhcr"}


def test_gt_sc_has_seven_agencies_and_is_itself_a_member_of_the_mechanism():
    """G2:23 and G2:41: a group may be a party."""
    assert sorted(parties("gt-sc")) == ["eclac", "ilo", "iom", "ohchr", "unaids", "undp", "unfpa"]
    assert [m["party"] for m in members("lac-mechanism")] == ["working_group:gt-sc"]


def test_nobody_else_is_a_member_of_anything():
    """Being elected to preside, or invited, is not stated membership."""
    assert Counter(m["group"] for m in SEEDS["membership"].values()) == {
        "mirps": 7,
        "support-platform": 14,
        "mirps-secretariat": 2,
        "support-platform-secretariat": 2,
        "gt-sc": 7,
        "lac-mechanism": 1,
    }


def test_two_bodies_declare_how_many_they_are():
    """M1:22 counts 29; G1:2–3 says more than 80."""
    declared = {
        key: (group["declared_member_count_qualifier"], group["declared_member_count"])
        for key, group in GROUPS.items()
        if "declared_member_count" in group
    }

    assert declared == {"mirps-civil-society": ("EXACT", 29), "lac-mechanism": ("MORE_THAN", 80)}


# ── Counterparts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ours", "theirs", "locator"),
    [
        ("mirps-cso-process", "mirps-asylum-systems", "M1:101-103"),
        ("mirps-cso-internal-displacement", "mirps-internal-displacement", "M1:107-109"),
        ("mirps-cso-local-governance", "mirps-local-governance", "M1:113-115"),
    ],
)
def test_each_civil_society_group_has_its_counterpart(ours: str, theirs: str, locator: str):
    """M1:99–115, written on both sides."""
    assert GROUPS[ours]["counterpart"] == theirs
    assert GROUPS[theirs]["counterpart"] == ours
    for key in (ours, theirs):
        cited = [at for at, c in citations(GROUPS[key]) if c.get("field") == "counterpart"]
        assert cited == [locator]


def test_empleos_y_medios_de_vida_has_no_counterpart():
    """And nothing beyond the three pairs has one."""
    assert "Empleos y Medios de Vida" in GROUPS["mirps-livelihoods"]["name"]["es"]
    assert "counterpart" not in GROUPS["mirps-livelihoods"]
    assert sum("counterpart" in group for group in GROUPS.values()) == 6


def test_the_two_asylum_groups_are_probably_one_and_kept_as_two():
    """No source says that they are the same."""
    linked = {k: g["probably_same_as"] for k, g in GROUPS.items() if "probably_same_as" in g}

    assert linked == {
        "mirps-reception": "mirps-asylum-systems",
        "mirps-asylum-systems": "mirps-reception",
    }


# ── Sources and texts ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("noun", sorted({*NOUNS} - {"alignment"}))
def test_every_record_is_cited(noun: str):
    """An alignment cannot be: see below."""
    assert [key for key, record in SEEDS[noun].items() if not record.get("citations")] == []


@pytest.mark.parametrize("noun", NOUNS)
def test_a_citation_names_a_document_and_its_line(noun: str):
    """By line where the document is one of the five."""
    for key, record in SEEDS[noun].items():
        for locator, citation in citations(record):
            code = CODES.get(citation["document"])
            assert citation["document"] in SEEDS["document"], key
            assert code is None or LOCATOR.fullmatch(locator), (key, locator)
            assert code is None or locator.startswith(f"{code}:"), (key, locator)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_citation_supports_a_field_that_there_is(noun: str):
    """Or the record as a whole."""
    specs = entities[noun].specs()
    for key, record in SEEDS[noun].items():
        for _, citation in citations(record):
            assert citation.get("field") is None or citation["field"] in specs, key


def test_an_alignment_says_where_it_comes_from():
    """In its source's citations, or in its note."""
    for key, alignment in SEEDS["alignment"].items():
        noun, _, source = alignment["source"].partition(":")
        cited = [c for _, c in citations(SEEDS[noun][source]) if c.get("field") == "alignments"]
        note = alignment.get("note", {}).get("en", "")
        assert cited or re.search(r"(M[123]|G[12]):\d+", note), key


@pytest.mark.parametrize(
    ("noun", "key", "locator", "words"),
    [
        ("objective", "gcm-20", "G1:83-84", "social protection is 22|is objective 22"),
        ("working_group", "mesa-3", "G1:83-84", "number is kept"),
        ("objective", "gcr-2", "M3:32", "twice"),
        ("objective", "gcm-13", "G1:74", "lacks the number"),
        ("membership", "mirps/el-salvador", "M3:12", "El Salvador came later"),
        ("working_group", "mirps", "M3:12", "founders were six"),
        ("working_group", "mirps-asylum-systems", "M1:101", "probably one group"),
        ("working_group", "mirps-reception", "M2:125", "probably one group"),
        ("actor", "bloque-latinoamericano", "G2:85-87", "proposals, not decisions"),
        ("working_group", "technical-table", "G1:24-26", "only in the fact sheet"),
        ("document", "mirps-regional-action-plan-2023-panama", "M2:245-264", "15 were left"),
        ("document", "gcm-lac-mechanism-factsheet-2023", "G1:1-7", "poor scan"),
        ("document", "un-migration-network-hub", "G1:74", "unreliable"),
        ("achievement", "mesa-3-priorities", "G1:83-84", "20 is about remittances"),
        ("plan_item", "support-platform-2022-2023/3", "M3:32", "prints “Objetivo 1 PMR” twice"),
        ("plan_item", "support-platform-2021-2022/4/r1", "M3:85", "after the footnote"),
        ("plan_item", "lac-mechanism-2023/1/r3", "G1:128", "interleaved"),
        ("mandate", "mirps-presidency/2023-panama", "M2:76", "Mexico would follow Honduras"),
        ("event", "m2/9-cities-meeting", "M2:256", "Cumbre de las Ciudades"),
        ("event", "m3/11-cities-summit", "M3:112", "Reunión de Ciudades"),
        ("event_series", "mirps-cso-secretariat-meetings", "M1:147", "every two months"),
        ("event_series", "mirps-plenary-meetings", "M2:247", "No source says how often"),
        ("contribution", "solidarity-event-2022", "M3:89", "neither names nor splits"),
    ],
)
def test_a_trap_in_the_sources_is_noted(noun: str, key: str, locator: str, words: str):
    """Kept as printed and explained, never corrected in silence."""
    notes = [
        c["note"]["en"] for at, c in citations(SEEDS[noun][key]) if at == locator and "note" in c
    ]

    assert any(re.search(words, note) for note in notes), notes


@pytest.mark.parametrize("noun", NOUNS)
def test_every_text_is_in_both_languages(noun: str):
    """With the origin of each wording; nothing has been reviewed by a person yet."""
    for text in texts(list(SEEDS[noun].values())):
        assert text["es"].strip()
        assert text["en"].strip()
        assert text["origin"].keys() == {"es", "en"}
        assert set(text["origin"].values()) <= {"OFFICIAL", "MACHINE"}


OWN = {"description", "summary", "vision", "note"}
"""Texts that are never the sources' own."""


def own(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the project wrote of a record."""
    yield from (text for field, text in record.items() if field in OWN)
    yield from (citation["note"] for _, citation in citations(record) if "note" in citation)


@pytest.mark.parametrize("noun", NOUNS)
def test_what_the_project_wrote_is_never_called_official(noun: str):
    """Descriptions and notes are ours."""
    for key, record in SEEDS[noun].items():
        assert {o for text in own(record) for o in text["origin"].values()} <= {"MACHINE"}, key


@pytest.mark.parametrize("noun", ["document", "actor", "working_group", "framework"])
def test_these_are_all_described(noun: str):
    """In a sentence or two."""
    assert [key for key, record in SEEDS[noun].items() if "description" not in record] == []


@pytest.mark.parametrize("noun", NOUNS)
def test_what_the_project_wrote_is_short(noun: str):
    """Sentences of the sources are longer, and none is copied; official titles may be."""
    for key, record in SEEDS[noun].items():
        for text in texts(record):
            for language, origin in text["origin"].items():
                assert origin == "OFFICIAL" or len(text[language]) <= 200, (key, text[language])
