"""GraphQL over HTTP: `POST /graphql` and `GET /graphql`.

Written to the ASGI interface itself: what a request costs here beyond its SQL is a few dozen
microseconds, of which a framework's request and response would be the larger part. PostgreSQL
returns the answer as JSON text, and it leaves as it came.
"""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import orjson
from graphql import GraphQLSchema
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import quotas
from api.answers import Headers, Told, encoded, shared, unshared
from api.caching import NEVER
from api.callers import Callers
from api.database import Database
from api.deprecations import warned
from api.documents import Documents
from api.encoding import choice
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
from api.quotas import DOCUMENT, JOIN, PLAN, REQUEST, TOKEN, Account, Quotas
from api.settings import Settings
from api.store import Store
from auth.audit import NOT_WRITTEN, contacts_read
from auth.principal import ANONYMOUS, Principal
from auth.site import Site
from auth.tokens import InvalidToken
from resolvers.price import Bill
from resolvers.read import Operation
from resolvers.read.contacts import Reached
from resolvers.read.subgraph import quoted
from resolvers.write import Mutation
from resolvers.write.outside import Outside
from schema.errors import RateLimited, Timeout, Unavailable
from schema.language import Language

_ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
_PREFLIGHT = [
    _ALLOW,
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (
        b"access-control-allow-headers",
        b"Accept-Language, Authorization, Content-Type, GraphQL-Cost, If-None-Match, *",
    ),
    (b"access-control-max-age", b"86400"),
]
"""Any page may read: there are no cookies that could be used behind somebody's back.

Any header, too: clients tell their name in one, tracers the trace. `*` is all but `Authorization`.
"""
_REPORTS = (b"validate", b"report")
_UNASKED = (b"", *(b"lang=%b" % each.suffix.encode() for each in Language))
"""What follows the address where somebody opens the page."""
NO_PAGE = Response(status_code=303, headers={"location": "/", "vary": "Accept"})
_log = logging.getLogger("vinculo.graphql")


class GraphQL:
    """The endpoint, an ASGI application."""

    def __init__(
        self,
        schema: GraphQLSchema,
        database: Database,
        settings: Settings,
        site: Site | None,
        store: Store,
        accounts: Quotas,
        page: ASGIApp = NO_PAGE,
    ) -> None:
        self._page = page
        self._documents = Documents(schema, settings)
        self._database = database
        self._settings = settings
        self._callers = Callers(database, site)
        self._store, self._site, self._quotas = store, site, accounts
        self._postbox = Postbox(settings)
        self._clock = Clock()
        self._beside = ThreadPoolExecutor(1, "introspection")
        self._seconds = settings.statement_seconds + settings.pool_seconds + 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Nothing is raised: what was not foreseen is logged and answered."""
        headers = _by_name(scope["headers"])
        how, line = FALLBACK, headers.get(b"authorization")
        account: Account | None = None
        try:
            if scope["method"] == "OPTIONS":
                return await _send(send, 204, _PREFLIGHT, b"")
            if _is_person(scope, headers):
                return await self._page(scope, receive, send)
            how = reply(headers.get(b"accept", b""), headers.get(b"accept-language", b""))
            encoding = choice(headers.get(b"accept-encoding"), secret=line is not None)
            with Patience(self._clock, self._settings.body_seconds, _too_slow) as patience:
                report = _report(headers.get(b"graphql-cost"))
                asked = await self._parameters(scope, headers, receive)
                patience.begin(self._seconds, _too_late, receive)
                if line is None:
                    caller, account = ANONYMOUS, self._quotas.of_address(self._host(scope))
                else:
                    caller, account = await self._bearer(line, scope)
                account.enter()
                async with account.turns:
                    told = await self._told(asked, caller, how.language, scope, account, report)
                    if line is None and told.same and scope["method"] != "POST":
                        known = headers.get(b"if-none-match")
                        answer = shared(how, account, told, encoding, known)
                    else:
                        answer = unshared(how, account, told)
                    if encoding.coding:
                        answer = await encoded(answer, encoding)
        except ClientLeft:
            return None
        except RateLimited as error:
            await asyncio.sleep(quotas.LATE_SECONDS)
            return await self._refuse(send, how, error)
        except Exception as error:
            return await self._refuse(send, how, error, account)
        await _send(send, *answer)

    async def _bearer(self, line: bytes, scope: Scope) -> tuple[Principal, Account]:
        """Who comes with a token, and the account of the application that pays.

        Tokens that open nothing are counted for their address.
        """
        tried = self._quotas.of_address(self._host(scope), "tokens")
        tried.check(TOKEN)
        try:
            caller = await self._callers.who(line)
        except InvalidToken:
            tried.spend(TOKEN)
            raise
        assert caller.client
        return caller, self._quotas.of_client(caller.client)

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

    async def _told(
        self,
        asked: Parameters,
        caller: Principal,
        language: Language,
        scope: Scope,
        account: Account,
        report: bytes,
    ) -> Told:
        documents = self._documents
        query = asked.query
        if query is None:
            assert asked.hash
            query = documents.persisted(asked.hash)
        which = (query, asked.operation, scope["method"] != "POST")
        operation, back = documents.known(*which), 0
        if operation is None:
            account.check(DOCUMENT)
            account.spend(DOCUMENT)
            operation, back = await documents.learn(*which), DOCUMENT
        if asked.hash and asked.query is not None:
            documents.persist(asked.hash, query)
        if asked.variables:
            documents.check_variables(asked.variables)
        if report == b"validate":
            answer, same = b'{"data":null}', False
        else:
            answer, same = await self._run(operation, asked, caller, language, scope, account, back)
        if not report and not operation.deprecated:
            return Told(answer, same, ())
        more: list[bytes] = []
        if report in (b"validate", b"report"):
            more.append(self._cost(operation.bill(asked.variables, caller)))
        headers: Headers = ()
        if operation.deprecated:
            warning = warned(operation.deprecated)
            headers = warning.headers
            more.append(b'"deprecations":' + warning.json)
        if more:
            answer = b'%b,"extensions":{%b}}' % (answer[:-1], b",".join(more))
        return Told(answer, same and not report, headers)

    async def _run(
        self,
        operation: Operation,
        asked: Parameters,
        caller: Principal,
        language: Language,
        scope: Scope,
        account: Account,
        back: int,
    ) -> tuple[bytes, bool]:
        """The answer, and whether it is the same for everybody.

        Args:
            back: points that are given back where there are not enough for what it costs.
        """
        most = self._settings.max_cost
        if isinstance(operation, Mutation):
            bill = operation.bill(asked.variables, caller)
            bill.check(most)
            await account.take(bill.points - REQUEST, back)
            answer = await operation.run(
                asked.variables, caller, language, self._store.transaction, self._site,
                self._outside(scope),
            )  # fmt: skip
            return answer, False
        if operation.introspects:
            await self._introspect(operation, asked, caller, account, back)

        def afford(points: int) -> None:
            account.check(points - REQUEST, back)

        ready = operation.prepare(asked.variables, caller, language, most, afford)
        if ready.points > REQUEST:
            await account.take(ready.points - REQUEST, back)
        if ready.new:
            account.spend(PLAN + JOIN * ready.plan.joins)
            if ready.plan.shows_schema:
                await asyncio.get_running_loop().run_in_executor(self._beside, quoted)
        if ready.plan.shows_quota:
            caller = replace(caller, quota=account.quota())
        call = ready.call(caller)
        rows = await self._database.fetch(call.sql, call.args) if call.sql else ()
        if whose := call.contacts(rows):
            await self._write_down(caller, whose)
        return b'{"data":%b}' % call.data(rows), not ready.plan.shows_quota

    async def _introspect(
        self, operation: Operation, asked: Parameters, caller: Principal, account: Account,
        back: int,
    ) -> None:  # fmt: skip
        """Have what it asks of the schema in memory; beside the loop, and one at a time.

        Who leaves or waits too long before its turn is not worked for.
        """
        bill = operation.bill(asked.variables, caller)
        bill.check(self._settings.max_cost)
        questions = operation.questions(asked.variables)
        points = sum(self._documents.introspection(each) for each in questions)
        account.check(points + bill.points - REQUEST, back)
        await account.take(points, back)
        for each in questions:
            await asyncio.get_running_loop().run_in_executor(self._beside, each.answer)

    def _cost(self, bill: Bill) -> bytes:
        """What the operation costs, as an item of `extensions`."""
        path, points = bill.dearest
        dearest = {"path": path, "points": points}
        said = {"points": bill.points, "limit": self._settings.max_cost, "dearest": dearest}
        return b'"cost":' + orjson.dumps(said)

    async def _write_down(self, caller: Principal, whose: Reached) -> None:
        """Keep whose contacts are about to be shown to whom; else they are not shown."""
        try:
            await self._store.run(lambda session: contacts_read(session, caller, whose))
        except Exception as error:
            _log.error("It could not be written down who saw contacts", exc_info=error)
            raise Unavailable(NOT_WRITTEN) from error

    def _outside(self, scope: Scope) -> Outside:
        return Outside(self._host(scope), self._postbox.post)

    def _host(self, scope: Scope) -> str:
        proxies = self._settings.proxies
        if not proxies:
            return scope["client"][0] if scope.get("client") else ""
        lines = (v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for")
        return host_of(scope.get("client"), lines, proxies)

    async def _refuse(
        self, send: Send, how: Reply, error: Exception, account: Account | None = None
    ) -> None:
        answer = Answer(error, legacy=how.legacy)
        lines = [*how.headers, *answer.headers, *self._callers.challenge(error), NEVER]
        if account:
            lines += account.headers()
        await _send(send, answer.status, lines, answer.body)


def _by_name(lines: Headers) -> dict[bytes, bytes]:
    """Header lines by name; those of one name are joined, as RFC 9110 has it."""
    found = dict(lines)
    if len(found) < len(lines):
        joined: dict[bytes, list[bytes]] = {}
        for name, value in lines:
            joined.setdefault(name, []).append(value)
        found = {name: b", ".join(values) for name, values in joined.items()}
    return found


def _report(line: bytes | None) -> bytes:
    """What `GraphQL-Cost` asks for; who misspells it does not want the operation to run.

    Raises:
        BadRequest: it is none of what is known, or more than one.
    """
    if line is None:
        return b""
    values = {each.strip().lower() for each in line.split(b",")}
    if len(values) == 1 and (value := values.pop()) in _REPORTS:
        return value
    said = line[:60].decode("latin-1")
    raise BadRequest(
        f"`GraphQL-Cost: {said}` is not known, and nothing was run. `validate` tells what the "
        "operation costs without running it, `report` runs it and tells; leave the header out to "
        "run it."
    )


def _is_person(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether somebody opened the address in a browser without asking anything."""
    return (
        scope["query_string"] in _UNASKED
        and scope["method"] == "GET"
        and prefers_html(headers.get(b"accept", b""))
    )


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
    lines = [*headers, *length]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


def _too_slow() -> Exception:
    message = "The body did not arrive in time; send the request again."
    return BadRequest(message, 408, [(b"connection", b"close")])


def _too_late() -> Exception:
    return Timeout("The answer was not ready in time. Ask for less at once.")
