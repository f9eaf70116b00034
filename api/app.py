"""The application: addresses, and what every answer carries."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.apply import Apply
from api.consent import Consent
from api.console import Console
from api.database import Database
from api.errors import on_api_error, on_defect, on_http_error
from api.graphql import GraphQL
from api.guide import Guide
from api.health import Contract, Readiness, healthz
from api.landing import Landing
from api.named.endpoint import NamedDocuments
from api.negotiation import prefers_html
from api.oauth import OAuth, closed, site_of
from api.people import People
from api.quotas import Quotas
from api.settings import Settings
from api.small import routes as small
from api.small import unknown
from api.store import Store
from api.visit import Desk
from api.webhooks import Webhooks
from auth.site import Site
from resolvers.schema import schema
from schema.errors import ApiError

_CAREFUL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What browsers are told with every answer that does not say better itself."""


class Application(Starlette):
    """Starlette, with a shorter way to `/graphql`: its routing costs as much as reading a row."""

    graphql: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)

        async def open_send(message: Message) -> None:
            try:
                await send(message)
            except RuntimeError as error:  # uvloop's, where the next request was no HTTP
                if "closed=True" not in str(error):
                    raise

        if scope["path"] == "/graphql":
            return await self.graphql(scope, receive, open_send)
        answered: set[int] = set()

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.add(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in _CAREFUL.items():
                    headers.setdefault(name, value)
            await open_send(message)

        try:
            await super().__call__(scope, receive, careful)
        except Exception:
            if 500 not in answered:  # else it was logged with its answer, and is raised again
                raise


def _for_people(store: Store, site: Site, settings: Settings) -> list[Route]:
    """The authorization server, and the pages of those who use it."""
    desk = Desk(store, site, settings)
    consent = Consent(desk)
    return [
        *OAuth(store, site, settings, consent).routes(),
        *consent.routes(),
        *People(desk).routes(),
        *Apply(desk).routes(),
    ]


async def _lost(request: Request, error: Exception) -> Response:
    """A page for a person who comes to where there is nothing; a problem for everybody else."""
    accept = request.headers.get("accept", "").encode("latin-1")
    lost = isinstance(error, HTTPException) and error.status_code == 404
    if lost and request.method in ("GET", "HEAD") and prefers_html(accept):
        return unknown(request)
    return await on_http_error(request, error)


def create_app(settings: Settings) -> Starlette:
    """The API over the database that `settings.database_url` names."""
    database, store, site = Database(settings), Store(settings), site_of(settings)
    quotas = Quotas(store, settings)
    console = Console(site)
    webhooks = Webhooks(schema._schema, database, store, site) if site else None  # pyright: ignore[reportPrivateUsage]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        await database.open()
        gc.freeze()  # what stays for good need not be looked through again and again
        tasks = [asyncio.create_task(store.tidy())]
        if webhooks:
            tasks.append(asyncio.create_task(webhooks.run()))
        yield
        for task in tasks:
            task.cancel()
        if webhooks:
            webhooks.close()
        quotas.close()
        await database.close()
        await store.close()

    app = Application(
        routes=[
            Route("/", Landing().page),
            Route("/schema.graphql", Contract().text),
            *NamedDocuments(schema._schema, database, settings, quotas).routes(),  # pyright: ignore[reportPrivateUsage]
            *Guide(settings).routes(),
            *small(),
            Route("/healthz", healthz),
            Route("/readyz", Readiness(database).readyz),
            *console.routes(),
            *(
                _for_people(store, site, settings)
                if site
                else [Route("/oauth/{rest}", closed, methods=["GET", "POST"])]
            ),
        ],
        exception_handlers={
            HTTPException: _lost,
            ApiError: on_api_error,
            Exception: on_defect,
        },
        lifespan=lifespan,
    )
    # A slash too many is no reason to send anybody, with what they post, to where `Host` says.
    app.router.redirect_slashes = False
    page = request_response(console.page)
    app.graphql = GraphQL(schema._schema, database, settings, site, store, quotas, page)  # pyright: ignore[reportPrivateUsage]
    app.state.database, app.state.store, app.state.quotas = database, store, quotas
    return app
