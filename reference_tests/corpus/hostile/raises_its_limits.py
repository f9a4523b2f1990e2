"""Lifts its own limits."""

import os
import resource

import numpy as np


def attack():
    done = []
    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        soft, hard = resource.getrlimit(which)
        wanted = hard + 1 if hard != resource.RLIM_INFINITY else hard
        try:
            resource.setrlimit(which, (wanted, wanted))
            if soft != wanted:
                done.append(which)
        except (OSError, ValueError):
            pass
    try:
        os.sched_setaffinity(0, os.sched_getaffinity(0))
        done.append("affinity")
    except OSError:
        pass
    if done:
        raise RuntimeError("THROUGH changed its limits")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
