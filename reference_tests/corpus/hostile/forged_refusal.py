"""Writes answers that say that it refused on purpose, and what was never asked for."""

import contextlib
import json
import os
import struct

import numpy as np


def frame(head):
    header = json.dumps({"head": head, "arrays": [["r.out", "text", "x"], ["i.nothing", "text", "x"]]}).encode()
    return struct.pack("<4sIQ", b"CNN1", len(header), 0) + header


def attack():
    stop = {"reason": "exception", "step": "", "text": "", "line": "", "refused": True}
    for fd in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(fd, frame({"stop": stop}))


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
