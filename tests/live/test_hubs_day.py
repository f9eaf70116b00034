"""A hub's day, over HTTP: it keeps the practices and pledges of two states by its own names.

The states delegate that to it, until they take it back; it reads what others did, and not what it
did itself.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone
from tests.parties import Caller, comes
from tests.serving import Edge, serving

LENT = ("practices:write", "pledges:write", "restricted:read")
STATES = ("panama", "mexico")
FOLLOW = """query ($after: String, $own: Boolean!) {
    changes(after: $after, excludeOwn: $own, first: 100, types: [PRACTICE, PLEDGE]) {
        nodes { verb recordId party { ... on Actor { slug } } onBehalfOf { ... on Actor { slug } }
            record { identifiers { value } } } pageInfo { endCursor hasNextPage } } }"""
PUBLIC = """{
    practices { nodes { slug status hubStatus owner { name(language: EN) } } }
    pledges(order: TITLE) { nodes {
        title(language: EN) kind matches { title(language: EN) }
        parties { edges { confirmed node { name(language: EN) } } } } } }"""


@pytest.fixture(scope="module")
def place(cluster: Cluster, template: str) -> Generator[tuple[Edge, str]]:
    """An application, and its database."""
    url = clone(cluster, template)
    with serving(url) as edge:
        yield edge, url


@dataclass
class Day:
    """The hub, which is IOM's, and who has to do with it."""

    public: Caller
    hub: Caller
    states: dict[str, Caller]
    neighbour: Caller
    place: str

    def told(self, *, own: bool = False) -> list[tuple[Any, ...]]:
        """The next changes: the hub's own name, what happened, by whom and for whom."""
        page = self.hub.reads(FOLLOW, after=self.place, own=not own)["changes"]
        if not own:
            self.place = page["pageInfo"]["endCursor"]
        return [
            (
                change["record"]["identifiers"][0]["value"],
                change["verb"],
                change["party"]["slug"],
                change["onBehalfOf"] and change["onBehalfOf"]["slug"],
            )
            for change in page["nodes"]
        ]


def by(value: str) -> dict[str, Any]:
    """The hub's own name for a record."""
    return {"identifier": {"scheme": "HUB", "value": value}}


def actor(slug: str) -> dict[str, Any]:
    """A party."""
    return {"actor": {"slug": slug}}


def practices() -> list[dict[str, Any]]:
    """One of each state."""
    return [
        by("p-1") | {"slug": "radio", "title": {"en": "Radio"}, "owner": actor("panama")},
        by("p-2") | {"slug": "clinic", "title": {"en": "Clinic"}, "owner": actor("mexico")},
    ]


def pledges() -> list[dict[str, Any]]:
    """A joint one, which names a neighbour, and one that matches it."""
    guatemala = {"party": actor("guatemala"), "role": "PARTNER"}
    return [
        by("c-1") | {
            "title": {"en": "Schools"}, "kind": "JOINT", "owner": actor("panama"),
            "parties": [{"party": actor("panama")}, guatemala],
        },
        by("c-2") | {
            "title": {"en": "Teachers"}, "kind": "MATCHING", "owner": actor("mexico"),
            "matches": by("c-1"),
        },
    ]  # fmt: skip


def test_a_hubs_day(place: tuple[Edge, str]):
    """From what is delegated in the morning to what is taken back at night."""
    public = Caller(*place)
    came = {
        slug: comes(*place, id_of("actor", slug), "clients:manage", *LENT)
        for slug in (*STATES, "guatemala")
    }
    latest = public.reads("{ changes(first: 0) { latest } }")["changes"]["latest"]
    hub = comes(*place, id_of("actor", "iom"), *LENT)
    a_day = Day(public, hub, came, came.pop("guatemala"), latest)
    two_states_delegate(a_day)
    the_hub_sends_practices(a_day)
    it_reviews_one(a_day)
    it_sends_pledges(a_day)
    others_write_as_well(a_day)
    it_reads_what_others_did(a_day)
    the_public_sees_it(a_day)
    a_state_takes_it_back(a_day)


def two_states_delegate(a_day: Day) -> None:
    """Before, the hub keeps nothing of theirs."""
    refused = a_day.hub.refused("upsertPractices", practices=practices())
    assert refused == [("NOT_OWNER", "practices.0.owner")]
    for state in a_day.states.values():
        lent = state.does(
            "delegate", "delegation { nouns }", maintainer=actor("iom"),
            nouns=["PRACTICE", "PLEDGE"], scopes=LENT,
        )  # fmt: skip
        assert (lent["outcome"], lent["delegation"]["nouns"]) == ("CREATED", ["PLEDGE", "PRACTICE"])


def the_hub_sends_practices(a_day: Day) -> None:
    """Sent again, they are the same; the states own them, and the public does not see drafts."""
    sent = "outcomes practices { slug status owner { ... on Actor { slug } } }"
    first = a_day.hub.does("upsertPractices", sent, practices=practices())
    again = a_day.hub.does("upsertPractices", sent, practices=practices())
    assert (first["outcomes"], again["outcomes"]) == (["CREATED"] * 2, ["UNCHANGED"] * 2)
    assert again["practices"] == [
        {"slug": "radio", "status": "IN_PREPARATION", "owner": {"slug": "panama"}},
        {"slug": "clinic", "status": "IN_PREPARATION", "owner": {"slug": "mexico"}},
    ]
    assert a_day.public.reads("{ practices { totalCount } }") == {"practices": {"totalCount": 0}}


def it_reviews_one(a_day: Day) -> None:
    """As the reviewer that it names itself."""
    practice = by("p-1")
    a_day.hub.does("submitPractice", practice=practice, reviewer=actor("iom"))
    a_day.hub.does("publishPractice", practice=practice)
    done = a_day.hub.does(
        "setPracticeHubState", "practice { hubStatus }", practice=practice, hubStatus="PUBLISHED"
    )
    assert done["practice"] == {"hubStatus": "PUBLISHED"}


def it_sends_pledges(a_day: Day) -> None:
    """The second names the first, by the hub's name for it; both are kept or none."""
    alone = a_day.hub.refused("upsertPledges", pledges=pledges()[1:])
    assert alone == [("NOT_FOUND", "pledges.0.matches")]
    first = a_day.hub.does("upsertPledges", "outcomes", pledges=pledges()[:1])
    both = a_day.hub.does("upsertPledges", "outcomes", pledges=pledges())
    assert (first["outcomes"], both["outcomes"]) == (["CREATED"], ["UNCHANGED", "CREATED"])


def others_write_as_well(a_day: Day) -> None:
    """Who is named in the joint pledge confirms it; a state revises what is its own."""
    refused = a_day.states["mexico"].refused("confirmPledge", pledge=by("c-1"))
    assert refused == [("NOT_NAMED", "party")]
    assert a_day.neighbour.does("confirmPledge", pledge=by("c-1"))["outcome"] == "UPDATED"
    revised = {"pledge": by("c-2"), "title": {"en": "Teachers and schools"}}
    assert a_day.states["mexico"].does("revisePledge", **revised)["outcome"] == "UPDATED"


def it_reads_what_others_did(a_day: Day) -> None:
    """Its own writes are left out; with them it is told for whom it wrote: a review is its own."""
    own = ("setPracticeHubState", "publishPractice")
    assert [each for each in a_day.told(own=True) if each[1] in own] == [
        ("p-1", "publishPractice", "iom", None),
        ("p-1", "setPracticeHubState", "iom", "panama"),
    ]
    assert a_day.told() == [
        ("c-1", "confirmPledge", "guatemala", None),  # that it is confirmed
        ("c-1", "confirmPledge", "guatemala", None),  # that the pledge has a new version
        ("c-2", "revisePledge", "mexico", None),
    ]
    assert a_day.told() == []


def the_public_sees_it(a_day: Day) -> None:
    """What was published, under whose it is."""
    radio = {
        "slug": "radio", "status": "PUBLISHED", "hubStatus": "PUBLISHED",
        "owner": {"name": "Panama"},
    }  # fmt: skip
    schools = {
        "title": "Schools", "kind": "JOINT", "matches": None,
        "parties": {"edges": [
            {"confirmed": True, "node": {"name": "Guatemala"}},
            {"confirmed": True, "node": {"name": "Panama"}},
        ]},
    }  # fmt: skip
    teachers = {
        "title": "Teachers and schools", "kind": "MATCHING", "matches": {"title": "Schools"},
        "parties": {"edges": [{"confirmed": True, "node": {"name": "Mexico"}}]},
    }  # fmt: skip
    assert a_day.public.reads(PUBLIC) == {
        "practices": {"nodes": [radio]}, "pledges": {"nodes": [schools, teachers]},
    }  # fmt: skip


def a_state_takes_it_back(a_day: Day) -> None:
    """From the next write on; what the other state delegated stays."""
    changed = [each | {"title": {"en": "News"}} for each in practices()]
    a_day.states["panama"].does("revokeDelegation", maintainer=actor("iom"))
    refused = a_day.hub.refused("upsertPractices", practices=changed)
    assert refused == [("NOT_OWNER", "practices.0.identifier")]
    done = a_day.hub.does("upsertPractices", "outcomes", practices=changed[1:])
    assert done["outcomes"] == ["UPDATED"]
    assert a_day.told() == []
