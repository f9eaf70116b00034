"""The console in a real Chromium, with its policy on: nothing may appear on its console."""

from collections.abc import Generator

import pytest

from auth import console
from auth.site import Site
from tests.chromium import Chromium, check_look, chromium
from tests.console import check_built
from tests.oauth import PEPPERED, UNHCR, write
from tests.people import PASSWORD, grants_of, person, run
from tests.serving import Edge, eventually

RUN = ".graphiql-execute-button"
ASK = "[role=menuitem]"
"""The first of two operations, in the menu of the button."""
ANSWERS = {
    "mesas": '"priority": false',
    "mirps": '"name": "Guatemala"',
    "panama-2023": '"outline": "0001"',
    "april-2023": '"totalCount": 5',
    "liaison-table": '"name": "Liaison Table"',
    "gaps": '"alpha2": "BZ"',
    "objective-8": '"code": "GCM-8"',
    "september-2022": '"amount": "210000000.00"',
    "counterparts": '"counterpart": {',
}
SCOPES = ("restricted:read", "memberships:write")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chromium]:
    """One Chromium for all."""
    check_built()
    with chromium(tmp_path_factory.mktemp("profile")) as window:
        window.show_as(1280, "light")
        yield window


@pytest.fixture
def edge(issuing: Edge, committed: str) -> Edge:
    """An application that people can sign in to; nobody has tried anything lately."""
    run(committed, "DELETE FROM attempt")
    write(committed, lambda session: console.register(session, Site(issuing.url, PEPPERED)))
    return issuing


@pytest.fixture
def window(opened: Chromium, edge: Edge) -> Generator[Chromium]:
    """Chromium at the console, which may be open already; its console stays empty."""
    opened.log()
    if not opened.url.startswith(f"{edge.url}/graphql"):
        begin(opened, edge)
    yield opened
    assert opened.log() == []


def begin(window: Chromium, edge: Edge, language: str = "en", example: str = "") -> None:
    """Open the page anew, without a cookie and with nothing kept."""
    window.go("about:blank")
    window.tell("Network.clearBrowserCookies")
    window.tell("Storage.clearDataForOrigin", origin=edge.url, storageTypes="local_storage")
    window.go(f"{edge.url}/graphql?lang={language}#{example}")
    assert eventually(lambda: query(window).startswith("#"))


def lines(window: Chromium, editor: str) -> str:
    """What can be seen in an editor, in the order of its lines, spaces left out."""
    return window.script(
        f"return [...document.querySelectorAll('{editor} .view-line')]"
        ".sort((a, b) => a.offsetTop - b.offsetTop).map((each) => each.textContent).join('')"
        r".replace(/\s/g, '')"
    )


def query(window: Chromium) -> str:
    """What is asked."""
    return lines(window, ".graphiql-query-editor")


def answers(window: Chromium, text: str) -> bool:
    """Whether the answer comes to say it."""
    wanted = "".join(text.split())
    return eventually(lambda: wanted in lines(window, ".result-window"))


def noted(window: Chromium, status: int) -> None:
    """Chromium notes every status from 400 on: this one, once."""
    [line] = window.log()
    assert f"status of {status}" in line


@pytest.mark.parametrize("name", ANSWERS)
def test_each_example_runs(window: Chromium, name: str):
    """By a click on its title and on the button."""
    window.click(f"#example-{name}")
    window.click(RUN)
    assert answers(window, ANSWERS[name])


def test_the_address_opens_an_example(window: Chromium, edge: Edge):
    """In the language of the page, and is forgotten."""
    begin(window, edge, "es", "counterparts")
    assert eventually(lambda: query(window).startswith("#Losgruposdelasociedadcivil"))
    assert window.url == f"{edge.url}/graphql?lang=es"
    window.click(RUN)
    assert answers(window, '"name": "Grupo de Trabajo sobre Desplazamiento Interno"')


def test_an_answer_goes_when_another_example_is_opened(window: Chromium):
    """It would stand beside a question that is not its own."""
    window.click("#example-counterparts")
    window.click(RUN)
    assert answers(window, ANSWERS["counterparts"])
    window.click("#example-gaps")
    assert eventually(lambda: lines(window, ".result-window") == "")


def test_what_is_the_user_s_own_is_not_overwritten(window: Chromium, edge: Edge):
    """An example opens in another tab."""
    begin(window, edge)
    window.click(".graphiql-query-editor .view-line")
    window.type("#")
    window.click("#example-gaps")
    assert eventually(lambda: "Gaps" in query(window))
    assert window.script("return document.querySelectorAll('.graphiql-tab').length") == 2


def ask_for(window: Chromium, operation: str) -> None:
    """Write an operation in place of what is there, as somebody would paste it."""
    window.click(".graphiql-query-editor .view-line")
    a = {"key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "modifiers": 2}
    window.tell("Input.dispatchKeyEvent", type="keyDown", commands=["selectAll"], **a)
    window.tell("Input.dispatchKeyEvent", type="keyUp", **a)
    window.tell("Input.insertText", text=operation)
    assert eventually(lambda: query(window) == "".join(operation.split()))


def test_the_tools_of_graphiql_open(window: Chromium, edge: Edge):
    """Under the policy: documentation, explorer, history, and headers that are really sent."""
    begin(window, edge)
    window.click("[aria-label='Show Documentation Explorer']")
    window.click(".graphiql-doc-explorer-type-name")
    assert window.says("Everything that can be read. No token is needed.")
    window.click("[aria-label='Show GraphiQL Explorer']")
    assert window.says("civilSocietyOrganizations")
    ask_for(window, 'query OnePlace { actor(by: {slug: "panama"}) { slug } }')
    window.click("[data-name=headers]")
    window.click(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-line")
    window.tell("Input.insertText", text='{"GraphQL-Cost": "report"}')
    window.click(RUN)
    assert answers(window, '"cost": {"points": 1, "limit": 100000')
    window.click("[aria-label='Show History']")
    assert eventually(lambda: window.script(HISTORY) == ["OnePlace"])


HISTORY = (
    "return [...document.querySelectorAll('.graphiql-history-item-label')]"
    ".map((each) => each.textContent)"
)


# ── Signing in ────────────────────────────────────────────────────────────────────────────────────


def sign_in(window: Chromium, name: str, answer: str = "allow") -> None:
    """From the button of the panel to the page of consent, and back."""
    window.click("#sign-in")
    window.fill("#email", f"{name.lower()}@example.org")
    window.fill("#password", PASSWORD)
    window.click("main button")
    assert window.says("Let “GraphiQL” act for you?")
    window.click(f"button[value={answer}]")


def test_who_asks_for_more_signs_in_and_out(window: Chromium, edge: Edge, committed: str):
    """The scope that is missing is chosen already; signing out ends the grant."""
    user = person(committed, "Celia", (UNHCR, SCOPES))
    begin(window, edge, "en", "membership")
    window.click(RUN)
    window.click(ASK)
    assert answers(window, "It has to open `memberships:write` for `Mutation.requestMembership`.")
    noted(window, 401)
    assert window.says("That operation needs what GraphiQL may not do yet.")
    sign_in(window, "Celia")
    assert window.says("The token is good until")
    assert window.url == f"{edge.url}/graphql"
    assert window.says("Signed in as Celia.")
    assert window.says("Ask for memberships of groups, and decide on those of yours.")
    window.click(RUN)
    window.click(ASK)
    assert answers(window, '"outcome": "DRY_RUN", "errors": []')
    window.click(RUN)
    window.click(f"{ASK} ~ {ASK}")
    assert answers(window, '"noun": "MEMBERSHIP"')
    kept = window.script("return JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert "vinculo:login" not in kept
    assert not any(part in kept for part in ("vnc_", "eyJ", "Bearer"))
    assert grants_of(committed, user) == 1
    window.click("#sign-out")
    assert window.says("What is public needs no sign-in.")
    assert eventually(lambda: grants_of(committed, user) == 0)


def test_what_is_written_is_kept(window: Chromium, edge: Edge, committed: str):
    """As the party that the panel names, which is that of who signed in."""
    person(committed, "Clemencia", (UNHCR, ("documents:write",)))
    begin(window, edge)
    window.click("#who")
    window.click("input[name='documents:write']")
    sign_in(window, "Clemencia")
    assert window.says("Signed in as Clemencia.")
    panel = "return document.querySelector('.vinculo-panel h2').textContent"
    assert window.script(panel) == "Office of the United Nations High Commissioner for Refugees"
    ask_for(
        window,
        'mutation { createDocument(input: {kind: NOTE, slug: "told", title: {en: "Told"}})'
        " { outcome errors { code } document { owner { name } } } }",
    )
    window.click(RUN)
    wanted = '"outcome": "CREATED", "errors": [], "document": {"owner": {"name": "Office'
    assert answers(window, wanted)
    kept = edge.ask('{ document(by: {slug: "told"}) { slug } }').json
    assert kept == {"data": {"document": {"slug": "told"}}}


def test_a_page_that_is_left_signs_out(window: Chromium, edge: Edge, committed: str):
    """With a token, too, an operation says which scope it lacks."""
    user = person(committed, "Cora", (UNHCR, SCOPES))
    begin(window, edge, "en", "membership")
    window.click("#who")
    sign_in(window, "Cora")
    assert window.says("The token is good until")
    window.click(RUN)
    window.click(ASK)
    assert answers(window, '"code": "FORBIDDEN"')
    noted(window, 403)
    assert window.says("That operation needs what GraphiQL may not do yet.")
    assert grants_of(committed, user) == 1
    window.go("about:blank")
    assert eventually(lambda: grants_of(committed, user) == 0)


RENEWED = (
    "return performance.getEntriesByType('resource')"
    ".filter((each) => new URL(each.name).pathname === '/oauth/token').length"
)


def test_a_token_that_ends_is_renewed_and_not_for_ever(
    window: Chromium, edge: Edge, committed: str
):
    """Who withdrew what was granted is signed out, and told so; what is public is answered on."""
    user = person(committed, "Cleo", (UNHCR, SCOPES))
    begin(window, edge, "en", "gaps")
    window.click("#who")
    sign_in(window, "Cleo")
    assert window.says("The token is good until")
    assert window.script(RENEWED) == 1  # the code
    pass_ten_minutes(window)
    window.click(RUN)
    assert answers(window, ANSWERS["gaps"])
    assert window.script(RENEWED) == 2
    window.click(RUN)
    assert answers(window, ANSWERS["gaps"])
    assert window.script(RENEWED) == 2
    assert grants_of(committed, user) == 1
    run(committed, "UPDATE oauth_grant SET revoked_at = now(), revoked_why = 'REVOKED'")
    pass_ten_minutes(window)
    window.click(RUN)
    assert window.says("You have been signed out: the token was revoked or has expired.")
    assert answers(window, ANSWERS["gaps"])
    noted(window, 400)


def pass_ten_minutes(window: Chromium) -> None:
    """By the clock of the page, nearly: the server still takes the token."""
    window.script("const now = Date.now; Date.now = () => now() + 10 * 60_000 - 20_000")


def test_who_refuses_comes_back_without_a_token(window: Chromium, edge: Edge, committed: str):
    """And is told so, in the language that the page had."""
    user = person(committed, "Clara", (UNHCR, SCOPES))
    begin(window, edge)
    window.click("#who")
    sign_in(window, "Clara", "deny")
    assert window.says("Signing in did not succeed: You refused.")
    assert grants_of(committed, user) == 0


@pytest.mark.parametrize(
    ("waiting", "shown"),
    [
        ("null", "Choose one, change it, and press ▶."),
        ("{verifier: 'v'.repeat(43), state: 'another'}", "Signing in did not succeed:"),
    ],
)
def test_a_code_that_nobody_asked_for_is_not_redeemed(
    window: Chromium, edge: Edge, waiting: str, shown: str
):
    """A page elsewhere cannot sign one in to an account of its own."""
    begin(window, edge)
    window.script(f"sessionStorage.setItem('vinculo:login', JSON.stringify({waiting}))")
    window.go(f"{edge.url}/console/login?code=x&state=y&iss={edge.url}&lang=en")
    assert window.says(shown)
    assert window.url == f"{edge.url}/graphql"
    asked = window.script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert not [each for each in asked if "/oauth/token" in each]


# ── How it looks ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_console_fits(window: Chromium, edge: Edge, width: int, scheme: str):
    """On a screen and a telephone."""
    window.show_as(width, scheme)
    begin(window, edge, "es", "mesas")
    window.click(RUN)
    assert answers(window, '"priority": false')
    check_look(window, "console", width, scheme)
    window.click("#who")
    assert window.says("Lo público no requiere iniciar sesión.")
    check_look(window, "console-login", width, scheme)
