"""The verbs of the field, by noun; importing this declares them."""

from resolvers.verbs import actor, client, person

__all__ = ["actor", "client", "person"]
