"""Dropout: its known mistakes. The order is the order of preference where rules see several."""

import numpy as np

from ..types import Mistake


def at_inference(f):
    return lambda ask, q: {"out": f(q["x"], q["dropout_ratio"])}


def seen(ask, q):
    """Not told by numbers of its own: a rule above sees it."""
    return {}


# fmt: off
MISTAKES = [
    Mistake("dropout.flag-turned", "training does what inference should: train_flg is not looked at, or the wrong way",
            seen, "draw a mask where train_flg is true; otherwise multiply by 1 - ratio"),
    Mistake("dropout.inverted", "what is kept is divided by 1 - ratio in training (inverted dropout, as frameworks do)",
            seen,
            "the book's layer leaves what is kept as it is, and multiplies by 1 - ratio at inference"),
    Mistake("dropout.inference-not-scaled", "at inference the numbers come out as they went in",
            at_inference(lambda x, ratio: x), "multiply by 1 - ratio: as much as training keeps on average"),
    Mistake("dropout.inference-scaled-by-ratio", "at inference x is multiplied by the ratio, the share dropped",
            at_inference(lambda x, ratio: x * ratio), "multiply by 1 - ratio"),
    Mistake("dropout.inference-divided", "at inference x is divided by 1 - ratio",
            at_inference(lambda x, ratio: x / (1 - ratio) if ratio < 1 else x * np.inf), "multiply by 1 - ratio"),
    Mistake("dropout.inference-squared", "at inference x is multiplied by 1 - ratio twice",
            at_inference(lambda x, ratio: x * (1 - ratio) ** 2), "multiply once"),
    Mistake("dropout.inference-half", "at inference x is multiplied by one half, whatever the ratio",
            at_inference(lambda x, ratio: x * 0.5), "use the ratio that was given"),
    Mistake("dropout.inference-zero", "at inference everything is 0", at_inference(lambda x, ratio: x * 0),
            "multiply x by 1 - ratio"),
    Mistake("dropout.mask-at-inference", "numbers are dropped at inference too", seen,
            "draw a mask only where train_flg is true; otherwise multiply by 1 - ratio"),
    Mistake("dropout.scaled-in-training", "the kept numbers are multiplied by 1 - ratio in training", seen,
            "in training x is multiplied by the mask alone; the scale belongs to inference"),
    Mistake("dropout.scaled-by-ratio-in-training", "the kept numbers are multiplied by the ratio in training", seen,
            "in training x is multiplied by the mask alone; the scale belongs to inference"),
    Mistake("dropout.mask-returned", "the mask comes out, not x under it", seen, "multiply x by the mask"),
    Mistake("dropout.mask-repeats", "places are dropped together: the mask is smaller than x and is repeated", seen,
            "draw a mask of x's own shape"),
    Mistake("dropout.ratio-is-kept", "the ratio is taken for the share kept; it is the share dropped", seen,
            "keep where a random number from 0 to 1 is above the ratio"),
    Mistake("dropout.share", "another share of the numbers is dropped than the ratio says", seen,
            "compare numbers drawn evenly from 0 to 1 with the ratio: rand, not randn"),
    Mistake("dropout.nothing-dropped", "nothing is dropped in training", seen, "multiply x by the mask"),
    Mistake("dropout.nothing-kept", "everything is dropped in training", seen,
            "keep where the number is above the ratio"),
    Mistake("dropout.mask-kept", "the same mask is used again in the next forward", seen,
            "draw a mask in every forward, and set no seed in it"),
    Mistake("dropout.backward-no-mask", "backward lets dout through everywhere", seen, "multiply dout by the mask"),
    Mistake("dropout.backward-other-places", "backward lets dout through where forward dropped", seen,
            "multiply dout by forward's mask"),
    Mistake("dropout.backward-scaled", "backward scales dout, forward did not scale x", seen,
            "multiply dout by the mask alone"),
    Mistake("dropout.backward-new-mask", "backward draws a mask of its own", seen, "remember forward's mask"),
    Mistake("dropout.backward-stale-mask", "backward uses the mask of an earlier forward", seen,
            "remember the mask in every forward"),
    Mistake("dropout.imprecise", "the kept numbers are right to a few digits only in training, or their gradients are",
            seen, "multiply by a mask of 0 and 1, in the type of x"),
    Mistake("dropout.mask-used-up", "the mask is gone after one backward", seen, "leave it for the next backward"),
    Mistake("dropout.dout-unused", "backward returns the mask, dout is left out", seen, "multiply dout by the mask"),
    Mistake("dropout.writes-dout", "backward multiplies the caller's own dout by the mask",
            seen, "return a new array: the caller may need dout again"),
    Mistake("dropout.truncated", "the numbers are cut to whole ones",
            at_inference(lambda x, ratio: np.trunc(x * (1 - ratio))),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
