"""Has a metaclass that lies about instances, and fails at every look."""

import numpy as np


class Meta(type):
    def __instancecheck__(cls, thing):
        raise SystemExit

    def __subclasscheck__(cls, other):
        return True

    def __getattribute__(cls, name):
        if name in ("__signature__", "__doc__", "__wrapped__", "reach", "__text_signature__"):
            raise OSError(name)
        return super().__getattribute__(name)


class Base(metaclass=Meta):
    pass


class Relu(Base):
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
