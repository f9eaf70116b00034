"""A browser without a screen: it keeps cookies, reads forms and sends them as they are."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.oauth import FORM
from tests.serving import Edge, Response

PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


@dataclass
class Form:
    """A form of a page, with what it holds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict[str, str])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and "name" in given and given.get("type") != "radio":
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] != "style":
            self.texts.append(data)


class Page:
    """An answer, read as a page."""

    def __init__(self, answer: Response) -> None:
        self.status = answer.status
        self.answer = answer
        self.headers = answer.headers
        self.source = answer.body.decode()
        reader = _Reader()
        reader.feed(self.source)
        self.forms = {form.action: form for form in reader.forms}
        self.tags = reader.tags
        self.text = " ".join(" ".join(reader.texts).split())

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("location", "")

    @property
    def problem(self) -> bool:
        """Whether it says that something is wrong."""
        return any(given.get("role") == "alert" for _, given in self.tags)


class Browser:
    """A browser of somebody; the language is English unless it says otherwise."""

    def __init__(self, edge: Edge, language: str = "en") -> None:
        self._edge = edge
        self.cookies: dict[str, str] = {}
        self.headers = {"Accept": PAGE, "Accept-Language": language}

    def get(self, path: str, **headers: str) -> Page:
        """A page."""
        return self._send("GET", path, b"", headers)

    def post(self, path: str, fields: dict[str, str] | list[tuple[str, str]], **more: str) -> Page:
        """A form."""
        headers = {"Content-Type": FORM, **more}
        return self._send("POST", path, urlencode(fields).encode(), headers)

    def submit(self, page: Page, action: str, **fields: str) -> Page:
        """A form of a page, filled in."""
        return self.post(action, {**page.forms[action].fields, **fields})

    def log_in(self, email: str, password: str, target: str = "") -> Page:
        """The answer to email and password."""
        page = self.get(f"/login?{urlencode({'next': target})}")
        return self.submit(page, "/login", email=email, password=password)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {**self.headers, **({"Cookie": cookie} if cookie else {}), **named}
        page = Page(self._edge.send(method, path, body, given))
        for line in filter(None, page.headers.get("set-cookie", "").split(", ")):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return page


def parameters(location: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(location).query))
