"""Two records of one organization become one."""

from collections.abc import Iterator, Set
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from auth.granted import revoke
from auth.tables import GrantRow
from resolvers.write import locks, records
from resolvers.write.attached import touch
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.base import Column, Link, links, spec_of
from schema.nouns import entities, metadata
from schema.rejection import Outcome, Rejected, Written, problem

_TARGETS = {"actor", "party", "record"}


def _references(targets: Set[str] = frozenset(_TARGETS)) -> Iterator[tuple[Table, str]]:
    """Every column, of the graph or beside it, that may name one of these; first, an actor."""
    for table in metadata.sorted_tables:
        if table.name == "party":
            continue
        for key in table.foreign_keys:
            if key.column.table.name in targets and key.column.name == "id":
                yield table, key.parent.name


async def _point(work: Work, table: Table, column: str, old: UUID, new: UUID) -> None:
    """Let what named the one name the other; what would then be said twice is said once.

    Records whose links or parts change by it count a version, as those whose own columns do.
    """
    others = [c.name for c in table.primary_key if c.name != column]
    if table.name in links:
        await _join_links(work, links[table.name], column, others, old, new)
    elif column in table.primary_key and others:
        same = " AND ".join(f"n.{other} = o.{other}" for other in others)
        await work.rows(
            f"DELETE FROM {table.name} o WHERE o.{column} = $1"
            f" AND EXISTS (SELECT FROM {table.name} n WHERE n.{column} = $2 AND {same})",
            old, new,
        )  # fmt: skip
    whole = _whole(table.name)
    changed = await work.rows(
        f"UPDATE {table.name} SET {column} = $2 WHERE {column} = $1 RETURNING {whole or column}",
        old, new,
    )  # fmt: skip
    if whole:
        await _count(work, [row[0] for row in changed])


def _whole(table: str) -> str | None:
    """The column that names the record which a row of a link or of a part belongs to."""
    if table in links:
        return links[table].ends()[0].column
    follows = table in entities and entities[table].follows
    return f"{follows}_id" if follows else None


async def _count(work: Work, keys: list[UUID]) -> None:
    """Count a version of the records that rows of a link or of a part belong to."""
    found = await work.rows("SELECT id, noun FROM record WHERE id = ANY ($1::uuid[])", keys)
    for noun in {row[1] for row in found}:
        await touch(work, entities[noun], {row[0] for row in found if row[1] == noun})


async def _join_links(
    work: Work, link: Link, column: str, others: list[str], old: UUID, new: UUID
) -> None:
    """Of two rows that would be one, the one that says more stays; which goes, a warning says."""
    [other] = others
    said = {name: spec_of(field) for name, field in link.edge_fields().items()}
    listed = ", ".join(f"o.{n}, n.{n}" for n in said) or "NULL, NULL"
    twice = await work.rows(
        f"SELECT o.{other}, {listed} FROM {link.name} o JOIN {link.name} n"
        f" ON n.{other} = o.{other} AND n.{column} = $2 WHERE o.{column} = $1 ORDER BY 1",
        old, new,
    )  # fmt: skip
    await work.rows(
        f"DELETE FROM {link.name} o WHERE o.{column} = $1 AND o.{other} = ANY ($2::uuid[])",
        old, [row[0] for row in twice],
    )  # fmt: skip
    for key, *values in twice:
        pairs = dict(zip(said, zip(values[::2], values[1::2], strict=True), strict=True))
        better = {n: _better(said[n], *pair) for n, pair in pairs.items()}
        for name, value in better.items():
            if value != pairs[name][1]:
                await work.rows(
                    f"UPDATE {link.name} SET {name} = $3 WHERE ({column}, {other}) = ($1, $2)",
                    new, key, value,
                )  # fmt: skip
        for name, pair in pairs.items():
            if pair[0] != pair[1] and isinstance(pair[0], str):
                gone = pair[0] if better[name] == pair[1] else pair[1]
                await _warn(work, key, gone, str(better[name]))
    await _count(work, [row[0] for row in twice])


def _better(spec: Any, one: Any, other: Any) -> Any:
    """Of two values of a link, the one that says more: of a role, what is declared first."""
    kind = spec.python_type if isinstance(spec, Column) else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return min(one, other, key=[member.name for member in kind].index)
    if isinstance(one, bool):
        return one or other
    return other if other is not None else one


async def _warn(work: Work, key: UUID, gone: str, stays: str) -> None:
    rows = await work.rows("SELECT noun || '_' || id FROM record WHERE id = $1", key)
    es = f"{rows[0][0]} nombraba a los dos, como `{gone}` y como `{stays}`; queda `{stays}`."
    en = f"{rows[0][0]} named both, as `{gone}` and as `{stays}`; `{stays}` stays."
    work.warnings.append(problem("ROLE_DROPPED", ("actor",), es, en))


_SAME = """
SELECT o.id AS "of old", n.id AS "of new",
    n.status IN ('REQUESTED', 'INVITED') AND o.status NOT IN ('REQUESTED', 'INVITED') AS better
FROM membership o JOIN membership n ON n.group_id = o.group_id
    AND membership_period(n.status, n.start_latest, n.end_earliest, n.end_status, n.created_at)
    && membership_period(o.status, o.start_latest, o.end_earliest, o.end_status, o.created_at)
WHERE o.party_id = $1 AND n.party_id = $2
    AND o.status NOT IN ('DECLINED', 'WITHDRAWN') AND n.status NOT IN ('DECLINED', 'WITHDRAWN')
ORDER BY o.start_earliest, o.id, n.start_earliest, n.id
"""


async def _join_memberships(work: Work, old: UUID, new: UUID) -> None:
    """Of two memberships in one group for one time, one stays: rather what is than what is asked.

    What referred to the other refers to it.
    """
    gone: set[UUID] = set()
    for of_old, of_new, better in await work.rows(_SAME, old, new):
        goes, stays = (of_new, of_old) if better else (of_old, of_new)
        if not gone & {goes, stays}:
            for table, column in _references({"membership", "record"}):
                await _point(work, table, column, goes, stays)
            await records.retire(work, entities["membership"], [goes])
            gone.add(goes)


async def _check_alike(work: Work, old: UUID, new: UUID) -> None:
    """Refuse records of two kinds: one of them is wrong, or they are two organizations."""
    [[one, other]] = await work.rows(
        "SELECT o.type, n.type FROM actor o, actor n WHERE o.id = $1 AND n.id = $2", old, new
    )
    if one != other:
        es = f"Uno es `{one}` y el otro `{other}`. Si son el mismo, corrija antes `type` con "
        en = f"One is `{one}`, the other `{other}`. If they are the same, correct `type` with "
        text = f"{es}`updateActor`.", f"{en}`updateActor` first."
        raise Rejected(problem("INVALID", ("into",), *text))


@verb(
    "mergeActors",
    "actor",
    "registry:write",
    "Two records are of one organization: keep `into`, with all that either is linked to. The id "
    "of the other leads there from now on; consent given for it has to be given anew.",
    {
        "actor": ("ActorRef", "The record that goes."),
        "into": ("ActorRef", "The record that stays, with its own names and texts."),
    },
)
async def merge(work: Work, given: Given) -> Written:
    """Every link to the one becomes a link to the other."""
    noun = entities["actor"]
    old, new = [
        UUID((await locks.lock(work, noun, (name,), given[name]))["id"])
        for name in ("actor", "into")
    ]
    if old == new:
        es = "Son el mismo registro; nombre dos distintos."
        raise Rejected(
            problem("INVALID", ("into",), es, "They are the same record; name two different ones.")
        )
    await _check_alike(work, old, new)
    await work.session.run_sync(
        lambda session: revoke(session, GrantRow.party_id == old, "PARTY_MERGED")
    )
    # Whichever of them is the other's parent, it is none of its own now.
    await work.rows(
        "UPDATE actor SET parent_id = NULL WHERE (id, parent_id) IN (($1, $2), ($2, $1))", old, new
    )
    await work.rows(  # nobody delegates to oneself
        "DELETE FROM delegation WHERE (owner_id, maintainer_id) IN (($1, $2), ($2, $1))", old, new
    )
    await _join_memberships(work, old, new)
    for table, column in _references():
        await _point(work, table, column, old, new)
    await work.rows(
        "UPDATE identifier SET record_id = $2 WHERE record_id = $1 AND NOT EXISTS ("
        "SELECT FROM identifier n WHERE n.record_id = $2 AND (n.scheme, n.value) ="
        " (identifier.scheme, identifier.value))",
        old, new,
    )  # fmt: skip
    await work.rows("UPDATE merged SET into_id = $2 WHERE into_id = $1", old, new)
    await work.rows("SELECT set_config('vinculo.merged_into', $1, true)", str(new))
    await work.rows("INSERT INTO merged (id, into_id) VALUES ($1, $2)", old, new)
    await records.retire(work, noun, [old])
    await touch(work, noun, {new})
    return Written(Outcome.UPDATED, [f"actor_{new}"])
