"""Codes of user errors: each that is raised is explained, and each that is explained is raised."""

import re
from pathlib import Path

from schema.rejection import CODES

ROOT = Path(__file__).parents[2]


def raised() -> set[str]:
    """The codes that the sources name where they make a problem."""
    files = [*(ROOT / "resolvers").rglob("*.py"), *(ROOT / "schema").glob("*.py")]
    text = "\n".join(file.read_text("utf-8") for file in files)
    helpers = {"WRONG_STATUS"} if "wrong_status(" in text else set[str]()
    return helpers | set(re.findall(r'problem\(\s*"([A-Z_]+)"', text))


def test_every_code_is_explained():
    """Clients act on them."""
    assert sorted(raised()) == sorted(CODES)
