"""The pages in a real Chromium, with their policy on: nothing may appear on its console."""

import http.server
import threading
from collections.abc import Generator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from auth import users
from seeds.records import id_of
from tests.browser import parameters
from tests.chromium import ENTER, TAB, Chromium, check_look, chromium
from tests.oauth import UNHCR, Client, redeem, register, request_of, write
from tests.people import PASSWORD, change_user, grants_of, invited, person, run, sessions_of
from tests.provider import providing, settings
from tests.serving import Edge, serving

PANAMA = id_of("actor", "panama")
SCOPES = ("restricted:read", "pledges:write", "plans:write")
NEW = "nueve gatos en el jardin"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chromium]:
    """One Chromium for all."""
    with chromium(tmp_path_factory.mktemp("profile")) as window:
        yield window


@pytest.fixture
def edge(issuing: Edge, committed: str) -> Edge:
    """An application with users; nobody has tried anything lately."""
    run(committed, "DELETE FROM attempt")
    return issuing


@pytest.fixture
def window(opened: Chromium, edge: Edge) -> Generator[Chromium]:
    """Chromium without a cookie, at the login page; its console stays empty."""
    opened.tell("Network.clearBrowserCookies")
    opened.show_as(1280, "light")
    opened.log()
    opened.go(f"{edge.url}/login")
    yield opened
    assert opened.log() == []


class _Site(http.server.ThreadingHTTPServer):
    """Somebody else's site: it keeps what was asked, and answers with one page."""

    daemon_threads = True

    def __init__(self) -> None:
        self.page = "<!doctype html><title>Elsewhere</title><p>Here you are again."
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answers)


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Site)
        found = self.path != "/favicon.ico"
        if found:
            self.server.asked.append(self.path)
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.server.page.encode() if found else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Generator[_Site]:
    """Somebody else's site."""
    with _Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(committed: str) -> Client:
    """An application of UNHCR, at any port of this machine."""
    uris = ("http://127.0.0.1/callback",)
    return register(committed, "Mapas", scopes=SCOPES, redirect_uris=uris)


def asking(edge: Edge, client: Client, site: _Site, **more: str) -> str:
    """Where the application sends its user."""
    uri = f"http://127.0.0.1:{site.server_port}/callback"
    return f"{edge.url}/oauth/authorize?{urlencode(request_of(client, redirect_uri=uri, **more))}"


def log_in(window: Chromium, name: str, password: str = PASSWORD) -> None:
    """Fill in the form that is shown."""
    window.fill("#email", f"{name.lower()}@example.org")
    window.fill("#password", password)
    window.click("main button")


def test_one_signs_in_by_keyboard(window: Chromium, edge: Edge, committed: str):
    """The address has the focus; Tab and Enter do the rest."""
    user = person(committed, "Ada")
    window.type(f"ada@example.org{TAB}{PASSWORD}{ENTER}")
    assert window.says("Ada · ada@example.org")
    assert window.url == f"{edge.url}/account"
    window.type(TAB)
    assert window.focused() == "Skip to the content"
    assert sessions_of(committed, user) == 1


def test_a_wrong_password_is_said(window: Chromium, committed: str):
    """And the focus is where one types again."""
    person(committed, "Alma")
    log_in(window, "Alma", "not the password")
    assert window.says("E-mail or password are not right.")
    assert window.focused() == "password"
    window.log()  # Chromium notes every status from 400 on


def test_consent_and_disconnection(
    window: Chromium, edge: Edge, committed: str, client: Client, site: _Site
):
    """From the application to the login page, to consent, and back with a code."""
    user = person(committed, "Aida")
    window.go(asking(edge, client, site))
    log_in(window, "Aida")
    assert window.says("Let “Mapas” act for you?")
    assert window.says("Announce pledges and report contributions.")
    window.click("button[value=allow]")
    assert window.says("Here you are again.")
    [path] = site.asked
    back = parameters(path)
    assert sorted(back) == ["code", "iss", "state"]
    uri = f"http://127.0.0.1:{site.server_port}/callback"
    assert redeem(edge, client, back["code"], redirect_uri=uri).status == 200
    window.go(f"{edge.url}/account")
    assert window.says("Mapas")
    window.click("form[action='/account/disconnect'] button")
    assert window.says("it can no longer act for you")
    assert grants_of(committed, user) == 0


def test_refusal_takes_one_back(
    window: Chromium, edge: Edge, committed: str, client: Client, site: _Site
):
    """Also where no party was chosen."""
    user = person(committed, "Abril", (UNHCR, SCOPES), (PANAMA, SCOPES))
    window.go(asking(edge, client, site))
    log_in(window, "Abril")
    window.click("button[value=deny]")
    assert window.says("Here you are again.")
    assert parameters(site.asked[0])["error"] == "access_denied"
    assert grants_of(committed, user) == 0


def test_a_party_is_chosen_by_keyboard(
    window: Chromium, edge: Edge, committed: str, client: Client, site: _Site
):
    """Without a choice the browser asks for one."""
    user = person(committed, "Aitana", (UNHCR, SCOPES), (PANAMA, SCOPES))
    window.go(asking(edge, client, site))
    log_in(window, "Aitana")
    window.click("button[value=allow]")
    assert site.asked == []
    assert window.focused() == "party"
    window.type(f" {ENTER}")
    assert window.says("Here you are again.")
    assert "code" in parameters(site.asked[0])
    assert grants_of(committed, user) == 1


def test_an_invitation_is_taken_up(window: Chromium, edge: Edge, committed: str):
    """A password is chosen, and one signs in with it."""
    window.go(f"{edge.url}{invited(committed, 'Amelia')}")
    assert window.says("Hello, Amelia.")
    window.type(f"{NEW}{TAB}{NEW}{ENTER}")
    assert window.says("Your password is kept.")
    log_in(window, "Amelia", NEW)
    assert window.says("You do not act for any organization yet.")


def test_one_signs_out(window: Chromium, edge: Edge, committed: str):
    """And does not come back with the back button."""
    user = person(committed, "Ander")
    log_in(window, "Ander")
    window.click("form[action='/logout'] button")
    assert window.says("You have signed out.")
    window.go(f"{edge.url}/account")
    assert window.says("Sign in")
    assert window.url == f"{edge.url}/login"
    assert sessions_of(committed, user) == 0


def test_the_language_is_switched(window: Chromium, edge: Edge):
    """By a link; it stays."""
    window.click("a[hreflang=es]")
    assert window.says("Iniciar sesión")
    window.go(f"{edge.url}/reset")
    assert window.says("¿Olvidó su contraseña?")


def test_one_signs_in_through_the_provider(window: Chromium, committed: str):
    """With the policy on, also where the provider hands one on to a third, as hubs do."""
    user = person(committed, "Adan")
    with providing() as provider, providing() as third:
        provider.person["email"] = "adan@example.org"
        provider.through = third.url
        third.answer = provider.answer  # on behalf of the first
        with serving(committed, **settings(provider)) as edge:
            window.go(f"{edge.url}/login")
            window.click("form[action='/login/openid'] button")
            assert window.says("Adan · adan@example.org")
            assert window.url == f"{edge.url}/account"
    assert third.asked == ["/authorize/through"]
    assert sessions_of(committed, user) == 1


def test_one_comes_through_the_provider_to_consent(
    window: Chromium, committed: str, client: Client, site: _Site
):
    """The request of an application goes on where it was."""
    person(committed, "Amada")
    with providing() as provider, serving(committed, **settings(provider)) as edge:
        provider.person["email"] = "amada@example.org"
        window.go(asking(edge, client, site))
        window.click("form[action='/login/openid'] button")
        assert window.says("Let “Mapas” act for you?")
        window.click("button[value=allow]")
        assert window.says("Here you are again.")
    assert "code" in parameters(site.asked[0])


# Pages of attackers


def test_our_pages_are_not_shown_in_frames(window: Chromium, edge: Edge, site: _Site):
    """Else a page could lie above ours and have its clicks."""
    site.page = f"<!doctype html><title>x</title><iframe src='{edge.url}/login'></iframe>"
    window.go(f"http://localhost:{site.server_port}/")
    [refusal] = window.log()
    assert "frame-ancestors 'none'" in refusal


def test_a_page_elsewhere_cannot_sign_one_in(
    window: Chromium, edge: Edge, committed: str, site: _Site
):
    """Its form arrives without our cookie, and is refused."""
    user = person(committed, "Aldo")
    fields = {"email": "aldo@example.org", "password": PASSWORD, "form": "x"}
    inputs = "".join(f"<input name='{name}' value='{each}'>" for name, each in fields.items())
    site.page = (
        f"<!doctype html><title>x</title><form method=post action='{edge.url}/login'>{inputs}"
        "<button>Win a cat</button></form>"
    )
    window.go(f"http://localhost:{site.server_port}/")
    window.click("button")
    assert window.says("nothing was changed")
    assert sessions_of(committed, user) == 0
    window.log()  # Chromium notes every status from 400 on


# How it looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_and_every_control_has_a_name(
    window: Chromium, edge: Edge, committed: str, client: Client, site: _Site, width: int,
    scheme: str,
):  # fmt: skip
    """On a screen and a telephone; `SCREENSHOTS` names a directory that keeps how they look."""
    run(committed, "DELETE FROM app_user WHERE email IN ('ana@example.org', 'ali@example.org')")
    user = person(committed, "Ana", (UNHCR, SCOPES), (PANAMA, ("plans:write",)))
    window.show_as(width, scheme)

    def look(name: str) -> None:
        check_look(window, name, width, scheme)

    look("login")
    window.go(f"{edge.url}{invited(committed, 'Ali')}")
    look("invitation")
    window.go(f"{edge.url}/reset")
    look("reset")
    window.go(asking(edge, client, site))
    log_in(window, "Ana")
    assert window.says("On whose behalf may it act?")
    look("consent-several")
    window.click("input[type=radio]")
    window.click("button[value=allow]")
    assert window.says("Here you are again.")
    uri = f"http://127.0.0.1:{site.server_port}/callback"
    redeem(edge, client, parameters(site.asked[0])["code"], redirect_uri=uri)
    window.go(f"{edge.url}/account?lang=es")
    look("account")
    window.click("form[action='/account/disconnect'] button")
    assert window.says("ya no puede actuar por usted")
    look("disconnected")
    change_user(committed, user, lambda s, row: users.give_role(s, row, PANAMA, None))
    window.go(asking(edge, client, site))
    look("consent-one")
    assert window.log() == []
    window.go(f"{edge.url}/login?lang=es&lang=en")
    look("wrong")
    window.go(f"{edge.url}/invitation/x")
    look("dead-link")
    window.log()  # Chromium notes every status from 400 on


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_way_through_the_provider_fits(
    window: Chromium, committed: str, width: int, scheme: str
):
    """The button, the page that leads on, and what is said when it does not."""
    window.show_as(width, scheme)
    with providing() as provider, serving(committed, **settings(provider)) as edge:
        provider.discovery = {"authorization_endpoint": f"{provider.url}/stay"}
        window.go(f"{edge.url}/login?lang=es")
        assert window.says("Iniciar sesión con Hub")
        check_look(window, "openid-login", width, scheme)
        window.click("form[action='/login/openid'] button")
        assert window.says("Ahora irá a Hub")
        check_look(window, "openid-leave", width, scheme)
        window.go(f"{edge.url}/login/openid/callback?state=x&code=y")
        assert window.says("Empiece de nuevo.")
        check_look(window, "openid-refused", width, scheme)
    window.log()  # Chromium notes every status from 400 on


def test_one_applies_by_keyboard(window: Chromium, edge: Edge, committed: str):
    """Every control has a name; what is wrong can be reached from the top of the page."""
    window.go(f"{edge.url}/apply/mesa-2?lang=en")
    assert window.unnamed() == []
    window.fill("#name", "Red de teclados")
    window.type(f"{TAB}{TAB}{TAB}red@nowhere{ENTER}")
    assert window.says("The application has not been sent yet.")
    window.click("a[href='#email']")
    assert window.focused() == "email"
    window.type(f"\ue010.example.org{ENTER}")
    assert window.says("Your application has arrived")
    assert len(applications(committed, "Red de teclados")) == 1
    window.log()  # Chromium notes every status from 400 on


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_one_applies_in_spanish_without_script(
    window: Chromium, edge: Edge, committed: str, width: int, scheme: str
):
    """From the list of groups to the thanks, with keys alone, on a telephone and a screen."""
    window.show_as(width, scheme)
    name = f"Organización Ñandú {width}"
    window.tell("Emulation.setScriptExecutionDisabled", value=True)
    try:
        window.go(f"{edge.url}/apply?lang=es")
        check_look(window, "apply-groups", width, scheme)
        tab_to(window, "Mesa de Trabajo 2")
        window.type(ENTER)
        assert window.says("Solicitud de ingreso\nMesa de Trabajo 2")
        check_look(window, "apply-form", width, scheme)
        tab_to(window, "name")
        window.type(
            f"{name}{TAB}{TAB}Hondu{TAB}red@nowhere{TAB}Acompañamos a quienes regresan.{TAB}{ENTER}"
        )
        assert window.says("La solicitud todavía no se envió.")
        check_look(window, "apply-wrong", width, scheme)
        tab_to(window, "Correo de contacto")
        window.type(f"{ENTER}\ue010.example.org{ENTER}")
        assert window.says("Su solicitud llegó")
        check_look(window, "apply-done", width, scheme)
    finally:
        window.tell("Emulation.setScriptExecutionDisabled", value=False)
    assert applications(committed, name) == [
        ("red@nowhere.example.org", "Acompañamos a quienes regresan.", id_of("country", "honduras"))
    ]
    window.log()  # Chromium notes every status from 400 on


def tab_to(window: Chromium, what: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(60):
        window.type(TAB)
        if window.focused().startswith(what):
            return
    pytest.fail(f"Tab does not lead to {what}.")


def applications(url: str, name: str) -> list[Any]:
    """Address, message and country of those of that name."""
    sql = text("SELECT email, message, country_id FROM application WHERE name = :name")

    def work(session: Session) -> list[Any]:
        return [tuple(row) for row in session.execute(sql, {"name": name})]

    return write(url, work)
