"""Convolution: all that is known of it."""

from ..geometry import grid
from ..mistakes import after, given
from ..tolerance import products
from ..types import Case, Mistake, Op

OP = Op(
    "convolution",
    "Convolution",
    "7.4.3",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)


def conv(why, x, W, stride=1, pad=0, **more):
    return Case(OP, why, {"x": x, "W": W, "b": W[:1]}, {"stride": stride, "pad": pad}, **more)


def whole(rng, name, shape):  # small integers for x, fractions for W
    return rng.integers(-9, 10, shape) if name == "x" else rng.standard_normal(shape)


# fmt: off
CASES = [
    #    the mistake it catches              x (N,C,H,W)     W (FN,C,FH,FW)
    conv("true convolution flips W",         (2, 3, 7, 6),   (4, 3, 5, 1)),
    conv("rows and columns swapped",         (2, 3, 8, 5),   (4, 3, 1, 2)),
    conv("square window transposed",         (2, 3, 7, 5),   (4, 3, 3, 3)),
    conv("square image",                     (2, 3, 6, 6),   (4, 3, 3, 2)),
    conv("padding cut off in backward",      (2, 3, 7, 5),   (6, 3, 4, 2), pad=2),
    conv("stride forgotten in backward",     (3, 2, 9, 5),   (4, 2, 3, 1), stride=2),
    conv("stride and padding swapped",       (2, 3, 9, 7),   (4, 3, 3, 1), stride=2, pad=1),
    conv("stride of three",                  (2, 3, 10, 7),  (4, 3, 4, 1), stride=3),
    conv("filter as large as the input",     (2, 3, 5, 4),   (6, 3, 5, 4)),
    conv("windows leave gaps",               (3, 2, 7, 10),  (5, 2, 1, 1), stride=3),
    conv("one image",                        (1, 3, 6, 5),   (4, 3, 3, 2)),
    conv("one filter",                       (2, 3, 6, 5),   (1, 3, 3, 2)),
    conv("batch worked in pieces of four",   (7, 2, 4, 5),   (3, 2, 3, 2)),
    conv("filters as many as output columns", (2, 3, 6, 5),  (4, 3, 3, 2)),
    conv("integer images",                   (2, 3, 6, 5),   (4, 3, 3, 2), draw=whole, refuse="may"),
    conv("a size that does not divide",      (2, 3, 8, 7),   (4, 3, 3, 2), stride=2, level="edge", refuse="may"),
]
# fmt: on
REFUSED = [conv("filter larger than the input", (2, 3, 3, 4), (4, 3, 5, 2), level="edge")]


def allowed(q, want, eps):
    fn, c, fh, fw = q["W"].shape
    n, _, oh, ow = want["out"].shape
    return products(q, {"out": c * fh * fw + 1, "dx": fn * fh * fw, "dW": n * oh * ow, "db": n * oh * ow}, eps)


def sizes():
    for g in grid(filters=(1, 2)):
        yield (
            g,
            conv(
                f"small {g}",
                (g["N"], g["C"], g["H"], g["W"]),
                (g["FN"], g["C"], g["FH"], g["FW"]),
                g["stride"],
                g["pad"],
            ),
        )


def row_major(a, q):  # (N,OH,OW,FN) read as (N,FN,OH,OW)
    return a["out"].transpose(0, 2, 3, 1).reshape(a["out"].shape)


def stride_ignored(ask, q):
    s, (_, _, oh, ow) = q["stride"], ask(q)["out"].shape
    wide = ask(q.but(stride=1, dout=None))["out"][:, :, :oh, :ow]
    return {"out": wide}


MISTAKES = [  # a few, to show how they read
    Mistake(
        "conv.flipped",
        "W is rotated by 180 degrees (true convolution); a CNN layer uses W as it is",
        given(W=lambda q: q["W"][..., ::-1, ::-1]),
    ),
    Mistake("conv.bias-missing", "the bias b is not added", given(b=lambda q: q["b"] * 0)),
    Mistake(
        "conv.no-transpose",
        "the product is (N, OH, OW, FN); it is reshaped without the transpose",
        after(out=row_major),
    ),
    Mistake("conv.pad-ignored", "the padding is ignored", given(pad=lambda q: 0)),
    Mistake("conv.stride-ignored", "the stride is ignored", stride_ignored),
    Mistake(
        "conv.db-mean", "db is averaged, not summed", after(db=lambda a, q: a["db"] / (q.dout.size / len(a["db"])))
    ),
    Mistake(
        "conv.dW-no-transpose",
        "col.T @ dout is (C*FH*FW, FN): it is reshaped without the transpose",
        after(dW=lambda a, q: a["dW"].reshape(len(a["dW"]), -1).T.reshape(a["dW"].shape)),
    ),
]
