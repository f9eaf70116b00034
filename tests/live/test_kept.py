"""Nothing is written so that nobody can see or keep it, whatever scopes a token opens.

Over all verbs `test_who_writes.py` tries it.
"""

import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import ALL, Verbs, acting, rows

UNHCR_KEY = id_of("actor", "unhcr")
WHOLE = acting(UNHCR_KEY, *ALL)
"""A token that was asked for without `scope`, of a client that may do all."""


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """One for all tests here."""
    return clone(cluster, template)


EVENTS = Verbs(
    "{ outcome errors { code path message } event { version visibility owner { id } } }",
    WHOLE,
    ("event", "document", "identifier", "change"),
)
GIVEN = 'kind: MEETING, title: {es: "Reunión"}, '
LOSING = """What belongs to nobody is seen by everybody, or nobody would see it: give an `owner`, \
or leave `visibility` at `PUBLIC`."""


async def test_a_token_for_everything_writes_for_its_party(database: str):
    """As the schema says; before, nobody owned the record."""
    payload = await EVENTS.done(database, "createEvent", GIVEN + "visibility: DRAFT")
    assert payload["event"]["owner"] == {"id": f"actor_{UNHCR_KEY}"}


async def test_the_registry_says_that_nobody_owns_a_record(database: str):
    """By an owner that is null."""
    payload = await EVENTS.done(database, "createEvent", GIVEN + "owner: null")
    assert payload == {
        "outcome": "CREATED",
        "errors": [],
        "event": {"version": 1, "visibility": "PUBLIC", "owner": None},
    }


async def test_without_the_registrys_scope_null_is_the_party(database: str):
    """Programs send null for what they leave out."""
    payload = await EVENTS.done(database, "createEvent", GIVEN + "owner: null", acting(UNHCR_KEY))
    assert payload["event"]["owner"] == {"id": f"actor_{UNHCR_KEY}"}


@pytest.mark.parametrize("visibility", ["DRAFT", "MEMBERS"])
async def test_what_nobody_owns_is_not_hidden(database: str, visibility: str):
    """Its maker could neither read nor change it, and its identifier would be taken for good."""
    hidden = f"{GIVEN} owner: null, visibility: {visibility}, identifiers: " + (
        '[{scheme: "unhcr.example", value: "lost"}]'
    )
    assert await EVENTS.refused(database, "createEvent", hidden) == [
        ("INVALID", ["input", "visibility"], LOSING)
    ]


async def test_what_nobody_owns_does_not_become_hidden(database: str):
    """Nor does what is hidden become nobody's."""
    given = 'identifiers: [{scheme: "unhcr.example", value: "kept"}]'
    await EVENTS.done(database, "createEvent", f"{GIVEN} owner: null, {given}")
    kept = 'event: {identifier: {scheme: "unhcr.example", value: "kept"}}'
    refused = [("INVALID", ["input", "visibility"], LOSING)]
    assert await EVENTS.refused(database, "updateEvent", f"{kept}, visibility: DRAFT") == refused
    both = f'{kept}, visibility: DRAFT, owner: {{actor: {{slug: "unhcr"}}}}'
    assert (await EVENTS.done(database, "updateEvent", both))["outcome"] == "UPDATED"
    assert await EVENTS.refused(database, "updateEvent", f"{kept}, owner: null") == refused


async def test_minutes_of_an_event_that_nobody_owns_are_public(database: str):
    """Its members are nobody."""
    [[key]] = await rows(database, "SELECT id FROM event WHERE owner_id IS NULL LIMIT 1")
    minutes = f'event: {{id: "event_{key}"}}, minutes: {{slug: "acta", title: {{es: "Acta"}}'
    assert await EVENTS.refused(database, "attachMinutes", minutes + "}") == [
        ("INVALID", ["input", "minutes", "visibility"], LOSING)
    ]
    public = minutes + ", visibility: PUBLIC}"
    assert (await EVENTS.done(database, "attachMinutes", public))["outcome"] == "UPDATED"
