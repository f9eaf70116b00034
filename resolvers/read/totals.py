"""Totals of support: sums over the ledger, by stage, currency and one thing more.

Counted is an entry that nobody revised or cancelled and whose money no entry upstream counts
already: one in the same stage that the same `where` finds. A share moves its part of the amount to
its own total; what is left of a hundred stays unsplit.
"""

from typing import Any

from resolvers.read.sql import conjunction
from resolvers.read.where import Aliases, Where
from schema.base import Entity, interfaces

_KEYS = ("giver", "receiver", "country", "topic", "objective", "plan_item")
_PARTIES = ("giver", "receiver")
MOST_TOTALS = 1000
_TOO_MANY = (
    f"These are more than {MOST_TOTALS:,} totals. Ask with `where` for fewer contributions, such "
    "as those of one stage."
)


def totals(where: Where, alias: Aliases, noun: Entity, arguments: dict[str, Any]) -> str:
    """SQL: the rows of `SupportTotal`."""
    dimension = arguments["dimension"].name.lower()
    entry, earlier, revision = alias(), alias(), alias()

    def found(row: str) -> str:
        """SQL: the entry counts, apart from what is upstream of it."""
        superseded = (
            f"NOT EXISTS (SELECT FROM {noun.name} {revision} WHERE {revision}.revises_id = {row}.id"
            f" AND {where.visible(noun, revision)})"
        )
        kept, asked = f"NOT {row}.cancelled", arguments.get("where")
        matches = f"({where.condition(noun, row, asked)})" if asked is not None else None
        return conjunction([where.visible(noun, row), kept, superseded, matches])

    counted_upstream = (
        f"({entry}.upstream_id IS NOT NULL AND EXISTS ("
        f"SELECT FROM upstream_of({entry}.id) u_ JOIN {noun.name} {earlier} ON {earlier}.id = u_"
        f" WHERE {earlier}.stage = {entry}.stage AND {found(earlier)}))"
    )
    split, key, share = _split(where, alias, dimension, entry)
    part = f"{entry}.amount * {share} / 100" if share else f"{entry}.amount"
    year = (
        f"CASE WHEN date_trunc('year', {entry}.date_earliest) = date_trunc('year',"
        f" {entry}.date_latest) THEN extract(year FROM {entry}.date_earliest)::int END"
        if dimension == "year"
        else "NULL::int"
    )
    keys = ", ".join(f"{key if k == dimension else 'NULL::uuid'} AS {k}_id" for k in _KEYS)
    known = {"none": "true", "year": f"{year} IS NOT NULL"}.get(dimension, f"{key} IS NOT NULL")
    return (
        f"SELECT {entry}.stage, {entry}.currency, round(sum({part}), 2) AS amount,\n"
        f"  CASE WHEN bool_or({entry}.comparator = 'AT_LEAST') THEN 'AT_LEAST'\n"
        f"    WHEN bool_or({entry}.comparator = 'ABOUT') THEN 'ABOUT' ELSE 'EXACTLY' END"
        " AS comparator,\n"
        f"  count(*)::int AS entries, {year} AS year, {keys}, NOT ({known}) AS unsplit,\n"
        f"  CASE WHEN count(*) OVER () > {MOST_TOTALS} THEN refuse('{_TOO_MANY}') END\n"
        f"FROM {noun.name} {entry}{split}\n"
        f"WHERE {found(entry)} AND NOT {counted_upstream}\n"
        f"GROUP BY {entry}.stage, {entry}.currency, 6, {key or 'NULL::uuid'}\n"
        f"ORDER BY {entry}.stage, {entry}.currency, 6, sum({part}) DESC NULLS LAST,"
        f" {key or 'NULL::uuid'}"
    )


def _split(where: Where, alias: Aliases, dimension: str, entry: str) -> tuple[str, str, str]:
    """What splits an entry: a join, the key and how many of a hundred; each may be empty.

    A key that the caller cannot see is as good as unknown.
    """
    if dimension not in _KEYS:
        return "", "", ""
    share, seen, thin = alias(), alias(), f"{dimension}_id"
    visible = where.visible(interfaces["Record"], seen)
    if dimension in _PARTIES:
        join = f"\nLEFT JOIN record {seen} ON {seen}.id = {entry}.{thin} AND {visible}"
        return join, f"{seen}.id", ""
    link = f"contribution_{dimension}"
    shown = (
        f"SELECT l_.{thin} AS key, l_.share FROM {link} l_ JOIN record {seen}"
        f" ON {seen}.id = l_.{thin} AND {visible}"
        f" WHERE l_.contribution_id = {entry}.id AND l_.share > 0"
    )
    rest = f"SELECT NULL, 100 - coalesce(sum(share), 0) FROM ({shown}) s_"
    return (
        f"\nCROSS JOIN LATERAL ({shown}\n  UNION ALL {rest}"
        f" HAVING coalesce(sum(share), 0) < 100) {share}",
        f"{share}.key",
        f"{share}.share",
    )
