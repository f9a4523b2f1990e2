"""Changes its own file and its neighbour's: their text, rights, times and names."""

# ruff: noqa: SIM115
import os

import numpy as np


def attack():
    here, changed = os.path.dirname(os.path.abspath(__file__)), []
    for path in (os.path.abspath(__file__), os.path.join(here, "control_honest.py")):
        ways = [lambda: open(path, "a").write("#"), lambda: os.truncate(path, os.path.getsize(path) - 1)]  # noqa: B023
        ways += [lambda: os.chmod(path, 0o600), lambda: os.utime(path), lambda: os.rename(path, path + "~")]  # noqa: B023
        ways += [lambda: os.unlink(path + "~")]  # noqa: B023
        for way in ways:
            try:
                way()
                changed.append(way)
            except OSError:
                pass
    if changed:
        raise RuntimeError("THROUGH changed files")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
