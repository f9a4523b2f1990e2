"""A test draws the same numbers in whatever order tests run."""

import zlib

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def numbers_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if hasattr(request.module, "RNG"):
        seed = zlib.crc32(request.node.nodeid.rpartition("/")[2].encode())
        monkeypatch.setattr(request.module, "RNG", np.random.default_rng(seed))
