"""What looks like a layer and is another operation is not judged, and the reason is said."""

import pytest

from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.source import LoadError

pytestmark = pytest.mark.slow
SPREAD = """import numpy as np


class Relu:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, dout):
        return dout * self.on


class ConvTranspose2d:
    def __init__(self, in_channels, out_channels, kernel_size, upsampling_factor):
        self.W = np.ones((out_channels, in_channels, kernel_size, kernel_size))
        self.b, self.factor = np.zeros(out_channels), upsampling_factor

    def forward(self, A):
        n, c, h, w = A.shape
        spread = np.zeros((n, c, self.factor * (h - 1) + 1, self.factor * (w - 1) + 1))
        spread[:, :, :: self.factor, :: self.factor] = A
        windows = np.lib.stride_tricks.sliding_window_view(spread, self.W.shape[2:], (2, 3))
        return np.einsum("nchwij,ocij->nohw", windows, self.W) + self.b[:, None, None]
"""
CARRIED = """import numpy as np


class Module:
    def __call__(self, *args):
        self.args, self.out = args, self.forward(*args)
        return self.out

    def backward(self):
        self.bwd(self.out, *self.args)


class Relu(Module):
    def forward(self, inp):
        return np.maximum(inp, 0)

    def bwd(self, out, inp):
        inp.g = (inp > 0) * out.g
"""
WITHOUT_SELF = """class Relu:
    def forward(self, x):
        return x * (x > 0)

    def backward(dout):
        return dout
"""
NETWORK = """import numpy as np


class SimpleConvNet:
    def __init__(self, units=3):
        self.W = np.ones(units)

    def loss(self, x, t):
        return np.tanh(x * self.W).sum()
"""

COLUMNS = """import numpy as np


def batchnorm_forward(Z, gamma, beta, eps=1e-8):
    "Z: (n, m), a column an example"
    mu = np.mean(Z, axis=1, keepdims=True)
    var = np.var(Z, axis=1, keepdims=True)
    Z_norm = (Z - mu) / np.sqrt(var + eps)
    return gamma * Z_norm + beta, (Z_norm, mu, var, gamma, eps)


def batchnorm_backward(dZt, cache):
    Z_norm, mu, var, gamma, eps = cache
    m = dZt.shape[1]
    dgamma = np.sum(dZt * Z_norm, axis=1, keepdims=True)
    dbeta = np.sum(dZt, axis=1, keepdims=True)
    dn = dZt * gamma
    dZ = (dn - dn.mean(axis=1, keepdims=True) - Z_norm * (dn * Z_norm).mean(axis=1, keepdims=True)) / np.sqrt(var + eps)
    return dZ, dgamma, dbeta


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    A, W, b = cache
    return W.T @ dZ, dZ @ A.T, dZ.sum(axis=1, keepdims=True)
"""


def unread(tmp_path, source):
    path = tmp_path / "layers.py"
    path.write_text(source)
    with RemoteSubject(str(path)) as subject:
        return {one.name: one for one in subject.unread}, subject.interfaces


def test_transposed_convolution_of_another_kind_is_not_judged(tmp_path):
    found, interfaces = unread(tmp_path, SPREAD)
    assert "without a border" in found["TransposedConvolution"].why
    assert "TransposedConvolution" not in interfaces


def test_gradients_that_arrays_carry_leave_the_forward_pass_to_judge(tmp_path):
    found, interfaces = unread(tmp_path, CARRIED)
    assert found["Relu"].part == "backward"
    assert "Relu" in interfaces


def test_a_backward_pass_without_self_is_asked_as_it_is(tmp_path):
    found, interfaces = unread(tmp_path, WITHOUT_SELF)
    assert not found
    assert "Relu" not in interfaces


def test_reason_is_said_for_a_network_of_the_contracts_name(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(NETWORK)
    with pytest.raises(LoadError, match="its layers are others"), RemoteSubject(str(path)):
        pass


def test_normalization_of_columns_is_not_judged(tmp_path):
    found, interfaces = unread(tmp_path, COLUMNS)
    assert found["BatchNorm"].why == "its examples are columns"
    assert "Affine" in interfaces
