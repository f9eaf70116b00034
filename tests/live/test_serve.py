"""`vinculo serve` as an operator meets it: it starts, shares, recovers and ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from api.postgres import address_of, served_at
from tests.serving import Server

ANSWER = {"data": {"actor": {"slug": "panama"}}}
Start = Callable[..., Server]


@pytest.fixture
def start() -> Generator[Start]:
    """Starts servers, and ends those that a failed test left."""
    started: list[Server] = []

    def begin(data: Path, **environment: str) -> Server:
        started.append(Server("--data", str(data), **environment))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.end()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory made from nothing by a server that ended in peace."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    server = Server("--data", str(data))
    answer = server.ask()
    assert (server.end(), answer) == (0, ANSWER)
    return data


@pytest.fixture
def data(tmp_path: Path, prepared: Path) -> Path:
    """A copy of it: to begin anew takes several seconds, and most tests are about what follows."""
    subprocess.run(["cp", "-a", prepared, tmp_path / "data"], check=True)  # keeps the owners
    return tmp_path / "data"


def postmaster(data: Path) -> int:
    """The process id in PostgreSQL's pid file; 0 where there is none."""
    path = data / "postgres" / "postmaster.pid"
    return int(path.read_text().splitlines()[0]) if path.exists() else 0


def lives(pid: int) -> bool:
    """Whether there is such a process; one that only waits to be reaped does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(happened: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether it happens in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_of_it(data: Path, start: Start, number: int):
    """The server, PostgreSQL, and no traceback."""
    server = start(data)
    assert server.ask() == ANSWER
    pid = postmaster(data)
    assert server.end(number) == 0
    assert not lives(pid)


@pytest.mark.parametrize("after", [0.5, 2, 4])
def test_a_signal_during_the_start_ends_all_of_it(tmp_path: Path, after: float):
    """PostgreSQL included, wherever the start had come to."""
    command = [sys.executable, "-m", "api", "serve", "--port", "0", "--data", str(tmp_path / "d")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(after)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert postmaster(tmp_path / "d") == 0


def test_a_signal_is_heeded_where_exceptions_are_swallowed():
    """As asyncpg swallows what is raised between its callbacks."""
    code = """
import asyncio, signal
from api.running import heed
async def work():
    try:
        signal.raise_signal(signal.SIGTERM)
    except BaseException:
        pass
    await asyncio.sleep(60)
heed()
asyncio.run(work())
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30)
    assert ended.stderr.splitlines()[-1] == b"KeyboardInterrupt"


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path):
    """As root we would give it to the user that PostgreSQL runs as."""
    (tmp_path / "thesis.odt").write_text("my own")
    owner = tmp_path.stat().st_uid
    command = [sys.executable, "-m", "api", "serve", "--port", "0", "--data", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"vinculo: The directory {tmp_path} holds other files, such as thesis.odt: name an empty "
        "or a new one with --data (DATA= for make).\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]
    assert tmp_path.stat().st_uid == owner


def test_after_the_server_was_killed_the_next_one_serves(data: Path, start: Start):
    """It takes over the PostgreSQL that was left, and ends it."""
    start(data).end(signal.SIGKILL)
    left = postmaster(data)
    server = start(data)
    assert server.ask() == ANSWER
    assert server.end() == 0
    assert not lives(left)
    assert postmaster(data) == 0


def test_when_postgresql_is_killed_it_comes_back_by_itself(data: Path, start: Start):
    """Nobody has to start anything."""
    server = start(data)
    killed = postmaster(data)
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: server.ask() == ANSWER)
    assert postmaster(data) not in (0, killed)


def test_after_postgresql_and_server_were_killed_the_next_one_serves(tmp_path: Path, start: Start):
    """A machine that lost power soon after all was written."""
    data = tmp_path / "data"
    server = start(data)
    killed = postmaster(data)
    server.end(signal.SIGKILL)
    os.kill(killed, signal.SIGKILL)
    assert start(data).ask() == ANSWER


def test_two_servers_share_a_database_and_the_last_stops_it(data: Path, start: Start):
    """Whoever started it may leave first."""
    first, second = start(data), start(data)
    pid = postmaster(data)
    assert first.end() == 0
    assert lives(pid)
    assert second.ask() == ANSWER
    assert second.end() == 0
    assert not lives(pid)


def test_a_long_path_with_a_space_and_an_accent_will_do(tmp_path: Path, start: Start):
    """The socket is elsewhere: its path may have only 107 bytes."""
    data = tmp_path / ("a directory with spaces y acentuación " * 4).strip()
    assert start(data).ask() == ANSWER


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "api", *args], capture_output=True, text=True, timeout=60,
        env=os.environ | environment, check=False,
    )  # fmt: skip


def test_a_taken_port_is_one_line_that_says_what_would_work(tmp_path: Path):
    """Before a database is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), "--data", str(tmp_path / "data"))
    line = (
        f"vinculo: Port {port} on 127.0.0.1 is taken: stop who has it, or use --port {port + 1}.\n"
    )
    assert (done.returncode, done.stderr) == (1, line)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (
            "postgresql://u:s3cret@127.0.0.1:1/x",
            "vinculo: The database at 127.0.0.1:1 cannot be reached",
        ),
        (
            "postgresql://u:s3cret@nowhere.invalid/x",
            "vinculo: The database at nowhere.invalid:5432 cannot be reached",
        ),
    ],
)
def test_an_unreachable_database_is_one_line_with_host_and_remedy(url: str, line: str):
    """And never the password."""
    done = run("serve", "--port", "0", VINCULO_DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert "correct VINCULO_DATABASE_URL" in done.stderr
    assert "s3cret" not in done.stderr


def test_a_database_of_another_name_is_said_to_be_missing(cluster: Any, template: str):
    """The server is there, the database is not."""
    from api.postgres import url_of

    done = run("migrate", VINCULO_DATABASE_URL=url_of(cluster, "nobody"))
    assert done.returncode == 1
    assert "has no database of this name" in done.stderr


def test_a_command_joins_the_database_of_a_running_server(data: Path, start: Start):
    """`vinculo seed` beside `vinculo serve`."""
    server = start(data)
    done = run("seed", "--data", str(data))
    assert (done.returncode, done.stdout) == (0, "0 records written.\n")
    assert server.ask() == ANSWER


def test_a_link_leads_to_where_the_data_are_served(data: Path):
    """On whichever port that is."""
    invited = ("user", "create", "ana@example.org", "--name", "Ana", "--party", "unhcr")
    with served_at(data, "http://127.0.0.1:8010"):
        done = run(*invited, "--data", str(data))
    assert done.stdout.split()[-1].startswith("http://127.0.0.1:8010/invitation/")


def test_an_address_is_known_while_it_is_served(tmp_path: Path):
    """What a killed server left is none."""
    with served_at(tmp_path, "http://127.0.0.1:8010"):
        during = address_of(tmp_path)
    (tmp_path / "address").write_text("http://127.0.0.1:8011")
    assert (during, address_of(tmp_path)) == ("http://127.0.0.1:8010", None)


def test_a_database_url_is_used_instead_of_the_embedded_one(
    tmp_path: Path, start: Start, database: str
):
    """Nothing is made in the data directory."""
    assert start(tmp_path / "data", VINCULO_DATABASE_URL=database).ask() == ANSWER
    assert not (tmp_path / "data").exists()
