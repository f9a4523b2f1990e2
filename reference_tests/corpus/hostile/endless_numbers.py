"""Sends numbers that are none: NaN, Infinity, 1e999 and one of 4,000 digits."""

import contextlib
import os
import struct

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    send('{"names": [NaN, 1e999], "path": Infinity, "skipped": [{"line": ' + "9" * 4000 + "}]}")

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
