"""Who sees and who may write what a group keeps: every noun, every caller, every way to ask.

The records are one of each noun and visibility, all of one group. Callers come with real tokens;
what they see follows from the rows that make them member, officer or delegate. Nouns, links and
ways come from the declarations, so that a new noun is asked for by itself.
"""

import asyncio
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from graphql import parse

from api import preparation
from api.cluster import Cluster
from auth import tokens
from auth.principal import ANONYMOUS, Principal
from auth.site import Site
from auth.visibility import Array, visible, writable_noun
from resolvers.read import Operation
from schema import base
from schema.base import Entity, camel, entities, interfaces, links
from schema.connections import target_of
from schema.keys import keys_of
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.making import make
from tests.oauth import PEPPERED, register, token
from tests.property.data import enrich
from tests.reading import answer, graphql_schema, operation_of
from tests.serving import Edge, serving

Fields = dict[str, Any]
VISIBILITIES = ("PUBLIC", "MEMBERS", "DRAFT")
OWNER, WRITE, READ = id_of("working_group", "owner"), "practices:write", "restricted:read"
WORD = "xilofono"
NOUNS = {
    name: noun
    for name, noun in entities.items()
    if not noun.public and not noun.follows and "visibility" in noun.fields
}
"""What can be hidden."""
FOLLOWING = {name: noun for name, noun in entities.items() if noun.follows}
"""What is hidden with another record."""
EVERY = {**NOUNS, **FOLLOWING}
FIRST_HALF = frozenset(list(NOUNS)[::2])
SECOND_HALF = frozenset(NOUNS) - FIRST_HALF


def followed(noun: Entity) -> str:
    """The noun of the record that one of this noun shares its visibility with, here."""
    hint = noun.specs()[noun.follows or ""].hint
    return "document" if hint in interfaces else base.snake(hint)


# ── Callers ───────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Caller:
    """Somebody with a token.

    Args:
        sees: of the group's records, those of these visibilities.
        writes: whether it may write them.
        of: the nouns that both holds of, beside what all see.
        scopes: of its client.
        party: whom it acts for, if not a party of its own.
    """

    sees: tuple[str, ...] = VISIBILITIES[:1]
    writes: bool = False
    of: frozenset[str] = frozenset(NOUNS)
    scopes: tuple[str, ...] = (READ, WRITE)
    party: UUID | None = None
    rows: list[tuple[str, Fields]] = field(default_factory=list[tuple[str, Fields]])


def member(group: str, **said: Any) -> tuple[str, Fields]:
    """It belongs to a group."""
    return "membership", {"group": group, "status": "ACTIVE", **said}


def holder(post: str, **said: Any) -> tuple[str, Fields]:
    """It holds a post."""
    return "mandate", {"post": post, "start": "2022", **said}


def delegate(nouns: frozenset[str], *scopes: str, **said: Any) -> tuple[str, Fields]:
    """It keeps the group's records of some nouns."""
    given = {"owner_id": OWNER, "nouns": sorted(nouns), "scopes": list(scopes)}
    return "delegation", {**given, **said}


MEMBERS, FIRST = VISIBILITIES[:2], FIRST_HALF
BOTH = (READ, WRITE)
CALLERS: dict[str, Caller] = {
    "other party": Caller(),
    "member": Caller(MEMBERS, rows=[member("owner")]),
    "member of the parent": Caller(MEMBERS, rows=[member("parent")]),
    "member of a part": Caller(rows=[member("part")]),
    "former member": Caller(rows=[member("owner", end="2021")]),
    "member without restricted:read": Caller(scopes=(WRITE,), rows=[member("owner")]),
    "officer": Caller(VISIBILITIES, True, rows=[holder("chair")]),
    "officer of the parent": Caller(VISIBILITIES, True, rows=[holder("above")]),
    "officer of a part": Caller(rows=[holder("below")]),
    "holder of a seat without rights": Caller(rows=[holder("seat")]),
    "officer without restricted:read": Caller(
        writes=True, scopes=(WRITE,), rows=[holder("chair-2")]
    ),
    "caretaker": Caller(VISIBILITIES, True, rows=[holder("vacant", start="2020", end="2021")]),
    "former officer": Caller(rows=[holder("chair", start="2020", end="2021")]),
    "designated officer": Caller(rows=[holder("chair-3", start="2090")]),
    "delegate": Caller(VISIBILITIES, True, FIRST, rows=[delegate(FIRST, *BOTH)]),
    "delegate of other nouns": Caller(
        VISIBILITIES, True, SECOND_HALF, rows=[delegate(SECOND_HALF, *BOTH)]
    ),
    "delegate who may only read": Caller(VISIBILITIES, False, FIRST, rows=[delegate(FIRST, READ)]),
    "delegate who may only write": Caller(
        VISIBILITIES[:1], True, FIRST, rows=[delegate(FIRST, WRITE)]
    ),
    "delegate without restricted:read": Caller(
        VISIBILITIES[:1], True, FIRST, (WRITE,), rows=[delegate(FIRST, *BOTH)]
    ),
    "revoked delegate": Caller(rows=[delegate(FIRST, *BOTH, revoked_at="now")]),
    "delegate of the past": Caller(rows=[delegate(FIRST, *BOTH, until="now")]),
    "owner": Caller(VISIBILITIES, True, party=OWNER),
    "owner without restricted:read": Caller(writes=True, scopes=(WRITE,), party=OWNER),
    "anonymous": Caller(),
}
POSTS = {
    **dict.fromkeys(("chair", "chair-2", "chair-3", "vacant"), ("owner", True)),
    "above": ("parent", True), "below": ("part", True), "seat": ("owner", False),
}  # fmt: skip


def visible_to(caller: str, noun: str) -> set[str]:
    """What of the group's records of a noun a caller sees."""
    said = CALLERS[caller]
    of = followed(entities[noun]) if noun in FOLLOWING else noun
    return set(said.sees if of in said.of else VISIBILITIES[:1])


def writable_by(caller: str, noun: str) -> set[str]:
    """What of them it may write."""
    said = CALLERS[caller]
    of = followed(entities[noun]) if noun in FOLLOWING else noun
    return set(VISIBILITIES) if said.writes and of in said.of else set()


async def introduce(connection: asyncpg.Connection) -> None:
    """The group, its offices, and the rows that make callers what they are."""
    parent = None
    for group in ("parent", "owner", "part"):
        above = {"parent": parent} if parent else {}
        await make(connection, "working_group", group, kind="SUBGROUP", name=group, **above)
        parent = group
    for post, (group, officer) in POSTS.items():
        said = {"kind": "LEADER", "title": post, "officer": officer}
        await make(connection, "post", post, group=group, **said)
    for name, caller in CALLERS.items():
        party = await make(connection, "actor", key_of(name), type="DONOR", name=name)
        for noun, said in caller.rows:
            if noun == "delegation":
                await _delegate(connection, party, said)
            else:
                end = {"membership": "party", "mandate": "holder"}[noun]
                await make(connection, noun, key_of(name), **said, **{end: f"actor:{key_of(name)}"})


async def _delegate(connection: asyncpg.Connection, party: UUID, said: Fields) -> None:
    ended = {name: "now() - interval '1 day'" for name, value in said.items() if value == "now"}
    row = {"id": uuid4(), "maintainer_id": party, **said}
    values = [value for name, value in row.items() if name not in ended]
    places = ", ".join([*(f"${n}" for n in range(1, len(values) + 1)), *ended.values()])
    names = ", ".join([*(name for name in row if name not in ended), *ended])
    await connection.execute(f"INSERT INTO delegation ({names}) VALUES ({places})", *values)


def key_of(caller: str) -> str:
    """The key of its party."""
    return "".join(c if c.isalpha() else "-" for c in caller)


# ── Records ───────────────────────────────────────────────────────────────────────────────────────

Kept = dict[str, dict[str, UUID]]
"""Noun → visibility → the record."""


async def keep(connection: asyncpg.Connection) -> Kept:
    """Three records of each noun come to be the group's; all others are public and nobody's."""
    async with connection.transaction():
        await connection.execute("SET CONSTRAINTS ALL DEFERRED")
        await connection.execute(  # what is asked for and refused is never public
            "UPDATE membership SET status = 'ENDED', end_text = NULL, end_edtf = NULL,"
            " end_earliest = NULL, end_latest = NULL, end_status = NULL"
            " WHERE status NOT IN ('ACTIVE', 'ENDED')"
        )
        kept: Kept = {}
        for name in NOUNS:
            await connection.execute(f"UPDATE {name} SET visibility = 'PUBLIC', owner_id = NULL")
            chosen = [id_of(name, f"made-{n}") for n in (3, 4, 5)]
            kept[name] = dict(zip(VISIBILITIES, chosen, strict=True))
            for visibility, key in kept[name].items():
                await connection.execute(
                    f"UPDATE {name} SET visibility = $2, owner_id = $3{_named(entities[name])}"
                    " WHERE id = $1",
                    key, visibility, OWNER,
                )  # fmt: skip
        for name, noun in FOLLOWING.items():
            await connection.execute(
                f"DELETE FROM {name} WHERE {noun.follows}_id = ANY ($1)",
                [key for of in kept.values() for key in of.values()],
            )
            left = await connection.fetch(f"SELECT id FROM {name} ORDER BY id LIMIT 3")
            kept[name] = dict(zip(VISIBILITIES, (row[0] for row in left), strict=True))
            for visibility, key in kept[name].items():
                await connection.execute(
                    f"UPDATE {name} SET {noun.follows}_id = $2 WHERE id = $1",
                    key, kept[followed(noun)][visibility],
                )  # fmt: skip
    return kept


Keys = dict[str, list[dict[str, str]]]
"""Noun → the natural keys of each of its records."""


async def keys_kept(connection: asyncpg.Connection, kept: Kept) -> Keys:
    """Those of the records, where they have any."""
    found: Keys = {}
    for name, of in kept.items():
        if columns := list(keys_of(EVERY[name]).values())[1:]:
            rows = await connection.fetch(
                f"SELECT {', '.join(columns)} FROM {name} WHERE id = ANY ($1)", list(of.values())
            )
            found[name] = [dict(row) for row in rows]
    return found


def _named(noun: Entity) -> str:
    """SQL that gives a record a word to be found by, where it is searched."""
    for name in noun.searched:
        if isinstance(noun.specs()[name], base.Translated):
            return f", {name}_es = '{WORD}', {name}_es_origin = 'HUMAN'"
    return ""


SEARCHED = {name for name, noun in NOUNS.items() if _named(noun)}


# ── Ways to ask ───────────────────────────────────────────────────────────────────────────────────

Found = tuple[str, str]
"""Noun and visibility."""
Ask = tuple[str, Callable[[Any], set[Found]]]
"""A root field, and what its answer shows."""
T = TypeVar("T")


def chunks(items: list[T], size: int) -> list[list[T]]:
    """The items, so many at once."""
    return [items[start : start + size] for start in range(0, len(items), size)]


@dataclass
class Asked:
    """What there is to ask for."""

    kept: Kept
    keys: Keys

    def id(self, noun: str, visibility: str) -> str:
        """The id that the API gives a record."""
        return f"{noun}_{self.kept[noun][visibility]}"

    def every(self) -> Iterator[tuple[str, str, str]]:
        """Noun, visibility and id of each record."""
        for noun in EVERY:
            for visibility in VISIBILITIES:
                yield noun, visibility, self.id(noun, visibility)

    def seen(self, nodes: list[Any]) -> set[Found]:
        """What is among some nodes."""
        found = {node["id"] for node in nodes if node}
        return {(noun, visibility) for noun, visibility, key in self.every() if key in found}

    def nodes(self) -> Iterator[Ask]:
        """By `nodes`."""
        for some in chunks([key for *_, key in self.every()], 90):
            yield f"nodes(ids: {json.dumps(some)}) {{ id }}", self.seen

    def represented(self) -> Iterator[Ask]:
        """By `_entities`, with their ids."""
        named = [{"__typename": EVERY[noun].type_name, "id": key} for noun, _, key in self.every()]
        yield from self._represented(named)

    def represented_by_keys(self) -> Iterator[Ask]:
        """By `_entities`, with each of their other keys."""
        yield from self._represented(
            [
                {"__typename": EVERY[noun].type_name, key: value}
                for noun, known in self.keys.items()
                for keys in known
                for key, value in keys.items()
            ]
        )

    def _represented(self, named: list[dict[str, str]]) -> Iterator[Ask]:
        for some in chunks(named, 90):
            given = ", ".join(
                f"{{{', '.join(f'{k}: {json.dumps(v)}' for k, v in each.items())}}}"
                for each in some
            )
            yield f"_entities(representations: [{given}]) {{ ... on Node {{ id }} }}", self.seen

    def by_id(self) -> Iterator[Ask]:
        """By the root field of the noun."""
        for noun, _, key in self.every():
            yield f'{camel(noun)}(by: {{id: "{key}"}}) {{ id }}', lambda a: self.seen([a])

    def listed(self) -> Iterator[Ask]:
        """In a list, which counts them as well."""

        def shown(answer: Any) -> set[Found]:
            assert answer["totalCount"] == len(answer["nodes"])
            return self.seen(answer["nodes"])

        for noun in EVERY:
            ids = json.dumps([self.id(noun, visibility) for visibility in VISIBILITIES])
            where = f"(where: {{id: {{in: {ids}}}}}, first: 3)"
            yield f"{camel(EVERY[noun].plural)}{where} {{ totalCount nodes {{ id }} }}", shown

    def counted(self) -> Iterator[Ask]:
        """Each alone, in a count without a list."""
        for noun, visibility, key in self.every():
            where = f'(where: {{id: {{eq: "{key}"}}}})'
            yield (
                f"{camel(EVERY[noun].plural)}{where} {{ totalCount }}",
                lambda a, at=(noun, visibility): {at} if a["totalCount"] else set(),
            )

    def by_owner(self) -> Iterator[Ask]:
        """By the owner's id."""
        owner = f'{{owner: {{id: {{eq: "working_group_{OWNER}"}}}}}}'
        for noun in NOUNS.values():
            field = f"{camel(noun.plural)}(where: {owner}, first: 5) {{ nodes {{ id }} }}"
            yield field, lambda a: self.seen(a["nodes"])

    def searched(self) -> Iterator[Ask]:
        """By a word, in all nouns and in each."""
        yield (
            f'search(text: "{WORD}", first: 100) {{ nodes {{ id }} }}',
            lambda a: self.seen(a["nodes"]),
        )

    def searched_in_lists(self) -> Iterator[Ask]:
        """By a word in the noun's list."""
        for name in sorted(SEARCHED):
            field = f'{camel(NOUNS[name].plural)}(search: "{WORD}", first: 5) {{ nodes {{ id }} }}'
            yield field, lambda a: self.seen(a["nodes"])


WAYS = [
    "nodes",
    "represented",
    "represented_by_keys",
    "by_id",
    "listed",
    "counted",
    "by_owner",
    "searched",
    "searched_in_lists",
]


def asked_of(way: str) -> dict[str, Entity]:
    """The nouns that can be asked for so."""
    if way.startswith("searched"):
        return {name: NOUNS[name] for name in SEARCHED}
    if way == "represented_by_keys":
        return {name: noun for name, noun in EVERY.items() if len(keys_of(noun)) > 1}
    return NOUNS if way == "by_owner" else EVERY


# Links


@dataclass(frozen=True)
class Link:
    """A field of a public record that leads to one of the group's."""

    noun: str
    visibility: str
    holder: Entity
    key: UUID
    field: str
    """The field's selection."""

    def ask(self) -> Ask:
        """Whether it leads there."""
        body = f"... on {self.holder.type_name} {{ f: {self.field} }}"
        at = (self.noun, self.visibility)

        def shown(answer: Any) -> set[Found]:
            there = answer["f"]
            return {at} if there and there.get("totalCount", 1) else set()

        return f'node(id: "{self.holder.name}_{self.key}") {{ {body} }}', shown


async def links_to(connection: asyncpg.Connection, kept: Kept) -> list[Link]:
    """One example of each declared link to each of the group's records."""
    hidden = [key for of in kept.values() for key in of.values()]
    found: list[Link] = []
    for holder in entities.values():
        if holder.follows:
            continue
        for spec in holder.specs().values():
            query = _holders(holder, spec) if spec else None
            if not query or spec.name == "owner":
                continue
            for noun in nouns_of(spec):
                for visibility, key in kept.get(noun, {}).items():
                    row = await connection.fetchrow(
                        f"SELECT id FROM {holder.name} WHERE id <> ALL ($2) AND {query} LIMIT 1",
                        key, hidden,
                    )  # fmt: skip
                    if row:
                        text = _selected(spec, f"{noun}_{key}")
                        found.append(Link(noun, visibility, holder, row[0], text))
    return found


def nouns_of(spec: Any) -> list[str]:
    """The nouns that a link can lead to."""
    target = target_of(spec.hint)
    return [target.name] if isinstance(target, Entity) else [e.name for e in target.members]


def _holders(holder: Entity, spec: Any) -> str | None:
    """SQL: a record's link leads to the record $1."""
    match spec:
        case base.One():
            return f"{spec.column} = $1"
        case base.Many():
            target = target_of(spec.hint)
            assert isinstance(target, Entity)
            return f"id = (SELECT {spec.via}_id FROM {target.name} WHERE id = $1)"
        case base.Through():
            near, far = links[spec.link].sides(spec)
            return f"id IN (SELECT {near.column} FROM {spec.link} WHERE {far.column} = $1)"
        case _:
            return None


def _selected(spec: Any, key: str) -> str:
    if isinstance(spec, base.One):
        return f"{camel(spec.name)} {{ id }}"
    return f'{camel(spec.name)}(where: {{id: {{eq: "{key}"}}}}) {{ totalCount }}'


# ── Answers ───────────────────────────────────────────────────────────────────────────────────────


class Stage:
    """The records, the callers and what they were answered."""

    def __init__(self, url: str, edge: Edge) -> None:
        self._url, self._edge = url, edge
        self._principals = asyncio.run(self._callers())
        self._answers = asyncio.run(self._all())

    async def _callers(self) -> dict[str, Principal]:
        connection = await asyncpg.connect(self._url)
        await introduce(connection)
        self.kept = await keep(connection)
        self.links = await links_to(connection, self.kept)
        self._keys = await keys_kept(connection, self.kept)
        site = Site(self._edge.url, PEPPERED)
        found = {"anonymous": ANONYMOUS}
        for name, caller in CALLERS.items():
            if name != "anonymous":
                held = await asyncio.to_thread(self._token, name, caller)
                found[name] = await tokens.authenticate(
                    lambda sql, values: connection.fetch(sql, *values), site, held
                )
        await connection.close()
        return found

    def _token(self, name: str, caller: Caller) -> str:
        party = caller.party or id_of("actor", key_of(name))
        return token(self._edge, register(self._url, name, party, scopes=caller.scopes))

    async def _all(self) -> dict[tuple[str, str], set[Found]]:
        connection = await connect(self._url)
        asked = Asked(self.kept, self._keys)
        ways: dict[str, list[Ask]] = {way: list(getattr(asked, way)()) for way in WAYS}
        ways["linked"] = [link.ask() for link in self.links]
        found: dict[tuple[str, str], set[Found]] = {}
        for way, asks in ways.items():
            for some in chunks(asks, 24):
                parts = " ".join(f"a{n}: {field}" for n, (field, _) in enumerate(some))
                document = parse(f"{{ {parts} }}")
                operation = Operation(graphql_schema, document, operation_of(document))
                for name, principal in self._principals.items():
                    call = operation.call({}, principal, Language.ES)
                    data = json.loads(await answer(connection, call))
                    shown = [look(data[f"a{n}"]) for n, (_, look) in enumerate(some)]
                    found.setdefault((way, name), set()).update(*shown)
        for name, principal in self._principals.items():
            found["written", name] = await self._writable(connection, principal)
        await connection.close()
        return found

    async def _writable(self, connection: asyncpg.Connection, caller: Principal) -> set[Found]:
        values: list[Any] = []

        def bind(array: Array) -> str:
            values.append(array.of(caller))
            return f"${len(values)}::{array.cast}"

        every = " UNION ALL ".join(
            f"SELECT '{noun}', id FROM {noun} t WHERE {writable_noun(spec, 't', bind, WRITE)}"
            for noun, spec in EVERY.items()
        )
        rows = await connection.fetch(every, *values)
        keys = {key: (n, v) for n, of in self.kept.items() for v, key in of.items()}
        return {keys[row[1]] for row in rows if row[1] in keys}  # others are parts of these

    def answered(self, way: str, caller: str) -> dict[str, set[str]]:
        """Noun → the visibilities of what a caller was shown."""
        found: dict[str, set[str]] = {}
        for noun, visibility in self._answers[way, caller]:
            found.setdefault(noun, set()).add(visibility)
        return found


@pytest.fixture(scope="module")
def stage(cluster: Cluster, template: str) -> Generator[Stage]:
    """A database with all of it, and an application that gives tokens."""
    url = clone(cluster, template)

    async def fill() -> None:
        async with preparation.connected(url) as writer:
            await enrich(writer)

    asyncio.run(fill())
    with serving(url) as edge:
        yield Stage(url, edge)


def shown(expected: dict[str, set[str]]) -> dict[str, set[str]]:
    """Without nouns of which nothing is."""
    return {noun: found for noun, found in expected.items() if found}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_sees_this_and_nothing_else(stage: Stage, caller: str, way: str):
    """Of every noun, by this way to ask."""
    expected = {noun: visible_to(caller, noun) for noun in asked_of(way)}
    assert stage.answered(way, caller) == shown(expected)


@pytest.mark.parametrize("caller", CALLERS)
def test_a_link_leads_a_caller_there_or_nowhere(stage: Stage, caller: str):
    """From a public record."""
    expected: dict[str, set[str]] = {}
    for link in stage.links:
        seen = {link.visibility} & visible_to(caller, link.noun)
        expected.setdefault(link.noun, set()).update(seen)
    assert stage.answered("linked", caller) == shown(expected)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_is_linked_to(stage: Stage, noun: str):
    """Where it is hidden; else the test above would say nothing of it."""
    assert {link.visibility for link in stage.links if link.noun == noun} - {"PUBLIC"}


@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_may_write_this_and_nothing_else(stage: Stage, caller: str):
    """With the scope, whether it sees it or not."""
    expected = {noun: writable_by(caller, noun) for noun in EVERY}
    assert stage.answered("written", caller) == shown(expected)


def test_paths_hide_what_the_predicate_hides():
    """Their function cannot import it, and has a copy of the text."""
    predicate = visible("r", lambda array: f"paths.{array.what}")
    [paths] = [s for s in base.statements["record_objective"] if "FUNCTION paths(" in s]
    assert predicate in " ".join(paths.split())
