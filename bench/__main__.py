"""`make bench`: each operation against each contender in turn, many short rounds, medians.

Ratios are taken within a round, since the machine's speed drifts between rounds. CPU time of the
server and of PostgreSQL comes from the kernel; it is the sturdier measure on a shared machine.
"""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from api import preparation
from api.postgres import embedded
from bench.data import fill
from bench.load import Client
from bench.operations import DEEP, DEPTH, OPERATIONS, Operation

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.7"))
WARM = float(os.environ.get("BENCH_WARM", "3"))
CONNECTIONS = 4
OURS, HAND, PEER = "Vínculo", "hand-written SQL", "PostGraphile"
PORTS = {OURS: 18081, HAND: 18082, PEER: 18083}


def commands(url: str, runtime: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """How each contender is started: one worker."""
    python, node = sys.executable, str(Path(sys.executable).parent / "node")
    uvicorn = ["-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--loop", "uvloop"]
    peer = [node, str(HERE / "postgraphile.mjs"), str(runtime), "vinculo", str(PORTS[PEER])]
    return {
        OURS: (
            [python, "-m", "api", "serve", "--port", str(PORTS[OURS])],
            {"VINCULO_DATABASE_URL": url},
        ),
        HAND: (
            [python, *uvicorn, "--port", str(PORTS[HAND]), "bench.handwritten:app"],
            {"BENCH_DATABASE_URL": url},
        ),
        PEER: (peer, {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}),
    }


def start(command: list[str], environment: dict[str, str], cores: set[int]) -> Any:
    """A contender on its core, in a process group of its own, so that all of it can be ended."""
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.sched_setaffinity(process.pid, cores)
    return process


def body(name: str, operation: Operation, cursors: dict[str, Any]) -> bytes:
    """What a contender is sent."""
    variables = dict(operation.variables)
    if operation is DEEP:
        variables = {"c": cursors[name]}
    query = operation.theirs if name == PEER else operation.ours
    return json.dumps({"query": query, "variables": variables}).encode()


async def cursors_of(clients: dict[str, Client]) -> dict[str, Any]:
    """The cursor of the row before the deep page, in each contender's form."""
    ours, left, cursor = clients[OURS], DEPTH, None
    query = (
        "query($n: Int!, $c: String) { documents(first: $n, after: $c) { pageInfo { endCursor } } }"
    )
    while left:
        variables = {"n": 100, "c": cursor}
        page = (await ours.ask(json.dumps({"query": query, "variables": variables}).encode()))[
            "data"
        ]
        cursor = page["documents"]["pageInfo"]["endCursor"]
        left -= 100
    assert cursor
    import base64

    keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[12:])
    query = (
        f"{{ allDocuments(first: 1, offset: {DEPTH - 1}, orderBy: [TITLE_ES_SORT_ASC, ROW_ID_ASC]) "
        "{ pageInfo { endCursor } } }"
    )
    answer = await clients[PEER].ask(json.dumps({"query": query}).encode())
    page = answer["data"]["allDocuments"]
    return {OURS: cursor, HAND: keys, PEER: page["pageInfo"]["endCursor"]}


async def compare(clients: dict[str, Client], cursors: dict[str, Any]) -> None:
    """Refuse to measure contenders whose answers differ."""
    for operation in OPERATIONS:
        answers = {n: await c.ask(body(n, operation, cursors)) for n, c in clients.items()}
        for name, answer in answers.items():
            assert "errors" not in answer, (operation.name, name, answer["errors"])
        ours = operation.from_ours(answers[OURS]["data"])
        assert operation.from_ours(answers[HAND]["data"]) == ours, operation.name
        assert operation.from_theirs(answers[PEER]["data"]) == ours, operation.name


def cpu(process: psutil.Process) -> float:
    """CPU seconds of a process and its living children."""
    found = [process, *process.children(recursive=True)]
    return sum(t.user + t.system for t in (p.cpu_times() for p in found))


async def measure(clients: dict[str, Client], cursors: Any, processes: Any, database: Any) -> Any:
    """Requests per second and CPU ms per request: operation → contender → a pair a round."""
    found: Any = defaultdict(lambda: defaultdict(list))
    for operation in OPERATIONS:
        for name, client in clients.items():
            await client.load(body(name, operation, cursors), WARM)
        for _ in range(ROUNDS):
            for name, client in clients.items():
                before, data = cpu(processes[name]), cpu(database)
                began = time.perf_counter()
                count = await client.load(body(name, operation, cursors), SECONDS)
                took = time.perf_counter() - began
                each = 1000 / count
                found[operation.name][name].append(
                    (
                        count / took,
                        (cpu(processes[name]) - before) * each,
                        (cpu(database) - data) * each,
                    )
                )
    return found


def report(found: Any) -> None:
    """The table."""
    print(
        f"\n{'':28}{'requests/s':>12}{'server ms':>11}{'database ms':>13}"
        f"{'× PostGraphile':>16}{'× by hand':>11}"
    )
    for operation, contenders in found.items():
        print(operation)
        for name, rounds in contenders.items():
            rate, server, database = (statistics.median(r[i] for r in rounds) for i in range(3))
            ratios = [
                statistics.median(
                    a[0] / b[0] for a, b in zip(rounds, contenders[other], strict=True)
                )
                for other in (PEER, HAND)
            ]
            print(
                f"  {name:26}{rate:12.0f}{server:11.2f}{database:13.2f}"
                f"{ratios[0]:16.2f}{ratios[1]:11.2f}"
            )


async def run(url: str, runtime: Path, postmaster: int) -> None:
    """Start the contenders, compare, measure."""
    cores = sorted(os.sched_getaffinity(0))
    server, other = {cores[0]}, {cores[-1]}
    os.sched_setaffinity(0, other)
    database = psutil.Process(postmaster)
    os.sched_setaffinity(postmaster, other)
    started = {n: start(*c, server) for n, c in commands(url, runtime).items()}
    try:
        clients = {n: Client(PORTS[n], CONNECTIONS) for n in started}
        for client in clients.values():
            await client.open()
        cursors = await cursors_of(clients)
        await compare(clients, cursors)
        print("The answers are equal; measuring …", flush=True)
        processes = {n: psutil.Process(p.pid) for n, p in started.items()}
        report(await measure(clients, cursors, processes, database))
    finally:
        for process in started.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in started.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def taken() -> list[int]:
    """The ports that another process listens on already."""
    found: list[int] = []
    for port in PORTS.values():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def main() -> None:
    """Prepare a database and the peer, then run."""
    if ports := taken():
        sys.exit(f"Ports {ports} are taken, perhaps by an earlier run; end it and run again.")
    npm = str(Path(sys.executable).parent / "npm")
    if not (HERE / "node_modules").exists():
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True
        )
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded(Path(folder) / "data", durable=False) as it,
    ):
        print("Filling the database …", flush=True)
        asyncio.run(preparation.prepare(it.url))
        asyncio.run(fill(it.url))
        pid = int((it.cluster.directory / "postmaster.pid").read_text().splitlines()[0])
        asyncio.run(run(it.url, it.cluster.runtime, pid))


if __name__ == "__main__":
    main()
