"""The caller."""

from dataclasses import dataclass
from uuid import UUID

REGISTRY = UUID(int=0)
"""Stands for the owner of what has none."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what that one may.

    Args:
        parties: the parties whose drafts are visible: the one that the caller acts for, if the
            caller holds `restricted:read`.
        owners: whose records the caller may write; `REGISTRY` among them with `registry:write`.
        groups: the groups that those are active members of, subgroups included; what these keep for
            their members is visible.
        party: the one party that the caller acts for.
        scopes: the kinds of action that are open at this moment.
        client: the application.
        user: the person who let the application act, if there is one.
        grant: under which that was allowed; tokens of other issuers have none here.
    """

    parties: tuple[UUID, ...] = ()
    owners: tuple[UUID, ...] = ()
    groups: tuple[UUID, ...] = ()
    party: UUID | None = None
    scopes: frozenset[str] = frozenset()
    client: UUID | None = None
    user: UUID | None = None
    grant: UUID | None = None


ANONYMOUS = Principal()
"""Whoever comes without a token."""
