"""Named documents in a real Chromium: as pages, and in a page of somebody else."""

import http.server
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from api.guide import LOCAL
from tests.chromium import Chromium, chromium
from tests.serving import Edge

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "wordpress.html"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chromium]:
    """One Chromium for all."""
    with chromium(tmp_path_factory.mktemp("profile")) as window:
        yield window


@pytest.fixture
def window(opened: Chromium) -> Generator[Chromium]:
    """Chromium, whose console stays empty."""
    opened.show_as(1280, "light")
    opened.log()
    yield opened
    assert opened.log() == []


@pytest.fixture
def site(edge: Edge) -> Generator[str]:
    """The example, on another origin."""
    page = EXAMPLE.read_text("utf-8").replace(LOCAL, edge.url)

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_another_site_frames_the_calendar_and_fetches_the_members(window: Chromium, site: str):
    """As an editor of WordPress would; the names come as text."""
    window.go(site)
    assert window.says("Belice (Estado fundador)")
    window.enter("iframe")
    assert window.says("Reunión virtual plenaria del MIRPS, enero de 2023")
    window.leave()


def test_a_framed_document_is_filtered_without_a_script(window: Chromium, site: str):
    """The form works in the frame, and stays there."""
    window.go(site)
    window.enter("iframe")
    window.click("summary")
    window.fill("#search", "plenaria")
    window.click("form button")
    assert window.says("Filtrar · Desde: 2023-01-01 · Buscar: plenaria")
    assert "Reunión virtual plenaria del MIRPS, enero de 2023" in window.text
    assert "Reunión Anual" not in window.text
    window.leave()
    assert window.url == site


@pytest.mark.parametrize("path", ["es.html", "en/calendar.html", "es/groups.html?kind=MESA"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_document_fits_the_screen_and_all_its_controls_have_names(
    window: Chromium, edge: Edge, path: str, width: int
):
    """Nothing lies beside it on a telephone, and a screen reader can say what each control is."""
    window.show_as(width, "dark")
    window.go(f"{edge.url}/q/{path}")
    assert window.script("return document.documentElement.scrollWidth") == width
    assert window.unnamed() == []


def test_a_table_stays_a_table_where_it_is_shown_as_cards(window: Chromium, edge: Edge):
    """A screen reader still hears which column a value is in."""
    window.show_as(390, "light")
    window.go(f"{edge.url}/q/en/members.html")
    nodes = window.tell("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in nodes]
    columns = window.script("return document.querySelectorAll('thead th').length")
    assert (roles.count("table"), roles.count("columnheader")) == (1, columns)
    assert window.script("return document.documentElement.lang") == "en"
