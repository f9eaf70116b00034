"""The verbs of the field, by noun; importing this declares them."""

from resolvers.verbs import client

__all__ = ["client"]
