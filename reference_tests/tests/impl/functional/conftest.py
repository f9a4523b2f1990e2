"""Seed the module's RNG by the test's name, so that a test draws the same numbers in any order."""

import zlib

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def seed_by_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if hasattr(request.module, "RNG"):
        seed = zlib.crc32(request.node.nodeid.rpartition("/")[2].encode())
        monkeypatch.setattr(request.module, "RNG", np.random.default_rng(seed))
