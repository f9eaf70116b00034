"""Named documents at `/q`: what each format says, and what nobody can do to it."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Generator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from icalendar import Calendar

from api.cluster import Cluster
from api.failure import Failure
from api.named.library import library
from resolvers.schema import schema
from seeds.records import id_of
from tests.browser import Page
from tests.conftest import clone
from tests.making import make
from tests.serving import Edge, Response, serving

SCHEMA = schema._schema  # pyright: ignore[reportPrivateUsage]
NAMES = [
    "calendar", "contributions", "countries", "frameworks", "groups", "members", "objectives",
    "plans", "pledges", "practices", "series", "support",
]  # fmt: skip
EMPTY = {"pledges", "practices"}
"""Nothing of these is in the seeds, and their pages say so."""
EVIL = "=cmd|'/c calc'!A1"
WINDOW = id_of("event", "named/window")
CUTTING = "Taller\r\nEND:VEVENT\r\nBEGIN:VEVENT</script><script>alert(1)</script>"


TOPICS = """query Topics($after: String, $scheme: TopicScheme, $slugs: [String!]) {
  topics(first: 3, after: $after, where: {scheme: {eq: $scheme}, slug: {in: $slugs}}) {
    pageInfo { hasNextPage endCursor }
    nodes { slug name }
  }
}
"""
TOPICS_TOML = """lists = "topics"
formats = ["json", "csv", "html"]
title = { es = "Temas", en = "Topics" }
text = { es = "Palabras.", en = "Words." }

[parameters.scheme]
title = { es = "Vocabulario", en = "Vocabulary" }

[parameters.slugs]
title = { es = "Cuáles", en = "Which" }
names = "topics.slug"

[[columns]]
title = { es = "Tema", en = "Topic" }
value = "name"
"""


async def _fill(url: str) -> None:
    """Events of every kind of date, and texts that want to be more than texts."""
    day = {"edtf": "2027-03-11", "status": "EXACT"}
    vague = {"text": "abril/mayo", "edtf": "[2027-04,2027-05]", "status": "APPROXIMATE"}
    days = {"edtf": "2027-03-12/2027-03-13", "status": "EXACT"}
    instants = {
        "starts_at": "2027-03-10T15:00:00Z",
        "ends_at": "2027-03-10T17:00:00Z",
        "timezone": "America/Mexico_City",
    }
    connection = await asyncpg.connect(url)
    try:
        for key, title, when, more in (
            ("timed", "Con hora", {"edtf": "2027-03-10", "status": "EXACT"}, instants),
            ("day", "Un día", day, {}),
            ("window", "Ventana", vague, {}),
            ("cancelled", "Anulado", days, {"status": "CANCELLED"}),
            ("undated", "Sin día", {"text": "sin fecha", "status": "UNDATED"}, {}),
            ("evil", EVIL, day, {"country": "panama"}),
            ("cutting", "Taller", day, {}),
            ("draft", "Borrador", day, {"visibility": "DRAFT"}),
        ):
            record = {"kind": "WORKSHOP", "status": "CONFIRMED", **more}
            await make(connection, "event", f"named/{key}", title=title, date=when, **record)
        await connection.execute("UPDATE event SET place = 'Colón' WHERE id = $1", WINDOW)
        # Nobody could write it so, but it may be there from before.
        hostile = "UPDATE event SET title_es = $1 WHERE id = $2"
        await connection.execute(hostile, CUTTING, id_of("event", "named/cutting"))
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def served(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Edge]:
    """The application with events of ours, a document of a deployment, and two pages at most."""
    folder = tmp_path_factory.mktemp("documents")
    written(folder)
    url = clone(cluster, template)
    asyncio.run(_fill(url))
    with serving(url, named_documents=folder, document_pages=2) as running:
        yield running


@pytest.fixture
def edge(served: Edge) -> Generator[Edge]:
    """Whatever it is asked, it must log no defect."""
    served.log.records.clear()
    yield served
    assert [record.getMessage() for record in served.log.records] == []


def written(folder: Path, operation: str = TOPICS, declaration: str = TOPICS_TOML) -> None:
    """A document of a deployment."""
    (folder / "topics.graphql").write_text(operation, "utf-8")
    (folder / "topics.toml").write_text(declaration, "utf-8")


def get(edge: Edge, path: str, headers: dict[str, str] | None = None, **given: str) -> Response:
    """A document."""
    query = f"?{urlencode(given)}" if given else ""
    return edge.send("GET", f"/q{path}{query}", b"", headers)


def workshops(edge: Edge, ending: str, **given: str) -> Response:
    """The calendar of the workshops of 2027, which are ours."""
    query = urlencode({"kind": "WORKSHOP", "from": "2027-01-01", **given})
    answer = get(edge, f"/es/calendar.{ending}?{query}")
    assert answer.status == 200
    return answer


def entries(edge: Edge) -> dict[str, Any]:
    """The events of that calendar by their titles, parsed."""
    parsed: Any = Calendar.from_ical(workshops(edge, "ics").body)
    assert parsed.errors == []
    return {str(entry["SUMMARY"]): entry for entry in parsed.walk("VEVENT")}


def refused(answer: Response, status: int) -> str:
    """The sentence of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json["status"]) == (status, status)
    return answer.json["detail"]


# ── Where documents are ───────────────────────────────────────────────────────────────────────────


def test_all_documents_are_listed(edge: Edge):
    """With parameters, formats and addresses; ours and those of the deployment."""
    listed = {each["name"]: each for each in get(edge, "/en.json").json["documents"]}
    assert sorted(listed) == sorted([*NAMES, "topics"])
    assert listed["calendar"]["title"] == "Calendar"
    assert listed["calendar"]["formats"]["ics"] == "/q/en/calendar.ics"
    kind = next(each for each in listed["calendar"]["parameters"] if each["name"] == "kind")
    assert (kind["type"], kind["choices"][0], kind["example"]) == (
        "EventKind", "MEETING", "MEETING",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_link_of_the_list_leads_to_something(edge: Edge, language: str):
    """Every document in all its formats; every example to try finds at least one record."""
    page = Page(get(edge, f"/{language}.html"))
    links = {
        given["href"]
        for tag, given in page.tags
        if tag == "a" and given["href"].startswith(f"/q/{language}/")
    }
    assert len(links) > 60
    assert {link for link in links if edge.send("GET", link).status != 200} == set()
    found = {
        link: len(edge.send("GET", link.replace(".html", ".json")).json["items"])
        for link in links
        if "?" in link
    }
    assert len(found) > 30
    empty = {link for link, count in found.items() if not count}
    assert empty == {link for link in found if link.split("/")[-1].split(".")[0] in EMPTY}


def test_the_list_says_what_a_parameter_can_be(edge: Edge):
    """The values of an enum, and for names of records where these are listed."""
    page = Page(get(edge, "/en.html"))
    assert all(word in page.text for word in ("MESA", "TENTATIVE", "HIGH_LEVEL_EVENT"))
    assert "Group. Its values are listed in Groups" in " ".join(page.text.split())
    assert "asylum-seekers" not in page.text
    [calendar] = [
        each for each in get(edge, "/en.json").json["documents"] if each["name"] == "calendar"
    ]
    listed = {each["name"]: each["listed"] for each in calendar["parameters"]}
    assert (listed["country"], listed["group"], listed["kind"]) == ("countries", "groups", None)
    assert {item["slug"] for item in get(edge, "/en/groups.json").json["items"]} >= {"mesa-2"}


PAGES = ["README.md", "README.es.md", *(f"docs/{n}{e}.md" for n in ("guide", "documents")
         for e in ("", ".es"))]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_addresses_of_the_documentation_lead_to_something(edge: Edge, page: str):
    """An empty calendar is a bad first one."""
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    found = set(re.findall(r"/q/e[ns]/\w+\.\w+[^\s'\"`]*", text))
    assert found
    for path in found:
        address, _, query = path.partition("?")
        assert edge.send("GET", path).status == 200, path
        assert edge.send("GET", f"{address.partition('.')[0]}.json?{query}").json["items"], path
        if ".ics" in path:
            assert b"BEGIN:VEVENT" in edge.send("GET", path).body, path


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_what_nothing_is_known_of_says_so(edge: Edge, name: str):
    """The sources name no pledge and no practice; it is not the filter that hides them."""
    assert "Todavía no se ha registrado nada aquí." in Page(get(edge, f"/es/{name}.html")).text
    assert "No hay nada así." in Page(get(edge, f"/es/{name}.html", country="PA")).text


@pytest.mark.parametrize(
    ("path", "headers", "leads"),
    [
        ("", {"Accept": "text/html", "Accept-Language": "en"}, "/q/en.html"),
        ("", {}, "/q/es.json"),
        (".json", {"Accept-Language": "en"}, "/q/en.json"),
        ("/es", {"Accept": "text/html"}, "/q/es.html"),
        ("/calendar", {"Accept-Language": "en"}, "/q/en/calendar.html"),
        ("/calendar.ics?language=en&country=PA", {}, "/q/en/calendar.ics?country=PA"),
        ("/es/calendar", {}, "/q/es/calendar.html"),
    ],
)
def test_what_an_address_leaves_open_is_found(
    edge: Edge, path: str, headers: dict[str, str], leads: str
):
    """Language and format are those that the client prefers."""
    answer = get(edge, path, headers)
    assert (answer.status, answer.headers["location"]) == (302, leads)
    assert answer.headers["vary"] == "Accept-Language, Accept"


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/fr/calendar.ics", 404, "no hay ningún idioma «fr»; hay es, en."),
        ("/en/calendar.exe", 404, "There is no format “exe” here; there are html, json, csv, ics"),
        ("/en/plans.ics", 404, "There is no format “ics” here; there are html, json, csv."),
        ("/es/plans.ics", 404, "no hay ningún formato «ics»; hay html, json, csv."),
        ("/en/nothing.csv", 404, "There is no document “nothing” here; there are calendar, "),
        ("/es/nothing.csv", 404, "no hay ningún documento «nothing»; hay calendar, "),
        ("/../../etc/passwd", 404, "no hay ningún formato «./../etc/passwd»"),
        ("/en/calendar.csv?kind=PARTY", 400, "“kind” cannot be “PARTY”; it can be MEETING, "),
        ("/es/calendar.csv?kind=PARTY", 400, "«kind» no puede ser «PARTY»; puede ser MEETING, "),
        ("/en/calendar.csv?from=yesterday", 400, "“from” cannot be “yesterday”; write a day, such"),
        ("/es/calendar.csv?from=ayer", 400, "«from» no puede ser «ayer»; escriba un día, como"),
        ("/en/calendar.csv?colour=red", 400, "There is no parameter “colour” here; there are from"),
        ("/es/calendar.csv?color=rojo", 400, "no hay ningún parámetro «color»; hay from, to, "),
        ("/en/calendar.csv?kind=MEETING&kind=WORKSHOP", 400, "“kind” is given twice"),
        ("/es/calendar.csv?kind=MEETING&kind=WORKSHOP", 400, "«kind» está dos veces"),
        ("/en/calendar.csv?separator=pipe", 400, "There is no separator “pipe”; there are comma"),
        ("/en/calendar.csv?after=nonsense", 400, "a cursor that does not belong to this list"),
        ("/es/calendar.csv?after=nonsense", 400, "un cursor que no es de esta lista"),
        ("/en/calendar.csv?search=%00", 400, "“search” holds the sign U+0000"),
        ("/en/calendar.csv?search=%ff", 400, "not percent-encoded UTF-8"),
        (f"/es/calendar.csv?search={'a' * 5000}", 414, "más de 4096 caracteres"),
        (f"/es/calendar.csv?search={'a' * 600}", 400, "«search» tiene más de 500 caracteres"),
        (f"/en/calendar.csv?group={'a' * 600}", 400, "“group” has more than 500 characters"),
        ("/en/calendar.csv?" + "a=1&" * 60, 400, "50 at most"),
        ("/es/calendar.csv?utm_source=x", 400, "no hay ningún parámetro «utm_source»"),
        ("/en/calendar.json?group=nope", 400,
         "“group” cannot be “nope”: nothing here is called that. It can be, for example, mirps. "
         "All are listed at /q/en/groups.html"),
        ("/es/calendar.ics?country=Panama", 400,
         "«country» no puede ser «Panama»: aquí nada se llama así. Quizá quiso decir: PA (Panamá). "
         "Todos están en /q/es/countries.html"),
        ("/en/plans.json?country=PAN", 400, "What you may have meant: PA (Panama)."),
        ("/en/practices.json?objective=GCM-99", 400, "All are listed at /q/en/objectives.html"),
        ("/en/objectives.json?framework=x", 400, "All are listed at /q/en/frameworks.html"),
        ("/en/topics.json?slugs=asylum-seekers&slugs=nope", 400, "“slugs” cannot be “nope”"),
        ("/en/calendar.ics?from=2023-02-01&to=2023-01-01", 400,
         "“from” is 2023-02-01, and “to” is 2023-01-01, which comes before; nothing lies between."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_sentence(
    edge: Edge, path: str, status: int, sentence: str
):
    """In the language of the address; as problem details, which scripts of other sites may read."""
    answer = get(edge, path)
    assert sentence in refused(answer, status)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("path", "status", "language", "sentence"),
    [
        ("/es/nothing.html", 404, "es", "Aquí no hay ningún documento «nothing»"),
        ("/en/calendar.html?kind=PARTY", 400, "en", "“kind” cannot be “PARTY”"),
        ("/fr/calendar.html", 404, "es", "Aquí no hay ningún idioma «fr»"),
        ("/es/members.html?group=%3Cscript%3E", 400, "es", "«group» no puede ser «<script>»"),
    ],
)
def test_what_is_wrong_in_a_frame_is_read_there(
    edge: Edge, path: str, status: int, language: str, sentence: str
):
    """A page like the document's, with the same status; a problem would be a grey face."""
    answer = get(edge, path)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.headers["content-language"] == language
    assert answer.policy == get(edge, "/es/calendar.html").policy
    page = Page(answer)
    assert sentence in page.text
    assert [tag for tag, _ in page.tags if tag == "script"] == []
    links = {given["href"] for tag, given in page.tags if tag == "a" and given["href"][0] == "/"}
    assert f"/q/{language}.html" in links
    assert (f"/q/{language}/groups.html" in links) is ("group=" in path)


def test_a_browser_reads_why_nothing_is_there(edge: Edge):
    """Also where its address leaves open what it wants; a program gets a problem."""
    page = get(edge, "/nothing", {"Accept": "text/html", "Accept-Language": "en"})
    assert "There is no document “nothing” here" in Page(page).text
    assert (page.status, page.headers["vary"]) == (404, "Accept-Language, Accept")
    assert "no hay ningún documento" in refused(get(edge, "/nothing"), 404)


def test_days_are_compared_however_they_are_written(edge: Edge):
    """ISO 8601 has a basic format, whose letters come in another order."""
    answer = get(edge, "/es/calendar.json?from=20230101&to=2023-12-31")
    assert len(answer.json["items"]) > 0
    turned = get(edge, "/es/calendar.json?from=2023-12-31&to=20230101")
    assert "entre los dos no hay nada" in refused(turned, 400)


def test_what_mail_adds_to_a_link_is_not_asked(edge: Edge):
    """Neither does any link of the page repeat it, nor the address that a short one leads to."""
    added = "utm_source=x&utm_campaign=y&fbclid=z&gclid=1&mc_cid=2"
    answer = get(edge, f"/es/calendar.html?kind=MEETING&{added}")
    assert answer.body == get(edge, "/es/calendar.html?kind=MEETING").body
    leads = get(edge, f"/calendar?{added}&kind=MEETING").headers["location"]
    assert leads == "/q/es/calendar.html?kind=MEETING"


@pytest.mark.parametrize("path", ["/en/members.json?country=pa", "/en/members.json?group=MIRPS"])
def test_a_name_is_known_in_any_case(edge: Edge, path: str):
    """What it is called here then stands in all links."""
    query = path.upper().partition("?")[2].split("=")[1]
    assert len(get(edge, path).json["items"]) > 0
    page = Page(get(edge, path.replace(".json", ".html")))
    links = [given["href"] for tag, given in page.tags if tag == "a"]
    proper = query if query == "PA" else "mirps"
    assert any(
        link.endswith(f".csv?{path.partition('?')[2].split('=')[0]}={proper}") for link in links
    )


def test_who_has_asked_too_much_is_told_what_helps_here(seeded: str):
    """A token would open nothing more: documents are asked without one."""
    with serving(seeded, address_points=1_000) as poor:
        answers = (get(poor, "/en/countries.json") for _ in range(20))
        late = next(answer for answer in answers if answer.status != 200)
        framed = get(poor, "/es/countries.html")
    sentence = refused(late, 429)
    assert "A document stays good for five minutes" in sentence
    assert "token" not in sentence
    assert framed.status == 429
    assert int(late.headers["retry-after"]) - int(framed.headers["retry-after"]) in (0, 1, 2)
    assert framed.policy["frame-ancestors"] == "*"
    assert "Un documento vale cinco minutos" in Page(framed).text


def test_nothing_can_be_written_to_a_document(edge: Edge):
    """Only GET and HEAD are answered."""
    answer = edge.send("POST", "/q/es/calendar.json", b"{}")
    assert answer.status == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


# ── Caches ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", ["html", "json", "csv", "ics", "jsonld"])
def test_who_has_a_document_is_told_so(edge: Edge, ending: str):
    """The same bytes have the same tag, and 304 repeats what caches need."""
    answer = get(edge, f"/en/calendar.{ending}")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["content-language"] == "en"
    assert "set-cookie" not in answer.headers
    again = get(edge, f"/en/calendar.{ending}", {"If-None-Match": f"W/{answer.headers['etag']}"})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


def test_a_token_opens_no_more(edge: Edge):
    """Documents are public: what caches keep must not depend on who asks."""
    answer = workshops(edge, "json")
    titles = [item["title"] for item in answer.json["items"]]
    assert len(titles) == 6
    assert "Borrador" not in titles
    bearing = get(edge, "/es/calendar.json", {"Authorization": "Bearer x"}, kind="WORKSHOP")
    assert bearing.body == get(edge, "/es/calendar.json", kind="WORKSHOP").body


# ── Lists to their end ────────────────────────────────────────────────────────────────────────────


def test_a_list_is_walked_and_says_where_it_is_cut(edge: Edge):
    """Pages of three, two at most: then a sentence, and the way on; all of it is read once."""
    found, path = list[str](), "/q/en/topics.json"
    first = edge.send("GET", path)
    assert first.json["note"].startswith("6 records are shown, and there are more")
    assert first.headers["link"] == f'<{first.json["next"]}>; rel="next"'
    while path:
        answer = edge.send("GET", path).json
        found += [item["slug"] for item in answer["items"]]
        path = answer["next"]
    count = edge.ask("{ topics { totalCount } }").json["data"]["topics"]["totalCount"]
    assert count > 6
    assert len(set(found)) == len(found) == count


def test_a_spreadsheet_and_a_page_say_so_too(edge: Edge):
    """In the last line, and in a note with a link."""
    sheet = get(edge, "/es/topics.csv").body.decode("utf-8-sig").splitlines()
    assert len(sheet) == 8
    assert sheet[-1].startswith('"Se muestran 6 registros, y hay más') or sheet[-1].startswith(
        "Se muestran 6 registros, y hay más"
    )
    page = Page(get(edge, "/es/topics.html"))
    assert "Se muestran 6 registros, y hay más" in page.text
    assert any(given.get("rel") == "next" for _, given in page.tags)


def test_a_document_that_takes_long_is_given_up(seeded: str):
    """Whoever asks can ask for less."""
    with serving(seeded, document_seconds=0.001) as hurried:
        answer = get(hurried, "/en/calendar.json")
    assert "was not read to its end in time" in refused(answer, 504)


def test_a_list_takes_several_values(edge: Edge):
    """A parameter that is a list is given once for each; a filter that is not asked is none."""
    slugs = [item["slug"] for item in get(edge, "/es/topics.json").json["items"]][:2]
    query = urlencode([("slugs", slug) for slug in slugs])
    answer = edge.send("GET", f"/q/es/topics.json?{query}").json
    assert [item["slug"] for item in answer["items"]] == slugs
    assert answer["note"] is None


def test_filters_that_are_empty_are_none(edge: Edge):
    """A form sends all its fields; a country that is not asked about excludes nobody."""
    some = workshops(edge, "json", country="", search="").json["items"]
    assert len(some) == 6
    [one] = workshops(edge, "json", country="PA").json["items"]
    assert one["title"] == EVIL


# ── Calendars ─────────────────────────────────────────────────────────────────────────────────────


def test_an_instant_stands_in_the_zone_of_its_place(edge: Edge):
    """With the zone's rules beside it, so that no reader has to know them."""
    timed = entries(edge)["Con hora"]
    assert timed.start == datetime(2027, 3, 10, 9, tzinfo=ZoneInfo("America/Mexico_City"))
    assert timed.end - timed.start == timedelta(hours=2)
    parsed: Any = Calendar.from_ical(workshops(edge, "ics").body)
    assert [str(zone["TZID"]) for zone in parsed.walk("VTIMEZONE")] == ["America/Mexico_City"]


def test_days_end_on_the_day_after(edge: Edge):
    """`DTEND` is not part of the event (RFC 5545, 3.6.1)."""
    found = entries(edge)
    assert (found["Un día"].start, found["Un día"].end) == (date(2027, 3, 11), date(2027, 3, 12))
    cancelled = found["Anulado"]
    assert (cancelled.start, cancelled.end) == (date(2027, 3, 12), date(2027, 3, 14))
    assert str(cancelled["STATUS"]) == "CANCELLED"


def test_a_window_is_tentative_and_takes_nobodys_time(edge: Edge):
    """April/May: the source's words stay."""
    window = entries(edge)["Ventana"]
    assert (window.start, window.end) == (date(2027, 4, 1), date(2027, 6, 1))
    assert (str(window["STATUS"]), str(window["TRANSP"])) == ("TENTATIVE", "TRANSPARENT")
    assert "abril/mayo" in window["DESCRIPTION"]
    assert str(window["LOCATION"]) == "Colón"


def test_what_has_no_date_is_in_no_calendar_but_elsewhere(edge: Edge):
    """With its status."""
    answer = get(edge, "/es/calendar.json", search="Sin día").json
    assert [item["date"]["status"] for item in answer["items"]] == ["UNDATED"]
    parsed: Any = Calendar.from_ical(get(edge, "/es/calendar.ics", search="Sin día").body)
    assert [each.name for each in parsed.subcomponents] == ["VTIMEZONE"]  # one there has to be
    assert "sin fecha" in Page(get(edge, "/es/calendar.html", search="Sin día")).text


def test_an_event_keeps_its_uid_and_counts_its_versions(edge: Edge):
    """A reader knows by them what to replace. `WINDOW` was written twice."""
    found = entries(edge)
    assert str(found["Ventana"]["UID"]) == f"event_{WINDOW}"
    assert [int(found[title]["SEQUENCE"]) for title in ("Un día", "Ventana")] == [0, 1]
    assert found["Ventana"]["LAST-MODIFIED"].dt.tzinfo is not None


def test_series_stand_as_the_windows_of_their_next_meetings(edge: Edge):
    """A series without a clear frequency has none; each window has its own UID."""
    parsed: Any = Calendar.from_ical(get(edge, "/es/series.ics").body)
    uids = [str(entry["UID"]) for entry in parsed.walk("VEVENT")]
    assert len(set(uids)) == len(uids) > 4
    assert {str(entry["STATUS"]) for entry in parsed.walk("VEVENT")} == {"TENTATIVE"}


def test_lines_are_folded_and_end_as_they_should(edge: Edge):
    """75 octets at most, CRLF (RFC 5545, 3.1)."""
    body = get(edge, "/es/calendar.ics").body
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)


# ── Texts stay texts ──────────────────────────────────────────────────────────────────────────────


def test_a_title_cannot_end_its_event(edge: Edge):
    """Its line ends are written as `\\n`."""
    body = workshops(edge, "ics").body
    assert body.count(b"\r\nBEGIN:VEVENT\r\n") == 6
    assert sum(title.startswith("Taller") for title in entries(edge)) == 1


def test_a_title_runs_nothing_in_a_spreadsheet(edge: Edge):
    """What begins like a formula gets an apostrophe; what has line ends stays one cell."""
    body = workshops(edge, "csv").body
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    titles = [row["Título"] for row in rows]
    assert f"'{EVIL}" in titles
    assert CUTTING in titles
    semicolons = workshops(edge, "csv", separator="semicolon").body.decode("utf-8-sig")
    assert semicolons.splitlines()[0].startswith("Cuándo;Hora;Título")


def test_a_title_is_no_markup(edge: Edge):
    """Neither in the page nor in the data in it."""
    answer = workshops(edge, "html")
    assert b"<script>alert" not in answer.body
    assert answer.body.count(b"<script") == 1
    data = answer.body.split(b'<script type="application/ld+json">')[1].split(b"</script>")[0]
    assert CUTTING in [thing["name"] for thing in json.loads(data)["@graph"]]


def test_what_was_asked_is_no_markup(edge: Edge):
    """The form repeats it, and so do the links."""
    answer = get(edge, "/es/calendar.html", search='"><script>alert(1)</script>')
    assert answer.status == 200
    assert b"<script>alert" not in answer.body


@pytest.mark.parametrize("path", ["/es/calendar.html", "/es.html"])
def test_only_documents_may_be_framed(edge: Edge, path: str):
    """They have no cookie and no script that could be played with; other pages may not."""
    framed = get(edge, path)
    assert framed.policy == {
        "default-src": "'none'",
        "style-src": "'sha256-…'",
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "*",
    }
    assert "set-cookie" not in framed.headers
    for other in ("/", "/docs/es/guide", "/apply", "/login"):
        assert edge.send("GET", other).policy["frame-ancestors"] == "'none'", other


# ── Linked data ───────────────────────────────────────────────────────────────────────────────────


def test_events_are_linked_data(edge: Edge):
    """In the words of schema.org."""
    graph = {thing["name"]: thing for thing in workshops(edge, "jsonld").json["@graph"]}
    assert graph["Con hora"]["startDate"] == "2027-03-10T09:00:00-06:00"
    assert graph["Con hora"]["endDate"] == "2027-03-10T11:00:00-06:00"
    assert (graph["Anulado"]["startDate"], graph["Anulado"]["endDate"]) == (
        "2027-03-12",
        "2027-03-13",
    )
    assert graph["Anulado"]["eventStatus"] == "https://schema.org/EventCancelled"
    assert graph["Ventana"]["location"] == {"@type": "Place", "name": "Colón"}
    assert not {"startDate", "endDate", "temporalCoverage"} & graph["Ventana"].keys()


def test_members_are_linked_with_their_group(edge: Edge):
    """Each organization once."""
    graph = get(edge, "/en/members.jsonld", group="mirps").json["@graph"]
    by_id = {thing["@id"]: thing for thing in graph}
    [group] = [thing for thing in graph if "member" in thing]
    states = {by_id[member["@id"]]["@type"] for member in group["member"]}
    assert states == {"GovernmentOrganization"}
    assert len(by_id) == len(graph) == len(group["member"]) + 1


# ── A deployment's own ────────────────────────────────────────────────────────────────────────────


def checked(folder: Path) -> list[str]:
    """The documents with those of a folder."""
    return list(library(SCHEMA, folder))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("slug name }", "slug nom }", "does not fit the schema: Cannot query field 'nom'"),
        ("query Topics", "mutation Topics", "does not fit the schema"),
        ("after: $after, ", "", "does not fit the schema"),
        ("pageInfo { hasNextPage endCursor }", "totalCount", "has to walk through `topics`"),
        ("$scheme: TopicScheme,", "$scheme: TopicScheme, $x: Int,", "does not fit the schema"),
        ("slug name }", "slug }", "does not select `name`, which a column shows"),
        ("first: 3", "first: 101", "is more than the 100 records of a page"),
    ],
)
def test_an_operation_that_is_wrong_is_refused_at_the_start(
    tmp_path: Path, before: str, after: str, sentence: str
):
    """With the file and what is wrong in it."""
    assert before in TOPICS
    written(tmp_path, TOPICS.replace(before, after))
    with pytest.raises(Failure) as failure:
        checked(tmp_path)
    assert f"{tmp_path}/topics.graphql" in str(failure.value)
    assert sentence in str(failure.value)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"json", ', '"ics", ', "cannot be ics: it lists neither Event nor EventSeries."),
        ('"json", ', '"pdf", ', "`formats.0` is wrong"),
        ('lists = "topics"', 'lists = "themes"', "selects no `themes`"),
        ("[parameters.slugs]", "[parameters.other]", "has a variable `slugs` without"),
        (', en = "Words." }', " }", "`text.en` is wrong: Field required."),
        ('value = "name"', 'value = "name"\ncolour = 1', "`columns.0.colour` is wrong"),
        ("[[columns]]", "[[columns", "is not TOML"),
        ("topics.slug", "topic", "cannot name topic: it is no list and filter such as"),
        ("topics.slug", "themes.slug", "cannot name themes.slug: Cannot query field 'themes'"),
        ("topics.slug", "topics.colour", "cannot name topics.colour: "),
        (
            'names = "topics.slug"',
            'not_before = "scheme"',
            "cannot compare `slugs`, [String!], with TopicScheme.",
        ),
        ('names = "topics.slug"', 'not_before = "x"', "has no `x`, before which `slugs` ends"),
    ],
)
def test_a_declaration_that_is_wrong_is_refused_at_the_start(
    tmp_path: Path, before: str, after: str, sentence: str
):
    """With the file and what is wrong in it."""
    assert before in TOPICS_TOML
    written(tmp_path, TOPICS, TOPICS_TOML.replace(before, after))
    with pytest.raises(Failure) as failure:
        checked(tmp_path)
    assert sentence in str(failure.value)


@pytest.mark.parametrize("name", ["es", "Topics", "a b", "-x", "x" * 41])
def test_a_name_that_no_address_has_is_refused_at_the_start(tmp_path: Path, name: str):
    """Letters that are small, digits and hyphens; no language."""
    written(tmp_path)
    for ending in ("graphql", "toml"):
        (tmp_path / f"topics.{ending}").rename(tmp_path / f"{name}.{ending}")
    with pytest.raises(Failure, match="is no name for an address"):
        checked(tmp_path)


def test_what_needs_a_token_is_no_document(tmp_path: Path):
    """A document is for everybody."""
    operation = """{ viewer { party { id } } workingGroups(first: 1) {
        nodes { applications { id } } pageInfo { hasNextPage endCursor } } }"""
    operation = "query Topics($after: String) " + operation.replace("(first: 1)", "(after: $after)")
    declaration = TOPICS_TOML.replace('"topics"', '"workingGroups"').replace(
        '"name"', '"applications.id"'
    )
    declaration = (
        declaration[: declaration.index("[parameters.scheme]")]
        + declaration[declaration.index("[[columns]]") :]
    )
    written(tmp_path, operation, declaration)
    with pytest.raises(Failure, match=r"cannot be asked without a token: .*restricted:read"):
        checked(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    """Rather than ignored."""
    with pytest.raises(Failure, match="which is no folder"):
        checked(tmp_path / "absent")


def test_a_document_takes_the_place_of_ours(tmp_path: Path):
    """By its name."""
    written(tmp_path)
    for ending in ("graphql", "toml"):
        (tmp_path / f"topics.{ending}").rename(tmp_path / f"plans.{ending}")
    found = library(SCHEMA, tmp_path)
    assert list(found) == NAMES
    assert found["plans"].declaration.lists == "topics"


def test_the_example_of_the_guide_is_a_document(tmp_path: Path):
    """As it stands in `docs/documents.md`."""
    guide = (Path(__file__).parents[2] / "docs" / "documents.md").read_text("utf-8")
    for ending in ("graphql", "toml"):
        example = guide.split(f"```{ending}\n")[1].split("```")[0]
        (tmp_path / f"cities.{ending}").write_text(example, "utf-8")
    assert "cities" in checked(tmp_path)
