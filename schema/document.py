"""Documents: links to what was written, never the files themselves."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import column, dated, entity, link, many, one, through, translated
from schema.record import Record

if TYPE_CHECKING:
    from schema.citation import Citation
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.scalars import Url


@strawberry.enum(description="What kind of document it is.")
class DocumentKind(Enum):
    """As the sources call them."""

    DECLARATION = strawberry.enum_value("DECLARATION", description="A declaration.")
    FACT_SHEET = strawberry.enum_value("FACT_SHEET", description="A fact sheet.")
    FOUNDING_DOCUMENT = strawberry.enum_value(
        "FOUNDING_DOCUMENT", description="What a body was founded with."
    )
    FRAMEWORK = strawberry.enum_value(
        "FRAMEWORK", description="A framework of indicators or rules."
    )
    GUIDE = strawberry.enum_value("GUIDE", description="A manual or guide.")
    MINUTES = strawberry.enum_value("MINUTES", description="The minutes of a meeting.")
    NOTE = strawberry.enum_value("NOTE", description="A note, such as one on governance.")
    PLAN = strawberry.enum_value("PLAN", description="A plan of work or of action.")
    REPORT = strawberry.enum_value("REPORT", description="A report.")
    RESOLUTION = strawberry.enum_value("RESOLUTION", description="A resolution.")
    STANDARD = strawberry.enum_value("STANDARD", description="A standard or list of codes.")
    STATUTE = strawberry.enum_value("STATUTE", description="A statute or charter.")
    STRATEGY = strawberry.enum_value("STRATEGY", description="A strategy.")
    OTHER = strawberry.enum_value("OTHER", description="Another kind.")


@entity(
    slug=True,
    orders={"TITLE": "title", "PUBLISHED": "published"},
    title="title",
    search=("title", "code", "un_symbol"),
    scope="documents:write",
)
class Document(Record):
    """A document of the field: a link and what it is, not the file."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    kind: DocumentKind = column("What kind of document it is.", filter=True)
    code: str | None = column(
        "What locators call it, such as `M2` in `M2:76`; only sources that are cited by line.",
        unique=True,
        filter=True,
    )
    title: str = translated("The title; in the document's own language the official one.")
    description: str | None = translated("What it holds, in a sentence or two.")
    language: str | None = column(
        "The language it is written in, ISO 639-1.", filter=True, standard="ISO 639-1"
    )
    un_symbol: str | None = column("The UN document symbol.", filter=True)
    published: FuzzyDate | None = dated("When it was published.")
    url: Url | None = column("Where to read it.")
    cited_by: Connection[Citation] = many("document", "The facts that come from it.")
    records: Connection[Record] = through("record_document", "What it belongs to, of every kind.")


@strawberry.enum(description="What a document is to a record.")
class DocumentRole(Enum):
    """On the edge."""

    TEXT = strawberry.enum_value("TEXT", description="Its own text.")
    MINUTES = strawberry.enum_value("MINUTES", description="Its minutes.")
    INPUT = strawberry.enum_value("INPUT", description="What it works from.")
    OUTPUT = strawberry.enum_value("OUTPUT", description="What came of it.")
    EVIDENCE = strawberry.enum_value("EVIDENCE", description="What shows it.")
    ABOUT = strawberry.enum_value("ABOUT", description="Something about it.")


@link
class RecordDocument:
    """A document that belongs to a record."""

    record: Record = one("The record.")
    document: Document = one("The document.")
    role: DocumentRole = column("What the document is to the record.", default="'ABOUT'")
