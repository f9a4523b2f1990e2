"""Sends only the shapes of arrays that would fill all memory."""

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
        send('{"stop": null}', '[["r.out", "~<f8", [1099511627776, 1099511627776]], ["r.dx", "~|b1", [4294967296]]]')
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
