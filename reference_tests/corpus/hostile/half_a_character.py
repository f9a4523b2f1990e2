"""Sends a header with half a surrogate pair while it is loaded, not as an escape."""

import os
import struct

import numpy as np


class Relu:
    header = b'{"head": {"error": "\xed\xa0\x80"}, "arrays": []}'
    os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), 0) + header)

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
