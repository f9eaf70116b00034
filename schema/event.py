"""Events and the series they belong to: meetings, workshops, milestones, deadlines."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import (
    column,
    computed,
    dated,
    entity,
    link,
    many,
    one,
    part,
    rows,
    stored,
    through,
    translated,
    value,
)
from schema.record import Node, Record

if TYPE_CHECKING:
    from datetime import date, datetime

    from schema.country import Country
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.plan import PlanItem
    from schema.record import Party
    from schema.scalars import Url
    from schema.topic import Topic


@strawberry.enum(description="What kind of event it is.")
class EventKind(Enum):
    """A deadline is no meeting, and no meeting a milestone."""

    MEETING = strawberry.enum_value("MEETING", description="A meeting of a body or several.")
    HIGH_LEVEL_EVENT = strawberry.enum_value(
        "HIGH_LEVEL_EVENT", description="A meeting of ministers or their like."
    )
    CONFERENCE = strawberry.enum_value("CONFERENCE", description="A conference or forum.")
    WORKSHOP = strawberry.enum_value("WORKSHOP", description="A workshop.")
    LEARNING_ACTIVITY = strawberry.enum_value(
        "LEARNING_ACTIVITY", description="An activity in which experience is shared."
    )
    MILESTONE = strawberry.enum_value(
        "MILESTONE", description="Something that is there from then on: a report, a decision."
    )
    DEADLINE = strawberry.enum_value("DEADLINE", description="A day until which something is due.")


@strawberry.enum(description="Whether an event stands, as in iCalendar (RFC 5545).")
class EventStatus(Enum):
    """Whether it is past follows from its date."""

    TENTATIVE = strawberry.enum_value("TENTATIVE", description="Planned, not confirmed.")
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="It takes place, or took place.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It does not take place.")


@strawberry.enum(description="How one attends.")
class EventMode(Enum):
    """Null where the source does not say."""

    IN_PERSON = strawberry.enum_value("IN_PERSON", description="At a place.")
    VIRTUAL = strawberry.enum_value("VIRTUAL", description="Online.")
    HYBRID = strawberry.enum_value("HYBRID", description="At a place or online.")


@strawberry.enum(description="What a party is to an event.")
class EventRole(Enum):
    """On the edge."""

    ORGANIZER = strawberry.enum_value("ORGANIZER", description="Calls and prepares it.")
    CO_ORGANIZER = strawberry.enum_value("CO_ORGANIZER", description="Helps to prepare it.")
    HOST = strawberry.enum_value("HOST", description="Receives it.")
    PARTICIPANT = strawberry.enum_value("PARTICIPANT", description="Takes part.")
    AUDIENCE = strawberry.enum_value("AUDIENCE", description="It is meant for it.")


@strawberry.enum(description="How often the events of a series take place.")
class Frequency(Enum):
    """As the sources say; `AMBIGUOUS` has no next occurrences."""

    MONTHLY = strawberry.enum_value("MONTHLY", description="Every month.")
    EVERY_TWO_MONTHS = strawberry.enum_value("EVERY_TWO_MONTHS", description="Every two months.")
    QUARTERLY = strawberry.enum_value("QUARTERLY", description="Every three months.")
    TWICE_A_YEAR = strawberry.enum_value("TWICE_A_YEAR", description="Every half year.")
    YEARLY = strawberry.enum_value("YEARLY", description="Every year.")
    AS_NEEDED = strawberry.enum_value("AS_NEEDED", description="When it is called.")
    AMBIGUOUS = strawberry.enum_value(
        "AMBIGUOUS", description="The source's word can mean two things; see its citation."
    )
    UNSTATED = strawberry.enum_value("UNSTATED", description="The source does not say.")


@value
class Occurrence:
    """A window in which an event of a series is to take place."""

    edtf: str = part(
        "In EDTF (ISO 8601-2): a month, a quarter such as `2023-34`, a half year such as `2023-40`."
    )
    earliest: date = part("The first day of the window.")
    latest: date = part("The last day of the window.")


@entity(
    plural="series",
    slug=True,
    orders={"TITLE": "title"},
    title="title",
    search=("title", "slug"),
    scope="events:write",
)
class EventSeries(Record):
    """Events that repeat: the quarterly meetings of a body."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    title: str = translated("What it is called.")
    party: Party | None = one("The body whose meetings these are.")
    frequency: Frequency = column("How often.", filter=True)
    frequency_text: str | None = column("How often, in the words of the source.")
    mode: EventMode | None = column("How one attends, where the source says so.", filter=True)
    start: FuzzyDate | None = dated("Since when it runs.")
    end: FuzzyDate | None = dated("When it ended; null while it runs.")
    parties: Connection[Party] = through("event_series_party", "Who takes part, and how.")
    events: Connection[Event] = many("series", "Those that are recorded one by one.")
    next_occurrences: list[Occurrence] = rows(
        """SELECT o.edtf, o.earliest, o.latest FROM occurrences({row}.frequency,
            greatest(coalesce({after}, (now() AT TIME ZONE 'UTC')::date), {row}.start_earliest),
            {count}) o
        WHERE {row}.end_status IS NULL OR o.earliest <= {row}.end_latest
        ORDER BY o.earliest""",
        "The windows in which the next ones are to take place. Empty where the frequency is not "
        "clear, or the series has ended.",
        after=("date | None", "Windows that end on this day or later; today if left out."),
        count=("int", "How many, from 1 to 24.", 4),
    )


@link
class EventSeriesParty:
    """A party of all the events of a series."""

    event_series: EventSeries = one("The series.")
    party: Party = one("The party.", freely=("AUDIENCE",))
    role: EventRole = column("What it is to the events.", default="'PARTICIPANT'")


@entity(
    orders={"DATE": "date", "TITLE": "title"},
    title="title",
    search=("title", "place"),
    constraints=(
        CheckConstraint("super_event_id <> id", name="super_event"),
        CheckConstraint(
            "starts_at <= ends_at",
            name="ends_at",
            info={
                "es": "Un evento no termina antes de empezar: `endsAt` es anterior a `startsAt`.",
                "en": "An event does not end before it begins: `endsAt` is before `startsAt`.",
            },
        ),
        CheckConstraint(
            "(starts_at IS NULL) = (timezone IS NULL)",
            name="timezone",
            info={
                "es": "`startsAt` y `timezone` van juntos: dé los dos o ninguno.",
                "en": "`startsAt` and `timezone` go together: give both or neither.",
            },
        ),
        CheckConstraint(
            "ends_at IS NULL OR starts_at IS NOT NULL",
            name="starts_at",
            info={
                "es": "`endsAt` necesita un `startsAt`.",
                "en": "`endsAt` needs a `startsAt`.",
            },
        ),
    ),
    scope="events:write",
)
class Event(Record):
    """A meeting, a workshop, a milestone: something that takes place, or a day that counts."""

    title: str = translated("What it is called.")
    description: str | None = translated("More about it.")
    kind: EventKind = column("What kind of event it is.", filter=True)
    status: EventStatus = column("Whether it stands.", filter=True, default="'CONFIRMED'")
    date: FuzzyDate | None = dated(
        "When; as vague as its source. Where only `startsAt` is given, its days in that zone."
    )
    starts_at: datetime | None = column("The instant it starts, where it is known.", filter=True)
    ends_at: datetime | None = column("The instant it ends, where it is known.")
    timezone: str | None = column(
        "The IANA zone of its place, such as `America/Panama`.", standard="IANA"
    )
    cancellation_reason: str | None = translated(
        "Why it does not take place; for its owner and its members.", members=True, by_verb=True
    )
    mode: EventMode | None = column("How one attends, where the source says so.", filter=True)
    place: str | None = column("Where, no finer than a municipality.")
    country: Country | None = one("The country it takes place in.")
    join_url: Url | None = column(
        "Where to attend online; for the owner and its members.", members=True
    )
    series: EventSeries | None = one("The series it belongs to.")
    super_event: Event | None = one("The event in whose margins it takes place.")
    sub_events: Connection[Event] = many("super_event", "The events in its margins.")
    past: bool | None = computed(
        "({row}.date_latest < coalesce({on}, (now() AT TIME ZONE 'UTC')::date))",
        "Whether it is over on the day for certain; null where no date is known.",
        on=("date | None", "The day asked about; today if left out."),
    )
    parties: Connection[Party] = through("event_party", "Who calls it, takes part, or is invited.")
    plan_items: Connection[PlanItem] = through("event_plan_item", "The items of plans it serves.")
    agreements: Connection[Agreement] = many("event", "What was agreed there.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")


@link
class EventParty:
    """A party of an event."""

    event: Event = one("The event.")
    party: Party = one("The party.", freely=("AUDIENCE",))
    role: EventRole = column("What it is to the event.", default="'PARTICIPANT'")


@link
class EventPlanItem:
    """An item of a plan that an event serves."""

    event: Event = one("The event.")
    plan_item: PlanItem = one("The item.")


@strawberry.enum(description="Where an agreement stands.")
class AgreementStatus(Enum):
    """From the meeting on."""

    OPEN = strawberry.enum_value("OPEN", description="Still to be done.")
    DONE = strawberry.enum_value("DONE", description="Done.")
    DROPPED = strawberry.enum_value("DROPPED", description="Given up.")


@entity(follows="event", orders={"POSITION": "position", "DUE": "due"}, scope="events:write")
class Agreement(Node):
    """What was agreed at an event: what, who, by when."""

    event: Event = one("The event.")
    text: str = translated("What was agreed.", personal=True)
    responsible: Party | None = one("Who sees to it.")
    due: FuzzyDate | None = dated("By when.")
    status: AgreementStatus = column("Where it stands.", filter=True, default="'OPEN'")
    position: int = column("Its place among the agreements of the event, from 1.", default="1")


stored(
    "event_series",
    # Windows of whole months that end after the day; none for a frequency that says no length.
    """CREATE OR REPLACE FUNCTION occurrences(frequency text, after date, first int)
    RETURNS TABLE (edtf text, earliest date, latest date)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 4
    BEGIN ATOMIC
        SELECT CASE WHEN length.months = 12 THEN to_char(w.earliest, 'YYYY')
                WHEN length.months = 6 THEN to_char(w.earliest, 'YYYY-')
                    || 40 + (extract(month FROM w.earliest)::int - 1) / 6
                WHEN length.months = 3 THEN to_char(w.earliest, 'YYYY-')
                    || 33 + (extract(month FROM w.earliest)::int - 1) / 3
                WHEN length.months = 1 THEN to_char(w.earliest, 'YYYY-MM')
                ELSE '[' || to_char(w.earliest, 'YYYY-MM') || '..'
                    || to_char(w.latest, 'YYYY-MM') || ']' END,
            w.earliest, w.latest
        FROM (SELECT CASE occurrences.frequency WHEN 'MONTHLY' THEN 1
            WHEN 'EVERY_TWO_MONTHS' THEN 2 WHEN 'QUARTERLY' THEN 3
            WHEN 'TWICE_A_YEAR' THEN 6 WHEN 'YEARLY' THEN 12 END AS months) length,
        generate_series(0, least(greatest(occurrences.first, 0), 24) - 1) n,
        LATERAL (SELECT (date_trunc('year', occurrences.after)
            + make_interval(months => length.months * (n + (
                extract(month FROM occurrences.after)::int - 1) / length.months)))::date
            AS earliest) e,
        LATERAL (SELECT e.earliest,
            (e.earliest + make_interval(months => length.months) - interval '1 day')::date
            AS latest) w
        WHERE length.months IS NOT NULL AND w.latest <= '9999-12-31';
    END""",
)
