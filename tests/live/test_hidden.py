"""What a caller may not see is not there: not in a list, a count, a link, a filter or a cursor.

Whatever is asked, the answer for who may not see it is that of a database without it.
"""

from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from auth.principal import ANONYMOUS, Principal
from seeds.records import id_of
from tests.reading import read

Connection = asyncpg.Connection
GROUP, PARENT = id_of("working_group", "mesa-4-cooperation"), id_of("working_group", "mesa-4")
OWNER, OTHER = id_of("actor", "unhcr"), id_of("actor", "iom")
KINDS = {
    "MEMBERS": (GROUP, Principal(groups=(GROUP,))),
    "DRAFT": (OWNER, Principal(parties=(OWNER,))),
}
"""Visibility → an owner, and somebody who sees what that one keeps so."""
HIDDEN = {
    noun: f"{noun}_{id_of(noun, 'hidden')}"
    for noun in ("actor", "document", "working_group", "membership")
}
ACTOR, DOCUMENT, HIDDEN_GROUP, MEMBERSHIP = HIDDEN.values()
OF_HIDDEN, FROM_HIDDEN = (f"citation_{id_of('citation', key)}" for key in ("of", "from"))
TO_HIDDEN = {key: f"membership_{id_of('membership', key)}" for key in ("party", "group")}


async def insert(connection: Connection, noun: str, key: str, **columns: Any) -> UUID:
    """A row whose id follows from its key; texts are Spanish, written by people."""
    row: dict[str, Any] = {"id": id_of(noun, key)}
    for name, value in columns.items():
        translated = name in ("name", "title")
        row |= {f"{name}_es": value, f"{name}_es_origin": "HUMAN"} if translated else {name: value}
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(
        f"INSERT INTO {noun} ({', '.join(row)}) VALUES ({places})", *row.values()
    )
    return row["id"]


async def hide(connection: Connection, visibility: str, owner: UUID) -> None:
    """A hidden record of every noun that can be hidden, and public ones that point at them."""
    seen = {"visibility": visibility, "owner_id": owner}
    mesa, oas = id_of("working_group", "mesa-1"), id_of("actor", "oas")
    active = {"status": "ACTIVE"}
    actor = await insert(
        connection, "actor", "hidden", slug="hidden", type="DONOR", name="Escondido",
        parent_id=id_of("actor", "idb"), country_id=id_of("country", "belize"), **seen,
    )  # fmt: skip
    group = await insert(
        connection, "working_group", "hidden", slug="hidden", kind="SUBGROUP", name="Escondido b",
        parent_id=mesa, host_id=id_of("actor", "idb"), **seen,
    )  # fmt: skip
    document = await insert(
        connection, "document", "hidden", slug="hidden", kind="NOTE", title="Escondido c", **seen
    )
    await insert(connection, "membership", "hidden", group_id=mesa, party_id=oas, **active, **seen)
    await insert(connection, "membership", "party", group_id=mesa, party_id=actor, **active)
    await insert(connection, "membership", "group", group_id=group, party_id=oas, **active)
    await insert(
        connection, "actor", "part", slug="part", type="DONOR", name="Visible", parent_id=actor
    )
    await insert(
        connection, "document", "owned", slug="owned", kind="NOTE", title="Visible", owner_id=actor
    )
    source = id_of("document", "mirps-statute")
    high = {"confidence": "HIGH", "position": 9}
    await insert(connection, "citation", "of", record_id=actor, document_id=source, **high)
    await insert(connection, "citation", "from", record_id=oas, document_id=document, **high)
    await connection.execute(
        "INSERT INTO identifier (record_id, noun, scheme, value) VALUES ($1, 'actor', 'MADE', 'x')",
        actor,
    )
    await connection.execute(
        "INSERT INTO actor_country (actor_id, country_id) VALUES ($1, $2)",
        actor,
        id_of("country", "panama"),
    )
    await connection.execute(
        "INSERT INTO record_objective (record_id, objective_id, basis) VALUES ($1, $2, 'STATED')",
        group,
        id_of("objective", "gcm-1"),
    )


def nodes(*items: Any) -> dict[str, Any]:
    """A connection of which nodes and count were asked."""
    return {"nodes": list(items), "totalCount": len(items)}


def counted(number: int) -> dict[str, Any]:
    """A connection of which the count was asked."""
    return {"totalCount": number}


SHOWN = "nodes { id } totalCount"
COUNT = "totalCount"
AN_ACTOR, A_DOCUMENT, A_GROUP, A_MEMBERSHIP = ({"id": key} for key in HIDDEN.values())
OWN, WORD = '{slug: {eq: "idb"}', '{search: "escondido"}'
WAYS: dict[str, tuple[str, Any, Any]] = {
    # By name
    **{
        f"node of a {noun}": (f'node(id: "{key}") {{ id }}', None, {"id": key})
        for noun, key in [*HIDDEN.items(), ("citation", OF_HIDDEN)]
    },
    "nodes": (
        f'nodes(ids: ["{ACTOR}", "{OF_HIDDEN}", "{DOCUMENT}"]) {{ id }}',
        [None, None, None],
        [AN_ACTOR, {"id": OF_HIDDEN}, A_DOCUMENT],
    ),
    "by id": (f'actor(by: {{id: "{ACTOR}"}}) {{ id }}', None, AN_ACTOR),
    "by slug": ('workingGroup(by: {slug: "hidden"}) { id }', None, A_GROUP),
    "by identifier": (
        'actor(by: {identifier: {scheme: "MADE", value: "x"}}) { id }', None, AN_ACTOR
    ),
    "a membership by id": (
        f'membership(by: {{id: "{MEMBERSHIP}"}}) {{ id }}', None, A_MEMBERSHIP
    ),
    "a citation by id": (
        f'citation(by: {{id: "{OF_HIDDEN}"}}) {{ id }}', None, {"id": OF_HIDDEN}
    ),
    # Lists
    "a list": (f'actors(where: {{slug: {{eq: "hidden"}}}}) {{ {SHOWN} }}',
               nodes(), nodes(AN_ACTOR)),
    "a list of one type": (f'donors(search: "escondido") {{ {COUNT} }}', counted(0), counted(1)),
    "a search in a list": (f'actors(search: "escondido") {{ {SHOWN} }}', nodes(), nodes(AN_ACTOR)),
    "a search": (
        f'search(text: "escondido") {{ {SHOWN} }}',
        nodes(),
        nodes(AN_ACTOR, A_GROUP, A_DOCUMENT),
    ),
    "a search for a kind": (
        f'search(text: "escondido", nouns: [DOCUMENT]) {{ {SHOWN} }}', nodes(), nodes(A_DOCUMENT)
    ),
    "citations of it": (
        f'citations(where: {{id: {{eq: "{OF_HIDDEN}"}}}}) {{ {COUNT} }}', counted(0), counted(1)
    ),
    # Links to one record
    "a parent": ('actor(by: {slug: "part"}) { parent { id } }',
                 {"parent": None}, {"parent": AN_ACTOR}),
    "an owner": ('document(by: {slug: "owned"}) { owner { id } }',
                 {"owner": None}, {"owner": AN_ACTOR}),
    "a party": (
        f'membership(by: {{id: "{TO_HIDDEN["party"]}"}}) {{ party {{ id }} }}',
        {"party": None},
        {"party": AN_ACTOR},
    ),
    "a group": (
        f'membership(by: {{id: "{TO_HIDDEN["group"]}"}}) {{ group {{ id }} }}',
        {"group": None},
        {"group": A_GROUP},
    ),
    "a source": (
        f'citation(by: {{id: "{FROM_HIDDEN}"}}) {{ document {{ id }} }}',
        {"document": None},
        {"document": A_DOCUMENT},
    ),
    # Lists below records
    "parts": (f'actor(by: {{slug: "idb"}}) {{ parts {{ {SHOWN} }} }}',
              {"parts": nodes()}, {"parts": nodes(AN_ACTOR)}),
    "hosted groups": (f'actor(by: {{slug: "idb"}}) {{ hostedGroups {{ {SHOWN} }} }}',
                      {"hostedGroups": nodes()}, {"hostedGroups": nodes(A_GROUP)}),
    "subgroups": (f'workingGroup(by: {{slug: "mesa-1"}}) {{ subgroups {{ {SHOWN} }} }}',
                  {"subgroups": nodes()}, {"subgroups": nodes(A_GROUP)}),
    "members": (
        'workingGroup(by: {slug: "mesa-1"}) { members { totalCount } }',
        {"members": counted(1)},
        {"members": counted(2)},
    ),
    "actors at home": (
        f'country(by: {{slug: "belize"}}) {{ actors(where: {WORD}) {{ {SHOWN} }} }}',
        {"actors": nodes()},
        {"actors": nodes(AN_ACTOR)},
    ),
    "actors at work": (
        f'country(by: {{slug: "panama"}}) {{ actorsAtWork {{ {SHOWN} }} }}',
        {"actorsAtWork": nodes()},
        {"actorsAtWork": nodes(AN_ACTOR)},
    ),
    "groups on an objective": (
        f'objective(by: {{slug: "gcm-1"}}) {{ workingGroups(where: {WORD}) {{ {SHOWN} }} }}',
        {"workingGroups": nodes()},
        {"workingGroups": nodes(A_GROUP)},
    ),
    "what a source is cited by": (
        f'document(by: {{slug: "mirps-statute"}}) {{ citedBy(where: {{record: {{id: {{eq: '
        f'"{ACTOR}"}}}}}}) {{ {SHOWN} }} }}',
        {"citedBy": nodes()},
        {"citedBy": nodes({"id": OF_HIDDEN})},
    ),
    # Filters by one link
    "a filter by a parent": (
        f"actors(where: {{parent: {WORD}}}) {{ {COUNT} }}", counted(0), counted(1)
    ),
    "a filter by a parent's id": (
        f'actors(where: {{parent: {{id: {{eq: "{ACTOR}"}}}}}}) {{ {COUNT} }}',
        counted(0),
        counted(1),
    ),
    "a filter by no parent": (
        f'actors(where: {{slug: {{eq: "part"}}, not: {{parent: {{}}}}}}) {{ {COUNT} }}',
        counted(1),
        counted(0),
    ),
    "a filter by a party": (
        f'memberships(where: {{party: {{id: {{eq: "{ACTOR}"}}}}}}) {{ {COUNT} }}',
        counted(0),
        counted(1),
    ),
    "a filter by a party's name": (
        f"memberships(where: {{party: {{actor: {WORD}}}}}) {{ {COUNT} }}", counted(0), counted(1)
    ),
    "a filter by a group": (
        f"memberships(where: {{group: {WORD}}}) {{ {COUNT} }}", counted(0), counted(1)
    ),
    "a filter by an owner": (
        f'documents(where: {{owner: {{id: {{eq: "{ACTOR}"}}}}}}) {{ {COUNT} }}',
        counted(0),
        counted(1),
    ),
    "a filter by a source": (
        f"citations(where: {{document: {WORD}}}) {{ {COUNT} }}", counted(0), counted(1)
    ),
    "a filter by what is cited": (
        f'citations(where: {{record: {{id: {{eq: "{ACTOR}"}}}}}}) {{ {COUNT} }}',
        counted(0),
        counted(1),
    ),
    "a filter by an identifier": (
        f'actors(where: {{identifier: {{scheme: "MADE", value: "x"}}}}) {{ {COUNT} }}',
        counted(0),
        counted(1),
    ),
    # Filters by lists; IDB has no parts but the hidden one
    "some": (f"actors(where: {OWN}, parts: {{some: {{}}}}}}) {{ {COUNT} }}",
             counted(0), counted(1)),
    "none": (f"actors(where: {OWN}, parts: {{none: {{}}}}}}) {{ {COUNT} }}",
             counted(1), counted(0)),
    "every": (
        f'actors(where: {OWN}, parts: {{every: {{slug: {{eq: "x"}}}}}}}}) {{ {COUNT} }}',
        counted(1),
        counted(0),
    ),
    "some, over a link table": (
        f"countries(where: {{actorsAtWork: {{some: {WORD}}}}}) {{ {COUNT} }}",
        counted(0),
        counted(1),
    ),
    "some, two steps away": (
        f"workingGroups(where: {{members: {{some: {{party: {{actor: {WORD}}}}}}}}}) {{ {COUNT} }}",
        counted(0),
        counted(1),
    ),
    "some citation": (
        f"documents(where: {{citedBy: {{some: {{record: {{actor: {WORD}}}}}}}}}) {{ {COUNT} }}",
        counted(0),
        counted(1),
    ),
    # Places in lists
    "cursors": (
        'actors(search: "escondido") { pageInfo { hasNextPage hasPreviousPage } edges { node'
        " { id } } }",
        {"pageInfo": {"hasNextPage": False, "hasPreviousPage": False}, "edges": []},
        {
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False},
            "edges": [{"node": AN_ACTOR}],
        },
    ),
    "cursors of an empty page": (
        'workingGroups(search: "escondido") { pageInfo { startCursor endCursor } }',
        {"pageInfo": {"startCursor": None, "endCursor": None}},
        ...,
    ),
}  # fmt: skip


async def ask(connection: Connection, field: str, caller: Principal) -> Any:
    """What a root field answers a caller."""
    return (await read(connection, f"{{ found: {field} }}", principal=caller))["found"]


@pytest.mark.parametrize("visibility", KINDS)
@pytest.mark.parametrize("way", WAYS)
async def test_it_is_not_there_for_who_may_not_see_it(
    connection: Connection, way: str, visibility: str
):
    """Nothing tells it from what never was."""
    field, absent, _ = WAYS[way]
    await hide(connection, visibility, KINDS[visibility][0])
    assert await ask(connection, field, ANONYMOUS) == absent


@pytest.mark.parametrize("visibility", KINDS)
@pytest.mark.parametrize("way", [way for way, (*_, shown) in WAYS.items() if shown is not ...])
async def test_it_is_there_for_who_may(connection: Connection, way: str, visibility: str):
    """By the same question."""
    field, _, shown = WAYS[way]
    owner, caller = KINDS[visibility]
    await hide(connection, visibility, owner)
    assert await ask(connection, field, caller) == shown


@pytest.mark.parametrize("visibility", KINDS)
@pytest.mark.parametrize("field", ["actors", "documents", "workingGroups", "memberships"])
async def test_a_list_is_counted_without_it(connection: Connection, field: str, visibility: str):
    """One of each is hidden."""
    owner, caller = KINDS[visibility]
    await hide(connection, visibility, owner)
    query = f"{field} {{ {COUNT} }}"
    seen = (await ask(connection, query, ANONYMOUS))["totalCount"]
    assert await ask(connection, query, caller) == counted(seen + 1)


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────


async def page(connection: Connection, caller: Principal, arguments: str) -> Any:
    """A page of the actors around the hidden one."""
    field = f'actors({arguments}, where: {{or: [{WORD}, {{slug: {{in: ["oas", "idb"]}}}}]}})'
    return await ask(
        connection,
        f"{field} {{ nodes {{ slug }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }}",
        caller,
    )


@pytest.mark.parametrize("visibility", KINDS)
async def test_a_page_ends_where_only_hidden_records_follow(
    connection: Connection, visibility: str
):
    """Banco Interamericano, Escondido, Organización: the one in the middle does not count."""
    owner, caller = KINDS[visibility]
    await hide(connection, visibility, owner)
    slugs: dict[str, list[str]] = {}
    for who in (ANONYMOUS, caller):
        found = await page(connection, who, "first: 2")
        slugs["all" if who is caller else "some"] = [node["slug"] for node in found["nodes"]]
        assert found["pageInfo"]["hasNextPage"] is (who is caller)
    assert slugs == {"some": ["idb", "oas"], "all": ["idb", "hidden"]}


@pytest.mark.parametrize("visibility", KINDS)
async def test_a_cursor_of_a_hidden_record_is_only_a_place(connection: Connection, visibility: str):
    """It leads to what follows; the record itself stays hidden on both sides of it."""
    owner, caller = KINDS[visibility]
    await hide(connection, visibility, owner)
    cursor = (await page(connection, caller, "first: 2"))["pageInfo"]["endCursor"]
    for at, slug in (("after", "oas"), ("before", "idb")):
        found = await page(connection, ANONYMOUS, f'first: 5, {at}: "{cursor}"')
        assert [node["slug"] for node in found["nodes"]] == [slug]


# ── Callers ───────────────────────────────────────────────────────────────────────────────────────

FORMER = id_of("actor", "undp")
CALLERS: dict[str, Principal] = {
    "anonymous": ANONYMOUS,
    "the owner of drafts": Principal(parties=(OWNER,)),
    "another party": Principal(parties=(OTHER,)),
    "the group itself": Principal(parties=(GROUP,)),
    "a member": Principal(parties=(OTHER,), groups=(GROUP,)),
    "a member of the parent": Principal(parties=(OTHER,), groups=(PARENT, GROUP)),
    "a member of another part": Principal(groups=(id_of("working_group", "mesa-4-public-policy"),)),
    "a member of another group": Principal(groups=(id_of("working_group", "mirps"),)),
    "a former member": Principal(parties=(FORMER,)),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("visibility", "owner", "seers"),
    [
        ("MEMBERS", GROUP, ["the group itself", "a member", "a member of the parent"]),
        ("DRAFT", GROUP, ["the group itself"]),
        ("DRAFT", OWNER, ["the owner of drafts"]),
        ("MEMBERS", OWNER, ["the owner of drafts"]),
        ("DRAFT", None, list[str]()),
        ("MEMBERS", None, list[str]()),
        ("PUBLIC", None, list(CALLERS)),
        ("PUBLIC", GROUP, list(CALLERS)),
    ],
    ids=str,
)
async def test_who_sees_what(
    connection: Connection, caller: str, visibility: str, owner: UUID | None, seers: list[str]
):
    """The registry's own drafts are seen by nobody through this API."""
    await insert(
        connection, "membership", "former", group_id=GROUP, party_id=FORMER, status="ENDED"
    )
    await insert(
        connection, "actor", "kept", slug="kept", type="DONOR", name="Guardado",
        visibility=visibility, owner_id=owner,
    )  # fmt: skip
    found = await ask(connection, 'actor(by: {slug: "kept"}) { slug }', CALLERS[caller])
    assert found == ({"slug": "kept"} if caller in seers else None)


async def test_what_is_hidden_again_is_gone_at_once(connection: Connection):
    """From the list of everything as well, which keeps its own copy of who sees what."""
    await hide(connection, "PUBLIC", GROUP)
    query = f'search(text: "escondido") {{ {COUNT} }}'
    assert await ask(connection, query, ANONYMOUS) == counted(3)
    await connection.execute("UPDATE actor SET visibility = 'DRAFT' WHERE slug = 'hidden'")
    assert await ask(connection, query, ANONYMOUS) == counted(2)


@pytest.mark.parametrize("noun", ["country", "framework", "objective"])
async def test_what_others_rely_on_cannot_be_hidden(connection: Connection, noun: str):
    """Links to these are non-null, so the database refuses to hide them."""
    with pytest.raises(asyncpg.CheckViolationError, match=f"{noun}_public_check"):
        await connection.execute(f"UPDATE {noun} SET visibility = 'DRAFT'")
