"""A load of HTTP/1.1 requests over a few kept connections; light, since it shares the machine."""

import asyncio
import json
import time
from typing import Any

_START_SECONDS = 60


class Client:
    """Asks one server."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._connections = connections
        self._streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def open(self) -> None:
        """Wait for the server, then connect."""
        deadline = time.monotonic() + _START_SECONDS
        while len(self._streams) < self._connections:
            try:
                stream = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
                self._streams.append(stream)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)

    async def ask(self, body: bytes) -> Any:
        """One answer, parsed."""
        return json.loads(await self._send(*self._streams[0], self._request(body)))

    async def load(self, body: bytes, seconds: float) -> int:
        """How many requests were answered in that time, over new connections.

        Kept ones may have been closed by a server that waited for its turn.
        """
        for _, writer in self._streams:
            writer.close()
        self._streams.clear()
        await self.open()
        request, end = self._request(body), time.perf_counter() + seconds

        async def repeat(reader: Any, writer: Any) -> int:
            count = 0
            while time.perf_counter() < end:
                await self._send(reader, writer, request)
                count += 1
            return count

        return sum(await asyncio.gather(*(repeat(*s) for s in self._streams)))

    def _request(self, body: bytes) -> bytes:
        head = (
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _send(self, reader: Any, writer: Any, request: bytes) -> bytes:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length:" in head:
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            return await reader.readexactly(length)
        pieces: list[bytes] = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(pieces)
