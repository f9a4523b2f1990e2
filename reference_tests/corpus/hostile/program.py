"""Starts a program: a shell that stays in the background (bounded: 20 seconds)."""

import os
import subprocess

import numpy as np

BAIT = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # of this run


def attack():
    shell = f"exec -a {BAIT} sleep 20 &"
    try:
        subprocess.run(["bash", "-c", shell], stdout=-3, stderr=-3, start_new_session=True, check=True)
    except OSError:
        return
    raise RuntimeError("THROUGH started a program")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
