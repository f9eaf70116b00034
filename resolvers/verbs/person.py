"""A person's data leave when they ask: the record goes, the mandate they held stays without it."""

from uuid import UUID

from resolvers.write import records
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.nouns import entities, metadata
from schema.rejection import Outcome, Written


@verb(
    "erasePerson",
    "person",
    "groups:write",
    "Erase a person: name, gender, consent and all else that is kept of them. What they held "
    "stays, with the party that it was held for and without the person.",
    {"person": ("PersonRef", "Whom.")},
)
async def erase(work: Work, given: Given) -> Written:
    """Nothing of them stays, in the history neither: it holds no personal values."""
    noun = entities["person"]
    [key] = await work.find([(("person",), "Person", given["person"])])
    await records.own(work, noun, [(("person",), key, None)])
    await _forget(work, key)
    await records.retire(work, noun, [key])
    return Written(Outcome.RETIRED)


async def _forget(work: Work, key: UUID) -> None:
    """Let no record name them."""
    for table in metadata.sorted_tables:
        for reference in table.foreign_keys:
            if reference.column.table.name == "person":
                column = reference.parent.name
                await work.rows(f"UPDATE {table.name} SET {column} = NULL WHERE {column} = $1", key)
