"""Filters that are arrays of their own, in a list; and biases in a list of numbers."""

import pytest

from ..special.targets import differing, numbers, read

CONV = """
class ConvLayer:
    def __init__(self, in_channels, num_filters, size):
        self.size = size
        self.filters = [np.random.randn(in_channels, size, size) for _ in range(num_filters)]
        self.biases = {biases}
    def forward(self, x):
        self.x, k = x, self.size
        self.windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
        maps = [np.einsum('ncyxij,cij->nyx', self.windows, w) + b for w, b in zip(self.filters, self.biases)]
        return np.stack(maps, axis=1)
    def backward(self, grad{rate}):
        k, dx = self.size, np.zeros(self.x.shape)
        {keep}d_filters = [np.einsum('ncyxij,nyx->cij', self.windows, grad[:, f]) for f in range(len(self.filters))]
        {keep}d_biases = [float(grad[:, f].{sum}()) for f in range(len(self.filters))]
        for f, w in enumerate(self.filters):
            for i in range(k):
                for j in range(k):
                    g = grad[:, f, None] * w[None, :, i, j, None, None]
                    dx[:, :, i:i + grad.shape[2], j:j + grad.shape[3]] += g
        {step}
        return {returned}
"""
STEP = """for f in range(len(self.filters)):
            self.filters[f] = self.filters[f] - lr * d_filters[f]
            self.biases[f] {sign}= lr * d_biases[f]"""
BIASES = {
    "numbers": "[float(np.random.randn()) for _ in range(num_filters)]",
    "zeros": "[0.0] * num_filters",
    "an array": "np.random.randn(num_filters)",
}
GIVEN = {
    "kept": {"keep": "self.", "rate": "", "step": "pass", "returned": "dx"},
    "returned": {"keep": "", "rate": "", "step": "pass", "returned": "dx, d_filters, d_biases"},
    "steps": {"keep": "", "rate": ", lr", "step": STEP.format(sign="-"), "returned": "dx"},
}


@pytest.mark.slow
@pytest.mark.parametrize("summed, wrong", [("sum", set()), ("mean", {"db"})])
@pytest.mark.parametrize("biases", BIASES)
@pytest.mark.parametrize("given", GIVEN)
def test_list_of_filters_is_read_as_one_array(tmp_path, given, biases, summed, wrong):
    subject = read(tmp_path, CONV.format(biases=BIASES[biases], sum=summed, **GIVEN[given]))
    assert differing(subject, "Convolution", numbers(4, 3, 2, 2), numbers(4), x=numbers(2, 3, 6, 5)) == wrong
    assert subject.interfaces["Convolution"].spoken.names["W"] == ".filters"


@pytest.mark.slow
def test_weights_that_a_layer_moves_are_put_back_into_the_list(tmp_path):
    subject = read(tmp_path, CONV.format(biases=BIASES["numbers"], sum="sum", **GIVEN["steps"]))
    w, x = numbers(4, 3, 2, 2), numbers(2, 3, 6, 5)
    layer, before = subject.names["Convolution"](w, numbers(4)), w.copy()
    first = layer.forward(x)
    layer.backward(first)
    assert (w == before).all() and (layer.forward(x) == first).all()


DENSE = """
class Dense:
    def __init__(self, n_in, n_out):
        self.weights = [np.random.randn(n_in) for _ in range(n_out)]
        self.biases = [0.0] * n_out
    def forward(self, x):
        self.x = x
        return np.stack([x @ w {sign} b for w, b in zip(self.weights, self.biases)], axis=1)
    def backward(self, grad):
        self.grad_weights = [self.x.T @ grad[:, j] for j in range(len(self.weights))]
        self.grad_biases = [float(grad[:, j].sum()) for j in range(len(self.weights))]
        return sum(np.outer(grad[:, j], w) for j, w in enumerate(self.weights))
"""


@pytest.mark.parametrize("sign, wrong", [("+", set()), ("-", {"out"})])
def test_neurons_in_a_list_are_the_rows_of_one_array(tmp_path, sign, wrong):
    subject = read(tmp_path, DENSE.format(sign=sign))
    assert differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(7, 6)) == wrong
