"""What declarations compute in SQL, computed again in plain Python from the rows.

Written from the fields' descriptions and the rules of the domain. Days are ISO texts, which compare
as days do.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from schema.base import Entity
from schema.language import Language

Row = dict[str, Any]
Arguments = dict[str, Any]
LATEST = "infinity"
"""Sorts after every day."""


@dataclass(frozen=True)
class Found:
    """A record."""

    noun: Entity
    row: Row


class World(Protocol):
    """The rows, and what the caller sees of them."""

    tables: dict[str, list[Row]]
    language: Language

    def under(self, table: str, column: str, key: str | None) -> list[Row]:
        """The rows of a table that hold this in a column."""
        ...

    def known(self, key: str) -> Found:
        """The record with this id, hidden or not."""
        ...

    def get(self, key: str | None) -> Found | None:
        """The record with this id, if the caller sees it."""
        ...

    def sees(self, row: Row) -> bool:
        """Whether the caller sees the row."""
        ...

    def matches(self, found: Found, where: Row) -> bool:
        """Whether the record fulfils a `where`."""
        ...


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _day(given: Arguments) -> str:
    return given.get("on") or _today()


# Plans


def _leaves(world: World, items: list[Row]) -> list[Row]:
    """Those without items below them, as far as the caller sees."""
    shown = [i for i in items if world.sees(i)]
    return [
        i for i in shown if not any(map(world.sees, world.under("plan_item", "parent_id", i["id"])))
    ]


def _completion(world: World, items: list[Row]) -> int | None:
    statuses = [i["status"] for i in _leaves(world, items) if i["status"] != "CANCELLED"]
    done = [s for s in statuses if s in ("FINALISATION", "CLOSED")]
    return 100 * len(done) // len(statuses) if any(statuses) else None


def plan_completion(world: World, plan: Row, _: Arguments) -> int | None:
    """`Plan.completion`."""
    return _completion(world, world.under("plan_item", "plan_id", plan["id"]))


def _above(world: World, item: Row) -> list[Row]:
    if item["parent_id"] is None:
        return []
    parent = world.known(item["parent_id"]).row
    return [*_above(world, parent), parent]


def _below(world: World, item: Row) -> list[Row]:
    children = world.under("plan_item", "parent_id", item["id"])
    return [*children, *(below for child in children for below in _below(world, child))]


def item_level(world: World, item: Row, _: Arguments) -> int:
    """`PlanItem.level`."""
    return 1 + len(_above(world, item))


def item_completion(world: World, item: Row, _: Arguments) -> int | None:
    """`PlanItem.completion`."""
    return _completion(world, _below(world, item))


def top_items(world: World, plan: Row) -> list[Row]:
    """`Plan.topItems`."""
    items = world.under("plan_item", "plan_id", plan["id"])
    return [i for i in items if i["parent_id"] is None]


def items_without_progress(world: World, plan: Row) -> list[Row]:
    """`Plan.itemsWithoutProgress`."""
    closed = ("FINALISATION", "CLOSED", "CANCELLED")
    return [
        i
        for i in _leaves(world, world.under("plan_item", "plan_id", plan["id"]))
        if i["status"] not in closed
        and not any(map(world.sees, world.under("progress_update", "item_id", i["id"])))
    ]


# Targets and needs


def reached(world: World, target: Row, _: Arguments) -> Decimal | None:
    """`Target.reached`."""
    total: Decimal | None = None
    updates = world.under("progress_update", "target_id", target["id"])
    order = sorted(updates, key=lambda u: (u["date_latest"] or "", u["created_at"], u["id"]))
    for update in order:
        if not world.sees(update) or update["value"] is None:
            continue
        cumulative = total is None or update["value_kind"] == "CUMULATIVE"
        total = update["value"] if cumulative else total + update["value"]
    return total


def unmet(_: World, need: Row, __: Arguments) -> Decimal | None:
    """`Need.unmet`."""
    if need["satisfied"]:
        return Decimal(0)
    return None if need["amount"] is None else max(need["amount"] - need["met"], Decimal(0))


def still_open(_: World, need: Row, __: Arguments) -> bool:
    """`Need.open`."""
    return not need["satisfied"] and (need["amount"] is None or need["amount"] > need["met"])


# Posts


def has_begun(mandate: Row, day: str) -> bool:
    """Whether a mandate has begun by a day."""
    if mandate["start_earliest"] is None:
        return mandate["start_status"] != "TO_BE_CONFIRMED"
    return mandate["start_earliest"] <= day


def over(held: Row, day: str) -> bool:
    """Whether a mandate or membership has ended by a day."""
    if held["end_latest"] is None:
        return held["end_status"] in ("UNDATED", "SOURCE_LOST")
    return held["end_latest"] < day


def active(membership: Row) -> bool:
    """Whether a membership holds today."""
    return membership["status"] == "ACTIVE" and not over(membership, _day({}))


def _public_mandates(world: World, post: str) -> list[Row]:
    """What everybody sees, the last begun first; those without a known start come last."""
    rows = [m for m in world.under("mandate", "post_id", post) if m["visibility"] == "PUBLIC"]
    rows.sort(key=lambda m: m["id"])
    return sorted(rows, key=lambda m: m["start_earliest"] or "", reverse=True)


def current_mandate(world: World, post: Row, given: Arguments) -> str | None:
    """`Post.currentMandate`."""
    day, rows = _day(given), _public_mandates(world, post["id"])
    return next((m["id"] for m in rows if has_begun(m, day) and not over(m, day)), None)


def vacant(world: World, post: Row, given: Arguments) -> bool:
    """`Post.vacant`."""
    return current_mandate(world, post, given) is None


def previous_mandate(world: World, post: Row, given: Arguments) -> str | None:
    """`Post.previousMandate`."""
    current = current_mandate(world, post, given)
    rows = (m for m in _public_mandates(world, post["id"]) if has_begun(m, _day(given)))
    return next((m["id"] for m in rows if m["id"] != current), None)


def next_mandate(world: World, post: Row, given: Arguments) -> str | None:
    """`Post.nextMandate`."""
    public, day = _public_mandates(world, post["id"]), _day(given)
    rows = [m for m in public if not has_begun(m, day) and not over(m, day)]
    return min(rows, key=lambda m: (m["start_earliest"] or LATEST, m["id"]))["id"] if rows else None


def _turn(world: World, post: Row, day: str) -> str | None:
    """Who comes after the holder of the last mandate begun, by the alphabet, round and round."""
    begun = [
        m for m in _public_mandates(world, post["id"]) if (m["start_earliest"] or LATEST) <= day
    ]
    if post["selection"] != "ROTATION" or not begun:
        return None
    if (post["rule_since_earliest"] or "") > day:
        return None
    members = {
        m["party_id"]
        for m in world.under("membership", "group_id", post["group_id"])
        if m["status"] == "ACTIVE" and m["visibility"] == "PUBLIC"
        and has_begun(m, day) and not over(m, day)
    }  # fmt: skip
    names = sorted((world.known(p).row["name_es_sort"], p) for p in members)
    last = world.known(begun[0]["holder_id"]).row["name_es_sort"]
    later = [n for n in names if n[0] > last]
    return (later or names or [(None, None)])[0][1]


def next_by_rotation(world: World, post: Row, given: Arguments) -> str | None:
    """`Post.nextByRotation`."""
    return _turn(world, post, _day(given))


def mandate_status(_: World, mandate: Row, given: Arguments) -> str:
    """`Mandate.status`."""
    if over(mandate, _day(given)):
        return "ENDED"
    return "CURRENT" if has_begun(mandate, _day(given)) else "DESIGNATED"


def _binds(post: Row, mandate: Row) -> bool:
    """Whether the post's rule was there when the mandate began."""
    if post["rule_since_status"] is None:
        return True
    begun, since = mandate["start_earliest"], post["rule_since_latest"]
    return begun is not None and since is not None and begun > since


def nothing(_: World, __: Row, ___: Arguments) -> list[Row]:
    """Lists that no invented record fills: what people wrote is in no table of the graph."""
    return []


def warnings(world: World, mandate: Row, _: Arguments) -> list[Row]:
    """`Mandate.warnings`, in the order of the rules' names."""
    post = world.known(mandate["post_id"]).row
    if not _binds(post, mandate) or not world.sees(post):
        return []
    rules = [_reelected(world, post, mandate), _skipped(world, post, mandate), _long(post, mandate)]
    return [
        {"rule": rule, "expected": expected, "message": said[world.language is Language.EN]}
        for rule, expected, *said in (r for r in rules if r)
    ]


Warned = tuple[str, Found | None, str, str] | None
"""Rule, who was expected, and the sentence in Spanish and English."""


def _skipped(world: World, post: Row, mandate: Row) -> Warned:
    if mandate["start_earliest"] is None:
        return None
    before = date.fromisoformat(mandate["start_earliest"]) - timedelta(days=1)
    due = _turn(world, post, before.isoformat())
    # Nobody is named to those who may not see them.
    if due is None or due == mandate["holder_id"] or world.get(due) is None:
        return None
    row = world.known(due).row
    spanish, english = (row["name_es"] or row["name_en"]), (row["name_en"] or row["name_es"])
    return (
        "ROTATION", world.get(due), f"Por rotación alfabética correspondía a {spanish}.",
        f"By alphabetical rotation it was the turn of {english}.",
    )  # fmt: skip


def _long(post: Row, mandate: Row) -> Warned:
    term, begun, ended = post["term_months"], mandate["start_latest"], mandate["end_earliest"]
    if None in (term, begun, ended) or ended <= _later(begun, term + 1):
        return None
    return (
        "TERM", None, f"Dura más que un período de {term} meses.",
        f"It is longer than a term of {term} months.",
    )  # fmt: skip


def _later(day: str, months: int) -> str:
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)).isoformat()


def _reelected(world: World, post: Row, mandate: Row) -> Warned:
    begun, allowed = mandate["start_earliest"], post["consecutive_terms"]
    if begun is None or allowed is None:
        return None
    public = [m for m in _public_mandates(world, post["id"]) if m["start_earliest"]]
    known = [m for m in public if m["start_earliest"] <= begun]
    broken = [m["start_earliest"] for m in known if _who(m) != _who(mandate)]
    gaps = [m["start_earliest"] for m in known if _after_gap(public, m)]
    number = sum(
        _who(m) == _who(mandate)
        and all(day < m["start_earliest"] for day in broken)
        and all(day <= m["start_earliest"] for day in gaps)
        for m in known
    )
    if number <= allowed:
        return None
    return (
        "REELECTION", None,
        f"Es el período consecutivo número {number} y la regla permite {allowed}.",
        f"It is consecutive term number {number}, and the rule allows {allowed}.",
    )  # fmt: skip


def _after_gap(public: list[Row], mandate: Row) -> bool:
    """Whether nobody held the post in the month before."""
    begun = mandate["start_earliest"]
    before = (date.fromisoformat(begun) - timedelta(days=31)).isoformat()
    return not any(
        m["start_earliest"] < begun and (m["end_latest"] or LATEST) >= before for m in public
    )


def _who(mandate: Row) -> str:
    """Whom the rule binds: the person, where one is known."""
    return mandate["person_id"] or mandate["holder_id"]


# Groups


def complete(world: World, group: Row, given: Arguments) -> bool | None:
    """`WorkingGroup.complete`."""
    seats = [p for p in _seats(world, group) if p["required"]]
    return all(not vacant(world, p, given) for p in seats) if seats else None


def _seats(world: World, group: Row) -> list[Row]:
    return [p for p in world.under("post", "group_id", group["id"]) if world.sees(p)]


def _countries(world: World, group: Row) -> list[Row]:
    """Those that the group has a focal point's seat for."""
    keys = {p["country_id"] for p in _seats(world, group)} - {None}
    return [world.known(k).row for k in sorted(keys)]


def countries_without_focal_point(world: World, group: Row) -> list[Row]:
    """`WorkingGroup.countriesWithoutFocalPoint`."""
    seats = _seats(world, group)
    held = {p["country_id"] for p in seats if not vacant(world, p, {})}
    return [c for c in _countries(world, group) if c["id"] not in held]


def countries_without_members(world: World, group: Row) -> list[Row]:
    """`WorkingGroup.countriesWithoutMembers`."""
    members = [
        world.get(m["party_id"])
        for m in world.under("membership", "group_id", group["id"])
        if active(m) and world.sees(m)
    ]
    homes = {f.row["country_id"] for f in members if f and f.noun.name == "actor"}
    return [c for c in _countries(world, group) if c["id"] not in homes]


# Events


def past(_: World, event: Row, given: Arguments) -> bool | None:
    """`Event.past`."""
    return None if event["date_latest"] is None else event["date_latest"] < _day(given)


MONTHS = {"MONTHLY": 1, "EVERY_TWO_MONTHS": 2, "QUARTERLY": 3, "TWICE_A_YEAR": 6, "YEARLY": 12}


def next_occurrences(_: World, series: Row, given: Arguments) -> list[Row]:
    """`EventSeries.nextOccurrences`."""
    length = MONTHS.get(series["frequency"])
    ended = series["end_status"] is not None and series["end_latest"] is None
    if length is None or ended:
        return []
    after = max(given.get("after") or _today(), series["start_earliest"] or "")
    found: list[Row] = []
    for number in range(12 * int(after[:4]), 12 * int(after[:4]) + 12 * 30):
        first = date(number // 12, number % 12 + 1, 1)
        last = date.fromisoformat(_later(first.isoformat(), length)) - timedelta(days=1)
        too_early = last.isoformat() < after
        too_late = first.isoformat() > (series["end_latest"] or LATEST)
        if (first.month - 1) % length or too_early or too_late:
            continue
        edtf = _edtf(first, last, length)
        found.append({"edtf": edtf, "earliest": first.isoformat(), "latest": last.isoformat()})
    return found[: min(max(given["count"], 0), 24)]


def _edtf(first: date, last: date, length: int) -> str:
    """A month, a quarter (33 to 36), a half year (40, 41), a year, or months from … to …."""
    year = f"{first:%Y}"
    return {
        1: f"{first:%Y-%m}", 2: f"[{first:%Y-%m}..{last:%Y-%m}]",
        3: f"{year}-{33 + first.month // 3}", 6: f"{year}-{40 + first.month // 6}", 12: year,
    }[length]  # fmt: skip


# Contributions


def superseded(world: World, entry: Row, _: Arguments) -> bool:
    """`Contribution.superseded`."""
    return any(map(world.sees, world.under("contribution", "revises_id", entry["id"])))


def support_totals(world: World, noun: Entity, given: Arguments) -> list[Row]:
    """The root `supportTotals`."""
    where, dimension = given.get("where"), given["dimension"].lower()
    found = {
        r["id"]: r
        for r in world.tables["contribution"]
        if world.sees(r) and stands(world, r)
        and (where is None or world.matches(Found(noun, r), where))
    }  # fmt: skip
    counted = [
        r for r in found.values()
        if not any(u in found and found[u]["stage"] == r["stage"] for u in _upstream(world, r))
    ]  # fmt: skip
    groups: dict[Any, list[tuple[Row, Decimal | None]]] = defaultdict(list)
    for row in counted:
        for key, share in _shares(world, row, dimension):
            amount = None if row["amount"] is None else row["amount"] * share / 100
            groups[row["stage"], row["currency"], key].append((row, amount))
    totals = [_total(world, dimension, key, rows) for key, rows in groups.items()]
    return [t for _, t in sorted(totals, key=lambda t: t[0])]


def _upstream(world: World, entry: Row) -> set[str]:
    """The entries that its money came from, and those that took their places."""
    found: set[str] = set()
    ahead = {entry["upstream_id"]} - {None}
    while ahead:
        found |= ahead
        rows = [world.known(key).row for key in ahead]
        later = [r for key in ahead for r in world.under("contribution", "revises_id", key)]
        ahead = ({r["upstream_id"] for r in rows} | {r["id"] for r in later}) - found - {None}
    return found


def _shares(world: World, row: Row, dimension: str) -> list[tuple[Any, Decimal]]:
    """What an entry is split into: keys, each with how many of a hundred."""
    whole = Decimal(100)
    if dimension == "none":
        return [(None, whole)]
    if dimension == "year":
        first, last = row["date_earliest"], row["date_latest"]
        return [(int(first[:4]) if first and first[:4] == last[:4] else None, whole)]
    if dimension in ("giver", "receiver"):
        key = row[f"{dimension}_id"]
        return [(key if world.get(key) else None, whole)]
    links = world.under(f"contribution_{dimension}", "contribution_id", row["id"])
    found = [
        (link[f"{dimension}_id"], link["share"])
        for link in links
        if link["share"] and world.get(link[f"{dimension}_id"])
    ]
    rest = whole - sum(share for _, share in found)
    return [*found, (None, rest)] if rest > 0 else found


def _total(
    world: World, dimension: str, key: Any, rows: list[tuple[Row, Decimal | None]]
) -> tuple[Any, Row]:
    """What it is ordered by, and the total."""
    stage, currency, by = key
    comparators = {r["comparator"] for r, _ in rows}
    amounts = [a for _, a in rows if a is not None]
    total = sum(amounts, Decimal(0)) if amounts else None
    made: Row = dict.fromkeys(
        ("year", "giver", "receiver", "country", "topic", "objective", "plan_item")
    )
    if dimension != "none":
        made[dimension] = by if dimension == "year" else world.get(by)
    made["planItem"] = made["plan_item"]
    rounded = total and total.quantize(Decimal("0.01"), ROUND_HALF_UP)
    comparator = next((c for c in ("AT_LEAST", "ABOUT") if c in comparators), "EXACTLY")
    made |= {
        "stage": stage, "currency": currency, "amount": rounded, "comparator": comparator,
        "entries": len(rows), "unsplit": dimension != "none" and by is None,
    }  # fmt: skip
    year = (by is None, by or 0) if dimension == "year" else ()
    other = (by is None, by or "")
    return (stage, currency or "~", year, total is None, -(total or 0), other), made


# Roots


def gives(world: World, actor: Row) -> bool:
    """The root `donors`."""
    given = world.under("contribution", "giver_id", actor["id"])
    return actor["type"] == "DONOR" or any(world.sees(c) and stands(world, c) for c in given)


def stands(world: World, row: Row) -> bool:
    """Whether what a record says was not taken back, given up or entered anew."""
    match world.known(row["id"]).noun.name:
        case "contribution":
            return not row["cancelled"] and not superseded(world, row, {})
        case "pledge" | "practice":
            return row["status"] != "WITHDRAWN"
        case "event" | "plan":
            return row["status"] != "CANCELLED"
        case "plan_item":
            return "CANCELLED" not in (row["status"], world.known(row["plan_id"]).row["status"])
        case _:
            return True


def without_work(world: World, objective: Row) -> bool:
    """The root `objectivesWithoutWork`."""
    own = objective["id"]
    workers = [
        *(row["record_id"] for row in world.under("record_objective", "objective_id", own)),
        *(
            row["contribution_id"]
            for row in world.under("contribution_objective", "objective_id", own)
        ),
        *(row["source_id"] for row in world.under("alignment", "target_id", own)),
    ]
    return not any(world.get(w) and stands(world, world.known(w).row) for w in workers)


def of_the_gcm(world: World, objective: Row) -> bool:
    """The root `gcmObjectives`."""
    return world.known(objective["framework_id"]).row["slug"] == "gcm"


# Paths

MOST_WALKS = 150
"""As many ways of each length are followed: the first by their records and relations."""
Step = tuple[str, str, tuple[Row, ...]]
"""The relation, the record it leads to, and the rows that say so and that may be hidden."""


def _works_on(world: World, worker: str, objective: str) -> list[str]:
    """How a record works on an objective itself."""
    links = [*world.under("record_objective", "record_id", worker),
             *world.under("contribution_objective", "contribution_id", worker)]  # fmt: skip
    follows = world.under("alignment", "source_id", worker)
    works = ["WORKS_ON"] if objective in [w["objective_id"] for w in links] else []
    return works + (["ALIGNED_WITH"] if objective in [a["target_id"] for a in follows] else [])


def _steps(world: World, origin: str, objective: str) -> list[Step]:
    """Where one step towards the objective leads, the last one left out."""
    found: list[Step] = []

    def add(relation: str, table: str, column: str, target: str, *, to_work: bool = False) -> None:
        for row in world.under(table, column, origin):
            end = row[target]
            if end is None or (to_work and not _works_on(world, end, objective)):
                continue
            found.append((relation, end, ()))

    for member in world.under("membership", "party_id", origin):
        if active(member):
            found.append(("MEMBER_OF", member["group_id"], (member,)))
    for mandate in world.under("mandate", "holder_id", origin):
        post = world.known(mandate["post_id"]).row
        found.append(("HOLDS_POST_IN", post["group_id"], (mandate, post)))
    add("PART_OF", "working_group", "id", "parent_id")
    add("PART_OF", "actor", "id", "parent_id")
    add("HAS_PART", "working_group", "parent_id", "id")
    add("HAS_PLAN", "plan", "party_id", "id")
    add("HAS_ITEM", "plan_item", "plan_id", "id", to_work=True)
    add("COORDINATES", "plan_item", "coordinating_group_id", "id", to_work=True)
    for noun in ("plan_item", "pledge", "practice", "event"):
        add("INVOLVED_IN", f"{noun}_party", "party_id", f"{noun}_id", to_work=True)
    add("GAVE", "contribution", "giver_id", "id", to_work=True)
    for row in world.under("alignment", "source_id", origin):
        if row["target_id"] != objective:
            found.append(("ALIGNED_WITH", row["target_id"], ()))
    return found


def paths_to(world: World, party: Row, given: Arguments) -> list[Row]:
    """`Party.pathsTo`."""
    wanted = world.under("objective", "slug", given["objective"])
    if not wanted:
        return []
    objective = wanted[0]["id"]
    walks: list[list[Step]] = [[]]
    found: list[list[Step]] = []
    for _ in range(5):
        for walk in walks:
            at = walk[-1][1] if walk else party["id"]
            found += [[*walk, (r, objective, ())] for r in _works_on(world, at, objective)]
        walks = [
            [*walk, step]
            for walk in walks
            for step in _steps(world, walk[-1][1] if walk else party["id"], objective)
            if step[1] not in (party["id"], *(s[1] for s in walk))
            and not (step[0] == "HAS_PART" and "PART_OF" in [s[0] for s in walk])
            and world.get(step[1]) and all(map(world.sees, step[2]))
            and stands(world, world.known(step[1]).row)
        ]  # fmt: skip
        walks.sort(key=lambda w: ([s[1] for s in w], [s[0] for s in w]))
        del walks[MOST_WALKS:]
    seen = {(len(w), tuple(s[1] for s in w), tuple(s[0] for s in w)) for w in found}
    return [
        {"length": length, "steps": [
            {"relation": r, "record": world.get(i)} for r, i in zip(relations, ids, strict=True)
        ]}
        for length, ids, relations in sorted(seen)[:25]
    ]  # fmt: skip


VALUES: dict[str, Callable[[World, Row, Arguments], Any]] = {
    "objective.un_hub_url": lambda _, row, __: row["un_hub_term_id"] and (
        f"https://migrationnetwork.un.org/hub?gcm_objectives={row['un_hub_term_id']}"
    ),
    "plan.completion": plan_completion,
    "plan_item.level": item_level,
    "plan_item.completion": item_completion,
    "target.reached": reached,
    "need.unmet": unmet,
    "need.open": still_open,
    "post.vacant": vacant,
    "post.current_mandate": current_mandate,
    "post.previous_mandate": previous_mandate,
    "post.next_mandate": next_mandate,
    "post.next_by_rotation": next_by_rotation,
    "mandate.status": mandate_status,
    "mandate.warnings": warnings,
    "membership.notes": nothing,
    "working_group.applications": nothing,
    "event.past": past,
    "event_series.next_occurrences": next_occurrences,
    "working_group.complete": complete,
    "contribution.superseded": superseded,
    "actor.paths_to": paths_to,
    "working_group.paths_to": paths_to,
}  # fmt: skip
"""Noun and field → value; of a link the id."""
LISTS: dict[str, Callable[[World, Row], list[Row]]] = {
    "plan.top_items": top_items,
    "plan.items_without_progress": items_without_progress,
    "plan_item.ancestors": _above,
    "plan_item.descendants": _below,
    "working_group.countries_without_focal_point": countries_without_focal_point,
    "working_group.countries_without_members": countries_without_members,
}
"""Noun and field → the rows of its list, hidden ones included."""
ROOTS: dict[str, Callable[[World, Row], bool]] = {
    "donors": gives, "objectivesWithoutWork": without_work, "gcmObjectives": of_the_gcm,
}  # fmt: skip
"""Lists at the root → whether a row belongs to them."""
