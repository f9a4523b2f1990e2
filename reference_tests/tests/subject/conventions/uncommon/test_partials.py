"""Partial functions: max_pool = partial(pool, fn=np.max) is read as a function of the arguments that are left."""

from pathlib import Path

from ..special.targets import differing, numbers, read

TARGET = """
from functools import partial

def pool(x, size, stride, fn):
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - size) // stride + 1, (W - size) // stride + 1))
    for i, j in np.ndindex(out.shape[2:]):
        window = x[:, :, i * stride:i * stride + size, j * stride:j * stride + size]
        out[:, :, i, j] = fn(window, axis=(2, 3))
    return out

max_pool, avg_pool = partial(pool, fn=np.max), partial(pool, fn=np.mean)

def padded(pad, x, w, b, stride=1):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncyxij,fcij->nfyx", windows, w) + b[None, :, None, None]

conv_valid = partial(padded, 0)

class Conv2D:
    def __init__(self, filters, size):
        self.filters = filters

Conv3x3 = partial(Conv2D, size=3)
"""
X = numbers(2, 3, 6, 8)


def test_partial_functions_are_read(tmp_path: Path) -> None:
    """Named and first arguments may be given already; each is called under its own name."""
    subject = read(tmp_path, TARGET)
    assert differing(subject, "Pooling", 2, 2, 2, x=X, backward=False) == set()
    assert differing(subject, "AveragePooling", 2, 2, 2, x=X, backward=False) == set()
    filters, bias = numbers(4, 3, 2, 2), numbers(4, seed=3)
    assert differing(subject, "Convolution", filters, bias, 2, 0, x=X, backward=False) == set()
    assert subject.interfaces["Pooling"].text.startswith("max_pool(x, size, stride): ")


def test_mistake_in_partial_function_is_seen(tmp_path: Path) -> None:
    """A maximum that is a mean is read as what its name says, and differs."""
    wrong = TARGET.replace("partial(pool, fn=np.max)", "partial(pool, fn=np.mean)")
    assert differing(read(tmp_path, wrong), "Pooling", 2, 2, 2, x=X, backward=False) == {"out"}


def test_function_that_is_told_how_to_reduce_a_window_is_maximum_and_mean(tmp_path: Path) -> None:
    """Without partial functions beside it, it is given NumPy's."""
    subject = read(tmp_path, TARGET.replace("max_pool, avg_pool", "first, second"))
    assert subject.interfaces["Pooling"].text.startswith("pool(x, size, stride, fn): ")
    assert differing(subject, "Pooling", 2, 2, 2, x=X, backward=False) == set()
