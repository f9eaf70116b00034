"""`python -m bench.flood`: what one client's flood does to the median of another.

Both ask one server from addresses of their own, on this machine: one client asks small questions
one after another, first alone, then while a hundred connections ask as fast as they are answered.
For comparison, the same without limits.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from api import preparation
from api.postgres import embedded

SECONDS = float(os.environ.get("FLOOD_SECONDS", "10"))
CONNECTIONS = 100
SMALL = '{ actor(by: {slug: "oas"}) { name country { name } parent { name } } }'
FLOODS = {
    "dear reads": "{ actors(first: 100) { nodes { id memberships(first: 100) { nodes { id group"
    " { id members(first: 5) { nodes { id } } } } } } } }",
    "small reads": SMALL,
    "new documents": "{ a%d: actors(first: 9) { nodes { id name country { name } } } }",
}
UNLIMITED = {
    "VINCULO_ADDRESS_POINTS": "2000000000",
    "VINCULO_ADDRESS_CONNECTIONS": "1000",
}


def request(query: str) -> bytes:
    """A request."""
    body = json.dumps({"query": query}).encode()
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def ask(streams: Any, content: bytes) -> bytes:
    """The head of the answer, once all of it was read."""
    reader, writer = streams
    writer.write(content)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return head


async def median(port: int, seconds: float) -> float:
    """What one client waits, in milliseconds."""
    streams = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.1.1", 0))
    waited: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        head = await ask(streams, request(SMALL))
        assert head.startswith(b"HTTP/1.1 200 "), head
        waited.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    return 1000 * statistics.median(waited)


async def flood(port: int, query: str, count: list[int]) -> None:
    """One connection of the other client."""
    n = 0
    while True:
        try:
            streams = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=("127.0.2.1", 0), limit=1 << 24
            )
            while True:
                n += 1
                text = query % (id(streams) + n) if "%d" in query else query
                head = await ask(streams, request(text))
                count[head.startswith(b"HTTP/1.1 200 ")] += 1
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)


async def trial(port: int, query: str) -> str:
    """Alone, then under the flood."""
    await median(port, 1)
    alone = await median(port, SECONDS / 2)
    count = [0, 0]
    tasks = [asyncio.create_task(flood(port, query, count)) for _ in range(CONNECTIONS)]
    beside = await median(port, SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return (
        f"alone {alone:6.2f} ms, beside it {beside:7.2f} ms: × {beside / alone:5.2f}"
        f"  ({count[1]} answered, {count[0]} refused)"
    )


def serve(url: str, more: dict[str, str]) -> tuple[Any, int]:
    """A server with one worker."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"VINCULO_DATABASE_URL": url} | more
    command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout
    process.stdout.readline()
    return process, port


def main() -> None:
    """Each flood, with limits and without."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded(Path(os.environ.get("FLOOD_DATA", folder)), durable=False) as it,
    ):
        asyncio.run(preparation.prepare(it.url))
        for name, query in FLOODS.items():
            for how, more in (("limited", {}), ("unlimited", UNLIMITED)):
                process, port = serve(it.url, more)
                try:
                    print(f"{name:14} {how:10}", asyncio.run(trial(port, query)), flush=True)
                finally:
                    process.terminate()
                    process.wait(20)


if __name__ == "__main__":
    main()
