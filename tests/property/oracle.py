"""A plain GraphQL executor over rows in memory, to judge the compiled reader by.

It is graphql-core's own executor over the published schema, with resolvers that follow the
declarations record by record. It shares no SQL with the compiler: rows come from `SELECT *`, and
filters, orders, pages and visibility are Python.
"""

import base64
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from graphql import build_schema, execute_sync, parse

from auth.principal import Principal
from resolvers.query import LISTINGS
from resolvers.schema import schema
from schema import base
from schema.base import Entity, Interface, camel, entities, interfaces, links, spec_of
from schema.connections import target_of
from schema.filters import filters_of
from schema.language import Language
from schema.tables import order_column

SCHEMA = build_schema(schema.as_str())
ONLY: dict[str, Any] = {
    "gcmObjectives": lambda oracle, row: oracle.row(row["framework_id"])["slug"] == "gcm"
}
TABLES = [*entities, *links, "identifier"]


def fold(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()


def stems(text: str) -> list[str]:
    """The beginnings of words that a search asks for."""
    words = [w for w in re.split("[^a-z0-9]+", fold(text)) if w]
    return [re.sub("^(.{4,}?)(es|os|as|s|o|a|e)$", r"\1", w) for w in words]


@dataclass(frozen=True)
class Found:
    """A record."""

    noun: Entity
    row: dict[str, Any]


async def load(connection: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table; texts as text, search words as a set."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table} t")
        found[table] = [json.loads(bytes(row[0])) for row in rows]
    return found


class Oracle:
    """Answers operations for one caller and language."""

    def __init__(
        self, tables: dict[str, list[dict[str, Any]]], principal: Principal, language: Language
    ) -> None:
        self.tables = tables
        self._parties = {str(p) for p in principal.parties}
        self._groups = {str(g) for g in principal.groups}
        self._language = language

    @cached_property
    def _by_id(self) -> dict[str, Found]:
        return {r["id"]: Found(e, r) for e in entities.values() for r in self.tables[e.name]}

    def row(self, key: str) -> dict[str, Any]:
        """The row with this id."""
        return self._by_id[key].row

    def answer(self, query: str, variables: dict[str, Any] | None) -> Any:
        """The data of a valid operation."""
        result = execute_sync(
            SCHEMA, parse(query), variable_values=variables,
            field_resolver=self._resolve, type_resolver=self._type,
        )  # fmt: skip
        if result.errors:
            raise result.errors[0].original_error or result.errors[0]
        return result.data

    # What a caller can see

    def _visible(self, found: Found) -> bool:
        if found.noun.follows:
            return self._visible(self._by_id[found.row[f"{found.noun.follows}_id"]])
        owner, seen = found.row["owner_id"], found.row["visibility"]
        return (
            seen == "PUBLIC"
            or owner in self._parties
            or (seen == "MEMBERS" and owner in self._groups)
        )

    def _all(self, noun: Entity) -> list[Found]:
        found = [Found(noun, r) for r in self.tables[noun.name]]
        return [f for f in found if self._visible(f)]

    def _get(self, key: str | None) -> Found | None:
        found = self._by_id.get(key) if key else None
        return found if found and self._visible(found) else None

    def _named(self, key: str) -> Found | None:
        noun, _, uuid = key.rpartition("_")
        found = self._get(uuid)
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
        return source[info.field_name]

    def _root(self, name: str, arguments: dict[str, Any]) -> Any:
        if name == "node":
            return self._named(arguments["id"])
        if name == "nodes":
            return [self._named(i) for i in arguments["ids"]]
        if name == "search":
            return self._search(arguments)
        for noun in entities.values():
            if name == camel(noun.name):
                return self._look_up(noun, arguments["by"])
            if name == camel(noun.plural):
                return self._page(noun, self._all(noun), arguments)
        for root, (of, item, _, _) in LISTINGS.items():
            if name == camel(root):
                return self._listing(name, entities[of], item, arguments)
        raise AssertionError(name)

    def _listing(self, name: str, noun: Entity, item: str, arguments: Any) -> Any:
        found = self._all(noun)
        if name in ONLY:
            found = [f for f in found if ONLY[name](self, f.row)]
        elif name == "donors":
            found = [f for f in found if f.row["type"] == "DONOR"]
        else:
            found = [f for f in found if self._type(f) == item]
        return self._page(noun, found, arguments)

    def _look_up(self, noun: Entity, by: dict[str, Any]) -> Found | None:
        if "id" in by:
            found = self._named(by["id"])
            return found if found and found.noun is noun else None
        where = {"slug": {"eq": by["slug"]}} if "slug" in by else {"identifier": by["identifier"]}
        return next((f for f in self._all(noun) if self._matches(f, where)), None)

    def _field(self, found: Found, name: str, arguments: dict[str, Any]) -> Any:
        spec = next(s for s in found.noun.specs().values() if camel(s.name) == name)
        row = found.row
        match spec:
            case base.Identity():
                return f"{found.noun.name}_{row['id']}"
            case base.Computed():
                term = row["un_hub_term_id"]
                prefix = "https://migrationnetwork.un.org/hub?gcm_objectives="
                return None if term is None else f"{prefix}{term}"
            case base.Column():
                return _instant(row[spec.name]) if name.endswith("At") else row[spec.name]
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
                own = [i for i in self.tables["identifier"] if i["record_id"] == row["id"]]
                return sorted(own, key=lambda i: (i["scheme"], i["value"]))
            case base.One():
                return self._get(row[spec.column])
            case _:
                target = target_of(spec.hint)
                assert isinstance(target, Entity)
                below = self._below(found, spec)
                return self._page(target, [f for f, _ in below], arguments, dict_of(below))

    def _text(self, row: dict[str, Any], name: str, language: str | None) -> str | None:
        first = Language[language] if language else self._language
        ordered = sorted(Language, key=lambda la: la is not first)
        return next((t for la in ordered if (t := row[f"{name}_{la.suffix}"]) is not None), None)

    def _below(self, found: Found, spec: Any) -> list[tuple[Found, dict[str, Any]]]:
        """The visible records of a list, each with what its link says."""
        key = found.row["id"]
        if isinstance(spec, base.Many):
            target = target_of(spec.hint)
            assert isinstance(target, Entity)
            return [(f, {}) for f in self._all(target) if f.row[f"{spec.via}_id"] == key]
        near, far = links[spec.link].ends()
        if f"Connection[{far.hint}]" != spec.hint:
            near, far = far, near
        joined = [r for r in self.tables[spec.link] if r[near.column] == key]
        return [(f, r) for r in joined if (f := self._get(r[far.column]))]

    # Pages

    def _search(self, arguments: dict[str, Any]) -> Any:
        words, key = stems(arguments["text"]), fold(arguments["text"])
        nouns = arguments.get("nouns")
        found = [
            f
            for e in interfaces["Record"].members
            for f in self._all(e)
            if (nouns is None or e.name.upper() in nouns) and self._has_words(f, words)
        ]
        name = f"_{self._language.suffix}_sort"

        def order(each: Found) -> list[Any]:
            title = each.row.get(f"{each.noun.title}{name}") or ""
            rank = 0 if title == key else 1 if title.startswith(key) else 2
            return [rank, title, each.row["id"]]

        return self._slice(found, order, False, arguments, {})

    def _page(
        self, noun: Entity, found: list[Found], arguments: Any, edges: dict[str, Any] | None = None
    ) -> Any:
        where = arguments.get("where")
        found = [f for f in found if where is None or self._matches(f, where)]
        if (words := arguments.get("search")) is not None:
            found = [f for f in found if self._has_words(f, stems(words))]
        name: str = arguments["order"]
        column = order_column(noun, noun.orders[name.removesuffix("_DESC")], self._language)
        columns = ["id"] if column == "id" else [column, "id"]
        return self._slice(
            found, lambda f: [f.row[c] for c in columns], name.endswith("_DESC"), arguments,
            edges or {},
        )  # fmt: skip

    def _slice(
        self, found: list[Found], key: Any, reverse: bool, arguments: Any, edges: dict[str, Any]
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
                {"node": f, "cursor": c, **edges.get(f.row["id"], {})}
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

    def _matches(self, found: Found, where: dict[str, Any]) -> bool:
        known = filters_of(found.noun)
        return all(
            self._holds(found, name, value, known)
            for name, value in where.items()
            if value is not None
        )

    def _holds(self, found: Found, name: str, value: Any, known: Any) -> bool:
        row = found.row
        if name in ("and", "or"):
            some = (self._matches(found, w) for w in value)
            return all(some) if name == "and" else any(some)
        if name == "not":
            return not self._matches(found, value)
        spec = known[name].spec
        match known[name].kind:
            case "id":
                return _compares(f"{found.noun.name}_{row['id']}", value)
            case "value":
                return _compares(row[spec.name], value, name.endswith("At"))
            case "dated":
                return _dated(row, spec.name, value)
            case "one":
                return self._linked(row[spec.column], interfaces.get(spec.hint), value)
            case "list":
                return self._listed([f for f, _ in self._below(found, spec)], value)
            case "held":
                start, end = spec
                return _held(row, start, end, value)
            case "search":
                return self._has_words(found, stems(value))
            case _:
                own = [i for i in self.tables["identifier"] if i["record_id"] == row["id"]]
                return any(all(i[k] == v for k, v in value.items()) for i in own)

    def _linked(self, key: str | None, interface: Interface | None, where: Any) -> bool:
        target = self._get(key)
        if target is None:
            return False
        if interface is None:
            return self._matches(target, where)
        return self._any_noun(target, where)

    def _any_noun(self, target: Found, where: dict[str, Any]) -> bool:
        results: list[bool] = []
        for name, value in where.items():
            if value is None:
                continue
            if name in ("and", "or"):
                some = [self._any_noun(target, w) for w in value]
                results.append(all(some) if name == "and" else any(some))
            elif name == "not":
                results.append(not self._any_noun(target, value))
            elif name == "id":
                results.append(_compares(f"{target.noun.name}_{target.row['id']}", value))
            else:
                own = camel(target.noun.name) == name
                results.append(own and self._matches(target, value))
        return all(results)

    def _listed(self, found: list[Found], value: dict[str, Any]) -> bool:
        some, every, none = (value.get(k) for k in ("some", "every", "none"))
        return (
            (some is None or any(self._matches(f, some) for f in found))
            and (every is None or all(self._matches(f, every) for f in found))
            and (none is None or not any(self._matches(f, none) for f in found))
        )


def dict_of(below: list[tuple[Found, dict[str, Any]]]) -> dict[str, Any]:
    """Record id → what its link says, in GraphQL's names."""
    return {f.row["id"]: {camel(k): v for k, v in said.items()} for f, said in below}


def _instant(text: str) -> str:
    day, time = text[:10], text[11:].removesuffix("+00:00")
    whole, _, fraction = time.partition(".")
    return f"{day}T{whole}.{fraction:0<6}Z"


def _key(value: Any) -> str:
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+00:00", text):
        return _instant(text)
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


def _compares(own: Any, value: dict[str, Any], instant: bool = False) -> bool:
    form = _moment if instant else (lambda v: v)
    results: list[bool] = []
    for name, given in value.items():
        if given is None:
            continue
        if name == "isNull":
            results.append((own is None) == given)
        elif own is None:
            results.append(False)
        elif name == "in":
            results.append(form(own) in [form(g) for g in given])
        elif name == "eq":
            results.append(form(own) == form(given))
        else:
            left, right = form(own), form(given)
            results.append(left >= right if name == "gte" else left <= right)
    return all(results)


def _moment(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


def _dated(row: dict[str, Any], name: str, value: dict[str, Any]) -> bool:
    first, last, status = (row[f"{name}_{p}"] for p in ("earliest", "latest", "status"))
    results: list[bool] = []
    for kind in ("possibly", "certainly"):
        if (period := value.get(kind)) is None:
            continue
        if first is None:
            return False
        low, high = period.get("from"), period.get("to")
        one, other = (last, first) if kind == "possibly" else (first, last)
        results.append(low is None or one >= low)
        results.append(high is None or other <= high)
    if value.get("status") is not None:
        results.append(_compares(status, value["status"]))
    if value.get("isNull") is not None:
        results.append((status is None) == value["isNull"])
    return all(results)


def _held(row: dict[str, Any], start: str, end: str, value: dict[str, Any]) -> bool:
    day, sure = value["date"], value["certainty"] == "CERTAINLY"
    began, ended = row[f"{start}_earliest"], row[f"{end}_latest"]
    if sure:
        began, ended = row[f"{start}_latest"], row[f"{end}_earliest"]
    if began is None or began > day:
        return False
    return row[f"{end}_status"] is None or (ended is not None and ended >= day)


__all__ = ["SCHEMA", "Oracle", "decode", "fold", "load", "spec_of", "stems"]
