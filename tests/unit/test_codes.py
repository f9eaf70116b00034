"""Codes of user errors: each that is raised is explained, and each that is explained is raised."""

import re
from pathlib import Path

from schema.rejection import CODES

ROOT = Path(__file__).parents[2]


def sources() -> str:
    """What can raise a problem."""
    files = [*(ROOT / "resolvers").rglob("*.py"), *(ROOT / "schema").glob("*.py")]
    return "\n".join(file.read_text("utf-8") for file in files if file.name != "rejection.py")


def test_every_code_is_explained():
    """Clients act on them."""
    raised = set(re.findall(r'problem\(\s*"([A-Z_]+)"', sources()))
    assert raised - CODES.keys() == set()


def test_every_code_that_is_explained_is_raised():
    """By a verb, or as the code of a rule that the database keeps."""
    text = sources()
    assert [code for code in CODES if f'"{code}"' not in text] == []
