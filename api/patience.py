"""How long a request is worked on: while its time lasts and somebody waits for the answer."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from starlette.types import Receive

from api.parameters import ClientLeft

_TICK_SECONDS = 0.05
_WATCHED_AFTER = 2


class Clock:
    """Tells all work that has not ended yet that time passes.

    One timer serves every request: a timer of its own would be a tenth of what a quick one costs.
    """

    def __init__(self) -> None:
        self._working: set[Patience] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, work: "Patience") -> None:
        """Tell this work."""
        self._working.add(work)
        if self._timer is None:
            self._start()

    def discard(self, work: "Patience") -> None:
        """This work has ended."""
        self._working.discard(work)

    def _start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        for work in tuple(self._working):
            work.tick()
        if self._working:
            self._start()


class Patience:
    """Cancels the work inside of it once time is up, or once the client has left.

    Args:
        late: makes what is raised when time is up.
    """

    def __init__(self, clock: Clock, seconds: float, late: Callable[[], Exception]) -> None:
        self._clock = clock
        self._watch: asyncio.Task[None] | None = None
        self._reason: Exception | None = None
        self.begin(seconds, late)

    def begin(
        self, seconds: float, late: Callable[[], Exception], receive: Receive | None = None
    ) -> None:
        """From now on there are so many seconds.

        Args:
            receive: of the request, where the client's leaving shall be noticed; after a tick or
                two, so that quick work does not pay for it.
        """
        self._ticks = 0
        self._seconds = seconds
        self._late = late
        self._receive = receive

    def __enter__(self) -> "Patience":
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._clock.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._clock.discard(self)
        if self._watch is not None:
            self._watch.cancel()
        if kind is asyncio.CancelledError and self._reason is not None:
            self._task.uncancel()
            raise self._reason from None

    def tick(self) -> None:
        """Some time has passed."""
        self._ticks += 1
        if self._ticks * _TICK_SECONDS > self._seconds + _TICK_SECONDS:
            self._end(self._late())
        elif self._ticks == _WATCHED_AFTER and self._receive is not None:
            self._watch = asyncio.create_task(self._until_left(self._receive))

    async def _until_left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end(ClientLeft())

    def _end(self, reason: Exception) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()
