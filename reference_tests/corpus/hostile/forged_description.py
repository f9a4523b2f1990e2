"""Sends a description of itself with every name and a small reach."""

import contextlib
import os
import struct

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    send(
        '{"names": ["Relu"], "path": "p", "files": [], "near": {}, "skipped": [], "interfaces": {"Relu": {"text": "t",'
        ' "source": "", "convention": "", "reach": {"axes": [99]}, "lacks": ["out", "dx"]}}}'
    )

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
