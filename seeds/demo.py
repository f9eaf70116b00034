"""Invented records in any number, for trials and measurements: plausible, skewed, always the same.

They follow from the declarations, so that a new noun is filled without a line here; `COUNTS` says
how many there are, `_MENDED` what a noun's own rules ask for. Few targets get most of the links, as
in life. Everything is written by COPY with triggers off; the thin tables are filled behind it, and
there are no changes of invented records: the feed begins with what is written after them.
"""

import itertools
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial
from random import Random
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from schema.base import (
    Column,
    Computed,
    Dated,
    Entity,
    Identity,
    Link,
    One,
    Translated,
    links,
    snake,
    spec_of,
)
from schema.fuzzy_date import PARTS
from schema.language import Language
from schema.nouns import entities, interfaces
from schema.scalars import Url

COUNTS = {
    "actor": 200, "working_group": 60, "membership": 3000, "document": 400, "person": 200,
    "post": 200, "mandate": 600, "election": 100, "candidacy": 300, "achievement": 200,
    "plan": 100, "plan_item": 5000, "target": 800, "progress_update": 1600, "disaggregation": 800,
    "need": 400, "alignment": 300, "event_series": 60, "event": 5000, "agreement": 1000,
    "pledge": 2000, "contribution": 6000, "practice": 400, "replication": 400,
    "inventory_entry": 400, "recommendation": 200, "follow_up": 400, "topic": 20, "citation": 3000,
    "actor_country": 300, "record_objective": 3000, "record_topic": 3000, "record_document": 1000,
    "plan_item_party": 3000, "plan_item_dependency": 300, "event_party": 6000,
    "event_series_party": 120, "event_plan_item": 2000, "pledge_party": 2500,
    "pledge_country": 2000, "contribution_country": 3000, "contribution_topic": 1500,
    "contribution_objective": 1500, "contribution_plan_item": 2000, "practice_party": 500,
    "recommendation_party": 400,
}  # fmt: skip
"""How many of each at scale 1."""
_FIXED = {"topic"}
_FASTEST = {
    "actor", "working_group", "membership", "plan", "plan_item", "event", "pledge", "contribution",
    "event_party", "plan_item_party", "pledge_party", "contribution_country", "record_objective",
}  # fmt: skip
"""What grows with the scale; the rest grows a tenth as fast."""
_BATCH = 20_000
_SUBJECTS = [
    ("protección internacional", "international protection"), ("niñez", "children"),
    ("trabajo decente", "decent work"), ("salud", "health"), ("refugio", "asylum"),
    ("integración local", "local integration"), ("datos migratorios", "migration data"),
    ("retorno y reintegración", "return and reintegration"), ("albergues", "shelters"),
    ("desplazamiento interno", "internal displacement"), ("educación", "education"),
    ("género", "gender"), ("rutas seguras", "safe routes"), ("documentación", "documents"),
    ("ciudades solidarias", "cities of solidarity"), ("remesas", "remittances"),
]  # fmt: skip
_PLACES = ["Tapachula", "San José", "Ciudad de Panamá", "Tegucigalpa", "San Salvador", "Danlí"]
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Row = dict[str, Any]
Ids = dict[str, list[UUID]]
Progress = Callable[[str, int, int], None]


def count(name: str, scale: float) -> int:
    """How many records of a noun, or rows of a link, there are at a scale."""
    if name in _FIXED:
        return COUNTS[name]
    grown = scale if name in _FASTEST else max(scale / 10, min(scale, 1))
    return max(1, round(COUNTS[name] * grown))


def key_of(name: str, number: int) -> UUID:
    """The id of the record of that number."""
    order = list(entities).index(name) + 1
    return UUID(int=(0xDE30 << 112) | (order << 96) | (0x8 << 76) | (0x8 << 60) | number)


@dataclass
class Maker:
    """Makes rows; what they link to is chosen among `ids`, the first ones most often."""

    random: Random
    ids: Ids
    joined: set[tuple[UUID | None, UUID | None]] = field(
        default_factory=set[tuple[UUID | None, UUID | None]]
    )
    """Group and party of the memberships so far that are, or wait to become one."""

    @cached_property
    def places(self) -> dict[UUID | None, int]:
        """The groups in their order: none lies above one before it."""
        return {key: n for n, key in enumerate(self.ids.get("working_group", []))}

    def some(self, hint: str) -> UUID | None:
        """A record of a noun or interface; `None` where there is none."""
        name = snake(hint)
        if hint in interfaces:
            members = [m.name for m in interfaces[hint].members if self.ids.get(m.name)]
            weights = [len(self.ids[m]) for m in members]
            name = self.random.choices(members, weights)[0] if members else ""
        known = self.ids.get(name)
        return known[int(len(known) * self.random.random() ** 2.5)] if known else None

    def rows(self, noun: Entity, numbers: Iterable[int]) -> Iterator[Row]:
        """A noun's rows of these numbers."""
        makers = [(n, m) for n, s in noun.specs().items() if (m := self._maker(noun, n, s))]
        mend = _MENDED.get(noun.name)
        for number in numbers:
            row: Row = {"id": key_of(noun.name, number)}
            for _, make in makers:
                row |= make(number)
            if mend:
                mend(self, row, number)
            yield row

    def _maker(self, noun: Entity, name: str, spec: Any) -> Callable[[int], Row] | None:
        match spec:
            case Identity() | Computed():
                return None
            case Translated():
                return partial(self._text, noun.name, spec)
            case Dated():
                return partial(self._date, spec)
            case One(unique=True):
                return lambda _: {spec.column: None}
            case One():
                return partial(self._link, noun, spec)
            case Column():
                return partial(self._plain, name, spec)
            case _:
                return None

    def _text(self, noun: str, spec: Translated, number: int) -> Row:
        n = spec.name
        if spec.optional and self.random.random() < 0.7:
            return {f"{n}_{la.suffix}{part}": None for la in Language for part in ("", "_origin")}
        subject = self.random.choice(_SUBJECTS)
        found: Row = {}
        for language, words in zip(Language, subject, strict=True):
            label = noun.replace("_", " ")
            found[f"{n}_{language.suffix}"] = f"{words.capitalize()} ({label} {number})"
            found[f"{n}_{language.suffix}_origin"] = "MACHINE"
        return found

    def _date(self, spec: Dated, _number: int) -> Row:
        if spec.optional and self.random.random() < 0.15:
            return dict.fromkeys((f"{spec.name}_{p}" for p in PARTS), None)
        return dict(zip((f"{spec.name}_{p}" for p in PARTS), self._day(), strict=True))

    def _day(self) -> tuple[Any, ...]:
        chance = self.random.random()
        if chance < 0.05:
            status = self.random.choice(["TO_BE_CONFIRMED", "UNDATED", "SOURCE_LOST"])
            return (None, None, None, None, status)
        day = date(2018, 1, 1) + timedelta(days=int(3650 * self.random.random()))
        if chance < 0.6:
            return (None, day.isoformat(), day, day, "EXACT")
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return (None, first.isoformat()[:7], first, last, "EXACT")

    def _link(self, noun: Entity, spec: One, number: int) -> Row:
        own = spec.hint == noun.type_name
        if spec.name == "owner" or own or (spec.optional and not spec.required):
            # Linked to its own noun, a record points at an earlier one: never in a circle.
            if self.random.random() < 0.6 or (own and number == 0):
                return {spec.column: None}
            if own:
                return {spec.column: key_of(noun.name, int(number * self.random.random() ** 2.5))}
        return {spec.column: self.some(spec.hint)}

    def _plain(self, name: str, spec: Column, number: int) -> Row:
        if name == "visibility":
            return {name: "PUBLIC"}
        if name in ("created_at", "updated_at"):
            return {name: _NOW - timedelta(minutes=int(10**6 * self.random.random()))}
        if spec.name == "version":
            return {name: 1}
        if spec.unique:
            return {name: None if spec.optional else f"demo-{number}"}
        kind = spec.python_type
        if spec.is_list:
            members = [m.name for m in kind]
            return {name: self.random.sample(members, self.random.choice([1, 1, 2]))}
        if spec.optional and self.random.random() < 0.5:
            return {name: None}
        return {name: self._value(kind, number)}

    def _value(self, kind: Any, number: int) -> Any:
        if isinstance(kind, type) and issubclass(kind, Enum):
            members = list(kind.__members__)
            return members[int(len(members) * self.random.random() ** 2)]
        if kind is Url:
            return f"https://example.org/demo/{number}"
        if kind is bool:
            return self.random.random() < 0.3
        if kind is int:
            return 1 + number % 9
        if kind is Decimal:
            return Decimal(int(10 ** (1 + 5 * self.random.random())))
        if kind is date:
            return date(2024, 1, 1) + timedelta(days=number % 700)
        return f"demo {number % 500}" if kind is str else None

    def links(self, link: Link, number: int) -> Iterator[Row]:
        """A link table's rows; each pair once."""
        near, far = link.ends()
        others = {n: s for n, s in link.fields.items() if not isinstance(spec_of(s), One)}
        seen: set[tuple[Any, Any]] = set()
        pool = self._pool(near.hint)
        for n in range(number):
            pair = pool[n % len(pool)], self.some(far.hint)
            if near.hint == far.hint:  # to an earlier one: never in a circle
                pair = max(pair, key=str), min(pair, key=str)
            if pair in seen or None in pair or pair[0] == pair[1]:
                continue
            seen.add(pair)
            row: Row = {near.column: pair[0], far.column: pair[1]}
            for name, said in others.items():
                row |= self._plain(name, spec_of(said), n)
            if "share" in others:
                # Two shares of at most 40 per cent cannot come to more than the whole.
                few = number <= 2 * len(pool)
                row["share"] = self.random.choice([None, Decimal(25), Decimal(40)]) if few else None
            yield row

    def _pool(self, hint: str) -> list[UUID]:
        if hint not in interfaces:
            return self.ids[snake(hint)]
        nouns = ["plan_item", "event", "pledge", "practice", "working_group", "plan"]
        return [i for n in nouns for i in self.ids.get(n, [])]


# What the rules of single nouns ask for


def _post(_: Maker, row: Row, number: int) -> None:
    row["kind"] = "FOCAL_POINT" if row["country_id"] else "REPRESENTATIVE"
    row["term_months"], row["consecutive_terms"] = 12, 2
    row["selection"] = "ROTATION" if number % 4 == 0 else "ELECTION"


def _group(_: Maker, row: Row, number: int) -> None:
    both = ("declared_member_count", "declared_member_count_qualifier")
    if row[both[0]] is None or row[both[1]] is None:
        row |= dict.fromkeys(both)
    row["probably_same_as_id"] = None


def _period(start: str, end: str) -> Callable[[Maker, Row, int], None]:
    def mend(_: Maker, row: Row, number: int) -> None:
        first = row[f"{start}_earliest"] or date(2022, 1, 1)
        last = first + timedelta(days=365)
        if number % 3:
            row |= {f"{end}_earliest": last, f"{end}_latest": last, f"{end}_status": "EXACT"}
            row[f"{end}_edtf"] = last.isoformat()
        else:
            row |= {f"{end}_{p}": None for p in PARTS}

    return mend


def _mandate(maker: Maker, row: Row, number: int) -> None:
    """One after the other in each post; every second post is filled today."""
    posts = maker.ids["post"]
    term, place = divmod(number, len(posts))
    first = date(2017 + 3 * term, 1 + number % 12, 1)
    last = date(first.year + 2, first.month, 1)
    row["post_id"] = posts[place]
    for name, day in (("start", first), ("end", last)):
        row |= dict(zip((f"{name}_{p}" for p in PARTS), _on(day), strict=True))
    if term == 2 and number % 2:
        row |= {f"end_{p}": None for p in PARTS}


def _on(day: date) -> tuple[Any, ...]:
    return (None, day.isoformat(), day, day, "EXACT")


def _election(maker: Maker, row: Row, number: int) -> None:
    """One in each post, so that none is open beside another."""
    row["post_id"] = maker.ids["post"][number]


def _item(maker: Maker, row: Row, number: int) -> None:
    """Items in plans of three levels; the first plan has a tenth of them all."""
    plans, all_items = maker.ids["plan"], maker.ids["plan_item"]
    size = max(1, len(all_items) // 10)
    if number < size:
        plan, base = 0, 0
    else:
        rest = max(1, (len(all_items) - size) // max(1, len(plans) - 1))
        plan = min(len(plans) - 1, 1 + (number - size) // rest)
        base, size = size + (plan - 1) * rest, rest
    place = number - base
    wide = max(1, round(size ** (1 / 3)))
    row["plan_id"] = plans[plan]
    if place < wide:
        parent, position, outline = None, place + 1, ""
    elif place < wide + wide * wide:
        parent, position = (place - wide) // wide, (place - wide) % wide + 1
        outline = f"{parent + 1:04}"
    else:
        middle = (place - wide - wide * wide) % (wide * wide)
        parent, position = wide + middle, (place - wide - wide * wide) // (wide * wide) + 1
        outline = f"{middle // wide + 1:04}{middle % wide + 1:04}"
    row["parent_id"] = None if parent is None else all_items[base + parent]
    row["position"], row["outline"] = position, f"{outline}{position:04}"


def _target(_: Maker, row: Row, number: int) -> None:
    low, high = Decimal(1 + number % 5), Decimal(6 + number % 7)
    row["minimum"], row["maximum"] = {
        "AT_LEAST": (low, None), "AT_MOST": (None, high), "BETWEEN": (low, high),
        "EXACTLY": (low, low), "INCREASE": (None, None),
    }[row["comparator"]]  # fmt: skip


def _update(_: Maker, row: Row, number: int) -> None:
    row["value"] = Decimal(number % 90) if number % 3 else None
    row["value_kind"] = ["CUMULATIVE", "INCREMENT"][number % 2] if number % 3 else None
    row["status"] = row["status"] or "IMPLEMENTATION"
    row["verification"] = "VERIFIED" if row["verified_by_id"] else "REPORTED"


def _money(_: Maker, row: Row, number: int) -> None:
    row["currency"] = ["USD", "USD", "EUR", "MXN"][number % 4] if row["amount"] else None
    if "usd_value" in row:
        row["usd_value"] = row["amount"] if row["currency"] == "USD" else None


def _membership(maker: Maker, row: Row, number: int) -> None:
    _period("start", "end")(maker, row, number)
    places = maker.places
    if places.get(row["party_id"], len(places)) <= places.get(row["group_id"], -1):
        row["party_id"] = maker.some("Actor")
    pair = row["group_id"], row["party_id"]
    if row["status"] not in ("DECLINED", "WITHDRAWN"):
        if pair in maker.joined:
            row["status"] = "DECLINED"
        maker.joined.add(pair)
    if row["status"] not in ("ACTIVE", "ENDED"):
        row["visibility"] = "DRAFT"


def _pledge(maker: Maker, row: Row, number: int) -> None:
    _money(maker, row, number)
    _period("announced", "due")(maker, row, number)
    row["kind"] = "MATCHING" if row["matches_id"] else ["INDIVIDUAL", "JOINT"][number % 2]


def _contribution(maker: Maker, row: Row, number: int) -> None:
    _money(maker, row, number)
    row["revises_id"] = key_of("contribution", number - 1) if number % 20 == 7 else None
    row["upstream_id"] = key_of("contribution", number - 3) if number % 15 == 9 else None


def _event(maker: Maker, row: Row, number: int) -> None:
    day = row["date_earliest"]
    begins = None
    if day and day == row["date_latest"] and number % 2:
        begins = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    row["starts_at"], row["timezone"] = begins, "America/Panama" if begins else None
    row["ends_at"] = begins + timedelta(hours=2) if begins else None
    row["place"] = maker.random.choice(_PLACES) if number % 3 else None


def _person(_: Maker, row: Row, number: int) -> None:
    row["name"] = f"Demo Person {number}"
    row["consented_on"] = date(2024, 1, 1) if number % 2 else None
    row["visibility"] = "PUBLIC" if number % 2 else "DRAFT"


def _need(maker: Maker, row: Row, number: int) -> None:
    _money(maker, row, number)
    row["met"] = (row["amount"] or Decimal(0)) * (number % 4) / 4


_MENDED: dict[str, Callable[[Maker, Row, int], None]] = {
    "post": _post, "working_group": _group, "membership": _membership,
    "mandate": _mandate, "election": _election, "plan": _period("start", "end"), "plan_item": _item,
    "target": _target, "progress_update": _update, "pledge": _pledge,
    "contribution": _contribution, "event": _event, "person": _person, "need": _need,
}  # fmt: skip


async def fill(
    connection: asyncpg.Connection, scale: float, progress: Progress = lambda *_: None
) -> None:
    """Add the records to a migrated and seeded database, within the caller's transaction.

    `progress` is called with a table's name, how many of its rows are written and how many it gets.
    """
    nouns, joins = ([n for n in some if n in COUNTS] for some in (entities, links))
    maker = Maker(Random(2026), await _ids(connection, scale))
    async with _bare(connection, [*nouns, *joins, "record", "party"]):
        for name in nouns:
            number = count(name, scale)
            rows = maker.rows(entities[name], range(number))
            await _copy(connection, name, rows, number, progress)
        for name in joins:
            number = count(name, scale)
            await _copy(connection, name, maker.links(links[name], number), number, progress)
        for name in nouns:
            await _thin(connection, entities[name])


@asynccontextmanager
async def _bare(connection: asyncpg.Connection, tables: list[str]) -> AsyncGenerator[None]:
    """Tables without triggers, indexes, foreign keys and exclusions, made anew behind it.

    In bulk they cost a fraction of what they do row by row, and refuse what does not fit just so.
    """
    keys = await connection.fetch(_KEYS, tables)
    indexes = await connection.fetch(_INDEXES, tables)
    for name in tables:
        await connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    for key in keys:
        await connection.execute(f"ALTER TABLE {key['of']} DROP CONSTRAINT {key['name']}")
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    yield
    await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for index in indexes:
        await connection.execute(index["made"])
    for key in keys:
        await connection.execute(
            f"ALTER TABLE {key['of']} ADD CONSTRAINT {key['name']} {key['is']}"
        )
    for name in tables:
        await connection.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


_KEYS = """SELECT conrelid::regclass AS of, quote_ident(conname) AS name,
    pg_get_constraintdef(oid) AS is
    FROM pg_constraint
    WHERE contype IN ('f', 'x') AND conrelid::regclass::text = ANY ($1::text[])"""
_INDEXES = """SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS made
    FROM pg_index i WHERE i.indrelid::regclass::text = ANY ($1::text[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)"""


async def _ids(connection: asyncpg.Connection, scale: float) -> Ids:
    """What rows may link to: what will be made, and what is there of fixed vocabularies."""
    found: Ids = {}
    for name in entities:
        if name in COUNTS and name not in _FIXED:
            found[name] = [key_of(name, n) for n in range(count(name, scale))]
        else:
            rows = await connection.fetch(f"SELECT id FROM {name} ORDER BY id")
            found[name] = [row["id"] for row in rows]
    return found


async def _thin(connection: asyncpg.Connection, noun: Entity) -> None:
    """The rows of `record` and `party`, which triggers write otherwise."""
    if noun not in interfaces["Record"].members:
        return
    names = [f"{noun.title}_{la.suffix}_sort" if noun.title else "''" for la in Language]
    search = "search" if noun.searched else "''"
    new = f"FROM {noun.name} n WHERE NOT EXISTS (SELECT FROM record r WHERE r.id = n.id)"
    await connection.execute(
        "INSERT INTO record (id, noun, visibility, owner_id, name_es_sort, name_en_sort, search)"
        f" SELECT id, '{noun.name}', visibility, owner_id, {', '.join(names)}, {search} {new}"
    )
    if noun in interfaces["Party"].members:
        await connection.execute(
            f"INSERT INTO party SELECT id FROM {noun.name} ON CONFLICT DO NOTHING"
        )


async def _copy(
    connection: asyncpg.Connection, name: str, rows: Iterator[Row], of: int, progress: Progress
) -> None:
    done = 0
    progress(name, done, of)
    while batch := list(itertools.islice(rows, _BATCH)):
        await connection.copy_records_to_table(
            name, records=[tuple(r.values()) for r in batch], columns=list(batch[0])
        )
        done += len(batch)
        progress(name, done, of)
    progress(name, of, of)
