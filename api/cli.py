"""The command `vinculo`. What it needs is imported when a command runs, so that help is quick."""

import gc
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from api import administration
from api.failure import Failure
from api.running import Data, database, heed

app = typer.Typer(
    name="vinculo",
    help="The actors of migration and refugee governance in the region, as one GraphQL API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(administration.client)
app.add_typer(administration.user)
app.add_typer(administration.keys)
app.add_typer(administration.application)
app.add_typer(administration.issuer)


@contextmanager
def _progress() -> Generator[Callable[[str, int, int], None]]:
    """What shows the loading of seed files, once there is something to show."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bars = Progress(
        TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    tasks: dict[str, Any] = {}

    def report(name: str, done: int, of: int) -> None:
        if name not in tasks:
            if done == of:
                return  # nothing new in this file
            bars.start()
            tasks[name] = bars.add_task(name, total=of)
        bars.update(tasks[name], completed=done)

    try:
        yield report
    finally:
        if tasks:
            bars.stop()


def _prepare(url: str) -> None:
    from api import preparation

    with _progress() as report:
        preparation.run(preparation.prepare(url, report))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one [8000].")] = None,
    data: Data = None,
    dev: Annotated[
        bool, typer.Option("--dev", help="With an invented client and user; for this machine.")
    ] = False,
) -> None:
    """Run the API: start the database unless one is given, migrate, load the seeds, serve.

    Every setting has an environment variable; `vinculo settings` lists them.
    """
    gc.disable()  # nothing of what is imported now is ever garbage; `server.serve` ends it
    from api import development, server
    from api.console import login
    from api.postgres import served_at
    from api.settings import read

    given = read(data=data, host=host, port=port)
    if dev:
        development.check(given)
    with database(data, host=host, port=port) as settings:
        listening = server.listen(settings)
        at = settings.public_url or server.base_of(listening)
        settings = settings.model_copy(update={"public_url": at})
        _prepare(settings.database_url)
        if settings.pepper is None:
            typer.echo("VINCULO_PEPPER is not set: tokens are neither issued nor taken.", err=True)
        login.open_up(settings)
        notes = development.open_up(settings) if dev else []
        if not dev:
            development.shut_out(settings)
        with nullcontext() if given.database_url else served_at(settings.data, at):
            server.serve(settings, listening, notes)


@app.command()
def migrate(
    data: Data = None,
    check: Annotated[bool, typer.Option(help="Only say whether declarations need one.")] = False,
    write: Annotated[str | None, typer.Option(help="Write the next one, so named.")] = None,
) -> None:
    """Bring the tables of the database up to date."""
    from api import preparation

    if check or write:
        return _migrations(write)
    with database(data) as settings:
        preparation.run(preparation.migrate(settings.database_url))
    typer.echo("The tables are up to date.")


def _migrations(write: str | None) -> None:
    """Compare migrations and declarations in a database that exists for that alone."""
    import tempfile

    from alembic.util import CommandError

    from api import preparation
    from api.postgres import embedded

    async def compare(url: str) -> None:
        async with preparation.connected(url) as connection:
            await connection.run_sync(preparation.upgrade)
            if write:
                await connection.run_sync(preparation.revise, write)
            else:
                await connection.run_sync(preparation.check)

    with (
        tempfile.TemporaryDirectory(prefix="vinculo-check-") as folder,
        embedded(Path(folder) / "data", durable=False) as running,
    ):
        try:
            preparation.run(compare(running.url))
        except CommandError as error:
            raise Failure(f"{error} Run `vinculo migrate --write NAME`.") from None


@app.command()
def seed(data: Data = None) -> None:
    """Load the seed files; what others have changed since stays theirs."""
    from api import preparation

    with database(data) as settings, _progress() as report:
        written = preparation.run(preparation.seed(settings.database_url, report))
    typer.echo(f"{written} records written.")


@app.command()
def restored(data: Data = None) -> None:
    """After a backup of the database's files was put back: who follows changes has to start anew.

    Where a dump is loaded or a server rolled back, `vinculo serve` and `migrate` see it.
    """
    from api import preparation

    with database(data) as settings:
        preparation.run(preparation.begin_epoch(settings.database_url))
    typer.echo("Cursors of changes from before are refused from now on.")


@app.command()
def demo(
    scale: Annotated[float, typer.Option(min=0.01, max=1000, help="How many times the usual.")] = 1,
    data: Annotated[
        Path, typer.Option(help="Where the embedded PostgreSQL keeps its data.")
    ] = Path(".demo"),
    database_url: Annotated[str | None, typer.Option(help="Another PostgreSQL to fill.")] = None,
) -> None:
    """Fill a database of its own with invented records, for trials and measurements.

    `vinculo serve --data .demo` serves them. VINCULO_DATABASE_URL is never filled: that is where
    real records are.
    """
    from api import preparation
    from api.settings import read

    given: dict[str, Any] = {"database_url": database_url} if database_url else {}
    kept = read().database_url
    if kept and read(**given).database_url == kept:
        raise Failure(
            "VINCULO_DATABASE_URL names a database for real records: unset it, or name another "
            "one with --database-url."
        )
    with database(data, **given) as settings, _progress() as report:
        preparation.run(preparation.demo(settings.database_url, scale, report))


@app.command()
def schema(
    write: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
    check: Annotated[Path | None, typer.Option(help="Compare it with this file.")] = None,
) -> None:
    """Print the GraphQL schema."""
    from resolvers.schema import sdl

    if check is not None:
        if not check.exists() or check.read_text("utf-8") != sdl():
            raise Failure(f"{check} is not the schema: run `vinculo schema --write {check}`.")
        return
    if write is not None:
        write.write_text(sdl(), "utf-8")
        return
    typer.echo(sdl(), nl=False)


@app.command()
def settings() -> None:
    """List the settings: environment variable, what it is for, default."""
    from api.settings import PREFIX, Settings

    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f" [{field.default}]"
        typer.echo(f"{PREFIX}{name.upper()}\n    {field.description}{default}")


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(f"vinculo {installed('vinculo')}")


def main() -> None:
    """Run the command; what a person can mend ends in one line each, not in a traceback."""
    heed()
    try:
        app(prog_name="vinculo")
    except Failure as failure:
        print(f"vinculo: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
