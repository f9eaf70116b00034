"""Plans and their items: a tree of priorities, objectives, actions and results, in its own order.

An item's place is kept as `outline`, four digits for each level, by the triggers below: sorting by
it gives the order of the printed plan, and everything under an item is one range of it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint, UniqueConstraint

from schema.base import (
    column,
    computed,
    dated,
    entity,
    link,
    many,
    one,
    refusal,
    related,
    stored,
    through,
    translated,
)
from schema.record import Record

if TYPE_CHECKING:
    from schema.alignment import Alignment
    from schema.country import Country
    from schema.document import Document
    from schema.event import Event
    from schema.framework import Objective
    from schema.fuzzy_date import FuzzyDate
    from schema.paging import Connection
    from schema.post import Mandate
    from schema.record import Party
    from schema.target import Need, ProgressUpdate, Target
    from schema.topic import Topic
    from schema.working_group import WorkingGroup


@strawberry.enum(description="Where an activity stands, as IATI's codelist ActivityStatus has it.")
class ActivityStatus(Enum):
    """https://iatistandard.org/en/iati-standard/203/codelists/activitystatus/"""

    PIPELINE = strawberry.enum_value("PIPELINE", description="Planned, not begun.")
    IMPLEMENTATION = strawberry.enum_value("IMPLEMENTATION", description="Being carried out.")
    FINALISATION = strawberry.enum_value(
        "FINALISATION", description="Carried out; accounts and reports are still open."
    )
    CLOSED = strawberry.enum_value("CLOSED", description="Carried out and reported.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Given up.")
    SUSPENDED = strawberry.enum_value("SUSPENDED", description="Stopped for a time.")


@strawberry.enum(description="How much of a plan's content is known here.")
class PlanContent(Enum):
    """Several plans are only named by the sources."""

    FULL = strawberry.enum_value("FULL", description="All its items.")
    PARTIAL = strawberry.enum_value("PARTIAL", description="Some of its items.")
    NAMED = strawberry.enum_value("NAMED", description="Only that there is such a plan.")


@strawberry.enum(description="What an item of a plan is, as the plan calls it.")
class PlanItemKind(Enum):
    """From the widest to the narrowest, as a rule."""

    PRIORITY = strawberry.enum_value("PRIORITY", description="A priority.")
    AXIS = strawberry.enum_value("AXIS", description="An axis of work.")
    OBJECTIVE = strawberry.enum_value("OBJECTIVE", description="An objective of the plan.")
    BLOCK = strawberry.enum_value("BLOCK", description="A block of actions with its own group.")
    ACTION = strawberry.enum_value("ACTION", description="An action.")
    ACTIVITY = strawberry.enum_value("ACTIVITY", description="An activity.")
    RESULT = strawberry.enum_value("RESULT", description="An expected result.")
    DELIVERABLE = strawberry.enum_value("DELIVERABLE", description="Something to be handed over.")
    METHOD = strawberry.enum_value("METHOD", description="A step of the way of working.")


@strawberry.enum(description="What a party is to an item of a plan.")
class PlanItemRole(Enum):
    """On the edge."""

    RESPONSIBLE = strawberry.enum_value("RESPONSIBLE", description="Sees to it.")
    SUPPORTING = strawberry.enum_value("SUPPORTING", description="Helps.")
    BENEFICIARY = strawberry.enum_value("BENEFICIARY", description="It is done for it.")


def _leaf(item: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM plan_item c_ WHERE c_.parent_id = {item}.id"
        " AND {visible plan_item c_})"
    )


def _completion(scope: str) -> str:
    """SQL: how many of a hundred leaves of this scope are carried out."""
    return f"""(SELECT CASE WHEN count(i_.status) > 0 THEN
        (100 * count(*) FILTER (WHERE i_.status IN ('FINALISATION', 'CLOSED')) / count(*))::int END
    FROM plan_item i_ WHERE {scope} AND i_.status IS DISTINCT FROM 'CANCELLED'
    AND {_leaf("i_")} AND {{visible plan_item i_}})"""


@entity(
    slug=True,
    orders={"TITLE": "title", "START": "start"},
    title="title",
    search=("title", "theme", "vision", "slug"),
    periods={"heldOn": ("start", "end")},
    scope="plans:write",
)
class Plan(Record):
    """A plan of work or of action: whose it is, for when, and its items as a tree."""

    slug: str = column("Short, readable and permanent.", unique=True, filter=True)
    title: str = translated("The title; the official one where there is one.")
    theme: str | None = translated("What it is about, in a few words.")
    vision: str | None = translated("What it wants to reach, in a sentence or two.")
    content: PlanContent = column("How much of its content is known here.", filter=True)
    status: ActivityStatus | None = column("Where it stands, if known.", filter=True)
    party: Party | None = one("Whose plan it is.")
    mandate: Mandate | None = one("The time in office that it belongs to.")
    country: Country | None = one("The one country that it is about.")
    document: Document | None = one("Its text.")
    start: FuzzyDate | None = dated("When its period begins.")
    end: FuzzyDate | None = dated("When its period ends.")
    items: Connection[PlanItem] = many("plan", "All its items, whatever their level.")
    top_items: Connection[PlanItem] = related(
        "{other}.plan_id = {row}.id AND {other}.parent_id IS NULL",
        "The items of the first level; the others hang below them as `children`.",
    )
    items_without_progress: Connection[PlanItem] = related(
        "{other}.plan_id = {row}.id"
        " AND coalesce({other}.status NOT IN ('FINALISATION', 'CLOSED', 'CANCELLED'), true)"
        f" AND {_leaf('{other}')} AND NOT EXISTS"
        " (SELECT FROM progress_update u_ WHERE u_.item_id = {other}.id"
        " AND {visible progress_update u_})",
        "The open items without items below them of which no progress was ever reported.",
    )
    completion: int | None = computed(
        _completion("i_.plan_id = {row}.id"),
        "How many of a hundred items without items below them are carried out, cancelled ones left "
        "out; null where nothing is known of any of them.",
    )
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")
    alignments: Connection[Alignment] = many("source", "What it follows or contributes to.")


@entity(
    orders={"OUTLINE": "outline", "TITLE": "title"},
    title="title",
    search=("title", "code"),
    constraints=(
        CheckConstraint("position BETWEEN 1 AND 9999", name="position"),
        CheckConstraint(
            "parent_id <> id",
            name="parent",
            info={
                "es": "Un elemento no cuelga de sí mismo ni de lo que cuelga de él; elija otro "
                "`parent`.",
                "en": "An item hangs neither below itself nor below what hangs below it; choose "
                "another `parent`.",
            },
        ),
        CheckConstraint("length(outline) <= 200", name="depth"),
        UniqueConstraint("plan_id", "outline", deferrable=True, initially="DEFERRED"),
    ),
    scope="plans:write",
    within="plan",
)
class PlanItem(Record):
    """An item of a plan: a priority, an objective, an action, a result."""

    plan: Plan | None = one("The plan; null if you may not see it.", required=True)
    parent: PlanItem | None = one("The item that it hangs below.")
    kind: PlanItemKind = column("What the plan calls it.", filter=True)
    code: str | None = column("Its code as printed, such as `1.2`.", filter=True)
    position: int = column("Its place among the items beside it, from 1.")
    outline: str = column(
        "Its place in the whole plan: four digits for each level. Sorts as the plan is printed; "
        "kept by the database.",
        default="''",
        collation="C",
        kept=True,
    )
    title: str = translated("What it says, in short.")
    description: str | None = translated("More of it.")
    status: ActivityStatus | None = column("Where it stands, if known.", filter=True)
    start: FuzzyDate | None = dated("When it begins, or is to begin.")
    end: FuzzyDate | None = dated("When it ends, or is to end.")
    coordinating_group: WorkingGroup | None = one("The group that coordinates it.")
    country: Country | None = one("The one country that it is about.")
    place: str | None = column("Where, no finer than a municipality.")
    level: int = computed("(length({row}.outline) / 4)", "How deep it lies, from 1.")
    children: Connection[PlanItem] = many("parent", "The items right below it.")
    ancestors: Connection[PlanItem] = related(
        "{other}.plan_id = {row}.plan_id AND {other}.outline = ANY (outlines_above({row}.outline))",
        "The items above it, from the first level down.",
    )
    descendants: Connection[PlanItem] = related(
        "{other}.plan_id = {row}.plan_id AND {other}.outline > {row}.outline"
        " AND {other}.outline < {row}.outline || '~'",
        "Everything below it, in printed order.",
    )
    completion: int | None = computed(
        _completion(
            "i_.plan_id = {row}.plan_id AND i_.outline > {row}.outline"
            " AND i_.outline < {row}.outline || '~'"
        ),
        "How many of a hundred items below it, those without items below them, are carried out, "
        "cancelled ones left out; null where nothing is known of any of them.",
    )
    parties: Connection[Party] = through("plan_item_party", "Who has to do with it, and how.")
    depends_on: Connection[PlanItem] = through(
        "plan_item_dependency", "What has to be there before it.", near="item"
    )
    needed_by: Connection[PlanItem] = through(
        "plan_item_dependency", "What waits for it.", near="needs"
    )
    targets: Connection[Target] = many("item", "What it is measured by.")
    progress_updates: Connection[ProgressUpdate] = many("item", "What was reported of it.")
    needs: Connection[Need] = many("item", "What it lacks.")
    events: Connection[Event] = through("event_plan_item", "The events that serve it.")
    objectives: Connection[Objective] = through(
        "record_objective", "The framework objectives that it serves."
    )
    topics: Connection[Topic] = through("record_topic", "What it is about.")
    alignments: Connection[Alignment] = many("source", "What it follows or contributes to.")


@link
class PlanItemParty:
    """A party that has to do with an item of a plan."""

    plan_item: PlanItem = one("The item.")
    party: Party = one("The party.", freely=("BENEFICIARY",))
    role: PlanItemRole = column("What it is to the item.", default="'RESPONSIBLE'")


@link
class PlanItemDependency:
    """An item that needs another one first."""

    item: PlanItem = one("The item that waits.")
    needs: PlanItem = one("The item that has to be there first.")


refusal(
    "plan_item_plan_check",
    "Un elemento y su `parent` son del mismo plan; el que se dio es de otro.",
    "An item and its `parent` are of one plan; the one given is of another.",
    field="parent",
)
stored(
    "plan_item",
    """CREATE OR REPLACE FUNCTION outlines_above(outline text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(SELECT left(outline, 4 * n) FROM generate_series(1, length(outline) / 4 - 1) n)""",
    """CREATE OR REPLACE FUNCTION place_plan_item() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE above plan_item;
    BEGIN
        -- Locked, so that the parent is not moved away at the same time.
        SELECT * INTO above FROM plan_item WHERE id = NEW.parent_id FOR SHARE;
        IF above.plan_id <> NEW.plan_id THEN
            RAISE 'An item hangs below an item of another plan; both must be of one plan.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_item_plan_check';
        ELSIF TG_OP = 'UPDATE' AND above.plan_id = OLD.plan_id
            AND starts_with(above.outline, OLD.outline) THEN
            RAISE 'An item hangs below itself; choose a parent outside of it.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_item_parent_check';
        END IF;
        NEW.outline := coalesce(above.outline, '') || lpad(NEW.position::text, 4, '0');
        RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION carry_plan_items() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- The children's own trigger places them anew, and so on downwards.
        UPDATE plan_item SET plan_id = NEW.plan_id WHERE parent_id = NEW.id
            AND (plan_id, outline) <> (NEW.plan_id, NEW.outline || lpad(position::text, 4, '0'));
        RETURN NULL;
    END $$""",
    "CREATE TRIGGER plan_item_place BEFORE INSERT OR UPDATE OF position, parent_id, plan_id,"
    " outline ON plan_item FOR EACH ROW EXECUTE FUNCTION place_plan_item()",
    "CREATE TRIGGER plan_item_carry AFTER INSERT OR UPDATE OF position, parent_id, plan_id"
    " ON plan_item FOR EACH ROW EXECUTE FUNCTION carry_plan_items()",
)
