"""What is said about a document beside its operation: `calendar.toml` beside `calendar.graphql`."""

import tomllib
from enum import Enum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.failure import Failure
from schema.language import Language


class Format(Enum):
    """How a document goes out, by the end of its address."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    ICS = "ics"
    JSONLD = "jsonld"


MEDIA = {
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.ICS: "text/calendar",
    Format.JSONLD: "application/ld+json",
}


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Declared):
    """The same in both languages."""

    es: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def __call__(self, language: Language) -> str:
        """In this one."""
        return self.es if language is Language.ES else self.en


class Column(_Declared):
    """A column of the page and of the spreadsheet.

    Args:
        value: the path of what it shows, in the names of the answer; several are joined.
        formats: where it is shown, if not everywhere.
    """

    title: Said
    value: str | list[str]
    formats: list[Format] = [Format.HTML, Format.CSV]

    @property
    def paths(self) -> list[list[str]]:
        """What it shows, step by step."""
        values = [self.value] if isinstance(self.value, str) else self.value
        return [value.split(".") for value in values]


class Parameter(_Declared):
    """A variable of the operation, as people read it.

    Args:
        names: what it names, as a list and its filter: `workingGroups.slug`. It is looked up.
        not_before: the parameter that says where a time begins that this one ends.
    """

    title: Said
    example: str = ""
    names: str = ""
    not_before: str = ""


class Declaration(_Declared):
    """How a document is shown.

    Args:
        lists: the response name of the root field whose records it shows.
    """

    title: Said
    text: Said
    lists: str
    formats: Annotated[list[Format], Field(min_length=1)]
    columns: Annotated[list[Column], Field(min_length=1)]
    parameters: dict[str, Parameter] = {}


def declared(path: Path) -> Declaration:
    """The declaration in a file.

    Raises:
        Failure: it cannot be read, or says something that is not known.
    """
    try:
        return Declaration.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{path} is not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Failure(f"{path}: `{where}` is wrong: {first['msg']}.") from None
