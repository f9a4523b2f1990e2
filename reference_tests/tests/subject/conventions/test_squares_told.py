"""Filters whose code takes one side for both are asked square windows only; code that names both sides, all of them."""

import pytest

from .special.targets import differing, numbers, read

CONV = """
def pads(x, p):
    return np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
{helper}
def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters['stride'], hparameters['pad']
    {sides}
    Ap = pads(A_prev, p)
    n_H, n_W = (Ap.shape[1] - {h}) // s + 1, (Ap.shape[2] - {w}) // s + 1
    Z = np.zeros((len(Ap), n_H, n_W, W.shape[-1]))
    for i in range(n_H):
        for j in range(n_W):
            Z[:, i, j] = np.tensordot(Ap[:, i * s : i * s + {h}, j * s : j * s + {w}], W, 3) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p = hparameters['stride'], hparameters['pad']
    {back}
    Ap = pads(A_prev, p)
    dAp, dW = np.zeros(Ap.shape), np.zeros(W.shape)
    for i in range(dZ.shape[1]):
        for j in range(dZ.shape[2]):
            at = (slice(None), slice(i * s, i * s + {bh}), slice(j * s, j * s + {bw}))
            dAp[at] += np.tensordot(dZ[:, i, j], W, (1, 3))
            dW += np.tensordot(Ap[at], dZ[:, i, j], (0, 0))
    return dAp[:, p : p + A_prev.shape[1], p : p + A_prev.shape[2]], dW, dZ.sum((0, 1, 2)).reshape(b.shape)
"""
PLAIN = {"helper": "", "h": "f", "w": "f", "bh": "f", "bw": "f", "back": "f = W.shape[0]"}
SQUARE = {
    "two tuples": "(m, H, Wd, C), (f, _, _, n_C) = A_prev.shape, W.shape",
    "one name twice": "m, (f, f, C, n_C) = len(A_prev), W.shape",
    "a list": "[f, _, C, n_C] = W.shape",
    "two targets": "dims = (f, f, C, n_C) = W.shape",
    "numpy's shape": "f = np.shape(W)[0]",
    "beside another": "f, n_C = W.shape[0], W.shape[3]",
    "a helper": "f = side(W)",
    "a helper of both": "m, f = sizes(A_prev, W)",
}
HELPERS = """
def side(kernel):
    (k, _, _, _) = kernel.shape
    return k
def sizes(images, kernel):
    return images.shape[0], kernel.shape[1]
"""
BOTH = {
    "two names": {"sides": "(m, H, Wd, C), (fh, fw, _, n_C) = A_prev.shape, W.shape"},
    "two sides": {"sides": "fh, fw = W.shape[:2]"},
    "a helper": {"sides": "fh, fw = both(W)", "helper": "def both(kernel): return kernel.shape[0], kernel.shape[1]"},
}


def load_conv(tmp_path, **parts):
    """Return the target, and its reading of the convolution."""
    subject = read(tmp_path, CONV.format(**PLAIN | parts))
    return subject, subject.interfaces["Convolution"]


def is_wrong(subject, rows, columns):
    """Return whether the convolution stops at a window of this size, or differs from ours."""
    given = numbers(3, 2, rows, columns), numbers(3), 1, 1
    try:
        return bool(differing(subject, "Convolution", *given, x=numbers(2, 2, 7, 6)))
    except ValueError:
        return True


@pytest.mark.parametrize("sides", SQUARE)
def test_one_side_for_both_is_a_limit(tmp_path, sides):
    subject, interface = load_conv(tmp_path, sides=SQUARE[sides], helper=HELPERS)
    assert interface.reach == {"FW": ["FH"]}
    assert not is_wrong(subject, 3, 3)


@pytest.mark.parametrize("sides", BOTH)
def test_code_that_names_both_sides_is_asked_all_windows(tmp_path, sides):
    right = {"h": "fh", "w": "fw", "bh": "W.shape[0]", "bw": "W.shape[1]"}
    subject, interface = load_conv(tmp_path, **BOTH[sides], **right)
    assert interface.reach == {} and not is_wrong(subject, 3, 2)
    subject, interface = load_conv(tmp_path, **BOTH[sides], **right | {"w": "fh"})
    assert interface.reach == {} and is_wrong(subject, 3, 2)


def test_backward_alone_that_takes_one_side_is_wrong(tmp_path):
    subject, interface = load_conv(tmp_path, **BOTH["two names"], h="fh", w="fw")
    assert interface.reach == {} and is_wrong(subject, 3, 2)


POOL = """
class Pooling:
    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad
    def forward(self, x):
        f, s, p = self.pool_h, self.stride, self.pad
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        return np.lib.stride_tricks.sliding_window_view(x, (f, f), (2, 3))[:, :, ::s, ::s].max((4, 5))
"""


def test_interface_of_two_sides_is_asked_all_windows(tmp_path):
    subject = read(tmp_path, POOL)
    assert "Pooling" not in subject.interfaces
    assert differing(subject, "Pooling", 3, 2, x=numbers(2, 2, 7, 6), backward=False) == {"out"}


CLASS = """
class Conv:
    def __init__(self, filters, bias, {told}stride=1, padding=0):
        self.filters, self.bias, self.s, self.p = filters, bias, stride, padding
        {f}
    def forward(self, x):
        p, s = self.p, self.s
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        view = np.lib.stride_tricks.sliding_window_view(xp, (self.f, self.g), (2, 3))[:, :, ::s, ::s]
        return np.einsum('nchwij,fcij->nfhw', view, self.filters) + self.bias[:, None, None]
"""
GREY = """
def conv2d(image, kernel, stride=1):
    {k}
    h, w = (image.shape[0] - k) // stride + 1, (image.shape[1] - {l}) // stride + 1
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            out[i, j] = np.sum(image[i * stride : i * stride + k, j * stride : j * stride + {l}] * kernel)
    return out
"""
TOLD = {  # -> the text, whether it is a limit
    "one number": (CLASS.format(told="filter_size, ", f="self.f = self.g = filter_size"), True),
    "two numbers": (CLASS.format(told="kh, kw, ", f="self.f, self.g = kh, kw"), False),
    "one of two numbers": (CLASS.format(told="kh, kw, ", f="self.f = self.g = kh"), False),
    "a length": (GREY.format(k="k = len(kernel)", l="k"), True),
    "two lengths": (GREY.format(k="k, l = len(kernel), len(kernel[0])", l="l"), False),
    "two sides": (GREY.format(k="k, l = kernel.shape", l="l"), False),
    "one of two sides": (GREY.format(k="k, l = kernel.shape", l="k"), False),
    "a length and a side": (GREY.format(k="k, l = len(kernel), kernel.shape[1]", l="k"), False),
}


@pytest.mark.parametrize("told", TOLD)
def test_side_that_is_told_or_measured_is_a_limit(tmp_path, told):
    text, limit = TOLD[told]
    assert (read(tmp_path, text).interfaces["Convolution"].reach.get("FW") == ["FH"]) is limit
