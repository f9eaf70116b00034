"""What pages say, in both languages."""

import re

from api.templates import Words
from schema.language import Language

ES, EN = Words(Language.ES), Words(Language.EN)


def test_both_languages_say_the_same_things():
    """In the same order, so that they can be read side by side."""
    assert list(ES.texts) == list(EN.texts)


def test_both_languages_name_the_same_values():
    """`{client}` and the like."""
    values = {
        of: [sorted(re.findall(r"{\w+}", each)) for each in words.texts.values()]
        for of, words in (("es", ES), ("en", EN))
    }
    assert values["es"] == values["en"]


def test_values_are_escaped_and_stay_what_they_are():
    """Also where they look like a placeholder."""
    assert EN("consent_owner", owner="<b>{x}") == ("Who answers for it: &lt;b&gt;{x}.")
