"""Sends the half of a frame, and waits."""

import contextlib
import os
import struct
import time

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    def forward(self, x):
        os.write(4, struct.pack("<4sIQ", b"CNN1", 1000, 1000) + b"{")
        time.sleep(1000)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
