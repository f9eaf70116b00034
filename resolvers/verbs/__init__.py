"""The verbs of the field, by noun; importing this declares them."""

from resolvers.verbs import actor, client, election, election_result, mandate, person

__all__ = ["actor", "client", "election", "election_result", "mandate", "person"]
