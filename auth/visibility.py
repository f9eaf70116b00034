"""What a caller can see, as one SQL predicate for reader, counts and writes alike."""

from collections.abc import Callable

from auth.principal import REGISTRY
from schema.base import Entity, interfaces, snake

Bind = Callable[[str], str]
"""`parties` or `groups` → the placeholder of that array of the caller's."""


def visible(alias: str, bind: Bind) -> str:
    """SQL: the caller can see this row. It must carry `visibility` and `owner_id`."""
    return (
        f"({alias}.visibility = 'PUBLIC'"
        f" OR {alias}.owner_id = ANY ({bind('parties')})"
        f" OR {alias}.visibility = 'MEMBERS' AND {alias}.owner_id = ANY ({bind('groups')}))"
    )


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
    return visible(alias, bind)


def writable(alias: str, bind: Bind) -> str:
    """SQL: the caller may write this row, which has an `owner_id`."""
    return f"coalesce({alias}.owner_id, '{REGISTRY}') = ANY ({bind('owners')})"


def writable_noun(noun: Entity, alias: str, bind: Bind) -> str:
    """SQL: the caller may write this record of the noun; a part, where it may write the whole."""
    own = writable(alias, bind) if "owner" in noun.fields else "false"
    if not noun.within:
        return own
    whole = f"{alias}_{noun.within}"
    return (
        f"({own} OR EXISTS (SELECT FROM record {whole} WHERE {whole}.id = {alias}.{noun.within}_id"
        f" AND {writable(whole, bind)}))"
    )


def inside(noun: Entity, alias: str, bind: Bind) -> str:
    """SQL: the caller is the record's owner or one of its members, or meets the party in a group.

    For the values that are not for everybody who can see the record.
    """
    parties, groups = bind("parties"), bind("groups")
    found = [f"{alias}.owner_id = ANY ({parties})", f"{alias}.owner_id = ANY ({groups})"]
    if noun in interfaces["Party"].members:
        found.append(
            f"EXISTS (SELECT FROM membership s_ WHERE s_.party_id = {alias}.id"
            " AND is_active(s_.status, s_.end_latest, s_.end_status)"
            f" AND s_.group_id = ANY ({groups}))"
        )
    return f"({' OR '.join(found)})"
