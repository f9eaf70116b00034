"""Plans: progress is reported by who works on an item, and verified by another; needs are stated.

Who works on an item keeps it or its plan, coordinates it, or is named as responsible or supporting;
whoever does so for an item above it works on it, too.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from auth.principal import REGISTRY
from resolvers.verbs.common import (
    acting,
    changed,
    changed_fields,
    new_fields,
    not_owner,
    not_to_come,
    unchanged,
    wrong_status,
)
from resolvers.write import attached, locks, ownership, records
from resolvers.write.drafts import drafts_of
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.filters import define_input
from schema.inputs import IF_VERSION, Fields
from schema.nouns import entities
from schema.record import Visibility
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem
from schema.rows import Row, plain
from schema.target import Verification

UPDATE, PART, NEED = (entities[n] for n in ("progress_update", "disaggregation", "need"))
ITEM = entities["plan_item"]
SCOPE = "plans:write"
MOST_PARTS = 100
_VERIFIED = Verification.VERIFIED.name
_WORKS_ON = """SELECT 1 FROM plan_item at JOIN plan p ON p.id = at.plan_id
    JOIN plan_item i ON i.plan_id = p.id
        AND (i.id = at.id OR i.outline = ANY (outlines_above(at.outline)))
    WHERE at.id = $1 AND (
    coalesce(i.owner_id, $3) = ANY ($2::uuid[]) OR coalesce(p.owner_id, $3) = ANY ($2::uuid[])
    OR i.coordinating_group_id = ANY ($2::uuid[])
    OR EXISTS (SELECT FROM plan_item_party l WHERE l.plan_item_id = i.id
        AND l.role IN ('RESPONSIBLE', 'SUPPORTING') AND l.party_id = ANY ($2::uuid[])))"""

define_input(
    "DisaggregationInput",
    "A part of a reported value, such as that of women.",
    {
        name: (hint, PART.fields[name].description or "")
        for name, hint in (("dimension", "Dimension"), ("category", "str"), ("value", "Decimal"))
    },
)
_PARTS: Fields = {
    "disaggregations": ("list[DisaggregationInput] | None", "The value by groups, in this order.")
}


@verb(
    "reportProgress",
    "progress_update",
    SCOPE,
    "Report how far an item of a plan has come: a value, where it stands, or words. By who works "
    "on the item.",
    new_fields(UPDATE, "owner", "visibility") | _PARTS,
)
async def report(work: Work, given: Given) -> Written:
    """Seen by those who see the item."""
    [draft] = await drafts_of(work, UPDATE, [((), given)])
    draft.row["reported_by_id"] = await acting(work, ("reportedBy",), given)
    item = await _item(work, ("item",), draft.row["item_id"])
    draft.row |= _seen_as(item, draft.row["reported_by_id"])
    parts = given.get("disaggregations") or []
    problems = _part_problems(given, parts) + await _target_problems(work, draft.row)
    problems += not_to_come(draft.row, "date", ())
    if problems:
        raise Rejected(*problems)
    [key] = await records.insert(work, UPDATE, [draft.row])
    await attached.attach(work, UPDATE, [draft])
    if parts:
        rows: list[Row] = [
            {"update_id": str(key), "position": n} | {k: plain(v) for k, v in part.items()}
            for n, part in enumerate(parts, 1)
        ]
        await records.insert(work, PART, rows)
        _warn(work, given["value"], parts)
    return Written(Outcome.CREATED, [id_of(UPDATE, key)])


@verb(
    "verifyProgress",
    "progress_update",
    SCOPE,
    "Say that a report of progress was checked and is right. By who works on the item, and did not "
    "report it.",
    {
        "progressUpdate": ("ProgressUpdateRef", "Which report."),
        "verifiedBy": (
            "PartyRef | None",
            "Who checked it: the party you act for, or one of yours.",
        ),
    }
    | IF_VERSION,
)
async def verify(work: Work, given: Given) -> Written:
    """Neither who reported it nor who acts for that one."""
    path: Path = ("progressUpdate",)
    row = await locks.lock(work, UPDATE, path, given["progressUpdate"])
    await locks.check_version(work, UPDATE, row, given)
    by = await acting(work, ("verifiedBy",), given)
    if row["verification"] == _VERIFIED:
        if row["verified_by_id"] == by:
            return unchanged(UPDATE, row)
        es = "Ese informe ya está verificado."
        raise wrong_status(path, es, "That report is verified already.")
    if row["reported_by_id"] in (by, str(work.principal.party)):
        es = "Un informe lo verifica otra parte que la que lo hizo."
        en = "A report is verified by another party than the one that made it."
        raise Rejected(problem("SAME_PARTY", ("verifiedBy",), es, en))
    await _item(work, path, row["item_id"])
    said = {"id": row["id"], "verification": _VERIFIED, "verified_by_id": by}
    return await changed(work, UPDATE, said)


@verb(
    "stateNeed",
    "need",
    SCOPE,
    "State what an item of a plan, or a country, lacks: what, how much, and how much of it came.",
    new_fields(NEED),
)
async def state(work: Work, given: Given) -> Written:
    """Of an item by who works on it; seen by those who see the item."""
    if given.get("item") is None and given.get("country") is None:
        es = "Diga qué lo necesita: `item`, `country` o ambos."
        en = "Say what needs it: `item`, `country` or both."
        raise Rejected(problem("REQUIRED", ("item",), es, en))
    [key] = await records.create(work, NEED, [((), given)])
    row = await locks.columns_of(work, NEED, key)
    if row["item_id"]:
        item = await _item(work, ("item",), row["item_id"])
        if item["visibility"] != Visibility.PUBLIC.name:
            await records.change(work, NEED, [{"id": row["id"]} | _seen_as(item, None)])
    return Written(Outcome.CREATED, [id_of(NEED, key)])


@verb(
    "reviseNeed",
    "need",
    SCOPE,
    "Change what was stated of a need, such as how much of it came: only what is given.",
    {"need": ("NeedRef", "Which need.")} | changed_fields(NEED, "item") | IF_VERSION,
)
async def revise(work: Work, given: Given) -> Written:
    """It stays the need of the same item."""
    row = await ownership.kept(work, NEED, given)
    fields = {k: v for k, v in given.items() if k != "need"}
    [outcome] = await records.update(work, NEED, [((), UUID(row["id"]), fields)])
    return Written(outcome, [id_of(NEED, UUID(row["id"]))])


async def _item(work: Work, path: Path, key: str) -> Row:
    """The item, if the caller works on it.

    Raises:
        Rejected: `NOT_OWNER`.
    """
    owners = [str(party) for party in work.keeping]
    if not await work.rows(_WORKS_ON, key, owners, str(REGISTRY)):
        es = (
            "Eso lo hace quien trabaja en ese punto del plan: quien lo tiene a su cargo, lo "
            "coordina, responde por él o lo apoya."
        )
        en = (
            "That is done by who works on the item of the plan: who keeps it, coordinates it, is "
            "responsible for it or supports it."
        )
        raise Rejected(not_owner(path, es, en))
    return await locks.columns_of(work, ITEM, UUID(key))


def _seen_as(item: Row, owner: str | None) -> Row:
    """What is said of a hidden item is seen by those who see the item."""
    if item["visibility"] == Visibility.PUBLIC.name:
        return {"owner_id": owner}
    return {"visibility": item["visibility"], "owner_id": item["owner_id"]}


def _part_problems(given: Given, parts: list[dict[str, Any]]) -> list[Problem]:
    path: Path = ("disaggregations",)
    if len(parts) > MOST_PARTS:
        es, en = f"Son {MOST_PARTS} partes como mucho.", f"There are {MOST_PARTS} parts at most."
        return [problem("INVALID", path, es, en)]
    if parts and given.get("value") is None:
        es = "Las partes lo son de un valor; dé `value` también."
        return [problem("REQUIRED", ("value",), es, "Parts are of a value; give `value` as well.")]
    return []


def _warn(work: Work, value: Decimal, parts: list[dict[str, Any]]) -> None:
    """Parts may overlap or leave some out; more than the whole is likely a slip."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        sums[part["dimension"].name] += part["value"]
    for name, total in sums.items():
        if total > value:
            es = f"Las partes por `{name}` suman {total}, más que {value}."
            en = f"The parts by `{name}` come to {total}, more than {value}."
            path: Path = ("disaggregations",)
            work.warnings.append(problem("PARTS_DO_NOT_ADD_UP", path, es, en))


async def _target_problems(work: Work, row: Row) -> list[Problem]:
    """A value counts for a target of the same item."""
    if not row.get("target_id"):
        return []
    [[item]] = await work.rows("SELECT item_id::text FROM target WHERE id = $1", row["target_id"])
    if item == row["item_id"]:
        return []
    es = "Esa meta es de otro punto del plan; nombre una de este."
    en = "That target is of another item of the plan; name one of this item."
    return [problem("INVALID", ("target",), es, en)]
