"""A torch model written for another framework, its weights converted, and a port of it compared layer by layer."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from reference_tests import cli
from reference_tests.frameworks.porting import loading, model_port
from reference_tests.frameworks.porting.comparison import compare_port
from reference_tests.frameworks.porting.graph import Model, read_graph
from reference_tests.frameworks.porting.touched import questions_of

from . import nets

pytestmark = pytest.mark.slow  # each exports a model
NETS = ("LeNet", "vgg", "alexnet")
INSTALLED = {"jax": "jax", "onnx": "onnxruntime", "tf": "tensorflow", "keras": "keras"}


@cache
def read(net: str) -> Model:
    return loading.load_model(f"{nets.__file__}:{net}", nets.SHAPES[net])


def read_layers(*layers: nn.Module, shape: tuple[int, ...]) -> Model:
    example = torch.from_numpy(np.random.default_rng(0).standard_normal(shape).astype("float32"))
    return read_graph(torch.export.export(nn.Sequential(*layers).eval(), (example,)), example)


@cache
def written(net: str, to: str):
    return model_port.write_port(read(net), model_port.find_target(to)[0], net)


def run_text(text: str, weights: dict, model: Model, to: str, tmp_path: Path):
    (tmp_path / "written_port.py").write_text(text, encoding="utf-8")
    return loading.run_port(f"{tmp_path / 'written_port.py'}:port", weights, model.example.numpy(), to)


def needs(to: str) -> None:
    if find_spec(INSTALLED[to]) is None:
        pytest.skip(f"{INSTALLED[to]} is not installed")


@pytest.mark.parametrize("to", INSTALLED)
@pytest.mark.parametrize("net", [*NETS, "Residual", "Mobile", "UNet"])
def test_net_is_ported_by_what_is_written(net, to, tmp_path):
    needs(to)
    model, (port, text) = read(net), written(net, to)
    result = compare_port(model, run_text(text, port.weights, model, model_port.find_target(to)[0], tmp_path))
    assert port.unknown == []
    assert [row.layer.name for row in result.rows] == [layer.name for layer in model.layers]
    assert result.first is None
    final = result.rows[-1]
    assert final.difference is not None and final.difference < 1e-5


@pytest.mark.parametrize("net, to", [("LeNet", "jax"), ("alexnet", "onnx"), ("vgg", "tf"), ("alexnet", "keras")])
def test_text_is_python(net, to):
    compile(written(net, to)[1], "port", "exec")


PLANTED = [  # net, text replaced, by what, the first layer that differs, the question behind it
    ("alexnet", "2.0 + 0.002 *", "2.0 + 0.01 *", "2", "R01"),
    ("alexnet", "(1, 1, 1, 5), (1, 1, 1, 1), ((0, 0), (0, 0), (0, 0), (2, 2))",
     "(1, 1, 1, 11), (1, 1, 1, 1), ((0, 0), (0, 0), (0, 0), (5, 5))", "2", "R03"),
    ("alexnet", "(0, 0), (2, 1)))", "(0, 0), (1, 2)))", "6", "R02"),
    ("alexnet", "w['0.weight'], (2, 2), ((2, 2), (2, 2))", "w['0.weight'], (2, 2), 'SAME'", "0", "S06"),
    ("vgg", "w['3.weight'], (2, 2), ((1, 1), (1, 1))", "w['3.weight'], (2, 2), 'SAME'", "3", "S06"),
    ("vgg", "w['0.weight'], ", "w['0.weight'][::-1, ::-1], ", "0", "C01"),
    ("vgg", "w['0.weight'], ", "w['0.weight'].swapaxes(0, 1), ", "0", "C20"),
    ("vgg", "w['4.running_var'] + 0.001", "w['4.running_var'] + 1e-05", "4", "B01"),
    ("vgg", "out['11'] = out['10']", "out['11'] = out['10'] * 0.5", "11", "D04"),
    ("LeNet", "softmax(out['out'], axis=1)", "softmax(out['out'], axis=0)", "softmax", "A07"),
    ("alexnet", "/ w['10.counts']", "/ 9.0", "10", "P03"),
]  # fmt: skip


@pytest.mark.parametrize(
    "whole", [True, pytest.param(False, marks=pytest.mark.nightly)], ids=["every layer", "output only"]
)
@pytest.mark.parametrize(
    "net, there, instead, layer, question", PLANTED, ids=[f"{p[0]} {p[3]} {p[4]}" for p in PLANTED]
)
def test_planted_slip_is_named(net, there, instead, layer, question, whole, tmp_path):
    needs("jax")
    model, (port, text) = read(net), written(net, "jax")
    assert text.count(there) == 1
    results = run_text(text.replace(there, instead), port.weights, model, "jax", tmp_path)
    last = model.layers[-1].name
    result = compare_port(model, results if whole else results[last])
    assert result.first is not None
    assert result.first.layer.name == (layer if whole else last)
    named = {(one.layer.name, one.slip.question) for one in result.reasons}
    alike = {("3", "S06"): {("3", "S17")}}  # behind it a pooling drops what the two differ in
    assert named == {(layer, question)} | (set() if whole else alike.get((layer, question), set()))


@pytest.mark.parametrize("net, layer", [("LeNet", "f5"), ("vgg", "9"), ("alexnet", "14")])
def test_forgotten_permutation_is_named(net, layer, tmp_path):
    needs("jax")
    model, (port, text) = read(net), written(net, "jax")
    plain = model.parameters[f"{layer}.weight"].numpy().T
    results = run_text(text, {**port.weights, f"{layer}.weight": plain}, model, "jax", tmp_path)
    result = compare_port(model, results)
    assert result.first is not None and result.first.layer.name == layer
    assert {(one.layer.name, one.slip.question) for one in result.reasons} == {(layer, "F01")}


def test_slip_is_named_from_the_output_alone(tmp_path):
    needs("jax")
    model, (port, text) = read("vgg"), written("vgg", "jax")
    wrong = text.replace("w['4.running_var'] + 0.001", "w['4.running_var'] + 1e-05")
    results = run_text(wrong, port.weights, model, "jax", tmp_path)
    result = compare_port(model, results["12"])
    assert [(one.layer.name, one.slip.question) for one in result.reasons] == [("4", "B01")]


def test_two_slips_are_not_named_by_one(tmp_path):
    """The first layer that differs is named; no known slip gives its numbers, so none is."""
    needs("jax")
    model, (port, text) = read("vgg"), written("vgg", "jax")
    wrong = text.replace("w['0.weight'], ", "w['0.weight'][::-1, ::-1] * 1.5, ")
    result = compare_port(model, run_text(wrong, port.weights, model, "jax", tmp_path))
    assert result.first is not None and result.first.layer.name == "0"
    assert result.reasons == [] and [one.name for one in result.suspects] == ["0"]


def test_port_in_another_layout_or_type_is_right():
    """Float32, channels last or second, a list, some layers only, other names beside them."""
    model = read("vgg")
    names = [layer.name for layer in model.layers]
    results = {name: model.results[name].numpy() for name in names}
    moved = {name: np.moveaxis(a, 1, -1) if a.ndim > 2 else a for name, a in results.items()}
    single = {name: a.astype("float32") for name, a in moved.items()}
    for given in (
        results,
        moved,
        single,
        list(results.values()),
        {"3": results["3"], "extra": np.zeros(2)},
        results["12"],
    ):
        assert compare_port(model, given).first is None


def test_wrong_numbers_are_not_taken_for_right():
    model = read("vgg")
    right = {layer.name: model.results[layer.name].numpy() for layer in model.layers}
    for name, array in right.items():
        wrong = array.astype("float32").copy()
        wrong.ravel()[0] += 0.01 * np.abs(array).max()
        first = compare_port(model, {**right, name: wrong}).first
        assert first is not None and first.layer.name == name
        nan = array.copy()
        nan.ravel()[-1] = np.nan
        assert compare_port(model, {**right, name: nan}).first is not None


def touched(*layers: nn.Module, shape: tuple[int, ...]) -> list[list[str]]:
    model = read_layers(*layers, shape=shape)
    return [questions_of(model, layer) for layer in model.layers]


def test_questions_follow_the_arguments():
    plain, padded = touched(nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 3, padding=1, stride=2), shape=(1, 2, 9, 9))
    assert {"S05", "S06", "S20", "C04", "C07"} & set(plain) == set()
    assert "S06" in padded
    floor, ceil = touched(nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1, ceil_mode=True), shape=(1, 2, 12, 12))
    assert {"S02", "S03", "P01"} & set(floor) == set() and {"S03", "S04", "P01"} <= set(ceil)
    odd, even = touched(nn.LocalResponseNorm(3), nn.LocalResponseNorm(4), shape=(1, 5, 2, 2))
    assert "R02" not in odd and "R02" in even
    grouped, depthwise = touched(nn.Conv2d(4, 4, 1, groups=2), nn.Conv2d(4, 8, 1, groups=4), shape=(1, 4, 3, 3))
    assert "C07" in grouped and "C24" not in grouped and "C24" in depthwise


def test_lrn_is_one_layer():
    model = read_layers(nn.Conv2d(1, 7, 1), nn.LocalResponseNorm(4, 0.5, 0.6, 3.0), shape=(2, 1, 3, 4))
    assert [layer.kind for layer in model.layers] == ["conv", "lrn"]
    assert model.layers[1].arguments == {"size": 4, "alpha": 0.5, "beta": 0.6, "k": 3.0}
    assert model.layers[1].name == "1"


OTHERS = [
    ([nn.ConvTranspose2d(2, 3, 3, 2, 1, output_padding=1), nn.GELU(), nn.ConvTranspose2d(3, 4, 2, dilation=2)],
     (2, 2, 4, 5)),
    ([nn.Conv2d(4, 8, (3, 2), groups=4, bias=False), nn.LeakyReLU(0.2), nn.AvgPool2d(3, 2, 1, count_include_pad=False)],
     (2, 4, 9, 8)),
    ([nn.Conv2d(2, 4, 3, padding="same", dilation=2), nn.Hardsigmoid(), nn.AvgPool2d(2, divisor_override=3)],
     (2, 2, 8, 7)),
    ([nn.Conv2d(2, 4, 2, padding="same"), nn.PReLU(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3),
      nn.LogSoftmax(1)], (2, 2, 6, 5)),
    ([nn.Conv1d(2, 3, 3, padding=1), nn.BatchNorm1d(3, affine=False), nn.MaxPool1d(2), nn.Flatten(), nn.ReLU6(),
      nn.Linear(9, 2)], (2, 2, 6)),
    ([nn.ZeroPad2d((1, 2, 0, 3)), nn.Conv2d(2, 3, 2), nn.SiLU(), nn.Hardtanh(-0.5, 0.7), nn.ELU(), nn.Softplus()],
     (2, 2, 4, 5)),
    ([nn.Linear(6, 4), nn.LayerNorm(4), nn.Tanh(), nn.Sigmoid(), nn.Softmax(-1)], (3, 5, 6)),
]  # fmt: skip


@pytest.mark.parametrize("to", INSTALLED)
@pytest.mark.parametrize("layers, shape", OTHERS, ids=range(len(OTHERS)))
def test_other_layers_are_written(layers, shape, to, tmp_path):
    needs(to)
    model = read_layers(*layers, shape=shape)
    writer = model_port.find_target(to)[0]
    port, text = model_port.write_port(model, writer, "net")
    if port.unknown:
        pytest.skip(f"by hand: {port.unknown}")
    result = compare_port(model, run_text(text, port.weights, model, writer, tmp_path))
    assert result.first is None, (result.first.layer, result.first.difference, result.first.shape)


class Shared(nn.Module):
    """One activation and one dense layer, each called twice; any batch size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.dense = nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.Linear(12, 12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.conv(x))
        return self.dense(self.relu(self.dense(x.view(x.size(0), -1))))


@pytest.mark.parametrize("to", ["jax", "onnx"])
def test_shared_layers_and_any_batch(to, tmp_path):
    """The one dense layer stands behind a flattened image, and behind itself: two layouts of one weight."""
    needs(to)
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((3, 2, 2, 2)).astype("float32"))
    batch = {"x": {0: torch.export.Dim("batch")}}
    model = read_graph(torch.export.export(Shared().eval(), (x,), dynamic_shapes=batch), x)
    assert [layer.kind for layer in model.layers] == ["conv", "relu", "view", "linear", "relu", "linear"]
    port, text = model_port.write_port(model, to, "net")
    result = compare_port(model, run_text(text, port.weights, model, to, tmp_path))
    assert port.unknown == [] and result.first is None and len(result.rows) == 6


def test_decomposed_program_is_read(tmp_path):
    needs("jax")
    layers = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.MaxPool2d(2)).eval()
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 2, 7, 6)).astype("float32"))
    model = read_graph(torch.export.export(layers, (x,)).run_decompositions(), x)
    assert [layer.kind for layer in model.layers] == ["conv", "batch_norm", "max_pool"]
    port, text = model_port.write_port(model, "jax", "net")
    assert compare_port(model, run_text(text, port.weights, model, "jax", tmp_path)).first is None


def test_layer_that_is_not_known_is_said():
    model = read_layers(nn.Upsample(scale_factor=2), nn.ReLU(), shape=(1, 2, 3, 3))
    for to in ("jax", "onnx"):
        port, text = model_port.write_port(model, to, "net")
        assert port.unknown == [model.layers[0].name] and "NotImplementedError" in text


# ---- the command


def run_in(tmp_path: Path, capsys, *words: str) -> tuple[int, str, str]:
    status = cli.run(["compare", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


FILES = {
    "empty.py": "x = 1\n",
    "two.py": "import torch\na, b = torch.nn.ReLU(), torch.nn.ReLU()\nexample = (1, 2)\n",
    "broken.py": "import torch\nmodel = torch.nn.Linear('a', 2)\n",
    "syntax.py": "def f(:\n",
    "state.py": "model = {'weight': 1}\n",
    "needs.py": "import torch\nclass Net(torch.nn.Module):\n    def __init__(self, n):\n        super().__init__()\n",
    "good.py": "from torch import nn\nmodel = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU())\n",
    "ports.py": "def raising(w, x):\n    y = x\n    return y[99]\n\n\ndef nothing(w, x):\n    return None\n\n\n"
                "def named(w, x):\n    return {'a': x}\n\n\ndef few(w, x):\n    return [x]\n",
}  # fmt: skip
GOOD = ["--model", "{}/good.py", "--to", "onnx", "--example", "1x2x5x4"]
WRONG = [
    (["--model", "{}/gone.py", "--to", "jax"], "is not there"),
    (["--model", "{}/empty.py", "--to", "jax"], "no model in it"),
    (["--model", "{}/two.py", "--to", "jax"], "several models, a, b"),
    (["--model", "{}/two.py:c", "--to", "jax"], "there is no c in it"),
    (["--model", "{}/broken.py", "--to", "jax"], "(broken.py:2)"),
    (["--model", "{}/syntax.py", "--to", "jax"], "(syntax.py:1)"),
    (["--model", "{}/state.py:model", "--to", "jax"], "state dict"),
    (["--model", "{}/needs.py", "--to", "jax"], "write a function that returns the model"),
    (["--model", "{}/good.py", "--to", "jax"], "no example input"),
    (["--model", "{}/good.py", "--to", "jax", "--example", "axb"], "write the shape as 1x3x32x32"),
    (["--model", "{}/good.py", "--to", "jax", "--example", "1x3x5x5"], "the model does not take it"),
    (["--model", "{}/good.py", "--to", "caffe", "--example", "1x2x5x4"], "a model is written for"),
    (["--model", "{}/good.py", "--example", "1x2x5x4"], "a model is written for"),
    (["--port", "a:b"], "belong to a model"),
    ([*GOOD, "--port", "nowhere_at_all:port"], "No module named"),
    ([*GOOD, "--port", "{}/ports.py"], "write it as module:function"),
    ([*GOOD, "--port", "{}/ports.py:gone"], "there is no function gone"),
    ([*GOOD, "--port", "{}/ports.py:raising"], "it raises IndexError"),
    ([*GOOD, "--port", "{}/ports.py:nothing"], "no array of numbers"),
    ([*GOOD, "--port", "{}/ports.py:named"], "the layers are 0, 1"),
    ([*GOOD, "--port", "{}/ports.py:few"], "1 results for 2 layers"),
]  # fmt: skip


@pytest.fixture
def files(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("words, sentence", WRONG, ids=[w[1] + str(i) for i, w in enumerate(WRONG)])
def test_wrong_use_is_one_sentence(words, sentence, files, capsys):
    status, _, err = run_in(files, capsys, *(word.format(files) for word in words))
    assert status == 2 and sentence in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_command_writes_weights_and_a_text_that_is_a_right_port(files, capsys):
    needs("onnx")
    given = [word.format(files) for word in GOOD]
    status, out, _ = run_in(files, capsys, *given, "--out", str(files / "w.npz"))
    assert status == 0 and "w.npz" in out and "C20" in out
    with np.load(files / "w.npz") as weights:
        assert weights["0.weight"].shape == (3, 2, 3, 3)
    status, out, _ = run_in(files, capsys, *given, "--port", f"{files / 'w.py'}:port")
    assert status == 0 and "All 2 compared layers are equal." in out
    (files / "w.py").write_text((files / "w.py").read_text().replace("strides=[1, 1]", "strides=[2, 2]"))
    status, out, _ = run_in(files, capsys, *given, "--port", f"{files / 'w.py'}:port")
    assert status == 1 and "The first that differs: 0: conv" in out and "another shape" in out
    status, _, err = run_in(files, capsys, *given, "--out", str(files / "w.npz"))
    assert status == 2 and "is another text" in err, "an edited text is not overwritten"


@pytest.mark.skipif(find_spec("keras") is not None, reason="keras is installed here")
def test_target_that_is_not_installed_is_written_and_not_compared(files, capsys):
    given = ["--model", f"{files}/good.py", "--to", "keras", "--example", "1x2x5x4"]
    status, out, _ = run_in(files, capsys, *given)
    assert status == 0 and "ops.conv(" in out and "not installed here: its answers are those recorded" in out
    status, _, err = run_in(files, capsys, *given, "--port", f"{files}/ports.py:named")
    assert status == 2 and "keras is not installed here" in err


def test_exported_program_brings_its_example(files, capsys):
    model, x = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Flatten(), nn.Linear(18, 2)).eval(), torch.randn(1, 2, 3, 4)
    torch.export.save(torch.export.export(model, (x,)), files / "net.pt2")
    status, out, _ = run_in(files, capsys, "--model", str(files / "net.pt2"), "--to", "jax")
    assert status == 0 and "flatten_permutation((3, 2, 3))" in out
    drops = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Dropout()).train()
    torch.export.save(torch.export.export(drops, (x,)), files / "train.pt2")
    status, _, err = run_in(files, capsys, "--model", str(files / "train.pt2"), "--to", "jax")
    assert status == 2 and "exported in training" in err
    (files / "bad.pt2").write_bytes(b"no program")
    status, _, err = run_in(files, capsys, "--model", str(files / "bad.pt2"), "--to", "jax")
    assert status == 2 and "no exported program" in err
