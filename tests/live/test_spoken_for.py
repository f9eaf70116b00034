"""Nobody says alone what another party is or does: that one does, or lets it be said."""

from dataclasses import replace
from typing import Any

import pytest

from api.cluster import Cluster
from auth.principal import Delegation, Principal
from resolvers.mutation import VERBS
from schema.base import One, Through, camel, entities, links
from schema.inputs import written
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone
from tests.writing import ALL, UNHCR, acting, state, write

REGISTRY = acting(id_of("actor", "unhcr"), *ALL)
MESA = acting(id_of("working_group", "mesa-2"))
IOM, MIRPS = {"actor": {"slug": "iom"}}, {"workingGroup": {"slug": "mirps"}}


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """The URL of a database that these tests write to."""
    return clone(cluster, template)


async def sent(database: str, verb: str, who: Principal, given: dict[str, Any]) -> Any:
    """The payload of one mutation, with the id of what it wrote."""
    noun = VERBS[verb].noun
    assert noun
    query = f"""mutation ($input: {VERBS[verb].input}!) {{ {verb}(input: $input) {{
        outcome {camel(noun.name)} {{ id }} errors {{ code message path }} }} }}"""
    answer = await write(database, query, {"input": given}, who, Language.EN)
    return answer["data"][verb]


async def refused(database: str, verb: str, who: Principal, given: dict[str, Any]) -> Any:
    """Code and place of each reason; every table is as it was."""
    before = await state(database)
    payload = await sent(database, verb, who, given)
    assert payload["outcome"] == "REJECTED", payload
    assert await state(database) == before
    return [(e["code"], ".".join(e["path"][1:])) for e in payload["errors"]]


async def made(database: str, verb: str, who: Principal, given: dict[str, Any]) -> str:
    """The id of what was written."""
    payload = await sent(database, verb, who, given)
    assert payload["errors"] == []
    noun = VERBS[verb].noun
    assert noun
    return payload[camel(noun.name)]["id"]


def titled(name: str, **more: Any) -> dict[str, Any]:
    """A record with a slug and a title."""
    return {"slug": name, "title": {"es": name}, **more}


GROUP = {"name": {"es": "Mesa nueva"}, "kind": "MESA"}
EVENT = {"title": {"es": "Reunión"}, "kind": "MEETING"}
CLAIMS = {
    "a network": ("createActor", {
        "slug": "a1", "name": {"es": "Red"}, "type": "CIVIL_SOCIETY_ORGANIZATION", "parent":
        {"slug": "iom"},
    }, "parent"),
    "a body above": ("createWorkingGroup", {"slug": "g1", **GROUP, "parent": {"slug": "mirps"}},
                     "parent"),
    "a counterpart": ("createWorkingGroup",
                      {"slug": "g2", **GROUP, "counterpart": {"slug": "mesa-2"}}, "counterpart"),
    "a host": ("createWorkingGroup", {"slug": "g3", **GROUP, "host": {"slug": "iom"}}, "host"),
    "a registrar": ("createWorkingGroup", {"slug": "g4", **GROUP, "registrar": IOM}, "registrar"),
    "a twin": ("createWorkingGroup",
               {"slug": "g5", **GROUP, "probablySameAs": {"slug": "mirps"}}, "probablySameAs"),
    "a plan": ("createPlan", titled("p1", content="NAMED", party=IOM), "party"),
    "a practice": ("draftPractice", titled("p2", parties=[{"party": IOM}]), "parties.0"),
    "an inventory": ("createInventoryEntry",
                     {"title": {"es": "Albergue"}, "kind": "SERVICE", "party": IOM}, "party"),
    "a series": ("createEventSeries", titled("s1", frequency="YEARLY", party=MIRPS), "party"),
    "an organizer": ("createEvent", EVENT | {"parties": [
        {"party": {"actor": {"slug": "unhcr"}}, "role": "ORGANIZER"},
        {"party": IOM, "role": "CO_ORGANIZER"},
    ]}, "parties.1"),
    "a participant": ("createEvent", EVENT | {"parties": [{"party": IOM}]}, "parties.0"),
    "an achievement": ("createAchievement",
                       titled("l1", kind="ADVANCE", group={"slug": "mirps"}), "group"),
}  # fmt: skip
"""What UNHCR would have others be or do, by what it names them as."""


@pytest.mark.parametrize("name", CLAIMS)
async def test_what_another_is_or_does_is_not_said_alone(database: str, name: str):
    """A public record would say it of them."""
    verb, given, path = CLAIMS[name]
    assert await refused(database, verb, UNHCR, given) == [("CONSENT_NEEDED", path)]


@pytest.mark.parametrize("name", ["a body above", "an organizer"])
async def test_the_registry_says_it_of_anybody(database: str, name: str):
    """It keeps what the documents say."""
    verb, given, _ = CLAIMS[name]
    payload = await sent(database, verb, REGISTRY, {**given, "dryRun": True})
    assert payload["errors"] == []


async def test_the_sentence_says_what_would_work(database: str):
    """To ask, to have it delegated, or the registry."""
    verb, given, _ = CLAIMS["an organizer"]
    payload = await sent(database, verb, UNHCR, given)
    assert [e["message"] for e in payload["errors"]] == [
        "This says what another party is or does. That one has to record it itself, or delegate "
        "that to you with `delegate`; a group names its members; the registry names anybody. As "
        "`AUDIENCE` you may name it."
    ]


async def test_whom_an_event_is_meant_for_says_nothing_of_them(database: str):
    """An audience need not come."""
    guests = EVENT | {"parties": [{"party": IOM, "role": "AUDIENCE"}]}
    event = await made(database, "createEvent", UNHCR, guests)
    host = {"event": {"id": event}, "parties": [{"party": IOM, "role": "HOST"}]}
    assert await refused(database, "updateEvent", UNHCR, host) == [("CONSENT_NEEDED", "parties.0")]


async def test_what_was_said_with_right_stays(database: str):
    """What the registry wrote is no reason to refuse the next change."""
    owner = {"actor": {"slug": "unhcr"}}
    held = EVENT | {"owner": owner, "parties": [{"party": IOM, "role": "HOST"}]}
    event = await made(database, "createEvent", REGISTRY, held)
    again = {"event": {"id": event}, "place": "Danlí", "parties": held["parties"]}
    assert (await sent(database, "updateEvent", UNHCR, again))["outcome"] == "UPDATED"


async def test_who_keeps_the_record_of_a_body_says_it(database: str):
    """Such as who set it up."""
    body = await made(database, "createWorkingGroup", UNHCR, {"slug": "own", **GROUP})
    plan = titled("own-plan", content="NAMED", party={"id": body})
    await made(database, "createPlan", UNHCR, plan)


async def test_a_delegate_says_it(database: str):
    """That is what was lent to it."""
    verb, given, _ = CLAIMS["an organizer"]
    lent = Delegation(id_of("actor", "iom"), frozenset({"event"}), frozenset({"events:write"}))
    delegate = replace(UNHCR, delegations=(lent,))
    assert (await sent(database, verb, delegate, given))["outcome"] == "CREATED"


async def test_a_body_names_its_members(database: str):
    """They joined it, so its records may say what they do there."""
    given = EVENT | {"parties": [{"party": IOM}]}
    assert await refused(database, "createEvent", MESA, given) == [("CONSENT_NEEDED", "parties.0")]
    asked = {"group": {"slug": "mesa-2"}}
    membership = await made(database, "requestMembership", acting(id_of("actor", "iom")), asked)
    assert await refused(database, "createEvent", MESA, given) == [("CONSENT_NEEDED", "parties.0")]
    await sent(database, "approveMembership", MESA, {"membership": {"id": membership}})
    event = await made(database, "createEvent", MESA, given)
    sees = {"text": {"es": "Redactar"}, "event": {"id": event}}
    await made(database, "createAgreement", MESA, sees | {"responsible": IOM})
    wrong = sees | {"responsible": MIRPS}
    assert await refused(database, "createAgreement", MESA, wrong) == [
        ("CONSENT_NEEDED", "responsible")
    ]


async def test_whom_a_plan_serves_may_be_anybody(database: str):
    """Who is responsible for an item agreed to it."""
    plan = await made(database, "createPlan", UNHCR, titled("p9", content="FULL"))
    item = {"plan": {"id": plan}, "kind": "ACTION", "position": 1, "title": {"es": "Formar"}}
    served = [{"party": IOM, "role": "BENEFICIARY"}]
    await made(database, "createPlanItem", UNHCR, item | {"parties": served})
    item |= {"position": 2, "coordinatingGroup": {"slug": "mirps"}, "parties": [{"party": IOM}]}
    assert await refused(database, "createPlanItem", UNHCR, item) == [
        ("CONSENT_NEEDED", "coordinatingGroup"),
        ("CONSENT_NEEDED", "parties.0"),
    ]


def test_these_fields_name_others_freely():
    """All that names a party, and whether it says something in that one's name."""
    free: dict[str, Any] = {}
    for noun in entities.values():
        for name, spec in written(noun).items():
            end = links[spec.link].ends()[1] if isinstance(spec, Through) else spec
            if isinstance(end, One) and end.freely:
                free[f"{noun.name}.{name}"] = end.freely
    assert free == {
        "contribution.giver": True,
        "contribution.receiver": True,
        "contribution.channel": True,
        "event_series.parties": ("AUDIENCE",),
        "event.parties": ("AUDIENCE",),
        "follow_up.party": True,
        "plan_item.parties": ("BENEFICIARY",),
        "pledge.parties": True,
        "recommendation.addressees": True,
    }


async def test_a_body_of_ones_own_seats_nobody_who_has_not_joined_it(database: str):
    """Nor has them stand; not even as a secretariat, and not with an override."""
    body = await made(database, "createWorkingGroup", UNHCR, {"slug": "seats", **GROUP})
    post = titled("seat", group={"id": body}, kind="TECHNICAL_SECRETARIAT", selection="ELECTION")
    await made(database, "createPost", UNHCR, post)
    seated = {"post": {"slug": "seat"}, "holder": IOM, "start": {"edtf": "2024"}} | {
        "overrideReason": "They would like it."
    }
    assert await refused(database, "recordMandate", UNHCR, seated) == [("CONSENT_NEEDED", "holder")]
    voted = {"post": {"slug": "seat"}, "candidates": [{"candidate": IOM, "elected": True}]}
    assert await refused(database, "recordElection", UNHCR, voted) == [
        ("CONSENT_NEEDED", "candidates.0.candidate")
    ]
    election = await made(database, "openElection", UNHCR, {"post": {"slug": "seat"}})
    stands = {"election": {"id": election}, "candidate": IOM}
    assert await refused(database, "nominate", UNHCR, stands) == [("CONSENT_NEEDED", "candidate")]
