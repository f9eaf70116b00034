"""Parameters that name records: what they name is looked up.

A filter by a name that nothing has is a valid question with an empty answer, and who misspelt it
would follow an empty calendar for years.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLSchema, get_named_type, parse, validate

from api.database import Database
from api.named.pruning import operation_of
from auth.principal import ANONYMOUS
from resolvers.read import Operation, Ready
from schema.language import Language

Pay = Callable[[Ready], Awaitable[None]]
"""Pays for what is about to be read, or refuses."""
_FORM = re.compile(r"(\w+)\.(\w+)")
_TITLES = ("name", "title", "label")


async def fetched(
    operation: Operation, given: dict[str, Any], language: Language, database: Database, pay: Pay
) -> dict[str, Any]:
    """What an operation answers that everybody may ask.

    Raises:
        InvalidVariables: a value does not fit.
        RateLimited: there are no points left for it.
    """
    ready = operation.prepare(given, ANONYMOUS, language)
    await pay(ready)
    call = ready.call(ANONYMOUS)
    assert call.sql
    rows = await database.fetch(call.sql, call.args)
    return orjson.loads(call.data(rows))


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: in which language, and who pays."""

    language: Language
    database: Database
    pay: Pay


class Names:
    """The names that records of a list have, such as `workingGroups.slug`."""

    def __init__(self, schema: GraphQLSchema, names: str) -> None:
        """Prepare the look-up.

        Raises:
            ValueError: there is no such list, or it cannot be asked for that.
        """
        form = _FORM.fullmatch(names)
        if form is None:
            raise ValueError("it is no list and filter such as workingGroups.slug")
        self.lists, self.by = form.groups()
        query = schema.query_type
        assert query
        field = query.fields.get(self.lists)
        self._title = ""
        if field and "nodes" in (parts := _fields(field.type)):
            known = _fields(parts["nodes"].type)
            self._title = next((each for each in _TITLES if each in known), "")
        given = field.args.get("where") if field else None
        searched = given is not None and "search" in _fields(given.type)
        self._exact = self._operation(schema, "$given: [String!]", f"{{{self.by}: {{in: $given}}}}")
        self._like = (
            self._operation(schema, "$given: String", "{search: $given}") if searched else None
        )

    def _operation(self, schema: GraphQLSchema, variable: str, where: str) -> Operation:
        node = parse(
            f"query Names({variable}) {{ {self.lists}(first: 3, where: {where}) "
            f"{{ nodes {{ {self.by} {self._title} }} }} }}"
        )
        if errors := validate(schema, node):
            raise ValueError(errors[0].message.rstrip("."))
        return Operation(schema, node, operation_of(node))

    async def found(self, text: str, asker: Asker) -> str | None:
        """The name as it is written here, whatever its case; `None` where nothing has it."""
        wished = list(dict.fromkeys((text, text.upper(), text.lower())))
        known = [node[self.by] for node in await self._nodes(self._exact, wished, asker)]
        return next((each for each in wished if each in known), None)

    async def like(self, text: str, asker: Asker) -> list[str]:
        """What somebody may have meant who wrote something else, with its title."""
        if self._like is None:
            return []
        nodes = await self._nodes(self._like, text, asker)
        return [
            f"{node[self.by]} ({node[self._title]})" if self._title else node[self.by]
            for node in nodes
            if node[self.by]
        ]

    async def _nodes(self, operation: Operation, given: Any, asker: Asker) -> list[dict[str, Any]]:
        answer = await fetched(
            operation, {"given": given}, asker.language, asker.database, asker.pay
        )
        return answer[self.lists]["nodes"]


def _fields(type_: Any) -> dict[str, Any]:
    """The fields of a type, whatever wraps it."""
    return getattr(get_named_type(type_), "fields", {})
