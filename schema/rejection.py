"""Why a write was rejected: codes that clients act on, and sentences that people read."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import strawberry

from schema.base import namespace
from schema.language import Language

Path = tuple[str | int, ...]


@strawberry.enum(description="What became of a write.")
class Outcome(Enum):
    """In every payload."""

    CREATED = strawberry.enum_value("CREATED", description="The record is new.")
    UPDATED = strawberry.enum_value("UPDATED", description="The record was changed.")
    UNCHANGED = strawberry.enum_value(
        "UNCHANGED", description="The record was like that already; its version is the same."
    )
    RETIRED = strawberry.enum_value("RETIRED", description="The record is gone.")
    DRY_RUN = strawberry.enum_value(
        "DRY_RUN", description="It would have been done; nothing was changed."
    )
    REJECTED = strawberry.enum_value("REJECTED", description="Nothing was changed; see `errors`.")


@dataclass(frozen=True)
class Problem:
    """One reason why nothing was changed, or what to know though it was.

    Args:
        code: a documented word in capitals.
        path: names of input fields and positions in lists, from `input` on.
        message: a sentence in each language.
        help: what would work, where the sentence does not say it already.
    """

    code: str
    path: Path
    message: dict[Language, str]
    help: dict[Language, str] | None = None


class Rejected(Exception):
    """A write cannot be done; `problems` are all the reasons that are known."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(p.message[Language.EN] for p in problems))
        self.problems = list(problems)


def problem(code: str, path: Path, es: str, en: str) -> Problem:
    """A problem from its two sentences."""
    return Problem(code, path, {Language.ES: es, Language.EN: en})


@dataclass
class Written:
    """What a mutation did.

    Args:
        ids: the records that the payload shows.
        outcomes: what became of each, where there are several.
        values: what the payload shows that is no record.
        warnings: what to know about it, though it was done.
    """

    outcome: Outcome
    ids: list[str] = field(default_factory=list[str])
    warnings: list[Problem] = field(default_factory=list[Problem])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    values: dict[str, Any] = field(default_factory=dict[str, Any])


namespace["Outcome"] = Outcome
