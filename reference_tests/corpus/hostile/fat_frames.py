"""Sends 60 MB in place of each answer, as many times as it can."""

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
        send('{"stop": null, "returned": {}}', '[["r.out", "|u1", [62914560]]]', bytes(62914560))
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
