"""The embedded PostgreSQL, shared by all processes that use one data directory.

Each of them holds a shared lock on `users.lock` as long as it lives; the kernel lets go of it
however the process ends. Who comes first starts PostgreSQL, who leaves last stops it, and
`change.lock` lets only one of them do so at a time.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from api.cluster import Cluster
from api.failure import Failure

_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Embedded:
    """The database, as long as the context that gave it is open.

    Args:
        url: for asyncpg; a Unix socket, so that it holds no password.
    """

    url: str
    cluster: Cluster


@contextmanager
def embedded(data: Path, *, durable: bool = True) -> Generator[Embedded]:
    """Run or join the PostgreSQL of a data directory; restart it if it dies meanwhile.

    Raises:
        Failure: it cannot run here; the sentence says why and what would work.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_ours(data)
        cluster = Cluster(data, durable=durable)
        cluster.give(data)
        users = _open(data / "users.lock")
    except PermissionError as error:
        raise Failure(_no_permission(data, error)) from None
    except OSError as error:
        raise Failure(f"The data directory {data} cannot be used: {error.strerror}.") from None
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(cluster, ended), daemon=True)
    try:
        with _alone(data):
            _begin(cluster)
            fcntl.flock(users, fcntl.LOCK_SH)
        watch.start()
        yield Embedded(url_of(cluster), cluster)
    finally:
        ended.set()
        if watch.is_alive():
            watch.join()
        _leave(cluster, users)


def _check_ours(data: Path) -> None:
    """Refuse a directory that holds something else: as root we would give it away."""
    found = {path.name for path in data.iterdir()} - {"lost+found"}
    if found and "users.lock" not in found:
        raise Failure(
            f"The directory {data} holds other files, such as {min(found)}: name an empty or a new "
            "one with --data (DATA= for make)."
        )


def _begin(cluster: Cluster) -> None:
    try:
        cluster.create()
        cluster.start()
    except PermissionError as error:
        raise Failure(_no_permission(cluster.data, error)) from None


def _no_permission(data: Path, error: PermissionError) -> str:
    what = error.strerror or str(error)
    return f"The database in {data} cannot run ({what}): name another directory with --data."


def _leave(cluster: Cluster, users: int) -> None:
    """Let go, and stop PostgreSQL if nobody else holds on."""
    with _alone(cluster.data):
        fcntl.flock(users, fcntl.LOCK_UN)
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if cluster.runtime != Path():
                cluster.stop()
    os.close(users)


def _watch(cluster: Cluster, ended: threading.Event) -> None:
    """Bring PostgreSQL back when it has died; whoever has the lock first does it for all."""
    while not ended.wait(_LOOK_SECONDS):
        if cluster.alive():
            continue
        with _alone(cluster.data), suppress(Failure, OSError):
            if not ended.is_set():
                cluster.start()


@contextmanager
def _alone(data: Path) -> Generator[None]:
    change = _open(data / "change.lock")
    try:
        fcntl.flock(change, fcntl.LOCK_EX)
        yield
    finally:
        os.close(change)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def pepper_of(data: Path) -> str:
    """The key of the secrets in this database: made once, and never in the database itself."""
    path = data / "pepper"
    with _alone(data):
        if not path.exists():
            with os.fdopen(_open(data / "pepper.new"), "w") as file:
                file.write(secrets.token_urlsafe(48))
            (data / "pepper.new").replace(path)
        return path.read_text("ascii")


@contextmanager
def served_at(data: Path, address: str) -> Generator[None]:
    """Say meanwhile where these data are served; a lock tells it from what a killed one left."""
    file = _open(data / "address")
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        os.truncate(file, 0)
        os.pwrite(file, address.encode(), 0)
        yield
    finally:
        if address_of(data) == address:
            (data / "address").unlink(missing_ok=True)
        os.close(file)


def address_of(data: Path) -> str | None:
    """Where a server serves these data now; of several, the one that began last."""
    try:
        file = os.open(data / "address", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(file, 1000, 0).decode() or None
    else:
        return None
    finally:
        os.close(file)


def url_of(cluster: Cluster, database: str = "vinculo") -> str:
    """Where a database of the cluster is."""
    return f"postgresql://vinculo@/{database}?host={quote(str(cluster.runtime), safe='/')}"
