"""Contributions: a ledger of what was announced, committed, paid, spent or given in kind.

Each entry stands in one stage and one currency, and stages are never added up. An entry takes the
place of the one that it `revises`; an entry with an `upstream` is money that was counted there.
"""

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
    refusal,
    stored,
    through,
    translated,
    value,
)
from schema.money import money
from schema.record import Record
from schema.target import SupportKind

if TYPE_CHECKING:
    from decimal import Decimal

    from schema.country import Country
    from schema.event import Event
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.plan import PlanItem
    from schema.pledge import Pledge
    from schema.record import Party
    from schema.topic import Topic


@strawberry.enum(description="How far a contribution has come; stages are never added up.")
class ContributionStage(Enum):
    """After IATI's codelist TransactionType."""

    ANNOUNCED = strawberry.enum_value("ANNOUNCED", description="Made public; not yet a pledge.")
    PLEDGE = strawberry.enum_value("PLEDGE", description="Promised.")
    COMMITMENT = strawberry.enum_value("COMMITMENT", description="Agreed in writing.")
    DISBURSEMENT = strawberry.enum_value("DISBURSEMENT", description="Paid to the receiver.")
    EXPENDITURE = strawberry.enum_value("EXPENDITURE", description="Spent.")
    IN_KIND = strawberry.enum_value("IN_KIND", description="Given as goods or services.")


@strawberry.enum(description="How an amount is to be read.")
class AmountComparator(Enum):
    """A lower bound stays one in every total."""

    EXACTLY = strawberry.enum_value("EXACTLY", description="This much.")
    AT_LEAST = strawberry.enum_value("AT_LEAST", description="This much or more.")
    ABOUT = strawberry.enum_value("ABOUT", description="About this much.")


@entity(
    orders={"DATE": "date"},
    title="description",
    search=("description",),
    constraints=(
        *money(),
        CheckConstraint("usd_value > 0", name="usd_value"),
        CheckConstraint("revises_id <> id", name="revises"),
        CheckConstraint("upstream_id <> id", name="upstream"),
    ),
)
class Contribution(Record):
    """One entry of the ledger of support."""

    stage: ContributionStage = column("How far it has come.", filter=True)
    support: SupportKind = column("What kind of support.", filter=True, default="'FINANCIAL'")
    description: str | None = translated("What was given, in a few words.")
    date: FuzzyDate | None = dated("When it came to this stage.")
    amount: Decimal | None = column("How much, in `currency`; two decimals.", filter=True)
    currency: str | None = column("ISO 4217, such as `USD`.", filter=True, standard="ISO 4217")
    comparator: AmountComparator = column(
        "How the amount is to be read.", filter=True, default="'EXACTLY'"
    )
    usd_value: Decimal | None = column("What it is worth in US dollars, as its reporter says.")
    giver: Party | None = one("Who gives; null where the source does not say.", freely=True)
    receiver: Party | None = one("Who receives; null where the source does not say.", freely=True)
    channel: Party | None = one("Through whom it is given.", freely=True)
    pledge: Pledge | None = one("The pledge that it follows.")
    event: Event | None = one("Where it was announced.")
    upstream: Contribution | None = one("The entry by which its giver got this money.")
    downstream: Connection[Contribution] = many("upstream", "What was passed on of it.")
    revises: Contribution | None = one(
        "The earlier entry that it takes the place of.", unique=True, by_verb=True
    )
    cancelled: bool = column(
        "Whether it was taken back: then it counts in no total.",
        filter=True,
        default="false",
        by_verb=True,
    )
    cancellation_reason: str | None = translated(
        "Why it was taken back, if so; for its owner and its members.", members=True, by_verb=True
    )
    superseded: bool = computed(
        "EXISTS (SELECT FROM contribution r_ WHERE r_.revises_id = {row}.id"
        " AND {visible contribution r_})",
        "Whether a later entry has taken its place.",
    )
    countries: Connection[Country] = through("contribution_country", "What share goes where.")
    topics: Connection[Topic] = through("contribution_topic", "What share is for what.")
    objectives: Connection[Objective] = through(
        "contribution_objective", "What share serves which objective."
    )
    plan_items: Connection[PlanItem] = through(
        "contribution_plan_item", "What share serves which item of a plan."
    )


@link
class ContributionCountry:
    """The share of a contribution that goes to a country."""

    contribution: Contribution = one("The contribution.")
    country: Country = one("The country.")
    share: Decimal | None = column("How many of a hundred; null where nobody said.")


@link
class ContributionTopic:
    """The share of a contribution that is for a topic."""

    contribution: Contribution = one("The contribution.")
    topic: Topic = one("The topic.")
    share: Decimal | None = column("How many of a hundred; null where nobody said.")


@link
class ContributionObjective:
    """The share of a contribution that serves an objective."""

    contribution: Contribution = one("The contribution.")
    objective: Objective = one("The objective.")
    share: Decimal | None = column("How many of a hundred; null where nobody said.")


@link
class ContributionPlanItem:
    """The share of a contribution that serves an item of a plan."""

    contribution: Contribution = one("The contribution.")
    plan_item: PlanItem = one("The item.")
    share: Decimal | None = column("How many of a hundred; null where nobody said.")


@strawberry.enum(description="What totals of support are split by, beside stage and currency.")
class SupportDimension(Enum):
    """Shares split an entry by country, topic, objective and plan item."""

    NONE = strawberry.enum_value("NONE", description="By nothing else.")
    YEAR = strawberry.enum_value("YEAR", description="By year, where the date lies in one.")
    GIVER = strawberry.enum_value("GIVER", description="By who gives.")
    RECEIVER = strawberry.enum_value("RECEIVER", description="By who receives.")
    COUNTRY = strawberry.enum_value("COUNTRY", description="By country, as the shares say.")
    TOPIC = strawberry.enum_value("TOPIC", description="By topic, as the shares say.")
    OBJECTIVE = strawberry.enum_value("OBJECTIVE", description="By objective, as the shares say.")
    PLAN_ITEM = strawberry.enum_value(
        "PLAN_ITEM", description="By item of a plan, as the shares say."
    )


@value
class SupportTotal:
    """What was given, in one stage and one currency; stages and currencies are never added up."""

    stage: ContributionStage = part("The stage.")
    currency: str | None = part("ISO 4217; null for entries without an amount.")
    amount: Decimal | None = part("The sum; null where no entry has an amount.")
    comparator: AmountComparator = part("`AT_LEAST` where one of the amounts is a lower bound.")
    entries: int = part("How many entries it comes from.")
    year: int | None = part("The year, where totals are split by year and the date lies in one.")
    giver: Party | None = one("Who gives, where totals are split so and it is known.")
    receiver: Party | None = one("Who receives, where totals are split so and it is known.")
    country: Country | None = one("The country, where totals are split so and shares say it.")
    topic: Topic | None = one("The topic, where totals are split so and shares say it.")
    objective: Objective | None = one("The objective, where totals are split so and shares say it.")
    plan_item: PlanItem | None = one("The item, where totals are split so and shares say it.")
    unsplit: bool = part("Whether this is what the records do not split further.")


SHARES = ("country", "topic", "objective", "plan_item")
for _name in SHARES:
    refusal(
        f"contribution_{_name}_share_check",
        "Cada `share` es mayor que cero, y juntos llegan a 100 como mucho.",
        "Each `share` is greater than zero, and together they come to 100 at most.",
    )
"""What a contribution is split by, each in a link table `contribution_…`."""

stored(
    "contribution",
    """CREATE OR REPLACE FUNCTION upstream_of(entry uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
    BEGIN ATOMIC
        WITH RECURSIVE up AS (
            SELECT c.upstream_id AS id FROM contribution c WHERE c.id = upstream_of.entry
            UNION SELECT unnest(ARRAY[c.upstream_id, (
                SELECT r.id FROM contribution r WHERE r.revises_id = c.id)])
            FROM up JOIN contribution c ON c.id = up.id)
        SELECT up.id FROM up WHERE up.id IS NOT NULL;
    END""",
    # The contribution's row is locked first, so that two shares cannot both take the last place.
    """CREATE OR REPLACE FUNCTION check_shares() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE total numeric;
    BEGIN
        IF NEW.share <= 0 THEN
            RAISE 'A share of % of a hundred is none; leave it out, or give more than 0.', NEW.share
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_share_check';
        END IF;
        PERFORM FROM contribution WHERE id = NEW.contribution_id FOR NO KEY UPDATE;
        EXECUTE format('SELECT sum(share) FROM %I WHERE contribution_id = $1', TG_TABLE_NAME)
            INTO total USING NEW.contribution_id;
        IF total > 100 THEN
            RAISE 'The shares come to % of a hundred; together they may be 100 at most.', total
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_share_check';
        END IF;
        RETURN NULL;
    END $$""",
    *(
        f"CREATE CONSTRAINT TRIGGER contribution_{name}_shares AFTER INSERT OR UPDATE"
        f" ON contribution_{name} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION check_shares()"
        for name in SHARES
    ),
)
