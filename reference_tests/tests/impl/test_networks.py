"""Networks: known counts, every layer against its twin in torch, wrong layers that are named, parameter files."""

import tracemalloc

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from impl import layers
from impl.networks import NETWORKS, Network, ParameterFileError, SimpleConvNet
from impl.training import Adam
from reference_tests.conformance.networks import layerwise
from reference_tests.conformance.networks.layerwise import examine, twin_of

from .functional.torch_comparison import assert_message

COUNTS = {  # trained numbers; where they are known from
    "mlp": 79_510,  # by hand: 784 * 100 + 100 + 100 * 10 + 10
    "simple_conv_net": 433_890,  # by hand: 30 * 26 + 4320 * 100 + 100 + 1010
    "lenet5": 60_000,  # LeCun et al. 1998: 156 + 12 + 1516 + 32 + 48120 + 10164
    "lenet": 61_706,
    "alexnet": 60_965_224,  # Caffe's bvlc_alexnet
    "alexnet_torchvision": 61_100_840,
    "nin": 966_986,  # Caffe's CIFAR-10 model
    "vgg16": 138_357_544,
    "googlenet": 6_998_552,  # Caffe's bvlc_googlenet
    "googlenet_torchvision": 6_624_904,
    "resnet18": 11_689_512,
    "spp_net": 77_037_672,  # by hand: ZF-5's 3,722,720 of convolutions, 12800 * 4096 and two more dense layers
}
SMALL = {  # sizes of images that are not square, and the share of the paper's filters
    "mlp": ((1, 7, 9), 1 / 8),
    "simple_conv_net": ((1, 14, 12), 1 / 5),
    "lenet5": ((1, 32, 36), 1 / 6),
    "lenet": ((1, 20, 16), 1 / 2),
    "alexnet": ((3, 67, 83), 1 / 16),
    "alexnet_torchvision": ((3, 63, 79), 1 / 16),
    "nin": ((3, 17, 22), 1 / 16),
    "vgg16": ((3, 32, 48), 1 / 32),
    "googlenet": ((3, 48, 56), 1 / 16),
    "googlenet_torchvision": ((3, 48, 56), 1 / 16),
    "resnet18": ((3, 40, 56), 1 / 16),
    "spp_net": ((3, 64, 83), 1 / 16),
}


def small(name: str, train: bool = True, dtype: str = "float64"):
    size, width = SMALL[name]
    return examine(name, size, 7, width, 3, dtype, train)


@pytest.mark.parametrize("name", NETWORKS)
def test_graph_has_the_known_count_without_allocating(name):
    NETWORKS[name]()  # what is imported is not counted
    tracemalloc.start()
    graph = NETWORKS[name]()
    count, rows = graph.count, graph.rows()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == sum(row.parameters for row in rows) == COUNTS[name]
    assert peak < 2 << 20


DEEP = ("googlenet", "googlenet_torchvision", "resnet18")
MODES = [(n, True) for n in NETWORKS if n not in DEEP] + [("resnet18", False)]


@pytest.mark.parametrize("name, train", [*MODES, *(pytest.param(n, True, marks=pytest.mark.slow) for n in DEEP)])
def test_network_layers_agree_with_the_twin(name, train):
    verdicts = small(name, train)
    assert [v.check.id for v in verdicts if v.status != "pass"] == []
    ids = {(v.check.case.why, v.check.part) for v in verdicts}
    graph = NETWORKS[name](SMALL[name][0], 7, SMALL[name][1])
    assert {(node.name, part) for node in graph.nodes for part in ("forward", "backward")} <= ids
    assert {(f"gradients end to end: {k}", "backward") for k in graph.trained} <= ids
    assert {("end to end: scores", "forward"), ("end to end: loss", "forward")} <= ids


def test_network_float32_stays_within_bounds():
    assert all(v.status == "pass" for v in small("alexnet", dtype="float32"))


class Wrong:
    """A layer with one of its answers changed."""

    def __init__(self, layer, forward=lambda a: a, backward=lambda a: a, **attributes):
        vars(self).update(vars(layer))
        self.layer, self.change, self.change_back = layer, forward, backward
        vars(layer).update(attributes)

    def forward(self, *xs, **named):
        return self.change(self.layer.forward(*xs, **named))

    def backward(self, dout):
        found = self.change_back(self.layer.backward(dout))
        vars(self).update({k: v for k, v in vars(self.layer).items() if k.startswith("d")})
        return found


SPOILT = {  # network, layer, how -> the parts that must fail
    "off by a ten thousandth": ("alexnet", "conv2", {"forward": lambda a: a * 1.0001}, {"forward"}),
    "alpha divided by n": ("alexnet", "norm1", {"alpha": 2e-5}, {"forward", "backward"}),
    "half precision": ("vgg16", "features.7", {"forward": lambda a: a.astype("f2").astype("f8")}, {"forward"}),
    "padded in place of overlapping": ("alexnet", "pool2", {"forward": lambda a: a[..., ::-1]}, {"forward"}),
    "gradient halved": ("resnet18", "layer2.0.conv1", {"backward": lambda a: a / 2}, {"backward"}),
    "shortcut without gradient": ("resnet18", "layer3.0.add", {"backward": lambda a: (a[0], 0 * a[1])}, {"backward"}),
    "branches swapped": (
        "googlenet", "inception4a.concat", {"backward": lambda a: (a[0], a[1], a[3], a[2])}, {"backward"}
    ),
    "momentum turned": ("resnet18", "layer1.0.bn2", {"momentum": 0.9}, {"forward"}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mistake", SPOILT)
def test_layerwise_wrong_layer_is_named(mistake, monkeypatch):
    name, where, how, parts = SPOILT[mistake]
    right = layerwise.build_layer

    def spoilt(node, arrays):
        layer = right(node, arrays)
        return Wrong(layer, **how) if node.name == where else layer

    monkeypatch.setattr(layerwise, "build_layer", spoilt)
    bad = {(v.check.case.why, v.check.part) for v in small(name) if v.status != "pass"}
    assert bad == {(where, part) for part in parts}


def test_layerwise_wrong_wiring_fails_end_to_end(monkeypatch):
    right = Network.forward
    monkeypatch.setattr(Network, "forward", lambda self, x, train=True: right(self, x[..., ::-1], train))
    bad = {v.check.case.why for v in small("lenet") if v.status != "pass"}
    assert "end to end: scores" in bad and any(why.startswith("gradients end to end") for why in bad)


@pytest.mark.parametrize("name", ["lenet5", "nin", "googlenet_torchvision", "resnet18", "spp_net"])
def test_twin_gradients_equal_central_differences(name):
    """Central differences along a random direction of all parameters at once: the twin is not trusted alone."""
    size, width = SMALL[name]
    rng = np.random.default_rng(3)
    twin = twin_of(name, size, 7, width, dtype="float64")
    x, t = rng.standard_normal((3, *size)), rng.integers(0, 7, 3)
    numbers = {k: a for k, a in twin.numbers().items() if not k.endswith(("running_mean", "running_var", "codes"))}
    direction = {k: rng.standard_normal(a.shape) * np.abs(a).mean() for k, a in numbers.items()}
    values = twin.run(x, True)
    scores = twin.order[-1][0]
    _, dout = layerwise.loss_of(values[scores], t)
    told, douts = 0.0, {scores: dout}
    for node, inputs in reversed(twin.order):
        dxs, dparams = twin.pull(node, douts.pop(node), *(values[i] for i in inputs))
        told += sum(float((a * direction[f"{node}.{k}"]).sum()) for k, a in dparams.items())
        for i, dx in zip(inputs, dxs):
            douts[i] = douts[i] + dx if i in douts else dx
    step, found = 1e-6, []
    for sign in (1, -1):
        for k, a in numbers.items():
            a += sign * step * direction[k]
        found.append(layerwise.loss_of(twin.run(x, True)[scores], t)[0])
        for k, a in numbers.items():
            a -= sign * step * direction[k]
    assert (found[0] - found[1]) / (2 * step) == pytest.approx(told, rel=1e-5)


def test_networks_have_torchvisions_parameter_names():
    """The names that torchvision's files have, counters apart."""
    state = twin_of("resnet18", *SMALL["resnet18"][:1], 7, 1 / 16).parts.state_dict()
    expected = {"conv1.weight", "bn1.running_var", "layer2.0.downsample.1.weight", "layer4.1.conv2.weight", "fc.bias"}
    assert expected <= set(state) and "layer1.0.downsample.0.weight" not in state
    assert {"features.28.bias", "classifier.6.weight"} <= set(NETWORKS["vgg16"]().trained)
    googlenet = NETWORKS["googlenet_torchvision"]()
    assert {"inception3a.branch2.1.conv.weight", "inception5b.branch4.1.bn.bias"} <= set(googlenet.trained)


def network(name: str, **how) -> Network:
    size, width = SMALL[name]
    return Network(NETWORKS[name](size, 7, width), rng=0, **how)


def test_load_params_ignores_torchvisions_extra_arrays(tmp_path):
    net, other = network("googlenet_torchvision"), network("googlenet_torchvision", weight_init_std=0.5)
    extras = {"conv1.bn.num_batches_tracked": np.array(7), "aux1.fc2.weight": np.ones((3, 3), np.float32)}
    save_file({**net.state_dict(), **extras}, tmp_path / "checkpoint.safetensors")
    other.load_params(tmp_path / "checkpoint.safetensors")
    x = np.random.default_rng(1).standard_normal((2, *SMALL["googlenet_torchvision"][0]), np.float32)
    np.testing.assert_array_equal(net.predict(x), other.predict(x))


def test_load_params_of_another_network_is_refused_without_change(tmp_path):
    net = network("lenet")
    before = {k: a.copy() for k, a in net.state_dict().items()}
    network("mlp").save_params(tmp_path / "mlp.safetensors")
    with pytest.raises(ParameterFileError, match="affine1"):
        net.load_params(tmp_path / "mlp.safetensors")
    with pytest.raises(ValueError, match=r"conv1\.weight must have shape"):
        net.load_state_dict({**before, "conv1.weight": np.zeros((2, 2))})
    with pytest.raises(ValueError, match=r"lacking \['fc3.bias'\]"):
        net.load_state_dict({k: a for k, a in before.items() if k != "fc3.bias"})
    assert all(np.array_equal(before[k], a) for k, a in net.state_dict().items())


def test_save_params_includes_running_statistics(tmp_path):
    net, other = network("resnet18"), network("resnet18", weight_init_std=0.2)
    x, t = np.random.default_rng(2).standard_normal((4, *SMALL["resnet18"][0]), np.float32), np.arange(4)
    net.loss_and_gradient(x, t)
    assert net.buffers["bn1.running_mean"].any()
    net.save_params(tmp_path / "net.safetensors")
    other.load_params(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(net.predict(x), other.predict(x))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "resnet18", "spp_net"])
def test_network_overfits_six_images(name):
    net = network(name)
    x, t = np.random.default_rng(4).standard_normal((6, *SMALL[name][0]), np.float32), np.arange(6) % 3
    for layer in net.layers.values():
        if hasattr(layer, "dropout_ratio"):
            layer.dropout_ratio = 0.0
    optimizer, losses = Adam(3e-3), []
    for _ in range(12):
        loss, grads = net.loss_and_gradient(x, t)
        optimizer.update(net.params, grads)
        losses.append(loss)
    assert losses[-1] < losses[0] / 2
    assert all(a.dtype == np.float32 for a in net.params.values())


def test_network_dropout_is_seeded_and_only_in_training():
    x = np.random.default_rng(5).standard_normal((2, *SMALL["alexnet"][0]), np.float32)
    net, again = network("alexnet"), network("alexnet")
    np.testing.assert_array_equal(net.predict(x), net.predict(x))
    first = net.forward(x)
    assert not np.array_equal(first, net.forward(x))
    np.testing.assert_array_equal(first, again.forward(x))


def test_spp_net_parameters_fit_any_image_size():
    """What SPP-net is for."""
    net = network("spp_net")
    larger = Network(NETWORKS["spp_net"]((3, 90, 71), 7, 1 / 16), given=net.state_dict())
    x = np.random.default_rng(6).standard_normal((2, 3, 90, 71), np.float32)
    assert larger.predict(x).shape == (2, 7)
    assert larger.params["fc6.weight"] is net.params["fc6.weight"]


def test_simple_conv_net_graph_equals_the_books_class():
    book = SimpleConvNet(rng=0)
    net = Network(NETWORKS["simple_conv_net"](), dtype=np.float64)
    for n, name in zip("123", ("conv1", "affine1", "affine2")):
        W = book.params[f"W{n}"]
        net.params[f"{name}.weight"] = W if n == "1" else W.T
        net.params[f"{name}.bias"] = book.params[f"b{n}"]
    x, t = np.random.default_rng(7).standard_normal((3, 1, 28, 28)), np.array([3, 1, 4])
    np.testing.assert_allclose(net.predict(x), book.predict(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(net.gradient(x, t)["affine1.weight"].T, book.gradient(x, t)["W2"], rtol=1e-9, atol=1e-15)


def test_network_backward_returns_the_images_gradient():
    net = Network(NETWORKS["lenet"](), rng=0, dtype=np.float64)
    x = np.random.default_rng(8).standard_normal((2, 1, 28, 28))
    dout = np.zeros((2, 10))
    dout[:, 3] = 1
    net.forward(x, train_flg=False)
    dx = net.backward(dout)
    direction = np.random.default_rng(9).standard_normal(x.shape)
    up, down = (net.predict(x + sign * 1e-6 * direction)[:, 3].sum() for sign in (1, -1))
    assert (up - down) / 2e-6 == pytest.approx(float((dx * direction).sum()), rel=1e-6)


@pytest.mark.parametrize("name, size", [("lenet", (1, 8, 8)), ("alexnet", (3, 50, 50)), ("mlp", (1, 0, 4))])
def test_graph_of_too_small_images_is_refused_by_name(name, size):
    with pytest.raises(ValueError, match=name):
        NETWORKS[name](size)


def test_twin_is_seeded_and_leaves_torchs_generator():
    first, again, other = (twin_of("lenet", (1, 28, 28), 10, seed=seed).numbers() for seed in (1, 1, 2))
    assert all(np.array_equal(first[k], again[k]) for k in first)
    assert not np.array_equal(first["conv1.weight"], other["conv1.weight"])
    state = torch.random.get_rng_state()
    twin_of("mlp", (1, 4, 4), 3)
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize("rule, gain", [("he", "relu"), ("xavier", "linear"), (0.03, None)])
def test_network_initial_weights_follow_the_rule(rule, gain):
    """torch's gain through the root of the inputs, which it counts itself; biases 0, batch norms 1 and 0."""
    net = Network(NETWORKS["resnet18"]((3, 32, 32), 50, 0.25), rng=0, weight_init_std=rule)
    for name, a in net.params.items():
        if a.ndim == 1:
            assert (a == (0 if name.endswith("bias") else 1)).all()
            continue
        fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(torch.from_numpy(a))
        std = rule if gain is None else torch.nn.init.calculate_gain(gain) / fan_in**0.5
        assert abs(a.std() / std - 1) < 6.5 / (2 * a.size) ** 0.5  # a right one lies outside once in 10**10
        assert abs(a.mean()) < 6.5 * std / a.size**0.5
    assert not net.buffers["bn1.running_mean"].any() and (net.buffers["bn1.running_var"] == 1).all()


TABLE = ((0,), (0, 1))  # of a partial convolution with two filters: one channel, then two


@pytest.mark.parametrize("W, b", [((3, 3), (2,)), ((2, 3, 3), (2,)), ((3, 3, 3), (3,)), ((3, 3, 3), (2, 1))], ids=str)
def test_partial_convolution_bad_shapes_are_refused(W, b):
    message = "W must be (3, FH, FW) and b (2,) for this table"
    assert_message(message, lambda: layers.PartialConvolution(np.ones(W), np.ones(b), TABLE, 2))


@pytest.mark.parametrize("shape", [(2, 3), (2, 5), (4,), (2, 4, 1)], ids=str)
def test_rbf_bad_shape_is_refused(shape):
    assert_message("x must be (N, 4)", lambda: layers.RBF(np.ones((3, 4))).forward(np.ones(shape)))


def test_subsampling_size_defaults_to_two():
    W, b = np.array([2.0]), np.array([1.0])
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    np.testing.assert_array_equal(layers.Subsampling(W, b).forward(x), [[[[21, 37]]]])  # 2 * (0 + 1 + 4 + 5) + 1
    np.testing.assert_array_equal(layers.Subsampling(W, b, 1).forward(x), 2 * x + 1)
    assert_message("size must be an int of at least 1", lambda: layers.Subsampling(W, b, 0))
    assert_message("x must have 4 axes", lambda: layers.Subsampling(W, b).forward(x[0, 0]))
