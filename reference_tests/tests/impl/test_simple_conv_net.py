"""impl's SimpleConvNet beyond the suite: numerical gradients, odd sizes, parameters replaced, parameter files."""

import inspect

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from impl.networks import ParameterFileError, SimpleConvNet
from impl.networks.initialization import weight_std

SMALL = {"filter_num": 3, "filter_size": 3, "pad": 1, "stride": 2}


def small_net(input_dim=(2, 9, 5), conv_param=SMALL, std="he", seed=0, **more):
    return SimpleConvNet(input_dim, conv_param, 6, 4, std, rng=seed, **more)


def batch(N=3, input_dim=(2, 9, 5), classes=4, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, *input_dim)), rng.integers(0, classes, N)


@pytest.mark.parametrize(
    "input_dim, conv_param",
    [
        ((2, 9, 5), SMALL),  # conv 5x3: an odd row and column are left out by the pooling
        ((1, 6, 8), {"filter_num": 2, "filter_size": 3}),
        ((3, 5, 11), {"filter_size": 1, "pad": 1, "stride": 3, "filter_num": 2}),  # stride > filter
    ],
)
def test_gradient_equals_numerical_gradient(input_dim, conv_param):
    net, (x, t) = small_net(input_dim, conv_param), batch(input_dim=input_dim)
    for b in ("b1", "b2", "b3"):
        net.params[b] += np.random.default_rng(2).normal(size=net.params[b].shape) / 10
    numerical, kept = net.numerical_gradient(x, t, h=1e-6), {k: v.copy() for k, v in net.params.items()}
    exact = net.gradient(x, t)
    assert list(exact) == list(net.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for name, grad in exact.items():
        assert grad.shape == net.params[name].shape and np.abs(grad).max() > 1e-3, name
        np.testing.assert_allclose(grad, numerical[name], rtol=0, atol=1e-8, err_msg=name)
        np.testing.assert_array_equal(net.params[name], kept[name], "neither gradient changes a parameter")


def test_loss_takes_labels_one_hot_and_smoothed_targets():
    net, (x, t) = small_net(), batch()
    hot = np.eye(4)[t]
    assert net.loss(x, t) == pytest.approx(net.loss(x, hot), rel=1e-14)
    log_p = net.predict(x) - np.log(np.exp(net.predict(x)).sum(axis=1, keepdims=True))
    smooth = 0.9 * hot + 0.1 / 4
    assert net.loss(x, smooth) == pytest.approx(-(smooth * log_p).sum(axis=1).mean(), rel=1e-12)
    loss, grads = net.loss_and_gradient(x, smooth)
    assert loss == net.loss(x, smooth)
    np.testing.assert_allclose(grads["b3"], ((np.exp(log_p) - smooth) / 3).sum(axis=0), rtol=1e-10)


def test_params_written_in_place_or_replaced_are_used():
    net, (x, t) = small_net(), batch()
    other = small_net(seed=5)
    for name in ("W1", "b1", "W2"):
        net.params[name][...] = other.params[name]
    for name in ("b2", "W3", "b3"):
        net.params[name] = other.params[name].copy()
    np.testing.assert_array_equal(net.predict(x), other.predict(x))
    for name, grad in net.gradient(x, t).items():
        np.testing.assert_array_equal(grad, other.gradient(x, t)[name])


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4, 7, 100])
def test_accuracy_counts_the_last_partial_batch(batch_size, one_hot):
    net, (x, _) = small_net(), batch(N=7)
    t = net.predict(x).argmax(axis=1)
    t[[2, 5]] = (t[[2, 5]] + 1) % 4  # the first and the last are right, and count
    assert net.accuracy(x, np.eye(4)[t] if one_hot else t, batch_size) == 5 / 7


def test_accuracy_of_nothing_is_refused():
    net, (x, t) = small_net(), batch()
    with pytest.raises(ValueError, match="accuracy of 0 images"):
        net.accuracy(x[:0], t[:0])
    with pytest.raises(ValueError, match="batches of 0"):
        net.accuracy(x, t, 0)


def test_default_network_has_the_books_shapes():
    net = SimpleConvNet()
    shapes = {name: array.shape for name, array in net.params.items()}
    assert shapes == {"W1": (30, 1, 5, 5), "b1": (30,), "W2": (4320, 100), "b2": (100,), "W3": (100, 10), "b3": (10,)}
    assert list(net.layers) == ["Conv1", "Relu1", "Pool1", "Affine1", "Relu2", "Affine2"]
    assert type(net.last_layer).__name__ == "SoftmaxWithLoss"
    assert net.params["W2"].std() == pytest.approx(0.01, rel=0.01) and net.params["W2"].dtype == np.float64
    assert not any(net.params[b].any() for b in ("b1", "b2", "b3"))


def test_signatures_are_the_books():
    """Its section 7.5, and numerical_gradient of section 4.4 by steps of 1e-4."""
    conv_param = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}
    assert defaults(SimpleConvNet) == {
        "input_dim": (1, 28, 28), "conv_param": conv_param, "hidden_size": 100, "output_size": 10,
        "weight_init_std": 0.01, "rng": None, "dtype": np.float64,
    }  # fmt: skip
    assert defaults(SimpleConvNet.accuracy) == {"batch_size": 100}
    assert defaults(SimpleConvNet.numerical_gradient) == {"h": 1e-4}


def defaults(function):
    return {k: p.default for k, p in inspect.signature(function).parameters.items() if p.default is not p.empty}


def test_smallest_network_is_allowed():
    net = SimpleConvNet((1, 6, 7), {"filter_num": 1}, hidden_size=1, output_size=1)  # a convolution of 2x3
    assert [net.params[name].shape for name in ("W1", "W2", "W3")] == [(1, 1, 5, 5), (1, 1), (1, 1)]


def test_he_and_xavier_scale_by_the_number_of_inputs():
    for rule, gain in (("he", 2), ("xavier", 1)):
        net = SimpleConvNet((3, 28, 28), weight_init_std=rule, rng=0)
        for name, fan_in in (("W1", 75), ("W2", 4320), ("W3", 100)):
            tolerance = 5 / np.sqrt(2 * net.params[name].size)  # 5 standard errors of a standard deviation
            assert net.params[name].std() == pytest.approx((gain / fan_in) ** 0.5, rel=tolerance), (rule, name)
    assert weight_std(np.float32(0.5), 7) == 0.5


def test_float32_stays_float32():
    net, (x, t) = small_net(dtype=np.float32), batch()
    x = x.astype(np.float32)
    assert net.predict(x).dtype == np.float32
    loss, grads = net.loss_and_gradient(x, t)
    assert np.asarray(loss).dtype == np.float32
    assert all(grad.dtype == np.float32 for grad in grads.values())


@pytest.mark.parametrize(
    "make, named",
    [
        (lambda: small_net((1, 8, 9), {"filter_size": 3, "stride": 2}), "stride 2 does not divide"),
        (lambda: small_net((1, 4, 9), {"filter_size": 5}), "larger than the padded input"),
        (lambda: small_net((1, 5, 9), {"filter_size": 5}), "gives 1x5, too small for a 2x2 pooling"),
        (lambda: small_net(conv_param={"filters": 3}), r"conv_param has no \['filters'\]: allowed are filter_num"),
        (lambda: small_net((9, 5)), r"input_dim=\(9, 5\): allowed is \(C, H, W\)"),
        (lambda: small_net((0, 9, 5)), "input_dim's C must be an int of at least 1; got 0"),
        (lambda: small_net(conv_param={"filter_num": 0}), "filter_num must be an int of at least 1; got 0"),
        (lambda: SimpleConvNet(hidden_size=0), "hidden_size must be an int of at least 1; got 0"),
        (lambda: SimpleConvNet(output_size=0), "output_size must be an int of at least 1; got 0"),
        (lambda: small_net(std="kaiming"), r"weight_init_std='kaiming': allowed is .* he, xavier"),
        (lambda: small_net(std=-0.1), r"weight_init_std=-0\.1"),
    ],
)
def test_bad_argument_is_refused(make, named):
    with pytest.raises(ValueError, match=named):
        make()


def test_saved_parameters_come_back_exactly(tmp_path):
    net, other, (x, _) = small_net(), small_net(seed=9), batch()
    net.save_params(tmp_path / "net.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["net.safetensors"]
    other.load_params(tmp_path / "net.safetensors")
    for name in net.params:
        np.testing.assert_array_equal(other.params[name], net.params[name])
    np.testing.assert_array_equal(other.predict(x), net.predict(x))
    other.params["W1"] += 1  # writable, and not a view of anything else's
    narrow = small_net(dtype=np.float32)
    narrow.load_params(tmp_path / "net.safetensors")
    assert narrow.params["W1"].dtype == np.float32


def test_load_params_takes_a_file_without_checksum(tmp_path):
    net, file = small_net(), tmp_path / "plain.safetensors"
    save_file({name: array + 1 for name, array in net.params.items()}, file)
    before = net.params["b1"].copy()
    net.load_params(str(file))
    np.testing.assert_array_equal(net.params["b1"], before + 1)


@pytest.mark.parametrize(
    "damage, fact",
    [
        (lambda content: content[:-1], "is not a whole safetensors file"),
        (lambda content: content[:5], "is not a whole safetensors file"),
        (lambda content: b"", "is not a whole safetensors file"),
        (lambda content: b"\x80\x04\x95" + content, "is not a whole safetensors file"),  # a pickle's first bytes
        (lambda c: c[:-3] + bytes([c[-3] ^ 1]) + c[-2:], "is damaged: its numbers do not give its checksum"),
    ],
)
def test_load_params_damaged_file_is_refused_without_change(tmp_path, damage, fact):
    net, file = small_net(), tmp_path / "net.safetensors"
    small_net(seed=9).save_params(file)
    file.write_bytes(damage(file.read_bytes()))
    kept = {name: array.copy() for name, array in net.params.items()}
    with pytest.raises(ParameterFileError) as error:
        net.load_params(file)
    assert str(error.value).startswith(f"{file} {fact}") and "\n" not in str(error.value)
    for name in kept:
        np.testing.assert_array_equal(net.params[name], kept[name])


def test_load_params_of_another_network_is_refused(tmp_path):
    net, file = small_net(), tmp_path / "net.safetensors"
    small_net((2, 9, 9)).save_params(file)
    with pytest.raises(ParameterFileError, match=r"W2 is \(12, 6\), in this network \(6, 6\)"):
        net.load_params(file)
    save_file({"conv.weight": net.params["W1"]}, file)
    with pytest.raises(ParameterFileError, match=r"holds conv\.weight, this network has W1 W2 W3 b1 b2 b3"):
        net.load_params(file)
    with pytest.raises(ParameterFileError, match=r"nowhere cannot be read: No such file"):
        net.load_params(tmp_path / "nowhere")


def test_save_params_failure_keeps_the_earlier_file(tmp_path, monkeypatch):
    net, file = small_net(), tmp_path / "net.safetensors"
    net.save_params(file)
    kept = file.read_bytes()

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("impl.files.os.replace", disk_full)
    with pytest.raises(OSError, match="No space left"):
        small_net(seed=9).save_params(file)
    assert file.read_bytes() == kept and list(tmp_path.iterdir()) == [file]
    assert load_file(file).keys() == net.params.keys()
