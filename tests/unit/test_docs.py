"""The documentation in Markdown, as it is read on GitHub."""

import re
from pathlib import Path

import pytest

from api.guide import anchor

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")


def headings(page: Path) -> set[str]:
    """The fragments that a page has."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {anchor(each.strip()) for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_heading_that_there_is(page: Path):
    """Whoever renames one finds the links to it."""
    dead = [
        f"{to}#{fragment}"
        for to, fragment in LINK.findall(page.read_text("utf-8"))
        if fragment not in headings(page.parent / to if to else page)
    ]
    assert dead == []
