"""How much each client and each address may ask in a minute, in points.

Points are counted here and told to the database in the background, which answers what the others
have counted: a request never waits for that, unless it costs much itself. Where the database is
slow or away, each process counts for itself. A minute begins at another second for each account, so
that not all begin anew at once.
"""

import asyncio
import hashlib
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.settings import Settings
from api.store import Store
from auth.principal import Quota
from auth.throttle import address
from resolvers.read import Ready
from schema.errors import RateLimited

REQUEST = 50
"""What a request costs at least: reading it, the way to PostgreSQL and back."""
DOCUMENT = 500
"""What a document costs that was not asked lately: it is parsed and validated."""
PLAN = 500
"""What an operation costs whose statement is made and planned anew …"""
JOIN = 100
"""… and each table that this joins."""
LATE_SECONDS = 0.5
"""Who has spent all is answered late: a flood that is refused must not become a faster one."""
TOKEN = 500
"""What a token costs that opens nothing."""

_MINUTE = 60
_SECONDS = 0.5
_RETRY_SECONDS = 2.0
_REST_SECONDS = 0.01
_PATIENCE_SECONDS = 0.2
_MOST = 50_000
_log = logging.getLogger("vinculo.quotas")
_REPORT = text("""
    INSERT INTO spending (key, minute, points)
    SELECT key, minute, points
    FROM unnest(CAST(:keys AS bytea[]), CAST(:minutes AS int[]), CAST(:points AS bigint[]))
        AS each (key, minute, points)
    ORDER BY key, minute
    ON CONFLICT (key, minute) DO UPDATE SET points = spending.points + excluded.points
    RETURNING key, minute, points
""")
_FORGET = text("DELETE FROM spending WHERE minute < :minute")


class Account:
    """What one client or address has spent in its minute."""

    __slots__ = (
        "_lines",
        "_lines_until",
        "_little",
        "_much",
        "_name",
        "_offset",
        "_quotas",
        "_said",
        "ends",
        "key",
        "kind",
        "limit",
        "minute",
        "policy",
        "spent",
        "turns",
        "untold",
    )

    def __init__(self, quotas: "Quotas", kind: str, key: bytes, limit: int) -> None:
        self._quotas = quotas
        self.kind, self.key, self.limit = kind, key, limit
        policy = b'"%b";q=%d;qu="points";w=60' % (kind.encode(), limit)
        self.policy, self._name = (b"ratelimit-policy", policy), kind.encode()
        self._offset = key[0] * _MINUTE / 256
        self._much, self._little = limit // 100, limit // 1_000
        self.minute = self.spent = self.untold = 0
        self._lines: tuple[tuple[bytes, bytes], ...] = ()
        self._said, self._lines_until = 0, 0.0
        self.turns = asyncio.Semaphore(quotas.at_once)
        """So many of its requests are worked on at once: the rest wait, and not those of others."""
        self.ends = 0.0
        """When its minute is over, in seconds since 1970."""

    def _turn(self, now: float) -> None:
        self.minute = int((now + self._offset) // _MINUTE)
        self.ends = (self.minute + 1) * _MINUTE - self._offset
        self.spent = self.untold = 0

    def enter(self) -> None:
        """Count a request, or refuse it.

        Raises:
            RateLimited: there are not enough points left for one.
        """
        now = time.time()
        if now >= self.ends:
            self._turn(now)
        elif self.spent + REQUEST > self.limit:
            self.check(REQUEST)
        self._count(REQUEST)

    def spend(self, points: int) -> None:
        """Count points for what was done already, whether there are any left or not."""
        now = time.time()
        if now >= self.ends:
            self._turn(now)
        self._count(points)

    def _count(self, points: int) -> None:
        untold = self.untold + points
        if not self.untold or untold > self._much:  # else it is among those to be told
            self._quotas.tell(self, at_once=not self.spent or untold > self._much)
        self.spent += points
        self.untold = untold

    def check(self, points: int = 0, back: int = 0) -> None:
        """Refuse what is more than is left.

        Args:
            back: points that were spent on this request and are given back where it is refused.

        Raises:
            RateLimited: saying when there is more.
        """
        now = time.time()
        if now < self.ends and self.spent + points > self.limit:
            if back:
                self._count(-back)
            raise RateLimited(self._refusal(points), self.seconds(now), self.headers())

    async def take(self, points: int, back: int = 0) -> None:
        """Spend points on what is to be done.

        Args:
            back: as `check`.

        Raises:
            RateLimited: there are not so many left.
        """
        if points <= 0:
            return
        self.check(points, back)
        self.spend(points)
        if points > self._much:
            await self._quotas.told()
            if self.spent > self.limit:  # others were faster
                self.spend(-points - back)
                raise RateLimited(self._refusal(points), self.seconds(time.time()), self.headers())

    async def pay(self, ready: Ready) -> None:
        """Spend what reading a page of a named document costs.

        Raises:
            RateLimited: there are not so many points left.
        """
        await self.take(ready.points)
        if ready.new:
            self.spend(PLAN + JOIN * ready.plan.joins)

    def seconds(self, now: float) -> int:
        """How long its minute still takes."""
        return max(1, int(self.ends - now) + 1)

    @property
    def remaining(self) -> int:
        """What is left in this minute."""
        return max(0, self.limit - self.spent)

    def quota(self) -> Quota:
        """What its bearer is told."""
        return Quota(self.limit, self.remaining, datetime.fromtimestamp(round(self.ends), UTC))

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """What every answer says (draft-ietf-httpapi-ratelimit-headers-10).

        Written anew each second, and where more than a thousandth was spent meanwhile.
        """
        now = time.time()
        if now > self._lines_until or abs(self.spent - self._said) > self._little:
            seconds = int(self.ends - now)
            line = b'"%b";r=%d;t=%d' % (self._name, self.remaining, seconds + 1)
            self._lines = (self.policy, (b"ratelimit", line))
            self._said, self._lines_until = self.spent, self.ends - seconds
        return self._lines

    def _refusal(self, points: int) -> str:
        whose = "This application" if self.kind == "client" else "This address"
        costs = f" and this request costs {points:,}" if points else ""
        hint = "" if self.kind == "client" else " An application with a token has more of its own."
        seconds = self.seconds(time.time())
        return (
            f"{whose} may spend {self.limit:,} points a minute; {self.remaining:,} are left{costs}."
            f" Send it again in {seconds} seconds, ask for less at once or less often.{hint}"
        )


class Quotas:
    """The accounts of one process, and the task that tells the database what they spend."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self.at_once = max(1, settings.pool_size // 2)
        self._clients, self._addresses = settings.client_points, settings.address_points
        self._secret = hashlib.sha256((settings.pepper or "").encode()).digest()
        self._accounts: dict[tuple[str, object], Account] = {}
        self._untold: set[Account] = set()
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._tidied = 0

    def of_client(self, client: UUID) -> Account:
        """The account of an application."""
        found = self._accounts.get(("client", client))
        return found or self._open("client", client, str(client), self._clients)

    def of_address(self, host: str, kind: str = "address") -> Account:
        """The account of an address; of IPv6, of what a household has."""
        found = self._accounts.get((kind, host))
        return found or self._open(kind, host, address(host), self._addresses)

    def _open(self, kind: str, name: object, of: str, limit: int) -> Account:
        key = hashlib.blake2b(f"{kind} {of}".encode(), key=self._secret, digest_size=16).digest()
        if len(self._accounts) >= _MOST:
            self._close_old()
        # Addresses of one household share an account.
        account = self._accounts.get((kind, key)) or Account(self, kind, key, limit)
        self._accounts[kind, key] = self._accounts[kind, name] = account
        return account

    def _close_old(self) -> None:
        """Make room: first what is over, else all that is not spent to the end."""
        now = time.time()
        kept = {n: a for n, a in self._accounts.items() if a.ends > now}
        if len(kept) > _MOST // 2:
            kept = {n: a for n, a in kept.items() if not a.remaining}
        self._accounts = kept if len(kept) <= _MOST // 2 else {}

    def tell(self, account: Account, at_once: bool) -> None:
        """Have the database told what was spent: soon, or at once."""
        self._untold.add(account)
        if at_once:
            self._wake.set()
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def told(self) -> None:
        """Return once the database knows, or does not answer in time."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await done

    async def _tell(self) -> None:
        while self._untold or self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            accounts, self._untold = self._untold, set()
            waiting, self._waiting = self._waiting, []
            try:
                await self._report([a for a in accounts if a.untold])
            except Exception as error:  # whatever it is: we count for ourselves, and go on trying
                _log.warning("What was spent could not be told: %s", type(error).__name__)
                self._untold |= accounts
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                for done in waiting:
                    if not done.done():
                        done.set_result(None)
            await asyncio.sleep(_REST_SECONDS)
        self._telling = None

    async def _report(self, accounts: list[Account]) -> None:
        sent = {(a.key, a.minute): (a, a.untold) for a in accounts}
        for account, _ in sent.values():
            account.untold = 0
        values = {
            "keys": [key for key, _ in sent],
            "minutes": [minute for _, minute in sent],
            "points": [points for _, points in sent.values()],
        }
        try:
            rows = await self._run(values)
        except BaseException:
            for (_, minute), (account, points) in sent.items():
                if account.minute == minute:
                    account.untold += points
            raise
        for key, minute, points in rows:
            account, _ = sent[bytes(key), minute]
            if account.minute == minute:
                account.spent = points + account.untold

    async def _run(self, values: dict[str, Any]) -> list[Any]:
        minute, found = int(time.time() // _MINUTE), list[Any]()
        async with self._store.transaction() as session:
            if values["keys"]:
                found = [tuple(row) for row in await session.execute(_REPORT, values)]
            if minute > self._tidied:
                await session.execute(_FORGET, {"minute": minute - 1})
                self._tidied = minute
        return found

    def close(self) -> None:
        """Stop telling."""
        if self._telling:
            self._telling.cancel()
