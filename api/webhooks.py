"""Sends changes to webhooks: in order, again until they are taken, by one process at a time.

Each webhook has a place in the feed. What comes after it is read as its application would read it
now, kept as a message, and sent until somebody takes it; then the place moves on. Who sends takes a
lease of a minute: after a crash another process sends the same message again, under the same id.
"""

import asyncio
import logging
import random
import ssl
from collections import Counter
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
from auth.webhooks import caller, headers, is_public, view
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
AT_ONCE, OF_ONE_PARTY = 8, 2
"""How many webhooks a process looks after at the same time."""
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
        SELECT id FROM webhook WHERE next_at <= now() AND id IN (
            SELECT id FROM (
                SELECT id, party_id, row_number() OVER (PARTITION BY party_id ORDER BY next_at)
                    + (party_id = ANY (CAST(:one AS uuid[])))::int AS place
                FROM webhook
                WHERE next_at <= now() AND (test_asked OR paused_at IS NULL AND (
                    message IS NOT NULL OR sequence < (SELECT max(sequence) FROM change)
                    OR epoch <> (SELECT id FROM epoch)))
            ) due WHERE place <= :most AND party_id <> ALL (CAST(:none AS uuid[])))
        ORDER BY next_at LIMIT :count FOR UPDATE SKIP LOCKED)
    RETURNING id, party_id
""")
_NOW = text("SELECT (SELECT coalesce(max(sequence), 0) FROM change), id FROM epoch")
_NOTHING: dict[str, Any] = dict.fromkeys(("message", "message_id", "message_until", "message_view"))
_CHANCE = random.SystemRandom()  # the other is part of what tests repeat
_log = logging.getLogger("vinculo.webhooks")


class Webhooks:
    """The webhooks of an installation, as one process serves them."""

    def __init__(self, schema: GraphQLSchema, database: Database, store: Store, site: Site) -> None:
        self._database, self._store, self._site = database, store, site
        document = parse(_FEED % PAGE)
        self._feed = Operation(schema, document, document.definitions[0])  # type: ignore[arg-type]
        self._network = Network(private=site.private_webhooks)
        self._tasks: dict[asyncio.Task[None], UUID] = {}

    async def run(self) -> None:
        """Send what there is to send, for as long as the server runs.

        Who is slow holds a place of its own, and no more than two of a party's are looked after.
        """
        while True:
            try:
                await self._begin()
            except Exception as error:  # whatever it is, there is a next time
                _log.warning("Webhooks could not be looked for: %s", type(error).__name__)
            pause = LOOK_SECONDS * (0.5 + _CHANCE.random())
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(pause)

    def close(self) -> None:
        """Give up what is being sent; it will be sent again."""
        for task in self._tasks:
            task.cancel()

    async def _begin(self) -> None:
        """Take those that are due, as far as there are places."""
        held = Counter(self._tasks.values())
        given = {"lease": LEASE, "count": AT_ONCE - len(self._tasks)}
        if not given["count"]:
            return
        given |= {"one": [p for p, n in held.items() if n == 1], "most": OF_ONE_PARTY}
        given["none"] = [party for party, number in held.items() if number >= OF_ONE_PARTY]
        for number, party in await self._store.run(lambda session: _due(session, given)):
            task = asyncio.create_task(self._guarded(number))
            self._tasks[task] = party
            task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _guarded(self, number: UUID) -> None:
        try:
            await self._look_after(number)
        except Exception as error:  # the others are not to wait for it; its lease ends
            _log.warning("A webhook could not be looked after: %s", type(error).__name__)

    async def _look_after(self, number: UUID) -> None:
        row = await self._store.run(lambda session: session.get(WebhookRow, number))
        if row is None:
            return
        if row.test_asked:
            answer = await self._post(row, uuid4(), _message("test", {}))
            await self._set(
                row, row.message_id, test_asked=False, answer=answer, next_at=func.now()
            )
            return
        seeing = await caller(self._database.fetch, number)
        if seeing is None:
            return await self._pause(row, "ENDED")
        if row.message is not None and row.message_view != view(seeing):
            row.message = None  # it may tell what is not to be seen by now
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
                await self._set(row, row.message_id, sequence=until, next_at=func.now(), **_NOTHING)
                return False
            changes = [_told(each) for each in found["changes"]["nodes"]]
            message = _message("changes", {"changes": changes, "endCursor": place})
        before, row.message_id = row.message_id, uuid4()
        row.message, row.message_until, row.epoch = message, until, epoch
        return await self._set(
            row, before, message=message, message_id=row.message_id, message_until=until,
            message_view=view(seeing), epoch=epoch,
        )  # fmt: skip

    async def _post(self, row: WebhookRow, number: UUID, message: str) -> str:
        """Send a message; the status of the answer, or a word for why there is none."""
        body = message.encode()
        lines = headers(self._site, row, number, body)
        lines |= {"content-type": "application/json", "user-agent": _AGENT}
        return await self._network.post(row.url, list(lines.items()), body)

    async def _taken(self, row: WebhookRow, answer: str) -> None:
        await self._set(
            row, row.message_id, sequence=row.message_until, answer=answer, failures=0,
            failing_since=None, delivered_at=func.now(), next_at=func.now(), **_NOTHING,
        )  # fmt: skip

    async def _failed(self, row: WebhookRow, answer: str) -> None:
        now = datetime.now(UTC)
        since = row.failing_since or now
        wait = min(FIRST * 4 ** min(row.failures, 10), LONGEST) * _CHANCE.uniform(0.8, 1.2)
        kept = await self._set(
            row, row.message_id, answer=answer, failures=row.failures + 1, failing_since=since,
            next_at=now + wait,
        )  # fmt: skip
        if not kept:
            return
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

    async def _set(self, row: WebhookRow, waits: UUID | None, **values: Any) -> bool:
        """Keep what came of it, unless it leads elsewhere by now, or another message waits."""
        same = (
            (WebhookRow.id == row.id)
            & (WebhookRow.url == row.url)
            & WebhookRow.message_id.is_not_distinct_from(waits)
        )
        statement = update(WebhookRow).where(same).values(**values).returning(WebhookRow.id)
        return await self._store.run(lambda session: session.execute(statement).first() is not None)


def _due(session: Session, given: dict[str, Any]) -> list[Any]:
    return list(session.execute(_DUE, given))


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
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
            return "UNREACHABLE"  # a name that no resolver takes is a ValueError


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
