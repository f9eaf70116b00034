"""`Accept-Encoding`, as clients write it and as nobody should."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.encoding import LEAST, PLAIN, choice
from api.errors import BadRequest

PIECES = st.sampled_from(["gzip", "zstd", "identity", "*", ";q=", "0", "0.5", ",", " ", "\xff"])


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_no_line_is_too_odd(line: str):
    """Whatever comes, something is chosen, or it is said that nothing can be."""
    with suppress(BadRequest):
        assert choice(line.encode("utf-8", "surrogatepass")).of(LEAST) in (*CODINGS, None)


CODINGS = {choice(b"gzip").coding, choice(b"zstd").coding}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"gzip", "gzip"),
        (b"GZIP", "gzip"),
        (b"x-gzip", "gzip"),
        (b"zstd", "zstd"),
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"zstd;q=0.5, gzip", "gzip"),
        (b"gzip;q=0.5, zstd;q=0.1", "gzip"),
        (b"zstd;q=0, *", "gzip"),
        (b"*", "gzip"),
        (b"gzip;q=0.5, *", "zstd"),
        (b"gzip, *;q=0", "gzip"),
        (b"identity;q=0, gzip", "gzip"),
        (b"identity;q=0.5, gzip", "gzip"),
        (b"identity, gzip;q=0.5", None),
        (b"identity", None),
        (b"br, deflate", None),
        (b"gzip;q=0", None),
        (b"gzip;q=x", None),
        (b"", None),
        (None, None),
    ],
)
def test_the_coding_is_the_one_wanted_most(line: bytes | None, name: str | None):
    """zstd where both are wanted alike; who takes anything is likeliest to know gzip."""
    found = choice(line).of(LEAST)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    "line", [b"identity;q=0", b"*;q=0", b"identity;q=0, br", b"*;q=0, gzip;q=0"]
)
def test_who_takes_nothing_is_told_what_there_is(line: bytes):
    """`identity` is there for all who do not refuse it."""
    with pytest.raises(BadRequest, match="use zstd, gzip, identity") as raised:
        choice(line)
    assert raised.value.status == 406


def test_what_is_small_is_left_as_it_is():
    """It would not arrive any sooner."""
    assert choice(b"gzip").of(LEAST - 1) is None


def test_what_is_small_is_compressed_for_who_takes_nothing_else():
    """It says so in so many words."""
    found = choice(b"gzip, identity;q=0").of(2)
    assert found is not None
    assert found.name == "gzip"


def test_what_is_secret_is_not_compressed():
    """Its length would tell of it."""
    assert choice(b"gzip, zstd", secret=True) is PLAIN


def test_what_is_secret_is_not_sent_to_who_takes_only_compressed():
    """Nothing is done before that is known."""
    with pytest.raises(BadRequest, match="use identity") as raised:
        choice(b"gzip, identity;q=0", secret=True)
    assert raised.value.status == 406
