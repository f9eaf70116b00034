"""A body that keeps one record of every kind, and a valid input for every mutation over these.

What is required follows from the schema; `NEEDS` and `GIVEN` say what it cannot. A new mutation
that neither covers fails with a sentence. The records are made by mutations, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_nullable_type,
)

from resolvers.mutation import VERBS
from schema.base import Entity, camel, snake
from seeds.records import id_of
from tests.making import make
from tests.reading import graphql_schema
from tests.writing import ALL, CLIENT, Writer, acting

Given = dict[str, Any]
BODY, OTHER = id_of("working_group", "body"), id_of("working_group", "other-body")
PEER, GUEST = id_of("actor", "body-1"), id_of("actor", "body-guest")
SCHEME = "body"
POSTS: dict[str, Given] = {
    "chair": {"kind": "LEADER", "officer": True},
    "deputy": {"kind": "SECRETARY", "officer": True},
    "free": {"kind": "REPRESENTATIVE"},
    "held": {"kind": "DELEGATE"},
    "waiting": {"kind": "ALTERNATE"},
    "called": {"kind": "TECHNICAL_SECRETARIAT", "selection": "ELECTION"},
    "uncalled": {"kind": "PRO_TEMPORE_PRESIDENCY", "selection": "ELECTION"},
}
"""Of the body. Whoever is an officer is brought by the test."""
MEMBERS = 6


def _party(key: UUID, noun: str = "actor") -> Given:
    return {"id": f"{noun}_{key}"}


BY_BODY, BY_PEER = _party(BODY, "working_group"), _party(PEER)
THIRD = _party(id_of("working_group", "third-body"), "working_group")


@dataclass
class Made:
    """The records that there are, by name, and the inputs that go with them."""

    ids: dict[str, str]
    _last: int = 0

    def number(self) -> int:
        """One that was not given before."""
        self._last += 1
        return self._last

    def __call__(self, name: str) -> Given:
        """A reference."""
        return {"id": self.ids[name]}

    def input_of(self, verb: str) -> Given:
        """A valid input, new each time: what must be unique is."""
        if verb in GIVEN:
            return GIVEN[verb](self)
        how = _how(verb)
        if how is None:
            raise LookupError(
                f"Nobody said what a valid input of `{verb}` is; add it to GIVEN in tests/valid.py."
            )
        return getattr(self, f"_{how}")(VERBS[verb].noun)

    def new(self, noun: Entity, of: Any) -> Given:
        """What a new record needs; it is the body's where that can be said."""
        made = self._example(of)
        if "owner" in of.fields and noun.scope != "registry:write":
            made["owner"] = BY_BODY
        return made | NEEDS.get(noun.name, lambda *_: {})(self, self.number())

    def _create(self, noun: Entity) -> Given:
        return self.new(noun, _input(f"create{noun.type_name}"))

    def _update(self, noun: Entity) -> Given:
        return {camel(noun.name): self(noun.name), **_changed(_input(f"update{noun.type_name}"))}

    def _retire(self, noun: Entity) -> Given:
        return {camel(noun.name): self(f"spare {noun.name}")}

    def _upsert(self, noun: Entity) -> Given:
        of: Any = _input(_upsert_of(noun)).fields[camel(noun.plural)].type
        item = get_nullable_type(get_nullable_type(of).of_type)
        named = {"identifier": {"scheme": SCHEME, "value": noun.name}}
        return {camel(noun.plural): [named | _changed(item)]}

    def _example(self, type_: Any) -> Any:
        """A value of an input type, with what is required alone."""
        type_ = get_nullable_type(type_)
        match type_:
            case GraphQLList():
                return [self._example(type_.of_type)]
            case GraphQLEnumType():
                return next(iter(type_.values))
            case GraphQLInputObjectType(name="TextInput"):
                return {"es": f"Texto {self.number()}"}
            case GraphQLInputObjectType(name=name) if type_.is_one_of:
                of = {"PartyRef": "working_group", "RecordRef": "document"}
                return self(of.get(name) or snake(name.removesuffix("Ref")))
            case GraphQLInputObjectType():
                return {
                    name: f"new-{self.number()}" if name == "slug" else self._example(f.type)
                    for name, f in type_.fields.items()
                    if isinstance(f.type, GraphQLNonNull)
                }
            case _:
                return {"Int": 1, "String": f"texto {self.number()}"}[type_.name]


def _input(verb: str) -> GraphQLInputObjectType:
    root = graphql_schema.mutation_type
    assert isinstance(root, GraphQLObjectType)
    found = get_nullable_type(root.fields[verb].args["input"].type)
    assert isinstance(found, GraphQLInputObjectType)
    return found


def _upsert_of(noun: Entity) -> str:
    [found] = [n for n, v in VERBS.items() if v.noun is noun and n.startswith("upsert")]
    return found


def _how(verb: str) -> str | None:
    """Create, update, retire, upsert: what follows from the schema."""
    noun = VERBS[verb].noun
    hows = ("create", "update", "retire") if noun and noun.scope else ()
    plain = {f"{how}{noun.type_name}": how for how in hows if noun}
    return plain.get(verb) or ("upsert" if verb.startswith("upsert") else None)


def _changed(of: Any) -> Given:
    """A text, other than it was."""
    texts = [name for name, f in of.fields.items() if str(f.type).rstrip("!") == "TextInput"]
    return {texts[0]: {"es": "Otro texto"}} if texts else {"name": "Otra persona"}


NEEDS: dict[str, Callable[[Made, int], Given]] = {
    "alignment": lambda made, _: {"source": made("plan_item"), "target": made("plan")},
    "citation": lambda made, _: {"record": made("plan")},
    "country": lambda _, n: {
        "alpha2": f"Q{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26]}",
        "alpha3": f"QQ{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26]}",
        "m49": f"{900 + n % 100}",
    },
    "objective": lambda _, n: {"number": 100 + n, "code": f"BODY-{n}"},
    "person": lambda _, n: {"name": f"Persona {n}", "consentedOn": "2024-01-01"},
    "plan_item": lambda _, n: {"position": n},
    "target": lambda *_: {"comparator": "AT_LEAST", "minimum": "2"},
}
"""By noun, what a new record needs beside what the schema says."""


def _contribution() -> Given:
    return {"stage": "COMMITMENT", "owner": BY_BODY, "giver": BY_BODY, "amount": "10.00",
            "currency": "USD"}  # fmt: skip


def _pledge(owner: Given, *parties: Given) -> Given:
    several = {"parties": [{"party": party} for party in parties]} if parties else {}
    kind = "JOINT" if parties else "INDIVIDUAL"
    return {"title": {"es": "Compromiso"}, "kind": kind, "owner": owner, **several}


def _elected(letter: int) -> Given:
    return {"candidates": [{"candidate": _member(letter), "elected": True}]}


def _member(number: int) -> Given:
    return _party(id_of("actor", f"body-{number}"))


def _application(made: Made) -> Given:
    return {"group": BY_BODY, "name": "Red Nueva", "type": "CIVIL_SOCIETY_ORGANIZATION",
            "email": f"red-{made.number()}@example.org"}  # fmt: skip


def _post(name: str) -> Given:
    return {"slug": f"body-{name}"}


GIVEN: dict[str, Callable[[Made], Given]] = {
    "acceptInvitation": lambda made: {"membership": made("invitation")},
    "announcePledge": lambda _: _pledge(BY_BODY),
    "applyForMembership": _application,
    "approveApplication": lambda made: {
        "application": made.ids["application"], "slug": f"new-{made.number()}",
    },
    "approveMembership": lambda made: {"membership": made("request")},
    "attachMinutes": lambda made: {
        "event": made("event"),
        "minutes": {"slug": f"new-{made.number()}", "title": {"es": "Acta"}},
    },
    "cancelContribution": lambda made: {"contribution": made("contribution")},
    "cancelElection": lambda made: {"election": made("election")},
    "cancelEvent": lambda made: {"event": made("event")},
    "confirmPledge": lambda made: {"pledge": made("joint pledge"), "party": BY_BODY},
    "correctMandate": lambda made: {"mandate": made("mandate"), "start": {"edtf": "2023-02"}},
    "createWebhook": lambda _: {"url": "https://example.org/hook"},
    "declineApplication": lambda made: {"application": made.ids["application"], "reason": "No."},
    "declineMembership": lambda made: {"membership": made("request"), "reason": "No."},
    "declinePledge": lambda made: {"pledge": made("joint pledge"), "party": BY_BODY},
    "delegate": lambda _: {
        "maintainer": BY_PEER, "nouns": ["EVENT"], "scopes": ["events:write"], "owner": BY_BODY,
    },
    "designate": lambda _: {"post": _post("free"), "holder": _member(5)},
    "draftPractice": lambda made: {
        "slug": f"new-{made.number()}", "title": {"es": "Práctica"}, "owner": BY_BODY,
    },
    "endMembership": lambda _: {"membership": _party(id_of("membership", "body-6"), "membership")},
    "erasePerson": lambda made: {"person": made("person")},
    "exportPerson": lambda made: {"person": made("person")},
    "deleteWebhook": lambda made: {"webhookId": made.ids["webhook"]},
    "handOverReport": lambda made: {
        "mandate": made("mandate"), "documents": [made("document")],
    },
    "inviteMember": lambda _: {"group": BY_BODY, "party": THIRD},
    "issueRecommendation": lambda _: {
        "title": {"es": "Recomendación"}, "group": BY_BODY, "addressees": [BY_PEER],
    },
    "mergeActors": lambda made: {"actor": made("spare actor"), "into": made("actor")},
    "moveEvent": lambda made: {"event": made("event"), "date": {"edtf": "2026-08"}},
    "nameRepresentative": lambda made: {"mandate": made("mandate"), "person": made("person")},
    "nominate": lambda made: {"election": made("election"), "candidate": _member(4)},
    "openElection": lambda _: {"post": _post("uncalled")},
    "publishPractice": lambda made: {"practice": made("practice in review")},
    "recordAgreements": lambda made: {
        "event": made("event"), "agreements": [{"text": {"es": "Reunirse"}}],
    },
    "recordContribution": lambda _: _contribution(),
    "recordElection": lambda made: {"election": made("election")} | _elected(4),
    "recordFollowUp": lambda made: {
        "recommendation": made("recommendation"), "status": "NOTED", "party": BY_PEER,
    },
    "recordMandate": lambda _: {
        "post": _post("free"), "holder": _member(5), "start": {"edtf": "2024"},
    },
    "registerClient": lambda _: {"name": "Otra", "scopes": ["clients:manage"]},
    "renewClientSecret": lambda made: {"clientId": made.ids["client"]},
    "renewWebhookSecret": lambda made: {"webhookId": made.ids["webhook"]},
    "renewMandate": lambda made: {"mandate": made("mandate")},
    "reportProgress": lambda made: {
        "item": made("plan_item"), "reportedBy": BY_BODY, "statement": {"es": "Se avanzó"},
    },
    "requestMembership": lambda _: {
        "group": THIRD, "party": BY_BODY,
    },
    "resignMandate": lambda made: {"mandate": made("mandate")},
    "retireMandate": lambda made: {"mandate": made("mandate")},
    "returnPractice": lambda made: {
        "practice": made("practice in review"), "reason": {"es": "Falta el país"},
    },
    "reviseContribution": lambda made: {
        "contribution": made("contribution"), "amount": "11.00",
    },
    "reviseNeed": lambda made: {"need": made("need"), "satisfied": True},
    "revisePledge": lambda made: {"pledge": made("pledge"), "amount": "5.00", "currency": "USD"},
    "revisePractice": lambda made: {"practice": made("practice"), "url": "https://example.org/"},
    "reviseRecommendation": lambda made: {
        "recommendation": made("recommendation"), "title": {"es": "Otra"},
    },
    "revokeDelegation": lambda _: {"maintainer": _member(2), "owner": BY_BODY},
    "setPracticeHubState": lambda made: {"practice": made("practice"), "hubStatus": "SUBMITTED"},
    "splitContribution": lambda made: {
        "contribution": made("contribution"),
        "planItems": [{"planItem": made("plan_item"), "share": "40"}],
    },
    "stateNeed": lambda made: {
        "kind": "FINANCIAL", "title": {"es": "Fondos"}, "owner": BY_BODY, "item": made("plan_item"),
    },
    "submitPractice": lambda made: {"practice": made("practice"), "reviewer": BY_PEER},
    "suspendClient": lambda made: {"clientId": made.ids["client"]},
    "takeOver": lambda made: {"mandate": made("designation")},
    "testWebhook": lambda made: {"webhookId": made.ids["webhook"]},
    "updateWebhook": lambda made: {"webhookId": made.ids["webhook"], "paused": True},
    "verifyProgress": lambda made: {"progressUpdate": made("progress"), "verifiedBy": BY_BODY},
    "withdrawCandidacy": lambda made: {"candidacy": made("candidacy")},
    "upsertContributions": lambda made: {"contributions": [
        {"identifier": {"scheme": SCHEME, "value": f"entry-{made.number()}"}} | _contribution()
    ]},
    "withdrawMembership": lambda made: {"membership": made("offer")},
    "withdrawPledge": lambda made: {"pledge": made("pledge")},
    "withdrawPractice": lambda made: {"practice": made("practice")},
}  # fmt: skip
"""By verb, a valid input where the schema does not say enough."""
_PLAIN = (
    "framework", "objective", "country", "topic", "actor", "working_group", "document", "person",
    "post", "plan", "plan_item", "target", "alignment", "citation", "achievement", "event_series",
    "event", "agreement", "practice", "replication", "inventory_entry",
)  # fmt: skip
"""Nouns with plain mutations, those that others refer to first; practices have verbs."""


async def found_body(connection: asyncpg.Connection) -> None:
    """The body, its members, its posts, and other parties."""
    for slug in ("body", "other-body", "third-body"):
        fields = {"name": slug, "kind": "MESA", "owner": f"working_group:{slug}"}
        await make(connection, "working_group", slug, **fields)
    for name, fields in POSTS.items():
        said = {"group": "body", "title": name, "selection": "VOLUNTARY", **fields}
        await make(connection, "post", f"body-{name}", owner="working_group:body", **said)
    for slug in ("body-guest", *(f"body-{n}" for n in range(1, MEMBERS + 1))):
        kind = "CIVIL_SOCIETY_ORGANIZATION"
        await make(connection, "actor", slug, name=slug, type=kind, owner=f"actor:{slug}")
        if slug != "body-guest":
            fields = {"group": "body", "party": f"actor:{slug}", "status": "ACTIVE"}
            owner = "working_group:body"
            await make(connection, "membership", slug, start="2020", owner=owner, **fields)


async def furnish(connection: asyncpg.Connection, writer: Writer) -> Made:
    """One record of every kind, made by mutations of the body and of its peers."""
    parties = {"body": BODY, "other": OTHER, "peer": PEER, "guest": GUEST}
    callers = {name: acting(party) for name, party in parties.items()}
    callers["registry"] = acting(PEER, *ALL)
    made = Made({"working_group": f"working_group_{BODY}"})

    async def step(name: str, verb: str, given: Given, who: str = "body") -> None:
        payload = await writer.done(verb, given, callers[who])
        shown = payload.get("client") or payload.get("webhook") or {}
        shown = shown or payload.get(camel(_shown(verb))) or {}
        made.ids[name] = shown.get("clientId") or shown.get("id") or ""

    for noun in _PLAIN:
        for name in (noun, f"spare {noun}"):
            verb = "draftPractice" if noun == "practice" else f"create{_type(noun)}"
            given = made.input_of(verb)
            if name == noun and "identifiers" in _input(verb).fields:
                given["identifiers"] = [{"scheme": SCHEME, "value": noun}]
            if noun == "plan_item":
                given["parties"] = [{"party": BY_PEER, "role": "RESPONSIBLE"}]
            registry = VERBS[verb].scope == "registry:write"
            await step(name, verb, given, "registry" if registry else "body")
    named = {"identifiers": [{"scheme": SCHEME, "value": "pledge"}]}
    await step("pledge", "announcePledge", _pledge(BY_BODY) | named)
    await step("joint pledge", "announcePledge", _pledge(BY_PEER, BY_PEER, BY_BODY), "peer")
    await step("contribution", "recordContribution", _contribution())
    await step("need", "stateNeed", made.input_of("stateNeed"))
    progress = {"item": made("plan_item"), "statement": {"es": "Se avanzó"}}
    await step("progress", "reportProgress", progress, "peer")
    await step("recommendation", "issueRecommendation", made.input_of("issueRecommendation"))
    drafted = {"slug": "body-reviewed", "title": {"es": "Práctica"}}
    await step("practice in review", "draftPractice", drafted, "peer")
    handed_in = {"practice": made("practice in review"), "reviewer": BY_BODY}
    await step("practice in review", "submitPractice", handed_in, "peer")
    await step("mandate", "recordMandate", {
        "post": _post("held"), "holder": _member(2), "start": {"edtf": "2023"},
        "end": {"date": "2090-12-31"},
    })  # fmt: skip
    waiting = {"post": _post("waiting"), "holder": _member(3)}
    await step("designation", "designate", waiting)
    await step("election", "openElection", {"post": _post("called")})
    stood = {"election": made("election"), "candidate": _member(3)}
    await step("candidacy", "nominate", stood)
    await step("request", "requestMembership", {"group": BY_BODY}, "guest")
    other = _party(OTHER, "working_group")
    await step("invitation", "inviteMember", {"group": other, "party": BY_BODY}, "other")
    await step("offer", "inviteMember", {"group": BY_BODY, "party": other})
    await step("client", "registerClient", made.input_of("registerClient"))
    client = "INSERT INTO oauth_client (id, name, party_id, authentication)"
    await connection.execute(f"{client} VALUES ($1, 'C', $2, 'NONE')", CLIENT, BODY)
    await step("webhook", "createWebhook", made.input_of("createWebhook"))
    await connection.execute("UPDATE webhook SET paused_at = now(), paused_why = 'ASKED'")
    await step("delegation", "delegate", made.input_of("delegate") | {"maintainer": _member(2)})
    await step("application", "applyForMembership", made.input_of("applyForMembership"))
    key = await connection.fetchval("SELECT id FROM application WHERE group_id = $1", BODY)
    made.ids["application"] = f"application_{key}"
    return made


def _type(noun: str) -> str:
    return "".join(word.capitalize() for word in noun.split("_"))


def _shown(verb: str) -> str:
    noun = VERBS[verb].noun
    return noun.name if noun else ""
