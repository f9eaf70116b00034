"""The caller."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as far as it decides what can be seen.

    Args:
        parties: the parties that the caller acts for; their drafts are visible.
        groups: the groups that those are active members of, subgroups included; what these keep for
            their members is visible.
    """

    parties: tuple[UUID, ...] = ()
    groups: tuple[UUID, ...] = ()


ANONYMOUS = Principal()
"""Whoever comes without a token."""
