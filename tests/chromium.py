"""A real Chromium, driven by its own chromedriver over the W3C's WebDriver protocol."""

import base64
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serving import eventually

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--hide-scrollbars",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""What WebDriver calls a reference to an element."""
TAB, ENTER, SPACE = "\ue004", "\ue007", " "
_SECONDS = 30
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Chromium:
    """One window with a profile of its own."""

    def __init__(self, driver: str, binary: str, profile: Path) -> None:
        flags = [*FLAGS, f"--user-data-dir={profile}", "--lang=en"]
        options = {"binary": binary, "args": flags, "prefs": {"intl.accept_languages": "en"}}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self._at = driver
        made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._at = f"{driver}/session/{made['sessionId']}"

    def go(self, url: str) -> None:
        """Open an address."""
        self._send("POST", "/url", {"url": url})

    @property
    def url(self) -> str:
        """Where it is."""
        return self._send("GET", "/url")

    @property
    def text(self) -> str:
        """What the page says."""
        return self._send("GET", f"/element/{self._find('body')}/text")

    def says(self, text: str) -> bool:
        """Whether the page comes to say it: who presses keys does not wait for the next page."""

        def said() -> bool:
            try:
                return text in self.text
            except AssertionError:  # one page is going, the next one coming
                return False

        return eventually(said)

    def click(self, selector: str) -> None:
        """Click on what is there, as a person can: it must be visible."""

        def clicked() -> bool:
            try:
                self._send("POST", f"/element/{self._find(selector)}/click", {})
            except AssertionError as error:
                if "stale element" in str(error):  # it was drawn anew meanwhile
                    return False
                raise
            return True

        assert eventually(clicked), f"{selector} does not stay."

    def enter(self, selector: str) -> None:
        """Look into a frame."""
        self._send("POST", "/frame", {"id": {ELEMENT: self._find(selector)}})

    def leave(self) -> None:
        """Look at the whole page again."""
        self._send("POST", "/frame", {"id": None})

    def type(self, text: str) -> None:
        """Press keys, wherever the focus is."""
        keys = [{"type": way, "value": sign} for sign in text for way in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keys", "actions": keys}]
        self._send("POST", "/actions", {"actions": actions})

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._send("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def focused(self) -> str:
        """What has the focus: its text, else its name."""
        return self.script(
            "const at = document.activeElement;"
            "return at.textContent.trim() || at.name || at.tagName"
        )

    def script(self, body: str) -> Any:
        """What a function of the driver's own gives."""
        return self._send("POST", "/execute/sync", {"script": body, "args": []})

    def tell(self, command: str, **values: Any) -> Any:
        """A command of Chromium's own."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": values})

    def show_as(self, width: int, scheme: str) -> None:
        """A screen of a width, light or dark."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=844, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.tell("Emulation.setEmulatedMedia", features=features)

    def picture(self) -> bytes:
        """The whole page, as PNG."""
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def unnamed(self) -> list[str]:
        """The roles of controls that a screen reader has no name for."""
        nodes = self.tell("Accessibility.getFullAXTree")["nodes"]
        controls = {"button", "link", "textbox", "radio", "checkbox", "navigation"}
        return [
            node["role"]["value"]
            for node in nodes
            if node.get("role", {}).get("value") in controls
            and not node.get("name", {}).get("value")
        ]

    def log(self) -> list[str]:
        """What the console has said since it was asked last."""
        return [each["message"] for each in self._send("POST", "/se/log", {"type": "browser"})]

    def close(self) -> None:
        """Close it."""
        self._send("DELETE", "")

    def _find(self, selector: str) -> str:
        """What the page comes to have: the one before may not have gone yet."""
        found: list[Any] = []

        def there() -> bool:
            asked = {"using": "css selector", "value": selector}
            try:
                found.append(self._send("POST", "/element", asked))
            except AssertionError:
                return False
            return True

        assert eventually(there), f"There is no {selector}."
        return found[-1][ELEMENT]

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._at}{path}", data, method=method)
        try:
            with _DIRECT.open(request, timeout=_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                told = json.load(error)["value"]
            raise AssertionError(f"{told['error']}: {told['message'][:300]}") from None


def programs() -> tuple[str, str]:
    """Chromium and its driver; without them the tests are skipped, but never in CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if binary and driver:
        return binary, driver
    why = "There is no Chromium with chromedriver (on Debian: apt install chromium-driver)."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def chromium(profile: Path) -> Generator[Chromium]:
    """A Chromium for as long as the block lasts."""
    binary, program = programs()
    driver = subprocess.Popen(
        [program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert driver.stdout
        lines = iter(driver.stdout.readline, "")
        ports = (re.search(r"started successfully on port (\d+)", line) for line in lines)
        port = next(filter(None, ports))[1]
        window = Chromium(f"http://127.0.0.1:{port}", binary, profile)
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        driver.wait(_SECONDS)
        if driver.stdout:
            driver.stdout.close()


def check_look(window: Chromium, name: str, width: int, scheme: str) -> None:
    """Whether the page fits and all controls have names; the picture is kept if asked for."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        (Path(folder) / f"{name}-{width}-{scheme}.png").write_bytes(window.picture())
    assert window.script("return document.documentElement.scrollWidth") <= width, name
    assert window.unnamed() == [], name
