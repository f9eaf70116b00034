"""What a caller can see and what it may change: one SQL predicate each, for all that asks.

Whoever calls, the SQL is the same: a caller differs in the arrays that are bound. Rows of a noun
are compared with the owners that count for the noun. The thin table `record` holds rows of all of
them, so what was delegated for some nouns is compared there as `noun:owner`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auth.principal import REGISTRY, Principal
from auth.scopes import Scope
from schema.base import Entity, interfaces, snake

READ = Scope.RESTRICTED_READ.scope


@dataclass(frozen=True, slots=True)
class Array:
    """An array of the caller's that a statement takes.

    Args:
        what: `seeing` or `keeping`, the owners whose hidden records the caller sees, or whose
            records it may write; `groups`; `owners`, `serves` and `serves_as`, as in
            `Principal`; `delegated`, for the rows of `record`.
        noun: which records, where owners may count for these alone.
        scope: that the delegations have to list, for `keeping` and `delegated`.
    """

    what: str
    noun: str = ""
    scope: str = ""

    @property
    def cast(self) -> str:
        """Its type in SQL."""
        return "text[]" if self.what == "delegated" else "uuid[]"

    def of(self, caller: Principal) -> list[Any]:
        """What it holds for a caller."""
        match self.what:
            case "seeing":
                return caller.seeing(self.noun)
            case "keeping":
                return caller.keeping(self.noun, self.scope)
            case "groups":
                return list(caller.groups)
            case "owners" | "serves" | "serves_as":
                return list(getattr(caller, self.what))
            case _:
                return caller.delegated(self.scope)


Bind = Callable[[Array], str]
"""An array of the caller's → its placeholder."""


def visible(alias: str, bind: Bind, noun: str = "") -> str:
    """SQL: the caller can see this row of the noun; without one, of the table `record`."""
    return sees(f"{alias}.visibility", f"{alias}.owner_id", f"{alias}.noun", bind, noun)


def sees(visibility: str, owner: str, of: str, bind: Bind, noun: str = "") -> str:
    """SQL: the caller can see what has this visibility and this owner.

    Args:
        of: SQL of its noun, for where `noun` does not say it.
    """
    found = [
        f"{visibility} = 'PUBLIC'",
        f"{owner} = ANY ({bind(Array('seeing', noun))})",
        f"{visibility} = 'MEMBERS' AND {owner} = ANY ({bind(Array('groups'))})",
    ]
    return _any(found, owner, of, bind, noun, READ)


def beside(sides: str, of: str, bind: Bind) -> str:
    """SQL: the caller is one of these sides of a record, an array of parties, or acts for one.

    Args:
        of: SQL of its noun.
    """
    return (
        f"EXISTS (SELECT FROM unnest({sides}) s_ WHERE s_ = ANY ({bind(Array('seeing'))})"
        f" OR {of} || ':' || s_ = ANY ({bind(Array('delegated', scope=READ))}))"
    )


def writable(alias: str, bind: Bind, scope: str, noun: str = "") -> str:
    """SQL: the caller may write this row by what needs the scope, whether it can see it or not.

    Args:
        noun: as in `visible`.
    """
    owner = f"coalesce({alias}.owner_id, '{REGISTRY}')"
    found = [f"{owner} = ANY ({bind(Array('keeping', noun, scope))})"]
    return _any(found, f"{alias}.owner_id", f"{alias}.noun", bind, noun, scope)


def own(alias: str, bind: Bind) -> str:
    """SQL: the caller keeps this row of its own right: none that it was lent by a delegation."""
    return f"coalesce({alias}.owner_id, '{REGISTRY}') = ANY ({bind(Array('owners'))})"


def _any(found: list[str], owner: str, of: str, bind: Bind, noun: str, scope: str) -> str:
    """SQL: one of these holds or, in `record`, the row is of a noun that was delegated."""
    if not noun:
        pair = f"{of} || ':' || {owner}"
        found.append(f"{pair} = ANY ({bind(Array('delegated', scope=scope))})")
    return f"({' OR '.join(found)})"


def visible_noun(noun: Entity, alias: str, bind: Bind) -> str | None:
    """SQL: the caller can see this record of the noun; `None` where everybody always can."""
    if noun.public:
        return None
    if noun.follows:
        thin = f"{alias}_{snake(noun.follows)}"
        return (
            f"EXISTS (SELECT FROM record {thin} WHERE {thin}.id = {alias}.{noun.follows}_id"
            f" AND {visible(thin, bind)})"
        )
    seen = visible(alias, bind, noun.name)
    parties = Array("seeing", noun.name)
    sides = [f"{alias}.{side}_id = ANY ({bind(parties)})" for side in noun.sides]
    return f"({' OR '.join([seen, *sides])})" if sides else seen


def writable_noun(noun: Entity, alias: str, bind: Bind, scope: str | None = None) -> str:
    """SQL: the caller may write this record of the noun; a part, where it may write the whole.

    Args:
        scope: what that needs, where it is not what the noun's plain mutations need.
    """
    scope = scope or noun.scope or ""
    own = writable(alias, bind, scope, noun.name) if "owner" in noun.fields else "false"
    if not noun.within:
        return own
    whole = f"{alias}_{noun.within}"
    return (
        f"({own} OR EXISTS (SELECT FROM record {whole} WHERE {whole}.id = {alias}.{noun.within}_id"
        f" AND {writable(whole, bind, scope)}))"
    )


def inside(noun: Entity, alias: str, bind: Bind) -> str:
    """SQL: the caller keeps the record, is one of its owner's members, or meets the party in a
    group.

    For the values that are not for everybody who can see the record.
    """
    groups = bind(Array("groups"))
    found = [
        f"{alias}.owner_id = ANY ({bind(Array('seeing', noun.name))})",
        f"{alias}.owner_id = ANY ({groups})",
    ]
    if noun in interfaces["Party"].members:
        found.append(
            f"EXISTS (SELECT FROM membership s_ WHERE s_.party_id = {alias}.id"
            " AND is_active(s_.status, s_.end_latest, s_.end_status)"
            f" AND s_.group_id = ANY ({groups}))"
        )
    return f"({' OR '.join(found)})"


_TODAY = "(now() AT TIME ZONE 'UTC')::date"


def serving(alias: str, bind: Bind) -> str:
    """SQL: the caller may know how to reach this person.

    That is who keeps the person's record, and who serves in a group in which the person holds a
    mandate: as an active member, or in a post. A draft gives nobody a mandate.
    """
    mine, groups = bind(Array("serves_as")), bind(Array("serves"))
    held = (
        "SELECT FROM post o_ JOIN mandate h_ ON h_.post_id = o_.id"
        f" WHERE o_.group_id = p_.group_id AND h_.holder_id = ANY ({mine})"
        f" AND o_.visibility <> 'DRAFT' AND {_held('h_')}"
    )
    beside = (
        "SELECT FROM mandate m_ JOIN post p_ ON p_.id = m_.post_id"
        f" WHERE m_.person_id = {alias}.id AND {_held('m_')} AND {visible('m_', bind, 'mandate')}"
        f" AND p_.visibility <> 'DRAFT' AND {visible('p_', bind, 'post')}"
        f" AND (p_.group_id = ANY ({groups}) OR EXISTS ({held}))"
    )
    return f"({alias}.owner_id = ANY ({mine}) OR EXISTS ({beside}))"


def _held(mandate: str) -> str:
    """SQL: the mandate is no draft, and runs today."""
    start, end = f"{mandate}.start", f"{mandate}.end"
    return (
        f"{mandate}.visibility <> 'DRAFT' AND has_begun({start}_earliest, {start}_status, {_TODAY})"
        f" AND NOT is_over({end}_latest, {end}_status, {_TODAY})"
    )
