"""Contributions: a ledger in which entries are added and take each other's place.

Nothing is overwritten but the shares: a revision is a new entry, and what was cancelled stays.
"""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from auth.visibility import visible_noun
from resolvers.read.binds import Binds
from resolvers.verbs.common import (
    REASON,
    changed,
    changed_fields,
    new_fields,
    not_owner,
    not_to_come,
    reason,
    unchanged,
    wrong_status,
)
from resolvers.write import attached, locks, ownership, records
from resolvers.write.drafts import Draft, drafts_of
from resolvers.write.ownership import keeps
from resolvers.write.plain import Became, id_of, upsert_verb
from resolvers.write.records import judges
from resolvers.write.verb import VERBS, verb
from resolvers.write.work import Given, Work
from schema.base import Entity, Through, camel, links
from schema.contribution import SHARES, ContributionStage
from schema.inputs import IF_VERSION, written
from schema.nouns import entities
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem
from schema.rows import Row

CONTRIBUTION = entities["contribution"]
SCOPE = "pledges:write"
WHICH = {"contribution": ("ContributionRef", "Which entry.")}
SPLIT = {f"contribution_{name}": camel(f"{name}s" if name != "country" else "countries")
         for name in SHARES}  # fmt: skip
"""What an entry is split by: link table → input field."""
_SIDES = ("giver_id", "receiver_id", "channel_id")
_AHEAD = (ContributionStage.ANNOUNCED, ContributionStage.PLEDGE, ContributionStage.COMMITMENT)
_DONE = {stage.name for stage in ContributionStage if stage not in _AHEAD}
"""Stages of what has happened."""
_KEPT = {"id", "version", "created_at", "updated_at"}


@verb(
    "recordContribution",
    "contribution",
    SCOPE,
    "Enter into the ledger what was announced, committed, paid, spent or given in kind, by the "
    "party you act for, to it or through it.",
    new_fields(CONTRIBUTION),
)
async def record(work: Work, given: Given) -> Written:
    """The entry belongs to who reports it."""
    [key] = await records.create(work, CONTRIBUTION, [((), given)])
    return Written(Outcome.CREATED, [id_of(CONTRIBUTION, key)])


@verb(
    "reviseContribution",
    "contribution",
    SCOPE,
    "Enter a contribution anew, with what is given changed and all else as before. The new entry "
    "takes the place of the old one, and takes over its identifiers.",
    WHICH | changed_fields(CONTRIBUTION) | IF_VERSION,
)
async def revise(work: Work, given: Given) -> Written:
    """The old entry stays, superseded."""
    path: Path = ("contribution",)
    row = await ownership.kept(work, CONTRIBUTION, given)
    fields = {k: v for k, v in given.items() if k != "contribution"}
    [(renewed, key)] = await _renew(work, [((), path, UUID(row["id"]), fields)])
    outcome = Outcome.CREATED if renewed is Outcome.UPDATED else renewed
    return Written(outcome, [id_of(CONTRIBUTION, key)])


Old = tuple[Path, Path, UUID, Given]
"""Where an input is and where it names its entry; the entry, which the caller keeps; its fields."""


async def _renew(work: Work, given: list[Old]) -> list[Became]:
    """Entries that take the place of others, where something differs."""
    before = {key: await _standing(work, named, key) for _, named, key, _ in given}
    drafts = await drafts_of(work, CONTRIBUTION, [(p, f) for p, _, _, f in given])
    changed: list[Draft] = []
    for draft, (_, _, key, _) in zip(drafts, given, strict=True):
        draft.row["id"] = str(key)
        if (
            draft.identifiers is not None
            or await records.differences(work, CONTRIBUTION, draft.row)
            or await attached.links_differ(work, draft)
        ):
            changed.append(draft)
    await ownership.check_moves(work, CONTRIBUTION, changed)
    for draft in changed:
        old = before[UUID(draft.row.pop("id"))]
        copied = {c.name: old[c.name] for c in CONTRIBUTION.table.columns if c.computed is None}
        draft.row = {k: v for k, v in copied.items() if k not in _KEPT} | draft.row
        draft.row["revises_id"] = old["id"]
    await judge(work, changed)
    keys = await records.insert(work, CONTRIBUTION, [draft.row for draft in changed])
    for draft, key in zip(changed, keys, strict=True):
        await _take_over(work, UUID(draft.row["revises_id"]), key, draft)
    await attached.attach(work, CONTRIBUTION, changed)
    made = {UUID(d.row["revises_id"]): key for d, key in zip(changed, keys, strict=True)}
    return [
        (Outcome.UPDATED, made[key]) if key in made else (Outcome.UNCHANGED, key)
        for _, _, key, _ in given
    ]


async def _renew_named(work: Work, _: Entity, old: list[tuple[Path, UUID, Given]]) -> list[Became]:
    """The same for entries that are known by their names in the caller's own system."""
    return await _renew(work, [(path, (*path, "identifier"), key, f) for path, key, f in old])


async def _take_over(work: Work, old: UUID, new: UUID, draft: Draft) -> None:
    """What is not given anew: shares and documents are copied; identifiers name the new entry."""
    for spec in written(CONTRIBUTION).values():
        if isinstance(spec, Through) and spec.link not in draft.links:
            near, far = (end.column for end in links[spec.link].ends())
            said = "".join(f", {name}" for name in links[spec.link].edge_fields())
            await work.rows(
                f"INSERT INTO {spec.link} ({near}, {far}{said})"
                f" SELECT $2::uuid, {far}{said} FROM {spec.link} WHERE {near} = $1",
                old, new,
            )  # fmt: skip
    if draft.identifiers is None:
        await work.rows("UPDATE identifier SET record_id = $2 WHERE record_id = $1", old, new)
    else:
        await work.rows("DELETE FROM identifier WHERE record_id = $1", old)


@verb(
    "cancelContribution",
    "contribution",
    SCOPE,
    "Take a contribution back. It stays in the ledger, and counts in no total.",
    WHICH | REASON | IF_VERSION,
)
async def cancel(work: Work, given: Given) -> Written:
    """What was passed on of it counts by itself then."""
    row = await ownership.kept(work, CONTRIBUTION, given)
    if row["cancelled"]:
        return unchanged(CONTRIBUTION, row)
    await _check_latest(work, ("contribution",), row)
    [[downstream]] = await work.rows(
        "SELECT count(*) FROM contribution WHERE upstream_id = $1 AND visibility = 'PUBLIC'"
        " AND NOT cancelled",
        row["id"],
    )
    if downstream:
        work.warnings.append(
            problem(
                "STILL_REFERRED_TO",
                ("contribution",),
                f"De ella se pasó dinero en otras entradas: {downstream}. Ahora cuentan por sí "
                "mismas.",
                f"Money was passed on from it in other entries: {downstream}. They count by "
                "themselves now.",
            )
        )
    taken = {"id": row["id"], "cancelled": True}
    return await changed(
        work, CONTRIBUTION, taken | reason(CONTRIBUTION, "cancellation_reason", given)
    )


@verb(
    "splitContribution",
    "contribution",
    SCOPE,
    "Say what share of a contribution goes where or is for what, beside the shares that were said "
    "before. Those of one kind come to 100 at most.",
    WHICH | {k: v for k, v in changed_fields(CONTRIBUTION).items() if k in SPLIT.values()}
    | IF_VERSION,
)  # fmt: skip
async def split(work: Work, given: Given) -> Written:
    """A share said again replaces the one before; a list replaces no others."""
    row = await ownership.kept(work, CONTRIBUTION, given)
    await _standing(work, ("contribution",), UUID(row["id"]))
    fields = {k: v for k, v in given.items() if k in SPLIT.values()}
    [draft] = await drafts_of(work, CONTRIBUTION, [((), fields)])
    draft.row["id"] = row["id"]
    for link, given_rows in draft.links.items():
        far = links[link].ends()[1].column
        before = await work.rows(
            f"SELECT {far}::text, share::text FROM {link} WHERE contribution_id = $1", row["id"]
        )
        shares = {each[0]: each[1] for each in before}
        shares |= {each[far]: each.get("share") for each in given_rows}
        draft.links[link] = [{far: key, "share": share} for key, share in shares.items()]
    problems = _too_much(draft)
    if problems:
        raise Rejected(*problems)
    differs = await attached.attach(work, CONTRIBUTION, [draft])
    await attached.touch(work, CONTRIBUTION, differs)
    outcome = Outcome.UPDATED if differs else Outcome.UNCHANGED
    return Written(outcome, [id_of(CONTRIBUTION, UUID(row["id"]))])


async def _standing(work: Work, path: Path, key: UUID) -> Row:
    """The entry, which is locked, if it was neither revised nor cancelled."""
    row = await locks.columns_of(work, CONTRIBUTION, key)
    if row["cancelled"]:
        raise wrong_status(
            path,
            "Esa contribución se canceló; registre otra con `recordContribution`.",
            "That contribution was cancelled; enter another with `recordContribution`.",
        )
    await _check_latest(work, path, row)
    return row


async def _check_latest(work: Work, path: Path, row: Row) -> None:
    later = await work.rows("SELECT id FROM contribution WHERE revises_id = $1", row["id"])
    if later:
        key = id_of(CONTRIBUTION, later[0][0])
        raise Rejected(
            problem(
                "SUPERSEDED",
                path,
                f"Otra entrada ya tomó su lugar: {key}. Cambie aquella.",
                f"Another entry has taken its place: {key}. Change that one.",
            )
        )


async def _later(work: Work, entry: str, path: Path) -> list[Problem]:
    """Whether another has taken the place of an entry, as far as the caller sees that one."""
    binds = Binds()
    seen = visible_noun(CONTRIBUTION, "r", binds.principal)
    key = binds.value(entry, "uuid", UUID)
    rows = await work.visible_rows(
        "WITH RECURSIVE later (id, step) AS ("
        f"SELECT r.id, 1 FROM contribution r WHERE r.revises_id = {key} AND {seen} UNION ALL"
        " SELECT r.id, l.step + 1 FROM later l JOIN contribution r ON r.revises_id = l.id"
        f" AND {seen}) SELECT id FROM later ORDER BY step DESC LIMIT 1",
        binds,
    )
    if not rows:
        return []
    key = id_of(CONTRIBUTION, rows[0][0])
    es = f"Otra entrada tomó el lugar de la de `upstream`: {key}. Nombre aquella."
    en = f"Another entry has taken the place of the one in `upstream`: {key}. Name that one."
    return [problem("SUPERSEDED", path, es, en)]


@judges("contribution")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """The rules of contributions, whichever verb writes them."""
    problems: list[Problem] = []
    for draft in drafts:
        problems += _too_much(draft)
        sides = [draft.row.get(side) for side in _SIDES if draft.row.get(side)]
        if sides and not any(keeps(work, side) for side in [*sides, None]):
            es = (
                "La informa quien da, quien recibe o por quien pasa, o en quien alguno de ellos "
                "delegó."
            )
            en = (
                "It is reported by who gives, who receives or through whom it goes, or by whom "
                "one of them delegated to."
            )
            problems.append(not_owner((*draft.path, "giver"), es, en))
        giver, receiver = draft.row.get("giver_id"), draft.row.get("receiver_id")
        if giver and giver == receiver:
            es = "Quien da y quien recibe son partes distintas; si no se conoce una, déjela vacía."
            en = "Who gives and who receives are two parties; leave out the one that is not known."
            problems.append(problem("INVALID", (*draft.path, "receiver"), es, en))
        problems += await _upstream_problems(work, draft)
        if draft.row["stage"] in _DONE:
            problems += not_to_come(draft.row, "date", draft.path)
    if problems:
        raise Rejected(*problems)


def _too_much(draft: Draft) -> list[Problem]:
    """Shares beyond a hundred; the database refuses them too, without knowing the field."""
    found: list[Problem] = []
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for link, rows in draft.links.items():
        path: Path = (*draft.path, SPLIT.get(link, ""))
        shares = [Decimal(row["share"]) for row in rows if row.get("share") is not None]
        totals[link] = sum(shares, Decimal())
        if any(share <= 0 for share in shares):
            es = "Una parte es más de 0 de cien; deje vacía la que no se conoce."
            en = "A share is more than 0 of a hundred; leave out what is not known."
            found.append(problem("INVALID", path, es, en))
        elif totals[link] > 100:
            es = f"Las partes suman {totals[link]} de cien; juntas son 100 como mucho."
            en = f"The shares come to {totals[link]} of a hundred; together they are 100 at most."
            found.append(problem("INVALID", path, es, en))
    return found


async def _upstream_problems(work: Work, draft: Draft) -> list[Problem]:
    """Money is passed on of an entry that counts, and not of what it becomes itself.

    What the entry before said of it stays: it may have been taken back since.
    """
    upstream, revised = draft.row.get("upstream_id"), draft.row.get("revises_id")
    if not upstream:
        return []
    path: Path = (*draft.path, "upstream")
    found = await work.rows("SELECT cancelled FROM contribution WHERE id = $1 FOR SHARE", upstream)
    if revised:
        [[same, leads_back]] = await work.rows(
            "SELECT upstream_id = $2, id = $2 OR id IN (SELECT upstream_of($2))"
            " FROM contribution WHERE id = $1",
            revised, upstream,
        )  # fmt: skip
        if same:
            return []
        if leads_back:
            es = "Ese dinero viene de esta misma entrada; nombre otra en `upstream`, o ninguna."
            en = "That money comes from this very entry; name another in `upstream`, or none."
            return [problem("INVALID", path, es, en)]
    if not found or found[0][0]:
        es = "La entrada de `upstream` se canceló; nombre la que la sustituye, o ninguna."
        en = "The entry in `upstream` was cancelled; name the one that stands for it, or none."
        return [problem("WRONG_STATUS", path, es, en)]
    return await _later(work, upstream, path)


VERBS["upsertContributions"] = upsert_verb(
    CONTRIBUTION,
    SCOPE,
    _renew_named,
    " What is there and differs is entered anew, as `reviseContribution` does it.",
)
