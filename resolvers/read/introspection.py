"""What is asked of the schema itself: the ordinary executor answers it, and its answers are kept.

An answer takes up to a second of pure Python, and everybody's tools ask the same. Comments, spaces,
the operation's name and what else it asks make no difference.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    execute_sync,
    print_ast,
)
from graphql.execution.values import VariableValues
from graphql.language import Visitor, visit

INTROSPECTING = ("__schema", "__type")
_MOST_BYTES = 32_000_000
"""All answers that are kept; the whole of the schema takes two million."""
_KEY = "schema"


class Introspection:
    """The answers that one schema gave last. Threads may ask at the same time."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: OrderedDict[Any, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self.executed = 0
        """How many questions were not answered from memory."""

    def known(self, key: Any) -> bytes | None:
        """The answer, if it was given before."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def execute(self, document: DocumentNode, given: dict[str, Any]) -> bytes:
        """The answer, found out anew."""
        self.executed += 1
        result = execute_sync(self._schema, document, variable_values=given)
        assert isinstance(result.data, dict), result.errors
        text = json.dumps(result.data[_KEY], ensure_ascii=False, separators=(",", ":"))
        return text.encode()

    def keep(self, key: Any, answer: bytes) -> None:
        """Have it in memory from now on; what was asked least lately makes room."""
        with self._lock:
            if key not in self._known:
                self._known[key] = answer
                self._bytes += len(answer)
            while self._bytes > _MOST_BYTES:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= len(forgotten)


@lru_cache(maxsize=4)
def introspection_of(schema: GraphQLSchema) -> Introspection:
    """The answers about a schema."""
    return Introspection(schema)


class Question:
    """One field at the root of a query that asks of the schema, with its variables.

    Args:
        nodes: where the query selects it.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        nodes: list[FieldNode],
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: VariableValues,
    ) -> None:
        self._memory = introspection_of(schema)
        named = NameNode(value=_KEY)
        fields = tuple(
            FieldNode(
                alias=named,
                name=each.name,
                arguments=each.arguments,
                directives=each.directives,
                selection_set=each.selection_set,
            )
            for each in nodes
        )
        names = _Names(fields, fragments)
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=tuple(
                each
                for each in node.variable_definitions or ()
                if each.variable.name.value in names.variables
            ),
            directives=(),
            selection_set=SelectionSetNode(selections=fields),
        )
        spread = tuple(fragments[name] for name in sorted(names.fragments))
        self.document = DocumentNode(definitions=(operation, *spread))
        used = sorted(names.variables & values.sources.keys())
        given = {name: values.sources[name].value for name in used}
        self._given = {name: value for name, value in given.items() if value is not Undefined}
        coerced = tuple((name, repr(values.coerced.get(name, Undefined))) for name in used)
        self._key = print_ast(self.document), coerced
        self._answer = self._memory.known(self._key)

    @property
    def answered(self) -> bool:
        """Whether the answer is at hand."""
        return self._answer is not None

    def answer(self) -> bytes:
        """The JSON text; it may take long where it is not at hand."""
        if self._answer is None:
            self._answer = self._memory.known(self._key)
        if self._answer is None:
            self._answer = self._memory.execute(self.document, self._given)
            self._memory.keep(self._key, self._answer)
        return self._answer


class _Names(Visitor):
    """The fragments and variables that fields use."""

    def __init__(
        self, fields: tuple[FieldNode, ...], fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        super().__init__()
        self._known = fragments
        self.fragments: set[str] = set()
        self.variables: set[str] = set()
        for each in fields:
            visit(each, self)

    def enter_variable(self, node: Any, *_: Any) -> None:
        """Note it."""
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: Any, *_: Any) -> None:
        """Note it, and what it uses itself."""
        name: str = node.name.value
        if name not in self.fragments:
            self.fragments.add(name)
            visit(self._known[name], self)
