"""Root's way to PostgreSQL, which refuses to run as root: as a user of the system.

In a home that is closed to others, that user reaches neither the binaries nor the data. Opening the
home would change what is not ours, so the process may keep one capability instead: to search and
read every directory, or, where the binaries themselves are closed, to overrule permissions.

Run as a script, this file becomes the user and then the program: the work between fork and exec
must not happen inside a process with threads.
"""

import ctypes
import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_OVERRIDE = 1  # CAP_DAC_OVERRIDE, see capability.h
_SEARCH = 2  # CAP_DAC_READ_SEARCH
_SETGID, _SETUID = 6, 7


class User(NamedTuple):
    """Whom a process runs as."""

    uid: int
    gid: int


def owner_of(data: Path) -> User | None:
    """Whom PostgreSQL shall run as; `None` if that is who we are.

    Whose directory it is, or else a user that most systems have. One without an entry among the
    users will not do: initdb asks for its name.
    """
    if os.geteuid() != 0:
        return None
    place = next(each for each in (data, *data.parents) if each.exists())
    uid = place.stat().st_uid
    for key in (uid, "postgres", "_postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwuid(key) if isinstance(key, int) else pwd.getpwnam(key)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return User(entry.pw_uid, entry.pw_gid)
    raise PermissionError("there is no user such as 'postgres' or 'nobody' to run PostgreSQL as")


def command(user: User | None, program: Path, data: Path, args: Sequence[str]) -> list[str]:
    """The command that runs `program` as `user`, who can then reach it and `data`.

    Raises:
        PermissionError: root's own capabilities have been taken away, as some containers do.
    """
    if user is None:
        return [str(program), *args]
    permitted = _permitted()
    needed = {_SETGID, _SETUID}
    keep = _needed(user, program, data, permitted)
    if keep is not None:
        needed.add(keep)
    if permitted is not None and not needed <= permitted:
        raise PermissionError("root may not act for other users here")
    drop = [sys.executable, "-I", "-S", __file__, str(user.uid), str(user.gid), str(keep or 0)]
    return [*drop, str(program), *args]


def _needed(user: User, program: Path, data: Path, permitted: set[int] | None) -> int | None:
    """The capability without which the user does not get there."""
    if not program.stat().st_mode & 0o001:
        return _OVERRIDE
    if all(_searchable(each, user) for path in (program, data) for each in path.parents):
        return None
    return _SEARCH if permitted is None or _SEARCH in permitted else _OVERRIDE


def _searchable(directory: Path, user: User) -> bool:
    status = directory.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == user.gid else 0o001))


def _permitted() -> set[int] | None:
    """The capabilities that we may use or hand on; `None` where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    bits = next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")), 0)
    return {number for number in range(64) if bits >> number & 1}


def _become(user: User, keep: int) -> None:
    """Leave root for good; of its powers, `keep` stays where it is not 0."""
    libc = ctypes.CDLL(None, use_errno=True)
    if keep and libc.prctl(8, 1, 0, 0, 0):  # PR_SET_KEEPCAPS
        raise OSError(ctypes.get_errno(), "prctl")
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    if not keep:
        return
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, ourselves
    sets = (ctypes.c_uint32 * 6)(1 << keep, 1 << keep, 1 << keep)
    if libc.capset(header, sets) or libc.prctl(47, 2, keep, 0, 0):  # PR_CAP_AMBIENT_RAISE
        raise OSError(ctypes.get_errno(), "capset")


def _main(uid: str, gid: str, keep: str, *program: str) -> None:
    os.chdir("/")
    _become(User(int(uid), int(gid)), int(keep))
    os.execv(program[0], program)


if __name__ == "__main__":
    _main(*sys.argv[1:])
