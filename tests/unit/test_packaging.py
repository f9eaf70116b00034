"""What is installed with the project, and what must not be."""

import json
import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "docs/examples/python/requirements.txt"]


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


@pytest.mark.parametrize("where", ["api/console/source", "tests/conformance"])
def test_packages_of_npm_are_locked_without_a_registry(where: str):
    """By what they contain, wherever they come from."""
    lock = json.loads((ROOT / where / "package-lock.json").read_text("utf-8"))
    packages = [each for name, each in lock["packages"].items() if name]
    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the console is built, with one of other sources."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "main.js").write_text("of before", "ascii")
    monkeypatch.setattr(hatch_build, "BUILT", folder)
    return folder


def test_without_a_registry_the_console_is_not_built(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What npm says is handed on, and what there was stays."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setattr(hatch_build, "INSTALL", [*hatch_build.INSTALL, "--fetch-retries=0"])
    with pytest.raises(hatch_build.Failed, match=r"npm ci said:\n[^$]*ECONNREFUSED"):
        hatch_build.build()
    assert [path.name for path in built.iterdir()] == ["main.js"]


def test_what_was_built_from_the_same_sources_is_not_built_again(
    built: Path, monkeypatch: pytest.MonkeyPatch
):
    """Installing again takes no time."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    (built / "source.sha256").write_text(hatch_build.digest(), "ascii")
    assert hatch_build.build() is False
