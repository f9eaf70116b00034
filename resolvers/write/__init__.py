"""Writes: mutations, each its own transaction, read back by the compiled reader."""

from resolvers.write.operation import Mutation

__all__ = ["Mutation"]
