"""Affine: its known mistakes."""

import numpy as np

from ..types import Mistake
from .changes import after, given, of_shape


def rows(a):
    return a.reshape(len(a), -1)


def flattened(order):
    """x's own axes in another order before it is flattened; backward the same way back."""

    def answer(ask, q):
        axes = order(q["x"].ndim)
        x = q["x"].transpose(axes)
        wrong = ask(q.but(x=x.reshape(len(x), -1)))
        if "dx" in wrong:
            wrong["dx"] = wrong["dx"].reshape(x.shape).transpose(np.argsort(axes))
        return wrong

    return answer


def batch_in_the_middle(ask, q):
    """reshape(-1, N).T: the numbers of one image are spread over all of them."""
    x = q["x"].reshape(-1, len(q["x"])).T
    wrong = ask(q.but(x=x))
    return wrong | ({"dx": wrong["dx"].T.reshape(q["x"].shape)} if "dx" in wrong else {})


def bias_down(ask, q):
    n, m = len(q["x"]), len(q["b"])
    if n != m:
        return {}
    right = ask(q)
    wrong = {"out": right["out"] - q["b"] + q["b"][:, None]}
    return right | wrong | ({"db": q.dout.sum(1)} if q.dout is not None else {})


# fmt: off
MISTAKES = [
    *of_shape("affine")[:1],  # the output is flat anyway
    Mistake("affine.bias-missing", "the bias b is not added", given(b=lambda q: q["b"] * 0), "add b to the product"),
    Mistake("affine.bias-doubled", "the bias b is added twice", given(b=lambda q: q["b"] * 2), "add b once"),
    Mistake("affine.bias-subtracted", "the bias b is subtracted", given(b=lambda q: -q["b"]), "add b"),
    Mistake("affine.bias-mean", "the mean of b is added to every output, not each output's own bias",
            given(b=lambda q: np.full_like(q["b"], q["b"].mean())), "add b as it is: one number an output"),
    Mistake("affine.bias-first-only", "only the first number of b is used, for all outputs",
            given(b=lambda q: np.full_like(q["b"], q["b"][0])), "add b as it is: one number an output"),
    Mistake("affine.bias-down", "b is added down the batch: one number an image, not one an output", bias_down,
            "add b, of shape (M,), to the product, of shape (N, M): NumPy lays it along the last axis"),
    Mistake("affine.W-transposed", "W is transposed before the product; it is (D, M) already",
            given(W=lambda q: q["W"].T), "multiply the flattened x, (N, D), by W, (D, M)"),
    Mistake("affine.channels-last", "x is flattened as (N, H, W, C): its channels are moved to the end first",
            flattened(lambda ndim: (0, *range(2, ndim), 1)), "flatten x as it is, without a transpose"),
    Mistake("affine.fortran-order", "x is flattened in Fortran's order: the first axis of an image runs fastest",
            flattened(lambda ndim: (0, *range(ndim - 1, 0, -1))), "flatten in C order, which is reshape's default"),
    Mistake("affine.rows-columns-swapped", "the last two axes of x are swapped before it is flattened",
            flattened(lambda ndim: (*range(ndim - 2), ndim - 1, ndim - 2) if ndim > 2 else (0, 1)),
            "flatten x as it is, without a transpose"),
    Mistake("affine.batch-last", "x is reshaped to (D, N) and transposed: every row holds numbers of several images",
            batch_in_the_middle, "reshape to (N, -1): the batch stays the first axis"),
    Mistake("affine.out-mean", "the product is divided by the number of inputs",
            after(out=lambda a, q: (a["out"] - q["b"]) / len(q["W"]) + q["b"]),
            "the products are summed, not averaged"),
    Mistake("affine.dx-flat", "dx is (N, D): it is not given x's own shape back",
            after(dx=lambda a, q: rows(a["dx"])), "remember x's shape in forward and reshape dx to it"),
    Mistake("affine.dx-W-not-transposed", "dout is multiplied by W as it is: dx needs its transpose",
            after(dx=lambda a, q: (q.dout @ q["W"]).reshape(q["x"].shape)),
            "dx is the product of dout, (N, M), and W's transpose, (M, D)"),
    Mistake("affine.dx-mean", "dx is divided by the number of images", after(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.dx-columns-swapped", "dx is put back into x's shape in another order of axes",
            after(dx=lambda a, q: a["dx"].reshape(len(q["x"]), *q["x"].shape[:0:-1]).swapaxes(1, -1)),
            "reshape the product to x's shape, without a transpose"),
    Mistake("affine.dW-transposed", "dW is transposed: it has W's shape, (D, M)", after(dW=lambda a, q: a["dW"].T),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.dW-mean", "dW is divided by the number of images", after(dW=lambda a, q: a["dW"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.gradients-mean", "dW and db are divided by the number of images",
            after(dW=lambda a, q: a["dW"] / len(q["x"]), db=lambda a, q: a["db"] / len(q["x"])),
            "the loss has averaged already: the layer does not"),
    Mistake("affine.dW-x-not-transposed", "x as it is is multiplied by dout: dW needs its transpose",
            after(dW=lambda a, q: rows(q["x"]) @ q.dout),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.dW-first-image", "dW is that of the first image alone",
            after(dW=lambda a, q: np.outer(q["x"][0], q.dout[0])),
            "every image adds to dW: the matrix product sums over the batch"),
    Mistake("affine.dW-without-x", "dW is made of dout alone, x is left out",
            after(dW=lambda a, q: np.broadcast_to(q.dout.sum(0), a["dW"].shape)),
            "dW is the product of x's transpose, (D, N), and dout, (N, M)"),
    Mistake("affine.db-mean", "db is averaged over the batch, not summed",
            after(db=lambda a, q: a["db"] / len(q["x"])), "sum dout over the batch"),
    Mistake("affine.db-wrong-axis", "dout is summed over the outputs, one number an image: db is one number an output",
            after(db=lambda a, q: q.dout.sum(1)), "sum dout over axis 0, the batch"),
    Mistake("affine.db-one-number", "db is the sum of all of dout, one number: b has one an output",
            after(db=lambda a, q: q.dout.sum()), "sum dout over axis 0, the batch"),
    Mistake("affine.db-not-summed", "db is dout itself, one row an image: the batch is not summed",
            after(db=lambda a, q: q.dout), "sum dout over axis 0, the batch"),
    Mistake("affine.db-first-image", "db is that of the first image alone", after(db=lambda a, q: q.dout[0]),
            "sum dout over axis 0, the batch"),
    Mistake("affine.db-last-image", "db is that of the last image alone", after(db=lambda a, q: q.dout[-1]),
            "sum dout over axis 0, the batch"),
    Mistake("affine.db-keepdims", "db is (1, M): it has b's shape, (M,)", after(db=lambda a, q: a["db"][None]),
            "sum over axis 0 without keeping it"),
    Mistake("affine.db-zero", "db is all zeros", after(db=lambda a, q: a["db"] * 0),
            "sum dout over axis 0, the batch"),
    Mistake("affine.truncated", "the numbers are cut to whole ones", after(out=lambda a, q: np.trunc(a["out"])),
            "let the array that the result is written into have a floating-point type"),
]
# fmt: on
