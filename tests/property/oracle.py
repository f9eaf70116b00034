"""A plain GraphQL executor over rows in memory, to judge the compiled reader by.

It is graphql-core's own executor over the published schema, with resolvers that follow the
declarations record by record. It shares no SQL with the compiler: rows come from `SELECT *`;
filters, orders, pages and visibility are Python, and so is what `derived.py` computes.
"""

import base64
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import DocumentNode, build_schema, execute_sync

from auth.principal import Principal
from auth.scopes import Scope
from resolvers.query import LISTINGS
from resolvers.schema import schema, subgraph
from schema import base
from schema.base import Entity, Interface, camel, entities, interfaces, links, namespace, spec_of
from schema.connections import target_of
from schema.filters import filters_of
from schema.language import Language
from schema.tables import order_column
from tests.property.derived import (
    LATEST,
    LISTS,
    ROOTS,
    VALUES,
    Found,
    Row,
    active,
    mandate_status,
    support_totals,
)

SCHEMA = build_schema(schema.as_str())
TABLES = [
    *entities, *links, "identifier", "delegation", "webhook", "oauth_client", "app_user", "change",
    "epoch",
]  # fmt: skip
Target = Entity | Interface
Said = tuple[Found, Row]
"""A record of a list, and what the link to it says."""
filters = cache(filters_of)


@cache
def specs(noun: Entity) -> dict[str, Any]:
    """The declarations of a noun's fields by their GraphQL names."""
    return {camel(s.name): s for s in noun.specs().values()}


def fold(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()


def stems(text: str) -> list[str]:
    """The beginnings of words that a search asks for."""
    words = [w for w in re.split("[^a-z0-9]+", fold(text)) if w]
    return [re.sub("^(.{4,}?)(es|os|as|s|o|a|e)$", r"\1", w) for w in words]


async def load(connection: asyncpg.Connection) -> dict[str, list[Row]]:
    """Every row of every table; numbers with decimals as they are, search words as a set."""
    found: dict[str, list[Row]] = {}
    for table in TABLES:
        rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table} t")
        found[table] = [json.loads(bytes(row[0]), parse_float=Decimal) for row in rows]
    return found


class Oracle:
    """Answers operations for one caller and language."""

    def __init__(
        self, tables: dict[str, list[Row]], principal: Principal, language: Language
    ) -> None:
        self.tables = tables
        self.language = language
        self._principal = principal
        self._parties = {str(p) for p in principal.parties}
        self._groups = {str(g) for g in principal.groups}
        self._delegated = {
            (noun, str(d.owner))
            for d in principal.delegations
            for noun in d.nouns
            if "restricted:read" in d.scopes
        }
        self._client = str(principal.client)
        self._latest = max(r["sequence"] for r in tables["change"])
        self._by_id = {r["id"]: Found(e, r) for e in entities.values() for r in tables[e.name]}
        self._indexes: dict[tuple[str, str], dict[Any, list[Row]]] = {}

    def known(self, key: str) -> Found:
        """The record with this id, hidden or not."""
        return self._by_id[key]

    def under(self, table: str, column: str, key: str | None) -> list[Row]:
        """The rows of a table that hold this in a column."""
        if (table, column) not in self._indexes:
            made = self._indexes[table, column] = defaultdict(list)
            for row in self.tables[table]:
                made[row[column]].append(row)
        return self._indexes[table, column].get(key, []) if key else []

    def answer(self, document: DocumentNode, variables: dict[str, Any] | None) -> Any:
        """The data of a valid operation."""
        result = execute_sync(
            SCHEMA, document, variable_values=variables,
            field_resolver=self._resolve, type_resolver=self._type,
        )  # fmt: skip
        if result.errors:
            raise result.errors[0].original_error or result.errors[0]
        return result.data

    # What a caller can see

    def sees(self, row: Row) -> bool:
        """Whether the caller sees a row that has an owner."""
        return self._may(row["visibility"], row["owner_id"], self._by_id[row["id"]].noun.name)

    def _may(self, seen: str | None, owner: str | None, noun: str) -> bool:
        return (
            seen == "PUBLIC"
            or (seen is not None and owner in self._parties)
            or (seen == "MEMBERS" and owner in self._groups)
            or (noun, owner) in self._delegated
        )

    def _beside(self, sides: Iterable[str], noun: str) -> bool:
        return any(s in self._parties or (noun, s) in self._delegated for s in sides)

    def _keeps(self, found: Found) -> bool:
        """Whether the owner has delegated its records of this noun to the caller."""
        return (found.noun.name, found.row["owner_id"]) in self._delegated

    def _visible(self, found: Found) -> bool:
        if found.noun.follows:
            return self._visible(self._by_id[found.row[f"{found.noun.follows}_id"]])
        sides = {found.row[f"{side}_id"] for side in found.noun.sides}
        return self.sees(found.row) or self._beside(sides, found.noun.name)

    def _inside(self, found: Found) -> bool:
        """Whether the caller keeps it, is a member of its owner, or shares a group with it."""
        shared = [
            active(m) and m["group_id"] in self._groups
            for m in self.under("membership", "party_id", found.row["id"])
        ]
        known = found.row["owner_id"] in self._parties | self._groups
        return known or self._keeps(found) or any(shared)

    def _contact(self, person: Row) -> Any:
        said = {part: person[f"contact_{part}"] for part in ("email", "phone")}
        return said if any(said.values()) and self._serves_beside(person) else None

    def _serves_beside(self, person: Row) -> bool:
        """Whether the caller keeps the record, or serves in a group where the person does."""
        serves, serves_as = (
            {str(i) for i in ids} for ids in (self._principal.serves, self._principal.serves_as)
        )
        for mandate in self.under("mandate", "person_id", person["id"]):
            [post] = self.under("post", "id", mandate["post_id"])
            if not (self.sees(mandate) and self.sees(post) and self._held(post, [mandate])):
                continue
            if post["group_id"] in serves:
                return True
            for other in self.under("post", "group_id", post["group_id"]):
                held = self.under("mandate", "post_id", other["id"])
                if self._held(other, [m for m in held if m["holder_id"] in serves_as]):
                    return True
        return person["owner_id"] in serves_as

    def _held(self, post: Row, mandates: list[Row]) -> bool:
        """Whether one of the mandates runs today, and neither it nor the post is a draft."""
        return post["visibility"] != "DRAFT" and any(
            m["visibility"] != "DRAFT" and mandate_status(self, m, {}) == "CURRENT"
            for m in mandates
        )

    def _shown(self, noun: Entity, rows: list[Row]) -> list[Found]:
        return [f for r in rows if self._visible(f := Found(noun, r))]

    def _all(self, noun: Entity) -> list[Found]:
        return self._shown(noun, self.tables[noun.name])

    def get(self, key: str | None) -> Found | None:
        """The record with this id, if the caller sees it."""
        found = self._by_id.get(key) if key else None
        return found if found and self._visible(found) else None

    def _named(self, key: str) -> Found | None:
        noun, _, uuid = key.rpartition("_")
        found = self.get(uuid)
        return found if found and found.noun.name == noun else None

    # Resolvers

    def _type(self, value: Any, *_: Any) -> str:
        noun: Entity = value.noun
        return noun.variants[value.row["type"]].__name__ if noun.variants else noun.type_name

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        if info.parent_type.name == "Query":
            return self._root(info.field_name, arguments)
        if isinstance(source, Found):
            return self._field(source, info.field_name, arguments)
        value = source[info.field_name]
        return value(**arguments) if callable(value) else _as_json(value)

    def _root(self, name: str, arguments: dict[str, Any]) -> Any:
        if name == "node":
            return self._named(arguments["id"])
        if name == "nodes":
            return [self._named(i) for i in arguments["ids"]]
        if name == "_entities":
            return [self._represented(given) for given in arguments["representations"]]
        if name == "_service":
            return {"sdl": subgraph()}
        if name == "search":
            return self._search(arguments)
        if name == "changes":
            return self._feed(self.tables["change"], arguments, "changes")
        if name == "supportTotals":
            return support_totals(self, entities["contribution"], arguments)
        if name == "viewer":
            return self._viewer()
        for noun in entities.values():
            if name == camel(noun.name):
                return self._look_up(noun, arguments["by"])
            if name == camel(noun.plural):
                return self._page(noun, self._all(noun), arguments)
        for root, (of, item, _, _) in LISTINGS.items():
            if name == camel(root):
                return self._listing(name, entities[of], item, arguments)
        raise AssertionError(name)

    def _viewer(self) -> Any:
        caller = self._principal
        [client] = self.under("oauth_client", "id", str(caller.client)) or [None]
        [user] = self.under("app_user", "id", str(caller.user)) or [None]
        if client is None:
            return None

        def held(scope: Scope) -> Row:
            def description(language: str | None = None) -> str:
                return scope.sentence(Language[language] if language else self.language)

            return {"name": scope.scope, "description": description}

        party = self.get(str(caller.party))
        scopes = [held(scope) for scope in Scope if scope.scope in caller.scopes]
        given, received = (
            [self._delegation(d) for d in self.tables["delegation"] if whose(d)]
            for whose in (
                lambda d: UUID(d["owner_id"]) in caller.owners,
                lambda d: d["maintainer_id"] == str(caller.party),
            )
        )
        return {
            "client": client, "party": party, "user": user, "scopes": scopes,
            "delegationsGiven": self._standing(given),
            "delegationsReceived": self._standing(received),
            "webhooks": [
                self._webhook(w) for w in self.tables["webhook"]
                if w["party_id"] == str(caller.party)
            ],
            "quota": None,  # it is the edge that counts
        }  # fmt: skip

    def _delegation(self, row: Row) -> Row:
        return row | {
            "owner": self.get(row["owner_id"]), "maintainer": self.get(row["maintainer_id"]),
            "nouns": sorted(noun.upper() for noun in row["nouns"]),
            "since": _moment(row["created_at"]),
            "until": row["until"] and _moment(row["until"]),
            "revoked": row["revoked_at"] is not None,
        }  # fmt: skip

    def _webhook(self, row: Row) -> Row:
        waits = row["message"] is not None and row["paused_at"] is None
        return row | {
            "types": row["types"] and sorted(noun.upper() for noun in row["types"]),
            "excludeOwn": row["exclude_own"], "client": row["client_id"],
            "paused": row["paused_why"],
            "since": _moment(row["created_at"]),
            "deliveredAt": row["delivered_at"] and _moment(row["delivered_at"]),
            "failingSince": row["failing_since"] and _moment(row["failing_since"]),
            "nextAt": _moment(row["next_at"]) if waits else None,
        }  # fmt: skip

    def _standing(self, delegations: list[Row]) -> list[Row]:
        now = datetime.now(UTC)
        found = [
            d for d in delegations
            if not d["revoked"] and (d["until"] is None or d["until"] > now)
        ]  # fmt: skip
        return sorted(found, key=lambda d: (d["since"], d["id"]))

    def _listing(self, name: str, noun: Entity, item: str, arguments: Any) -> Any:
        found = self._all(noun)
        if name in ROOTS:
            found = [f for f in found if ROOTS[name](self, f.row)]
        else:
            found = [f for f in found if self._type(f) == item]
        return self._page(noun, found, arguments)

    def _look_up(self, noun: Entity, by: dict[str, Any]) -> Found | None:
        if "id" in by:
            found = self._named(by["id"])
            return found if found and found.noun is noun else None
        where = {"slug": {"eq": by["slug"]}} if "slug" in by else {"identifier": by["identifier"]}
        return next((f for f in self._all(noun) if self.matches(f, where)), None)

    def _represented(self, given: dict[str, str]) -> Found | None:
        """The record of this type with all of these keys."""
        name = given["__typename"]
        cls = namespace[name]
        for noun in entities.values():
            kinds = [kind for kind, of in noun.variants.items() if of is cls]
            if not kinds and not issubclass(noun.cls, cls):
                continue
            for found in self._all(noun):
                said = {**found.row, "id": f"{noun.name}_{found.row['id']}"}
                keys = {k: v for k, v in given.items() if k != "__typename"}
                if said.items() >= keys.items() and (not kinds or said["type"] in kinds):
                    return found
        return None

    def _field(self, found: Found, name: str, arguments: dict[str, Any]) -> Any:
        spec, row = specs(found.noun)[name], found.row
        if getattr(spec, "members", False) and not self._inside(found):
            return [] if isinstance(spec, base.Translations) else None
        match spec:
            case base.Contact():
                return self._contact(row)
            case base.Identity():
                return f"{found.noun.name}_{row['id']}"
            case base.Column() | base.Rows():
                return _as_json(self._value(found, spec, arguments))
            case base.Translated():
                return self._text(row, spec.name, arguments.get("language"))
            case base.Translations():
                return [
                    {
                        "language": la.name,
                        "text": text,
                        "origin": row[f"{spec.of}_{la.suffix}_origin"],
                    }
                    for la in Language
                    if (text := row[f"{spec.of}_{la.suffix}"]) is not None
                ]
            case base.Dated():
                if row[f"{spec.name}_status"] is None:
                    return None
                parts = ("text", "edtf", "earliest", "latest", "status")
                return {p: row[f"{spec.name}_{p}"] for p in parts}
            case base.Values():
                own = self.under("identifier", "record_id", row["id"])
                return sorted(own, key=lambda i: (i["scheme"], i["value"]))
            case base.One():
                return self.get(row[spec.column])
            case base.Found():
                return self.get(self._value(found, spec, arguments))
            case base.History():
                own = self.under("change", "record_id", row["id"])
                return self._feed(own, arguments, "history")
            case _:
                below = self._below(found, spec)
                said = {f.row["id"]: {camel(k): v for k, v in r.items()} for f, r in below}
                return self._page(target_of(spec.hint), [f for f, _ in below], arguments, said)

    def _value(self, found: Found, spec: Any, arguments: dict[str, Any]) -> Any:
        """A column's value, or the one computed for it."""
        if isinstance(spec, base.Computed | base.Found | base.Rows):
            return VALUES[f"{found.noun.name}.{spec.name}"](self, found.row, arguments)
        value = found.row[spec.name]
        return _moment(value) if value and spec.python_type is datetime else value

    def _text(self, row: Row, name: str, language: str | None) -> str | None:
        first = Language[language] if language else self.language
        ordered = sorted(Language, key=lambda la: la is not first)
        return next((t for la in ordered if (t := row[f"{name}_{la.suffix}"]) is not None), None)

    def _below(self, found: Found, spec: Any) -> list[Said]:
        """The visible records of a list, each with what its link says."""
        key, target = found.row["id"], target_of(spec.hint)
        if isinstance(spec, base.Through):
            near, far = _sides(spec, target)
            joined = [(self.get(r[far]), r) for r in self.under(spec.link, near, key)]
            nouns = [target] if isinstance(target, Entity) else target.members
            return [(f, r) for f, r in joined if f and f.noun in nouns]
        assert isinstance(target, Entity)
        if isinstance(spec, base.Many):
            rows = self.under(target.name, f"{spec.via}_id", key)
        else:
            rows = LISTS[f"{found.noun.name}.{spec.name}"](self, found.row)
        return [(f, {}) for f in self._shown(target, rows)]

    def says(self, key: str, name: str, arguments: dict[str, Any]) -> bool:
        """Whether a field of the record says anything to this caller."""
        if (found := self.get(key)) is None:
            return False
        spec = specs(found.noun)[name]
        if isinstance(spec, base.Many | base.Through | base.Related):
            return bool(self._below(found, spec))
        if isinstance(spec, base.History):
            return bool(self._field(found, name, arguments)["nodes"])
        return bool(self._field(found, name, arguments))

    # Changes

    def _feed(self, rows: list[Row], arguments: dict[str, Any], name: str) -> Any:
        """A page of the feed, or of a record's history."""
        newest = name == "history"
        epoch = self.tables["epoch"][0]["id"]
        place = lambda sequence: f"cursor:{json.dumps([str(sequence), epoch])}"  # noqa: E731
        at = 2**63 - 1 if newest else 0
        if arguments.get("after") is not None:
            at = int((decode(arguments["after"]) or [""])[0])
        beyond = [r for r in rows if (r["sequence"] < at if newest else r["sequence"] > at)]
        asked = [r for r in beyond if self._asked(r, arguments)]
        told = [(r["sequence"], t) for r in asked if (t := self._told(r)) is not None]
        told.sort(key=lambda pair: pair[0], reverse=newest)
        first = arguments.get("first")
        page = told[: 25 if first is None else first]
        end = page[-1][0] if page else at
        if not newest and len(page) == len(told):
            end = max(at, self._latest)
        return {
            "nodes": [t for _, t in page],
            "edges": [{"cursor": place(n), "node": t} for n, t in page],
            "pageInfo": {
                "hasNextPage": len(page) < len(told), "hasPreviousPage": False,
                "startCursor": place(page[0][0]) if page else None, "endCursor": place(end),
            },
            "latest": place(self._latest),
        }  # fmt: skip

    def _asked(self, row: Row, arguments: dict[str, Any]) -> bool:
        types, parties = arguments.get("types"), arguments.get("parties")
        owner = row["owner_after_id" if row["visibility_after"] else "owner_before_id"]
        return (
            (types is None or row["noun"].upper() in types)
            and (
                parties is None or owner in [p.rpartition("_")[2] for p in parties if _is_party(p)]
            )
            and not (arguments.get("excludeOwn") and row["client_id"] == self._client)
        )

    def _told(self, row: Row) -> Row | None:
        """A change as far as the caller may know of it."""
        seen = {
            when: self._may(row[f"visibility_{when}"], row[f"owner_{when}_id"], row["noun"])
            or self._beside(row[f"sides_{when}"] or [], row["noun"])
            for when in ("before", "after")
        }
        if not any(seen.values()) or (row["far_id"] and not self.get(row["far_id"])):
            return None
        record, ends = self.get(row["record_id"]), row["visibility_after"] is None
        told = record is not None and seen["after"]
        doer = {
            "party": self.get(row["party_id"]),
            "onBehalfOf": self.get(row["on_behalf_of_id"]),
            "client": row["client_id"],
        }
        before = row["before"] if told and seen["before"] else None
        return {
            "id": row["id"], "at": _moment(row["at"]), "noun": row["noun"].upper(),
            "recordId": f"{row['noun']}_{row['record_id']}", "record": record,
            "verb": row["verb"] if told or ends else "WITHDRAWN",
            "part": row["part"] if told else None,
            "fields": [
                f for f in self._changed(before or {}, (row["after"] if told else None) or {})
                if not f["name"].startswith("contact") or row["owner_id"] in self._parties
            ],
            "mergedInto": self.get(row["merged_into_id"]),
            **(doer if told or ends else dict.fromkeys(doer)),
        }  # fmt: skip

    def _changed(self, before: Row, after: Row) -> list[Row]:
        found: list[Row] = []
        for key in sorted({*before, *after}):
            known = [v for v in (before.get(key), after.get(key)) if v is not None]
            linked = key.endswith("_id") and all(isinstance(v, str) for v in known)
            values = [
                self._linked(v) if linked else _as_text(v)
                for v in (before.get(key), after.get(key))
            ]
            name = camel(key.removesuffix("_id") if linked else key)
            found.append({"name": name, "before": values[0], "after": values[1]})
        return found

    def _linked(self, key: str | None) -> str | None:
        found = self.get(key)
        return f"{found.noun.name}_{key}" if found else None

    # Pages

    def _name(self, found: Found) -> str:
        return found.row.get(f"{found.noun.title}_{self.language.suffix}_sort") or ""

    def _search(self, arguments: dict[str, Any]) -> Any:
        words, key = stems(arguments["text"]), fold(arguments["text"])
        nouns, record = arguments.get("nouns"), interfaces["Record"]
        where = arguments.get("where") or {}
        found = [
            f
            for e in record.members
            for f in self._all(e)
            if (nouns is None or e.name.upper() in nouns) and self._has_words(f, words)
        ]

        def order(each: Found) -> list[Any]:
            title = self._name(each)
            rank = 0 if title == key else 1 if title.startswith(key) else 2
            return [rank, title, each.row["id"]]

        found = [f for f in found if self.matches(f, where, record)]
        return self._slice(found, order, False, arguments, {})

    def _page(
        self, target: Target, found: list[Found], arguments: Any, said: dict[str, Row] | None = None
    ) -> Any:
        where = arguments.get("where") or {}
        found = [f for f in found if self.matches(f, where, target)]
        if (words := arguments.get("search")) is not None:
            found = [f for f in found if self._has_words(f, stems(words))]
        name = arguments.get("order", "")

        def key(each: Found) -> list[Any]:
            if isinstance(target, Interface):
                return [self._name(each), each.row["id"]]
            by = target.orders[name.removesuffix("_DESC")]
            return [each.row[order_column(target, by, self.language)], each.row["id"]]

        return self._slice(found, key, name.endswith("_DESC"), arguments, said or {})

    def _slice(
        self, found: list[Found], key: Any, reverse: bool, arguments: Any, said: dict[str, Row]
    ) -> Any:
        found = sorted(found, key=key, reverse=reverse)
        low, high = 0, len(found)
        beyond = (lambda a, b: a < b) if reverse else (lambda a, b: a > b)
        if (after := arguments.get("after")) is not None:
            at = _typed(after, found, key)
            low = sum(not beyond(key(f), at) for f in found)
        if (before := arguments.get("before")) is not None:
            at = _typed(before, found, key)
            high = sum(beyond(at, key(f)) for f in found)
        high = max(low, high)
        first, last = arguments.get("first"), arguments.get("last")
        size = 25 if first is None and last is None else last if first is None else first
        start, end = (
            (max(low, high - size), high) if last is not None else (low, min(high, low + size))
        )
        page = found[start:end]
        cursors = [f"cursor:{json.dumps([_key(k) for k in key(f)])}" for f in page]
        return {
            "nodes": page,
            "edges": [
                {"node": f, "cursor": c, **said.get(f.row["id"], {})}
                for f, c in zip(page, cursors, strict=True)
            ],
            "totalCount": len(found),
            "pageInfo": {
                "hasNextPage": end < len(found) and (end < high or before is not None),
                "hasPreviousPage": start > 0 and (start > low or after is not None),
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }

    # Filters

    def _has_words(self, found: Found, words: list[str]) -> bool:
        own = set(re.findall("'([^']*)'", found.row.get("search") or ""))
        return bool(words) and all(any(o.startswith(w) for o in own) for w in words)

    def matches(self, found: Found, where: dict[str, Any], target: Target | None = None) -> bool:
        """Whether the record fulfils a `where` of its noun, or of an interface."""
        given = [(name, value) for name, value in where.items() if value is not None]
        return all(self._holds(found, name, value, target or found.noun) for name, value in given)

    def _holds(self, found: Found, name: str, value: Any, target: Target) -> bool:
        row = found.row
        if name in ("and", "or"):
            some = (self.matches(found, w, target) for w in value)
            return all(some) if name == "and" else any(some)
        if name == "not":
            return not self.matches(found, value, target)
        spec = filters(target)[name].spec
        match filters(target)[name].kind:
            case "id":
                return _compares(f"{found.noun.name}_{row['id']}", value)
            case "value":
                return _compares(self._value(found, spec, {}), value)
            case "dated":
                return _dated(row, spec.name, value)
            case "one":
                linked = self.get(row[spec.column])
                of = interfaces.get(spec.hint)
                return linked is not None and self.matches(linked, value, of)
            case "list":
                below = [f for f, _ in self._below(found, spec)]
                return self._listed(below, value, target_of(spec.hint))
            case "held":
                start, end = spec
                return _held(row, start, end, value)
            case "search":
                return self._has_words(found, stems(value))
            case "member":
                return found.noun is spec and self.matches(found, value)
            case _:
                own = self.under("identifier", "record_id", row["id"])
                return any(all(i[k] == v for k, v in value.items()) for i in own)

    def _listed(self, found: list[Found], value: dict[str, Any], target: Target) -> bool:
        some, every, none = (value.get(k) for k in ("some", "every", "none"))
        return (
            (some is None or any(self.matches(f, some, target) for f in found))
            and (every is None or all(self.matches(f, every, target) for f in found))
            and (none is None or not any(self.matches(f, none, target) for f in found))
        )


def _sides(spec: base.Through, target: Target) -> tuple[str, str]:
    """The columns of a link table at this end and at the other one."""
    first, second = links[spec.link].ends()
    of, name = interfaces.get(second.hint), target.cls.__name__
    ahead = second.hint == name or (of is not None and target in of.members)
    if spec.near:
        ahead = first.name == spec.near
    near, far = (first, second) if ahead else (second, first)
    return near.column, far.column


def _as_json(value: Any) -> Any:
    """A plain value as it stands in an answer."""
    match value:
        case Decimal():
            return f"{value:.2f}"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
        case _:
            return value


def _as_text(value: Any) -> str | None:
    """A value of a change, as PostgreSQL writes JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, Decimal) else str(value)


def _is_party(key: str) -> bool:
    return key.rpartition("_")[0] in [n.name for n in interfaces["Party"].members]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _key(value: Any) -> str:
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+00:00", text):
        return _as_json(_moment(text))
    return text


def _typed(cursor: str, found: list[Found], key: Any) -> list[Any]:
    """The keys in a cursor, which the reader handed out, in the form our keys have."""
    values = decode(cursor)
    assert values is not None
    for each in found:
        own = key(each)
        if own[-1] == values[-1]:
            return own
    raise AssertionError("the cursor's row is not in this list")


def decode(text: str) -> list[str] | None:
    """The keys in a cursor of the reader's; `None` for any other text."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        keys = json.loads(plain[12:])
        UUID(keys[-1])
        return keys if re.fullmatch("[0-9a-f]{12}", plain[:12]) else None
    except (ValueError, TypeError, IndexError, KeyError):
        return None


def normal(value: Any) -> Any:
    """An answer with cursors opened, so that two that say the same are equal."""
    match value:
        case dict():
            return {k: normal(v) for k, v in value.items()}
        case list():
            return [normal(v) for v in value]
        case str() if (keys := decode(value)) is not None:
            return f"cursor:{json.dumps([_instant(k) for k in keys])}"
        case _:
            return value


def _instant(key: str) -> str:
    text = key.replace(" ", "T", 1).replace("+00", "+00:00") if key[4:5] == "-" else key
    return _key(text) if text.endswith("+00:00") else key


def _compares(own: Any, value: dict[str, Any]) -> bool:
    form: Any = {datetime: _moment, Decimal: Decimal}.get(type(own), lambda v: v)
    results: list[bool] = []
    for name, given in value.items():
        if given is None:
            continue
        if name == "isNull":
            results.append((own is None) == given)
        elif own is None:
            results.append(False)
        elif name == "in":
            results.append(own in [form(g) for g in given])
        elif name == "eq":
            results.append(own == form(given))
        else:
            results.append(own >= form(given) if name == "gte" else own <= form(given))
    return all(results)


def _dated(row: Row, name: str, value: dict[str, Any]) -> bool:
    first, last, status = (row[f"{name}_{p}"] for p in ("earliest", "latest", "status"))
    results: list[bool] = []
    for kind in ("possibly", "certainly"):
        if (period := value.get(kind)) is None:
            continue
        if first is None:
            return False
        low, high = period.get("from"), period.get("to")
        results.append(low is None or high is None or low <= high)
        one, other = (last, first) if kind == "possibly" else (first, last)
        results.append(low is None or high is None or low <= high)
        results.append(low is None or one >= low)
        results.append(high is None or other <= high)
    if value.get("status") is not None:
        results.append(_compares(status, value["status"]))
    if value.get("isNull") is not None:
        results.append((status is None) == value["isNull"])
    return all(results)


def _held(row: Row, start: str, end: str, value: dict[str, Any]) -> bool:
    day, sure = value["date"], value["certainty"] == "CERTAINLY"
    began, ended = row[f"{start}_earliest"] or day, row[f"{end}_latest"] or day
    if sure:
        began, ended = row[f"{start}_latest"] or LATEST, row[f"{end}_earliest"] or ""
        ended = day if row[f"{end}_status"] is None else ended
    return began <= day <= ended


__all__ = ["SCHEMA", "Oracle", "decode", "fold", "load", "normal", "spec_of", "stems"]
