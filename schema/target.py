"""How plans are measured: targets, what was reported of them, and what is lacking."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, computed, dated, entity, many, one, translated
from schema.plan import ActivityStatus
from schema.record import Node, Record

if TYPE_CHECKING:
    from decimal import Decimal

    from schema.country import Country
    from schema.document import Document
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.plan import PlanItem
    from schema.record import Party


@strawberry.enum(description="How a value has to lie to its target.")
class TargetComparator(Enum):
    """Which of `minimum` and `maximum` are given follows from it."""

    AT_LEAST = strawberry.enum_value("AT_LEAST", description="`minimum` or more.")
    AT_MOST = strawberry.enum_value("AT_MOST", description="`maximum` or less.")
    BETWEEN = strawberry.enum_value("BETWEEN", description="From `minimum` to `maximum`.")
    EXACTLY = strawberry.enum_value("EXACTLY", description="`minimum`, which is `maximum` too.")
    INCREASE = strawberry.enum_value("INCREASE", description="More than before; no number given.")


@strawberry.enum(description="The time in which a target is to be reached.")
class TargetPeriod(Enum):
    """Where the source says so."""

    PLAN = strawberry.enum_value("PLAN", description="The period of the plan.")
    YEAR = strawberry.enum_value("YEAR", description="Each year.")
    QUARTER = strawberry.enum_value("QUARTER", description="Each quarter.")


@strawberry.enum(description="How a reported value adds to the ones before.")
class ProgressValueKind(Enum):
    """An update has a kind when it has a value."""

    CUMULATIVE = strawberry.enum_value("CUMULATIVE", description="All that was reached so far.")
    INCREMENT = strawberry.enum_value("INCREMENT", description="What was reached since the last.")


@strawberry.enum(description="Whether somebody checked what was reported.")
class Verification(Enum):
    """Reported first, verified by another party."""

    REPORTED = strawberry.enum_value("REPORTED", description="As reported.")
    VERIFIED = strawberry.enum_value("VERIFIED", description="Checked by `verifiedBy`.")


@strawberry.enum(description="What kind of support it is.")
class SupportKind(Enum):
    """As the Global Refugee Forum sorts pledges, and the GCM's repository with it."""

    FINANCIAL = strawberry.enum_value("FINANCIAL", description="Money.")
    TECHNICAL = strawberry.enum_value("TECHNICAL", description="Knowledge and technical help.")
    MATERIAL = strawberry.enum_value("MATERIAL", description="Goods, buildings, equipment.")
    HUMAN = strawberry.enum_value("HUMAN", description="People and their time.")
    POLICY = strawberry.enum_value("POLICY", description="A law, a policy or its application.")
    PROCESS = strawberry.enum_value("PROCESS", description="Taking part in, or leading, a process.")


_REACHED = """(SELECT sum(u_.value) FROM progress_update u_
    WHERE u_.target_id = {row}.id AND {visible progress_update u_}
    AND (coalesce(u_.date_latest, '-infinity'), u_.created_at, u_.id) >= coalesce((
        SELECT (coalesce(c_.date_latest, '-infinity'), c_.created_at, c_.id)
        FROM progress_update c_
        WHERE c_.target_id = {row}.id AND c_.value_kind = 'CUMULATIVE'
            AND {visible progress_update c_}
        ORDER BY coalesce(c_.date_latest, '-infinity') DESC, c_.created_at DESC, c_.id DESC
        LIMIT 1), (coalesce(u_.date_latest, '-infinity'), u_.created_at, u_.id)))"""


@entity(
    orders={"POSITION": "position", "METRIC": "metric"},
    title="metric",
    search=("metric",),
    constraints=(
        CheckConstraint("minimum <= maximum", name="range"),
        CheckConstraint(
            "CASE comparator WHEN 'AT_LEAST' THEN minimum IS NOT NULL AND maximum IS NULL"
            " WHEN 'AT_MOST' THEN minimum IS NULL AND maximum IS NOT NULL"
            " WHEN 'INCREASE' THEN minimum IS NULL AND maximum IS NULL"
            " WHEN 'EXACTLY' THEN minimum = maximum"
            " ELSE minimum IS NOT NULL AND maximum IS NOT NULL END",
            name="bounds",
        ),
    ),
    scope="plans:write",
    within="item",
)
class Target(Record):
    """What an item of a plan is measured by: "two to four learning activities a year"."""

    item: PlanItem | None = one("The item; null if you may not see it.", required=True)
    metric: str = translated("What is counted.")
    comparator: TargetComparator = column("How the value has to lie.", filter=True)
    minimum: Decimal | None = column("The least that reaches it.")
    maximum: Decimal | None = column("The most that reaches it.")
    unit: str | None = translated("What one of it is.")
    period: TargetPeriod | None = column("In what time, where the source says so.", filter=True)
    position: int = column("Its place among the item's targets, from 1.", default="1")
    reached: Decimal | None = computed(
        _REACHED,
        "What was reached so far: the latest cumulative value and the increments after it, in the "
        "order of the last days their dates can be, undated ones first; null before any value.",
    )
    progress_updates: Connection[ProgressUpdate] = many("target", "What was reported of it.")


@entity(
    orders={"DATE": "date"},
    constraints=(
        CheckConstraint(
            "(value IS NULL) = (value_kind IS NULL)",
            name="value_kind_given",
            info={
                "es": "`value` y `valueKind` van juntos: dé los dos o ninguno.",
                "en": "`value` and `valueKind` go together: give both or neither.",
            },
        ),
        CheckConstraint(
            "value IS NOT NULL OR status IS NOT NULL OR statement_es IS NOT NULL"
            " OR statement_en IS NOT NULL",
            name="something",
            info={
                "es": "Un informe dice algo: dé `value`, `status` o `statement`.",
                "en": "A report says something: give `value`, `status` or `statement`.",
            },
        ),
        CheckConstraint(
            "(verification = 'VERIFIED') = (verified_by_id IS NOT NULL)", name="verified"
        ),
    ),
)
class ProgressUpdate(Record):
    """What was reported of an item of a plan, on a day."""

    item: PlanItem | None = one("The item; null if you may not see it.", required=True)
    target: Target | None = one("The target that the value counts for.")
    date: FuzzyDate | None = dated("When this was so.")
    value: Decimal | None = column("How much, in the target's unit.")
    value_kind: ProgressValueKind | None = column("How the value adds to the ones before.")
    status: ActivityStatus | None = column("Where the item stands, as reported.", filter=True)
    statement: str | None = translated("What was reported, in words.")
    reported_by: Party | None = one("Who reported it.")
    verification: Verification = column(
        "Whether somebody checked it.", filter=True, default="'REPORTED'", by_verb=True
    )
    verified_by: Party | None = one("Who checked it.", by_verb=True)
    evidence: Document | None = one("What shows it.")
    disaggregations: Connection[Disaggregation] = many("update", "The value by groups.")


@strawberry.enum(description="What a value is split by.")
class Dimension(Enum):
    """Of a disaggregation."""

    SEX = strawberry.enum_value("SEX", description="By sex.")
    AGE = strawberry.enum_value("AGE", description="By age.")
    COUNTRY = strawberry.enum_value("COUNTRY", description="By country.")
    NATIONALITY = strawberry.enum_value("NATIONALITY", description="By nationality.")
    STATUS = strawberry.enum_value("STATUS", description="By legal status.")
    OTHER = strawberry.enum_value("OTHER", description="By something else.")


@entity(follows="update", orders={"POSITION": "position"})
class Disaggregation(Node):
    """A part of a reported value, such as that of women."""

    update: ProgressUpdate = one("The update whose value it is a part of.")
    dimension: Dimension = column("What the value is split by.", filter=True)
    category: str = column("Which part, such as `women` or `0–17`.")
    value: Decimal = column("How much of the value.")
    position: int = column("Its place among the parts, from 1.", default="1")


@entity(
    orders={"TITLE": "title"},
    title="title",
    search=("title",),
    constraints=(
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("met >= 0", name="met"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("currency IS NULL OR amount IS NOT NULL", name="currency_of"),
    ),
)
class Need(Record):
    """What is lacking: money, knowledge, goods or people, how much, and how much of it came."""

    item: PlanItem | None = one("The item of a plan that needs it.")
    country: Country | None = one("The country that needs it.")
    kind: SupportKind = column("What kind of support.", filter=True)
    title: str = translated("What is lacking.")
    amount: Decimal | None = column("How much; null where nobody said.")
    currency: str | None = column(
        "ISO 4217, such as `USD`, where it is money.", filter=True, standard="ISO 4217"
    )
    unit: str | None = translated("What one of it is, where it is not money.")
    met: Decimal = column("How much of it came so far.", default="0")
    satisfied: bool = column(
        "Whether it is met, as who stated it says.", filter=True, default="false"
    )
    unmet: Decimal | None = computed(
        "(CASE WHEN {row}.satisfied OR {row}.met >= {row}.amount THEN 0.00"
        " ELSE {row}.amount - {row}.met END)",
        "How much is still lacking; null where neither the amount is known nor that it is met.",
    )
    open: bool = computed(
        "(NOT {row}.satisfied AND ({row}.amount IS NULL OR {row}.met < {row}.amount))",
        "Whether something of it is still lacking.",
        filter=True,
    )
