"""MXNet's answers (mxnet.nd and gluon): a row for each question."""

from typing import Any

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

ABSENT = {"*": "not asked of MXNet"}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    mx.random.seed(0)
    return {"version": mx.__version__, "switches": {"numpy": np.__version__}, "device": "cpu"}


def to_nd(a: np.ndarray) -> Any:
    """Return an array as MXNet's, of the same type."""
    return nd.array(a, dtype=a.dtype)


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    bias = {"no_bias": True} if b is None else {"bias": to_nd(b)}
    return nd.Convolution(to_nd(x), to_nd(w), kernel=w.shape[2:], num_filter=len(w), **bias, **how).asnumpy()


def transposed(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW)."""
    return nd.Deconvolution(to_nd(x), to_nd(w), kernel=w.shape[2:], num_filter=w.shape[1], **how).asnumpy()


def pool(x: np.ndarray, window: Any, kind: str = "max", **how: Any) -> Any:
    """Reduce each window of x (N, C, H, W)."""
    return nd.Pooling(to_nd(x), kernel=tuple(window), pool_type=kind, **how).asnumpy()


def gradient(function: Any, x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    leaf = to_nd(x)
    leaf.attach_grad()
    with autograd.record():
        out = function(leaf).sum()
    out.backward()
    return leaf.grad.asnumpy()


def lrn(x: np.ndarray, n: int, alpha: float = 1.0) -> Any:
    """Apply local response normalization with k and beta 1."""
    return nd.LRN(to_nd(x), nsize=n, alpha=alpha, beta=1.0, knorm=1.0).asnumpy()


def layer(new: Any, x: np.ndarray) -> Any:
    """Return what a new gluon layer makes of x."""
    new.initialize()
    return new(to_nd(x)).asnumpy()


def shape_of(new: Any, *shape: int) -> Any:
    """Return the shape of a new gluon layer's weights."""
    new.initialize()
    new(nd.ones(shape))
    return list(new.weight.shape)


def moved(name: str, gradients: Any, begin: float = 0.0, rates: Any = (), **how: Any) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    optimizer = mx.optimizer.create(name, **how)
    w, path = nd.array([begin]), []
    state = optimizer.create_state(0, w)
    for i, g in enumerate(gradients):
        if rates:
            optimizer.set_learning_rate(rates[i])
        optimizer.update(0, w, nd.array([g]), state)
        path.append(begin - float(w.asscalar()))
    return path


def norm_layer(x: np.ndarray) -> Any:
    """Return a gluon BatchNorm layer that has seen a batch in training."""
    new = gluon.nn.BatchNorm()
    new.initialize()
    with autograd.record():
        new(to_nd(x)).wait_to_read()
    return new


def batch_norm_mean(x: np.ndarray) -> Any:
    """Return the running mean after one batch."""
    return norm_layer(x).running_mean.data().asnumpy()


def layer_bias() -> Any:
    """Return three numbers of a new convolution layer's bias."""
    new = gluon.nn.Conv2D(16, 3)
    new.initialize()
    new(nd.ones((1, 16, 9, 9)))
    return new.bias.data().asnumpy()[:3]


PROBES = {
    "S01": lambda x, w, s: conv(x, w, stride=(s, s)),
    "S02": lambda x, k, s: pool(x, (k, k), stride=(s, s)),
    "S03": lambda x, k, s: pool(x, (k, k), stride=(s, s), pooling_convention="full"),
    "S04": lambda x, k, s: pool(x, (k, k), stride=(s, s), pooling_convention="full"),
    "S08": lambda x, k, p: pool(x, (k, k), pad=(p, p)),
    "S09": lambda x, w, p: conv(x, w, pad=(p, p)),
    "S10": lambda x, w, s: conv(x, w, stride=(s, s)),
    "S11": lambda x, k, s: pool(x, (k, k), stride=(s, s)),
    "S16": lambda x, k: pool(x, (k, k)),
    "S18": lambda x, w: conv(x, w, pad=(-1, -1)),
    "C02": lambda x, w: transposed(x, w),
    "C03": lambda x, w, s: transposed(x, w, stride=(s, s)),
    "C04": lambda x, w, d: conv(x, w, dilate=(1, d)),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C20": lambda: shape_of(gluon.nn.Conv2D(2, (5, 4)), 1, 3, 9, 9),
    "T01": lambda: shape_of(gluon.nn.Conv2DTranspose(3, (5, 4)), 1, 2, 9, 9),
    "T03": lambda x, w, s, out: transposed(x, w, stride=(1, s), pad=(0, 1), adj=(0, out)),
    "P01": lambda x, k, s, p: pool(x, (k, k), stride=(s, s), pad=(p, p)),
    "P02": lambda x, k, p: pool(x, (k, k), "avg", pad=(p, p))[0, 0, 0, 0],
    "P03": lambda x, k, s: pool(x, (k, k), "avg", stride=(s, s), pooling_convention="full")[0, 0, 1, 1],
    "P05": lambda x, k: gradient(lambda x: nd.Pooling(x, kernel=tuple(k), pool_type="max"), x),
    "P07": lambda x, k: pool(x, (1, k), stride=(1, k)),
    "P08": lambda x, k: pool(x, k),
    "A01": lambda x: gradient(nd.relu, x),
    "A04": lambda x: nd.relu(to_nd(x)).asnumpy(),
    "A05": lambda x: nd.sigmoid(to_nd(x)).asnumpy(),
    "A06": lambda x: nd.softmax(to_nd(x), axis=1).asnumpy(),
    "A07": lambda x: nd.softmax(to_nd(x)).asnumpy(),
    "A09": lambda x: -nd.LeakyReLU(to_nd(x)).asnumpy(),
    "A10": lambda x: nd.hard_sigmoid(to_nd(x)).asnumpy(),
    "A11": lambda x: gradient(lambda x: nd.clip(x, 0, 1), x),
    "A14": lambda x: nd.clip(to_nd(x), 0, 1).asnumpy(),
    "A16": lambda x: nd.argmax(to_nd(x), axis=0).asnumpy(),
    "L01": lambda x, t: gluon.loss.SoftmaxCrossEntropyLoss()(to_nd(x), to_nd(t)).asnumpy(),
    "L13": lambda x, t: gluon.loss.L2Loss()(to_nd(x), to_nd(t)).asnumpy(),
    "R01": lambda x, n: lrn(x, n)[0, n // 2],
    "R02": lambda x, n: lrn(x, n, float(n)).ravel(),
    "R03": lambda x, n: lrn(x, n, float(n)).ravel(),
    "B03": lambda x: batch_norm_mean(x) / 10,
    "B07": lambda x: list(norm_layer(x).gamma.shape),
    "F02": lambda: shape_of(gluon.nn.Dense(5), 1, 3),
    "F03": lambda x: layer(gluon.nn.Dense(5), x).shape,
    "F04": lambda x: nd.flatten(to_nd(x)).shape,
    "E01": lambda x: layer(gluon.nn.BatchNorm(), x).max(),
    "E02": lambda x: bool((layer(gluon.nn.Dropout(0.5), x) == 0).any()),
    "E03": lambda x: -layer(gluon.nn.PReLU(), x),
    "W02": lambda: layer_bias(),
    "O01": lambda then: moved("sgd", (1.0, 0.0), rates=(1.0, then), momentum=0.9, learning_rate=1.0)[-1],
    "O02": lambda g: moved("rmsprop", (g,), learning_rate=1.0)[0],
    "O03": lambda g: moved("adam", (g,), learning_rate=1.0)[0],
    "O07": lambda g: moved("adagrad", (g,), learning_rate=1.0)[0],
    "O09": lambda: mx.optimizer.SGD().learning_rate,
    "O11": lambda: moved("nag", (1.0, 1.0), learning_rate=1.0, momentum=0.9)[-1],
}
