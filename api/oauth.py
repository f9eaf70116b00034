"""The addresses of the authorization server.

Which one is asked is read from the path alone; every address that goes out is built from the
configured public URL.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.consent import Consent
from api.errors import problem
from api.forms import BadForm, body_of, parameters
from api.negotiation import prefers_html
from api.settings import Settings
from api.store import Store
from auth import consent, keys, metadata
from auth.pepper import Pepper
from auth.server import Answer, Server
from auth.server import Request as Asked
from auth.site import LOOPBACK, Site
from schema.errors import Unavailable

_NEVER = {"cache-control": "no-store", "pragma": "no-cache"}
_ANYWHERE = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "WWW-Authenticate",
}
"""Applications in browsers ask from their own origins; no cookie is ever looked at here."""
_PREFLIGHT = {
    **_ANYWHERE,
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "86400",
}
Endpoint = Callable[[Server, Asked], Answer]


def site_of(settings: Settings) -> Site | None:
    """Where we are; nowhere for tokens, as long as there is no key for their secrets."""
    if settings.pepper is None:
        return None
    at = settings.public_url or f"http://{settings.host}:{settings.port}"
    inside = settings.private_webhooks or urlsplit(at).hostname in LOOPBACK
    return Site(at, Pepper(settings.pepper), inside)


async def closed(_request: Request) -> Response:
    """The answer as long as there is no key for secrets."""
    raise Unavailable("No tokens are issued here: VINCULO_PEPPER is not set.")


class OAuth:
    """The endpoints of one installation."""

    def __init__(self, store: Store, site: Site, settings: Settings, page: Consent) -> None:
        self._store = store
        self._page = page
        self._site = site
        self._seconds = settings.body_seconds

    def routes(self) -> list[Route]:
        """What is where."""
        server = orjson.dumps(metadata.authorization_server(self._site))
        resource = orjson.dumps(metadata.protected_resource(self._site))
        return [
            Route("/oauth/authorize", self.authorize),
            _route("/oauth/token", self._endpoint(Server.token), "POST"),
            _route("/oauth/revoke", self._endpoint(Server.revoke), "POST"),
            _route("/oauth/introspect", self._endpoint(Server.introspect), "POST"),
            _route("/oauth/jwks", self.jwks, "GET"),
            _route("/.well-known/oauth-authorization-server", _document(server), "GET"),
            _route("/.well-known/oauth-protected-resource", _document(resource), "GET"),
            _route(metadata.RESOURCE_METADATA, _document(resource), "GET"),
        ]

    def _endpoint(self, answer: Endpoint) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                asked = Asked(await body_of(request, self._seconds), _authorization(request))
            except BadForm as error:
                return _refused(str(error))
            return _response(
                await self._store.run(lambda session: answer(Server(session, self._site), asked))
            )

        return endpoint

    async def authorize(self, request: Request) -> Response:
        """Where a user comes from a client: checked first, then shown to the user."""
        try:
            given = parameters(request.scope["query_string"])
        except BadForm as error:
            return self._unanswerable(request, str(error))
        asked = await self._store.run(lambda s: consent.validate(s, self._site, given))
        match asked:
            case consent.Unanswerable(why):
                return self._unanswerable(request, why)
            case consent.SentBack(location):
                return _redirect(location)
            case _:
                return await self._page.ask(request, given)

    def _unanswerable(self, request: Request, why: str) -> Response:
        if prefers_html(request.headers.get("accept", "").encode("latin-1")):
            return self._page.unanswerable(request, why)
        return problem(400, f"The application sent you here with a wrong request. {why}", _NEVER)

    async def jwks(self, _request: Request) -> Response:
        """The public keys of access tokens."""
        found = await self._store.run(lambda s: keys.key_set(s, self._site.pepper))
        seconds = round(keys.CACHE.total_seconds())
        headers = {**_ANYWHERE, "cache-control": f"public, max-age={seconds}"}
        return Response(orjson.dumps(found), headers=headers, media_type="application/json")


def _redirect(location: str) -> Response:
    return Response(status_code=303, headers={"location": location, **_NEVER})


def _route(path: str, endpoint: Callable[[Request], Any], method: str) -> Route:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        return await endpoint(request)

    return Route(path, answer, methods=[method, "OPTIONS"])


def _document(body: bytes) -> Callable[[Request], Any]:
    headers = {**_ANYWHERE, "cache-control": "public, max-age=300"}

    async def document(_request: Request) -> Response:
        return Response(body, headers=headers, media_type="application/json")

    return document


def _authorization(request: Request) -> str:
    lines = request.headers.getlist("authorization")
    if len(lines) > 1:
        raise BadForm("There is more than one Authorization header.")
    return lines[0] if lines else ""


def _response(answer: Answer) -> Response:
    given = {name.lower(): value for name, value in answer.headers.items()}
    given.pop("content-type", None)
    headers = {**_ANYWHERE, **given, **_NEVER}
    return Response(orjson.dumps(answer.body), answer.status, headers, "application/json")


def _refused(description: str) -> Response:
    body = {"error": "invalid_request", "error_description": description}
    return _response(Answer(400, body))
