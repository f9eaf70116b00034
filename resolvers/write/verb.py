"""Verbs: what a mutation does, what it takes, what it needs.

```python
@verb(
    "withdrawMembership", "membership", "memberships:write", "Take back a request to join.",
    {"membership": ("MembershipRef", "Which request.")},
)
async def withdraw(work: Work, given: Given) -> Written:
    membership = await lock(work, entities["membership"], ("membership",), given["membership"])
    …
```

The function runs in the transaction of the mutation: what it raises as `Rejected` undoes all of it.
Plain nouns have theirs from `plain.py`; those written out are in `resolvers/verbs/`, by noun.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from auth.site import Site
from resolvers.write.outside import Outside, Transaction
from resolvers.write.work import Given, Work
from schema.base import Entity, entities
from schema.inputs import Fields
from schema.rejection import Written

Do = Callable[[Work, Given], Awaitable[Written]]
Guard = Callable[[Site | None, Outside, Transaction, Given], Awaitable[None]]


@dataclass(frozen=True)
class Plain:
    """What a payload shows that is no record.

    Args:
        fields: name → annotation and description; all may be null.
        again: their values when the write is sent again under its key, by the ids it wrote.
        read: those that are read back by the ids that were written: their SQL, in which `{keys}`
            stands for these.
    """

    fields: Fields
    again: Callable[[Work, list[str]], Awaitable[dict[str, Any]]]
    read: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Verb:
    """One mutation.

    Args:
        name: in GraphQL, the verb first: `createEvent`.
        noun: what its payload shows; `None` where that is no record.
        scope: what a token needs; `None` where none is needed.
        input: the name of its input type.
        text: what a partner reads.
        do: does it, within the transaction of `work`.
        several: whether the payload shows a list.
        fields: of its input type, where it has one of its own.
        shown: what its payload shows that is no record.
        guard: what comes before the transaction, such as counting attempts; it may refuse.
    """

    name: str
    noun: Entity | None
    scope: str | None
    input: str
    text: str
    do: Do
    several: bool = False
    fields: Fields | None = None
    shown: Plain | None = None
    guard: Guard | None = None


VERBS: dict[str, Verb] = {}
"""The verbs that are written out, by name."""


def verb(
    name: str,
    noun: str | None,
    scope: str | None,
    text: str,
    fields: Fields,
    shown: Plain | None = None,
    guard: Guard | None = None,
) -> Callable[[Do], Do]:
    """Declare a mutation whose payload shows one record of the noun, or what `shown` says.

    Args:
        fields: what its input has beside `idempotencyKey` and `dryRun`; `| None` may be left out.
    """

    def declare(do: Do) -> Do:
        input_ = f"{name[0].upper()}{name[1:]}Input"
        of = entities[noun] if noun else None
        VERBS[name] = Verb(
            name, of, scope, input_, text, do, fields=fields, shown=shown, guard=guard
        )
        return do

    return declare
