"""All documents there are: ours, and those of a deployment."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema

from api.failure import Failure
from api.limits import Limits
from api.named.document import Document
from api.named.names import Names
from api.settings import Settings

_OURS = Path(__file__).parent / "documents"


def library(schema: GraphQLSchema, folder: Path | None) -> dict[str, Document]:
    """The documents by name; one of the deployment's takes the place of ours.

    Raises:
        Failure: one of them is wrong, or the folder is not there.
    """
    found = {**_ours(schema), **(_theirs(schema, folder) if folder else {})}
    return dict(sorted(found.items()))


def listing(documents: Iterable[Document], names: Names) -> str | None:
    """The document that lists all records which a parameter can name, by these names."""
    return next((each.name for each in documents if each.shows(names.lists, names.by)), None)


@cache  # they do not change while we run, and reading them takes a third of a second
def _ours(schema: GraphQLSchema) -> dict[str, Document]:
    return _read(schema, sorted(_OURS.glob("*.graphql")))


def _theirs(schema: GraphQLSchema, folder: Path) -> dict[str, Document]:
    if not folder.is_dir():
        raise Failure(
            f"VINCULO_NAMED_DOCUMENTS names {folder}, which is no folder: make it, or unset that."
        )
    paths = sorted(folder.glob("*.graphql"))
    alone = sorted({p.stem for p in folder.glob("*.toml")} - {p.stem for p in paths})
    if alone:
        raise Failure(f"{folder / alone[0]}.toml has no {alone[0]}.graphql beside it.")
    return _read(schema, paths)


def _read(schema: GraphQLSchema, paths: list[Path]) -> dict[str, Document]:
    # The limits for strangers may be set lower than what those who run this ask for.
    limits = Limits(schema, Settings.model_construct())
    return {path.stem: Document(path, schema, limits) for path in paths}
