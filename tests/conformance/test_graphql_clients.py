"""Apollo Client, urql and Relay, as the guide sets them up, for a page on another origin."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, get_named_type, is_object_type, is_required_argument

from api.guide import DOCS, LOCAL
from tests.conformance.conftest import HERE, Node
from tests.serving import Edge

COMPILER = HERE / "node_modules" / "relay-compiler" / "cli.js"
SCHEMA = DOCS / "schema.graphql"
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


@pytest.mark.parametrize(("page", "names"), [
    ("guide.md", "Argentina\nBelize\n"), ("guide.es.md", "Argentina\nBelice\n"),
])  # fmt: skip
def test_what_the_guide_shows(node: Node, writable: Edge, tmp_path: Path, page: str, names: str):
    """Beside the files that it has copied."""
    for file in (DOCS / "examples" / "javascript").iterdir():
        shutil.copy(file, tmp_path)
    shown = re.findall(r"^```js\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.M | re.S)
    assert len(shown) == 2
    for number, code in enumerate(shown):
        script = tmp_path / f"{number}.mjs"
        script.write_text(code.replace(LOCAL, writable.url), "utf-8")
        assert node("--import", str(HERE / "examples.mjs"), str(script)) == names


def fragments() -> Iterator[str]:
    """A fragment that pages through each list of the schema, asked anew where that is possible."""
    schema = build_schema(SCHEMA.read_text("utf-8"))
    for type_ in filter(is_object_type, schema.type_map.values()):
        anew = type_ is schema.query_type or any(i.name == "Node" for i in type_.interfaces)
        for name, field in type_.fields.items():
            if not get_named_type(field.type).name.endswith("Connection"):
                continue
            called = f"Every_{type_.name}_{name}"
            query = f'@refetchable(queryName: "Every{type_.name}{name}Query")' if anew else ""
            given = "".join(f', {n}: "x"' for n, a in field.args.items() if is_required_argument(a))
            yield f"""graphql`fragment {called} on {type_.name} {query}
                @argumentDefinitions(count: {{type: "Int"}}, after: {{type: "String"}}) {{
                  {name}(first: $count, after: $after{given}) @connection(key: "{called}_{name}") {{
                    edges {{ node {{ __typename }} }} }} }}`;"""


def test_relay_pages_through_every_list(node: Node, tmp_path: Path):
    """Its compiler has nothing against any connection of the schema."""
    shutil.copy(SCHEMA, tmp_path)
    shutil.copy(HERE / "relay" / "relay.config.json", tmp_path)
    every = list(fragments())
    (tmp_path / "Every.js").write_text("\n".join(every))
    node(str(COMPILER), cwd=tmp_path)
    made = list((tmp_path / "__generated__").glob("Every_*.graphql.js"))
    assert len(made) == len(every) > 300
