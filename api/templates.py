"""Pages for people, in two languages: what they say is in `pages/*.toml`, how in `pages/*.html`.

No page has a script. The content security policy names the one style by its hash and lets nothing
else in; a name that a client gave itself is only ever text.
"""

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response

from schema.language import Language

_PAGES = Path(__file__).parent / "pages"
_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "vary": "Accept-Language, Cookie",
}


class Words:
    """What pages say in one language; `{name}` stands for a value."""

    def __init__(self, language: Language) -> None:
        path = _PAGES / f"{language.suffix}.toml"
        self.texts: dict[str, str] = tomllib.loads(path.read_text("utf-8"))

    def __call__(self, text: str, /, **values: object) -> Markup:
        """A text with its values, all of them escaped."""
        return escape(self.texts[text]).format(**values)

    def under(self, prefix: str) -> dict[str, str]:
        """The texts whose names begin so, by the rest of their names, for a page that escapes."""
        named = self.texts.items()
        return {name.removeprefix(prefix): each for name, each in named if name.startswith(prefix)}


@cache
def words(language: Language) -> Words:
    """What pages say in a language, read once."""
    return Words(language)


class Style(NamedTuple):
    """The one style of a page, and how a content security policy names it."""

    css: Markup
    source: str


def style(*names: str) -> Style:
    """Style sheets of ours as one."""
    css = "".join((_PAGES / name).read_text("utf-8") for name in names)
    return Style(Markup(css), source_of(css))  # our own files, not what anybody sent


def environment() -> Environment:
    """How all pages are filled in: whatever they are given is escaped, what they lack raises."""
    return Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """The pages of people with an account."""

    def __init__(self) -> None:
        self._style = style("landing.css", "people.css")
        self._templates = environment()

    def page(
        self,
        name: str,
        language: Language,
        values: Mapping[str, Any],
        *,
        status: int = 200,
        targets: tuple[str, ...] = (),
    ) -> Response:
        """A page.

        Args:
            values: what the template shows.
            targets: where its forms may lead beside to us, as CSP names sources.
        """
        body = self._templates.get_template(f"{name}.html").render(
            t=words(language), lang=language.suffix, css=self._style.css, **values
        )
        headers = {
            **_HEADERS,
            "content-language": language.suffix,
            "content-security-policy": self._policy(targets),
        }
        return Response(body, status, headers, "text/html")

    def _policy(self, targets: tuple[str, ...]) -> str:
        return "; ".join(
            (
                "default-src 'none'",
                f"style-src {self._style.source}",
                "img-src data:",
                " ".join(("form-action 'self'", *targets)),
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        )


@cache
def pages() -> Pages:
    """The pages, read once."""
    return Pages()


def source_of(text: str) -> str:
    """A style or a script within a page, as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
