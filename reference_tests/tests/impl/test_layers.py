"""impl.layers beyond the contract: refusals in words, roundings, dtypes, defaults."""

import inspect

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import conv_output_size, layers
from impl.layers import LRN, Affine, AveragePooling, Convolution, Dropout, Pooling, Relu, Sigmoid, SoftmaxWithLoss, Tanh

from .functional.torch_comparison import assert_message

RNG = np.random.default_rng(6)
W, b = RNG.standard_normal((4, 3, 3, 2)), RNG.standard_normal(4)
X = RNG.standard_normal((2, 3, 7, 6))

LAYERS = [  # layer, an input for it
    (lambda: Convolution(W, b), X),
    (lambda: Pooling(3, 2, 1), X),
    (lambda: AveragePooling(3, 2, 1), X),
    (Relu, X),
    (Sigmoid, X),
    (Tanh, X),
    (lambda: Affine(RNG.standard_normal((126, 5)), np.zeros(5)), X),
    (Dropout, X),
    (LRN, X),
]
NAMES = ["Convolution", "Pooling", "AveragePooling", "Relu", "Sigmoid", "Tanh", "Affine", "Dropout", "LRN"]


def conv(**how):
    return lambda x=X: Convolution(**{"W": W, "b": b} | how).forward(x)


def pool(*sizes, x=X, layer=Pooling, **how):
    return lambda: layer(*sizes, **how).forward(x)


def affine(x, outputs=3):
    return lambda: Affine(np.ones((4, 3)), np.ones(outputs)).forward(x)


def making(layer, *arguments, **how):
    return lambda: layer(*arguments, **how)


def loss(x, t):
    return lambda: SoftmaxWithLoss().forward(x, t)


SCORES = np.zeros((2, 3))
REFUSED = [
    # error, words of the message, call
    (ValueError, r"x .*W .*stride 2 does not divide: \(6 \+ 2\*0 - 3\) / 2", lambda: conv(stride=2)(X[:, :, :6])),
    (ValueError, r"x .*pooling window of \(2, 2\).*stride 2 does not divide", pool(2, 2, 2)),
    (ValueError, r"pooling window of \(3, 3\).*stride 2 does not divide", pool(3, 3, 2, layer=AveragePooling)),
    (ValueError, r"x .*W .*window of 3, larger than the padded input of 2", lambda: conv()(X[:, :, :2])),
    (ValueError, r"window of 8, larger than the padded input of 7", pool(8, 2, 1)),
    (ValueError, r"window of 9, larger than the padded input of 8", pool(2, 9, 1, 1, layer=AveragePooling)),
    (ValueError, r"x must have 3 channels.*W is \(4, 3, 1, 2\); got 2", lambda: conv(W=W[:, :, :1])(X[:1, :2])),
    (ValueError, r"\(3,\)", lambda: Affine(np.ones((1, 4)), np.ones(4)).forward(np.ones(3))),
    (ValueError, r"x must have 4 axes.*\(3, 7, 6\)", lambda: conv()(X[0])),
    (ValueError, r"x must have 4 axes", pool(2, 2, 1, x=X[0])),
    (ValueError, r"x must have 4 axes", lambda: LRN().forward(X[0])),
    (ValueError, r"W must be \(FN, C, FH, FW\).*\(4, 3\)", conv(W=W[:, :, 0, 0])),
    (ValueError, r"b \(FN,\).*\(3,\)", conv(b=b[:3])),
    (ValueError, r"W must be .*, not empty; got shapes \(4, 3, 3, 0\)", conv(W=W[..., :0])),
    (TypeError, r"W must hold real numbers", conv(W=W * 1j)),
    (TypeError, r"x must hold real numbers", lambda: conv()(np.array("text"))),
    (TypeError, r"x must hold real numbers", lambda: making(Relu)().forward(None)),
    (TypeError, r"stride must be an int.*1\.0", conv(stride=1.0)),
    (TypeError, r"pad must be an int.*0\.0", conv(pad=0.0)),
    (TypeError, r"stride must be an int.*True", conv(stride=True)),
    (ValueError, r"stride must be an int of at least 1; got 0", conv(stride=0)),
    (ValueError, r"pad must be an int of at least 0; got -1", conv(pad=-1)),
    (ValueError, r"rounding must be one of 'exact', 'floor', 'ceil'; got 'up'", conv(rounding="up")),
    (ValueError, r"rounding must be one of", pool(2, 2, 1, rounding=None)),
    (TypeError, r"pool_h must be an int.*2\.0", pool(2.0, 2, 1)),
    (TypeError, r"pool_w must be an int", pool(2, "2", 1)),
    (ValueError, r"pool_h must be an int of at least 1; got 0", pool(0, 2, 1, layer=AveragePooling)),
    (TypeError, r"stride must be an int", pool(2, 2, 2.0)),
    (ValueError, r"pad must be an int of at least 0", pool(2, 2, 2, -1)),
    (ValueError, r"x must be \(N, \.\.\.\) with 4 numbers per sample.*\(2, 5\)", affine(np.ones((2, 5)))),
    (ValueError, r"x must be \(N, \.\.\.\)", affine(np.ones(4))),
    (ValueError, r"W must be \(D, M\) and b \(M,\).*\(4, 3\) and \(4,\)", affine(np.ones((2, 4)), outputs=4)),
    (ValueError, r"W must be \(D, M\).*\(4, 3, 1\)", making(Affine, np.ones((4, 3, 1)), np.ones((3, 1)))),
    (ValueError, r"x must hold at least one sample", loss(np.zeros((0, 3)), np.zeros(0, int))),
    (ValueError, r"x must be scores \(N, K\)", loss(np.zeros(3), np.zeros(3, int))),
    (ValueError, r"x must be scores \(N, K\), at least one class", loss(np.zeros((2, 0)), np.zeros(2, int))),
    (ValueError, r"t holds the label 3; allowed.*0 to 2", loss(SCORES, np.array([0, 3]))),
    (ValueError, r"t holds the label -1", loss(SCORES, np.array([0, -1]))),
    (ValueError, r"t holds the label -100", loss(SCORES, np.array([0, -100]))),
    (ValueError, r"t holds the label 9", loss(SCORES, np.array([9, 3]))),
    (ValueError, r"t must be labels \(2,\) or one-hot \(2, 3\).*\(3,\)", loss(SCORES, np.array([0, 1, 2]))),
    (ValueError, r"t must be labels .*\(2, 1\)", loss(SCORES, np.array([[0], [1]]))),
    (TypeError, r"t must hold whole numbers.*float64", loss(SCORES, np.array([0.0, 1.0]))),
    (TypeError, r"t must hold whole numbers.*bool", loss(SCORES, np.array([False, True]))),
    (ValueError, r"dropout_ratio must be a probability.*1\.5", making(Dropout, 1.5)),
    (TypeError, r"dropout_ratio must be a number.*'half'", making(Dropout, "half")),
    (TypeError, r"rng must be a NumPy Generator", making(Dropout, rng="dice")),
    (ValueError, r"n must be an int of at least 1; got 0", making(LRN, 0)),
    (TypeError, r"n must be an int.*5\.0", making(LRN, 5.0)),
    (TypeError, r"alpha must be a number", making(LRN, alpha=None)),
]  # fmt: skip


@pytest.mark.parametrize(("error", "words", "call"), REFUSED, ids=[words for _, words, _ in REFUSED])
def test_refusal_names_argument_value_and_allowed_values(error, words, call):
    with pytest.raises(error, match=words):
        call()


FILTERS, STEPS = {"W": W, "b": b}, {"stride": 1, "pad": 0}
LEAST = {  # layer -> its other arguments, the least of each size
    "Convolution": (FILTERS, STEPS),
    "GroupedConvolution": (FILTERS, {**STEPS, "groups": 1}),
    "DepthwiseConvolution": (FILTERS, STEPS),
    "TransposedConvolution": (FILTERS, STEPS),
    "LocallyConnected": (FILTERS, STEPS),
    "Pooling": ({"pool_h": 2, "pool_w": 2}, {"pool_h": 1, "pool_w": 1, **STEPS}),
    "AveragePooling": ({"pool_h": 2, "pool_w": 2}, {"pool_h": 1, "pool_w": 1, **STEPS}),
    "AdaptiveAveragePooling": ({}, {"size": 1}),
    "Subsampling": (FILTERS, {"size": 1}),
    "LRN": ({}, {"n": 1}),
}
SIZES_OF = [(layer, name) for layer, (_, sizes) in LEAST.items() for name in sizes]


@pytest.mark.parametrize(("layer", "name"), SIZES_OF)
def test_layer_size_below_the_least_is_refused(layer, name):
    others, sizes = LEAST[layer]
    least, make = sizes[name], getattr(layers, layer)
    assert getattr(make(**others | {name: least}), name) == least
    assert_message(f"{name} must be an int of at least {least}", lambda: make(**others | {name: least - 1}))


DEFAULTS = {  # the book's (7.4, 6.4.3), AlexNet's (3.3), torch's
    "Convolution": {"stride": 1, "pad": 0, "rounding": "exact"},
    "Pooling": {"stride": 2, "pad": 0, "rounding": "exact"},
    "AveragePooling": {"stride": 2, "pad": 0, "rounding": "exact"},
    "Dropout": {"dropout_ratio": 0.5, "rng": None},
    "InvertedDropout": {"dropout_ratio": 0.5, "rng": None},
    "LRN": {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75},
    "BatchNorm": {"momentum": 0.1, "eps": 1e-5, "running_mean": None, "running_var": None},
    "GroupedConvolution": {"stride": 1, "pad": 0, "groups": 1},
    "DepthwiseConvolution": {"stride": 1, "pad": 0},
    "TransposedConvolution": {"stride": 1, "pad": 0},
    "LocallyConnected": {"stride": 1, "pad": 0},
    "SpatialPyramidPooling": {"levels": (4, 2, 1)},
    "MeanNormalization": {"per_pixel": False},
}


@pytest.mark.parametrize("layer", DEFAULTS)
def test_layer_defaults(layer):
    parameters = inspect.signature(getattr(layers, layer)).parameters
    assert {k: p.default for k, p in parameters.items() if p.default is not p.empty} == DEFAULTS[layer]


@pytest.mark.parametrize("layer", ["Dropout", "InvertedDropout"])
def test_dropout_takes_the_ratio_by_name_and_rng_only_by_name(layer):
    assert getattr(layers, layer)(dropout_ratio=0.25).dropout_ratio == 0.25
    with pytest.raises(TypeError):
        getattr(layers, layer)(0.25, 1)  # a seed has to say that it is one


@pytest.mark.parametrize("layer", ["Dropout", "InvertedDropout", "BatchNorm"])
def test_forward_trains_by_default(layer):
    assert inspect.signature(getattr(layers, layer).forward).parameters["train_flg"].default is True


def test_mean_normalization_from_a_saved_mean_is_the_same_layer():
    for per_pixel in (False, True):
        layer = layers.MeanNormalization(X, per_pixel)
        again = layers.MeanNormalization.from_mean(layer.mean)
        np.testing.assert_array_equal(again.forward(X + 1), layer.forward(X + 1))
    with pytest.raises(ValueError, match=r"mean must be \(C, 1, 1\) or \(C, H, W\)"):
        layers.MeanNormalization.from_mean(np.ones(3))


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5, 6)], ids=str)
def test_channel_concat_joins_the_second_axis(shape):
    layer = layers.ChannelConcat()
    x = RNG.standard_normal(shape)
    for parts in ((x,), (x, x[:, :1])):
        out = layer.forward(*parts)
        np.testing.assert_array_equal(out, np.concatenate(parts, axis=1))
        for got, want in zip(layer.backward(out), parts, strict=True):
            np.testing.assert_array_equal(got, want)


OTHERS = ["SoftmaxWithLoss", "GlobalMaxPooling", "ChannelConcat", "ResidualAdd", "InvertedDropout", "ScaledTanh"]


@pytest.mark.parametrize("make", [*(make for make, _ in LAYERS), *(getattr(layers, n) for n in OTHERS)])
def test_backward_before_forward_is_refused(make):
    layer = make()
    with pytest.raises(RuntimeError, match=rf"{type(layer).__name__}\.backward needs a forward before it"):
        layer.backward(X)


@pytest.mark.parametrize(("make", "x"), LAYERS, ids=NAMES)
def test_backward_dout_of_another_shape_is_refused(make, x):
    layer = make()
    out = layer.forward(x)
    for wrong in (out[:1], out[..., :-1], out[..., None]):
        with pytest.raises(ValueError, match=r"\bdout\b"):
            layer.backward(wrong)
    assert layer.backward(out).shape == x.shape


@pytest.mark.parametrize(("make", "x"), LAYERS, ids=NAMES)
def test_refused_forward_leaves_the_state_of_the_previous_one(make, x):
    layer = make()
    dout = layer.forward(x)
    with pytest.raises(TypeError):
        layer.forward(x * 1j)
    assert layer.backward(dout).shape == x.shape


@pytest.mark.parametrize(("make", "x"), LAYERS, ids=NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8])
def test_layer_keeps_the_dtype_and_computes_integers_in_float64(make, x, dtype):
    layer = make()
    for name in ("W", "b"):
        if hasattr(layer, name):
            setattr(layer, name, getattr(layer, name).astype(np.float32 if dtype == np.float32 else np.float64))
    out = layer.forward(np.abs(9 * x).astype(dtype))
    dx = layer.backward(np.ones(out.shape, np.float32))
    arrays = [out, dx] + [getattr(layer, name) for name in ("dW", "db") if hasattr(layer, name)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32 if dtype == np.float32 else np.float64)}


@pytest.mark.parametrize(("make", "x"), LAYERS, ids=NAMES)
def test_layer_of_an_empty_batch_has_empty_results_and_zero_gradients(make, x):
    layer = make()
    out = layer.forward(x[:0])
    assert out.shape == (0, *make().forward(x).shape[1:])
    assert layer.backward(out).shape == (0, *x.shape[1:])
    for name in ("W", "b"):
        if hasattr(layer, name):
            grad = getattr(layer, f"d{name}")
            assert grad.shape == getattr(layer, name).shape
            assert not grad.any()


SIZES = [(3, 2, 1, 0), (3, 2, 2, 1), (2, 3, 3, 1), (4, 4, 3, 2), (5, 2, 4, 0), (2, 2, 3, 0)]


KINDS = [(Pooling, F.max_pool2d, -np.inf), (AveragePooling, F.avg_pool2d, 0.0)]


@pytest.mark.parametrize("rounding", ["floor", "ceil"])
@pytest.mark.parametrize(("pool_h", "pool_w", "stride", "pad"), SIZES)
@pytest.mark.parametrize(("layer", "theirs", "outside"), KINDS)
def test_pooling_roundings_agree_with_torch(layer, theirs, outside, pool_h, pool_w, stride, pad, rounding):
    ours = layer(pool_h, pool_w, stride, pad, rounding=rounding)
    agree(ours, X, lambda x: theirs(x, (pool_h, pool_w), stride, pad, ceil_mode=rounding == "ceil"))


@pytest.mark.parametrize(("window", "stride", "pad"), [(2, 2, 2), (2, 1, 3), (3, 2, 5), (1, 3, 1)])
@pytest.mark.parametrize(("layer", "theirs", "outside"), KINDS)
def test_pooling_any_padding_agrees_with_torch(layer, theirs, outside, window, stride, pad):
    def padded_first(x):
        return theirs(F.pad(x, (pad,) * 4, value=outside), window, stride)

    agree(layer(window, window, stride, pad, rounding="floor"), X, padded_first)


@pytest.mark.parametrize(("stride", "pad"), [(1, 0), (2, 0), (3, 1), (4, 0), (5, 2), (2, 4), (7, 3)])
@pytest.mark.parametrize("rounding", ["floor", "ceil"])
def test_convolution_roundings_agree_with_torch(stride, pad, rounding):
    OH, OW = (conv_output_size(n, k, stride, pad, rounding=rounding) for n, k in ((7, 3), (6, 2)))

    def on_endless_zeros(x, W, b):
        return F.conv2d(F.pad(x, (pad, pad + 9, pad, pad + 9)), W, b, stride)[:, :, :OH, :OW]

    agree(Convolution(W, b, stride, pad, rounding=rounding), X, on_endless_zeros)


def agree(layer, x, theirs):
    """Output and gradients against torch."""
    params = [layer.W, layer.b] if hasattr(layer, "W") else []
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, *params)]
    want, out = theirs(*leaves), layer.forward(x)
    np.testing.assert_allclose(out, want.detach().numpy(), rtol=1e-12, atol=1e-12)
    dout = RNG.standard_normal(out.shape)
    got = [layer.backward(dout), *([layer.dW, layer.db] if params else [])]
    for one, other in zip(got, torch.autograd.grad(want, leaves, torch.from_numpy(dout)), strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n", [2, 4, 6])
def test_lrn_even_n_sums_n_plus_one_channels(n):
    x, half = RNG.standard_normal((2, 9, 1, 2)), n // 2
    sums = [(x[:, max(0, i - half) : i + half + 1] ** 2).sum(1) for i in range(9)]
    want = x / (2 + 0.3 * np.stack(sums, 1)) ** 0.75
    np.testing.assert_allclose(LRN(n, alpha=0.3).forward(x), want, rtol=1e-13)


def test_softmax_with_loss_labels_equal_one_hot():
    x = RNG.standard_normal((3, 3))  # N = K
    t = np.array([2, 0, 2])
    by_label, by_row = SoftmaxWithLoss(), SoftmaxWithLoss()
    assert by_label.forward(x, t) == pytest.approx(by_row.forward(x, np.eye(3, dtype=int)[t]), rel=1e-14)
    np.testing.assert_allclose(by_label.backward(), by_row.backward(), rtol=1e-14)
    softmax = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    np.testing.assert_allclose(by_label.backward(2.5), 2.5 * (softmax - np.eye(3)[t]) / 3, rtol=1e-13)
    np.testing.assert_array_equal(by_label.backward(), by_label.backward(1))


def test_softmax_with_loss_of_a_hopeless_label_is_exact():
    assert SoftmaxWithLoss().forward(np.array([[900.0, 0.0]]), np.array([1])) == 900


def test_dropout_draws_from_its_own_generator():
    x = np.ones((50, 40))
    same = [Dropout(0.3, rng=1).forward(x) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert (Dropout(0.3).forward(x) != Dropout(0.3).forward(x)).any()
    layer = Dropout(0.3, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(layer.forward(x), same[0])
    assert (layer.forward(x) != same[0]).any()


def test_dropout_at_inference_scales_output_and_gradient():
    layer = Dropout(0.3)
    np.testing.assert_allclose(layer.forward(X, train_flg=False), 0.7 * X, rtol=1e-15)
    np.testing.assert_allclose(layer.backward(X), 0.7 * X, rtol=1e-15)
