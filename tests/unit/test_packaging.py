"""What is installed with the project, and what must not be."""

import re
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def test_no_dependency_brings_a_package_of_our_names():
    """`schema` on the package index is somebody else's."""
    ours = {"api", "auth", "resolvers", "schema", "seeds"}
    for each in distributions():
        if each.metadata["Name"] == "vinculo":
            continue
        tops = {path.parts[0].removesuffix(".py") for path in each.files or [] if path.parts}
        assert not tops & ours, each.metadata["Name"]


def test_locks_name_no_index_and_pin_every_package_with_hashes():
    """They install the same from any mirror."""
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        assert not re.search(r"index-url|find-links|https?://", text), name
        packages = re.findall(r"^[a-z0-9][^\s=]*==\S+.*$", text, re.MULTILINE)
        assert packages
        assert all(line.endswith("\\") for line in packages), name
