"""Sends changes to webhooks: in order, again until they are taken, by one process at a time.

Each webhook has a place in the feed. What comes after it is read as its application would read it
now, kept as a message, and sent until somebody takes it; then the place moves on. Who sends takes a
lease of a minute: after a crash another process sends the same message again, under the same id.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from socket import IPPROTO_TCP
from typing import Any
from uuid import UUID, uuid4

import httpcore
import orjson
from graphql import GraphQLSchema, parse
from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from api.database import Database
from api.store import Store
from auth import audit
from auth.principal import Principal
from auth.site import Site
from auth.tables import ClientRow, WebhookRow
from auth.webhooks import caller, headers, is_public
from resolvers.read import Operation
from resolvers.read import cursor as cursors
from schema.language import Language
from schema.scalars import SEQUENCE, scalar_of

LOOK_SECONDS = 1.0
"""How long a change waits at most until somebody looks for it."""
ANSWER_SECONDS = 10.0
LEASE = timedelta(minutes=1)
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=6)
"""How long after the first failure it is sent again, and how long after many; four times as long
after each."""
PATIENCE = timedelta(days=3)
AT_ONCE = 8
PAGE = 100
"""How many changes a message holds."""
_AGENT = "Vinculo-Webhooks"
_GONE = 410
_MARK = cursors.fingerprint(["changes"])
_KEYS = [SEQUENCE, scalar_of(UUID)]
_FEED = """
query ($after: String, $types: [Noun!], $own: Boolean!) {
  changes(first: %d, after: $after, types: $types, excludeOwn: $own) {
    nodes {
      id at verb noun recordId part client
      mergedInto { id } party { id } onBehalfOf { id }
      fields { name }
    }
    pageInfo { endCursor }
  }
}
"""
_DUE = text("""
    UPDATE webhook SET next_at = now() + :lease WHERE id IN (
        SELECT id FROM webhook
        WHERE next_at <= now() AND (test_asked OR paused_at IS NULL AND (message IS NOT NULL
            OR sequence < (SELECT max(sequence) FROM change)
            OR epoch <> (SELECT id FROM epoch)))
        ORDER BY next_at LIMIT :count FOR UPDATE SKIP LOCKED)
    RETURNING id
""")
_NOW = text("SELECT (SELECT coalesce(max(sequence), 0) FROM change), id FROM epoch")
_CHANCE = random.SystemRandom()  # the other is part of what tests repeat
_log = logging.getLogger("vinculo.webhooks")


class Webhooks:
    """The webhooks of an installation, as one process serves them."""

    def __init__(self, schema: GraphQLSchema, database: Database, store: Store, site: Site) -> None:
        self._database, self._store, self._site = database, store, site
        document = parse(_FEED % PAGE)
        self._feed = Operation(schema, document, document.definitions[0])  # type: ignore[arg-type]
        self._network = Network(private=site.private_webhooks)

    async def run(self) -> None:
        """Send what there is to send, for as long as the server runs."""
        while True:
            try:
                while await self.once():
                    pass
            except Exception as error:  # whatever it is, there is a next time
                _log.warning("Webhooks could not be looked after: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS * (0.5 + _CHANCE.random()))

    async def once(self) -> bool:
        """Look after some webhooks that are due; whether there were any."""
        due = await self._store.run(_due)
        async with asyncio.TaskGroup() as group:
            for number in due:
                group.create_task(self._look_after(number))
        return bool(due)

    async def _look_after(self, number: UUID) -> None:
        row = await self._store.run(lambda session: session.get(WebhookRow, number))
        if row is None:
            return
        if row.test_asked:
            answer = await self._post(row, uuid4(), _message("test", {}))
            await self._set(row, test_asked=False, answer=answer, next_at=func.now())
            return
        seeing = await caller(self._database.fetch, number)
        if seeing is None:
            return await self._pause(row, "ENDED")
        if row.message is None and not await self._compose(row, seeing):
            return
        assert row.message
        assert row.message_id
        answer = await self._post(row, row.message_id, row.message)
        if answer.startswith("2"):
            await self._taken(row, answer)
        else:
            await self._failed(row, answer)

    async def _compose(self, row: WebhookRow, seeing: Principal) -> bool:
        """Make the next message, if there is anything to tell; else move on at once."""
        latest, epoch = await self._store.run(lambda session: session.execute(_NOW).one())
        if epoch != row.epoch:
            place = cursors.encode([latest, epoch], _MARK)
            message, until = _message("restored", {"endCursor": place}), latest
        else:
            after = cursors.encode([row.sequence, row.epoch], _MARK)
            given: dict[str, Any] = {"after": after, "own": row.exclude_own}
            if row.types is not None:
                given["types"] = [each.upper() for each in row.types]
            call = self._feed.call(given, seeing, Language.ES)
            assert call.sql
            found = orjson.loads(call.data(await self._database.fetch(call.sql, call.args)))
            place = found["changes"]["pageInfo"]["endCursor"]
            until = int(cursors.decode(place, _KEYS, _MARK)[0])
            if not found["changes"]["nodes"]:
                await self._set(row, sequence=until, next_at=func.now())
                return False
            changes = [_told(each) for each in found["changes"]["nodes"]]
            message = _message("changes", {"changes": changes, "endCursor": place})
        row.message, row.message_id, row.message_until, row.epoch = message, uuid4(), until, epoch
        await self._set(
            row, message=message, message_id=row.message_id, message_until=until, epoch=epoch
        )
        return True

    async def _post(self, row: WebhookRow, number: UUID, message: str) -> str:
        """Send a message; the status of the answer, or a word for why there is none."""
        body = message.encode()
        lines = headers(self._site, row, number, body)
        lines |= {"content-type": "application/json", "user-agent": _AGENT}
        return await self._network.post(row.url, list(lines.items()), body)

    async def _taken(self, row: WebhookRow, answer: str) -> None:
        await self._set(
            row, sequence=row.message_until, message=None, message_id=None, message_until=None,
            answer=answer, delivered_at=func.now(), failures=0, failing_since=None,
            next_at=func.now(),
        )  # fmt: skip

    async def _failed(self, row: WebhookRow, answer: str) -> None:
        now = datetime.now(UTC)
        since = row.failing_since or now
        wait = min(FIRST * 4 ** min(row.failures, 10), LONGEST) * _CHANCE.uniform(0.8, 1.2)
        await self._set(
            row, answer=answer, failures=row.failures + 1, failing_since=since, next_at=now + wait
        )
        if answer == str(_GONE):
            await self._pause(row, "GONE")
        elif now - since > PATIENCE:
            await self._pause(row, "FAILING")

    async def _pause(self, row: WebhookRow, why: str) -> None:
        """Send nothing more until its application asks for it; what waits is kept."""

        def do(session: Session) -> None:
            paused = (
                update(WebhookRow)
                .where(WebhookRow.id == row.id, WebhookRow.paused_at.is_(None))
                .values(paused_at=func.now(), paused_why=why)
                .returning(WebhookRow.id)
            )
            if session.execute(paused).first():
                client = session.get(ClientRow, row.client_id)
                detail: dict[str, Any] = {"party": row.party_id, "webhook": str(row.id), "why": why}
                audit.record(session, audit.Event.WEBHOOK_PAUSED, client=client, **detail)

        await self._store.run(do)

    async def _set(self, row: WebhookRow, **values: Any) -> None:
        statement = update(WebhookRow).where(WebhookRow.id == row.id).values(**values)
        await self._store.run(lambda session: session.execute(statement) and None)


def _due(session: Session) -> list[UUID]:
    return list(session.scalars(_DUE, {"lease": LEASE, "count": AT_ONCE}))


def _message(kind: str, data: dict[str, Any]) -> str:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return orjson.dumps({"type": kind, "timestamp": at, "data": data}).decode()


def _told(change: dict[str, Any]) -> dict[str, Any]:
    """A change as a message has it: links by their ids, fields by their names, values never."""
    linked = ("mergedInto", "party", "onBehalfOf")
    ids = {f"{name}Id": change[name] and change[name]["id"] for name in linked}
    names = [each["name"] for each in change["fields"]]
    return {k: v for k, v in change.items() if k not in linked} | ids | {"fields": names}


class Network:
    """Posts to addresses that partners choose, and never into networks of ours."""

    def __init__(self, *, private: bool) -> None:
        self._backend = _Guarded(private)
        self._tls = httpcore.default_ssl_context()

    async def post(self, url: str, lines: list[tuple[str, str]], body: bytes) -> str:
        """The status of the answer, whose body is not read; or why there is none."""
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                httpcore.AsyncConnectionPool(
                    ssl_context=self._tls, network_backend=self._backend
                ) as pool,
                pool.stream("POST", url, headers=lines, content=body) as answer,
            ):
                return str(answer.status)
        except _Private:
            return "PRIVATE_ADDRESS"
        except (TimeoutError, httpcore.TimeoutException):
            return "TIMEOUT"
        except (httpcore.ConnectError, ssl.SSLError) as error:
            return "TLS" if "SSL" in str(error) or "CERTIFICATE" in str(error) else "UNREACHABLE"
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            return "UNREACHABLE"


class _Private(Exception):
    pass


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to what a name stands for now, once that was looked at: a name may change."""

    def __init__(self, private: bool) -> None:
        self._inner: Any = httpcore.AnyIOBackend()
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """As it is declared.

        Raises:
            _Private: one of the addresses is not of the open internet.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, proto=IPPROTO_TCP)
        addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if not self._private and not all(is_public(ip_address(each)) for each in addresses):
            raise _Private
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """As it is declared."""
        await asyncio.sleep(seconds)
