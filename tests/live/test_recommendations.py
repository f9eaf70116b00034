"""Recommendations are issued by a body, and followed up by those whom they address."""

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone
from tests.making import change
from tests.writing import IOM, Verbs, acting

MESA = acting(id_of("working_group", "mesa-2"))
PANAMA = acting(id_of("actor", "panama"))
ISSUED = """{ outcome recommendation { id title(language: EN) owner { id } }
    errors { code path message } }"""
FOLLOWED = """{ outcome followUp { status party { id } owner { id } visibility }
    errors { code path message } }"""
FIELDS = (
    'title: {en: "Regularize"}, group: {slug: "mesa-2"},'
    ' addressees: [{actor: {slug: "panama"}}, {actor: {slug: "mexico"}}]'
)


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to."""
    return clone(cluster, template)


VERBS = Verbs(ISSUED, MESA, ("recommendation", "recommendation_party", "follow_up"))
done, refused = VERBS.done, VERBS.refused


async def issued(database: str, more: str = "") -> str:
    """A new recommendation of the mesa, as inputs name it."""
    payload = await done(database, "issueRecommendation", FIELDS + more, MESA)
    assert payload["errors"] == []
    return f'recommendation: {{id: "{payload["recommendation"]["id"]}"}}'


async def test_a_body_issues_a_recommendation(database: str):
    """It belongs to the body (G2:45)."""
    payload = await done(database, "issueRecommendation", FIELDS, MESA)
    assert payload["outcome"] == "CREATED"
    mesa = id_of("working_group", "mesa-2")
    assert payload["recommendation"]["owner"] == {"id": f"working_group_{mesa}"}


async def test_nobody_else_issues_it(database: str):
    """Who only belongs to the body does not speak for it."""
    assert await refused(database, "issueRecommendation", FIELDS, IOM) == [
        (
            "NOT_OWNER",
            ["input", "group"],
            "A recommendation is issued by who holds an office in the group.",
        )
    ]


async def test_a_recommendation_asks_somebody(database: str):
    """Otherwise nobody would answer it."""
    input_ = 'title: {en: "Regularize"}, group: {slug: "mesa-2"}'
    assert await refused(database, "issueRecommendation", input_, MESA) == [
        (
            "REQUIRED",
            ["input", "addressees"],
            "A recommendation asks somebody; name whom in `addressees`.",
        )
    ]


async def test_a_recommendation_is_revised_by_its_body(database: str):
    """Others answer it."""
    recommendation = await issued(database)
    input_ = f'{recommendation}, title: {{en: "Regularize soon"}}'
    payload = await done(database, "reviseRecommendation", input_, MESA)
    assert payload["recommendation"]["title"] == "Regularize soon"
    found = await refused(database, "reviseRecommendation", input_, PANAMA)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "recommendation"])]


async def test_an_addressee_says_what_it_did(database: str):
    """The record is its own."""
    recommendation = await issued(database)
    input_ = f'{recommendation}, status: ACCEPTED, text: {{en: "A decree"}}'
    payload = await done(database, "recordFollowUp", input_, PANAMA, FOLLOWED)
    panama = {"id": f"actor_{id_of('actor', 'panama')}"}
    assert payload["followUp"] == {
        "status": "ACCEPTED",
        "party": panama,
        "owner": panama,
        "visibility": "PUBLIC",
    }


async def test_the_body_records_what_an_addressee_did(database: str):
    """Governments seldom report themselves; the record is the body's then."""
    recommendation = await issued(database)
    input_ = f'{recommendation}, status: NOTED, party: {{actor: {{slug: "panama"}}}}'
    payload = await done(database, "recordFollowUp", input_, MESA, FOLLOWED)
    assert payload["followUp"]["party"] == {"id": f"actor_{id_of('actor', 'panama')}"}
    mesa = id_of("working_group", "mesa-2")
    assert payload["followUp"]["owner"] == {"id": f"working_group_{mesa}"}


async def test_who_is_not_asked_does_not_answer(database: str):
    """It is no addressee."""
    recommendation = await issued(database)
    assert await refused(
        database, "recordFollowUp", f"{recommendation}, status: NOTED", IOM, FOLLOWED
    ) == [
        (
            "NOT_NAMED",
            ["input", "party"],
            "The recommendation does not address that party; name one of its `addressees`.",
        )
    ]


async def test_nobody_answers_for_another(database: str):
    """Mexico answers for itself."""
    recommendation = await issued(database)
    input_ = f'{recommendation}, status: NOTED, party: {{actor: {{slug: "mexico"}}}}'
    found = await refused(database, "recordFollowUp", input_, PANAMA, FOLLOWED)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "party"])]


async def test_what_came_of_a_hidden_recommendation_is_hidden(database: str):
    """It belongs with it to the body."""
    recommendation = await issued(database, ", visibility: DRAFT")
    input_ = f'{recommendation}, status: NOTED, party: {{actor: {{slug: "panama"}}}}'
    payload = await done(database, "recordFollowUp", input_, MESA, FOLLOWED)
    assert payload["followUp"]["visibility"] == "DRAFT"


async def test_the_registry_speaks_for_bodies_that_nobody_keeps(database: str):
    """A body that keeps itself issues its own."""
    registry = acting(id_of("actor", "unhcr"), "registry:write", "recommendations:write")
    fields = FIELDS.replace("Regularize", "By the registry")
    payload = await done(database, "issueRecommendation", fields, registry)
    assert (payload["errors"], payload["outcome"]) == ([], "CREATED")
    connection = await asyncpg.connect(database)
    try:
        await change(
            connection, "working_group", "mesa-3", owner_id=id_of("working_group", "mesa-3")
        )
    finally:
        await connection.close()
    of_its_own = fields.replace("mesa-2", "mesa-3")
    assert await refused(database, "issueRecommendation", of_its_own, registry) == [
        (
            "NOT_OWNER",
            ["input", "group"],
            "A recommendation is issued by who holds an office in the group.",
        )
    ]
