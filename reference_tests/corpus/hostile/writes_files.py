"""Writes beside itself, in the places where anybody may write, and a conftest.py."""

import os

import numpy as np

BAIT = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # of this run


def attack():
    here, written = os.path.dirname(os.path.abspath(__file__)), []
    for place in (here, os.path.dirname(here), os.getcwd(), "/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~")):
        for name in (f"{BAIT}.txt", f"{BAIT}-conftest.py"):
            try:
                open(os.path.join(place, name), "w").close()
                written.append(name)
            except OSError:
                pass
    for way in (os.mkdir, lambda path: os.symlink("/", path), lambda path: os.link(__file__, path), os.mkfifo):
        try:
            way(os.path.join(here, f"{BAIT}-{len(written)}"))
            written.append("other")
        except OSError:
            pass
    if written:
        raise RuntimeError("THROUGH wrote files")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
