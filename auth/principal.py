"""The caller."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from auth.scopes import Scope

REGISTRY = UUID(int=0)
"""Stands for the owner of what has none."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """What an owner lets the caller do with its records of some nouns.

    Args:
        scopes: as far as the caller holds them.
    """

    owner: UUID
    nouns: frozenset[str]
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quota:
    """How many points the caller may spend in a minute, how many are left, and until when."""

    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what that one may.

    Args:
        parties: the owners whose drafts are visible, which are all `owners` for who holds
            `restricted:read`, and none for others.
        owners: whose records the caller may write: the party's, and those of the groups that it
            serves; `REGISTRY` among them with `registry:write`.
        groups: for who holds `restricted:read`, the groups that the party is an active member of or
            serves, subgroups included; what these keep for their members is visible.
        party: the one party that the caller acts for.
        scopes: the kinds of action that are open at this moment.
        client: the application.
        user: the person who let the application act, if there is one.
        grant: under which that was allowed; tokens of other issuers have none here.
        delegations: whose records of some nouns it keeps beside those of `owners`.
        serves: the groups that the party is an active member of, subgroups included, if the caller
            holds `contacts:read`.
        quota: what it may spend; known where it is asked for.
    """

    parties: tuple[UUID, ...] = ()
    owners: tuple[UUID, ...] = ()
    groups: tuple[UUID, ...] = ()
    party: UUID | None = None
    scopes: frozenset[str] = frozenset()
    client: UUID | None = None
    user: UUID | None = None
    grant: UUID | None = None
    delegations: tuple[Delegation, ...] = ()
    serves: tuple[UUID, ...] = ()
    quota: Quota | None = None

    def seeing(self, noun: str = "") -> list[UUID]:
        """The owners whose hidden records it sees: of this noun, or of any."""
        return [*self.parties, *self._delegated(noun, Scope.RESTRICTED_READ.scope)]

    def keeping(self, noun: str, scope: str) -> list[UUID]:
        """The owners whose records of this noun, or of any, it may write with this scope."""
        return [*self.owners, *self._delegated(noun, scope)]

    def delegated(self, scope: str) -> list[str]:
        """`noun:owner` of what others let it do with this scope."""
        found = [d for d in self.delegations if scope in d.scopes]
        return [f"{noun}:{d.owner}" for d in found for noun in sorted(d.nouns)]

    def _delegated(self, noun: str, scope: str) -> list[UUID]:
        return [d.owner for d in self.delegations if noun in d.nouns and scope in d.scopes]

    @property
    def serves_as(self) -> tuple[UUID, ...]:
        """The party as which the contacts of others are open; none without `contacts:read`."""
        reaching = Scope.CONTACTS_READ.scope in self.scopes
        return (self.party,) if self.party and reaching else ()


ANONYMOUS = Principal()
"""Whoever comes without a token."""
