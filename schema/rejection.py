"""Why a write was rejected: codes that clients act on, and sentences that people read."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry

from schema.base import namespace
from schema.language import Language

Path = tuple[str | int, ...]
CODES = {
    "REQUIRED": "A value is missing.",
    "INVALID": "A value is of the right type and still cannot be kept; the message says why.",
    "NOT_FOUND": "What was named is not there, or not yours to see.",
    "NOT_OWNER": "It is there, and not yours to write.",
    "FORBIDDEN": "It would give away rights that you do not hold.",
    "TAKEN": "Another record has that value already.",
    "IN_USE": "Other records refer to it.",
    "VERSION_CONFLICT": "It was changed since you read it.",
    "IDEMPOTENCY_MISMATCH": "The key was used for something else.",
    "WRONG_STATUS": "What was asked is not possible from where the record stands; read it again.",
    "ALREADY_THERE": "The party is a member, has asked or is invited already.",
    "THROTTLED": "It was tried too often; try again in a quarter of an hour.",
    "FULL": "There are as many as there may be; the message says what would work.",
    "HOLDS_POST": "A warning: who left a group still holds a post in it.",
    "NOT_NAMED": "The record does not name the party that you act for.",
    "CONSENT_NEEDED": "It says what another party is or does, which that one has not agreed to.",
    "ROLE_DROPPED": "A warning: two that were merged had roles in one record; one stays.",
    "NOT_SHOWN": "A warning: it is written, and you may not read it; the message says with what.",
    "SUPERSEDED": "A later entry has taken its place; change that one.",
    "SAME_PARTY": "Another party has to do this than the one that did what came before.",
    "CONFIRMATION_LAPSED": "A warning: parties have to confirm anew what was changed.",
    "PARTS_DO_NOT_ADD_UP": "A warning: the parts come to more than the whole.",
    "STILL_REFERRED_TO": "A warning: other records stand on what was taken back.",
    "NOT_YET": "The day for it has not come.",
    "SEAT_TAKEN": "Another mandate fills the post on those days, or somebody is designated to it.",
    "ELECTION_OPEN": "An election for the post is open already.",
    "SELECTION": "The post is filled in another way; can be overridden.",
    "NOT_A_MEMBER": "Who is to hold the post is no member of the body; can be overridden. As a "
    "warning: the body names no members, so it was not checked.",
    "TERM_LENGTH": "Longer than a term of the post; can be overridden.",
    "TERM_LIMIT": "More terms in a row than the post allows; can be overridden. As a warning: of "
    "the organization, by different persons.",
    "PARITY": "The seats would not be shared by women and men; can be overridden. As a warning: it "
    "is neither known nor attested that they are.",
    "SEAT_HELD": "The same one holds another such seat of the body then; can be overridden.",
    "ROTATION": "A warning: by the rotation it was the turn of another member.",
    "MORE_VOTES": "A warning: another candidate had more votes.",
    "NO_RESULT": "A warning: the election is recorded as held, with nobody elected.",
    "SEAT_VACANT": "A warning: the group is complete only with this post, and nobody follows yet.",
    "OVERRIDE_NOT_ALLOWED": "Setting rules aside needs the scope `governance:override`.",
}
"""What a client acts on, each with its meaning; `errors` or, where it says so, `warnings`.

The guide for partners prints this list.
"""


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


def no_text(path: Path) -> Problem:
    """A text that has to be there has no words in any language."""
    name = path[-1] if path else "?"
    es = f"`{name}` necesita un texto en un idioma al menos."
    return problem("REQUIRED", path, es, f"`{name}` needs a text in one language at least.")


def taken_identifier(path: Path, scheme: str, value: str) -> Problem:
    """An identifier that another record has, which the caller may not even see."""
    es = (
        f"Otro registro, que quizá usted no vea, ya tiene el identificador '{value}' de "
        f"'{scheme}'. Dé otro, o use un `scheme` que sea solo suyo."
    )
    en = (
        f"Another record, perhaps one that you do not see, has the identifier '{value}' of "
        f"'{scheme}' already. Give another, or use a `scheme` that is yours alone."
    )
    return problem("TAKEN", path, es, en)


@dataclass
class Written:
    """What a mutation did.

    Args:
        ids: the records that the payload shows.
        outcomes: what became of each, where there are several.
        values: what the payload shows that is no record.
        warnings: what to know about it, though it was done.
        changes: the changes that it made, where it was done before and is only told again.
    """

    outcome: Outcome
    ids: list[str] = field(default_factory=list[str])
    warnings: list[Problem] = field(default_factory=list[Problem])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    changes: list[UUID] | None = None


namespace["Outcome"] = Outcome
