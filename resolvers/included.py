"""`@skip` and `@include`."""

from graphql import (
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    SelectionNode,
    get_directive_values,
)
from graphql.execution.values import VariableValues


def included(node: SelectionNode, variables: VariableValues) -> bool:
    """Whether the directives on a selection leave it in."""
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not include or bool(include["if"])
