"""Has the fault handler write into the pipe, and crashes."""

import ctypes
import faulthandler

import numpy as np


class Relu:
    def forward(self, x):
        faulthandler.enable(file=4)
        faulthandler.dump_traceback(file=4)
        ctypes.string_at(0)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
