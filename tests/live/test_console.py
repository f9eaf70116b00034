"""The console: its page and files, its examples, and the client that people sign in with."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import OperationDefinitionNode, parse
from sqlalchemy import delete
from sqlalchemy.orm import Session
from starlette.requests import Request

from api.console import Console, login
from api.console.examples import Example
from api.console.examples import read as examples
from auth import console, registration
from auth.scopes import SCOPES
from auth.site import Site
from auth.tables import ClientRow
from schema.language import Language
from tests.browser import PAGE
from tests.console import check_built
from tests.oauth import PEPPERED, write
from tests.reading import read
from tests.serving import Edge, Response, settings_of

NAMES = [
    "mesas", "mirps", "panama-2023", "april-2023", "liaison-table", "gaps", "objective-8",
    "september-2022", "counterparts", "membership",
]  # fmt: skip
SCOPE = {"type": "http", "method": "GET", "path": "/graphql", "query_string": b"", "headers": []}
Connection = asyncpg.Connection


# ── Examples ──────────────────────────────────────────────────────────────────────────────────────


def example(name: str) -> Example:
    """One of them."""
    [found] = [each for each in examples() if each.name == name]
    return found


async def asked(connection: Connection, name: str, language: Language = Language.ES) -> Any:
    """The answer to an example."""
    return await read(connection, example(name).text(language), language=language)


def test_there_are_ten_in_order():
    """As the console lists them."""
    assert [each.name for each in examples()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_comments_are_in_the_language_of_the_reader(name: str):
    """Each has as many in one as in the other, and the operations are the same."""
    spanish, english = (example(name).text(of) for of in (Language.ES, Language.EN))
    assert "# es:" not in spanish + english
    assert "# en:" not in spanish + english
    assert [line.count("#") for line in spanish.splitlines()] == [
        line.count("#") for line in english.splitlines()
    ]
    assert parse(spanish, no_location=True) == parse(english, no_location=True)
    assert example(name).title(Language.ES) != example(name).title(Language.EN)


async def test_the_mesas_and_their_priorities(connection: Connection):
    """G2:61–64, G1:54 and G1:83."""
    found = (await asked(connection, "mesas", Language.EN))["workingGroups"]["nodes"]
    assert [
        (mesa["objectives"]["totalCount"], [e["node"]["code"] for e in edges if e["priority"]])
        for mesa in found
        for edges in [mesa["objectives"]["edges"]]
    ] == [(5, []), (7, ["GCM-4", "GCM-8", "GCM-13"]), (6, ["GCM-16", "GCM-19", "GCM-20"]), (5, [])]
    assert found[1]["objectives"]["edges"][1]["node"]["label"] == "Save lives"


async def test_who_presides_mirps(connection: Connection):
    """M2:82–107: before, on the day, and next."""
    [post] = (await asked(connection, "mirps"))["workingGroup"]["posts"]["nodes"]
    who = [post[f"{when}Mandate"]["holder"]["name"] for when in ("previous", "current", "next")]
    assert who == ["Guatemala", "Honduras", "Panamá"]


async def test_panama_from_priorities_to_results(connection: Connection):
    """M2:121–206."""
    plan = (await asked(connection, "panama-2023"))["plan"]
    priorities = [each for each in plan["topItems"]["nodes"] if each["kind"] == "PRIORITY"]
    below = priorities[0]["children"]["nodes"][0]["children"]["nodes"]
    assert [each["kind"] for each in below] == ["ACTION"] * 5 + ["RESULT"] * 4


async def test_april_possibly_and_certainly(connection: Connection):
    """M2:247: four events of “Abril/Mayo”, and one of a day."""
    found = await asked(connection, "april-2023")
    assert {name: found[name]["totalCount"] for name in found} == {"possibly": 5, "certainly": 1}
    assert found["certainly"]["nodes"][0]["date"]["edtf"] == "2023-04-20"


async def test_the_seats_of_the_liaison_table(connection: Connection):
    """G2:75–77: ten, of which none is known to be held."""
    posts = (await asked(connection, "liaison-table"))["workingGroup"]["posts"]
    assert posts["totalCount"] == 10
    assert [each["vacant"] for each in posts["nodes"]] == [True] * 10


async def test_countries_without_anybody(connection: Connection):
    """The seven of MIRPS: the documents name neither focal points nor members."""
    group = (await asked(connection, "gaps"))["workingGroup"]
    for whom in ("FocalPoint", "Members"):
        codes = [each["alpha2"] for each in group[f"countriesWithout{whom}"]["nodes"]]
        assert codes == ["BZ", "CR", "SV", "GT", "HN", "MX", "PA"]


async def test_who_works_on_objective_8(connection: Connection):
    """Mesa 2, which has it as a priority; two objectives of the GCR have nobody."""
    found = await asked(connection, "objective-8")
    records = [edge["node"]["__typename"] for edge in found["objective"]["records"]["edges"]]
    assert records == ["WorkingGroup", "Achievement"]
    idle = [each["code"] for each in found["objectivesWithoutWork"]["nodes"]]
    assert idle == ["GCR-3", "GCR-4"]


async def test_support_of_september_2022(connection: Connection):
    """M3:89."""
    [found] = (await asked(connection, "september-2022"))["contributions"]["nodes"]
    sum_ = (found["comparator"], found["amount"], found["currency"])
    assert sum_ == ("AT_LEAST", "210000000.00", "USD")


async def test_counterparts(connection: Connection):
    """M1:99–115."""
    groups = (await asked(connection, "counterparts"))["workingGroup"]["subgroups"]["nodes"]
    assert [each["counterpart"]["name"] for each in groups] == [
        "Grupo de Trabajo sobre Desplazamiento Interno",
        "Grupo de Trabajo sobre Gobernabilidad Local",
        "GT MIRPS: Fortalecimiento de Sistemas de Asilo",
    ]


def test_the_last_has_a_write_and_the_feed():
    """The console's menu asks which of them; the browser test runs both."""
    found = [
        (each.operation.value, each.name and each.name.value)
        for each in parse(example("membership").source).definitions
        if isinstance(each, OperationDefinitionNode)
    ]
    assert found == [("mutation", "AskForMembership"), ("query", "Changes")]


# ── The page and its files ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def served(edge: Edge) -> Edge:
    """The application, with its console built."""
    check_built()
    return edge


def opened(edge: Edge, path: str = "/graphql", **headers: str) -> Response:
    """The page, as a browser asks for it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return edge.send("GET", path, b"", {"Accept": PAGE, **named})


def policy(answer: Response) -> dict[str, str]:
    """The content security policy."""
    lines = answer.headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (line.partition(" ") for line in lines)}


def told(answer: Response) -> Any:
    """What the page tells its script."""
    [text] = re.findall(rb'<script type="application/json" id="told">(.*?)</script>', answer.body)
    return json.loads(text)


def test_a_browser_gets_the_console(served: Edge):
    """Everything else gets answers."""
    answer = opened(served)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert served.get(query="{ __typename }").json == {"data": {"__typename": "Query"}}
    assert opened(served, "/graphql?query={__typename}").json == {"data": {"__typename": "Query"}}


def test_the_policy_lets_in_what_has_the_nonce_and_nothing_from_elsewhere(served: Edge):
    """Nonces are never the same; only attributes of style need none."""
    first, second = opened(served), opened(served)
    one, other = (re.findall(r"'nonce-([^']+)'", each["script-src"]) for each in
                  (policy(first), policy(second)))  # fmt: skip
    assert one != other
    assert policy(first) == {
        "default-src": "'none'",
        "script-src": f"'nonce-{one[0]}'",
        "style-src": f"'nonce-{one[0]}'",
        "style-src-attr": "'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "data:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_the_page_names_no_other_host(served: Edge):
    """It works where there is no internet; the address of a drawing's grammar is none."""
    text = opened(served).body.decode().replace(served.url, "")
    assert re.findall(r"https?://[^'\"]+", text) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("", {"Accept_Language": "en"}, "en"),
        ("", {"Accept_Language": "fr"}, "es"),
        ("?lang=en", {"Accept_Language": "es"}, "en"),
        ("", {"Accept_Language": "es", "Cookie": "lang=en"}, "en"),
    ],
)
def test_the_page_speaks_the_language_asked_for(
    served: Edge, query: str, headers: dict[str, str], language: str
):
    """Chosen here, else before, else by the browser."""
    answer = opened(served, f"/graphql{query}", **headers)
    assert answer.headers["content-language"] == told(answer)["language"] == language
    assert ("lang=en" in answer.headers.get("set-cookie", "")) is bool(query)


def test_files_are_kept_for_good_and_sent_small(served: Edge):
    """Their names follow from what is in them."""
    [name] = re.findall(r'src="(/console/[^"]+)"', opened(served).body.decode())
    small = served.send("GET", name, b"", {"Accept-Encoding": "gzip"})
    plain = served.send("GET", name)
    assert small.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert small.headers["content-type"] == "text/javascript; charset=utf-8"
    assert small.headers["content-encoding"] == "gzip"
    assert len(small.body) < len(plain.body) / 2
    assert plain.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", ["source.sha256", "manifest.json", "..%2Fpage.html", "x.js"])
def test_nothing_else_is_served(served: Edge, name: str):
    """Only what the page can ask for."""
    assert served.send("GET", f"/console/{name}").status == 404


def test_what_was_not_built_says_how(tmp_path: Path):
    """The installation goes on without it."""
    answer = asyncio.run(Console(None, tmp_path).page(Request(SCOPE)))
    assert answer.status_code == 503
    assert b".venv/bin/python hatch_build.py" in bytes(answer.body)
    assert answer.headers["cache-control"] == "no-store"


# ── The client ────────────────────────────────────────────────────────────────────────────────────


def site(url: str = "https://vinculo.example") -> Site:
    """An installation."""
    return Site(url, PEPPERED)


@pytest.fixture
def unregistered(committed: str) -> str:
    """A database without the client."""
    write(committed, lambda session: session.execute(delete(ClientRow).filter_by(id=console.ID)))
    return committed


def registered(url: str, at: Site, before: Any = None) -> ClientRow | None:
    """The client after a start of the server."""

    def work(session: Session) -> ClientRow | None:
        if before:
            before(session)
        console.register(session, at)
        return session.get(ClientRow, console.ID)

    return write(url, work)


def test_a_server_that_starts_registers_the_client(unregistered: str):
    """By the public URL that it was given."""
    login.open_up(settings_of(unregistered, public_url="https://vinculo.example"))
    row = write(unregistered, lambda session: session.get(ClientRow, console.ID))
    assert row
    assert row.redirect_uris == ["https://vinculo.example/console/login"]


def test_a_server_that_issues_no_tokens_registers_none(unregistered: str):
    """Nobody could sign in."""
    login.open_up(settings_of(unregistered, pepper=None))
    assert write(unregistered, lambda session: session.get(ClientRow, console.ID)) is None


def test_the_client_is_public_and_belongs_to_the_server(unregistered: str):
    """It comes back to the public URL, to nowhere else."""
    row = registered(unregistered, site())
    assert row
    assert (row.authentication, row.party_id, row.scopes) == ("NONE", None, list(SCOPES))
    assert row.grants == ["authorization_code", "refresh_token"]
    assert row.redirect_uris == ["https://vinculo.example/console/login"]


def test_it_follows_the_public_url(unregistered: str):
    """When the server moves."""
    registered(unregistered, site())
    row = registered(unregistered, site("https://elsewhere.example"))
    assert row
    assert row.redirect_uris == ["https://elsewhere.example/console/login"]


def test_what_was_narrowed_or_suspended_stays_so(unregistered: str):
    """A start of the server takes nothing back."""
    registered(unregistered, site())

    def change(session: Session) -> None:
        row = session.get_one(ClientRow, console.ID)
        registration.change_scopes(session, row, ("events:write",))
        registration.suspend(session, row)

    row = registered(unregistered, site(), change)
    assert row
    assert (row.scopes, row.suspended_at is None) == (["events:write"], False)


def test_nobody_is_sent_back_to_a_name_of_this_machine(unregistered: str):
    """RFC 8252, 8.3: `http://localhost` may be somebody else's."""
    assert registered(unregistered, site("http://localhost:8000")) is None


@pytest.mark.parametrize("at", [None, site("http://localhost:8000")])
def test_where_nobody_can_sign_in_the_rest_works(at: Site | None):
    """Without a pepper, or without an address to come back to."""
    check_built()
    answer = asyncio.run(Console(at).page(Request(SCOPE)))
    page = json.loads(re.findall(rb'id="told">(.*?)</script>', bytes(answer.body))[0])
    assert page["login"] is None
    assert len(page["examples"]) == 10


def test_the_page_tells_where_people_sign_in(served: Edge):
    """With every scope and its sentence."""
    where = told(opened(served, "/graphql?lang=en"))["login"]
    assert where["client"] == str(console.ID)
    assert where["back"] == f"{served.url}/console/login"
    assert [each["name"] for each in where["scopes"]] == list(SCOPES)
    assert where["scopes"][4]["sentence"] == "Announce events and change them."
