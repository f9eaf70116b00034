"""Delegations: what one party lets another do with its records. For the two of them alone.

They are no records: nobody else reads them, and the feed does not tell of them. The audit does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.base import one, part, value

if TYPE_CHECKING:
    from datetime import datetime

    from schema.record import Party
    from schema.requirement import ScopeName


@value
class Delegation:
    """What one party lets another do with its records."""

    owner: Party | None = one("Whose records; null if you may not see it.")
    maintainer: Party | None = one("Who may; null if you may not see it.")
    nouns: list[Noun] = part("With which kinds of records.")  # type: ignore[name-defined]  # noqa: F821
    scopes: list[ScopeName] = part("What it may do with them, as far as it holds the scopes.")
    since: datetime = part("Since when something is delegated to it.")
    until: datetime | None = part("When it ends by itself; null if it does not.")
    revoked: bool = part("Whether it was taken back.")


_ROWS = """SELECT d_.id, d_.owner_id, d_.maintainer_id, d_.scopes, d_.created_at AS since, d_.until,
        ARRAY(SELECT upper(n_) FROM unnest(d_.nouns) n_ ORDER BY n_) AS nouns,
        d_.revoked_at IS NOT NULL AS revoked
    FROM delegation d_ WHERE {which}
    ORDER BY d_.created_at, d_.id"""


def delegations(which: str) -> str:
    """SQL: the rows of `Delegation` for the delegations `d_` of which this holds."""
    return _ROWS.format(which=which)


def standing(side: str) -> str:
    """SQL: the same for those that hold today.

    Args:
        side: a condition on their parties.
    """
    return delegations(
        f"{side} AND d_.revoked_at IS NULL AND (d_.until IS NULL OR d_.until > now())"
    )
