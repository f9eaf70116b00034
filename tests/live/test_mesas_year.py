"""A mesa's year, over HTTP: every party with an application of its own and a real token.

Organizations apply, found the mesa's offices, meet, ask something of the Mesa de Vinculación; then
the years go by, and mandates lapse. The calendar is `days_pass`: what was written grows older.
"""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.cluster import Cluster
from seeds.records import id_of
from tests.browser import Browser
from tests.conftest import clone
from tests.governing import day
from tests.letters import Letters, receiving
from tests.parties import Caller, comes, days_pass
from tests.serving import Edge, eventually, serving
from tests.writing import rows

MESA, TABLE = {"slug": "mesa-2"}, {"slug": "liaison-table"}
OFFICE = (
    "groups:write", "memberships:write", "events:write", "recommendations:write", "restricted:read",
)  # fmt: skip
YEAR = 370
"""Days after which a mandate of a year is over, and a next one still follows on it."""
VOTED = "election { status result { id status start { edtf } end { edtf } holder {" + (
    " ... on Actor { slug } } } }"
)


@pytest.fixture(scope="module")
def letters() -> Generator[Letters]:
    """A mail server."""
    with receiving() as server:
        yield server


@pytest.fixture(scope="module")
def place(cluster: Cluster, template: str, letters: Letters) -> Generator[tuple[Edge, str]]:
    """An application that sends letters, and its database."""
    url = clone(cluster, template)
    with serving(url, smtp_url=letters.url, mail_from="vinculo@example.org") as edge:
        yield edge, url


@dataclass
class Mesa:
    """Mesa 2 of the mechanism, with whoever has come to it."""

    edge: Edge
    url: str
    letters: Letters
    members: dict[str, Caller] = field(default_factory=dict[str, Caller])

    @property
    def public(self) -> Caller:
        """Anybody."""
        return Caller(self.edge, self.url)

    def seen(self) -> dict[str, str | None]:
        """Who holds the offices of the mesa, as the public sees it."""
        query = """{ workingGroup(by: {slug: "mesa-2"}) { posts { nodes {
            kind currentMandate { holder { ... on Actor { slug } } } } } } }"""
        posts = self.public.reads(query)["workingGroup"]["posts"]["nodes"]
        held = {p["kind"]: p["currentMandate"] for p in posts}
        return {kind: m and m["holder"]["slug"] for kind, m in held.items()}

    def elects(self, officer: Caller, post: str, *candidates: str) -> Any:
        """Called by an officer, stood for by each in person; the first wins."""
        election = self._called(officer, post, candidates)
        return officer.does("recordElection", VOTED, **counted(election, candidates))

    def _called(self, officer: Caller, post: str, candidates: tuple[str, ...]) -> dict[str, str]:
        made = officer.does("openElection", "election { id }", post={"slug": post})
        election = {"id": made["election"]["id"]}
        for slug in candidates:
            self.members[slug].does("nominate", election=election)
        return election

    def cannot_elect(self, officer: Caller, post: str, *candidates: str) -> tuple[Any, Any]:
        """Why the first may not win, and the election, which is still open."""
        election = self._called(officer, post, candidates)
        return officer.refused("recordElection", **counted(election, candidates)), election


def counted(election: dict[str, str], candidates: tuple[str, ...]) -> dict[str, Any]:
    """A result: the first has nine votes, the others have two."""
    said = [{"candidate": actor(c), "votes": 2} for c in candidates]
    said[0] |= {"votes": 9, "elected": True}
    return {"election": election, "candidates": said, "parityAttested": True}


def after_a_year(url: str) -> str:
    """The last day of a year that begins today."""
    sql = "SELECT ($1::text::date + interval '1 year - 1 day')::date::text"
    [[last]] = asyncio.run(rows(url, sql, day(0)))
    return last


def actor(slug: str) -> dict[str, Any]:
    """A reference to an organization."""
    return {"actor": {"slug": slug}}


def test_a_mesas_year(place: tuple[Edge, str], letters: Letters):
    """From the first application to who comes back after a gap."""
    mesa = Mesa(*place, letters)
    agency = comes(*place, id_of("actor", "iom"), *OFFICE, "contacts:read")
    since = mesa.public.reads("{ changes(first: 0) { latest } }")["changes"]["latest"]
    organizations_apply(mesa)
    the_registrar_takes_them_in(mesa, agency)
    the_first_officer_is_elected(mesa, agency)
    the_mesa_fills_its_other_offices(mesa)
    it_meets(mesa)
    it_asks_something_of_the_liaison_table(mesa)
    the_mandates_lapse_and_one_is_re_elected(mesa)
    nobody_is_re_elected_twice_in_a_row(mesa)
    after_a_gap_one_comes_back(mesa)
    the_public_was_told(mesa, since)


def organizations_apply(mesa: Mesa) -> None:
    """One on the page, three by the mutation, none with a token; the public learns nothing."""
    browser = Browser(mesa.edge, "es")
    page = browser.get("/apply/mesa-2")
    sent = browser.submit(
        page, "/apply/mesa-2", name="Red Jesuita con Migrantes", country="costa-rica",
        type="CIVIL_SOCIETY_ORGANIZATION", email="red@example.org", message="Acompañamos.",
    )  # fmt: skip
    assert (sent.status, sent.location) == (303, "/apply/mesa-2?done=sent")
    for name in ("Casa Abierta", "Voces", "Negocio"):
        said = {"name": name, "type": "CIVIL_SOCIETY_ORGANIZATION", "email": f"{name[:4]}@x.org"}
        done = mesa.public.does("applyForMembership", group=MESA, language="ES", **said)
        assert done["outcome"] == "CREATED"
    query = '{ workingGroup(by: {slug: "mesa-2"}) { members { totalCount } } }'
    assert mesa.public.reads(query) == {"workingGroup": {"members": {"totalCount": 0}}}


def the_registrar_takes_them_in(mesa: Mesa, agency: Caller) -> None:
    """An agency of GT-SC, while the mesa has no officers: three join, one does not."""
    query = """{ workingGroup(by: {slug: "mesa-2"}) { applications {
        id name email message country { slug } } } }"""
    waiting = agency.reads(query)["workingGroup"]["applications"]
    first = next(each for each in waiting if each["email"] == "red@example.org")
    asked = {each["name"]: each["id"] for each in waiting}
    del first["id"]
    assert first == {
        "name": "Red Jesuita con Migrantes", "email": "red@example.org",
        "message": "Acompañamos.", "country": {"slug": "costa-rica"},
    }  # fmt: skip
    slugs = {"Red Jesuita con Migrantes": "red", "Casa Abierta": "casa", "Voces": "voces"}
    for name, slug in slugs.items():
        shown = "membership { status party { ... on Actor { id slug owner { id } } } }"
        done = agency.does("approveApplication", shown, application=asked[name], slug=slug)
        party = done["membership"]["party"]
        assert done["membership"]["status"] == "ACTIVE"
        assert party == {"id": party["id"], "slug": slug, "owner": {"id": party["id"]}}
        mesa.members[slug] = comes(mesa.edge, mesa.url, party["id"], *OFFICE)
    no = "La mesa reúne a la sociedad civil."
    agency.does("declineApplication", application=asked["Negocio"], reason=no)
    assert eventually(lambda: len(mesa.letters.to) == 4)
    told = {letter["To"]: no in letter.get_content() for letter in mesa.letters.letters}
    assert told == {
        "red@example.org": False, "casa@x.org": False, "voce@x.org": False, "nego@x.org": True
    }  # fmt: skip
    query = """{ workingGroup(by: {slug: "mesa-2"}) { members { nodes {
            party { ... on Actor { slug } } } } }
        search(text: "Negocio") { totalCount } }"""
    seen = mesa.public.reads(query)
    members = {node["party"]["slug"] for node in seen["workingGroup"]["members"]["nodes"]}
    assert members == {"red", "casa", "voces"}
    assert seen["search"] == {"totalCount": 0}


def the_first_officer_is_elected(mesa: Mesa, agency: Caller) -> None:
    """The registrar holds the election; from then on it decides no more."""
    refused = mesa.members["red"].refused("openElection", post={"slug": "mesa-2-secretary"})
    assert refused == [("NOT_OWNER", "post")]
    election = mesa.elects(agency, "mesa-2-secretary", "red", "voces")["election"]
    assert election["status"] == "DECIDED"
    del election["result"]["id"]
    assert election["result"] == {
        "status": "CURRENT", "holder": {"slug": "red"}, "start": {"edtf": day(0)},
        "end": {"edtf": after_a_year(mesa.url)},
    }  # fmt: skip
    refused = agency.refused("openElection", post={"slug": "mesa-2-delegate"})
    assert refused == [("NOT_OWNER", "post")]
    query = """{ post(by: {slug: "mesa-2-secretary"}) { elections { nodes { candidacies { nodes {
        candidate { ... on Actor { slug } } votes } } } } } }"""
    [seen] = mesa.public.reads(query)["post"]["elections"]["nodes"]
    assert seen["candidacies"]["nodes"] == [{"candidate": {"slug": "red"}, "votes": 9}]


def the_mesa_fills_its_other_offices(mesa: Mesa) -> None:
    """Delegate, alternate, and its two seats in the Mesa de Vinculación."""
    red = mesa.members["red"]
    mesa.elects(red, "mesa-2-delegate", "casa", "voces")
    mesa.elects(red, "mesa-2-alternate", "voces")
    assert mesa.seen() == {"SECRETARY": "red", "DELEGATE": "casa", "ALTERNATE": "voces"}
    for number, slug in ((1, "red"), (2, "casa")):
        mesa.elects(red, f"liaison-table-mesa-2-seat-{number}", slug, "voces")
    query = '{ workingGroup(by: {slug: "liaison-table"}) { complete } }'
    assert mesa.public.reads(query) == {"workingGroup": {"complete": False}}


def it_meets(mesa: Mesa) -> None:
    """Quarterly: the public sees the meeting and what was agreed, the members the minutes."""
    red, member = mesa.members["red"], mesa.members["voces"]
    meeting = {
        "title": {"es": "Primera reunión trimestral"}, "kind": "MEETING", "mode": "VIRTUAL",
        "startsAt": f"{day(0)}T15:00:00Z", "endsAt": f"{day(0)}T17:00:00Z",
        "timezone": "America/Costa_Rica", "date": {"date": day(0)},
        "owner": {"workingGroup": MESA}, "joinUrl": "https://example.org/sala",
    }  # fmt: skip
    refused = member.refused("createEvent", **meeting)
    assert refused == [("NOT_OWNER", "owner")]
    made = red.does("createEvent", "event { id }", **meeting)["event"]["id"]
    event = {"id": made}
    minutes = {"slug": "mesa-2-acta-1", "title": {"es": "Acta de la primera reunión"}}
    red.does("attachMinutes", event=event, minutes=minutes | {"url": "https://example.org/acta"})
    agreed = [
        {"text": {"es": "Pedir las sesiones en dos idiomas"}, "responsible": actor("red")},
        {"text": {"es": "Reunir datos de reintegración"}, "due": {"date": day(60)}},
    ]
    red.does("recordAgreements", event=event, agreements=agreed)
    query = f"""{{ event(by: {{id: "{made}"}}) {{ title(language: ES) joinUrl
        documents {{ edges {{ role node {{ slug }} }} }} agreements {{ nodes {{
            position due {{ edtf }} responsible {{ ... on Actor {{ slug }} }} }} }} }} }}"""
    seen = {
        "title": "Primera reunión trimestral", "joinUrl": None, "documents": {"edges": []},
        "agreements": {"nodes": [
            {"position": 1, "due": None, "responsible": {"slug": "red"}},
            {"position": 2, "due": {"edtf": day(60)}, "responsible": None},
        ]},
    }  # fmt: skip
    assert mesa.public.reads(query)["event"] == seen
    for_members = {
        "joinUrl": "https://example.org/sala",
        "documents": {"edges": [{"role": "MINUTES", "node": {"slug": "mesa-2-acta-1"}}]},
    }
    assert member.reads(query)["event"] == seen | for_members


def it_asks_something_of_the_liaison_table(mesa: Mesa) -> None:
    """The mesa's secretary asks; a representative answers for the table; all can read both."""
    red, casa, voces = (mesa.members[slug] for slug in ("red", "casa", "voces"))
    request = {
        "group": MESA, "title": {"es": "Sesiones en dos idiomas"}, "issued": {"date": day(0)},
        "addressees": [{"workingGroup": TABLE}],
    }  # fmt: skip
    assert voces.refused("issueRecommendation", **request) == [("NOT_OWNER", "group")]
    made = red.does("issueRecommendation", "recommendation { id }", **request)
    asked = {"id": made["recommendation"]["id"]}
    answer = {"recommendation": asked, "party": {"workingGroup": TABLE}, "status": "ACCEPTED"}
    assert voces.refused("recordFollowUp", **answer) == [("NOT_OWNER", "party")]
    casa.does("recordFollowUp", **answer, text={"es": "Habrá interpretación."})
    query = """{ workingGroup(by: {slug: "mesa-2"}) { recommendations { nodes {
        title(language: ES) addressees { nodes { ... on WorkingGroup { slug } } }
        followUps { nodes { status party { ... on WorkingGroup { slug } } } } } } } }"""
    assert mesa.public.reads(query)["workingGroup"]["recommendations"]["nodes"] == [
        {
            "title": "Sesiones en dos idiomas",
            "addressees": {"nodes": [TABLE]},
            "followUps": {"nodes": [{"status": "ACCEPTED", "party": TABLE}]},
        }
    ]


def the_mandates_lapse_and_one_is_re_elected(mesa: Mesa) -> None:
    """Nobody is in office; who was secretary takes care of the election, and may stand."""
    days_pass(mesa.url, YEAR)
    assert mesa.seen() == {"SECRETARY": None, "DELEGATE": None, "ALTERNATE": None}
    voces, red = mesa.members["voces"], mesa.members["red"]
    refused = voces.refused("openElection", post={"slug": "mesa-2-secretary"})
    assert refused == [("NOT_OWNER", "post")]
    done = mesa.elects(red, "mesa-2-secretary", "red", "voces")
    assert (done["election"]["result"]["holder"], done["warnings"]) == ({"slug": "red"}, [])
    assert mesa.seen()["SECRETARY"] == "red"


def nobody_is_re_elected_twice_in_a_row(mesa: Mesa) -> None:
    """The caretaker records who follows, and is out of office by that."""
    days_pass(mesa.url, YEAR)
    red, voces = mesa.members["red"], mesa.members["voces"]
    refused, election = mesa.cannot_elect(red, "mesa-2-secretary", "red", "voces")
    assert refused == [("TERM_LIMIT", "candidates.0.candidate")]
    assert mesa.seen()["SECRETARY"] is None
    done = red.does("recordElection", VOTED, **counted(election, ("voces", "red")))
    assert done["election"]["result"]["holder"] == {"slug": "voces"}
    assert mesa.seen()["SECRETARY"] == "voces"
    refused = red.refused("openElection", post={"slug": "mesa-2-delegate"})
    assert refused == [("NOT_OWNER", "post")]
    mesa.elects(voces, "mesa-2-delegate", "casa")


def after_a_gap_one_comes_back(mesa: Mesa) -> None:
    """The rule says "inmediata": a year of somebody else's is enough."""
    days_pass(mesa.url, YEAR)
    done = mesa.elects(mesa.members["voces"], "mesa-2-secretary", "red", "casa")
    assert (done["election"]["result"]["holder"], done["warnings"]) == ({"slug": "red"}, [])
    query = """{ post(by: {slug: "mesa-2-secretary"}) { mandates(order: START) { nodes {
        status holder { ... on Actor { slug } } warnings { rule } } } } }"""
    seen = mesa.public.reads(query)["post"]["mandates"]["nodes"]
    held = [("red", "ENDED"), ("red", "ENDED"), ("voces", "ENDED"), ("red", "CURRENT")]
    assert [(m["holder"]["slug"], m["status"]) for m in seen] == held
    assert [m["warnings"] for m in seen] == [[]] * 4


def the_public_was_told(mesa: Mesa, since: str) -> None:
    """What was decided, by whom and for whom; not who asked, who lost, or which minutes there are.

    A candidacy becomes public when it wins.
    """
    query = """query ($after: String) { changes(
            after: $after, first: 100, types: [ACTOR, MEMBERSHIP, MANDATE, CANDIDACY, DOCUMENT]
        ) { nodes { noun verb party { ... on Actor { slug } }
            onBehalfOf { ... on WorkingGroup { slug } } } } }"""
    told = mesa.public.reads(query, after=since)["changes"]["nodes"]
    joined = [(noun, "approveApplication", "iom") for noun in ("ACTOR", "MEMBERSHIP")]
    elections = ["iom", *["red"] * 6, "voces", "voces"]
    elected = [[(n, "recordElection", who) for n in ("CANDIDACY", "MANDATE")] for who in elections]
    assert [(c["noun"], c["verb"], c["party"]["slug"]) for c in told] == sum(elected, joined * 3)
    behalf = {c["noun"]: c["onBehalfOf"] for c in told}
    assert behalf == {"ACTOR": MESA, "MEMBERSHIP": MESA, "CANDIDACY": MESA, "MANDATE": MESA}
