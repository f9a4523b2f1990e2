"""Affine: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .backward import list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of, list_shape_mistakes, read_last
from .left_out import list_last_chunks, list_left_images
from .sides import list_type_mistakes
from .sums import OF_DW, list_totals, sum_dW


def flatten(a: np.ndarray) -> np.ndarray:
    """Flatten each image: (N, ...) to (N, D)."""
    return a.reshape(len(a), -1)


def flatten_in_order(order: Callable[[int], tuple[int, ...]]) -> WrongAnswer:
    """Move x's axes to order(x.ndim) before it is flattened; dx takes the same way back."""

    def answer(ask: Ask, q: Question) -> Answer:
        axes = order(q["x"].ndim)
        x = q["x"].transpose(axes)
        wrong = ask(q.but(x=x.reshape(len(x), -1)))
        if "dx" in wrong:
            wrong["dx"] = wrong["dx"].reshape(x.shape).transpose(np.argsort(axes))
        return wrong

    return answer


def mix_images(rows_too: bool, back: bool) -> WrongAnswer:
    """Take reshape(-1, N).T for the batch: the numbers of one image are spread over all of them.

    rows_too: also where x is (N, D) already. back: dx takes the same way back; else it is reshaped straight.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q["x"].ndim == 2 and not rows_too:
            return None
        wrong = ask(q.but(x=q["x"].reshape(-1, len(q["x"])).T))
        if "dx" in wrong:
            wrong["dx"] = (wrong["dx"].T if back else wrong["dx"]).reshape(q["x"].shape)
        return wrong

    return answer


def add_bias_down(ask: Ask, q: Question) -> Answer:
    """Add b along the batch, which can only be done with as many images as outputs."""
    n, m = len(q["x"]), len(q["b"])
    if n != m:
        return {}
    right = ask(q)
    wrong = {"out": right["out"] - q["b"] + q["b"][:, None]}
    return right | wrong | ({"db": q.dout.sum(1)} if q.dout is not None else {})


# fmt: off
MISTAKES = [
    *list_shape_mistakes("affine")[:1],  # the output is flat anyway
    Mistake("affine.bias-missing", "the bias b is not added", ask_with(b=lambda q: q["b"] * 0), "add b to the product"),
    Mistake("affine.bias-doubled", "the bias b is added twice", ask_with(b=lambda q: q["b"] * 2), "add b once"),
    Mistake("affine.bias-subtracted", "the bias b is subtracted", ask_with(b=lambda q: -q["b"]), "add b"),
    Mistake("affine.bias-mean", "the mean of b is added to every output, not each output's own bias",
            ask_with(b=lambda q: np.full_like(q["b"], q["b"].mean())), "add b as it is: one number an output"),
    Mistake("affine.bias-first-only", "only the first number of b is used, for all outputs",
            ask_with(b=lambda q: np.full_like(q["b"], q["b"][0])), "add b as it is: one number an output"),
    Mistake("affine.bias-sum", "the sum of b is added to every output, not each output's own bias",
            ask_with(b=lambda q: np.full_like(q["b"], q["b"].sum())), "add b as it is: one number an output"),
    Mistake("affine.x-truncated", "x is cut to whole numbers first", ask_with(x=lambda q: np.trunc(q["x"])),
            "use x as it is; reshape needs no other type"),
    Mistake("affine.bias-times-inputs", "b is added once for every input, not once",
            ask_with(b=lambda q: len(q["W"]) * q["b"]), "add b behind the loop over the inputs"),
    Mistake("affine.bias-down", "b is added down the batch: one number an image, not one an output", add_bias_down,
            "add b, of shape (M,), to the product, of shape (N, M): NumPy lays it along the last axis"),
    Mistake("affine.W-transposed", "W is transposed before the product; it is (D, M) already",
            ask_with(W=lambda q: q["W"].T), "multiply the flattened x, (N, D), by W, (D, M)"),
    Mistake("affine.W-reversed", "the rows of W are taken from the end", ask_with(W=lambda q: q["W"][::-1]),
            "number d of a flattened image meets row d of W"),
    Mistake("affine.outputs-reversed", "the outputs stand in the reverse order",
            alter(out=lambda a, q: a["out"][:, ::-1]),
            "output m is that of column m of W"),
    Mistake("affine.relu-inside", "negative outputs are set to 0: the activation is a layer of its own",
            alter(out=lambda a, q: np.maximum(a["out"], 0)), "add b and leave the rest to the next layer"),
    Mistake("affine.channels-last", "x is flattened as (N, H, W, C): its channels are moved to the end first",
            flatten_in_order(lambda ndim: (0, *range(2, ndim), 1)), "flatten x as it is, without a transpose"),
    Mistake("affine.fortran-order", "x is flattened in Fortran's order: the first axis of an image runs fastest",
            flatten_in_order(lambda ndim: (0, *range(ndim - 1, 0, -1))),
            "flatten in C order, which is reshape's default"),
    Mistake("affine.rows-columns-swapped", "the last two axes of x are swapped before it is flattened",
            flatten_in_order(lambda ndim: (*range(ndim - 2), ndim - 1, ndim - 2) if ndim > 2 else (0, 1)),
            "flatten x as it is, without a transpose"),
    *(Mistake("affine.batch-last", "x is reshaped to (D, N) and transposed: every row holds numbers of several images",
              mix_images(rows_too, back), "reshape to (N, -1): the batch stays the first axis")
      for rows_too in (True, False) for back in (True, False)),
    Mistake("affine.out-mean", "the product is divided by the number of inputs",
            alter(out=lambda a, q: (a["out"] - q["b"]) / len(q["W"]) + q["b"]),
            "the products are summed, not averaged"),
    Mistake("affine.dx-flat", "dx is (N, D): it is not given x's own shape back",
            alter(dx=lambda a, q: flatten(a["dx"])), "remember x's shape in forward and reshape dx to it"),
    Mistake("affine.dx-W-not-transposed", "dout is multiplied by W as it is: dx needs its transpose",
            alter(dx=lambda a, q: (q.dout @ q["W"]).reshape(q["x"].shape)),
            "dx is the product of dout, (N, M), and W's transpose, (M, D)"),
    Mistake("affine.dx-mean", "dx is divided by the number of images", alter(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.dx-W-reshaped", "for dx W is reshaped to (M, D) where it should be transposed",
            alter(dx=lambda a, q: (dout_of(q) @ q["W"].reshape(q["W"].shape[::-1])).reshape(q["x"].shape)),
            "dx is the product of dout, (N, M), and W's transpose, (M, D)"),
    Mistake("affine.dx-channels-last", "dx is put back as (N, H, W, C), and its channels are brought to the front",
            alter(dx=lambda a, q: read_last(a["dx"]) if a["dx"].ndim == 4 else a["dx"]),
            "reshape the product to x's shape, without a transpose"),
    Mistake("affine.dx-columns-swapped", "dx is put back into x's shape in another order of axes",
            alter(dx=lambda a, q: a["dx"].reshape(len(q["x"]), *q["x"].shape[:0:-1]).swapaxes(1, -1)),
            "reshape the product to x's shape, without a transpose"),
    Mistake("affine.dW-transposed", "dW is transposed: it has W's shape, (D, M)", alter(dW=lambda a, q: a["dW"].T),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.dW-mean", "dW is divided by the number of images", alter(dW=lambda a, q: a["dW"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.dW-x-not-transposed", "x as it is is multiplied by dout: dW needs its transpose",
            alter(dW=lambda a, q: flatten(q["x"]) @ q.dout),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.dW-first-image", "dW is that of the first image alone",
            alter(dW=lambda a, q: np.outer(q["x"][0], dout_of(q)[0])),
            "every image adds to dW: the matrix product sums over the batch"),
    Mistake("affine.dW-last-image", "dW is that of the last image alone",
            alter(dW=lambda a, q: np.outer(q["x"][-1], dout_of(q)[-1])),
            "every image adds to dW: the matrix product sums over the batch"),
    Mistake("affine.dW-without-x", "dW is made of dout alone, x is left out",
            alter(dW=lambda a, q: np.broadcast_to(dout_of(q).sum(0), a["dW"].shape)),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.db-mean", "db is averaged over the batch, not summed",
            alter(db=lambda a, q: a["db"] / len(q["x"])), "sum dout over the batch"),
    Mistake("affine.gradients-mean", "dW and db are divided by the number of images",
            alter(dW=lambda a, q: a["dW"] / len(q["x"]), db=lambda a, q: a["db"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.db-wrong-axis", "dout is summed over the outputs, one number an image: db is one number an output",
            alter(db=lambda a, q: dout_of(q).sum(1)), "sum dout over axis 0, the batch"),
    Mistake("affine.db-one-number", "db is the sum of all of dout, one number: b has one an output",
            alter(db=lambda a, q: dout_of(q).sum()), "sum dout over axis 0, the batch"),
    Mistake("affine.db-of-dW", OF_DW, sum_dW(-1), "sum dout over axis 0, the batch"),
    *list_totals("affine", "db"),
    *list_relu_mistakes("affine"),
    Mistake("affine.db-not-summed", "db is dout itself, one row an image: the batch is not summed",
            alter(db=lambda a, q: dout_of(q)), "sum dout over axis 0, the batch"),
    Mistake("affine.db-first-image", "db is that of the first image alone", alter(db=lambda a, q: dout_of(q)[0]),
            "sum dout over axis 0, the batch"),
    Mistake("affine.db-last-image", "db is that of the last image alone", alter(db=lambda a, q: dout_of(q)[-1]),
            "sum dout over axis 0, the batch"),
    *list_last_chunks("affine"),
    Mistake("affine.db-keepdims", "db is (1, M): it has b's shape, (M,)", alter(db=lambda a, q: a["db"][None]),
            "sum over axis 0 without keeping it"),
    Mistake("affine.db-zero", "db is all zeros", alter(db=lambda a, q: a["db"] * 0),
            "sum dout over axis 0, the batch"),
    Mistake("affine.squeezed", "of a batch of one image the batch axis is dropped",
            alter(out=lambda a, q: a["out"][0] if len(a["out"]) == 1 else a["out"]),
            "squeeze drops the batch too where it is one image: leave the shape alone", alone=True),
    Mistake("affine.truncated", "the numbers are cut to whole ones", alter(out=lambda a, q: np.trunc(a["out"])),
            "let the array that the result is written into have a floating-point type"),
    *list_type_mistakes("affine"),
    *list_left_images("affine", "dx", "dW", "db"),
]
# fmt: on


def keep_rows_of_zeros(ask: Ask, old: Question, new: Question) -> Answer | None:
    """Leave those rows of dW as they were whose inputs are 0 in the whole batch."""
    if old.dout is None or new.dout is None or old["W"].shape != new["W"].shape:
        return None
    dead = ~np.any(new["x"].reshape(len(new["x"]), -1), axis=0)
    found = ask(new)
    return {**found, "dW": np.where(dead[:, None], ask(old)["dW"], found["dW"])}


HISTORY = (
    Mistake("affine.zeros-left-out", "rows of inputs that are 0 in the whole batch keep what an earlier call has left",
            keep_rows_of_zeros, "set all of dW in every backward: those rows are 0"),
)  # fmt: skip
