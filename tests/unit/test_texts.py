"""Signs that no text holds, told at their fields."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType

from schema.texts import LONG, stray
from seeds.records import Refused, check_texts
from tests.reading import graphql_schema

BEL, ESC, OVERRIDE, ISOLATE, SEPARATOR = "\x07", "\x1b", "\u202e", "\u2067", "\u2028"
MARK, NONE, LAST, NEXT, NUL, ALONE = "\ufeff", "\ufdd0", "\U0010ffff", "\x85", "\x00", "\ud800"
NEVER = (BEL, ESC, OVERRIDE, ISOLATE, SEPARATOR, MARK, NONE, LAST, NEXT, NUL, ALONE)


def told(given: Any) -> list[Any]:
    """Where each problem is, and what it says in English."""
    return [(p.path, *(text for la, text in p.message.items() if la.suffix == "en"))
            for p in stray(given)]  # fmt: skip


@pytest.mark.parametrize("sign", NEVER, ids=[f"{ord(sign):04X}" for sign in NEVER])
@pytest.mark.parametrize("name", ["title", "description"])
def test_signs_that_nobody_sees_are_refused(name: str, sign: str):
    """Whatever the field."""
    said = f"`{name}` has the sign U+{ord(sign):04X}, which is unseen or changes how the rest looks"
    assert told({name: {"en": f"a{sign}b"}}) == [((name, "en"), f"{said}; take it out.")]


@pytest.mark.parametrize("sign", ["\t", "\n", "\r\n"])
def test_what_names_a_thing_is_one_line(sign: str):
    """What tells of it may have several."""
    assert told({"description": {"en": f"a{sign}b"}}) == []
    assert told({"events": [{"place": f"a{sign}b"}]}) == [
        (("events", 0, "place"), "`place` is one line; take the line break or tab out of it.")
    ]


@pytest.mark.parametrize(
    "text", ["مرحبا \u200fabc", "שלום", "é ñ ü 😀\u200d👩", "e\u0301", "a b\n"]
)
def test_letters_of_any_direction_are_texts(text: str):
    """With the marks that they need; blanks around are taken off elsewhere."""
    assert told({"title": {"es": text}, "identifiers": [{"scheme": "x", "value": text}]}) == []


def test_seeds_hold_none_either():
    """The record is refused with the place."""
    with pytest.raises(Refused, match=r"^`title\.es`: `title` has the sign U\+202E"):
        check_texts({"title": {"es": "a\u202eb"}})


def test_fields_of_several_lines_are_fields():
    """Of some input; reasons that verbs set are fields of seeds."""
    inputs = [t for t in graphql_schema.type_map.values() if isinstance(t, GraphQLInputObjectType)]
    known = {name for input_ in inputs for name in input_.fields}
    assert LONG - known == {"cancellationReason", "returnReason", "withdrawalReason"}
