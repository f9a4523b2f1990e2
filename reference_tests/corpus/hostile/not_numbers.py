"""Returns, by turns, NaN, infinity, objects, text, dates and records."""

import numpy as np

TURNS = [
    lambda x: np.full_like(x, np.nan),
    lambda x: np.full_like(x, np.inf),
    lambda x: np.full(x.shape, None, object),
    lambda x: np.full(x.shape, "7"),
    lambda x: np.full(x.shape, np.datetime64("2020-01-01")),
    lambda x: np.zeros(x.shape, [("a", "f8")]),
    lambda x: np.ma.masked_all(x.shape),
    lambda x: np.full(x.shape, 7 + 1j),
]


class Relu:
    calls = 0

    def forward(self, x):
        Relu.calls += 1
        return TURNS[Relu.calls % len(TURNS)](x)

    backward = forward
