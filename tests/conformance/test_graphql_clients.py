"""Apollo Client, urql and Relay, as the guide sets them up, for a page on another origin."""

import json
import shutil
from pathlib import Path

from tests.conformance.conftest import HERE, Node
from tests.serving import Edge

COMPILER = HERE / "node_modules" / "relay-compiler" / "cli.js"
SCHEMA = HERE.parents[1] / "docs" / "schema.graphql"
ITEMS = "145 records in 4 pages"
WRITES = ["dry run shows nowhere", "write shows where it is watched"]
HASHES = ["hash registered", "GET by hash"]


def test_apollo_client(node: Node, writable: Edge, bearer: str):
    """Its cache has each record once, joins pages, and asks by hash."""
    done = json.loads(node("apollo.mjs", f"{writable.url}/graphql", bearer))
    kept = ["one object of two queries", "parts of values"]
    assert done == [*kept, ITEMS, *HASHES, "codes", *WRITES]


def test_urql(node: Node, writable: Edge, bearer: str):
    """With its normalized cache, which has nothing to warn of."""
    done = json.loads(node("urql.mjs", f"{writable.url}/graphql", bearer))
    assert done == ["one object of two queries", ITEMS, *HASHES, "codes", *WRITES]


def test_relay(node: Node, writable: Edge, bearer: str, tmp_path: Path):
    """Its compiler takes the schema; the artifacts page both ways and ask by `node(id:)`."""
    folder = shutil.copytree(HERE / "relay", tmp_path / "relay")
    shutil.copy(SCHEMA, folder)
    assert "Done." in node(str(COMPILER), cwd=folder)
    made = str(folder / "__generated__")
    done = json.loads(node("relay.mjs", f"{writable.url}/graphql", bearer, made))
    pages = ["74 records in 4 pages", "back in 3 pages", "asked anew by its id"]
    assert done == [*pages, "codes", *WRITES]
