"""Changes itself through /proc: its memory, its name for the memory killer."""

import numpy as np


def attack():
    done = []
    for name, text in (("oom_score_adj", b"1"), ("coredump_filter", b"0"), ("comm", b"other")):
        try:
            with open(f"/proc/self/{name}", "wb", 0) as file:
                file.write(text)
            done.append(name)
        except OSError:
            pass
    if done:
        raise RuntimeError("THROUGH wrote to /proc")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
