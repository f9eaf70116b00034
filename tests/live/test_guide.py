"""The guide for partners: what it shows is what comes, and what is served is what is written.

A page's examples run in its own order, in one shell, as somebody would paste them: `sh` with
`curl`, `python` with `requests-oauthlib`. The block behind an example is its answer; `…` stands for
any text.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from api import development
from api.cluster import Cluster
from api.errors import STATUS
from api.guide import EXAMPLES, LOCAL, PAGES, anchor, source
from auth.scopes import SCOPES
from schema.language import Language
from schema.nouns import metadata
from schema.rejection import CODES
from tests.browser import Browser, Page
from tests.conftest import clone
from tests.oauth import UNHCR, Client, asks, register, token, write
from tests.people import PASSWORD, person
from tests.serving import PEPPER, Edge, serving

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GUIDES = ("docs/guide.md", "docs/guide.es.md")
END = "\x1e"
SITE = "www.example.org"
"""The domain of who reads."""
LANGUAGES = tuple(Language)
OTHER = re.compile(r"Accept-Language: e[ns]|/q/e[ns]/|Calendari?[oa]r?|M2F\w+|OGJ\w+")


class Example(NamedTuple):
    """What is pasted, and what is said to come back: nothing where that is not shown."""

    kind: str
    code: str
    shown: str


def examples(path: str) -> list[Example]:
    """The examples of a page."""
    blocks = BLOCK.findall((ROOT / path).read_text("utf-8"))
    after = [*blocks[1:], ("", "")]
    return [
        Example(kind, code, answer if what in ("json", "csv") else "")
        for (kind, code), (what, answer) in zip(blocks, after, strict=True)
        if kind in ("sh", "python")
    ]


def fits(shown: Any, got: Any) -> bool:
    """Whether an answer is the one shown."""
    match shown, got:
        case "…", str():
            return True
        case dict(), dict():
            return list(shown) == list(got) and all(fits(shown[name], got[name]) for name in shown)
        case list(), list():
            return len(shown) == len(got) and all(map(fits, shown, got))
        case _:
            return shown == got


def check(example: Example, got: str) -> None:
    """Compare an answer with the one shown."""
    if example.shown.startswith("{"):
        answer = json.loads(got)
        assert fits(json.loads(example.shown), answer), json.dumps(answer, ensure_ascii=False)
    elif example.shown:
        assert got.lstrip("\ufeff").replace("\r\n", "\n").strip() == example.shown.strip()


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a page, beside a server that has what `make serve` invents."""

    edge: Edge
    page: str
    url: str
    client: Client

    @property
    def environment(self) -> dict[str, str]:
        """What the page has them put there."""
        own = {"CLIENT_ID": self.client.id, "CLIENT_SECRET": self.client.secret or ""}
        own["SITE"] = SITE
        return {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **own}

    def pasted(self, kind: str) -> list[Example]:
        """The examples of a kind, for this server."""
        found = [each for each in examples(self.page) if each.kind == kind]
        return [each._replace(code=each.code.replace(LOCAL, self.edge.url)) for each in found]


@pytest.fixture(scope="module", params=GUIDES)
def reader(request: pytest.FixtureRequest, cluster: Cluster, template: str) -> Generator[Reader]:
    """A reader of each page, with a database to write to."""
    url = clone(cluster, template)
    more: Any = {"scopes": tuple(SCOPES), "redirect_uris": (development.REDIRECT,)}
    client = register(url, development.CLIENT, **more)
    with serving(url) as edge:
        yield Reader(edge, request.param, url, client)
        assert [record.getMessage() for record in edge.log.records] == []


@contextmanager
def a_checkout(reader: Reader) -> Generator[Path]:
    """A folder in which `.venv/bin/vinculo` is the program, for the reader's server."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, ".venv", "bin", "vinculo")
        program.parent.mkdir(parents=True)
        own = {"VINCULO_DATABASE_URL": reader.url, "VINCULO_PEPPER": PEPPER, "PYTHONPATH": ROOT}
        said = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in own.items())
        program.write_text(f'#!/bin/sh\n{said} exec {shlex.quote(sys.executable)} -m api "$@"\n')
        program.chmod(0o700)
        yield Path(folder)


def paste(reader: Reader, examples: list[Example], place: Path = ROOT) -> None:
    """Run them in one shell, one after another, and compare each answer."""
    if not shutil.which("curl"):
        pytest.skip("The examples are for curl.")
    script = f"\nprintf '{END}'\n".join(each.code for each in examples)
    done = subprocess.run(
        ["sh", "-ec", script], capture_output=True, text=True, timeout=30, cwd=place,
        env=reader.environment,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for example, got in zip(examples, done.stdout.split(END), strict=True):
        check(example, got)


def test_every_example_for_the_shell_answers_as_shown(reader: Reader):
    """As they are pasted."""
    found = reader.pasted("sh")
    assert len(found) == 22
    paste(reader, found)


def test_nothing_stays_of_the_guide(reader: Reader):
    """Its record was a draft, and is gone; its names are free for who reads it next."""
    paste(reader, reader.pasted("sh"))
    statement = select(func.count()).where(metadata.tables["identifier"].c.scheme == SITE)
    assert write(reader.url, lambda session: session.scalar(statement)) == 0


def test_the_readme_is_pasted_from_top_to_bottom(reader: Reader):
    """Nothing has to be filled in: it registers the application that it then uses."""
    page = reader.page.replace("docs/guide", "README")
    readme = replace(reader, page=page, client=Client("", None))
    found = [each for each in readme.pasted("sh") if not each.code.startswith("make ")]
    assert [bool(each.shown) for each in found] == [True, True, True]
    with a_checkout(reader) as place:
        paste(readme, found, place)


def test_the_example_in_python_lets_a_person_consent(reader: Reader):
    """It prints an address, the person signs in there, and the address it led to is pasted."""
    [example] = reader.pasted("python")
    person(reader.url, "Inventada", (UNHCR, tuple(SCOPES)), shown=development.USER)
    with subprocess.Popen(
        [sys.executable, "-c", example.code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=reader.environment,
    ) as running:  # fmt: skip
        assert running.stdout
        asked = running.stdout.readline().rpartition(" ")[2].strip()
        got, _ = running.communicate(consented(reader.edge, asked) + "\n", timeout=20)
    check(example, got[got.index("{") :])  # of the question before it a part may be read already


def consented(edge: Edge, asked: str) -> str:
    """Where somebody ends up who signs in and consents."""
    browser = Browser(edge)
    path = asked.removeprefix(edge.url)
    page = browser.get(path)
    page = browser.log_in("inventada@example.org", PASSWORD, path)
    page = browser.get(page.location)
    return browser.submit(page, "/oauth/consent", answer="allow").location


def alike(code: str) -> str:
    """An example without what differs between languages."""
    return OTHER.sub("", code)


def test_both_languages_have_the_same_examples():
    """They differ in the language asked for, and in the cursor of a list in its order."""
    both = [[alike(each.code) for each in examples(path)] for path in GUIDES]
    assert both[0] == both[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_in_the_guide(language: Language):
    """With its status; a meaning each, in English the one of the source."""
    text = source("errors", language).read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    assert [code for code, _ in rows] == [*CODES, *STATUS]
    said = [tuple(map(int, row.split(" | ")[1:])) for _, row in rows[len(CODES) :]]
    assert said == list(STATUS.values())
    if language is Language.EN:
        assert dict(rows[: len(CODES)]) == CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_scope_is_in_the_guide(language: Language):
    """In the words that people consent to."""
    text = source("guide", language).read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+:\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert rows == {name: scope.sentence(language) for name, scope in SCOPES.items()}


def test_operations_on_other_pages_are_valid(reader: Reader):
    """What stands alone as GraphQL is asked with its variables empty."""
    name = "docs/sync.md" if reader.page == GUIDES[0] else "docs/sync.es.md"
    text = (ROOT / name).read_text("utf-8")
    [operation] = re.findall(r"^ *```graphql\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    authorization = f"Bearer {token(reader.edge, reader.client)}"
    answer = asks(reader.edge, authorization, operation)
    assert len(answer.json["data"]["changes"]["nodes"]) == 0


def served(edge: Edge, path: str) -> Page:
    """A page that is there."""
    page = Page(edge.send("GET", path))
    assert page.status == 200, path
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(edge: Edge, name: str, language: Language):
    """To what is served here, and to a heading that is there; others are not asked."""
    page = served(edge, f"/docs/{language.suffix}/{name}")
    links = {given["href"] for tag, given in page.tags if tag == "a"}
    assert links
    for path, _, fragment in (link.partition("#") for link in links if link[0] in "/#"):
        there = served(edge, path) if path else page
        ids = {given.get("id") for _, given in there.tags}
        assert not fragment or unquote(fragment) in ids, (path, fragment)


def test_a_page_says_where_this_server_is(edge: Edge):
    """So that its examples can be pasted."""
    page = served(edge, "/docs/es/guide")
    assert f"curl -sG {edge.url}/graphql" in page.text
    assert LOCAL not in page.source


def test_a_page_has_no_script_and_can_be_kept(edge: Edge):
    """Strict as the other pages; a cache asks whether it changed."""
    page = served(edge, "/docs/en/guide")
    policy = page.headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]+='; img-src data:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        policy,
    )
    assert [tag for tag, _ in page.tags if tag == "script"] == []
    assert page.headers["content-language"] == "en"
    tag = {"If-None-Match": page.headers["etag"]}
    assert edge.send("GET", "/docs/en/guide", b"", tag).status == 304


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("/docs", "/docs/es/guide"),
        ("/docs/en", "/docs/en/guide"),
        ("/docs/errors", "/docs/es/errors"),
    ],
)
def test_addresses_without_a_language_lead_to_one(edge: Edge, path: str, leads: str):
    """The reader's, else Spanish."""
    answer = edge.send("GET", path)
    assert (answer.status, answer.headers["location"]) == (302, leads)


@pytest.mark.parametrize(
    "path",
    ["/docs/fr/guide", "/docs/en/nothing", "/docs/examples/package.json", "/docs/en/../README.md",
     "/docs/examples/../../pyproject.toml"],
)  # fmt: skip
def test_nothing_else_is_served(edge: Edge, path: str):
    """Only what is listed."""
    assert edge.send("GET", path).status == 404


@pytest.mark.parametrize("name", EXAMPLES)
def test_files_to_copy_are_text(edge: Edge, name: str):
    """A page among them is not shown as one; each says where this server is."""
    answer = edge.send("GET", f"/docs/examples/{name}")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    written = (ROOT / "docs" / "examples" / name).read_text("utf-8")
    assert answer.body.decode() == written.replace(LOCAL, edge.url)


def test_a_number_stays_on_one_line(edge: Edge):
    """Narrow spaces that do not break stand between its thousands."""
    assert "500\u202f000 points" in served(edge, "/docs/en/guide").source


def test_a_wheel_brings_every_file(edge: Edge):
    """They lie outside the packages."""
    given = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = given["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    pages = [source(name, language) for name in PAGES for language in LANGUAGES]
    files = [*pages, *(ROOT / "docs" / "examples" / name for name in EXAMPLES)]
    paths = [str(file.relative_to(ROOT)) for file in files]
    assert included == {path: f"api/{path}" for path in paths}


def test_a_heading_is_linked_as_on_github():
    """Letters with accents stay."""
    assert anchor("Qué puede salir mal: `errors`") == "qué-puede-salir-mal-errors"
