"""`--dev`: an invented client and user, for this machine only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api import development
from api.failure import Failure
from api.settings import Settings
from tests.browser import Browser
from tests.oauth import Client, by_itself
from tests.serving import Edge

ROOT = Path(__file__).parents[2]
OPEN = {
    "database_url": "postgresql://db.example/vinculo",
    "host": "0.0.0.0",
    "public_url": "https://vinculo.example",
    "proxies": 1,
}


def _settings(**options: Any) -> Settings:
    return Settings(**options)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_it_is_for_this_machine(host: str):
    """Where nobody else comes in."""
    development.check(_settings(host=host, public_url="http://127.0.0.1:8000"))


@pytest.mark.parametrize("name", OPEN)
def test_whatever_lets_others_in_refuses_it(name: str):
    """Each by itself."""
    with pytest.raises(Failure, match="--dev is for"):
        development.check(_settings(**{name: OPEN[name]}))


@pytest.mark.parametrize("host", ["::", "192.168.1.5", "localhost.evil.example", "myhost", "127.1"])
def test_any_other_host_refuses_it(host: str):
    """A name may lead anywhere."""
    with pytest.raises(Failure, match="can be reached by others"):
        development.check(_settings(host=host))


def test_a_refused_server_does_not_start(tmp_path: Path):
    """It says why, and makes nothing."""
    command = [sys.executable, "-m", "api", "serve", "--dev", "--host", "0.0.0.0"]
    data = tmp_path / "data"
    done = subprocess.run([*command, "--data", str(data)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "vinculo: --dev is for this machine only: 0.0.0.0 can be reached by others.\n"
    )
    assert not data.exists()


@contextmanager
def _serving(data: Path, *options: str) -> Generator[tuple[Any, dict[str, str]]]:
    """A server in a process of its own, and what it printed of client and user."""
    command = [sys.executable, "-m", "api", "serve", "--port", "0", "--data", str(data), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        port = int(lines[1].split()[0].rstrip("/").rpartition(":")[2])
        edge: Any = SimpleNamespace(port=port)
        edge.send = lambda *given: Edge.send(edge, *given)
        yield edge, dict(line.split(maxsplit=1) for line in lines[2:-1])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def _doors(edge: Any, told: dict[str, str]) -> tuple[int, int]:
    """What the token endpoint and the login page answer to what was printed."""
    client = Client(told["client"].strip(), told["secret"].strip())
    login = Browser(edge).log_in(told["user"].strip(), told["password"].strip())
    return by_itself(edge, client).status, login.status


def test_client_and_user_work_with_dev_and_only_with_it(tmp_path: Path):
    """The same at every start; whoever starts without it shuts them out."""
    data = tmp_path / "data"
    with _serving(data, "--dev") as (edge, told):
        assert _doors(edge, told) == (200, 303)
        assert told["user"].strip().endswith(".invalid")
    with _serving(data) as (edge, nothing):
        assert "secret" not in nothing
        assert _doors(edge, told) == (401, 403)
    with _serving(data, "--dev") as (edge, again):
        assert again["secret"] == told["secret"]
        assert _doors(edge, told) == (200, 303)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """What `make serve` runs: our Makefile, with a Python that repeats what it is told."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name in ("requirements.txt", "pyproject.toml", ".venv/python", ".venv/runtime"):
        (tmp_path / name).touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)

    def run(*words: str, **environment: str) -> str:
        given = {name: each for name, each in os.environ.items() if name[:8] != "VINCULO_"}
        command = ["make", "-C", str(tmp_path), "--no-print-directory", "serve", *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=given | environment
        )
        return done.stdout.strip()

    return run


@pytest.mark.parametrize("words", [(), ("PORT=8001",), ("HOST=127.0.0.1",), ("HOST=::1",)])
def test_make_serve_passes_it_on_this_machine(make: Any, words: tuple[str, ...]):
    """Nothing has to be set up to try things."""
    assert "--dev" in make(*words).split()


@pytest.mark.parametrize(
    "environment",
    [
        {"VINCULO_DATABASE_URL": "postgresql://db.example/vinculo"},
        {"VINCULO_HOST": "0.0.0.0"},
        {"VINCULO_PUBLIC_URL": "https://vinculo.example"},
        {"VINCULO_PROXIES": "1"},
    ],
)
def test_make_serve_does_not_pass_it_where_others_come_in(make: Any, environment: dict[str, str]):
    """The server would refuse to start."""
    assert "--dev" not in make(**environment)


@pytest.mark.parametrize("host", ["0.0.0.0", "vinculo.example", "' 127.0.0.1", '"; echo --dev "'])
def test_make_serve_does_not_pass_it_for_another_host(make: Any, host: str):
    """Whatever signs its name has."""
    assert "--dev" not in make(f"HOST={host}").partition("--host")[0]
