"""The verbs of the field, by noun; importing this declares them."""

from resolvers.verbs import (
    actor,
    applications,
    client,
    contribution,
    election,
    election_result,
    mandate,
    memberships,
    person,
    pledge,
    practice,
    progress,
)

__all__ = [
    "actor",
    "applications",
    "client",
    "contribution",
    "election",
    "election_result",
    "mandate",
    "memberships",
    "person",
    "pledge",
    "practice",
    "progress",
]
