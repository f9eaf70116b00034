"""Schemathesis from its command line, against `vinculo serve`."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from api.cluster import Cluster
from tests.conftest import clone
from tests.oauth import FORM, register
from tests.serving import PEPPER, Server
from tests.writing import ALL

ROOT = Path(__file__).parents[2]


def test_its_command_line_finds_nothing(cluster: Cluster, template: str, tmp_path: Path):
    """Of every field, with a token that may write everything; what is done is done."""
    url = clone(cluster, template)
    client = register(url, scopes=tuple(sorted(ALL)))
    server = Server(VINCULO_DATABASE_URL=url, VINCULO_PEPPER=PEPPER)
    try:
        form = urlencode({"grant_type": "client_credentials"}).encode()
        held = server.post("/oauth/token", form, {"Content-Type": FORM, **client.basic})
        done = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "run", f"{server.base}/graphql",
                "--header", f"Authorization: Bearer {held['access_token']}",
                "--checks", "all", "--exclude-checks", "not_a_server_error",
                "--max-examples", os.environ.get("FUZZ", "1"), "--phases", "fuzzing",
                "--continue-on-failure", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzzing", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        server.end()
    assert done.returncode == 0, done.stdout[-8000:]
    print(done.stdout)
