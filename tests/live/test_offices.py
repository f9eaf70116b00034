"""For whom a party acts: what follows from posts, registrars and delegations, through real tokens.

Every case is a body with a part and a part of that, each of which keeps one draft. A party sees the
drafts of those it serves.
"""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth import tokens
from auth.principal import Delegation, Principal
from auth.site import Site
from seeds.records import id_of
from tests.conftest import clone
from tests.making import keys_of, make
from tests.oauth import PEPPERED, asks, register, token
from tests.serving import Edge, serving

Fields = dict[str, Any]
PARTIES = ("first", "second", "agency", "stranger")
EVERYWHERE: list[str] = ["", "-part", "-part-below"]
"""The body of a case and what lies below it, by what is added to its name."""
BODY, AGENCIES = {""}, "the-agencies"
SCOPES = ("restricted:read", "practices:write")


@dataclass
class Case:
    """Who holds what, and whom that serves.

    Args:
        mandates: in the post of the body, by holder.
        serves: party → the groups of the case that it serves.
        post: what is said of the post.
        registrar: of the body.
        parts: post and registrar of groups below, by what is added to the name.
    """

    mandates: list[tuple[str, Fields]]
    serves: dict[str, set[str]]
    post: Fields = field(default_factory=Fields)
    registrar: str | None = None
    parts: dict[str, Fields] = field(default_factory=dict[str, Fields])


ALL = set(EVERYWHERE)
PAST, BEFORE = {"start": "2020", "end": "2021"}, {"start": "2018", "end": "2019"}
NOW, LATER = {"start": "2022"}, {"start": "2090"}
AGENCY = f"working_group:{AGENCIES}"
CASES: dict[str, Case] = {
    # Officers
    "in office": Case([("first", NOW)], {"first": ALL}),
    "for a term": Case([("first", {"start": "2022", "end": "2090"})], {"first": ALL}),
    "since nobody knows when": Case([("first", {"start": {"status": "UNDATED"}})], {"first": ALL}),
    "start to be confirmed": Case([("first", {"start": {"status": "TO_BE_CONFIRMED"}})], {}),
    "designated": Case([("first", LATER)], {}),
    "a draft of a mandate": Case([("first", {**NOW, "visibility": "DRAFT"})], {}),
    "for members' eyes": Case([("first", {**NOW, "visibility": "MEMBERS"})], {}),
    "a draft of a post": Case([("first", NOW)], {}, {"visibility": "DRAFT"}),
    "a seat without rights": Case([("first", NOW)], {}, {"officer": False}),
    "replaced within the term": Case(
        [("first", {"start": "2020", "end": "2022/2090"}), ("second", NOW)], {"second": ALL}
    ),
    "in a part": Case(
        [], {"first": {"-part", "-part-below"}}, parts={"-part": {"officer": "first"}}
    ),
    "in the body, another in a part": Case(
        [("first", NOW)],
        {"first": ALL, "second": {"-part", "-part-below"}},
        parts={"-part": {"officer": "second"}},
    ),
    # Caretakers
    "over, and nobody followed": Case([("first", PAST)], {"first": ALL}),
    "over nobody knows when": Case(
        [("first", {"start": "2020", "end": {"status": "UNDATED"}})], {"first": ALL}
    ),
    "over, and somebody followed": Case([("first", PAST), ("second", NOW)], {"second": ALL}),
    "over, and somebody is designated": Case([("first", PAST), ("second", LATER)], {"first": ALL}),
    "over, and who followed is a draft": Case(
        [("first", PAST), ("second", {**NOW, "visibility": "DRAFT"})], {"first": ALL}
    ),
    "both are over": Case([("first", BEFORE), ("second", PAST)], {"second": ALL}),
    "over in a seat without rights": Case([("first", PAST)], {}, {"officer": False}),
    # Registrars
    "nobody ever": Case([], {"agency": ALL}, registrar=AGENCY),
    "the registrar is no group": Case([], {"agency": ALL}, registrar="actor:agency"),
    "only a seat without rights is held": Case(
        [("first", NOW)], {"agency": ALL}, {"officer": False}, AGENCY
    ),
    "a draft of a post relieves no registrar": Case(
        [("first", NOW)], {"agency": ALL}, {"visibility": "DRAFT"}, AGENCY
    ),
    "a draft of a mandate relieves no registrar": Case(
        [("first", {**NOW, "visibility": "DRAFT"})], {"agency": ALL}, registrar=AGENCY
    ),
    "somebody is in office": Case([("first", NOW)], {"first": ALL}, registrar=AGENCY),
    "only a caretaker": Case([("first", PAST)], {"first": ALL, "agency": ALL}, registrar=AGENCY),
    "only somebody designated": Case([("first", LATER)], {"agency": ALL}, registrar=AGENCY),
    "a part has its own officer": Case(
        [],
        {"agency": BODY, "first": {"-part", "-part-below"}},
        registrar=AGENCY,
        parts={"-part": {"officer": "first"}},
    ),
    "a part has its own registrar": Case(
        [],
        {"agency": BODY, "second": {"-part", "-part-below"}},
        registrar=AGENCY,
        parts={"-part": {"registrar": "actor:second"}},
    ),
    "a registrar below an officer": Case(
        [("first", NOW)], {"first": ALL}, parts={"-part-below": {"registrar": AGENCY}}
    ),
    "a registrar below nobody": Case(
        [], {"agency": {"-part-below"}}, parts={"-part-below": {"registrar": AGENCY}}
    ),
}
ACTIVE = {"status": "ACTIVE"}


async def hold(connection: Any, group: str, key: str, mandates: Any, **post: Any) -> None:
    """A post of a group with its mandates."""
    said = {"kind": "LEADER", "officer": True, "title": "Cargo", **post}
    await make(connection, "post", key, group=group, **said)
    for number, (holder, mandate) in enumerate(mandates):
        given = {"post": key, "holder": f"actor:{holder}", **mandate}
        await make(connection, "mandate", f"{key}-{number}", **given)


async def draft(connection: Any, key: str, owner: str, noun: str = "document") -> None:
    """A draft that can be searched for."""
    said: Fields = {"kind": "NOTE"} if noun == "document" else {"summary": "Una."}
    given = {"title": "Cajón", "owner": owner, "visibility": "DRAFT", **said}
    await make(connection, noun, key, **given)


async def body(connection: Any, key: str, case: Case) -> None:
    """The groups of a case, with their drafts and offices."""
    groups = [f"{key}{part}" for part in EVERYWHERE]
    for part, group, parent in zip(EVERYWHERE, groups, [None, *groups], strict=False):
        said = case.parts.get(part, {})
        registrar = said.get("registrar") if part else case.registrar
        links = {"parent": parent, "registrar": registrar}
        given = {name: value for name, value in links.items() if value}
        await make(connection, "working_group", group, kind="SUBGROUP", name="Grupo", **given)
        await draft(connection, group, f"working_group:{group}")
        if "officer" in said:
            await hold(connection, group, group, [(said["officer"], NOW)])
    if case.mandates:
        await hold(connection, key, key, case.mandates, **case.post)


def slug(case: str) -> str:
    """The key of a case."""
    return "".join(c if c.isalpha() else "-" for c in case.lower())


async def fill(url: str) -> None:
    """All cases, side by side."""
    connection = await asyncpg.connect(url)
    for party in PARTIES:
        await make(connection, "actor", party, type="UN_AGENCY", name=party)
    await make(connection, "working_group", AGENCIES, kind="WORKING_GROUP", name="Agencias")
    for party, status in (("agency", "ACTIVE"), ("stranger", "ENDED")):
        given = {"group": AGENCIES, "party": f"actor:{party}", "status": status}
        await make(connection, "membership", f"{AGENCIES}-{party}", **given)
    for name, case in CASES.items():
        await body(connection, slug(name), case)
    await connection.close()


@pytest.fixture(scope="module")
def place(cluster: Cluster, template: str) -> Generator[tuple[Edge, str]]:
    """An application, and its database with all cases."""
    url = clone(cluster, template)
    asyncio.run(fill(url))
    with serving(url) as running:
        yield running, url


def drafts(edge: Edge, held: str) -> set[str]:
    """The slugs of the drafts that the bearer of a token sees, counted and listed alike."""
    parts = " ".join(
        f'{noun}: {noun}(search: "Cajón", first: 100) {{ totalCount nodes {{ slug }} }}'
        for noun in ("documents", "practices")
    )
    found = asks(edge, f"Bearer {held}", f"{{ {parts} }}").json["data"]
    seen = [node["slug"] for noun in found.values() for node in noun["nodes"]]
    assert sum(noun["totalCount"] for noun in found.values()) == len(seen)
    return set(seen)


@pytest.fixture(scope="module")
def seen(place: tuple[Edge, str]) -> dict[str, set[str]]:
    """What each party sees."""
    edge, url = place
    clients = {p: register(url, party=id_of("actor", p), scopes=SCOPES) for p in PARTIES}
    return {party: drafts(edge, token(edge, client)) for party, client in clients.items()}


@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("case", CASES)
def test_a_party_serves_these_groups(seen: dict[str, set[str]], case: str, party: str):
    """By its post, as its last holder, or as the registrar."""
    own = {part for part in EVERYWHERE if f"{slug(case)}{part}" in seen[party]}
    assert own == CASES[case].serves.get(party, set())


# ── Principals ────────────────────────────────────────────────────────────────────────────────────


def who(place: tuple[Edge, str], party: str, *scopes: str) -> Principal:
    """Who comes with a token of a party with these scopes."""
    edge, url = place
    held = token(edge, register(url, party=id_of("actor", party), scopes=scopes))

    async def ask() -> Principal:
        connection = await asyncpg.connect(url)
        try:
            return await tokens.authenticate(
                lambda sql, values: connection.fetch(sql, *values), Site(edge.url, PEPPERED), held
            )
        finally:
            await connection.close()

    return asyncio.run(ask())


def groups_of(party: str) -> set[UUID]:
    """The groups that the cases say it serves."""
    return {
        id_of("working_group", f"{slug(name)}{part}")
        for name, case in CASES.items()
        for part in case.serves.get(party, set())
    }


def test_an_officer_keeps_what_it_cannot_see_without_the_scope(place: tuple[Edge, str]):
    """To write is one thing, and to read what is not public another."""
    found = who(place, "first", "practices:write")
    assert (found.parties, found.groups) == ((), ())
    assert found.owners[0] == id_of("actor", "first")
    assert set(found.owners[1:]) == groups_of("first")


def test_an_officer_with_the_scope_sees_what_it_keeps(place: tuple[Edge, str]):
    """And is among the members of the groups it serves."""
    found = who(place, "first", *SCOPES)
    assert found.parties == found.owners
    assert set(found.groups) == groups_of("first")


def test_a_member_of_the_registrar_is_one_of_its_members(place: tuple[Edge, str]):
    """It serves the bodies without officers, not the registrar."""
    found = who(place, "agency", *SCOPES)
    assert set(found.owners[1:]) == groups_of("agency")
    assert set(found.groups) == groups_of("agency") | {id_of("working_group", AGENCIES)}


def test_nobody_is_served_by_a_stranger(place: tuple[Edge, str]):
    """It keeps what it owns."""
    found = who(place, "stranger", *SCOPES)
    assert (found.owners, found.groups) == ((id_of("actor", "stranger"),), ())


# ── Delegations ───────────────────────────────────────────────────────────────────────────────────

DAY = timedelta(days=1)
DELEGATIONS: dict[str, tuple[Fields, set[str]]] = {
    "of one noun": ({}, {"practice"}),
    "of several": ({"nouns": ["practice", "document"]}, {"practice", "document"}),
    "of another noun": ({"nouns": ["pledge"]}, set()),
    "that lasts": ({"until": datetime.now(UTC) + DAY}, {"practice"}),
    "that has ended": ({"until": datetime.now(UTC) - DAY}, set()),
    "that was revoked": ({"revoked_at": datetime.now(UTC) - DAY}, set()),
    "to write only": ({"scopes": ["practices:write"]}, set()),
}


async def delegate(url: str, key: str, **given: Any) -> None:
    """An owner with a draft of two nouns, and what it delegates to a maintainer of its own."""
    connection = await asyncpg.connect(url)
    for party in (f"{key}-owner", f"{key}-maintainer"):
        await make(connection, "actor", party, type="DONOR", name=party)
    for noun in ("practice", "document"):
        await draft(connection, f"{key}-{noun}", f"actor:{key}-owner", noun)
    row = {
        "id": uuid4(), "owner_id": id_of("actor", f"{key}-owner"),
        "maintainer_id": id_of("actor", f"{key}-maintainer"),
        "nouns": ["practice"], "scopes": list(SCOPES), **given,
    }  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    names = ", ".join(row)
    await connection.execute(f"INSERT INTO delegation ({names}) VALUES ({places})", *row.values())
    await connection.close()


@pytest.mark.parametrize("case", DELEGATIONS)
def test_a_delegate_sees_drafts_of_the_nouns_delegated(place: tuple[Edge, str], case: str):
    """While the delegation lives, if it says so and the caller holds the scope itself."""
    given, nouns = DELEGATIONS[case]
    edge, url = place
    key = slug(case)
    asyncio.run(delegate(url, key, **given))
    party = id_of("actor", f"{key}-maintainer")
    with_it = token(edge, register(url, party=party, scopes=SCOPES))
    without = token(edge, register(url, party=party, scopes=("practices:write",)))
    assert drafts(edge, with_it) == {f"{key}-{noun}" for noun in nouns}
    assert drafts(edge, without) == set()


def test_a_delegate_has_no_scope_that_it_does_not_hold_itself(place: tuple[Edge, str]):
    """Nor those that were not delegated."""
    given = {"scopes": ["practices:write", "pledges:write"], "nouns": ["practice", "pledge"]}
    asyncio.run(delegate(place[1], "scoped", **given))
    found = who(place, "scoped-maintainer", "practices:write", "documents:write", *SCOPES)
    nouns, scopes = frozenset(given["nouns"]), frozenset({"practices:write"})
    owner = id_of("actor", "scoped-owner")
    assert found.delegations == (Delegation(owner, nouns, scopes),)
    assert owner not in (*found.owners, *found.parties)


def test_what_is_delegated_to_a_group_is_not_for_its_officers(place: tuple[Edge, str]):
    """Who serves the group keeps what belongs to it, and nothing of others."""

    async def prepare() -> None:
        await delegate(place[1], "passed-on")
        connection = await asyncpg.connect(place[1])
        await connection.execute(
            "UPDATE delegation SET maintainer_id = $1 WHERE owner_id = $2",
            id_of("working_group", "in-office"),
            id_of("actor", "passed-on-owner"),
        )
        await connection.close()

    asyncio.run(prepare())
    assert who(place, "first", *SCOPES).delegations == ()


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"nouns": []}, "delegation_nouns_check"),
        ({"scopes": []}, "delegation_scopes_check"),
        ({"maintainer_id": id_of("actor", "oneself-owner")}, "delegation_maintainer_check"),
    ],
    ids=str,
)
async def test_a_delegation_says_to_whom_and_what(
    connection: asyncpg.Connection, given: Fields, rule: str
):
    """The database refuses one of nothing, and one to oneself."""
    owner = await make(connection, "actor", "oneself-owner", type="DONOR", name="x")
    row = {
        "owner_id": owner, "maintainer_id": id_of("actor", "unhcr"), "nouns": ["practice"],
        "scopes": ["restricted:read"], **given,
    }  # fmt: skip
    with pytest.raises(asyncpg.CheckViolationError, match=rule):
        await connection.execute(
            "INSERT INTO delegation (id, owner_id, maintainer_id, nouns, scopes)"
            " VALUES (gen_random_uuid(), $1, $2, $3, $4)",
            *row.values(),
        )


# ── The real bodies ───────────────────────────────────────────────────────────────────────────────

MIRPS = {
    "mirps", "mirps-secretariat", "mirps-reception", "mirps-asylum-systems",
    "mirps-internal-displacement", "mirps-local-governance", "mirps-livelihoods",
    *(f"national-coordination-{c}" for c in (
        "belize", "costa-rica", "el-salvador", "guatemala", "honduras", "mexico", "panama")),
}  # fmt: skip
PLATFORM = {"support-platform", "support-platform-secretariat", "troika"}
MESAS = {f"mesa-{n}" for n in range(1, 5)}
LAC = {
    "lac-mechanism", "liaison-table", "technical-table", "gt-sc", *MESAS,
    "mesa-4-data-reliability", "mesa-4-public-policy", "mesa-4-cooperation",
}  # fmt: skip
CIVIL_SOCIETY = {
    "mirps-civil-society", "mirps-cso-assembly", "mirps-cso-leadership", "mirps-cso-process",
    "mirps-cso-internal-displacement", "mirps-cso-local-governance",
}  # fmt: skip
SERVED = {
    "panama": MIRPS,
    "honduras": set[str](),
    "united-states": PLATFORM,
    "canada": set[str](),
    "dime": CIVIL_SOCIETY,
    "unhcr": MIRPS | PLATFORM,
    "oas": MIRPS | PLATFORM,
    "iom": LAC,
    "unfpa": LAC,
    "idb": set[str](),
}
"""The presidencies of Panama and the United States ended in 2023, and nobody is recorded after
them; civil society's has no end, so that the technical secretariat does not act there.
"""


@pytest.mark.parametrize("party", SERVED)
def test_of_the_seeded_bodies_it_serves_these(place: tuple[Edge, str], party: str):
    """As officer, caretaker or registrar."""
    seeded = {UUID(key.rpartition("_")[2]): slug for key, slug in keys_of("working_group").items()}
    owners = who(place, party, *SCOPES).owners
    assert {seeded[owner] for owner in owners if owner in seeded} == SERVED[party]


async def test_every_body_on_top_has_a_registrar(connection: asyncpg.Connection):
    """So that somebody can always act."""
    rows = await connection.fetch(
        "SELECT slug, r.noun FROM working_group w LEFT JOIN record r ON r.id = w.registrar_id"
        " WHERE w.parent_id IS NULL ORDER BY slug"
    )
    top = ["gt-sc", "lac-mechanism", "mirps", "mirps-civil-society", "support-platform"]
    assert [(bytes(s).decode(), bytes(n).decode()) for s, n in rows] == [
        (slug, "working_group") for slug in top
    ]
