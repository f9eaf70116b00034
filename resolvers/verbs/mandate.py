"""Mandates: recorded, designated, taken over, renewed, resigned. Who fills the post decides."""

from datetime import date, timedelta
from uuid import UUID

from resolvers.verbs.mandate_rules import judge, warn_if_vacant
from resolvers.verbs.seat import (
    MANDATE,
    PERSON,
    TERM,
    WHICH,
    Seat,
    attach,
    check_naming,
    check_serves,
    dated,
    ending,
    exactly,
    is_holder,
    mandate_named,
    person_of,
    seat_named,
    serves,
    status,
    succeed,
    term,
    today,
)
from resolvers.write import attached, consent, records
from resolvers.write.override import OVERRIDE
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.document import DocumentRole
from schema.fuzzy_date import DateStatus
from schema.inputs import Fields
from schema.nouns import entities
from schema.post import MandateStatus, Selection
from schema.rejection import Outcome, Path, Rejected, Written, problem
from schema.rows import Row, plain

SCOPE = "groups:write"
_LATE = timedelta(days=366)
"""How long before a designation was recorded its handover may have been."""
WHO: Fields = {
    "post": ("PostRef", "Which post."),
    "holder": ("PartyRef", "Who is to hold it: a member of the body that fills the post."),
}
SELECTION: Fields = {"selection": ("Selection | None", "How the holder was found.")}


async def written(work: Work, found: Seat, row: Row) -> UUID:
    """Put a new mandate in the seat; it belongs to the group that fills that."""
    owned = {
        "post_id": str(found.id),
        "owner_id": str(found.filler_id),
        "visibility": found.visibility,
    }
    [key] = await records.insert(work, MANDATE, [owned | row])
    return key


async def named(work: Work, given: Given, known: str | None = None) -> str | None:
    """The person of an input, if the caller may name them.

    Args:
        known: who is named there already, by who could.
    """
    person = await person_of(work, given)
    if person != known:
        await check_naming(work, person, ("person",))
    return person


async def _new(work: Work, given: Given, found: Seat, row: Row) -> UUID:
    [holder] = await work.find([(("holder",), "Party", given["holder"])])
    await consent.check_seated(work, ("holder",), found.filler_id, found.keeper_id, holder)
    said = {
        "holder_id": str(holder),
        "person_id": await named(work, given),
        "parity_attested": given.get("parityAttested"),
    }
    return await written(work, found, said | row)


@verb(
    "recordMandate",
    "mandate",
    SCOPE,
    "Record who holds a post or held it. What is over is recorded as it was; the rules it departs "
    "from are shown. Who is to hold a post later is designated.",
    WHO | PERSON | TERM | SELECTION | OVERRIDE,
)
async def record(work: Work, given: Given) -> Written:
    """It has begun."""
    found = await seat_named(work, given)
    row = term(found, given)
    if _is_to_come(row):
        es = "Ese mandato no ha empezado; use `designate`."
        en = "That mandate has not begun; use `designate`."
        raise Rejected(problem("NOT_YET", ("start",), es, en))
    key = await _new(work, given, found, row | {"selection": plain(given.get("selection"))})
    await judge(work, given, found, key, ("holder",))
    return Written(Outcome.CREATED, [id_of(MANDATE, key)])


@verb(
    "designate",
    "mandate",
    SCOPE,
    "Designate who is to take over a post. Without `start`, or with one to be confirmed, who holds "
    "it now stays until `takeOver`; from an exact one on the mandate runs by itself.",
    WHO | PERSON | TERM | OVERRIDE,
)
async def designate(work: Work, given: Given) -> Written:
    """It begins later."""
    found = await seat_named(work, given)
    start = given.get("start") or {"status": DateStatus.TO_BE_CONFIRMED}
    row = term(found, given | {"start": start})
    if not _is_to_come(row):
        es = "Se designa para un día por venir; lo que ya empezó va en `recordMandate`."
        en = "Designations are for a day to come; what has begun goes to `recordMandate`."
        raise Rejected(problem("INVALID", ("start",), es, en))
    elected = found.selection == Selection.ELECTION.name
    selection = Selection.DESIGNATION.name if elected else found.selection
    key = await _new(work, given, found, row | {"selection": selection})
    if await status(work, str(key)) != MandateStatus.DESIGNATED.name:
        es = "Ese fin ya pasó; se designa para un tiempo por venir."
        en = "That end has passed; designations are for a time to come."
        raise Rejected(problem("INVALID", ("end",), es, en))
    await judge(work, given, found, key, ("holder",))
    return Written(Outcome.CREATED, [id_of(MANDATE, key)])


@verb(
    "takeOver",
    "mandate",
    SCOPE,
    "Start a mandate that was designated: today, or on a day past. Who held the post before leaves "
    "it the day before. Who is designated may do it from the day that was set.",
    WHICH | {"on": ("date | None", "Its first day; today, if left out.")} | PERSON | OVERRIDE,
)
async def take_over(work: Work, given: Given) -> Written:
    """The handover."""
    row, found = await mandate_named(work, given)
    on = given.get("on") or today()
    _check_may_start(work, row, found, on)
    waits = row["start_status"] == "TO_BE_CONFIRMED"
    if not waits and await status(work, row["id"]) != MandateStatus.DESIGNATED.name:
        es, en = "Ese mandato ya empezó.", "That mandate has begun already."
        raise Rejected(problem("WRONG_STATUS", ("mandate",), es, en))
    new = exactly("start", on)
    if row["end_status"] in (None, DateStatus.TO_BE_CONFIRMED.name):
        new |= ending(found, new)
    if "person" in given:
        new["person_id"] = await named(work, given, row["person_id"])
    if "parityAttested" in given:
        new["parity_attested"] = given["parityAttested"]
    await succeed(work, found, row["id"], new, terms=True)
    await records.change(work, MANDATE, [{"id": row["id"], **new}])
    if await status(work, row["id"]) == MandateStatus.ENDED.name:
        es = "Desde ese día su período ya habría terminado; regístrelo con `recordMandate`."
        en = "From that day its term would be over by now; record it with `recordMandate`."
        raise Rejected(problem("INVALID", ("on",), es, en))
    settled = "person" not in given
    await judge(work, given, found, UUID(row["id"]), ("mandate",), ("on",), settled=settled)
    return Written(Outcome.UPDATED, [id_of(MANDATE, UUID(row["id"]))])


@verb(
    "renewMandate",
    "mandate",
    SCOPE,
    "Give who holds a post its next term, from the day after this one ends.",
    WHICH | TERM | PERSON | OVERRIDE,
)
async def renew(work: Work, given: Given) -> Written:
    """A mandate of its own, so that terms can be counted."""
    row, found = await mandate_named(work, given)
    check_serves(work, found, ("mandate",))
    stands = await status(work, row["id"])
    if row["end_latest"] is None or stands == MandateStatus.DESIGNATED.name:
        es = "Se renueva un mandato que empezó y tiene fin; este sigue abierto o no ha empezado."
        en = "What is renewed has begun and has an end; this one is open, or has not begun."
        raise Rejected(problem("WRONG_STATUS", ("mandate",), es, en))
    next_day = date.fromisoformat(row["end_latest"]) + timedelta(days=1)
    start = given.get("start") or {"date": next_day}
    _check_follows(dated("start", start, ("start",)), row)
    said = {k: row[k] for k in ("holder_id", "person_id", "parity_attested", "selection")}
    if "person" in given:
        said["person_id"] = await person_of(work, given)
    if stands == MandateStatus.ENDED.name or said["person_id"] != row["person_id"]:
        await check_naming(work, said["person_id"], ("person",))
    if "parityAttested" in given:
        said["parity_attested"] = given["parityAttested"]
    if found.selection == Selection.ELECTION.name:
        said["selection"] = None
    key = await written(work, found, said | term(found, given | {"start": start}))
    await judge(work, given, found, key, ("mandate",))
    return Written(Outcome.CREATED, [id_of(MANDATE, key)])


@verb(
    "resignMandate",
    "mandate",
    SCOPE,
    "Leave a post before the term is over; the holder does, or who fills the post records it. Of a "
    "designation nothing stays.",
    WHICH | {"on": ("date | None", "The last day in the post; today, if left out.")},
)
async def resign(work: Work, given: Given) -> Written:
    """Nobody asks why."""
    row, found = await mandate_named(work, given)
    if not is_holder(work, row):
        check_serves(work, found, ("mandate",))
    stands = await status(work, row["id"])
    if stands == MandateStatus.ENDED.name:
        es, en = "Ese mandato ya terminó.", "That mandate has ended already."
        raise Rejected(problem("WRONG_STATUS", ("mandate",), es, en))
    if stands == MandateStatus.DESIGNATED.name:
        await _leave_elections(work, row)
        await records.retire(work, MANDATE, [UUID(row["id"])])
        return Written(Outcome.RETIRED)
    on = given.get("on") or today()
    if row["end_latest"] and date.fromisoformat(row["end_latest"]) < on:
        es = f"Su período termina antes, el {row['end_latest']}."
        en = f"Its term ends before that, on {row['end_latest']}."
        raise Rejected(problem("INVALID", ("on",), es, en))
    await records.change(work, MANDATE, [{"id": row["id"], **exactly("end", on)}])
    await warn_if_vacant(work, found, ("mandate",))
    return Written(Outcome.UPDATED, [id_of(MANDATE, UUID(row["id"]))])


@verb(
    "nameRepresentative",
    "mandate",
    SCOPE,
    "Say which person acts for the holder of a post; null for nobody. The holder does, or who "
    "fills the post; only these where a person was elected. Who is designated may prepare so.",
    WHICH
    | {
        "person": ("PersonRef | None", "Who; null for nobody."),
        "parityAttested": PERSON["parityAttested"],
    }
    | OVERRIDE,
)
async def name_representative(work: Work, given: Given) -> Written:
    """Terms are counted by person, so it is judged anew."""
    row, found = await mandate_named(work, given)
    elected = found.selection == Selection.ELECTION.name and row["person_id"]
    if elected or not is_holder(work, row):
        check_serves(work, found, ("mandate",))
    if await status(work, row["id"]) == MandateStatus.ENDED.name:
        es, en = "Ese mandato ya terminó.", "That mandate has ended already."
        raise Rejected(problem("WRONG_STATUS", ("mandate",), es, en))
    new: Row = {"person_id": await named(work, given, row["person_id"])}
    if "parityAttested" in given:
        new["parity_attested"] = given["parityAttested"]
    return await _changed(work, given, found, row, new, ("person",))


@verb(
    "correctMandate",
    "mandate",
    SCOPE,
    "Correct what was recorded of a mandate: only what is given.",
    WHICH | TERM | SELECTION | OVERRIDE,
)
async def correct(work: Work, given: Given) -> Written:
    """Sources turn up later than mandates."""
    row, found = await mandate_named(work, given)
    check_serves(work, found, ("mandate",))
    new: Row = {}
    for name in ("start", "end"):
        if name in given:
            new |= dated(name, given[name], (name,))
    if "selection" in given:
        new["selection"] = plain(given["selection"])
    ended = MandateStatus.ENDED.name
    over = await status(work, row["id"]) == ended
    done = await _changed(work, given, found, row, new, ("mandate",))
    if over and await status(work, row["id"]) != ended:  # it names them anew
        await check_naming(work, row["person_id"], ("mandate",))
    return done


@verb(
    "handOverReport",
    "mandate",
    SCOPE,
    "Add the report of a time in office, and the documents of its handover. The holder does, also "
    "when the mandate has ended, or who fills the post.",
    WHICH | {"documents": ("list[DocumentRef]", "Which documents; `createDocument` makes them.")},
)
async def hand_over_report(work: Work, given: Given) -> Written:
    """It outlasts the office (M2:239)."""
    row, found = await mandate_named(work, given)
    if not is_holder(work, row):
        check_serves(work, found, ("mandate",))
    if await status(work, row["id"]) == MandateStatus.DESIGNATED.name:
        es, en = "Ese mandato no ha empezado.", "That mandate has not begun."
        raise Rejected(problem("NOT_YET", ("mandate",), es, en))
    new = await attach(work, row["id"], given["documents"], DocumentRole.OUTPUT, ("documents",))
    if new:
        await attached.touch(work, MANDATE, {UUID(row["id"])})
    outcome = Outcome.UPDATED if new else Outcome.UNCHANGED
    return Written(outcome, [id_of(MANDATE, UUID(row["id"]))])


@verb(
    "retireMandate",
    "mandate",
    SCOPE,
    "Remove a mandate that never was. One that is over stays; see `resignMandate`.",
    WHICH,
)
async def retire(work: Work, given: Given) -> Written:
    """For mistakes alone."""
    row, found = await mandate_named(work, given)
    check_serves(work, found, ("mandate",))
    await records.retire(work, MANDATE, [UUID(row["id"])])
    return Written(Outcome.RETIRED)


async def _changed(work: Work, given: Given, found: Seat, row: Row, new: Row, who: Path) -> Written:
    """A mandate with new columns, judged anew if they differ."""
    key = UUID(row["id"])
    changed = await records.change(work, MANDATE, [{"id": row["id"], **new}])
    if changed:
        await judge(work, given, found, key, who)
    return Written(Outcome.UPDATED if changed else Outcome.UNCHANGED, [id_of(MANDATE, key)])


async def _leave_elections(work: Work, row: Row) -> None:
    """Elections stay as they were decided, without a mandate that nobody takes up."""
    found = await work.rows("SELECT id FROM election WHERE result_id = $1::uuid", row["id"])
    await records.change(
        work, entities["election"], [{"id": str(e[0]), "result_id": None} for e in found]
    )


def _check_may_start(work: Work, row: Row, found: Seat, on: date) -> None:
    """Refuse who may not start the mandate, and days to come.

    Raises:
        Rejected: `NOT_OWNER`, `NOT_YET`.
    """
    if not is_holder(work, row):
        check_serves(work, found, ("mandate",))
    if on > today():
        es, en = "Ese día no ha llegado.", "That day has not come."
        raise Rejected(problem("NOT_YET", ("on",), es, en))
    designated = date.fromisoformat(row["created_at"][:10])
    if on < designated - _LATE:
        es = f"Se designó el {designated}; lo que empezó mucho antes va en `recordMandate`."
        en = f"It was designated on {designated}; what began long before goes to `recordMandate`."
        raise Rejected(problem("INVALID", ("on",), es, en))
    if not serves(work, found) and not _has_come(row, on):
        es = "Aún no es el día fijado, o no se fijó; antes decide quien llena el puesto."
        en = "The day that was set has not come, or none was; until then who fills the post decides"
        raise Rejected(problem("NOT_YET", ("on",), es, f"{en}."))


def _check_follows(new: Row, row: Row) -> None:
    """Refuse a next term that certainly begins before the end of the one before.

    Raises:
        Rejected: `INVALID`.
    """
    if new["start_latest"] and new["start_latest"] <= row["end_earliest"]:
        es = f"El período siguiente empieza cuando este termina ({row['end_edtf']})."
        en = f"The next term begins when this one has ended ({row['end_edtf']})."
        raise Rejected(problem("INVALID", ("start",), es, en))


def _has_come(row: Row, on: date) -> bool:
    first = row["start_earliest"]
    return first is not None and date.fromisoformat(first) <= on


def _is_to_come(row: Row) -> bool:
    first = row["start_earliest"]
    if first is None:
        return row["start_status"] == "TO_BE_CONFIRMED"
    return date.fromisoformat(first) > today()
