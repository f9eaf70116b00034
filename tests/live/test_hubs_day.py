"""A hub's day: it keeps the practices and pledges of two states by its own names for them."""

from dataclasses import replace
from typing import Any

from auth.principal import ANONYMOUS
from seeds.records import id_of
from tests.conftest import connect
from tests.reading import read
from tests.writing import IOM, acting, write

PANAMA = acting(id_of("actor", "panama"))
MEXICO = acting(id_of("actor", "mexico"))
_THREE = (*IOM.owners, *PANAMA.owners, *MEXICO.owners)
HUB = replace(IOM, owners=_THREE, parties=_THREE)
"""IOM, to which Panama and Mexico delegated."""
PRACTICES = """mutation ($input: UpsertPracticesInput!) { upsertPractices(input: $input) {
    outcomes errors { code } practices { id slug status } } }"""
PLEDGES = """mutation ($input: UpsertPledgesInput!) { upsertPledges(input: $input) {
    outcomes errors { code } pledges { id title(language: EN) } } }"""
REVIEW = """mutation ($practice: PracticeRef!) {
    submitPractice(input: {practice: $practice, reviewer: {actor: {slug: "iom"}}}) { outcome }
    publishPractice(input: {practice: $practice}) { outcome }
    setPracticeHubState(input: {practice: $practice, hubStatus: PUBLISHED}) { outcome } }"""
CONFIRM = """mutation ($pledge: PledgeRef!) { confirmPledge(input: {pledge: $pledge}) {
    outcome errors { code } } }"""
PUBLIC = """{
    practices { nodes { slug status hubStatus owner { name(language: EN) } } }
    pledges(order: TITLE) { nodes {
        title(language: EN) kind matches { title(language: EN) }
        parties { edges { confirmed node { name(language: EN) } } } } } }"""


def by(value: str) -> dict[str, Any]:
    """The hub's own name for a record."""
    return {"identifier": {"scheme": "HUB", "value": value}}


def actor(slug: str) -> dict[str, Any]:
    """A party."""
    return {"actor": {"slug": slug}}


async def test_a_hubs_day(database: str):
    """Morning: what it keeps of others. Noon: reviews. Evening: a partner confirms."""
    practices = {
        "practices": [
            by("p-1") | {"slug": "radio", "title": {"en": "Radio"}, "owner": actor("panama")},
            by("p-2") | {"slug": "clinic", "title": {"en": "Clinic"}, "owner": actor("mexico")},
        ]
    }
    sent = await write(database, PRACTICES, {"input": practices}, HUB)
    assert sent["data"]["upsertPractices"]["outcomes"] == ["CREATED", "CREATED"]
    again = await write(database, PRACTICES, {"input": practices}, HUB)
    assert again["data"]["upsertPractices"]["outcomes"] == ["UNCHANGED", "UNCHANGED"]

    reviewed = await write(database, REVIEW, {"practice": by("p-1")}, HUB)
    assert reviewed["data"] == {
        "submitPractice": {"outcome": "UPDATED"},
        "publishPractice": {"outcome": "UPDATED"},
        "setPracticeHubState": {"outcome": "UPDATED"},
    }

    guatemala = {"party": actor("guatemala"), "role": "PARTNER"}
    pledges = {
        "pledges": [
            by("c-1") | {
                "title": {"en": "Schools"}, "kind": "JOINT", "owner": actor("panama"),
                "parties": [{"party": actor("panama")}, guatemala],
            },
        ]
    }  # fmt: skip
    joint = await write(database, PLEDGES, {"input": pledges}, HUB)
    assert joint["data"]["upsertPledges"]["errors"] == []
    matching = by("c-2") | {
        "title": {"en": "Teachers"}, "kind": "MATCHING", "owner": actor("mexico"),
        "matches": by("c-1"),
    }  # fmt: skip
    pledges["pledges"].append(matching)
    both = await write(database, PLEDGES, {"input": pledges}, HUB)
    assert both["data"]["upsertPledges"]["outcomes"] == ["UNCHANGED", "CREATED"]

    unnamed = await write(database, CONFIRM, {"pledge": by("c-1")}, MEXICO)
    assert unnamed["data"]["confirmPledge"] == {
        "outcome": "REJECTED",
        "errors": [{"code": "NOT_NAMED"}],
    }
    named = acting(id_of("actor", "guatemala"))
    confirmed = await write(database, CONFIRM, {"pledge": by("c-1")}, named)
    assert confirmed["data"]["confirmPledge"] == {"outcome": "UPDATED", "errors": []}

    connection = await connect(database)
    try:
        assert await read(connection, PUBLIC, principal=ANONYMOUS) == {
            "practices": {
                "nodes": [
                    {
                        "slug": "radio",
                        "status": "PUBLISHED",
                        "hubStatus": "PUBLISHED",
                        "owner": {"name": "Panama"},
                    }
                ]
            },
            "pledges": {
                "nodes": [
                    {
                        "title": "Schools",
                        "kind": "JOINT",
                        "matches": None,
                        "parties": {
                            "edges": [
                                {"confirmed": True, "node": {"name": "Guatemala"}},
                                {"confirmed": True, "node": {"name": "Panama"}},
                            ]
                        },
                    },
                    {
                        "title": "Teachers",
                        "kind": "MATCHING",
                        "matches": {"title": "Schools"},
                        "parties": {"edges": [{"confirmed": True, "node": {"name": "Mexico"}}]},
                    },
                ]
            },
        }
    finally:
        await connection.close()
