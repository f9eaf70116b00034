"""What graphql-core says of variables, with values as the client wrote them, not as Python does."""

import json
import re
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import inspect

_WRONG = re.compile(r"Variable '\$(?P<name>\w+)' has invalid value(?: at (?P<at>\S+))?: ")
_STEP = re.compile(r"\w+")
_LONGEST = 200


def in_json(error: GraphQLError, given: Mapping[str, Any]) -> GraphQLError:
    """The error with `null` and `{"fr": "x"}` in place of `None` and `{'fr': 'x'}`.

    Args:
        given: the variables.
    """
    message = error.message.replace("not to be None.", "not to be null.")
    if found := _WRONG.match(message):
        end = "." if message.endswith(".") else ""
        value = _at(given.get(found["name"]), found["at"] or "")
        shown = f": {inspect(value)}{end}"
        if message.endswith(shown) and not isinstance(value, str):
            message = f"{message.removesuffix(shown)}: {_short(value)}{end}"
    if message == error.message:
        return error
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path)


def _at(value: Any, path: str) -> Any:
    """The part of a variable; a text, which is shown as it is, where there is none."""
    try:
        for step in _STEP.findall(path):
            value = value[int(step) if isinstance(value, list) else step]
    except (LookupError, TypeError, ValueError):
        return ""
    return value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
