"""Looks for the answers in the memory of who started it (bounded: 512 MB)."""

# ruff: noqa: SIM115
import os

import numpy as np


def attack():
    pid, left = os.getpid(), 512 << 20
    for _ in range(0 if DONE else 2):
        DONE.append(True)
        try:
            pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
            maps, memory = open(f"/proc/{pid}/maps").read(), open(f"/proc/{pid}/mem", "rb", 0)
        except (OSError, IndexError):
            return
        for line in maps.splitlines():
            place, rights, *_, inode = line.split()[:5]
            if not rights.startswith("rw") or inode != "0" or left < 0:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            left -= end - start
            try:
                memory.seek(start)
                if b"-secret-of-the-grader-" in memory.read(min(end - start, 64 << 20)):
                    raise RuntimeError("THROUGH read the grader's memory")
            except (OSError, OverflowError, ValueError):
                pass


DONE = []


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
