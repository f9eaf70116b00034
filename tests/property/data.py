"""The seeds and what they lack: rows of every noun and link, odd texts, hidden rows, owners.

Rows follow from the declarations; `_RULES` holds what a noun's own constraints ask for beyond them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.principal import Delegation, Principal
from schema import base
from schema.base import Entity, Link, One
from schema.fuzzy_date import days
from schema.nouns import entities, interfaces, links, metadata
from schema.scalars import Url
from seeds.records import id_of

HELD = frozenset({"restricted:read", "contacts:read", "webhooks:manage"})
STRANGER = Principal(scopes=HELD)
"""May ask for every field, and sees nothing that is not public."""
MEMBER = Principal(
    parties=(id_of("actor", "unhcr"),),
    owners=(id_of("actor", "unhcr"), id_of("working_group", "mesa-2")),
    groups=(id_of("working_group", "mirps"), id_of("working_group", "mesa-2")),
    party=id_of("actor", "unhcr"),
    scopes=HELD,
    client=id_of("oauth_client", "made"),
    user=id_of("app_user", "made"),
    serves=(id_of("working_group", "mesa-2"),),
)
"""Acts for UNHCR, whose drafts it sees, and sees what MIRPS and mesa 2 keep for their members."""
NAMES = list(entities)
RECORDS = [noun.name for noun in interfaces["Record"].members]
"""What is delegated by its owner, as `Noun` has it."""
READ, WRITE = "restricted:read", "practices:write"
KEEPER = Principal(
    parties=(id_of("actor", "iom"), id_of("working_group", "mesa-2")),
    groups=(id_of("working_group", "mesa-2"),),
    delegations=(
        Delegation(MEMBER.parties[0], frozenset(NAMES[::2]), frozenset({READ, WRITE})),
        Delegation(id_of("working_group", "mirps"), frozenset(NAMES[::3]), frozenset({READ})),
        Delegation(id_of("working_group", "mirps"), frozenset(NAMES[1::3]), frozenset({WRITE})),
    ),
    scopes=STRANGER.scopes,
)
"""Acts for IOM, serves mesa 2, and keeps what UNHCR and MIRPS have of some nouns."""
ODD = 'Ñandú "quoted" \\ back\\slash \t\n ünïcode 🌎 </script> %s {row} $1'
GROUPS = [id_of("working_group", s) for s in ("mirps", "mesa-2")]
OWNERS = [None, None, MEMBER.parties[0], MEMBER.parties[0], *GROUPS]
TEXTS = ["Óscar de África", "Mesa 2 de refugiadas", "Panamá", "ñandú", "Zona de acogida"]
EDTF = ["{}", "{}-05", "{}-04-20", "[{0}-04,{0}-05]", "{}-12-31"]
DEFAULT = 14
COUNTS = {
    "actor": 28, "citation": 110, "contribution": 45, "country": 6, "framework": 5, "mandate": 84,
    "membership": 110, "plan": 8, "plan_item": 60, "progress_update": 50, "disaggregation": 25,
    "post": 24, "event": 24, "working_group": 12,
}  # fmt: skip
_FAVOURED = {"Party": 1.2, "Objective": 4}
"""How much the first records are linked to more than the others."""
_KEPT = {"version", "outline"}
"""Columns that the database fills."""

Row = dict[str, Any]


def _key(noun: str, number: int) -> UUID:
    return id_of(noun, f"made-{number}")


def _count(noun: str) -> int:
    return COUNTS.get(noun, DEFAULT)


@dataclass
class Maker:
    """Makes rows; the same ones every time."""

    ids: dict[str, list[UUID]]
    """The records of each noun that there are, or are to be; the first ones get the most links."""
    random: Random = field(default_factory=lambda: Random(11))
    joined: set[tuple[UUID, UUID]] = field(default_factory=set[tuple[UUID, UUID]])
    """Group and party of the memberships so far that are, or wait to become one."""

    def chance(self, part: float) -> bool:
        """True so often."""
        return self.random.random() < part

    def pick(self, hint: str) -> UUID:
        """The id of some record of this noun or interface."""
        nouns = [base.snake(hint)]
        if hint in interfaces:
            nouns = [n.name for n in interfaces[hint].members]
            if hint == "Party":
                nouns = ["actor", "actor", "working_group"]
        known = self.ids[self.random.choice(nouns)]
        return known[int(len(known) * self.random.random() ** _FAVOURED.get(hint, 2.5))]

    def earlier(self, noun: str, number: int, part: float) -> UUID | None:
        """A row made before this one, or none: no circles."""
        if not number or not self.chance(part):
            return None
        return _key(noun, self.random.randrange(number))

    def row(self, noun: Entity, number: int) -> Row:
        """One row."""
        made: Row = {"id": _key(noun.name, number)}
        for spec in noun.specs().values():
            made |= self._columns(noun, spec, number)
        if "created_at" in noun.fields:
            made["created_at"] = datetime(2020 + number % 5, 5, 6, 7, 8, 9, 123456, UTC)
            made["visibility"] = self.random.choice(["PUBLIC"] * 3 + ["MEMBERS", "DRAFT"])
            made["owner_id"] = self.random.choice([*OWNERS, self.pick("Party")])
        if noun.public:
            made["visibility"] = "PUBLIC"
        return made | _RULES.get(noun.name, lambda *_: {})(self, number, made)

    def _columns(self, noun: Entity, spec: Any, number: int) -> Row:
        match spec:
            case base.Identity() | base.Computed():
                return {}
            case base.Column() if spec.name not in _KEPT:
                return {spec.name: self.plain(spec, number)}
            case base.Translated():
                return self.translated(spec, number)
            case base.Dated():
                return self.dated(spec.name, None if spec.optional and self.chance(0.2) else 0)
            case One():
                return {spec.column: self._link(noun, spec, number)}
            case _:
                return {}

    def _link(self, noun: Entity, spec: One, number: int) -> UUID | None:
        if spec.unique or spec.hint == noun.type_name:
            return self.earlier(noun.name, number, 0.5) if not spec.unique else None
        if spec.optional and not spec.required and self.chance(0.25):
            return None
        return self.pick(spec.hint)

    def plain(self, spec: base.Column, number: int) -> Any:
        """A value of a column."""
        kind = spec.python_type
        if spec.is_list:
            return [m.name for m in self.random.sample(list(kind), self.random.choice([0, 1, 2]))]
        if spec.optional and self.chance(0.3):
            return None
        if isinstance(kind, type) and issubclass(kind, Enum):
            return list(kind)[number % len(kind)].name
        if kind is str:
            word = f"made-{number}" if spec.unique else f"{spec.name} {number % 4}"
            return ODD if not spec.unique and self.chance(0.1) else word
        made: dict[Any, Callable[[], Any]] = {
            Url: lambda: f'https://example.org/{number}?q="ñ"',
            int: lambda: 900 + number if spec.unique else 1 + self.random.randrange(6),
            bool: lambda: self.chance(0.5),
            Decimal: lambda: Decimal(self.random.choice(["1", "2.5", "10", "250.75", "0.01"])),
            date: lambda: date(2020 + number % 5, 1 + number % 12, 1),
            datetime: lambda: datetime(2023, 1 + number % 12, 3, 14, 30, tzinfo=UTC),
        }
        return made[kind]()

    def translated(self, spec: base.Translated, number: int) -> Row:
        """A text in one language, or in both."""
        name, row = spec.name, dict[str, Any]()
        missing = spec.optional and self.chance(0.25)
        kept = () if missing else self.random.choice([("es", "en"), ("es", "en"), ("es",), ("en",)])
        word = ODD if self.chance(0.08) else f"{self.random.choice(TEXTS)} {number}"
        for language in ("es", "en"):
            here = language in kept
            row[f"{name}_{language}"] = f"{word} ({language})" if here else None
            origin = self.random.choice(["OFFICIAL", "HUMAN", "MACHINE"])
            row[f"{name}_{language}_origin"] = origin if here else None
        return row

    def dated(self, name: str, year: int | None = 0, edtf: str | None = None) -> Row:
        """A date of some year, in one of the ways there are; `None` for nothing said of it."""
        row: Row = {f"{name}_{p}": None for p in ("text", "edtf", "earliest", "latest", "status")}
        if year is None:
            return row
        if not year and self.chance(0.15):
            statuses = ["TO_BE_CONFIRMED", "UNDATED", "SOURCE_LOST"]
            return row | {f"{name}_status": self.random.choice(statuses)}
        late = name in ("end", "due")
        year = year or self.random.randrange(2023, 2030) if late else year or self.recent()
        edtf = (edtf or self.random.choice(EDTF)).format(year)
        first, last = days(edtf)
        return row | {
            f"{name}_text": f"más o menos {year}" if self.chance(0.5) else None,
            f"{name}_edtf": edtf, f"{name}_earliest": first, f"{name}_latest": last,
            f"{name}_status": self.random.choice(["EXACT", "APPROXIMATE"]),
        }  # fmt: skip

    def recent(self) -> int:
        """A year."""
        return self.random.randrange(2018, 2029)

    def money(self) -> Row:
        """An amount with its currency, or neither."""
        if self.chance(0.25):
            return {"amount": None, "currency": None}
        amount = self.random.choice(["100", "1500000", "0.01", "333.33", "9999999999999999.99"])
        return {"amount": Decimal(amount), "currency": self.random.choice(["USD", "USD", "EUR"])}


# What constraints ask for, by noun


def _objective(make: Maker, number: int, row: Row) -> Row:
    return {"number": 100 + number, "code": f"MADE-{number}"}


def _group(make: Maker, number: int, row: Row) -> Row:
    known = row["declared_member_count"] is not None
    other = _key("working_group", number + 1) if number in (1, 5) else None
    qualifier = "MORE_THAN" if known else None
    return {"declared_member_count_qualifier": qualifier, "counterpart_id": other}


def _group_of(number: int) -> UUID:
    """The few groups that have posts, and the members to fill them."""
    return [*GROUPS, _key("working_group", 0), _key("working_group", 1)][number % 4]


def _party_of(number: int) -> UUID:
    """The parties that those groups have as members."""
    if number % 6 == 5:
        return _key("working_group", 2 + number % 3)
    return [*MEMBER.parties, *(_key("actor", n) for n in range(9))][number % 10]


def _membership(make: Maker, number: int, row: Row) -> Row:
    row = row | _joins(make, number, row)
    places = {_key("working_group", n): n for n in range(_count("working_group"))}
    groups = {*make.ids["working_group"], *places}
    if row["party_id"] in groups:  # no group lies above one made before it
        at = places.get(row["party_id"], -1)
        if at <= places.get(row["group_id"], at - 1):
            row["party_id"] = make.pick("Actor")
    pair = row["group_id"], row["party_id"]
    if row["status"] not in ("DECLINED", "WITHDRAWN"):
        if pair in make.joined:
            row["status"] = ["DECLINED", "WITHDRAWN"][number % 2]
        make.joined.add(pair)
    if row["status"] not in ("ACTIVE", "ENDED") and row["visibility"] == "PUBLIC":
        row["visibility"] = ["MEMBERS", "DRAFT"][number % 2]
    return row


def _joins(make: Maker, number: int, row: Row) -> Row:
    if number >= 70:  # those who are in one group, or are no more
        return {"group_id": _group_of(number), "party_id": _key("actor", 9 + number % 19)}
    if number % 3 == 2:
        return {}
    status = row["status"] if make.chance(0.3) else "ACTIVE"
    year = None if make.chance(0.2) else 2016 + number % 6
    return {
        "group_id": _group_of(number), "party_id": _party_of(number // 4), "status": status,
        **make.dated("start", year), **make.dated("end", None if make.chance(0.8) else 0),
    }  # fmt: skip


def _post(make: Maker, number: int, row: Row) -> Row:
    country = _key("country", number // 3 % 6)
    kind = "FOCAL_POINT" if number % 3 == 1 else row["kind"]
    return {
        "group_id": _group_of(number), "position": number + 1, "kind": kind,
        "country_id": country if kind == "FOCAL_POINT" else None,
        "selection": [row["selection"], "ROTATION"][number % 2], "required": number in (0, 2, 3, 5),
        "term_months": [12, 12, None][number % 3], "consecutive_terms": [1, 2, None, 1][number % 4],
        **make.dated("rule_since", [None, 2019, 0][number % 3]),
    }  # fmt: skip


def _mandate(make: Maker, number: int, row: Row) -> Row:
    """Six in each post, one after the other: nobody else fills it on a day that is certain."""
    post, term = number % 14, number // 14
    year, last = 2017 + 2 * term + number % 2, term == 5
    edtf = "{}-05-01" if number % 3 else make.random.choice(EDTF)
    known = make.chance(0.9)
    made = make.dated("start", year, edtf) if known else make.dated("start")
    over: int | None = year + 1
    if last and make.chance(0.5):
        over = None
    ended = make.dated("end", over)
    if not known:
        made |= dict.fromkeys(f"start_{p}" for p in ("text", "edtf", "earliest", "latest"))
        made["start_status"] = "TO_BE_CONFIRMED" if last else make.random.choice([None, "UNDATED"])
        ended = make.dated("end", None) | {"end_status": "UNDATED"}
    return {
        "post_id": _key("post", post), **made, **ended,
        "holder_id": _party_of(post // 4 + make.random.randrange(3)),
        "person_id": row["person_id"] if make.chance(0.3) else None,
    }  # fmt: skip


def _election(_: Maker, number: int, row: Row) -> Row:
    """One in each post, so that none is open beside another."""
    return {"post_id": _key("post", number)}


def _plan_item(make: Maker, number: int, row: Row) -> Row:
    """Six plans of ten items: two on top, the others below one of the two before."""
    plan, place = divmod(number, 10)
    above = None if place < 2 else _key("plan_item", number - make.random.choice([1, 2]))
    done = make.random.choice([row["status"], "CLOSED", "PIPELINE"])
    return {
        "plan_id": _key("plan", plan), "parent_id": above, "position": place + 1, "status": done,
        "coordinating_group_id": row["coordinating_group_id"] if make.chance(0.4) else None,
    }  # fmt: skip


def _target(make: Maker, number: int, row: Row) -> Row:
    low, high = {
        "AT_LEAST": (2, None), "AT_MOST": (None, 4), "EXACTLY": (3, 3), "INCREASE": (None, None)
    }.get(row["comparator"], (2, 4))  # fmt: skip
    return {"minimum": low, "maximum": high}


def _progress_update(make: Maker, number: int, row: Row) -> Row:
    kind = make.random.choice(["CUMULATIVE", "INCREMENT", "INCREMENT"])
    verified = make.pick("Party") if row["verification"] == "VERIFIED" else None
    return {
        "value_kind": None if row["value"] is None else kind, "verified_by_id": verified,
        "status": row["status"] or "IMPLEMENTATION",
        "target_id": _key("target", number % 8) if number % 5 else row["target_id"],
    }  # fmt: skip


def _need(make: Maker, number: int, row: Row) -> Row:
    met = Decimal(make.random.choice(["0", "50", "100", "1000"]))
    return {**make.money(), "met": met, "satisfied": make.chance(0.2)}


def _contribution(make: Maker, number: int, row: Row) -> Row:
    upstream = make.earlier("contribution", number, 0.5)
    revises = _key("contribution", number // 5) if number and number % 5 == 0 else None
    return {**make.money(), "upstream_id": upstream, "revises_id": revises}


def _pledge(make: Maker, number: int, row: Row) -> Row:
    matches = make.earlier("pledge", number, 1) if row["kind"] == "MATCHING" else None
    kind = "JOINT" if row["kind"] == "MATCHING" and matches is None else row["kind"]
    return {**make.money(), "matches_id": matches, "kind": kind}


def _practice(make: Maker, number: int, row: Row) -> Row:
    # Who reviews a hidden one sees it by itself, not in lists of records of all kinds.
    return {} if row["visibility"] == "PUBLIC" else {"reviewer_id": None}


def _event(make: Maker, number: int, row: Row) -> Row:
    known = row["starts_at"] is not None
    ends = row["starts_at"].replace(hour=16) if known and make.chance(0.5) else None
    return {"timezone": "America/Panama" if known else None, "ends_at": ends}


def _person(make: Maker, number: int, row: Row) -> Row:
    return {
        "name": f"Persona de {number}", "consented_on": row["consented_on"] or date(2023, 1, 1),
        "contact_email": f"persona.{number}@example.org" if number % 4 else None,
        "contact_phone": f"+50761234{number:03}" if number % 3 else None,
    }  # fmt: skip


def _actor(make: Maker, number: int, row: Row) -> Row:
    return {"country_id": _key("country", number % 6)} if number >= 9 else {}


def _country(make: Maker, number: int, row: Row) -> Row:
    letter = chr(ord("A") + number)
    return {"alpha2": f"X{letter}", "alpha3": f"XX{letter}", "m49": f"98{number}"}


_RULES: dict[str, Callable[[Maker, int, Row], Row]] = {
    "actor": _actor,
    "objective": _objective, "working_group": _group, "membership": _membership, "post": _post,
    "mandate": _mandate,
    "election": _election, "plan_item": _plan_item, "target": _target, "need": _need,
    "progress_update": _progress_update, "contribution": _contribution, "pledge": _pledge,
    "event": _event, "practice": _practice, "person": _person, "country": _country,
}  # fmt: skip


# Links


def _ends_of(link: Link, end: One) -> list[str]:
    """What to link at this end: a noun, or each noun that lists what is at the other end."""
    if end.hint != "Record":
        return [end.hint] * 40
    found = [
        n.type_name
        for n in interfaces["Record"].members
        for s in n.specs().values()
        if isinstance(s, base.Through) and s.link == link.name
    ]
    return sorted(set(found)) * 8


def _pair(make: Maker, near: str, far: str, number: int) -> tuple[UUID, UUID]:
    """What to link; within one noun to a record made earlier, so that nothing leads back."""
    one, other = make.pick(near), make.pick(far)
    if near != far:
        return one, other
    noun = base.snake(near)
    later = 1 + number % (_count(noun) - 1)
    return _key(noun, later), _key(noun, number // 2 % later)


def _linked(make: Maker, link: Link) -> list[Row]:
    near, far = link.ends()
    found: dict[tuple[UUID, UUID], Row] = {}
    shares: dict[UUID, Decimal] = {}
    for number, hint in enumerate(_ends_of(link, near)):
        one, other = _pair(make, hint, far.hint, number)
        row: Row = {near.column: one, far.column: other}
        for name, declared in link.edge_fields().items():
            row[name] = make.plain(base.spec_of(declared), number)
        if "share" in row:
            share = Decimal(make.random.choice([25, "30.5", 60, 40]))
            fits = make.chance(0.8) and shares.get(one, 0) + share <= 100
            row["share"] = share if fits and (one, other) not in found else None
            shares[one] = shares.get(one, Decimal(0)) + (row["share"] or 0)
        if one != other:
            found.setdefault((one, other), row)
    return [*_ways(link), *found.values()]


def _ways(link: Link) -> list[Row]:
    """One party's many ways to one objective: more than an answer lists."""
    items = [_key("plan_item", n) for n in range(32)]
    if link.name == "plan_item_party":
        return [
            {"plan_item_id": i, "party_id": MEMBER.parties[0], "role": "SUPPORTING"} for i in items
        ]
    if link.name == "record_objective":
        objective = {"objective_id": _key("objective", 7), "basis": "INFERRED", "priority": False}
        return [objective | {"record_id": i} for i in items]
    return []


def _delegations(make: Maker) -> list[Row]:
    """Of a few owners to a few parties: alive, ended or revoked, some of them to write only."""
    days = timedelta(days=1)
    return [
        {
            "id": _key("delegation", number),
            "owner_id": [MEMBER.parties[0], *GROUPS, _key("actor", 5)][number % 4],
            "maintainer_id": _key(*[("actor", number % 5), ("working_group", 0)][number % 7 == 6]),
            "nouns": make.random.sample(RECORDS, make.random.choice([1, 3, 9])),
            "scopes": [[READ, WRITE], [READ], [WRITE]][number % 3],
            "until": [None, datetime.now(UTC) + days, datetime.now(UTC) - days][number // 2 % 3],
            "revoked_at": datetime.now(UTC) - days if number % 5 == 3 else None,
        }
        for number in range(40)
    ]  # fmt: skip


async def enrich(connection: AsyncConnection) -> None:
    """Add it to a seeded database."""
    await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    ids: dict[str, list[UUID]] = {}
    for noun in entities:
        seeded = await connection.execute(text(f"SELECT id FROM {noun} ORDER BY id"))
        own, others = [_key(noun, n) for n in range(_count(noun))], list(seeded.scalars())
        ids[noun] = [*own[:4], *others[:4], *own[4:], *others[4:]]
    make = Maker(ids)
    for noun in entities.values():
        rows = [make.row(noun, n) for n in range(_count(noun.name))]
        await connection.execute(insert(metadata.tables[noun.name]), rows)
    for link in links.values():
        statement = insert(metadata.tables[link.name]).on_conflict_do_nothing()
        await connection.execute(statement, _linked(make, link))
    await connection.execute(insert(metadata.tables["delegation"]), _delegations(make))
    named = [
        {"record_id": i, "noun": n.name, "scheme": ["A", "B"][k % 2], "value": f"{n.name}-{k}"}
        for n in interfaces["Record"].members
        for k, i in enumerate(ids[n.name][:6])
    ]
    await connection.execute(insert(metadata.tables["identifier"]), named)
    user = {"id": MEMBER.user, "email": "ana@example.org", "name": f"Ana {ODD}"}
    await connection.execute(insert(metadata.tables["app_user"]), [user])
    client = {"id": MEMBER.client, "name": ODD, "party_id": MEMBER.party, "authentication": "NONE"}
    await connection.execute(insert(metadata.tables["oauth_client"]), [client])
    await connection.execute(insert(metadata.tables["webhook"]), _webhooks())
    await _happen(connection)


def _webhooks() -> list[Row]:
    """Two of the member's, one that waits and one that is paused, and one of another party."""
    day = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    waits = {"message": "{}", "message_id": _key("webhook", 9), "message_until": 3}
    said = {"failures": 2, "failing_since": day, "answer": "500", "delivered_at": day}
    paused = {"paused_at": day, "paused_why": "GONE", "types": ["plan", "event"]}
    empty = dict.fromkeys([*waits, *said, *paused]) | {"failures": 0}
    return [
        empty | some | {
            "id": _key("webhook", number), "client_id": MEMBER.client, "party_id": party,
            "scopes": [], "url": f"https://example.org/{number}", "exclude_own": number == 1,
            "secret": "", "sequence": 0, "epoch": MEMBER.client, "next_at": day,
            "created_at": day + timedelta(days=number),
        }
        for number, (party, some) in enumerate(
            [(MEMBER.party, waits | said), (MEMBER.party, waits | paused), (_key("actor", 5), {})]
        )
    ]  # fmt: skip


_EVENT = "INSERT INTO event (id, title_es, title_es_origin, kind, visibility, owner_id) VALUES"
_HAPPENED = (
    f"{_EVENT} (:a, 'A', 'HUMAN', 'MEETING', 'PUBLIC', :unhcr),"
    " (:b, 'B', 'HUMAN', 'MEETING', 'DRAFT', :unhcr),"
    " (:c, 'C', 'HUMAN', 'MEETING', 'PUBLIC', :iom)",
    "INSERT INTO event_party VALUES (:a, :unhcr), (:a, :iom), (:b, :iom)",
    "UPDATE event SET place = 'Danlí', starts_at = '2027-01-01T10:00Z', timezone = 'UTC'"
    " WHERE id = :a",
    "UPDATE event SET visibility = 'DRAFT' WHERE id IN (:a, :c)",
    "UPDATE event SET place = 'Tapachula', country_id = NULL WHERE id IN (:a, :b)",
    "UPDATE event SET visibility = 'PUBLIC', owner_id = :iom WHERE id IN (:a, :b)",
    "UPDATE event_party SET role = 'HOST' WHERE event_id = :a",
    "DELETE FROM event_party WHERE event_id = :b",
    "SELECT set_config('vinculo.verb', 'MERGED', true),"
    " set_config('vinculo.merged_into', CAST(CAST(:a AS uuid) AS text), true)",
    "DELETE FROM event WHERE id = :b",
    "UPDATE pledge SET amount = 12.50, currency = 'USD' WHERE visibility = 'PUBLIC'",
    "UPDATE person SET name = 'Otro nombre', gender = 'OTHER'",
)


async def _happen(connection: AsyncConnection) -> None:
    """Changes of all sorts, by one who acts for another with the application of `MEMBER`."""
    given: Row = {key: _key("happened", n) for n, key in enumerate("abc")}
    given |= {"unhcr": MEMBER.parties[0], "iom": id_of("actor", "iom")}
    doer = {"client": MEMBER.client, "party": MEMBER.parties[0], "behalf": given["iom"]}
    for name, key in doer.items():
        await connection.execute(text(f"SELECT set_config('vinculo.{name}', '{key}', true)"))
    for statement in _HAPPENED:
        named = {k: v for k, v in given.items() if re.search(rf":{k}\b", statement)}
        await connection.execute(text(statement), named)


__all__ = ["KEEPER", "MEMBER", "STRANGER", "enrich", "entities"]
