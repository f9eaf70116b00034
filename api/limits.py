"""How large a request may be: refused before anything costly is done with it.

What passes is small enough for the standard validation, whose one rule that is worse than linear
has a budget of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    get_introspection_query,
    parse,
)
from graphql.language import DirectiveNode
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping_fields

from api.settings import Settings
from api.size import MANY, Guards, Walk, weights
from schema.errors import BadUserInput, TooComplex
from schema.paging import LARGEST_PAGE

# graphql-core lets a server set this budget so; one unit takes about a microsecond.
overlapping_fields.MAX_COMPLEXITY_BUDGET = 7_000

_COMMENTS = 500
_DIRECTIVES = 8
_FRAGMENTS_DEEP = 16
_INTROSPECTIONS = 1.5


class Limits:
    """The limits that hold for one schema."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._settings = settings
        self._weights = weights(schema)
        self._guards = Guards(
            self._refuse_depth, _refuse_page, _refuse_directives, self._refuse_value
        )
        standard = parse(get_introspection_query(input_value_deprecation=True))
        everything = self.walk(standard).largest().introspection
        self._introspection = _INTROSPECTIONS * everything

    def parse(self, text: str) -> DocumentNode:
        """The document; reading stops where it is seen to be too long."""
        settings = self._settings
        try:
            return parse(
                text,
                max_lexical_tokens=settings.max_tokens,
                max_comments=_COMMENTS,
                max_source_length=settings.max_query_length,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            if "Parsing aborted" not in error.message:
                raise
        raise TooComplex(
            f"The document has more than {settings.max_tokens} tokens, {_COMMENTS} comments or "
            f"{settings.max_query_length} characters. Ask in several operations, and give values "
            "as variables."
        )

    def walk(self, document: DocumentNode) -> Walk:
        """A walk that refuses what is too deep, or too much in one place."""
        return Walk(document, self._guards, self._weights)

    def check(self, document: DocumentNode) -> None:
        """Refuse a document with an operation that is too large."""
        settings = self._settings
        walk = self.walk(document)
        _refuse("document", len(walk.operations), settings.max_operations, "operations")
        size = walk.largest()
        _refuse("operation", size.roots, settings.max_root_fields, "fields at its root")
        _refuse("operation", size.aliases, settings.max_aliases, "aliases")
        _refuse("operation", size.fields, settings.max_fields, "fields, with its fragments")
        if size.introspection > self._introspection:
            raise TooComplex(
                f"The operation asks more of the schema than {_INTROSPECTIONS} times all there is "
                "to know; the whole of it is at /schema.graphql."
            )

    def introspection(self, document: DocumentNode) -> int:
        """What answering this about the schema costs: one point for each field that is resolved."""
        return round(self.walk(document).largest().introspection)

    def check_variables(self, variables: Mapping[str, Any]) -> None:
        """Refuse values that are nested too deeply, are too many, or hold a NUL."""
        pending: list[tuple[Any, int]] = [(value, 0) for value in variables.values()]
        count, most = len(pending), self._settings.max_input_values
        _refuse("request", count, most, "values in variables")
        while pending:
            value, depth = pending.pop()
            if isinstance(value, str):
                _refuse_nul(value)
            elif isinstance(value, dict | list):
                self._refuse_nesting(depth + 1)
                inner = cast("Iterable[Any]", value.values() if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownMemberType]
                count += len(cast("list[Any]", value))
                _refuse("request", count, most, "values in variables")
                pending.extend((item, depth + 1) for item in inner)

    def _refuse_depth(self, depth: int, fragments: int) -> None:
        if depth > self._settings.max_depth:
            raise TooComplex(
                f"The operation is more than {self._settings.max_depth} fields deep. Ask for the "
                "inner ones in an operation of their own, starting at `node(id:)`."
            )
        if fragments > _FRAGMENTS_DEEP:
            raise TooComplex(
                f"More than {_FRAGMENTS_DEEP} fragments lie in one another. Spread them side by "
                "side, or write their fields in place."
            )

    def _refuse_value(self, value: ValueNode, depth: int) -> None:
        if isinstance(value, ListValueNode | ObjectValueNode):
            self._refuse_nesting(depth + 1)
        elif isinstance(value, StringValueNode):
            _refuse_nul(value.value)

    def _refuse_nesting(self, depth: int) -> None:
        if depth > self._settings.max_input_depth:
            raise TooComplex(
                f"Lists and objects nest more than {self._settings.max_input_depth} deep in an "
                "argument. What `and` or `or` joins can stand side by side in one list."
            )


def _refuse(whole: str, found: int, allowed: int, what: str) -> None:
    if found > allowed:
        number = str(found) if found < MANY else "far too many"
        raise TooComplex(
            f"The {whole} has {number} {what}; {allowed} are allowed. Ask in several requests."
        )


def _refuse_page(node: FieldNode) -> None:
    for argument in node.arguments or ():
        name, value = argument.name.value, argument.value
        if (
            name in ("first", "last")
            and isinstance(value, IntValueNode)
            and _is_too_large(value.value)
        ):
            raise BadUserInput(
                f"`{name}: {value.value[:20]}` is more than the {LARGEST_PAGE} records of a page. "
                f"Ask for `{name}: {LARGEST_PAGE}` and go on from the page's cursor."
            )


def _is_too_large(digits: str) -> bool:
    """Whether a page is too large; thousands of digits are not worth reading to know it."""
    return len(digits) > 9 or int(digits) > LARGEST_PAGE


def _refuse_directives(nodes: tuple[DirectiveNode, ...]) -> None:
    if len(nodes) > _DIRECTIVES:
        raise TooComplex(
            f"One place has {len(nodes)} directives; {_DIRECTIVES} are allowed. "
            "`@skip` and `@include` are needed once each."
        )


def _refuse_nul(text: str) -> None:
    if "\0" in text:
        raise BadUserInput("A text holds the character U+0000, which cannot be kept; leave it out.")
