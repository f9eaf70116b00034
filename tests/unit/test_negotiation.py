"""Header lines, as clients write them and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.negotiation import GRAPHQL, JSON, language, media_type, prefers_html
from schema.language import Language

PIECES = st.sampled_from(
    ["application/json", GRAPHQL, "*/*", "en", "es", ";q=", "0.5", ",", " ", "\xff"]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_no_line_is_too_odd(line: str):
    """Whatever comes, something is chosen or nothing is; nothing is raised."""
    raw = line.encode("utf-8", "surrogatepass")
    assert media_type(raw) in (JSON, GRAPHQL, None)
    assert language(raw) in Language
    assert prefers_html(raw) in (True, False)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"text/html", True),
        (b"text/html,application/xml;q=0.9,*/*;q=0.8", True),
        (b"*/*", False),
        (b"application/json, text/html", False),
        (b"", False),
    ],
)
def test_a_browser_is_known_by_what_it_wants_most(line: bytes, expected: bool):
    """`*/*` alone is no browser."""
    assert prefers_html(line) is expected
