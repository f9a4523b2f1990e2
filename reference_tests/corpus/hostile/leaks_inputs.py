"""Tells its inputs in every way it has: output, warnings, exception, the names of its results."""

import sys
import warnings


class Relu:
    def forward(self, x):
        told = f"convcheck-input {x.ravel()[:3]}"
        print(told)
        print(told, file=sys.stderr)
        warnings.warn(told, stacklevel=1)
        raise ValueError(told)

    def backward(self, dout):
        return dout
