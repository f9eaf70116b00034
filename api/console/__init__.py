"""GraphiQL at `/graphql` for those who open it in a browser, with examples and a login.

`hatch_build.py` builds its script when the project is installed; here it is served. The page takes
nothing from elsewhere: its content security policy names a nonce that every answer makes anew, and
the files lie under names that follow from what is in them.
"""

import json
import secrets
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from api.console.examples import Example
from api.console.examples import read as examples
from api.errors import problem
from api.negotiation import chosen
from api.templates import pages, words
from api.visit import language_cookie
from auth import console, redirects
from auth.scopes import Scope
from auth.site import Site
from schema.language import Language

_HERE = Path(__file__).parent
_TYPES = {".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf", ".md": "text/markdown"}
_POLICY = (
    "default-src 'none'",
    "script-src 'nonce-{nonce}'",
    "style-src 'nonce-{nonce}'",
    "style-src-attr 'unsafe-inline'",  # Monaco places its lines by attributes
    "font-src 'self' data:",  # GraphiQL's style sheets bring theirs
    "img-src data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_HEADERS = {
    "cache-control": "no-store",  # a nonce is good once
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": "Accept, Accept-Language, Cookie",
    "x-content-type-options": "nosniff",
}
_FOR_GOOD = "public, max-age=31536000, immutable"
COMMAND = ".venv/bin/python hatch_build.py"


class Console:
    """The console of one installation; `site` is where people sign in, if they can."""

    def __init__(self, site: Site | None, built: Path = _HERE / "built") -> None:
        self._site = site if site and _leads_back(site) else None
        self._secure = bool(site and site.issuer.startswith("https:"))
        self._files = {path.name: path for path in built.glob("*") if path.suffix in _TYPES}
        self._examples = examples()
        self._template = Template((_HERE / "page.html").read_text("utf-8"))
        self._entry = _entry(built)

    def routes(self) -> list[Route]:
        """Where its files are, and where people come back to from the login."""
        return [
            Route(console.BACK, self.page),
            Route("/console/{name}", self.file),
        ]

    async def page(self, request: Request) -> Response:
        """The page, in the language chosen by `?lang=`, now or before, else `Accept-Language`."""
        language = chosen(
            request.query_params.get("lang"),
            request.cookies.get("lang"),
            languages=request.headers.get("accept-language", ""),
        )
        if self._entry is None:
            return self._missing(language)
        nonce = secrets.token_urlsafe(16)
        body = self._template.substitute(
            lang=language.suffix,
            nonce=nonce,
            main=self._entry["file"],
            css=self._entry["css"][0],
            told=_in_html(self._told(language)),
            noscript=words(language)("console_noscript"),
            start=words(language)("console_start"),
        )
        headers = {
            **_HEADERS,
            "content-language": language.suffix,
            "content-security-policy": "; ".join(_POLICY).format(nonce=nonce),
        }
        answer = Response(body, headers=headers, media_type="text/html")
        if "lang" in request.query_params:  # it goes on so on the way to the login and back
            answer.headers.append("set-cookie", language_cookie(language, self._secure))
        return answer

    def _told(self, of: Language) -> dict[str, Any]:
        """What the script is told."""
        return {
            "language": of.suffix,
            "texts": words(of).under("console_"),
            "examples": [_told_of(each, of) for each in self._examples],
            "login": self._login(of),
        }

    def _login(self, of: Language) -> dict[str, Any] | None:
        if self._site is None:
            return None
        return {
            "issuer": self._site.issuer,
            "client": str(console.ID),
            "back": console.back(self._site),
            "scopes": [{"name": each.scope, "sentence": each.sentence(of)} for each in Scope],
        }

    def _missing(self, of: Language) -> Response:
        """What to do where the script was never built."""
        said = words(of)
        shown = {
            "title": said("console_missing_title"),
            "text": said("console_missing"),
            "detail": COMMAND,
            "link": ("/", said("console_start")),
            "switch": {each.suffix: f"?lang={each.suffix}" for each in Language},
        }
        answer = pages().page("message", of, shown, status=503)
        answer.headers.update(_HEADERS)
        return answer

    async def file(self, request: Request) -> Response:
        """A file of the script. It is never another one under the same name."""
        path = self._files.get(request.path_params["name"])
        if path is None or not path.exists():  # it was built anew meanwhile
            return problem(404, "The console has no such file.")
        headers = {"cache-control": _FOR_GOOD, "vary": "Accept-Encoding"}
        small = path.with_name(f"{path.name}.gz")
        if "gzip" in request.headers.get("accept-encoding", "") and small.exists():
            path, headers["content-encoding"] = small, "gzip"
        media = _TYPES[path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix]
        return FileResponse(path, headers=headers, media_type=media)


def _leads_back(site: Site) -> bool:
    """Whether people can be sent back; not to `http://localhost`, as RFC 8252 has it."""
    try:
        redirects.check(console.back(site))
    except ValueError:
        return False
    return True


def _entry(built: Path) -> dict[str, Any] | None:
    manifest = built / "manifest.json"
    if not manifest.exists():
        return None
    return json.loads(manifest.read_text("utf-8"))["main.jsx"]


def _told_of(example: Example, of: Language) -> dict[str, str]:
    return {"name": example.name, "title": example.title(of), "query": example.text(of)}


def _in_html(value: Any) -> str:
    """JSON that no sign ends the element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
