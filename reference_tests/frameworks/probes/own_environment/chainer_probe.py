"""Chainer's answers (chainer.functions): a row for each question."""

import warnings
from typing import Any

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

ABSENT = {"*": "not asked of Chainer", "K": "links.LocalConvolution2D only"}
warnings.simplefilter("ignore")


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    np.random.seed(0)  # noqa: NPY002, Chainer draws from it
    return {"version": chainer.__version__, "switches": {"numpy": np.__version__}, "device": "cpu"}


def array(y: Any) -> Any:
    """Return a variable as a NumPy array."""
    return np.array(y.array)


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return array(F.convolution_2d(x, w, b, **how))


def max_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return array(F.max_pooling_2d(x, window, **how))


def average_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return array(F.average_pooling_2d(x, window, **how))


def gradient(function: Any, x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    leaf = chainer.Variable(x)
    F.sum(function(leaf)).backward()
    return leaf.grad


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return array(F.softmax_cross_entropy(x, t, **how))


def norm(x: np.ndarray, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    mean, var = np.zeros(x.shape[1], "float32"), np.ones(x.shape[1], "float32")
    one, zero = np.ones(x.shape[1], "float32"), np.zeros(x.shape[1], "float32")
    out = F.batch_normalization(x, one, zero, running_mean=mean, running_var=var, **how)
    return array(out), mean, var


def lrn(x: np.ndarray, n: int) -> Any:
    """Apply local response normalization with k, alpha and beta 1."""
    return array(F.local_response_normalization(x, n, 1.0, 1.0, 1.0))


def dropped(x: np.ndarray, p: float, train: bool = True) -> Any:
    """Apply dropout."""
    with chainer.using_config("train", train):
        return array(F.dropout(x, p))


def moved(optimizer: Any, gradients: Any, begin: float = 0.0, rates: Any = ()) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    link = chainer.Link()
    with link.init_scope():
        link.w = chainer.Parameter(np.array([begin], "float64"))
    optimizer.setup(link)
    path = []
    for i, g in enumerate(gradients):
        if rates:
            optimizer.lr = rates[i]
        link.w.grad = np.array([g])
        optimizer.update()
        path.append(begin - float(link.w.array[0]))
    return path


PROBES = {
    "S01": lambda x, w, s: conv(x, w, stride=s),
    "S02": lambda x, k, s: max_pool(x, k, stride=s),
    "S03": lambda x, k, s: max_pool(x, k, stride=s, cover_all=True),
    "S04": lambda x, k, s: max_pool(x, k, stride=s, cover_all=True),
    "S08": lambda x, k, p: max_pool(x, k, stride=1, pad=p),
    "S09": lambda x, w, p: conv(x, w, pad=p),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: max_pool(x, k, stride=s),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: conv(x, w, stride=0),
    "S15": lambda x, k: max_pool(x, k, stride=0),
    "S16": lambda x, k: max_pool(x, k),
    "S18": lambda x, w: conv(x, w, pad=-1),
    "C02": lambda x, w: array(F.deconvolution_2d(x, w)),
    "C03": lambda x, w, s: array(F.deconvolution_2d(x, w, stride=s)),
    "C04": lambda x, w, d: conv(x, w, dilate=(1, d)),
    "C05": lambda x, w: conv(x, w, dilate=0),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C20": lambda: L.Convolution2D(3, 2, (5, 4)).W.shape,
    "C22": lambda x: array(F.im2col(x, 2)).ravel(),
    "T01": lambda: L.Deconvolution2D(2, 3, (5, 4)).W.shape,
    "P01": lambda x, k, s, p: max_pool(x, k, stride=s, pad=p),
    "P02": lambda x, k, p: average_pool(x, k, stride=1, pad=p)[0, 0, 0, 0],
    "P05": lambda x, k: gradient(lambda x: F.max_pooling_2d(x, tuple(k)), x),
    "P06": lambda x, k: gradient(lambda x: F.max_pooling_2d(x, (1, k), stride=1), x),
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, tuple(k)),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    "P13": lambda x: gradient(F.max, x),
    "A01": lambda x: gradient(F.relu, x),
    "A02": lambda x: gradient(lambda x: F.maximum(x, np.zeros_like(x.array)), x),
    "A03": lambda x: np.copysign(1, array(F.relu(x))),
    "A04": lambda x: array(F.relu(x)),
    "A05": lambda x: array(F.sigmoid(x)),
    "A06": lambda x: array(F.softmax(x, axis=1)),
    "A07": lambda x: array(F.softmax(x)),
    "A09": lambda x: -array(F.leaky_relu(x)),
    "A10": lambda x: array(F.hard_sigmoid(x)),
    "A11": lambda x: gradient(lambda x: F.clip(x, 0.0, 1.0), x),
    "A12": lambda x: gradient(F.relu6, x),
    "A16": lambda x: array(F.argmax(x)),
    "L11": lambda x, t, weights: entropy(x, t.astype("int32"), class_weight=weights),
    "L13": lambda x, t: array(F.mean_squared_error(x, t)),
    "R01": lambda x, n: lrn(x, n)[0, n // 2],
    "R02": lambda x, n: lrn(x, n).ravel(),
    "R03": lambda x, n: lrn(x, n).ravel(),
    "R04": lambda: "size 5, alpha {2:g}, beta {3:g}, k {1:g}".format(*F.local_response_normalization.__defaults__),
    "D01": lambda x, p: np.unique(dropped(x, p)),
    "D02": lambda x, p: float((dropped(x, p) == 0).mean()),
    "D03": lambda x: dropped(x, 1.0),
    "D04": lambda x, p: np.unique(dropped(x, p, train=False)),
    "D05": lambda x: bool((array(F.dropout(x)) == 0).any()),
    "B01": lambda: L.BatchNormalization(1).eps,
    "B03": lambda x: norm(x)[1] / 10,
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    "N01": lambda x: norm(x)[0].max(),
    "F02": lambda: L.Linear(3, 5).W.shape,
    "F03": lambda x: L.Linear(None, 5)(x).shape,
    "F04": lambda x: F.flatten(x).shape,
    "E01": lambda x: array(L.BatchNormalization(1)(x)).max(),
    "E03": lambda x: -array(L.PReLU()(x)),
    "E04": lambda x: L.PReLU().W.shape or [1],
    "W02": lambda: L.Convolution2D(16, 16, 3).b.array[:3],
    "O01": lambda then: moved(chainer.optimizers.MomentumSGD(1.0), (1.0, 0.0), rates=(1.0, then))[-1],
    "O02": lambda g: moved(chainer.optimizers.RMSprop(1.0), (g,))[0],
    "O03": lambda g: moved(chainer.optimizers.Adam(1.0), (g,))[0],
    "O07": lambda g: moved(chainer.optimizers.AdaGrad(1.0), (g,))[0],
    "O09": lambda: chainer.optimizers.SGD().lr,
    "O11": lambda: moved(chainer.optimizers.NesterovAG(1.0), (1.0, 1.0))[-1],
}
