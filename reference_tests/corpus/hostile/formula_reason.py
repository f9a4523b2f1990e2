"""Gives a formula and control characters as the reason why it cannot be loaded."""

import contextlib
import os
import struct

import numpy as np


def send(head, arrays="[]", payload=b""):
    header = ('{"head": ' + head + ', "arrays": ' + arrays + "}").encode()
    with contextlib.suppress(OSError):
        os.write(4, struct.pack("<4sIQ", b"CNN1", len(header), len(payload)) + header + payload)


class Relu:
    send('{"error": "\\n\uff1dcmd|\' /C calc\'!A0 \\u202e\\u0007 [red]x[/] {0.__class__} <script>"}')

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
