"""Functions under the book's names that return more than the book's: the matrix is taken out of what they return."""

import numpy as np
import pytest

import impl.layers
import impl.plain.patches as ours
from reference_tests.subject.conventions.signatures import may_return_several, returns_several, tree_of

from .special.targets import numbers, read

COLUMNS = """
def im2col(x, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = x.shape
    out_h, out_w = (H + 2 * pad - filter_h) // stride + 1, (W + 2 * pad - filter_w) // stride + 1
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), (2, 3))[:, :, ::stride, ::stride]
    cols = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * out_h * out_w, -1){wrong}
    {returned}

def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_shape
    out_h, out_w = (H + 2 * pad - filter_h) // stride + 1, (W + 2 * pad - filter_w) // stride + 1
    col = col.reshape(N, out_h, out_w, C, filter_h, filter_w)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(out_h):
        for j in range(out_w):
            img[:, :, i * stride : i * stride + filter_h, j * stride : j * stride + filter_w] += col[:, i, j]
    return img[:, :, pad : H + pad, pad : W + pad]{more}
"""
RETURNED = {
    "sizes": "return cols, out_h, out_w",
    "sizes first": "return out_h, out_w, cols",
    "a tuple within": "return cols, (out_h, out_w)",
    "the images too": "return cols, x",
    "a variable": "result = (cols, out_h, out_w); return result",
    "two returns": "\n    if pad == 0: return cols, 0\n    return cols, pad",
}


def matrices(subject):
    """Return theirs and ours, of the same images; and theirs and ours turned into images again."""
    x = numbers(2, 3, 7, 6)
    given = (3, 2, 2, 1)
    col = ours.im2col(x, *given)
    back = subject.names["col2im"](col, x.shape, *given), ours.col2im(col, x.shape, *given)
    return (subject.names["im2col"](x, *given), col), back


@pytest.mark.parametrize("returned", RETURNED)
def test_matrix_is_taken_out_of_what_is_returned(tmp_path, returned):
    subject = read(tmp_path, COLUMNS.format(returned=RETURNED[returned], more=", col", wrong=""))
    for theirs, right in matrices(subject):
        assert np.allclose(theirs, right)


def test_annotation_says_that_more_is_returned(tmp_path):
    text = COLUMNS.format(returned="return pack(cols, out_h, out_w)", more="", wrong="")
    text = text.replace("stride=1, pad=0):", "stride=1, pad=0) -> tuple[np.ndarray, int, int]:", 1)
    subject = read(tmp_path, f"def pack(*parts): return parts\n{text}")
    (theirs, right), _ = matrices(subject)
    assert np.allclose(theirs, right)


@pytest.mark.parametrize("wrong", [" * 2", "[::-1]"])
def test_mistake_in_what_is_returned_is_seen(tmp_path, wrong):
    subject = read(tmp_path, COLUMNS.format(returned="return cols, out_h, out_w", more="", wrong=wrong))
    (theirs, right), _ = matrices(subject)
    assert theirs.shape == right.shape and not np.allclose(theirs, right)


def test_function_of_one_matrix_is_the_books_own(tmp_path):
    assert not read(tmp_path, COLUMNS.format(returned="return cols", more="", wrong="")).interfaces


LOSS = """
class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        {returned}
    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx{wrong}
"""
MEAN = "-np.mean(np.log(self.y[np.arange(len(x)), t]))"


@pytest.mark.parametrize("wrong", [" / len(dx)", ""])
@pytest.mark.parametrize("returned", [f"return {MEAN}, self.y", f"found = ({MEAN}, self.y); return found"])
def test_loss_is_taken_out_of_what_is_returned(tmp_path, returned, wrong):
    layer = read(tmp_path, LOSS.format(returned=returned, wrong=wrong)).names["SoftmaxWithLoss"]()
    right, x, t = impl.layers.SoftmaxWithLoss(), numbers(4, 3), np.array([2, 0, 1, 1])
    assert np.isclose(layer.forward(x, t), right.forward(x, t))
    assert np.allclose(layer.backward(), right.backward()) is bool(wrong)


def with_inner(x):
    def inner():
        return x, x

    return inner()[0]


def single(x):
    return (x,)


def either(x):
    if x:
        return x, x
    return x


@pytest.mark.parametrize("function", [with_inner, single, either])
def test_other_functions_return_one_thing(function):
    assert not returns_several(tree_of(function))


def pair(x):
    return x, []


def named(x):
    found = (x, x)
    assert found
    return found


def after_block(x):
    with np.errstate(all="ignore"):
        return x, x / 2


def annotated(x) -> tuple[int, int]:
    return divmod(x, 2)


def indexed(x):
    out = np.zeros((len(x), 2))
    out[1:, 0] = x[1:, 0].sum(axis=(0,), keepdims=True)
    return out.reshape((2, len(x)))[:, ::2]


@pytest.mark.parametrize("function", [pair, named, after_block, annotated])
def test_compiled_code_shows_that_several_things_may_be_returned(function):
    assert returns_several(tree_of(function))
    assert may_return_several(function)


@pytest.mark.parametrize("function", [single, indexed])
def test_compiled_code_without_such_a_tuple_need_not_be_read(function):
    assert not may_return_several(function)
