"""Sends a header in UTF-16, with half a character."""

import contextlib
import os
import struct

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    header = '{"head": {"error": "\\ud800"}, "arrays": []}'.encode("utf-16-le")
    os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), 0) + header)

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
