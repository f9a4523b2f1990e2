"""A learner's answers, given by the book's classes. A question about a class that the file lacks is not asked."""

import os
from typing import Any

import numpy as np

from reference_tests.subject.load import load
from reference_tests.subject.source import LoadError

TARGET = os.environ.get("CONVCHECK_TARGET", "impl")
try:
    NAMES = load(TARGET).names
except LoadError as error:
    raise ImportError(str(error)) from None

NEEDS = {
    "Convolution": "S01 S09 S10 S12 S14 S17 S18 C01 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18 C20 C21",
    "Pooling": "S02 S08 S11 S13 S15 S16 P01 P05 P06 P07 P08 P09",
    "AveragePooling": "P02 P10",
    "im2col": "C22",
    "Relu": "A01 A03 A04",
    "Sigmoid": "A05",
    "SoftmaxWithLoss": "L01 L02 L03 L04 L06 L07 L08 L09",
    "LRN": "R01 R02 R03 R04 R05",
    "Dropout": "D01 D02 D03 D04 D05",
}
COMPONENTS = {id: name for name, ids in NEEDS.items() for id in ids.split()}


class Absent:
    """The reasons why a question is not asked: the file has no such class, or the contract has none."""

    def get(self, id: str) -> str | None:
        """Return the reason, or None for a question that the file can be asked."""
        id = id.split("#")[0]
        if id not in COMPONENTS:
            return "not in the contract"
        return None if NAMES.get(COMPONENTS[id]) is not None else f"no {COMPONENTS[id]} in this file"


ABSENT = Absent()


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    return {"version": os.path.basename(TARGET), "switches": {"numpy": np.__version__}, "device": "cpu"}


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, stride: Any = 1, pad: Any = 0) -> Any:
    """Run a Convolution layer forward."""
    return NAMES["Convolution"](w, np.zeros(len(w), w.dtype) if b is None else b, stride, pad).forward(x)


def pool(x: np.ndarray, height: int, width: int, stride: Any, pad: Any = 0, name: str = "Pooling") -> Any:
    """Run a pooling layer of this name forward."""
    return NAMES[name](height, width, stride, pad).forward(x)


def pool_gradient(x: np.ndarray, height: int, width: int, stride: Any) -> Any:
    """Return the gradient of the sum of a max pooling layer's output."""
    layer = NAMES["Pooling"](height, width, stride, 0)
    return layer.backward(np.ones_like(layer.forward(x)))


def relu_gradient(x: np.ndarray) -> Any:
    """Return the gradient of the sum of a Relu layer's output."""
    layer = NAMES["Relu"]()
    layer.forward(x.copy())
    return layer.backward(np.ones_like(x))


def entropy(x: np.ndarray, t: np.ndarray) -> Any:
    """Run a SoftmaxWithLoss layer forward."""
    return NAMES["SoftmaxWithLoss"]().forward(x, t)


def lrn(x: np.ndarray, n: int, alpha: float) -> Any:
    """Run an LRN layer with k 1 and beta 1 forward."""
    return NAMES["LRN"](n, 1.0, alpha, 1.0).forward(x)


def dropout(x: np.ndarray, ratio: Any, train: bool) -> Any:
    """Run a Dropout layer forward."""
    return NAMES["Dropout"](ratio).forward(x, train)


def rounding_error(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    both = lrn(x, 3, 1.0)
    return bool(np.allclose(both[1:], lrn(x[1:], 3, 1.0), rtol=1e-6))


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    layer = NAMES["LRN"]()
    return f"size {layer.n}, alpha {layer.alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


PROBES = {
    "S01": lambda x, w, s: conv(x, w, stride=s),
    "S02": lambda x, k, s: pool(x, k, k, s),
    "S08": lambda x, k, p: pool(x, k, k, 1, p),
    "S09": lambda x, w, p: conv(x, w, pad=p),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: pool(x, k, k, s),
    "S13": lambda x: pool(x, 2, 2, 2),
    "S14": lambda x, w: conv(x, w, stride=0),
    "S15": lambda x, k: pool(x, k, k, 0),
    "S16": lambda x, k: NAMES["Pooling"](k, k).forward(x),
    "S17": lambda x, w: NAMES["Convolution"](w, np.zeros(1, "float32")).forward(x),
    "S18": lambda x, w: conv(x, w, pad=-1),
    "C15": rounding_error,
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C20": lambda: [2, 3, 5, 4] if conv(np.ones((1, 3, 5, 4)), np.ones((2, 3, 5, 4))).shape == (1, 2, 1, 1) else None,
    "C22": lambda x: NAMES["im2col"](x, 2, 2, 1, 0).ravel(),
    "P01": lambda x, k, s, p: pool(x, k, k, s, p),
    "P02": lambda x, k, p: pool(x, k, k, 1, p, "AveragePooling")[0, 0, 0, 0],
    "P05": lambda x, k: pool_gradient(x, k[0], k[1], 2),
    "P06": lambda x, k: pool_gradient(x, 1, k, 1),
    "P07": lambda x, k: pool(x, 1, k, k),
    "P08": lambda x, k: pool(x, k[0], k[1], 2),
    "P09": lambda x: pool(x, 1, 2, 1),
    "P10": lambda x: pool(x, 1, 2, 1, name="AveragePooling"),
    "A01": relu_gradient,
    "A03": lambda x: np.copysign(1, NAMES["Relu"]().forward(x)),
    "A04": lambda x: NAMES["Relu"]().forward(x),
    "A05": lambda x: NAMES["Sigmoid"]().forward(x),
    "R01": lambda x, n: lrn(x, n, 1.0)[0, n // 2],
    "R02": lambda x, n: lrn(x, n, float(n)).ravel(),
    "R03": lambda x, n: lrn(x, n, float(n)).ravel(),
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    "D01": lambda x, p: np.unique(dropout(x, p, True)),
    "D02": lambda x, p: float((dropout(x, p, True) == 0).mean()),
    "D03": lambda x: dropout(x, 1.0, True),
    "D04": lambda x, p: np.unique(dropout(x, p, False)),
    "D05": lambda x: bool((NAMES["Dropout"]().forward(x) == 0).any()),
}
