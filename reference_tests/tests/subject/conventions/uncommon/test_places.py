"""Arguments that their places tell: two of one meaning, weights called b, a bias as a column of a function alone."""

import pytest

from ..special.targets import differing, numbers, read

COLUMNS = """
class Linear:
    def __init__(self, m, n):
        self.W, self.W0 = np.zeros((m, n)), np.zeros((n, 1))
    def forward(self, A):
        self.A = A
        return self.W.T @ A + self.W0
    def backward(self, dLdZ):
        self.dLdW, self.dLdW0 = self.A @ dLdZ.T, dLdZ.sum(1, keepdims=True){wrong}
        return self.W @ dLdZ
"""


@pytest.mark.parametrize(("wrong", "parts"), [("", set()), (" / 2", {"db"})])
def test_of_two_numbers_of_units_the_first_is_that_of_inputs(tmp_path, wrong, parts):
    subject = read(tmp_path, COLUMNS.format(wrong=wrong))
    assert differing(subject, "Affine", numbers(5, 3), numbers(3, seed=3), x=numbers(4, 5)) == parts


CONV = """
def conv_forward({arguments}):
    s, p = stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    n, c, h, wd = x.shape
    f, _, kh, kw = {w}.shape
    oh, ow = (h - kh) // s + 1, (wd - kw) // s + 1
    cols = np.stack([x[:, :, i*s:i*s+kh, j*s:j*s+kw].reshape(n, -1) for i in range(oh) for j in range(ow)], 2)
    out = {turned}{w}.reshape(f, -1) @ cols{bias}
    return out.reshape(n, f, oh, ow)
"""


@pytest.mark.parametrize(
    ("arguments", "w", "bias", "turned", "wrong"),
    [
        ("x, w, b, stride=1, padding=0", "w", " + b", "", set()),
        ("x, w, b, stride=1, padding=0", "w", " + b", "-", {"out"}),
        ("x, b, stride=1, padding=0", "b", "", "", set()),
        ("x, b, stride=1, padding=0", "b", "", "-", {"out"}),
    ],
)
def test_a_bias_is_a_column_and_a_second_array_alone_is_the_weights(tmp_path, arguments, w, bias, turned, wrong):
    subject = read(tmp_path, CONV.format(arguments=arguments, w=w, bias=bias, turned=turned))
    given = numbers(3, 2, 2, 3), numbers(3, seed=3), 1, 1
    assert differing(subject, "Convolution", *given, x=numbers(2, 2, 5, 6), backward=False) == wrong


def test_a_class_without_a_constructor_is_judged_only_where_its_passes_fit(tmp_path):
    """A gradient that is kept on the arrays themselves cannot be asked: it is said, and not judged."""
    kept = (
        "class Relu:\n    def forward(self, inp): return np.maximum(inp, 0)\n    def backward(self): self.inp.g = 1\n"
    )
    subject = read(tmp_path, kept)
    assert [one.name for one in subject.unread] == ["Relu"]


WHOLE = """
class Convolution:
    def __init__(self, input_dim, n_filter, h_filter, w_filter, stride, padding):
        self.depth, self.rows, self.columns = input_dim
        self.h_filter, self.w_filter, self.stride, self.padding = h_filter, w_filter, stride, padding
        self.W, self.b = np.zeros((n_filter, self.depth, h_filter, w_filter)), np.zeros((n_filter, 1))
    def forward(self, X):
        p, s = self.padding, self.stride
        X = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(X, (self.h_filter, self.w_filter), (2, 3))
        return np.einsum('nchwij,fcij->nfhw', windows[:, :, ::s, ::s], {w}) + self.b[:, :, None]
"""


@pytest.mark.parametrize(("w", "wrong"), [("self.W", set()), ("self.W[..., ::-1]", {"out"})])
def test_dimensions_that_code_takes_apart_to_three_are_the_whole_shape(tmp_path, w, wrong):
    subject = read(tmp_path, WHOLE.format(w=w))
    given = numbers(3, 2, 2, 3), numbers(3, seed=3), 2, 1
    assert differing(subject, "Convolution", *given, x=numbers(2, 2, 6, 7), backward=False) == wrong


GRADIENT = """
class Sigmoid:
    def forward(self, z):
        self.a = 1 / (1 + np.exp(-z))
        return self.a
    def gradient(self, delta):
        return delta * self.a{slope}
"""


@pytest.mark.parametrize(("slope", "wrong"), [(" * (1 - self.a)", set()), ("", {"dx"})])
def test_a_backward_pass_of_another_name_is_asked_under_the_book_s_name_too(tmp_path, slope, wrong):
    assert differing(read(tmp_path, GRADIENT.format(slope=slope)), "Sigmoid", x=numbers(3, 4)) == wrong


APART = """
def linear(x, w, b):
    return x @ w + b
def linear_weight_grad(x, w_shape, dy):
    return (x.T @ dy).reshape(w_shape)
"""


def test_a_gradient_of_the_weights_alone_is_no_backward_pass(tmp_path):
    subject = read(tmp_path, APART)
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(2, 4), backward=False) == set()
    assert not hasattr(subject.names["Affine"], "backward")
