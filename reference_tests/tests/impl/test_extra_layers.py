"""impl.layers beyond the book, where the suite has no check: relations between layers, refusals, buffers."""

from typing import cast

import numpy as np
import pytest

from impl import functional, layers
from impl.networks import Network, blocks
from impl.networks.graph import Graph

from .functional.torch_comparison import assert_message

RNG = np.random.default_rng(21)


@pytest.mark.parametrize("stride, pad", [(1, 0), (1, 2), (2, 1), (3, 0)])
@pytest.mark.parametrize("window", [(3, 2), (5, 5)])
def test_transposed_convolution_equals_a_convolutions_dx(stride, pad, window):
    """Its W, read with channels and filters as they stand, and no bias: FN channels come in, C go out."""
    FN, C = 4, 3
    H, W = (f + stride * n - 2 * pad for f, n in zip(window, (4, 5)))
    filters, x = RNG.standard_normal((FN, C, *window)), RNG.standard_normal((2, C, H, W))
    conv = layers.Convolution(filters, np.zeros(FN), stride, pad)
    dout = RNG.standard_normal(conv.forward(x).shape)
    transposed = layers.TransposedConvolution(filters, np.zeros(C), stride, pad)
    np.testing.assert_allclose(transposed.forward(dout), conv.backward(dout), atol=1e-12)
    dx = RNG.standard_normal(x.shape)
    np.testing.assert_allclose(transposed.backward(dx), conv.forward(dx), atol=1e-12)


def test_depthwise_then_pointwise_equals_a_separable_convolution():
    """One convolution whose filters are products: W[f, c] = pointwise[f, c] * depthwise[c]."""
    deep, point = RNG.standard_normal((3, 1, 2, 3)), RNG.standard_normal((5, 3, 1, 1))
    x = RNG.standard_normal((2, 3, 6, 7))
    middle = layers.DepthwiseConvolution(deep, np.zeros(3)).forward(x)
    two = layers.PointwiseConvolution(point, np.zeros(5)).forward(middle)
    np.testing.assert_allclose(two, layers.Convolution(point * deep[:, 0], np.zeros(5)).forward(x), atol=1e-12)


def test_locally_connected_with_equal_filters_equals_a_convolution():
    W, b, x = RNG.standard_normal((4, 3, 2, 3)), RNG.standard_normal(4), RNG.standard_normal((2, 3, 5, 6))
    conv = layers.Convolution(W, b)
    local = layers.LocallyConnected(np.tile(W, (4, 4, 1, 1, 1, 1)), np.tile(b[:, None, None], (1, 4, 4)))
    np.testing.assert_allclose(local.forward(x), conv.forward(x), atol=1e-12)
    dout = RNG.standard_normal((2, 4, 4, 4))
    np.testing.assert_allclose(local.backward(dout), conv.backward(dout), atol=1e-12)
    np.testing.assert_allclose(local.dW.sum(axis=(0, 1)), conv.dW, atol=1e-12)


def test_mean_normalization_mean_is_saved_with_the_network(tmp_path):
    train, test = RNG.random((9, 2, 3, 4)), RNG.random((5, 2, 3, 4)) + 7
    layer = layers.MeanNormalization(train)
    np.testing.assert_allclose(layer.forward(test), test - train.mean((0, 2, 3))[:, None, None])
    np.testing.assert_allclose(layer.forward(test[:1]), test[:1] - train.mean((0, 2, 3))[:, None, None])
    graph = Graph("centred", (2, 3, 4)).extend([("centre", blocks.MeanSubtraction()), ("fc", blocks.Dense(3))])
    net, other = (Network(graph, rng=seed, dtype=np.float64) for seed in (0, 1))
    net.buffers["centre.mean"] = layer.mean
    net.save_params(tmp_path / "net.safetensors")
    other.load_params(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(other.predict(test), net.predict(test))
    assert "centre.mean" not in net.params and graph.count == 24 * 3 + 3


def test_batch_norm_copies_its_statistics():
    mean, var = np.zeros(2), np.ones(2)
    layer = layers.BatchNorm(np.ones(2), np.zeros(2), running_mean=mean, running_var=var)
    layer.forward(RNG.random((3, 2, 4, 4)) + 5)
    assert not mean.any() and (var == 1).all() and (layer.running_mean > 0.4).all()


X = np.ones((2, 3, 4, 5))
TWO, THREE, FOUR = (np.ones(n) for n in (2, 3, 4))


def local(*shape):
    return layers.LocallyConnected(np.ones(shape), np.ones((shape[2], *shape[:2])))


REFUSED = {
    "one number a channel": (lambda: layers.BatchNorm(THREE, 0 * THREE).forward(X[:1, :, :1, :1]), "more than 1"),
    "statistics of other channels": (lambda: layers.BatchNorm(TWO, TWO).forward(X), "running_mean"),
    "inputs of other sizes": (lambda: layers.ChannelConcat().forward(X, X[:, :, :2]), "alike but for their channels"),
    "inputs of other batches": (lambda: layers.ChannelConcat().forward(X, X[:1]), "alike but for their channels"),
    "inputs of other widths": (lambda: layers.ChannelConcat().forward(X, X[..., :2]), "alike but for their channels"),
    "an input without axes": (lambda: layers.ChannelConcat().forward(X, np.ones(())), "alike but for their channels"),
    "an input without channels": (lambda: layers.ChannelConcat().forward(THREE), "alike but for their channels"),
    "inputs without channels": (lambda: layers.ChannelConcat().forward(TWO, TWO), "alike but for their channels"),
    "an input that is None": (lambda: layers.ChannelConcat().forward(X, cast(np.ndarray, None)), "x2 must hold real"),
    "nothing to join": (lambda: layers.ChannelConcat().forward(), "alike but for their channels, at least one"),
    "a shortcut of another shape": (lambda: layers.ResidualAdd().forward(X, X[:, :1]), "shortcut must have the shape"),
    "filters larger than 1x1": (lambda: layers.PointwiseConvolution(np.ones((2, 3, 2, 1)), TWO), "W must be"),
    "filters of three axes": (lambda: layers.PointwiseConvolution(np.ones((4, 1, 1)), FOUR), "W must be"),
    "no divisor": (lambda: layers.GroupedConvolution(np.ones((4, 1, 2, 2)), FOUR, groups=3).forward(X), "groups 3"),
    "filters for other places": (lambda: local(2, 2, 4, 3, 2, 2).forward(X), "weight must be"),
    "filters that do not fit": (lambda: local(1, 1, 4, 3, 9, 2).forward(X), "does not fit"),
    "one channel more": (lambda: layers.TransposedConvolution(np.ones((2, 3, 2, 2)), THREE).forward(X), "2 channels"),
    "no levels": (lambda: layers.SpatialPyramidPooling(()), "levels"),
    "a level of nothing": (lambda: layers.SpatialPyramidPooling((2, 0)), "levels"),
    "images without a channel axis": (lambda: layers.GlobalAveragePooling().forward(X[0]), "4 axes"),
    "a ratio above 1": (lambda: layers.InvertedDropout(1.5), "dropout_ratio"),
    "no training images": (lambda: layers.MeanNormalization(X[:0]), "at least one image"),
    "a training image without a batch": (lambda: layers.MeanNormalization(X[0]), "train must have 4 axes"),
    "images of other channels": (lambda: layers.MeanNormalization(X).forward(X[:, :2]), "fit the mean"),
    "images of another width": (lambda: layers.MeanNormalization(X, True).forward(X[..., :2]), "fit the mean"),
    "images of another size": (lambda: layers.MeanNormalization(X, True).forward(X[:, :, :2]), "fit the mean"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_extra_layer_bad_argument_is_refused(what):
    call, said = REFUSED[what]
    with pytest.raises((ValueError, TypeError), match=said):
        call()


LOCAL = {"input": X, "weight": np.ones((3, 4, 2, 3, 2, 2)), "bias": np.ones((2, 3, 4))}


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        ("stride must be an int or a pair", {"stride": 0}),
        ("padding must be an int or a pair", {"padding": -1}),
        ("input must have 4 axes", {"input": X[0]}),
        ("weight must have 6 axes", {"weight": LOCAL["weight"][0]}),
        ("bias must have shape (2, 3, 4)", {"bias": np.ones((1, 3, 4))}),
        ("bias must have 3 axes", {"bias": np.ones(2)}),
        ("bias must have the dtype of weight", {"bias": np.ones((2, 3, 4), "f4")}),
        ("weight must have the dtype of input", {"weight": LOCAL["weight"].astype("f4")}),
        ("with (OH, OW) (3, 4) and C 3", {"weight": np.ones((3, 3, 2, 3, 2, 2))}),
        ("with (OH, OW) (3, 4) and C 3", {"weight": np.ones((3, 4, 2, 1, 2, 2))}),
        ("larger than the padded input of 6", {"weight": np.ones((3, 4, 2, 3, 7, 2)), "padding": 1}),
    ],
)
def test_locally_connected2d_bad_argument_is_refused(expected, change):
    assert_message(expected, lambda: functional.locally_connected2d(**LOCAL | change))


def test_locally_connected2d_defaults():
    """A convolution's: every place, no padding, no bias."""
    dout = RNG.standard_normal((2, 2, 3, 4))
    full = LOCAL | {"bias": None, "stride": 1, "padding": 0}
    plain = {"input": X, "weight": LOCAL["weight"]}
    np.testing.assert_array_equal(functional.locally_connected2d(**plain), functional.locally_connected2d(**full))
    got = functional.locally_connected2d_backward(dout, **plain)
    want = functional.locally_connected2d_backward(dout, **full)
    assert got[2] is want[2] is None
    for one, other in zip(got[:2], want[:2]):
        np.testing.assert_array_equal(one, other)
