"""What the verbs of several nouns share."""

from datetime import UTC, date, datetime
from uuid import UUID

from resolvers.write import ownership, records
from resolvers.write.plain import id_of
from resolvers.write.work import Given, Work
from schema.base import Entity, camel
from schema.inputs import Fields, fields_for
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem
from schema.rows import Row, columns

REASON: Fields = {
    "reason": ("TextInput | None", "Why. Never public: the owner and its members read it.")
}


def new_fields(noun: Entity, *without: str) -> Fields:
    """The input of a new record, but for what the verb says itself."""
    return {k: v for k, v in fields_for(noun, new=True).items() if k not in without}


def changed_fields(noun: Entity, *without: str) -> Fields:
    """The input of a change, but for what the verb says itself."""
    return {k: v for k, v in fields_for(noun, new=False).items() if k not in without}


async def changed(work: Work, noun: Entity, row: Row) -> Written:
    """Set columns of a record that is locked, and show it."""
    differs = await records.change(work, noun, [row])
    outcome = Outcome.UPDATED if differs else Outcome.UNCHANGED
    return Written(outcome, [id_of(noun, UUID(row["id"]))])


def unchanged(noun: Entity, row: Row) -> Written:
    """The record was like that already."""
    return Written(Outcome.UNCHANGED, [id_of(noun, UUID(row["id"]))])


def reason(noun: Entity, name: str, given: Given) -> Row:
    """The columns of the text that keeps a reason; what it said before goes."""
    spec, said = noun.specs()[name], given.get("reason")
    return columns(spec, None, ()) | (columns(spec, said, ("reason",)) if said else {})


def wrong_status(path: Path, es: str, en: str) -> Rejected:
    """The record stands where this cannot be done."""
    return Rejected(problem("WRONG_STATUS", path, es, en))


def not_owner(path: Path, es: str, en: str) -> Problem:
    """Who asks is not one of those who may."""
    return problem("NOT_OWNER", path, es, en)


def not_to_come(row: Row, name: str, path: Path) -> list[Problem]:
    """Whether the date of what has happened lies in days to come, all that it can be."""
    first = row.get(f"{name}_earliest")
    if first is None or date.fromisoformat(first) <= datetime.now(UTC).date():
        return []
    es = "Eso ya ocurrió, y ese día no ha llegado; diga cuándo fue."
    en = "That has happened, and this day has not come; say when it was."
    return [problem("NOT_YET", (*path, camel(name)), es, en)]


async def acting(work: Work, path: Path, given: Given) -> str:
    """The party that a verb is done as: the one named, or the one that the caller acts for.

    Raises:
        Rejected: the caller does not speak for the one named.
    """
    ref = given.get(str(path[-1]))
    if ref is None:
        work.acts_for(work.principal.party)
        return str(work.principal.party)
    [key] = await work.find([(path, "Party", ref)])
    if not ownership.keeps(work, key):
        raise Rejected(
            not_owner(
                path,
                "Usted no habla por esa parte; deje el campo vacío, o nombre una de las suyas.",
                "You do not speak for that party; leave the field out, or name one of yours.",
            )
        )
    work.acts_for(key)
    return str(key)
