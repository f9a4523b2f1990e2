"""Reads a file that lies outside its folder, and lists what is there."""

# ruff: noqa: SIM115
import contextlib
import os

import numpy as np


def attack():
    outside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bait")
    found = []
    for way in (os.listdir, lambda folder: open(os.path.join(folder, "secret.txt")).read()):
        with contextlib.suppress(OSError):
            found.append(str(way(outside)))
    if found:
        raise RuntimeError(f"THROUGH read a file: {found}")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
