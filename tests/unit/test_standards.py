"""Codes that others keep lists of."""

import pytest

from schema.nouns import entities
from schema.rejection import Rejected
from schema.rows import columns


@pytest.mark.parametrize("code", ["xx", "zz", "spanish", "es-MX", "ES", ""])
def test_a_language_is_one(code: str):
    """In two small letters."""
    with pytest.raises(Rejected) as refused:
        columns(entities["document"].specs()["language"], code, ("language",))
    [problem] = refused.value.problems
    assert (problem.code, problem.path) == ("INVALID", ("language",))


@pytest.mark.parametrize("code", ["es", "en", "pt", "ht", "qu", "gn", None])
def test_languages_of_the_region_are_there(code: str | None):
    """And a document may be in none that is known."""
    row = columns(entities["document"].specs()["language"], code, ("language",))
    assert row == {"language": code}


@pytest.mark.parametrize("code", ["USD", "GTQ", "HNL", "NIO", "CRC", "SVC", "ECS", "VEF", "NIC"])
def test_currencies_of_the_region_are_there(code: str):
    """Those that are gone, too."""
    row = columns(entities["pledge"].specs()["currency"], code, ("currency",))
    assert row == {"currency": code}


@pytest.mark.parametrize("noun", ["actor", "working_group"])
@pytest.mark.parametrize("mailbox", ["none", "a@b", "a b@c.org", "@example.org", "", "a@b@c.d"])
def test_a_mailbox_is_an_address(noun: str, mailbox: str):
    """Letters go there."""
    spec = entities[noun].specs()["mailbox"]
    with pytest.raises(Rejected):
        columns(spec, mailbox, ("mailbox",))
    assert columns(spec, "office@example.org", ("mailbox",)) == {"mailbox": "office@example.org"}
