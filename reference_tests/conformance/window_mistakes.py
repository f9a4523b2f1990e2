"""Mistakes that any layer with a sliding window can make: in the padding, the stride, the window, the order of axes."""

from collections.abc import Callable, Iterator

import numpy as np

from .mistakes import after, given
from .types import Mistake
from .window_changes import (
    at,
    cut,
    doubled,
    dout_misread,
    from_zero,
    grid,
    images,
    no_dout,
    one_sided,
    only,
    pads,
    reordered,
    swapped_window,
    through,
    uncropped,
)

FOUR_SIDES = "pad by the same amount on all four sides"
ONE_VALUE = "fill the padding with one constant value"
STARTS = "window (i, j) starts at row i * stride and at column j * stride of the padded image"
DOUT = "dout[i, j] belongs to the window that starts at i * stride and j * stride"
WINDOW = "the window has pool_h rows and pool_w columns; the stride only says how far it moves"
SUM = "the loss already holds the average over the batch: layers only add up"
SIDE_BY_SIDE = at(lambda q, oh, ow: (np.arange(oh), np.arange(ow)))
# fmt: off


def of_windows(prefix: str, fill: float = 0.0, pooling: bool = True) -> Iterator[Mistake]:
    """fill: what stands around the image. pooling: the window comes as pool_h and pool_w."""
    for code, text, answer, repair in (*table(fill), *(POOLING if pooling else ())):
        yield Mistake(f"{prefix}.{code}", text, answer, repair)


def table(fill: float) -> tuple[tuple[str, str, Callable, str], ...]:
    return (
        ("pad-ignored", "the padding is ignored", given(pad=lambda q: 0), FOUR_SIDES),
        ("pad-twice", "the padding is put on twice", given(pad=doubled),
         "either pad the image yourself or let im2col do it, not both"),
        ("pad-before-only", "all the padding is above and to the left, none below and to the right",
         at(lambda q, oh, ow: one_sided(q, oh, ow, 0), doubled), FOUR_SIDES),
        ("pad-after-only", "all the padding is below and to the right, none above and to the left",
         at(lambda q, oh, ow: one_sided(q, oh, ow, 2), doubled), FOUR_SIDES),
        ("pads-with-edge", "the padding repeats the border of the image", pads("edge"), ONE_VALUE),
        ("pads-with-mirror", "the padding mirrors the image", pads("reflect"), ONE_VALUE),
        ("stride-ignored", "the stride is ignored: windows stand side by side as with stride 1", SIDE_BY_SIDE, STARTS),
        ("stride-one-size", "the stride is ignored, in the output's size too", given(stride=lambda q: 1),
         "divide by the stride in the size, and start window i at i * stride"),
        ("stride-down-only", "the stride counts down only, not across",
         at(lambda q, oh, ow: (grid(q, oh, ow)[0], np.arange(ow))), STARTS),
        ("stride-across-only", "the stride counts across only, not down",
         at(lambda q, oh, ow: (np.arange(oh), grid(q, oh, ow)[1])), STARTS),
        ("stride-pad-swapped", "stride and pad are swapped",
         given(stride=lambda q: q["pad"], pad=lambda q: q["stride"]),
         "look at the order of the arguments: stride before pad"),
        ("rounded-up", "a size that does not divide is rounded up", lambda ask, q: cut(ask, q, fill),
         "refuse a size that does not divide, or round down"),
        ("one-row-short", "the last row and column of windows are missing",
         at(lambda q, oh, ow: tuple(p[:-1] for p in grid(q, oh, ow))),  # type: ignore[arg-type,return-value]
         "the number of windows is (size + 2 pad - window) / stride, plus 1"),
        ("axes-swapped", "height and width of the output are swapped",
         after(out=lambda a, q: a["out"].transpose(0, 1, 3, 2)), "the output is (N, channels, OH, OW)"),
        ("no-transpose", "the numbers stand in the order (N, OH, OW, channels) and are reshaped without a transpose",
         reordered(0, 2, 3, 1), "reshape to (N, OH, OW, channels) first, then bring the channels to the second place"),
        ("first-image-only", "every image of the batch gets the answer of the first",
         after(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)),
         "keep the batch axis: image n of the output comes from image n of the input"),
        ("truncated", "the numbers are cut to whole ones", after(out=lambda a, q: np.trunc(a["out"])),
         "let the array that the result is written into have a floating-point type"),
        ("dout-no-transpose", "dout is reshaped to one channel a column without bringing its channels to the end first",
         dout_misread, "transpose dout to (N, OH, OW, channels) before it is reshaped"),
        ("dout-ignored", "dout is taken for all ones", no_dout,
         "multiply by dout: it says how much each output place counts"),
        ("dx-averaged", "dx is divided by the number of images", through(images, "dx"), SUM),
        ("dx-stride-ignored", "dx puts windows back side by side, as with stride 1", only("dx", SIDE_BY_SIDE), DOUT),
        ("dx-not-cropped", "dx keeps the padding", uncropped(lambda a, q: a, fill),
         "cut the padding off dx on every side"),
        ("dx-crop-from-zero", "dx is cut from 0 to H: the padding above and to the left stays",
         uncropped(from_zero, fill), "cut dx out from pad to pad + H"),
        ("dx-truncated", "dx is cut to whole numbers", after(dx=lambda a, q: np.trunc(a["dx"])),
         "let dx have a floating-point type, whatever x has"),
    )


POOLING = (
    ("window-swapped", "the window's height and width are swapped", swapped_window, WINDOW),
    ("window-is-stride", "the window is stride x stride",
     given(pool_h=lambda q: q["stride"], pool_w=lambda q: q["stride"]), WINDOW),
    ("stride-is-window", "the windows move by their own size", given(stride=lambda q: q["pool_h"]), WINDOW),
    ("square-window", "the window is pool_h x pool_h", given(pool_w=lambda q: q["pool_h"]), WINDOW),
)
