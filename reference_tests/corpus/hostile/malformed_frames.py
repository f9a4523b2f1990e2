"""Writes frames that are none: other lengths, types, shapes, deep or endless JSON."""

import contextlib
import os
import struct

import numpy as np


def frame(header, payload=b"", magic=b"CNN1", size=None):
    return struct.pack("<4sIQ", magic, len(header) if size is None else size, len(payload)) + header + payload


BAD = [
    b"\0" * 64,
    frame(b"{}", magic=b"CNN2"),
    frame(b"[" * 60000),
    frame(b"{}", size=1 << 31),
    frame(b'{"head": {}, "arrays": [["out", "O", [1]]]}', b"x" * 8),
    frame(b'{"head": {}, "arrays": [["out", "<f8", [-1]]]}', b"x" * 8),
    frame(b'{"head": {}, "arrays": [["out", "<f8", [4611686018427387904, 4]]]}', b"x" * 8),
    frame(b'{"head": {}, "arrays": [["out", "<f8", [1e400]]]}', b"x" * 8),
    struct.pack("<4sIQ", b"CNN1", 2, 1 << 62) + b"{}",
]
CALLS = []


def attack():
    CALLS.append(1)
    for fd in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(fd, BAD[len(CALLS) % len(BAD)])


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
