"""How long an answer is worked on: while its time lasts and somebody waits for it."""

import asyncio
from types import TracebackType

from starlette.types import Receive

from api.parameters import ClientLeft
from schema.errors import Timeout

_UNWATCHED_SECONDS = 0.05


class Patience:
    """Cancels the work inside of it once the client has left, or after so many seconds.

    Quick work pays for one timer: the connection is watched only after a while.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._watch: asyncio.Task[None] | None = None
        self._reason: Exception | None = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_UNWATCHED_SECONDS, self._begin)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if kind is asyncio.CancelledError and self._reason is not None:
            self._task.uncancel()
            raise self._reason from None

    def _begin(self) -> None:
        self._watch = asyncio.create_task(self._until_over())

    async def _until_over(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
            self._reason = ClientLeft()
        except TimeoutError:
            self._reason = Timeout(
                f"The answer was not ready after {self._seconds:g} seconds. Ask for less at once."
            )
        self._task.cancel()
