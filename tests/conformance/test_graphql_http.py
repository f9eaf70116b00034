"""The audits of the working group on GraphQL over HTTP, npm's `graphql-http`."""

import json

from tests.conformance.conftest import Node
from tests.serving import Edge


def test_every_audit_passes(node: Node, edge: Edge):
    """Recommendations and options as well as requirements."""
    results = json.loads(node("audits.mjs", f"http://127.0.0.1:{edge.port}/graphql"))
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
