"""By which of its fields a record is found again: what `@key` says to gateways.

Every field that the database keeps unique, that is always there and that all can see.
"""

from functools import cache

from schema.base import Column, Entity, Identity, Interface, camel, entities, interfaces


@cache
def keys_of(noun: Entity) -> dict[str, str]:
    """The keys of a noun: name in GraphQL → column, the id first."""
    found = {"id": "id"}
    for name, spec in noun.specs().items():
        match spec:
            case Identity():
                pass
            case Column(unique=True, optional=False, members=False):
                found[camel(name)] = name
            case _:
                pass
    return found


@cache
def keyed() -> dict[str, tuple[Entity | Interface, str | None]]:
    """What can be named by a key: type → noun or interface, and the `type` of its records.

    `Node` is not among them: schemas of others have a `Node` of their own, whose types ours are
    not.
    """
    found: dict[str, tuple[Entity | Interface, str | None]] = {}
    for noun in entities.values():
        found[noun.type_name] = (noun, None)
        found |= {cls.__name__: (noun, value) for value, cls in noun.variants.items()}
    return found | {name: (each, None) for name, each in interfaces.items() if each.thin}
