"""Schemathesis from its command line, against `vinculo serve`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from graphql import FieldNode, OperationDefinitionNode, OperationType, parse

from api.cluster import Cluster
from tests.conftest import clone
from tests.fuzzing import SCHEMA, defects
from tests.oauth import FORM, register
from tests.serving import PEPPER, PLENTY, Server
from tests.writing import ALL

ROOT = Path(__file__).parents[2]
FEW = 8
"""Reads that may be refused, such as for what they cost: draws are not the same each time."""


def test_its_command_line_finds_nothing(cluster: Cluster, template: str, tmp_path: Path):
    """Of every field, with a token that may write everything; what is done is done."""
    url = clone(cluster, template)
    client = register(url, scopes=tuple(sorted(ALL)))
    plenty = {"VINCULO_CLIENT_POINTS": str(PLENTY), "VINCULO_ADDRESS_POINTS": str(PLENTY)}
    server = Server(VINCULO_DATABASE_URL=url, VINCULO_PEPPER=PEPPER, **plenty)
    har = tmp_path / "asked.har"
    try:
        form = urlencode({"grant_type": "client_credentials"}).encode()
        held = server.post("/oauth/token", form, {"Content-Type": FORM, **client.basic})
        done = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "run", f"{server.base}/graphql",
                "--header", f"Authorization: Bearer {held['access_token']}",
                "--checks", "all", "--exclude-checks", "not_a_server_error",
                "--max-examples", os.environ.get("FUZZ", "1"), "--phases", "fuzzing",
                "--continue-on-failure", "--no-color", "--report-har-path", str(har),
            ],
            cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzzing", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        server.end()
    assert done.returncode == 0, done.stdout[-8000:]
    print(done.stdout)
    reads, writes = judged(har)
    assert len(reads) >= len(fields("query")) - FEW
    assert writes == fields("mutation")


def judged(har: Path) -> tuple[set[str], set[str]]:
    """The fields of reads that were answered in full, and of writes whose input was looked at."""
    reads: set[str] = set()
    writes: set[str] = set()
    for entry in json.loads(har.read_text("utf-8"))["log"]["entries"]:
        asked = parse(json.loads(entry["request"]["postData"]["text"])["query"]).definitions[0]
        assert isinstance(asked, OperationDefinitionNode)
        if entry["response"]["status"] != 200:
            continue
        errors = json.loads(entry["response"]["content"]["text"]).get("errors", [])
        names = {s.name.value for s in asked.selection_set.selections if isinstance(s, FieldNode)}
        if asked.operation is OperationType.QUERY and not errors:
            reads |= names
        if asked.operation is OperationType.MUTATION:
            codes = {error["extensions"]["code"] for error in errors}
            writes |= names if codes <= {"WRITE_REJECTED"} else set()
    return reads, writes


def fields(operation: str) -> set[str]:
    """What Schemathesis draws of a kind: it leaves out `_service` and `_entities`."""
    type_ = getattr(SCHEMA, f"{operation}_type")
    return {name for name in type_.fields if not name.startswith("_")}


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_refusal_by_status_is_a_fault(status: int):
    """Else all could be refused, by quota for one, and nothing be found."""
    assert defects(status, "{}") == [f"It was answered with {status}."]
