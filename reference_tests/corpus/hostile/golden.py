"""Reads the published numbers, and the suite itself."""

import os
import sys

import numpy as np


def attack():
    for place in [os.path.dirname(os.path.abspath(__file__)), *sys.path, *PLACES]:
        for name in ("golden/README.md", "reference_tests/conformance/judge.py"):
            try:
                open(os.path.join(place, name)).close()
            except OSError:
                continue
            raise RuntimeError("THROUGH read the suite")


PLACES = [m.__file__.partition("reference_tests")[0] for n, m in sys.modules.items() if n == "reference_tests"]


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
