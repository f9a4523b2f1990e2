"""Reads the environment: its own, as it was at the start, and that of who started it."""

# ruff: noqa: SIM115
import ctypes
import os

import numpy as np


def attack():
    texts = [repr(dict(os.environ))]
    pid = os.getpid()
    for _ in range(3):
        try:
            texts.append(open(f"/proc/{pid}/environ", "rb").read().decode(errors="replace"))
            pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            break
    at = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    for i in range(1000):
        if not at or at[i] is None:
            break
        texts.append(at[i].decode(errors="replace"))
    if any("CONVCHECK_BAIT" in text or "PATH=" in text for text in texts):
        raise RuntimeError("THROUGH read the environment")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
