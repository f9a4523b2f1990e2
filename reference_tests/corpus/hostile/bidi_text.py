"""Raises a text that turns the direction, rings the bell and clears the screen."""

import numpy as np


class Relu:
    def forward(self, x):
        raise ValueError("\u202e\u2066 \x1b]0;x\x07 \x9b2J \x00 \r\n=1+1 \u2028 [red]x[/] {0.__class__} %s <script>")
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
