"""Posts and mandates: the seats of a group, and who held which from when to when.

A post is one seat; a mandate is a party's time in it. Who holds a post on a day, who did before and
who is next follow from the dates; so do the warnings where a mandate departs from the post's rule.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from schema.base import (
    column,
    computed,
    dated,
    entity,
    found,
    many,
    one,
    part,
    rows,
    stored,
    translated,
    value,
)
from schema.record import Record

if TYPE_CHECKING:
    from schema.achievement import Achievement
    from schema.country import Country
    from schema.election import Election
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.person import Person
    from schema.record import Party
    from schema.working_group import WorkingGroup


@strawberry.enum(description="What kind of seat a post is.")
class PostKind(Enum):
    """As the sources call them."""

    PRO_TEMPORE_PRESIDENCY = strawberry.enum_value(
        "PRO_TEMPORE_PRESIDENCY", description="The presidency for a time."
    )
    TECHNICAL_SECRETARIAT = strawberry.enum_value(
        "TECHNICAL_SECRETARIAT", description="A seat in the technical secretariat."
    )
    SECRETARY = strawberry.enum_value("SECRETARY", description="The secretary of a table.")
    DELEGATE = strawberry.enum_value("DELEGATE", description="The principal delegate of a table.")
    ALTERNATE = strawberry.enum_value("ALTERNATE", description="The alternate delegate of a table.")
    REPRESENTATIVE = strawberry.enum_value(
        "REPRESENTATIVE", description="A representative in a body that others make up."
    )
    LEADER = strawberry.enum_value("LEADER", description="The leader of a working group.")
    FOCAL_POINT = strawberry.enum_value(
        "FOCAL_POINT", description="The focal point for one country."
    )


@strawberry.enum(description="How the holder of a post is found.")
class Selection(Enum):
    """Of a post by rule, of a mandate in fact."""

    ELECTION = strawberry.enum_value("ELECTION", description="By election.")
    CONSENSUS = strawberry.enum_value("CONSENSUS", description="By consensus.")
    ROTATION = strawberry.enum_value(
        "ROTATION", description="In turn, by the alphabet of the members' Spanish names."
    )
    VOLUNTARY = strawberry.enum_value("VOLUNTARY", description="Whoever offers itself.")
    DESIGNATION = strawberry.enum_value("DESIGNATION", description="By designation.")


@strawberry.enum(description="Where a mandate stands on a day.")
class MandateStatus(Enum):
    """Follows from its dates."""

    DESIGNATED = strawberry.enum_value("DESIGNATED", description="It has not begun.")
    CURRENT = strawberry.enum_value("CURRENT", description="It has begun and not ended.")
    ENDED = strawberry.enum_value("ENDED", description="It has ended.")


@strawberry.enum(description="A rule about posts that a mandate can depart from.")
class MandateRule(Enum):
    """Soft rules: what departs from them is shown, not refused."""

    ROTATION = strawberry.enum_value(
        "ROTATION", description="The turn of another member, by the rotation of the post."
    )
    TERM = strawberry.enum_value("TERM", description="Longer than a term of the post.")
    REELECTION = strawberry.enum_value(
        "REELECTION", description="More terms in a row than the post allows."
    )


@value
class MandateWarning:
    """A rule of the post that a mandate departs from."""

    rule: MandateRule = part("Which rule.")
    expected: Party | None = one("Who would have been next, where the rule is the rotation.")
    message: str = part("What departs from it, in a sentence.")


_ON = {"on": ("date | None", "The day asked about; today if left out.")}
_DAY = "coalesce({on}, (now() AT TIME ZONE 'UTC')::date)"


@entity(
    slug=True,
    orders={"POSITION": "position", "TITLE": "title"},
    title="title",
    search=("title", "slug"),
    constraints=(
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("term_months > 0", name="term_months"),
        CheckConstraint("consecutive_terms > 0", name="consecutive_terms"),
        CheckConstraint("(kind = 'FOCAL_POINT') = (country_id IS NOT NULL)", name="country"),
    ),
    scope="groups:write",
    within="group",
)
class Post(Record):
    """One seat of a group: a presidency, a secretariat, a representative, a focal point."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    group: WorkingGroup | None = one("The group; null if you may not see it.", required=True)
    kind: PostKind = column("What kind of seat it is.", filter=True)
    title: str = translated("What it is called.")
    country: Country | None = one("The country it is for, where it is a focal point.")
    elected_by: WorkingGroup | None = one("The group that fills it, where that is another one.")
    position: int = column("Its place among the posts of the group, from 1.", default="1")
    selection: Selection | None = column("How its holder is found.", filter=True)
    officer: bool = column(
        "Whether its holder acts for the group and for the bodies below it. After its time, the "
        "last holder does until somebody follows.",
        filter=True,
        default="false",
    )
    required: bool = column(
        "Whether the group is complete only with it.", filter=True, default="false"
    )
    term_months: int | None = column("How many months a term has.")
    consecutive_terms: int | None = column("How many terms in a row one may hold it.")
    rule_since: FuzzyDate | None = dated("Since when its rule holds.")
    mandates: Connection[Mandate] = many("post", "Who held it, holds it, or is designated to.")
    elections: Connection[Election] = many("post", "The elections of its holder.")
    vacant: bool = computed(
        f"mandate_on({{row}}.id, 0, {_DAY}) IS NULL",
        "Whether nobody is recorded as holding it on the day. Sources often name nobody; then a "
        "citation of the post says so.",
        filter=True,
        **_ON,
    )
    current_mandate: Mandate | None = found(
        f"mandate_on({{row}}.id, 0, {_DAY})", "Who holds it on the day.", **_ON
    )
    previous_mandate: Mandate | None = found(
        f"mandate_on({{row}}.id, -1, {_DAY})", "Who held it before, as of the day.", **_ON
    )
    next_mandate: Mandate | None = found(
        f"mandate_on({{row}}.id, 1, {_DAY})", "Who is designated to hold it next.", **_ON
    )
    next_by_rotation: Party | None = found(
        f"next_by_rotation({{row}}.id, {_DAY})",
        "Whose turn comes after the latest mandate that had begun by the day; null where the post "
        "does not rotate, or did not yet.",
        **_ON,
    )


CERTAIN_DAYS = "certain_days(start_latest, start_status, end_earliest, end_status, created_at)"


@entity(
    orders={"START": "start"},
    periods={"heldOn": ("start", "end")},
    constraints=(
        CheckConstraint(
            "start_earliest <= end_latest",
            name="order",
            info={
                "es": "Un mandato no puede terminar antes de empezar.",
                "en": "A mandate cannot end before it starts.",
            },
        ),
        # Judged at the end, so that a handover may touch both mandates in any order.
        ExcludeConstraint(
            ("post_id", "="),
            (text(CERTAIN_DAYS), "&&"),
            name="mandate_seat_excl",
            where=text("visibility <> 'DRAFT'"),
            deferrable=True,
            initially="DEFERRED",
            info={
                "code": "SEAT_TAKEN",
                "es": "Otro mandato ocupa el puesto en esos días; termínelo antes, o empiece "
                "después.",
                "en": "Another mandate fills the post on those days; end that one before, or start "
                "later.",
            },
        ),
        ExcludeConstraint(
            ("post_id", "="),
            name="mandate_designated_excl",
            where=text("visibility <> 'DRAFT' AND start_status = 'TO_BE_CONFIRMED'"),
            using="btree",
            deferrable=True,
            initially="DEFERRED",
            info={
                "code": "SEAT_TAKEN",
                "es": "Ya hay alguien designado para el puesto; que renuncie antes.",
                "en": "Somebody is designated to the post already; let that one resign first.",
            },
        ),
    ),
)
class Mandate(Record):
    """A party's time in a post."""

    post: Post | None = one("The post; null if you may not see it.", required=True)
    holder: Party | None = one("Who holds it; null if you may not see it.", required=True)
    person: Person | None = one(
        "The person who acts for the holder, with their consent.", personal=True
    )
    selection: Selection | None = column("How the holder was found.", filter=True)
    start: FuzzyDate | None = dated("When it began, or is to begin.")
    end: FuzzyDate | None = dated("When it ended, or is to end; null while that is open.")
    parity_attested: bool | None = column(
        "Whether the group attests that its seats are shared evenly between women and men."
    )
    status: MandateStatus = computed(
        f"mandate_status({{row}}.start_earliest, {{row}}.start_status,"
        f" {{row}}.end_latest, {{row}}.end_status, {_DAY})",
        "Where it stands on the day.",
        filter=True,
        **_ON,
    )
    warnings: list[MandateWarning] = rows(
        """SELECT w.rule, w.expected_id,
            CASE '{language}' WHEN 'en' THEN w.message_en ELSE w.message_es END AS message
        FROM mandate_warnings({row}.id) w LEFT JOIN record r_ ON r_.id = w.expected_id
        WHERE (w.expected_id IS NULL OR {visible record r_})
            AND EXISTS (SELECT FROM post p_ WHERE p_.id = {row}.post_id AND {visible post p_})
        ORDER BY w.rule""",
        "The rules of the post that it departs from. The record stands; the rule is shown.",
    )
    achievements: Connection[Achievement] = many("mandate", "What was reached in this time.")


stored(
    "mandate",
    """CREATE OR REPLACE FUNCTION mandate_status(
        first date, start_status text, last date, end_status text, day date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN is_over(last, end_status, day) THEN 'ENDED'
        WHEN has_begun(first, start_status, day) THEN 'CURRENT' ELSE 'DESIGNATED' END""",
    # Who holds a post on a day is who began it last and whose time is not over; before that, who
    # began last of the others; next, who begins first after it. Where dates are vague, a mandate
    # runs from the first day it can have begun to the last it can have lasted.
    """CREATE OR REPLACE FUNCTION mandate_on(post uuid, step int, day date) RETURNS uuid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        WITH known AS (
            SELECT m.id, m.start_earliest AS start,
                has_begun(m.start_earliest, m.start_status, mandate_on.day) AS begun,
                is_over(m.end_latest, m.end_status, mandate_on.day) AS over
            FROM mandate m WHERE m.post_id = mandate_on.post AND m.visibility = 'PUBLIC'),
        held AS (
            SELECT k.id FROM known k WHERE k.begun AND NOT k.over
            ORDER BY k.start DESC NULLS LAST, k.id LIMIT 1)
        SELECT CASE mandate_on.step
            WHEN 0 THEN (SELECT h.id FROM held h)
            WHEN 1 THEN (SELECT k.id FROM known k WHERE NOT k.begun AND NOT k.over
                ORDER BY k.start, k.id LIMIT 1)
            ELSE (SELECT k.id FROM known k WHERE k.begun AND k.id NOT IN (SELECT h.id FROM held h)
                ORDER BY k.start DESC NULLS LAST, k.id LIMIT 1) END;
    END""",
    # The members of the post's group on a day, in turn by the alphabet of their Spanish names:
    # who comes after the holder of the latest mandate that had begun by then.
    """CREATE OR REPLACE FUNCTION next_by_rotation(post uuid, day date) RETURNS uuid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        WITH latest AS (
            SELECT p.group_id, r.name_es_sort AS name
            FROM post p JOIN mandate m ON m.post_id = p.id AND m.visibility = 'PUBLIC'
            JOIN record r ON r.id = m.holder_id
            WHERE p.id = next_by_rotation.post AND p.selection = 'ROTATION'
                AND coalesce(p.rule_since_earliest <= next_by_rotation.day, true)
                AND m.start_earliest <= next_by_rotation.day
            ORDER BY m.start_earliest DESC, m.id LIMIT 1)
        SELECT r.id FROM latest l
        JOIN membership s ON s.group_id = l.group_id AND s.status = 'ACTIVE'
            AND s.visibility = 'PUBLIC'
            AND has_begun(s.start_earliest, s.start_status, next_by_rotation.day)
            AND NOT is_over(s.end_latest, s.end_status, next_by_rotation.day)
        JOIN record r ON r.id = s.party_id
        ORDER BY r.name_es_sort <= l.name, r.name_es_sort, r.id LIMIT 1;
    END""",
    # The number of a mandate among those in a row, of its person or of its holder, in seats of the
    # same kind: who moves to the other seat of a body gains no term. A row ends where somebody else
    # began in between, and at a gap of more than a month.
    """CREATE OR REPLACE FUNCTION consecutive_terms(mandate uuid, of_person boolean) RETURNS int
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        WITH RECURSIVE this AS (
            SELECT m.*, p.group_id, p.kind, p.elected_by_id, p.country_id
            FROM mandate m JOIN post p ON p.id = m.post_id
            WHERE m.id = consecutive_terms.mandate),
        own AS (
            SELECT m.id, m.post_id, m.start_earliest AS first, m.end_latest AS last
            FROM this t JOIN post p ON p.group_id = t.group_id AND p.kind = t.kind
                AND p.elected_by_id IS NOT DISTINCT FROM t.elected_by_id
                AND p.country_id IS NOT DISTINCT FROM t.country_id
            JOIN mandate m ON m.post_id = p.id AND (m.visibility = 'PUBLIC' OR m.id = t.id)
                AND CASE WHEN consecutive_terms.of_person THEN m.person_id = t.person_id
                    ELSE m.holder_id = t.holder_id END),
        row_ AS (
            SELECT o.*, 1 AS n FROM own o WHERE o.id = consecutive_terms.mandate
            UNION ALL
            SELECT b.*, r.n + 1 FROM row_ r CROSS JOIN LATERAL (
                SELECT o.* FROM own o WHERE o.first < r.first ORDER BY o.first DESC LIMIT 1) b
            WHERE coalesce(b.last >= r.first - 31, true) AND NOT EXISTS (
                SELECT FROM this t JOIN mandate x ON x.post_id = b.post_id
                    AND x.visibility = 'PUBLIC' AND x.start_earliest > b.first
                    AND x.start_earliest < r.first
                WHERE x.holder_id <> t.holder_id
                    OR consecutive_terms.of_person AND x.person_id <> t.person_id))
        SELECT max(n) FROM row_;
    END""",
    # A rule binds mandates that began after the year in which it was made. A term may be longer
    # than the rule by the vagueness of its dates, at most by a month.
    """CREATE OR REPLACE FUNCTION mandate_warnings(mandate uuid)
    RETURNS TABLE (rule text, expected_id uuid, message_es text, message_en text)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
    BEGIN ATOMIC
        WITH this AS (
            SELECT m.*, p.selection AS rule, p.term_months, p.consecutive_terms,
                coalesce(m.start_earliest > p.rule_since_latest, p.rule_since_status IS NULL)
                    AS bound
            FROM mandate m JOIN post p ON p.id = m.post_id WHERE m.id = mandate_warnings.mandate),
        due AS (
            SELECT next_by_rotation(t.post_id, t.start_earliest - 1) AS id, t.holder_id
            FROM this t WHERE t.bound AND t.rule = 'ROTATION'),
        terms AS (
            SELECT consecutive_terms(t.id, t.person_id IS NOT NULL) AS n FROM this t)
        SELECT 'ROTATION', d.id,
            'Por rotación alfabética correspondía a ' || r.name_es || '.',
            'By alphabetical rotation it was the turn of ' || r.name_en || '.'
        FROM due d JOIN LATERAL (
            SELECT coalesce(a.name_es, a.name_en) AS name_es, coalesce(a.name_en, a.name_es)
                AS name_en FROM actor a WHERE a.id = d.id
            UNION ALL SELECT coalesce(g.name_es, g.name_en), coalesce(g.name_en, g.name_es)
            FROM working_group g WHERE g.id = d.id) r ON true
        WHERE d.id <> d.holder_id
        UNION ALL
        SELECT 'TERM', NULL::uuid,
            'Dura más que un período de ' || t.term_months || ' meses.',
            'It is longer than a term of ' || t.term_months || ' months.'
        FROM this t WHERE t.bound AND t.end_earliest > t.start_latest
            + make_interval(months => t.term_months + 1)
        UNION ALL
        SELECT 'REELECTION', NULL::uuid,
            'Es el período consecutivo número ' || n || ' y la regla permite '
                || t.consecutive_terms || '.',
            'It is consecutive term number ' || n || ', and the rule allows '
                || t.consecutive_terms || '.'
        FROM this t, terms WHERE t.bound AND n > t.consecutive_terms;
    END""",
)
