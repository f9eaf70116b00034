"""GraphQL over HTTP: `POST /graphql` and `GET /graphql`.

Written to the ASGI interface itself: what a request costs here beyond its SQL is a few dozen
microseconds, of which a framework's request and response would be the larger part. PostgreSQL
returns the answer as JSON text, and it leaves as it came.
"""

import logging
from collections.abc import Mapping, Sequence

from graphql import GraphQLSchema
from starlette.types import Receive, Scope, Send

from api.callers import PRIVATE, Callers
from api.database import Database
from api.documents import Documents
from api.errors import Answer, BadRequest
from api.mail import Postbox
from api.negotiation import FALLBACK, Reply, prefers_html, reply
from api.origin import host_of
from api.parameters import (
    ClientLeft,
    Parameters,
    check_content,
    from_body,
    from_query_string,
    read_body,
)
from api.patience import Clock, Patience
from api.settings import Settings
from api.store import Store
from auth.audit import NOT_WRITTEN, contacts_read
from auth.principal import ANONYMOUS, Principal
from auth.site import Site
from resolvers.read.contacts import Reached
from resolvers.write import Mutation
from resolvers.write.outside import Outside
from schema.errors import Timeout, Unavailable
from schema.language import Language

_ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
_PREFLIGHT = [
    _ALLOW,
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Accept-Language, Authorization, Content-Type"),
    (b"access-control-max-age", b"86400"),
]
"""Any page may read: there are no cookies that could be used behind somebody's back."""
_log = logging.getLogger("vinculo.graphql")
Headers = Sequence[tuple[bytes, bytes]]


class GraphQL:
    """The endpoint, an ASGI application."""

    def __init__(
        self,
        schema: GraphQLSchema,
        database: Database,
        settings: Settings,
        site: Site | None = None,
        store: Store | None = None,
    ) -> None:
        self._documents = Documents(schema, settings)
        self._database = database
        self._settings = settings
        self._callers = Callers(database, site)
        self._store, self._site = store, site
        self._postbox = Postbox(settings)
        self._clock = Clock()
        self._seconds = settings.statement_seconds + settings.pool_seconds + 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Nothing is raised: what was not foreseen is logged and answered."""
        headers = _by_name(scope["headers"])
        how, line = FALLBACK, headers.get(b"authorization")
        try:
            if scope["method"] == "OPTIONS":
                return await _send(send, 204, _PREFLIGHT, b"")
            if _is_person(scope, headers):
                return await _send(send, 303, [(b"location", b"/"), (b"vary", b"Accept")], b"")
            how = reply(headers.get(b"accept", b""), headers.get(b"accept-language", b""))
            with Patience(self._clock, self._settings.body_seconds, _too_slow) as patience:
                asked = await self._parameters(scope, headers, receive)
                patience.begin(self._seconds, _too_late, receive)
                caller = await self._callers.who(line) if line is not None else ANONYMOUS
                body = await self._body(asked, caller, how.language, scope)
        except ClientLeft:
            return None
        except Exception as error:
            return await self._refuse(send, how, error)
        lines = how.headers if line is None else [*how.headers, *PRIVATE]
        await _send(send, 200, lines, body)

    async def _parameters(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> Parameters:
        match scope["method"]:
            case "POST":
                check_content(headers)
                return from_body(await read_body(receive, self._settings.max_body_bytes))
            case "GET" | "HEAD":
                return from_query_string(scope["query_string"])
            case _:
                raise BadRequest("Only GET and POST ask questions here.", 405, [_ALLOW])

    async def _body(
        self, asked: Parameters, caller: Principal, language: Language, scope: Scope
    ) -> bytes:
        """The JSON text of the answer."""
        documents, which = (
            self._documents,
            (asked.query, asked.operation, scope["method"] != "POST"),
        )
        operation = documents.known(*which) or await documents.learn(*which)
        if asked.variables:
            documents.check_variables(asked.variables)
        if isinstance(operation, Mutation):
            assert self._store
            return await operation.run(
                asked.variables, caller, language, self._store.transaction, self._site,
                self._outside(scope),
            )  # fmt: skip
        call = operation.call(asked.variables, caller, language)
        rows = await self._database.fetch(call.sql, call.args) if call.sql else ()
        if whose := call.contacts(rows):
            await self._write_down(caller, whose)
        return b'{"data":%b}' % call.data(rows)

    async def _write_down(self, caller: Principal, whose: Reached) -> None:
        """Keep whose contacts are about to be shown to whom; else they are not shown."""
        assert self._store
        try:
            await self._store.run(lambda session: contacts_read(session, caller, whose))
        except Exception as error:
            _log.error("It could not be written down who saw contacts", exc_info=error)
            raise Unavailable(NOT_WRITTEN) from error

    def _outside(self, scope: Scope) -> Outside:
        lines = (v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for")
        host = host_of(scope.get("client"), lines, self._settings.proxies)
        return Outside(host, self._postbox.post)

    async def _refuse(self, send: Send, how: Reply, error: Exception) -> None:
        answer = Answer(error, legacy=how.legacy)
        lines = [*how.headers, *answer.headers, *self._callers.challenge(error)]
        await _send(send, answer.status, lines, answer.body)


def _by_name(lines: Headers) -> dict[bytes, bytes]:
    """Header lines by name; those of one name are joined, as RFC 9110 has it."""
    found = dict(lines)
    if len(found) < len(lines):
        for name in found:
            found[name] = b", ".join(value for other, value in lines if other == name)
    return found


def _is_person(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether somebody opened the address in a browser without asking anything."""
    return (
        not scope["query_string"]
        and scope["method"] == "GET"
        and prefers_html(headers.get(b"accept", b""))
    )


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]
    lines = [*headers, *length]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


def _too_slow() -> Exception:
    message = "The body did not arrive in time; send the request again."
    return BadRequest(message, 408, [(b"connection", b"close")])


def _too_late() -> Exception:
    return Timeout("The answer was not ready in time. Ask for less at once.")
