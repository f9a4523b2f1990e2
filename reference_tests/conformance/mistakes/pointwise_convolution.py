"""Pointwise convolution: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .axis_orders import list_dout_orders
from .backward import list_relu_mistakes
from .changes import Ask, alter, ask_with, read_last
from .filters import list_filter_mistakes, list_pixel_mistakes, list_repeated_biases
from .left_out import list_left_images
from .sums import list_db_mistakes, list_running_sums
from .windows import AS_IT_CAME, alter_one, swap_dout, with_dout


def read_transposed(ask: Ask, q: Question) -> Answer:
    """Read W's numbers as (C, FN)."""
    W = q["W"]
    found = ask(q.but(W=W.reshape(W.shape[1], W.shape[0], 1, 1).swapaxes(0, 1)))
    return {**found, "dW": found["dW"].swapaxes(0, 1).reshape(W.shape)} if "dW" in found else found


# fmt: off
MISTAKES = [
    Mistake("pointwise.W-not-transposed", "W's numbers are read as (C, FN)", read_transposed, "W is (FN, C, 1, 1)"),
    Mistake("pointwise.no-transpose", "the numbers stand in the order (N, H, W, FN) and are reshaped",
            alter(out=lambda a, q: a["out"].transpose(0, 2, 3, 1).reshape(a["out"].shape)),
            "bring the filters to the second place"),
    *list_pixel_mistakes("pointwise"),
    Mistake("pointwise.dout-no-transpose",
            "dout is reshaped to one channel a column without bringing its channels to the end first",
            with_dout(read_last), "transpose dout to (N, OH, OW, channels) before it is reshaped"),
    *(Mistake("pointwise.dout-sides-swapped", f"dout is {how}", swap_dout(turned), AS_IT_CAME)
      for how, turned in (("turned, rows and columns, and read in its own shape", True),
                          ("reshaped to (N, FN, W, H), and turned", False))),
    Mistake("pointwise.dx-W-reshaped", "for dx W's numbers are read as (C, FN)", alter_one("dx", read_transposed),
            "W is (FN, C, 1, 1), in backward too"),
    Mistake("pointwise.channels-averaged", "the channels are averaged, not summed",
            ask_with(W=lambda q: q["W"] / q["W"].shape[1]), "add the channels up"),
    Mistake("pointwise.first-channel-only", "only the first channel counts",
            ask_with(W=lambda q: q["W"] * (np.arange(q["W"].shape[1]) == 0)[:, None, None]), "add the channels up"),
    *list_filter_mistakes("pointwise", sides=False),
    *list_db_mistakes("pointwise"),
    *list_repeated_biases("pointwise", "channel"),
    *list_relu_mistakes("pointwise"),
    *list_running_sums("pointwise"),
    *list_dout_orders("pointwise"),
    *list_left_images("pointwise", "dx", "dW", "db"),
]
# fmt: on
