"""Fixtures of the tests of grading."""

import pytest

from reference_tests.grading.sandbox.forkserver import ForkServer


@pytest.fixture(scope="module")
def server():
    """A running server that forks confined processes."""
    with ForkServer() as started:
        yield started
