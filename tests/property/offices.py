"""For whom a party acts, in plain Python over the rows; written from the rules of the domain.

Somebody can always act: each body has officers, else its parent's, else the registrar. An officer
whose mandate lapsed stays caretaker until somebody follows.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from auth.principal import Delegation
from tests.property.derived import active, has_begun, over

Row = dict[str, Any]
Tables = dict[str, list[Row]]


class Offices:
    """Who acts for which group today."""

    def __init__(self, tables: Tables, now: str) -> None:
        self._tables = tables
        self._now, self._today = now, now[:10]
        self._groups = {g["id"]: g for g in tables["working_group"]}
        posts = [p for p in tables["post"] if p["officer"] and p["visibility"] == "PUBLIC"]
        self._posts = {p["id"]: p for p in posts}

    def _below(self, groups: Iterable[str]) -> set[str]:
        """The groups, and all that lie below them."""
        found = set(groups)
        while more := {g for g, r in self._groups.items() if r["parent_id"] in found} - found:
            found |= more
        return found

    def _above(self, group: str) -> list[str]:
        """The group, and all that lie above it, the nearest first."""
        found: list[str] = []
        at: str | None = group
        while at and at not in found:
            found.append(at)
            at = self._groups[at]["parent_id"]
        return found

    def _held(self, post: str) -> list[Row]:
        """The mandates of a post that have begun, the latest first."""
        rows = [
            m
            for m in self._tables["mandate"]
            if m["post_id"] == post and m["visibility"] == "PUBLIC" and has_begun(m, self._today)
        ]
        rows.sort(key=lambda m: m["id"])
        return sorted(rows, key=lambda m: m["start_earliest"] or "", reverse=True)

    def _in_office(self, post: str) -> list[Row]:
        return [m for m in self._held(post) if not over(m, self._today)]

    def _officers(self, group: str) -> bool:
        """Whether somebody is in office there."""
        return any(p["group_id"] == group and self._in_office(i) for i, p in self._posts.items())

    def _member(self, party: str) -> set[str]:
        rows = self._tables["membership"]
        return {m["group_id"] for m in rows if m["party_id"] == party and active(m)}

    def belongs(self, party: str) -> set[str]:
        """The groups that it is a member of."""
        return self._below(self._member(party))

    def serves(self, party: str) -> set[str]:
        """The groups that it acts for."""
        offices = {
            post["group_id"]
            for key, post in self._posts.items()
            if (held := (self._in_office(key) or self._held(key))) and held[0]["holder_id"] == party
        }
        registrars = {party, *self._member(party)}
        registered = {g for g in self._groups if self._registrar(g) in registrars}
        return self._below(offices) | registered

    def _registrar(self, group: str) -> str | None:
        """Who acts for a group where nobody in it or above is in office."""
        above = self._above(group)
        if any(map(self._officers, above)):
            return None
        return next((r for g in above if (r := self._groups[g]["registrar_id"])), None)

    def delegations(self, party: str, scopes: frozenset[str]) -> set[Delegation]:
        """What others let it do."""
        return {
            Delegation(UUID(d["owner_id"]), frozenset(d["nouns"]), scopes & set(d["scopes"]))
            for d in self._tables["delegation"]
            if d["maintainer_id"] == party
            and d["revoked_at"] is None
            and (d["until"] is None or d["until"] > self._now)
            and scopes & set(d["scopes"])
        }
