"""Sends inputs of other shapes back as those that it was given."""

import contextlib
import os
import struct

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    def forward(self, x):
        send('{"stop": null, "returned": {}}', '[["i.x", "<f8", [2]], ["r.out", "<f8", [0]]]', bytes(16))
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
