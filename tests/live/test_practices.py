"""Practices are drafts until another party has reviewed them; the UN hub has a state of its own."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import ANONYMOUS, Principal
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.reading import read
from tests.writing import IOM, UNHCR, Verbs, acting, write

PANAMA = acting(id_of("actor", "panama"))
MEXICO = acting(id_of("actor", "mexico"))
SHOWN = """{ outcome
    practice { id version slug status visibility hubStatus returnReason(language: EN)
        title(language: EN) owner { id } reviewer { id } identifiers { scheme value } }
    errors { code path message } }"""
REVIEWER = 'reviewer: {actor: {slug: "iom"}}'


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to, each practices of its own."""
    return clone(cluster, template)


VERBS = Verbs(SHOWN, PANAMA, ("practice", "identifier"))
done, refused = VERBS.done, VERBS.refused


async def drafted(database: str, slug: str) -> str:
    """A new practice of Panama, as inputs name it."""
    payload = await done(database, "draftPractice", f'slug: "{slug}", title: {{en: "Radio"}}')
    assert payload["errors"] == []
    return f'practice: {{id: "{payload["practice"]["id"]}"}}'


async def submitted(database: str, slug: str) -> str:
    """One that IOM is to review."""
    practice = await drafted(database, slug)
    payload = await done(database, "submitPractice", f"{practice}, {REVIEWER}")
    assert payload["errors"] == []
    return practice


async def published(database: str, slug: str) -> str:
    """One that everybody sees."""
    practice = await submitted(database, slug)
    assert (await done(database, "publishPractice", practice, IOM))["errors"] == []
    return practice


async def told(database: str, practice: str, who: Principal) -> list[str]:
    """The verbs of the changes that the feed tells of a practice."""
    key = practice.partition('"')[2].partition('"')[0]
    connection = await connect(database)
    try:
        query = "{ changes(first: 100, types: [PRACTICE]) { nodes { verb recordId } } }"
        nodes = (await read(connection, query, principal=who))["changes"]["nodes"]
        return [n["verb"] for n in nodes if n["recordId"] == key]
    finally:
        await connection.close()


async def seen(database: str, slug: str, who: Principal = ANONYMOUS) -> Any:
    """What a reader finds of a practice."""
    query = f'{{ practice(by: {{slug: "{slug}"}}) {{ status returnReason(language: EN) }} }}'
    connection = await connect(database)
    try:
        return (await read(connection, query, principal=who))["practice"]
    finally:
        await connection.close()


async def test_a_reviewer_is_told_as_long_as_it_reviews(database: str):
    """From the day it was asked; what came before, and what comes after, is the owner's."""
    practice = await submitted(database, "told")
    assert await told(database, practice, IOM) == ["submitPractice"]
    await done(database, "returnPractice", f'{practice}, reason: {{en: "Where?"}}', IOM)
    await done(database, "revisePractice", f'{practice}, title: {{en: "Radios"}}')
    # Where it no longer sees the practice, it hears that and nothing else.
    assert await told(database, practice, IOM) == ["WITHDRAWN", "WITHDRAWN"]
    assert len(await told(database, practice, PANAMA)) == 4
    assert await told(database, practice, MEXICO) == []


async def test_who_drafts_without_the_scope_to_read_is_told(database: str):
    """It is not lost: the same party reads it with `restricted:read`."""
    blind = acting(id_of("actor", "panama"), "practices:write")
    query = """mutation { draftPractice(input: {slug: "blind", title: {es: "x"}}) {
        practice { id } warnings { code message } } }"""
    answer = (await write(database, query, principal=blind))["data"]["draftPractice"]
    assert answer["practice"] is None
    assert [w["code"] for w in answer["warnings"]] == ["NOT_SHOWN"]
    assert await seen(database, "blind", PANAMA) == {
        "status": "IN_PREPARATION",
        "returnReason": None,
    }
    query = """mutation { revisePractice(input: {practice: {slug: "blind"}}) {
        errors { code help } } }"""
    refused = (await write(database, query, principal=blind))["data"]["revisePractice"]
    assert refused["errors"] == [
        {
            "code": "NOT_FOUND",
            "help": "What is yours and not public is seen with `restricted:read`, which your token"
            " lacks.",
        }
    ]


async def test_a_practice_begins_as_a_draft(database: str):
    """Its owner sees it."""
    await drafted(database, "begins")
    assert await seen(database, "begins") is None
    assert await seen(database, "begins", PANAMA) == {
        "status": "IN_PREPARATION",
        "returnReason": None,
    }


async def test_a_draft_is_not_made_public(database: str):
    """The verbs for it let another look first."""
    practice = await drafted(database, "not-public")
    assert await refused(database, "revisePractice", f"{practice}, visibility: PUBLIC") == [
        (
            "INVALID",
            ["input", "visibility"],
            "A practice is public when it is published; hand it in with `submitPractice`.",
        )
    ]


async def test_the_reviewer_sees_what_was_handed_in(database: str):
    """Nobody else does."""
    await submitted(database, "handed-in")
    assert await seen(database, "handed-in", IOM) == {"status": "SUBMITTED", "returnReason": None}
    assert await seen(database, "handed-in", MEXICO) is None
    assert await seen(database, "handed-in") is None


async def test_the_owner_does_not_review_its_own(database: str):
    """Two pairs of eyes."""
    practice = await drafted(database, "own-review")
    assert await refused(
        database, "submitPractice", f'{practice}, reviewer: {{actor: {{slug: "panama"}}}}'
    ) == [
        (
            "SAME_PARTY",
            ["input", "reviewer"],
            "Who reviews a practice is another party than the one that keeps it; name another.",
        )
    ]


async def test_the_reviewer_publishes_it(database: str):
    """From then on everybody sees it, and who reviewed it."""
    practice = await submitted(database, "published")
    payload = await done(database, "publishPractice", practice, IOM)
    assert payload["practice"]["visibility"] == "PUBLIC"
    assert payload["practice"]["reviewer"] == {"id": f"actor_{id_of('actor', 'iom')}"}
    assert await seen(database, "published") == {"status": "PUBLISHED", "returnReason": None}


async def test_nobody_else_publishes_it(database: str):
    """The owner waits."""
    practice = await submitted(database, "by-the-owner")
    assert await refused(database, "publishPractice", practice) == [
        (
            "NOT_OWNER",
            ["input", "practice"],
            "Only the party that it was handed in to for review can do that (`reviewer`).",
        )
    ]


async def test_what_was_not_handed_in_is_not_published(database: str):
    """Not by its owner either."""
    practice = await drafted(database, "too-early")
    assert await refused(database, "publishPractice", practice) == [
        (
            "WRONG_STATUS",
            ["input", "practice"],
            "That practice is not in review; hand it in with `submitPractice`.",
        )
    ]


async def test_what_one_cannot_see_is_not_there(database: str):
    """The same answer as for one that is not there."""
    practice = await submitted(database, "unseen")
    found = await refused(database, "publishPractice", practice, MEXICO)
    assert found == [
        (
            "NOT_FOUND",
            ["input", "practice"],
            "There is no `Practice` of that name that you may see.",
        )
    ]


async def test_what_is_published_is_what_was_read(database: str):
    """The owner may still write while it is reviewed."""
    practice = await submitted(database, "as-read")
    await done(database, "revisePractice", f'{practice}, title: {{en: "Television"}}')
    assert await refused(database, "publishPractice", f"{practice}, ifVersion: 2", IOM) == [
        (
            "VERSION_CONFLICT",
            ["input", "ifVersion"],
            "The record is at version 3 by now, not 2. Read it again and decide.",
        )
    ]


async def test_a_practice_is_handed_back_with_a_reason(database: str):
    """The owner reads it; the reviewer no longer sees the draft."""
    practice = await submitted(database, "handed-back")
    payload = await done(database, "returnPractice", f'{practice}, reason: {{en: "Vague"}}', IOM)
    assert (payload["outcome"], payload["practice"]) == ("UPDATED", None)
    assert await seen(database, "handed-back", PANAMA) == {
        "status": "RETURNED",
        "returnReason": "Vague",
    }
    assert await seen(database, "handed-back", IOM) is None


async def test_a_reason_does_not_outlive_its_draft(database: str):
    """Handed in again and published, nobody reads why it came back."""
    practice = await submitted(database, "improved")
    await done(database, "returnPractice", f'{practice}, reason: {{en: "Vague"}}', IOM)
    await done(database, "submitPractice", f"{practice}, {REVIEWER}")
    await done(database, "publishPractice", practice, IOM)
    assert await seen(database, "improved", PANAMA) == {
        "status": "PUBLISHED",
        "returnReason": None,
    }


async def test_what_is_published_is_not_handed_back(database: str):
    """Its owner can take it back."""
    practice = await published(database, "too-late")
    assert await refused(database, "returnPractice", f'{practice}, reason: {{en: "No"}}', IOM) == [
        (
            "WRONG_STATUS",
            ["input", "practice"],
            "That practice is published already; only who keeps it can withdraw it.",
        )
    ]


async def test_publishing_and_handing_back_at_the_same_time(database: str):
    """One of the two is done."""
    practice = await submitted(database, "at-once")
    payloads = await asyncio.gather(
        done(database, "publishPractice", practice, IOM),
        done(database, "returnPractice", f'{practice}, reason: {{en: "No"}}', IOM),
    )
    assert sorted(p["outcome"] for p in payloads) == ["REJECTED", "UPDATED"]


async def test_what_is_withdrawn_is_no_longer_public(database: str):
    """The owner still has it, and why."""
    practice = await published(database, "withdrawn")
    await done(database, "withdrawPractice", f'{practice}, reason: {{en: "Outdated"}}')
    assert await seen(database, "withdrawn") is None
    assert await seen(database, "withdrawn", PANAMA) == {
        "status": "WITHDRAWN",
        "returnReason": "Outdated",
    }


async def test_the_reason_is_for_the_owner(database: str):
    """A practice that is handed in anew shows its reviewer no earlier reason."""
    practice = await published(database, "reasons")
    await done(database, "withdrawPractice", f'{practice}, reason: {{en: "Outdated"}}')
    await done(database, "submitPractice", f"{practice}, {REVIEWER}")
    assert await seen(database, "reasons", IOM) == {"status": "SUBMITTED", "returnReason": None}


async def test_what_is_published_stays_public(database: str):
    """It is taken back by the verb for it."""
    practice = await published(database, "stays-public")
    assert await refused(database, "revisePractice", f"{practice}, visibility: DRAFT") == [
        (
            "INVALID",
            ["input", "visibility"],
            "A published practice is public; take it back with `withdrawPractice`.",
        )
    ]


async def test_the_hub_has_a_state_of_its_own(database: str):
    """With the name that the practice has there."""
    practice = await published(database, "at-the-hub")
    input_ = f'{practice}, hubStatus: UNDER_REVIEW, submission: {{scheme: "HUB", value: "77"}}'
    payload = await done(database, "setPracticeHubState", input_)
    assert payload["practice"]["hubStatus"] == "UNDER_REVIEW"
    assert payload["practice"]["identifiers"] == [{"scheme": "HUB", "value": "77"}]
    assert (await done(database, "setPracticeHubState", input_))["outcome"] == "UNCHANGED"


async def test_only_who_keeps_it_says_where_it_stands_at_the_hub(database: str):
    """The reviewer here is somebody else."""
    practice = await published(database, "not-the-hub")
    found = await refused(database, "setPracticeHubState", f"{practice}, hubStatus: REJECTED", IOM)
    assert [(code, path) for code, path, _ in found] == [("NOT_OWNER", ["input", "practice"])]


UPSERT = """mutation ($practices: [UpsertPracticeInput!]!) {
    upsertPractices(input: {practices: $practices}) { outcome outcomes
        errors { code path } practices { slug status visibility owner { id } } } }"""


def named(slug: str, **fields: Any) -> dict[str, Any]:
    """A practice as a hub sends it."""
    identifier = {"scheme": "HUB", "value": slug}
    return {"identifier": identifier, "slug": slug, "title": {"en": slug}} | fields


async def test_practices_are_sent_again_by_name(database: str):
    """Drafts of whom the hub acts for; what is published already stays it."""
    hub = replace(UNHCR, owners=(*UNHCR.owners, *PANAMA.owners), parties=UNHCR.owners)
    hub = replace(hub, parties=hub.owners)
    panama = {"actor": {"slug": "panama"}}
    sent = {"practices": [named("sent-1", owner=panama), named("sent-2")]}
    first = (await write(database, UPSERT, sent, hub))["data"]["upsertPractices"]
    assert first["practices"] == [
        {
            "slug": "sent-1",
            "status": "IN_PREPARATION",
            "visibility": "DRAFT",
            "owner": {"id": f"actor_{id_of('actor', 'panama')}"},
        },
        {
            "slug": "sent-2",
            "status": "IN_PREPARATION",
            "visibility": "DRAFT",
            "owner": {"id": f"actor_{id_of('actor', 'unhcr')}"},
        },
    ]
    again = (await write(database, UPSERT, sent, hub))["data"]["upsertPractices"]
    assert again["outcomes"] == ["UNCHANGED", "UNCHANGED"]


async def test_a_replication_is_recorded_by_who_made_it(database: str):
    """Not by the owner of the practice alone."""
    practice = await published(database, "replicated")
    answer = await write(
        database,
        f"mutation {{ createReplication(input: {{{practice}, party: {{actor:"
        ' {slug: "mexico"}}}) { outcome replication { party { name(language: EN) } } } }',
        principal=MEXICO,
    )
    assert answer["data"]["createReplication"] == {
        "outcome": "CREATED",
        "replication": {"party": {"name": "Mexico"}},
    }


async def test_a_service_is_entered_into_the_inventory(database: str):
    """M3:56: services, programmes and gaps."""
    answer = await write(
        database,
        'mutation { createInventoryEntry(input: {kind: SERVICE, title: {en: "Legal aid"}})'
        " { outcome inventoryEntry { kind title(language: EN) } } }",
        principal=PANAMA,
    )
    assert answer["data"]["createInventoryEntry"] == {
        "outcome": "CREATED",
        "inventoryEntry": {"kind": "SERVICE", "title": "Legal aid"},
    }
