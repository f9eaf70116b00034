"""Connections: a page of a list and what is said about it."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from graphql import FieldNode, GraphQLObjectType

from resolvers.read.page import Page, name_keys, order_keys
from resolvers.read.selection import Composite, Frame, Sets, composite, sets_of
from resolvers.read.sql import Json, Parts, json_object, render
from resolvers.read.values import RowValues, scalar_parts
from schema.base import Dated, Entity, Interface, camel, spec_of


def _narrowed(noun: Entity, order: str, where: dict[str, Any] | None) -> bool:
    """Whether a list in the order of a date is asked for some days only, which an index finds."""
    by = noun.orders[order.removesuffix("_DESC")]
    spec, asked = noun.specs().get(by), (where or {}).get(camel(by)) or {}
    ranges = [asked.get(how) for how in ("possibly", "certainly")]
    return isinstance(spec, Dated) and not spec.bound and any(r is not None for r in ranges)


class Lists(RowValues):
    """Pages, at the root and below records."""

    @abstractmethod
    def row(self, page: Page, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """The JSON of the record in one row of a page."""

    def _page(
        self,
        target: Entity | Interface,
        alias: str,
        source: str,
        extra: list[str],
        conditions: list[str | None],
        arguments: dict[str, Any],
    ) -> Page:
        conditions = [*conditions, self._where.visible(target, alias)]
        if arguments.get("where") is not None:
            conditions.append(f"({self._where.condition(target, alias, arguments['where'])})")
        if arguments.get("search") is not None:
            conditions.append(self._where.search(alias, arguments["search"]))
        if isinstance(target, Interface):
            order, keys = "NAME", name_keys(alias, self._language)
        else:
            order = arguments["order"].name
            keys = order_keys(target, order, alias, self._language)
            if _narrowed(target, order, arguments.get("where")):
                # Else PostgreSQL would walk this order from its first day to the days asked for.
                keys[0] = replace(keys[0], sql=f"({keys[0].sql} + 0)")
        return Page(
            self.binds, target, alias, source, extra, conditions, keys, order, arguments
        )  # fmt: skip

    def _connection(self, page: Page, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        assert isinstance(type_, GraphQLObjectType)
        if frame.guard:
            page.conditions.insert(0, frame.guard)
        collected = self.collect(type_, sets)
        peek = any(n[0].name.value == "pageInfo" for n in collected.values())
        inner = Frame()
        fields = [
            (key, self._connection_field(page, nodes, type_, inner, peek))
            for key, nodes in collected.items()
        ]
        name = self._alias()
        if {n[0].name.value for n in collected.values()} & {"nodes", "edges", "pageInfo"}:
            self._join()
            frame.joins.append(page.lateral(name, render(json_object(fields)), inner.joins, peek))
        else:
            page.check()
            frame.joins.append(
                f"CROSS JOIN LATERAL (SELECT {render(json_object(fields))} AS j) {name}"
            )
        return [f"{name}.j"]

    def _connection_field(
        self, page: Page, nodes: list[FieldNode], type_: GraphQLObjectType, inner: Frame, peek: bool
    ) -> Parts:
        name = nodes[0].name.value
        sets = sets_of(nodes)
        match name:
            case "__typename":
                return [Json(f'"{type_.name}"')]
            case "totalCount":
                return [page.total()]
            case "pageInfo":
                return self._page_info(page, composite(type_.fields[name]), sets)
            case "nodes":
                row = self.row(page, composite(type_.fields[name]), sets, inner)
            case _:
                row = self._edge(page, composite(type_.fields[name]), sets, inner)
        return [Json("["), page.gather(row, render, peek), Json("]")]

    def _page_info(self, page: Page, type_: Composite, sets: Sets) -> Parts:
        found: list[tuple[str, Parts]] = []
        for key, nodes in self.collect(type_, sets).items():
            match nodes[0].name.value:
                case "hasNextPage":
                    found.append((key, [page.has_more(True)]))
                case "hasPreviousPage":
                    found.append((key, [page.has_more(False)]))
                case "startCursor":
                    found.append((key, [page.end_cursor(last=False)]))
                case "endCursor":
                    found.append((key, [page.end_cursor(last=True)]))
                case _:
                    found.append((key, [Json(f'"{type_.name}"')]))
        return json_object(found)

    def _edge(self, page: Page, type_: Composite, sets: Sets, inner: Frame) -> Parts:
        found: list[tuple[str, Parts]] = []
        for key, nodes in self.collect(type_, sets).items():
            match nodes[0].name.value:
                case "cursor":
                    keys = [f"{page.alias}.{k.name}" for k in page.keys]
                    found.append((key, [page.cursor(keys)]))
                case "node":
                    of = composite(type_.fields["node"])
                    below = sets_of(nodes)
                    found.append((key, self.row(page, of, below, inner)))
                case "__typename":
                    found.append((key, [Json(f'"{type_.name}"')]))
                case name:
                    spec = spec_of(type_.fields[name].extensions["strawberry-definition"])
                    found.append((key, scalar_parts(spec, f"{page.alias}.link_{spec.name}")))
        return json_object(found)
