"""Languages, and texts that exist in several of them."""

from enum import Enum

import strawberry

from schema.base import namespace


@strawberry.enum(description="A language that texts are kept in.")
class Language(Enum):
    """ISO 639-1, in capitals as GraphQL enums are written."""

    ES = strawberry.enum_value("ES", description="Spanish.")
    EN = strawberry.enum_value("EN", description="English.")

    @property
    def suffix(self) -> str:
        """What the columns of this language end in."""
        return self.name.lower()


@strawberry.enum(description="Where the wording of a text comes from.")
class Origin(Enum):
    """Kept beside every text, so that nobody quotes a machine as a treaty."""

    OFFICIAL = strawberry.enum_value("OFFICIAL", description="The official name or title.")
    HUMAN = strawberry.enum_value("HUMAN", description="Written or reviewed by a person.")
    MACHINE = strawberry.enum_value(
        "MACHINE", description="Written by a machine, reviewed by none."
    )


@strawberry.type(description="A text in one language, and where its wording comes from.")
class Translation:
    """An item of `names`, `titles` and the like."""

    language: Language = strawberry.field(description="The language of `text`.")
    text: str = strawberry.field(description="The text in that language.")
    origin: Origin = strawberry.field(description="Where the wording comes from.")


namespace |= {"Language": Language, "Origin": Origin, "Translation": Translation}
