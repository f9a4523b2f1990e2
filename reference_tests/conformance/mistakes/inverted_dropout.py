"""Inverted dropout: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ..types import Mistake
from .changes import at_inference, leave_to_rule
from .small_integers import WIDER

DIVIDE = "in training divide what is kept by 1 - ratio; at inference give x back as it is"
MASK = "multiply dout by forward's mask and divide it by 1 - ratio"
# fmt: off
MISTAKES = [
    Mistake("inverted_dropout.book", "inference is scaled by 1 - ratio, as in the book's dropout",
            at_inference(lambda x, ratio: x * (1 - ratio)), DIVIDE),
    Mistake("inverted_dropout.inference-divided", "inference is divided by 1 - ratio",
            at_inference(lambda x, ratio: x / (1 - ratio) if ratio < 1 else x * np.inf), DIVIDE),
    Mistake("inverted_dropout.whole-factor",
            "what is kept is divided by 1 - ratio as // divides: 1 / (1 - ratio) is cut to a whole number",
            leave_to_rule, "divide by / where numbers are not whole"),
    Mistake("inverted_dropout.not-scaled", "what is kept is not divided by 1 - ratio in training", leave_to_rule,
            DIVIDE),
    Mistake("inverted_dropout.multiplied", "what is kept is multiplied by 1 - ratio in training", leave_to_rule,
            DIVIDE),
    Mistake("inverted_dropout.by-ratio", "what is kept is divided by the ratio", leave_to_rule, DIVIDE),
    Mistake("inverted_dropout.by-share-kept",
            "what is kept is divided by the share that happened to be kept, not by 1 - ratio", leave_to_rule, DIVIDE),
    Mistake("inverted_dropout.scaled-twice", "what is kept is divided by 1 - ratio twice", leave_to_rule, DIVIDE),
    Mistake("inverted_dropout.mask-repeats", "places are dropped together: the mask is smaller than x and is repeated",
            leave_to_rule, "draw a mask of x's own shape"),
    Mistake("inverted_dropout.share", "another share of the numbers is dropped than the ratio says", leave_to_rule,
            "compare numbers drawn evenly from 0 to 1 with the ratio"),
    Mistake("inverted_dropout.ratio-is-kept", "the ratio is taken for the share kept; it is the share dropped",
            leave_to_rule, "keep where a random number from 0 to 1 is at least the ratio"),
    Mistake("inverted_dropout.nothing-dropped", "nothing is dropped in training", leave_to_rule, "draw a mask"),
    Mistake("inverted_dropout.infers-by-default", "without train_flg forward infers; it should train", leave_to_rule,
            "let train_flg be True by default, as in the book"),
    Mistake("inverted_dropout.mask-kept",
            "the next forward has the same mask again: it is kept, or every forward seeds a generator of its own, as "
            "by default_rng(42)", leave_to_rule,
            "draw a mask in every forward, from one generator that is made once"),
    Mistake("inverted_dropout.oldest-mask", "backward takes the mask of the oldest forward, the first in a list",
            leave_to_rule, "keep one mask, that of the last forward, as self.mask"),
    Mistake("inverted_dropout.mask-of-training",
            "backward after inference uses the mask of the training before it", leave_to_rule,
            "let every forward say what its backward does: after inference, give dout back"),
    Mistake("inverted_dropout.mask-shared",
            "the mask of another layer is used: one mask, on the class or global, is for all", leave_to_rule,
            "keep the mask as self.mask: every layer has its own"),
    Mistake("inverted_dropout.dx-not-scaled", "backward does not divide by 1 - ratio", leave_to_rule, MASK),
    Mistake("inverted_dropout.dx-multiplied", "backward multiplies by 1 - ratio", leave_to_rule, MASK),
    Mistake("inverted_dropout.dx-scaled-twice", "backward divides by 1 - ratio twice", leave_to_rule, MASK),
    Mistake("inverted_dropout.dx-by-share-kept",
            "backward divides by the share that happened to be kept, not by 1 - ratio", leave_to_rule, MASK),
    Mistake("inverted_dropout.dx-no-mask", "backward lets dout through everywhere", leave_to_rule, MASK),
    Mistake("inverted_dropout.dx-other-mask", "backward drops other places than forward did", leave_to_rule, MASK),
    Mistake("inverted_dropout.backward-by-quotient",
            "the gradient is taken from out / x, so that where x is 0 dout passes, or nan comes out", leave_to_rule,
            MASK),
    Mistake("inverted_dropout.backward-by-output",
            "the mask is read off the output, so that where x is 0 dout is stopped though x was kept", leave_to_rule,
            MASK),
    Mistake("inverted_dropout.inference-stays", "after an inference training drops nothing any more", leave_to_rule,
            "let each forward do what its own train_flg says: write neither into the ratio nor into a flag"),
    Mistake("inverted_dropout.index-too-small",
            "places are kept in too small integers, of one byte or two: beyond those all are alike", leave_to_rule,
            WIDER),
    Mistake("inverted_dropout.ratio-per-cent", "the ratio is cut to whole per cent", leave_to_rule,
            "compare numbers drawn evenly from 0 to 1 with the ratio as it is"),
    Mistake("inverted_dropout.ratio-cut",
            "the ratio is cut to whole steps: a small one becomes 0, or one near 1 becomes 1",
            leave_to_rule, "compare numbers drawn evenly from 0 to 1 with the ratio as it is"),
    Mistake("inverted_dropout.exact-share",
            "an exact share of the numbers is dropped in every call, not each number by itself", leave_to_rule,
            "draw a number for each place and compare it with the ratio: a single number is dropped, too"),
    Mistake("inverted_dropout.last-numbers",
            "the last numbers are always dropped, or always kept: no chance is drawn for them", leave_to_rule,
            "draw a number for each place, also where they do not fill a whole byte or block"),
]
# fmt: on
