"""Hand-written SQL behind as little as a server can be: read the body, look up, run, answer."""

import json
import os
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from bench.operations import OPERATIONS

STATEMENTS = {operation.ours: operation.sql for operation in OPERATIONS}
_free: list[Any] = []


async def _connect() -> Any:
    connection = await asyncpg.connect(os.environ["BENCH_DATABASE_URL"])
    await connection.execute("SET plan_cache_mode = force_generic_plan; SET jit = off")
    await connection.set_type_codec(
        "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
    )
    return connection, {q: await connection.prepare(sql) for q, sql in STATEMENTS.items()}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """POST {query, variables} → {data}."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    asked = json.loads(body)
    args = list((asked.get("variables") or {}).values())
    if len(args) == 1 and isinstance(args[0], list):
        args = args[0]
    lent = _free.pop() if _free else await _connect()
    try:
        row = await lent[1][asked["query"]].fetchrow(*args)
    finally:
        _free.append(lent)
    data = b'{"data":' + row[0] + b"}"
    headers = [
        (b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": data})
