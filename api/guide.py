"""`/docs`: what partners read in `docs/`, as pages in both languages.

The Markdown of the repository is the only source. Its links to other pages, to the schema and to
the examples become addresses here; where it says where the server of a developer is, a page says
where this one is, so that its examples can be pasted.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.caching import is_known, public, tag_of
from api.negotiation import language as preferred
from api.settings import Settings
from api.templates import environment, style, words
from schema.language import Language

_HERE = Path(__file__).parent
DOCS = next(
    place for place in (_HERE / "docs", _HERE.parent / "docs") if (place / "guide.md").exists()
)
"""In a wheel beside this module, else in the checkout."""
PAGES = ("guide", "errors", "sync", "webhooks", "limits", "caching", "documents")
EXAMPLES = (
    "wordpress.html",
    "python/pyproject.toml",
    "python/requirements.txt",
    "python/members.graphql",
    "python/members.py",
    "python/webhook.py",
    "typescript/codegen.yml",
    "typescript/members.graphql",
    "typescript/members.ts",
    "typescript/package.json",
    "typescript/package-lock.json",
    "javascript/apollo.mjs",
    "javascript/urql.mjs",
    "javascript/relay.mjs",
)
"""Files to copy, shown as text."""
LOCAL = "http://127.0.0.1:8000"
"""Where the Markdown says that the server is."""
_LANGUAGES = {each.suffix: each for each in Language}
_SECONDS = 300
_TWIN = re.compile(r"^\*\[\w+ \w+\]\(\S+\.md\)\*\n", re.MULTILINE)
"""The way to the other language, which every page here has in its head."""
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_LINK = re.compile(r"([a-z]+)(?:\.es)?\.md(#.+)?")


class Page(NamedTuple):
    """A page of the guide: the text of its first heading, and its body."""

    title: str
    body: Markup


class Guide:
    """The addresses under `/docs`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._css, source = style("landing.css", "document.css", "guide.css")
        self._policy = (
            f"default-src 'none'; style-src {source}; img-src data:; "
            "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        self._templates = environment()

    def routes(self) -> list[Route]:
        """Pages, and the ways to them."""
        return [
            Route("/docs", self.leading),
            Route("/docs/examples/{name:path}", self.example),
            Route("/docs/{name}", self.leading),
            Route("/docs/{language}/{name}", self.page),
        ]

    async def leading(self, request: Request) -> Response:
        """To a page in the reader's language; `/docs/es` has it in its name."""
        name = request.path_params.get("name", "guide")
        if name in _LANGUAGES:
            return RedirectResponse(f"/docs/{name}/guide", 302)
        if name not in PAGES:
            raise HTTPException(404)
        lines = request.headers.get("accept-language", "").encode("latin-1")
        headers = {"vary": "Accept-Language", "cache-control": public(_SECONDS)}
        return RedirectResponse(f"/docs/{preferred(lines).suffix}/{name}", 302, headers)

    async def page(self, request: Request) -> Response:
        """A page, which says where this server is."""
        language = _LANGUAGES.get(request.path_params["language"])
        name = request.path_params["name"]
        if language is None or name not in PAGES:
            raise HTTPException(404)
        origin = escape(self._origin(request))
        body = self._written(name, language).replace(LOCAL, origin).encode()
        headers = {
            "content-language": language.suffix,
            "content-security-policy": self._policy,
            "cache-control": public(_SECONDS),
            "etag": tag_of(body),
        }
        if is_known(headers["etag"], request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/html")

    async def example(self, request: Request) -> Response:
        """A file to copy, as text: nothing in it runs here. It says where this server is."""
        name = request.path_params["name"]
        if name not in EXAMPLES:
            raise HTTPException(404)
        headers = {"cache-control": public(_SECONDS)}
        body = (DOCS / "examples" / name).read_text("utf-8")
        body = body.replace(LOCAL, self._origin(request))
        return Response(body, headers=headers, media_type="text/plain")

    def _origin(self, request: Request) -> str:
        return self._settings.public_url or str(request.base_url).rstrip("/")

    def _written(self, name: str, language: Language) -> str:
        page = read(name, language)
        return self._templates.get_template("guide.html").render(
            t=words(language),
            lang=language.suffix,
            css=self._css,
            others={each.suffix: f"/docs/{each.suffix}/{name}" for each in Language},
            page=page,
            pages=[(each, read(each, language).title) for each in PAGES],
            current=name,
        )


def source(name: str, language: Language) -> Path:
    """Where a page is written."""
    ending = ".md" if language is Language.EN else f".{language.suffix}.md"
    return DOCS / f"{name}{ending}"


@cache
def read(name: str, language: Language) -> Page:
    """A page as HTML. Its source is trusted, and still none of it can be a tag."""
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = markdown.parse(_TWIN.sub("", source(name, language).read_text("utf-8"), count=1))
    title = ""
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            title = title or inline.content
            token.attrSet("id", anchor(inline.content))
        for each in token.children or []:
            if each.type == "link_open":
                each.attrSet("href", address(str(each.attrGet("href"))))
    return Page(title, Markup(markdown.renderer.render(tokens, markdown.options, {})))


class _Renderer(RendererHTML):
    """Code and tables can be scrolled, also by the keyboard."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """What is read; a number such as 500 000 stays on one line."""
        return _THOUSANDS.sub("\u202f", super().text(tokens, idx, options, env))

    def table_open(self, *_more: object) -> str:
        return '<div class="sheet" tabindex="0"><table>\n'

    def table_close(self, *_more: object) -> str:
        return "</table></div>\n"


def anchor(heading: str) -> str:
    """The fragment of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def address(link: str) -> str:
    """Where a link of the Markdown leads to here."""
    if found := _LINK.fullmatch(link):
        of = "es" if ".es.md" in link else "en"
        return f"/docs/{of}/{found[1]}{found[2] or ''}"
    if link == "schema.graphql":
        return "/schema.graphql"
    if link.startswith("examples/"):
        return f"/docs/{link}"
    return link
