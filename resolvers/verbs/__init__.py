"""The verbs of the field, by noun; importing this declares them."""

from resolvers.verbs import (
    actor,
    applications,
    client,
    contribution,
    delegation,
    election,
    election_result,
    event,
    mandate,
    memberships,
    person,
    pledge,
    practice,
    progress,
    recommendation,
    webhook,
)

__all__ = [
    "actor",
    "applications",
    "client",
    "contribution",
    "delegation",
    "election",
    "election_result",
    "event",
    "mandate",
    "memberships",
    "person",
    "pledge",
    "practice",
    "progress",
    "recommendation",
    "webhook",
]
