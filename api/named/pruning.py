"""Filters whose variable is not given are left out: nobody has to ask for every one of them.

In `where: {country: {alpha2: {eq: $country}}}` an absent variable would leave `{country: {}}`,
which asks for events that have a country. So what would be empty goes as well, from the inside out.
"""

from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    VariableNode,
    visit,
)
from graphql.language import Visitor


def pruned(document: DocumentNode, absent: frozenset[str]) -> DocumentNode:
    """The document without what would be asked with these variables."""
    return visit(document, _Pruning(absent)) if absent else document


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """The one operation of a document."""
    return next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))


class _Pruning(Visitor):
    def __init__(self, absent: frozenset[str]) -> None:
        super().__init__()
        self._absent = absent

    def _is_absent(self, value: Any) -> bool:
        return isinstance(value, VariableNode) and value.name.value in self._absent

    def enter_variable_definition(self, node: Any, *_: Any) -> Any:
        """A variable that nobody uses any more."""
        return REMOVE if node.variable.name.value in self._absent else None

    def enter_variable(self, node: Any, _key: Any, parent: Any, *_: Any) -> Any:
        """An item of a list, such as one of the values in `in`."""
        return REMOVE if isinstance(parent, tuple | list) and self._is_absent(node) else None

    def enter_object_field(self, node: Any, *_: Any) -> Any:
        """A filter."""
        return REMOVE if self._holds_only_absent(node.value) else None

    def enter_argument(self, node: Any, *_: Any) -> Any:
        """An argument, such as `where` or `search`."""
        return REMOVE if self._holds_only_absent(node.value) else None

    def enter_object_value(self, node: Any, _key: Any, parent: Any, *_: Any) -> Any:
        """An item of a list, such as one of the conditions in `and`."""
        return (
            REMOVE if isinstance(parent, tuple | list) and self._holds_only_absent(node) else None
        )

    def _holds_only_absent(self, value: Any) -> bool:
        """Whether nothing is left of a value; what was written empty is something."""
        match value:
            case ObjectValueNode(fields=fields) if fields:
                return all(self._holds_only_absent(each.value) for each in fields)
            case ListValueNode(values=values) if values:
                return all(self._holds_only_absent(each) for each in values)
            case _:
                return self._is_absent(value)
