"""Whether the console was built from the sources that are there."""

import os

import pytest

import hatch_build


def check_built() -> None:
    """Without it the tests are skipped, but never in CI."""
    if hatch_build.digest_of(hatch_build.BUILT) == hatch_build.digest():
        return
    why = "The console is not built from its sources: run python hatch_build.py."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
