"""One running application for all tests that change nothing."""

from collections.abc import Generator

import pytest

from tests.serving import Edge, serving


@pytest.fixture(scope="session")
def shared_edge(seeded: str) -> Generator[Edge]:
    """The application over the shared database."""
    with serving(seeded, body_seconds=1) as running:
        yield running


@pytest.fixture
def edge(shared_edge: Edge) -> Generator[Edge]:
    """The application; whatever it is asked, it must log no defect."""
    shared_edge.log.records.clear()
    yield shared_edge
    assert [record.getMessage() for record in shared_edge.log.records] == []
