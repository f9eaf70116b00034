"""Two records of one organization become one."""

from collections.abc import Iterator, Set
from uuid import UUID

from sqlalchemy import Table

from auth.granted import revoke
from auth.tables import GrantRow
from resolvers.write import locks, records
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
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
    """Let what named the one name the other; what would then be said twice goes."""
    others = [c.name for c in table.primary_key if c.name != column]
    if column in table.primary_key and others:
        same = " AND ".join(f"n.{other} = o.{other}" for other in others)
        await work.rows(
            f"DELETE FROM {table.name} o WHERE o.{column} = $1"
            f" AND EXISTS (SELECT FROM {table.name} n WHERE n.{column} = $2 AND {same})",
            old, new,
        )  # fmt: skip
    await work.rows(f"UPDATE {table.name} SET {column} = $2 WHERE {column} = $1", old, new)


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
    return Written(Outcome.UPDATED, [f"actor_{new}"])
