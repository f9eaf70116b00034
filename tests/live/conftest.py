"""One running application for all tests that change nothing."""

import logging
from collections.abc import Generator

import pytest

from api.cluster import Cluster
from tests.conftest import clone
from tests.hearing import Heard
from tests.letters import Letters, receiving
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


@pytest.fixture(scope="session")
def committed(cluster: Cluster, template: str) -> str:
    """The URL of a database that tests may write to, each with clients and users of its own."""
    return clone(cluster, template)


@pytest.fixture(scope="session")
def shared_issuer(committed: str) -> Generator[Edge]:
    """The application over that database."""
    with serving(committed, body_seconds=1) as running:
        yield running


@pytest.fixture
def issuing(shared_issuer: Edge) -> Generator[Edge]:
    """The application over that database; whatever it is asked, it must log no defect."""
    shared_issuer.log.records.clear()
    yield shared_issuer
    assert [record.getMessage() for record in shared_issuer.log.records] == []


@pytest.fixture
def heard() -> Generator[Heard]:
    """What is logged meanwhile."""
    root, handler = logging.getLogger(), Heard()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def letters() -> Generator[Letters]:
    """A mail server."""
    with receiving() as server:
        yield server
