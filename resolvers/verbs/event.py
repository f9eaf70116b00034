"""Events: plain ones are created and changed as declared; moving and cancelling say more.

`createEvent` schedules one. Minutes are documents of the event's owner, for its members unless said
otherwise; what was agreed is a list in order, written as a whole.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from resolvers.verbs.common import (
    REASON,
    changed,
    new_fields,
    reason,
    unchanged,
    wrong_status,
)
from resolvers.write import attached, locks, ownership, records
from resolvers.write.drafts import Draft, drafts_of
from resolvers.write.plain import id_of
from resolvers.write.records import judges
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.base import Dated
from schema.document import DocumentKind, DocumentRole
from schema.event import EventStatus
from schema.filters import define_input
from schema.inputs import IF_VERSION, MOST, Fields, fields_for
from schema.nouns import entities
from schema.record import Visibility
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem
from schema.rows import Row, columns

EVENT, AGREEMENT, DOCUMENT = (entities[n] for n in ("event", "agreement", "document"))
SCOPE = "events:write"
WHICH = {"event": ("EventRef", "Which event.")}
_WHEN = ("date", "startsAt", "endsAt", "timezone")
_TIMES = {"starts_at", "ends_at", "timezone", "date_status"}
_CANCELLED = EventStatus.CANCELLED.name
_DATE = EVENT.specs()["date"]
assert isinstance(_DATE, Dated)
_MINUTES = DocumentRole.MINUTES.name

_fields = fields_for(EVENT, new=False)
_agreement = {k: v for k, v in fields_for(AGREEMENT, new=False).items() if k != "position"}
define_input(
    "RecordedAgreementInput",
    "One of the agreements of an event, new or recorded before.",
    {"agreement": ("AgreementRef | None", "Which of those recorded before; a new one if left out.")}
    | {k: v for k, v in _agreement.items() if k != "event"},
)


@verb(
    "moveEvent",
    "event",
    SCOPE,
    "Move an event to another time. What is not said of the new time is not known of it: the old "
    "hours do not stay. One that was cancelled takes place again.",
    WHICH
    | {name: _fields[name] for name in _WHEN}
    | {"status": ("EventStatus | None", "`TENTATIVE` or `CONFIRMED`; as before if left out.")}
    | IF_VERSION,
)
async def move(work: Work, given: Given) -> Written:
    """The new time as a whole."""
    row = await ownership.kept(work, EVENT, given)
    if given.get("date") is None and given.get("startsAt") is None:
        es = "Diga para cuándo: `date`, `startsAt` o ambos."
        raise Rejected(
            problem("REQUIRED", ("date",), es, "Say when it is to be: `date`, `startsAt` or both.")
        )
    fields: Given = {name: given.get(name) for name in _WHEN}
    revived = row["status"] == _CANCELLED
    if revived:
        said = {"id": row["id"], "status": EventStatus.CONFIRMED.name}
        await records.change(work, EVENT, [said | reason(EVENT, "cancellation_reason", {})])
    if given.get("status"):
        fields["status"] = given["status"]
    [outcome] = await records.update(work, EVENT, [((), UUID(row["id"]), fields)])
    return Written(Outcome.UPDATED if revived else outcome, [id_of(EVENT, UUID(row["id"]))])


@verb(
    "cancelEvent",
    "event",
    SCOPE,
    "Say that an event does not take place. It stays on record; `moveEvent` has it take place "
    "after all.",
    WHICH | REASON | IF_VERSION,
)
async def cancel(work: Work, given: Given) -> Written:
    """Feeds and calendars show it as cancelled."""
    row = await ownership.kept(work, EVENT, given)
    if row["status"] == _CANCELLED:
        return unchanged(EVENT, row)
    said = {"id": row["id"], "status": _CANCELLED}
    return await changed(work, EVENT, said | reason(EVENT, "cancellation_reason", given))


@verb(
    "attachMinutes",
    "event",
    SCOPE,
    "Attach the minutes of an event: a document that is there, or a new one, which only the owner "
    "and its members see unless `visibility` says otherwise.",
    WHICH
    | {
        "document": ("DocumentRef | None", "The document, where it is there already."),
        "minutes": ("MinutesInput | None", "The document, where it is new."),
    }
    | IF_VERSION,
)
async def attach_minutes(work: Work, given: Given) -> Written:
    """The new document belongs to whom the event belongs to."""
    row = await ownership.kept(work, EVENT, given)
    if (given.get("document") is None) == (given.get("minutes") is None):
        es = "Dé `document` o `minutes`, uno de los dos."
        en = "Give `document` or `minutes`, one of the two."
        raise Rejected(problem("INVALID", ("document",), es, en))
    if given.get("document") is not None:
        [key] = await work.find([(("document",), "Document", given["document"])])
    else:
        key = await _new_minutes(work, row, given["minutes"])
    put = await work.rows(
        "INSERT INTO record_document AS l (record_id, document_id, role) VALUES ($1, $2, $3)"
        " ON CONFLICT (record_id, document_id) DO UPDATE SET role = EXCLUDED.role"
        " WHERE l.role <> EXCLUDED.role RETURNING l.record_id",
        row["id"], key, _MINUTES,
    )  # fmt: skip
    if not put:
        return unchanged(EVENT, row)
    await attached.touch(work, EVENT, {UUID(row["id"])})
    return Written(Outcome.UPDATED, [id_of(EVENT, UUID(row["id"]))])


async def _new_minutes(work: Work, event: dict[str, Any], given: Given) -> UUID:
    fields = {"visibility": Visibility.MEMBERS} | given | {"kind": DocumentKind.MINUTES}
    path: Path = ("minutes",)
    [draft] = await drafts_of(work, DOCUMENT, [(path, fields)])
    draft.row["owner_id"] = event["owner_id"]
    [key] = await records.insert(work, DOCUMENT, [draft.row], [path])
    await attached.attach(work, DOCUMENT, [draft])
    return key


_minutes: Fields = new_fields(DOCUMENT, "kind", "owner", "code", "documents")
define_input(
    "MinutesInput", "The minutes of an event, as a new document: a link to them.", _minutes
)


@verb(
    "recordAgreements",
    "event",
    SCOPE,
    "Record what was agreed at an event: all of it, in order. What was recorded before and is not "
    "in the list is no longer there.",
    WHICH
    | {"agreements": ("list[RecordedAgreementInput]", f"At most {MOST}; replaces those before.")}
    | IF_VERSION,
)
async def record_agreements(work: Work, given: Given) -> Written:
    """Those named keep their ids, whatever becomes of their place."""
    row = await ownership.kept(work, EVENT, given)
    items: list[Given] = given["agreements"]
    if len(items) > MOST:
        es, en = f"Son {MOST} acuerdos como mucho.", f"There are {MOST} agreements at most."
        raise Rejected(problem("INVALID", ("agreements",), es, en))
    before = {
        r[0] for r in await work.rows("SELECT id FROM agreement WHERE event_id = $1", row["id"])
    }
    keys = await _named(work, items, before)
    old: list[tuple[Path, UUID, Given]] = []
    new: list[tuple[Path, Given]] = []
    event = {"id": id_of(EVENT, UUID(row["id"]))}
    for n, (item, key) in enumerate(zip(items, keys, strict=True)):
        path: Path = ("agreements", n)
        fields = {k: v for k, v in item.items() if k != "agreement"} | {"position": n + 1}
        if key:
            old.append((path, key, fields))
        else:
            new.append((path, fields | {"event": event}))
    gone = list(before - {key for _, key, _ in old})
    await records.retire(work, AGREEMENT, gone)
    outcomes = await records.update(work, AGREEMENT, old)
    await records.create(work, AGREEMENT, new)
    if not (gone or new or Outcome.UPDATED in outcomes):
        return unchanged(EVENT, row)
    await attached.touch(work, EVENT, {UUID(row["id"])})
    return Written(Outcome.UPDATED, [id_of(EVENT, UUID(row["id"]))])


async def _named(work: Work, items: list[Given], before: set[UUID]) -> list[UUID | None]:
    """Which of those recorded before each item is; none for new ones."""
    named = [(n, item["agreement"]) for n, item in enumerate(items) if item.get("agreement")]
    found = await work.find([(("agreements", n, "agreement"), "Agreement", r) for n, r in named])
    keys: list[UUID | None] = [None] * len(items)
    problems: list[Problem] = []
    for (n, _), key in zip(named, found, strict=True):
        path: Path = ("agreements", n, "agreement")
        if key not in before:
            es, en = "Ese acuerdo es de otro evento.", "That agreement is of another event."
            problems.append(problem("INVALID", path, es, en))
        elif key in keys:
            es, en = "Eso ya está en la lista.", "That is in the list already."
            problems.append(problem("INVALID", path, es, en))
        keys[n] = key
    if problems:
        raise Rejected(*problems)
    return keys


@judges("event")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """The rules of events, whichever verb writes them."""
    for draft in drafts:
        if draft.row.get("status") == _CANCELLED:
            es = "Un evento se cancela con `cancelEvent`."
            en = "An event is cancelled with `cancelEvent`."
            raise Rejected(problem("INVALID", (*draft.path, "status"), es, en))
        if "id" in draft.row:
            row = await locks.columns_of(work, EVENT, UUID(draft.row["id"]))
            if row["status"] == _CANCELLED and "status" in draft.row:
                raise wrong_status(
                    (*draft.path, "status"),
                    "Ese evento se canceló; que se celebre lo dice `moveEvent`.",
                    "That event was cancelled; `moveEvent` has it take place after all.",
                )
        if draft.row.keys() & _TIMES:
            await _date(work, draft)


async def _date(work: Work, draft: Draft) -> None:
    """Have the date follow from the hours, or refuse one that contradicts them.

    One that is there and left out stays where it is vaguer; it follows where it was that of the
    hours before, or is not true of the new ones.
    """
    before: Row = {}
    if "id" in draft.row:
        before = await locks.columns_of(work, EVENT, UUID(draft.row["id"]))
    row = before | draft.row
    days = _days(row, draft.path)
    if days is None:
        return
    first, _ = days
    holds = row.get("date_earliest") and (
        row["date_earliest"] <= first.isoformat() <= row["date_latest"]
    )
    if draft.row.get("date_status"):
        if not holds:
            raise Rejected(_contradiction((*draft.path, "date"), first, row["timezone"]))
    elif not holds or row.get("date_edtf") == _edtf(_days(before, draft.path)):
        given = {"edtf": _edtf(days)}
        draft.row |= columns(_DATE, given, (*draft.path, "date"))


def _days(row: Row, path: Path) -> tuple[date, date] | None:
    """The first and last day of an event with hours, in its zone."""
    if not (row.get("starts_at") and row.get("timezone")):
        return None
    zone = ZoneInfo(row["timezone"])
    start = datetime.fromisoformat(row["starts_at"])
    end = datetime.fromisoformat(row.get("ends_at") or row["starts_at"])
    try:
        first = start.astimezone(zone).date()
        last = (end - timedelta.resolution).astimezone(zone).date() if end > start else first
    except OverflowError:
        es = f"En `{zone}` eso es demasiado pronto o demasiado tarde para una fecha."
        en = f"In `{zone}` that is too early or too late for a date."
        raise Rejected(problem("INVALID", (*path, "startsAt"), es, en)) from None
    return first, last


def _edtf(days: tuple[date, date] | None) -> str | None:
    return "/".join(sorted({day.isoformat() for day in days})) if days else None


def _contradiction(path: Path, day: date, zone: str) -> Problem:
    es = f"`startsAt` cae en {day} en `{zone}`, y `date` dice otra cosa; deje `date` fuera, y lo "
    en = f"`startsAt` is on {day} in `{zone}`, and `date` says otherwise; leave `date` out, so that"
    es += "sigue, o dé ambos de nuevo."
    en += " it follows, or give both anew."
    return problem("INVALID", path, es, en)
