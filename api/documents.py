"""GraphQL documents that were asked before: parsed, checked, and their operations ready.

Most requests repeat a document, and finding it here costs a microsecond where reading it anew
costs a thousand. What is refused is not kept, so nobody can fill this with what is wrong.
"""

import asyncio
from collections import OrderedDict

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType, validate

from api.errors import BadRequest, InvalidDocument, PersistedQueryNotFound
from api.limits import Limits
from api.settings import Settings
from resolvers.read import Operation
from resolvers.read.introspection import Question
from resolvers.write import Mutation
from schema.errors import TooComplex

_MOST_ERRORS = 5
_CHARACTERS = 500_000
"""All documents together; a character costs about 300 bytes once it is parsed."""


class Document:
    """A document that was parsed and is within the limits."""

    def __init__(self, schema: GraphQLSchema, node: DocumentNode) -> None:
        self._schema = schema
        self.node = node
        self._definitions = [d for d in node.definitions if isinstance(d, OperationDefinitionNode)]
        self._ready: dict[tuple[str | None, bool], Operation] = {}
        self.hash: str | None = None
        """Under which clients ask for it, where one does."""

    def operation(self, name: str | None, reading: bool) -> Operation:
        """The operation of that name, or the only one; where only reading is allowed, a query."""
        ready = self._ready.get((name, reading))
        if ready is None:
            node = self.definition(name, reading)
            kind = Mutation if node.operation is OperationType.MUTATION else Operation
            ready = kind(self._schema, self.node, node)
            self._ready[name, reading] = ready
        return ready

    def definition(self, name: str | None, reading: bool) -> OperationDefinitionNode:
        """The definition of that operation."""
        found = self._named(name)
        if reading and found.operation is not OperationType.QUERY:
            kind = found.operation.value
            message = f"A {kind} is not run by GET; send it by POST."
            raise BadRequest(message, 405, [(b"allow", b"POST")])
        return found

    def _named(self, name: str | None) -> OperationDefinitionNode:
        names = [d.name.value if d.name else "" for d in self._definitions]
        known = ", ".join(names)[:500]
        if not names:
            raise BadRequest("The document has no operation; it begins with `{` or `query`.")
        if name is None and len(names) > 1:
            raise BadRequest(f"Say in `operationName` which one to run: {known}.")
        if name is not None and name not in names:
            known = f"it has: {known}" if known else "its only one has no name, so leave it out"
            raise BadRequest(f"The document has no operation {name[:100]!r}; {known}.")
        return self._definitions[names.index(name) if name else 0]


class Documents:
    """The documents of one schema that were asked last."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._limits = Limits(schema, settings)
        self._most = settings.documents
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._hashed: dict[str, str] = {}
        self._characters = 0

    def known(self, text: str, name: str | None, reading: bool) -> Operation | None:
        """The operation, if its document was asked before.

        Args:
            reading: whether only a query may be run, because the request is a GET.
        """
        document = self._known.get(text)
        if document is None:
            return None
        self._known.move_to_end(text)
        return document.operation(name, reading)

    async def learn(self, text: str, name: str | None, reading: bool) -> Operation:
        """The operation of a document that is new."""
        node = self._limits.parse(text)
        self._limits.check(node)
        document = Document(self._schema, node)
        document.definition(name, reading)
        await asyncio.sleep(0)  # others may go on between two long steps
        self._validate(node)
        self._keep(text, document)
        return document.operation(name, reading)

    def _validate(self, node: DocumentNode) -> None:
        errors = validate(
            self._schema, node, max_errors=_MOST_ERRORS, allow_empty_selection_sets=False
        )
        if errors and errors[0].message == "Validation aborted.":
            raise TooComplex(
                "Too many fields share their names in the answer to be compared. Select each "
                "field once, or give aliases."
            )
        if errors:
            raise InvalidDocument(errors)

    def _keep(self, text: str, document: Document) -> None:
        if text not in self._known:
            self._known[text] = document
            self._characters += len(text)
        while len(self._known) > self._most or self._characters > _CHARACTERS:
            forgotten, document = self._known.popitem(last=False)
            self._characters -= len(forgotten)
            if document.hash:
                del self._hashed[document.hash]

    def persist(self, hash_: str, text: str) -> None:
        """Answer to the hash of a document from now on, as long as it is kept."""
        document = self._known.get(text)
        if document is not None:
            document.hash = hash_
            self._hashed[hash_] = text

    def persisted(self, hash_: str) -> str:
        """The document with this hash.

        Raises:
            PersistedQueryNotFound: no client sent both lately, or to another process.
        """
        text = self._hashed.get(hash_)
        if text is None:
            raise PersistedQueryNotFound
        return text

    def introspection(self, question: Question) -> int:
        """How many points it costs to answer this about the schema."""
        return self._limits.introspection(question.document)

    def check_variables(self, variables: dict[str, object]) -> None:
        """Refuse variables beyond the limits."""
        self._limits.check_variables(variables)
