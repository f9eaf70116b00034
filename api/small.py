"""What browsers and crawlers ask for by themselves, and the page for who took a wrong way."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.caching import public
from api.negotiation import chosen
from api.templates import pages, words
from schema.language import Language

_SECONDS = 86_400
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#157a6e"'
    ' stroke-width="4"><circle cx="12" cy="16" r="8"/><circle cx="20" cy="16" r="8"/></svg>\n'
)
"""Two rings in one another, as our pages have them."""
_ROBOTS = """\
User-agent: *
Disallow: /account
Disallow: /graphql
Disallow: /login
Disallow: /oauth
"""


def routes() -> list[Route]:
    """The addresses that nobody links to."""
    return [
        Route("/favicon.ico", _answering(_ICON, "image/svg+xml")),
        Route("/robots.txt", _answering(_ROBOTS, "text/plain")),
    ]


def _answering(text: str, media: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return Response(text, headers={"cache-control": public(_SECONDS)}, media_type=media)

    return answer


def unknown(request: Request) -> Response:
    """The page of an address where there is nothing, in the reader's language."""
    language = chosen(
        request.query_params.get("lang"),
        request.cookies.get("lang"),
        languages=request.headers.get("accept-language", ""),
    )
    said = words(language)
    # Without a path: one that begins with two slashes would lead elsewhere.
    switch = {each.suffix: f"?lang={each.suffix}" for each in Language}
    answer = pages().page(
        "message",
        language,
        {
            "title": said("unknown_title"),
            "text": said("unknown_text"),
            "link": ("/", said("to_start")),
            "switch": switch,
        },
        status=404,
    )
    answer.headers["vary"] = "Accept, Accept-Language, Cookie"
    return answer
