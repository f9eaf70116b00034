"""Nobody is ever locked out: in each state of a body somebody can take the next step, over HTTP."""

import asyncio
from collections.abc import Generator
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone
from tests.governing import day
from tests.making import make
from tests.parties import Caller, comes, days_pass
from tests.serving import Edge, serving

HELD = "mandate { status holder { ... on Actor { slug } } }"


@pytest.fixture(scope="module")
def place(cluster: Cluster, template: str) -> Generator[tuple[Edge, str]]:
    """An application, and its database."""
    url = clone(cluster, template)
    with serving(url) as edge:
        yield edge, url


def party(place: tuple[Edge, str], slug: str, *more: str) -> Caller:
    """An organization that may write of groups and events what is its to write."""
    return comes(*place, id_of("actor", slug), "groups:write", "events:write", *more)


def actor(slug: str) -> dict[str, Any]:
    """A reference to an organization."""
    return {"actor": {"slug": slug}}


def there(url: str, noun: str, key: str, **fields: Any) -> None:
    """A record that is there."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await make(connection, noun, key, **fields)
        await connection.close()

    asyncio.run(run())


def meets(who: Caller, group: str) -> str:
    """Whether somebody acts for a group: the outcome, or the code, of calling a meeting of it."""
    query = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
        outcome errors { code } } }"""
    owner = {"workingGroup": {"slug": group}}
    given = {"title": {"es": "Reunión"}, "kind": "MEETING", "owner": owner, "dryRun": True}
    answer = who.reads(query, input=given)["createEvent"]
    return answer["errors"][0]["code"] if answer["errors"] else answer["outcome"]


def test_who_makes_a_body_records_its_first_officer(place: tuple[Edge, str]):
    """It keeps the body's record; whom it names has joined first."""
    joining = "memberships:write", "restricted:read"
    maker, first = party(place, "unhcr", *joining), party(place, "unfpa", *joining)
    group = {"slug": "new"}
    maker.does("createWorkingGroup", slug="new", kind="WORKING_GROUP", name={"es": "Nuevo"})
    post = {"slug": "new-leader", "group": group, "title": {"es": "Liderazgo"}}
    maker.does("createPost", kind="LEADER", officer=True, **post)
    assert meets(first, "new") == "NOT_OWNER"
    held = {"post": {"slug": "new-leader"}, "start": {"date": day(0)}, "holder": actor("unfpa")}
    assert maker.refused("recordMandate", **held) == [("CONSENT_NEEDED", "holder")]
    joins = {"group": group, "party": actor("unfpa")}
    assert maker.refused("inviteMember", **joins) == [("NOT_OWNER", "group")]
    maker.does("updateWorkingGroup", workingGroup=group, registrar=actor("unhcr"))
    asked = maker.does("inviteMember", "membership { id }", **joins)
    first.does("acceptInvitation", membership={"id": asked["membership"]["id"]})
    done = maker.does("recordMandate", HELD, **held)
    assert done["mandate"] == {"status": "CURRENT", "holder": {"slug": "unfpa"}}
    assert meets(first, "new") == "DRY_RUN"


def test_a_body_that_nobody_keeps_gets_officers_from_the_registry(place: tuple[Edge, str]):
    """Without registrar, parent or posts."""

    there(place[1], "working_group", "orphan", name="Solo", kind="WORKING_GROUP")
    registry, first = party(place, "iom", "registry:write"), party(place, "undp")
    post = {"slug": "orphan-leader", "group": {"slug": "orphan"}, "title": {"es": "Liderazgo"}}
    registry.does("createPost", kind="LEADER", officer=True, **post)
    given = {"post": {"slug": "orphan-leader"}, "start": {"date": day(0)}}
    assert first.refused("recordMandate", holder=actor("undp"), **given) == [("NOT_OWNER", "post")]
    registry.does("recordMandate", holder=actor("undp"), **given)
    assert meets(first, "orphan") == "DRY_RUN"


def test_while_a_mandate_has_lapsed_its_holder_and_the_registrar_go_on(place: tuple[Edge, str]):
    """The registrar gives a mesa its first secretary; after the term each of the two could hold
    the next election, and whoever is elected by one of them ends both."""
    registrar, secretary, next_ = (party(place, slug) for slug in ("iom", "unhcr", "oas"))
    post = {"post": {"slug": "mesa-3-secretary"}}
    for slug in ("unhcr", "oas"):
        there(place[1], "membership", slug, group="mesa-3", party=f"actor:{slug}", status="ACTIVE")

    def elected(slug: str) -> dict[str, Any]:
        return {**post, "candidates": [{"candidate": actor(slug), "elected": True}]}

    registrar.does("recordElection", **elected("unhcr"))
    assert (meets(secretary, "mesa-3"), meets(registrar, "mesa-3")) == ("DRY_RUN", "NOT_OWNER")
    days_pass(place[1], 370)
    assert (meets(secretary, "mesa-3"), meets(registrar, "mesa-3")) == ("DRY_RUN", "DRY_RUN")
    assert next_.refused("recordElection", **elected("oas")) == [("NOT_OWNER", "post")]
    registrar.does("recordElection", **elected("oas"))
    assert meets(next_, "mesa-3") == "DRY_RUN"
    assert (meets(secretary, "mesa-3"), meets(registrar, "mesa-3")) == ("NOT_OWNER", "NOT_OWNER")


def test_a_vacant_secretariat_is_filled_by_who_served_last(place: tuple[Edge, str]):
    """The technical secretariat of MIRPS, both seats of which are left."""
    seats = {slug: party(place, slug) for slug in ("unhcr", "oas")}
    stranger = party(place, "eclac")
    for slug, holder in seats.items():
        post = {"slug": f"mirps-secretariat-{slug}"}
        query = "query ($p: PostRef!) { post(by: $p) { currentMandate { id } } }"
        mandate = holder.reads(query, p=post)["post"]["currentMandate"]
        holder.does("resignMandate", mandate=mandate, on=day(-1))
    query = '{ workingGroup(by: {slug: "mirps-secretariat"}) { posts { nodes { vacant } } } }'
    seen = stranger.reads(query)["workingGroup"]["posts"]["nodes"]
    assert seen == [{"vacant": True}, {"vacant": True}]
    assert meets(stranger, "mirps-secretariat") == "NOT_OWNER"
    given = {"post": {"slug": "mirps-secretariat-oas"}, "start": {"date": day(0)}}
    done = seats["unhcr"].does("recordMandate", HELD, holder=actor("eclac"), **given)
    assert done["mandate"] == {"status": "CURRENT", "holder": {"slug": "eclac"}}
    assert meets(stranger, "mirps-secretariat") == "DRY_RUN"
