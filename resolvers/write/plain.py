"""The verbs that every plain noun has: create, update, upsert, retire."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from resolvers.write import ownership, records
from resolvers.write.drafts import identifier
from resolvers.write.verb import Verb
from resolvers.write.work import Given, Work
from schema.base import Entity, camel, entities, pascal
from schema.inputs import MOST, is_synced, upsert_input
from schema.rejection import (
    Outcome,
    Path,
    Problem,
    Rejected,
    Written,
    problem,
    taken_identifier,
)

Became = tuple[Outcome, UUID]
"""What became of a record, and the id of what stands for it now."""


def id_of(noun: Entity, key: UUID) -> str:
    """The id as clients know it."""
    return f"{noun.name}_{key}"


async def _create(noun: Entity, work: Work, given: Given) -> Written:
    [key] = await records.create(work, noun, [((), given)])
    return Written(Outcome.CREATED, [id_of(noun, key)])


async def _named(noun: Entity, work: Work, given: Given) -> UUID:
    """The record that the input is about, locked, if the caller may write it."""
    path = (camel(noun.name),)
    [key] = await work.find([(path, noun.type_name, given[path[0]])])
    await ownership.own(work, noun, [(path, key, given.get("ifVersion"))])
    return key


async def _update(noun: Entity, work: Work, given: Given) -> Written:
    key = await _named(noun, work, given)
    fields = {k: v for k, v in given.items() if k != camel(noun.name)}
    [outcome] = await records.update(work, noun, [((), key, fields)])
    return Written(outcome, [id_of(noun, key)])


async def _retire(noun: Entity, work: Work, given: Given) -> Written:
    await records.retire(work, noun, [await _named(noun, work, given)])
    return Written(Outcome.RETIRED)


Renew = Callable[[Work, Entity, list[tuple[Path, UUID, Given]]], Awaitable[list[Became]]]


async def _change(work: Work, noun: Entity, old: list[tuple[Path, UUID, Given]]) -> list[Became]:
    """Change records where they are."""
    outcomes = await records.update(work, noun, old)
    return [(outcome, key) for outcome, (_, key, _) in zip(outcomes, old, strict=True)]


async def upsert(noun: Entity, renew: Renew, work: Work, given: Given) -> Written:
    """Create or change records by their names in the caller's own system, all or none.

    Args:
        renew: writes what is there already.
    """
    items = [((camel(noun.plural), n), item) for n, item in enumerate(given[camel(noun.plural)])]
    _check_number(items)
    keys = await _locked(work, noun, items)
    new = [(path, _fields(item)) for (path, item), key in zip(items, keys, strict=True) if not key]
    old = [
        (path, key, {k: v for k, v in item.items() if k not in ("identifier", "ifVersion")})
        for (path, item), key in zip(items, keys, strict=True)
        if key
    ]
    made = [(Outcome.CREATED, key) for key in await records.create(work, noun, new)]
    became: dict[Path, Became] = dict(zip([path for path, _ in new], made, strict=True))
    became |= zip([path for path, _, _ in old], await renew(work, noun, old), strict=True)
    outcomes = [became[path][0] for path, _ in items]
    most = min(outcomes, key=[Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED].index)
    return Written(most, [id_of(noun, became[path][1]) for path, _ in items], outcomes=outcomes)


def _fields(item: Given) -> Given:
    rest = {k: v for k, v in item.items() if k not in ("identifier", "ifVersion")}
    return rest | {"identifiers": [item["identifier"]]}


def _check_number(items: list[tuple[Path, Given]]) -> None:
    said: dict[tuple[str, str], Path] = {}
    problems: list[Problem] = []
    for path, item in items:
        try:
            given = identifier((*path, "identifier"), item["identifier"])
        except Rejected as rejected:
            problems += rejected.problems
            continue
        name = given["scheme"], given["value"]
        if name in said:
            es = "Ese identificador ya está en la lista."
            en = "That identifier is in the list already."
            problems.append(problem("INVALID", (*path, "identifier"), es, en))
        said[name] = path
    if not 0 < len(items) <= MOST:
        es = f"Mande de 1 a {MOST} registros a la vez."
        problems.append(problem("INVALID", (), es, f"Send 1 to {MOST} records at a time."))
    if problems:
        raise Rejected(*problems)


async def _locked(work: Work, noun: Entity, items: list[tuple[Path, Given]]) -> list[UUID | None]:
    """The records that items name, locked, as far as they are there already.

    While one was waited for, its name may have come to be of another, as when an entry is revised:
    then that one is locked as well.
    """
    names: dict[Path, Given] = {(*path, "identifier"): item["identifier"] for path, item in items}
    keys: list[UUID | None] = []
    while keys != (keys := await _known(work, noun, list(names.values()))):
        found = [
            ((*path, "identifier"), key, item.get("ifVersion"))
            for (path, item), key in zip(items, keys, strict=True)
            if key
        ]
        _check_once([(path, key) for path, key, _ in found])
        await ownership.own(work, noun, found, lambda path: taken_identifier(path, **names[path]))
    return keys


def _check_once(found: list[tuple[Path, UUID]]) -> None:
    """Refuse two names of one record, of which the last would undo what the others say."""
    first = {key: path for path, key in reversed(found)}
    twice = [_listed(path) for path, key in found if first[key] != path]
    if twice:
        raise Rejected(*twice)


def _listed(path: Path) -> Problem:
    es = "La lista ya nombra ese registro; diga en un solo lugar todo lo que cambia de él."
    en = "The list names that record already; say in one place all that changes of it."
    return problem("INVALID", path, es, en)


async def _known(work: Work, noun: Entity, names: list[Given]) -> list[UUID | None]:
    """The records of these names, `None` for new ones; two senders of a name take turns."""
    given = json.dumps([{"n": n, **name} for n, name in enumerate(names)])
    await work.rows(
        "SELECT pg_advisory_xact_lock(k) FROM (SELECT hashtextextended(scheme || ' ' || value, 0) k"
        " FROM jsonb_to_recordset($1::text::jsonb) g(scheme text, value text) ORDER BY k) l",
        given,
    )
    rows = await work.rows(
        "SELECT g.n, i.record_id FROM jsonb_to_recordset($1::text::jsonb)"
        " g(n int, scheme text, value text) LEFT JOIN identifier i"
        " ON (i.noun, i.scheme, i.value) = ($2, g.scheme, g.value) ORDER BY g.n",
        given,
        noun.name,
    )
    return [row[1] for row in rows]


def plain_verbs() -> list[Verb]:
    """Those of every noun that declares a scope."""
    found: list[Verb] = []
    for noun in entities.values():
        if noun.scope is None:
            continue
        name = noun.type_name
        texts = {
            "create": (_create, f"Record a new `{name}`."),
            "update": (_update, f"Change a `{name}`: only what is given."),
            "retire": (
                _retire,
                f"Remove a `{name}` that should not be there. It is no longer found. Refused while "
                "other records refer to it.",
            ),
        }
        for how, (do, text) in texts.items():
            verb = f"{how}{name}"
            input_ = f"{how.capitalize()}{name}Input"
            found.append(Verb(verb, noun, noun.scope, input_, text, partial(do, noun)))
        if is_synced(noun):
            found.append(upsert_verb(noun, noun.scope))
    return found


def upsert_verb(noun: Entity, scope: str, renew: Renew = _change, more: str = "") -> Verb:
    """`upsert…`, for what partners keep in systems of their own.

    Args:
        renew: writes what is there already.
        more: what a partner is told of that.
    """
    text = (
        f"Create or change up to {MOST} `{noun.type_name}` records, named as in your own system: "
        f"all of them or, if one is rejected, none.{more}"
    )
    name = f"upsert{pascal(noun.plural)}"
    return Verb(
        name, noun, scope, upsert_input(noun), text, partial(upsert, noun, renew), several=True
    )
