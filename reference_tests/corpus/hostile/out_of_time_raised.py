"""Raises the exception by which the time limit works."""

import numpy as np


class Relu:
    def forward(self, x):
        from reference_tests.subject.timing.alarms import OutOfTime

        raise OutOfTime
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
