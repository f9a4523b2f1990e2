"""Sets a trace function that runs in our code and raises."""

import sys

import numpy as np


def trace(frame, event, arg):
    if "subject" in frame.f_code.co_filename and event == "return":
        raise ValueError(str(frame.f_locals)[:99])
    return trace


class Relu:
    def forward(self, x):
        sys.settrace(trace)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
