"""Operations as Schemathesis draws them, made valid, and what no answer may be.

As it comes, Schemathesis knows no `@oneOf`, no scalars of ours and no record that there is. Its
command line takes this module by `SCHEMATHESIS_HOOKS`.
"""

import json
from collections.abc import Iterable
from typing import Any

import schemathesis
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    ast_from_value,
    build_schema,
    get_named_type,
    get_nullable_type,
    visit,
)
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from auth.scopes import SCOPES
from resolvers.schema import sdl
from seeds.records import id_of

SCHEMA = build_schema(sdl())
KNOWN = ("unhcr", "panama"), ("mirps", "mesa-2")
DEFECTS = {"INTERNAL", "TIMEOUT", "UNAVAILABLE", None}
"""Codes of errors, and the lack of one, that are nobody's fault but ours."""

_ids = [f"actor_{id_of('actor', slug)}" for slug in KNOWN[0]]
_ids += [f"working_group_{id_of('working_group', slug)}" for slug in KNOWN[1]]
for _name, _values in {
    "Decimal": st.decimals(-1, 10**9, places=2).map(str),
    "URL": st.sampled_from(["https://example.org/", "https://example.org/á?b=c"]),
    "Scope": st.sampled_from(sorted(SCOPES)),
    "ID": st.sampled_from(_ids) | st.text(max_size=40),
}.items():
    schemathesis.graphql.scalar(_name, _values.map(nodes.String))


class _Valid(Visitor):
    """Leaves one field in each `@oneOf` input, and one end for each page."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info

    def leave_object_value(self, node: ObjectValueNode, *_: Any) -> ObjectValueNode | None:
        """The first that was drawn, else an id."""
        of = get_named_type(self._info.get_input_type())
        if not isinstance(of, GraphQLInputObjectType) or not of.is_one_of:
            return None
        said = [f for f in node.fields if not isinstance(f.value, NullValueNode)][:1]
        return ObjectValueNode(fields=tuple(said) or (_AN_ID,))

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        """Cursors come from pages, and nobody guesses them."""
        given = {argument.name.value: argument for argument in node.arguments or ()}
        gone = {"after", "before"} | ({"last"} if "first" in given else set())
        if not gone & given.keys():
            return None
        left = tuple(argument for name, argument in given.items() if name not in gone)
        return FieldNode(
            alias=node.alias, name=node.name, directives=node.directives, arguments=left,
            selection_set=node.selection_set,
        )  # fmt: skip


_AN_ID = ObjectFieldNode(name=NameNode(value="id"), value=StringValueNode(value=_ids[0]))


def valid(document: DocumentNode) -> DocumentNode:
    """The operation with inputs that the schema takes."""
    info = TypeInfo(SCHEMA)
    return visit(document, TypeInfoVisitor(info, _Valid(info)))


def filled(document: DocumentNode, given: dict[str, Any], more: bool) -> DocumentNode:
    """The mutation with an input that is known to be right, and its outcome.

    Args:
        more: leave in what else was drawn of the input.
    """
    [drawn] = document.definitions
    assert isinstance(drawn, OperationDefinitionNode)
    [field] = drawn.selection_set.selections
    assert isinstance(field, FieldNode)
    assert SCHEMA.mutation_type
    of = SCHEMA.mutation_type.fields[field.name.value]
    value = _input(field, of, given, more)
    outcome = FieldNode(
        alias=NameNode(value="became"), name=NameNode(value="outcome"), arguments=(), directives=()
    )
    assert field.selection_set
    shown = SelectionSetNode(selections=(*field.selection_set.selections, outcome))
    made = FieldNode(
        alias=field.alias, name=field.name, directives=field.directives, selection_set=shown,
        arguments=(ArgumentNode(name=NameNode(value="input"), value=value),),
    )  # fmt: skip
    operation = OperationDefinitionNode(
        operation=drawn.operation, name=drawn.name, directives=drawn.directives,
        variable_definitions=drawn.variable_definitions,
        selection_set=SelectionSetNode(selections=(made,)),
    )  # fmt: skip
    return DocumentNode(definitions=(operation,))


def _input(
    field: FieldNode, of: GraphQLField, given: dict[str, Any], more: bool
) -> ObjectValueNode:
    type_: Any = get_nullable_type(of.args["input"].type)
    value = ast_from_value(given, type_)
    assert isinstance(value, ObjectValueNode)
    [drawn] = [a.value for a in field.arguments or () if a.name.value == "input"]
    rest: Iterable[ObjectFieldNode] = ()
    if more and isinstance(drawn, ObjectValueNode):
        rest = (f for f in drawn.fields if f.name.value not in given)
    return ObjectValueNode(fields=(*value.fields, *rest))


def defects(status: int, body: str) -> list[str]:
    """What is wrong with an answer, whatever was asked: nothing, or sentences."""
    if status not in (200, 400):
        return [f"It was answered with {status}."]
    answer = json.loads(body)
    errors = answer.get("errors", [])
    codes = [error.get("extensions", {}).get("code") for error in errors]
    return [f"An error has the code {code}." for code in codes if code in DEFECTS]


@schemathesis.check
def no_defect(_context: Any, response: Any, _case: Any) -> None:
    """For Schemathesis: unlike its own check, this one knows that a rejection is no defect."""
    found = defects(response.status_code, response.text)
    if found:
        raise AssertionError(" ".join(found))


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Whatever it draws is made valid."""
    return valid(body) if isinstance(body, DocumentNode) else body
