"""convcheck verify --network and convcheck show shapes, as a user runs them."""

import json
import resource
import subprocess
import sys

import jsonschema
import pytest

from impl.networks import NETWORKS
from reference_tests import cli

from .test_verify import SCHEMA

pytestmark = pytest.mark.slow  # each judges a network

OWN = """
import numpy as np

from impl.layers import Affine, AveragePooling, Convolution, Pooling, Relu, SoftmaxWithLoss

SHAPES = {"W1": (6, 1, 5, 5), "b1": (6,), "W2": (16, 6, 5, 5), "b2": (16,),
          "W3": (400, 120), "b3": (120,), "W4": (120, 84), "b4": (84,), "W5": (84, 10), "b5": (10,)}


class MyNet:
    def __init__(self):
        self.params = p = {k: np.full(s, 0.01) for k, s in SHAPES.items()}
        self.layers = {
            "conv1": Convolution(p["W1"], p["b1"], 1, 2), "relu1": Relu(), "pool1": Pooling(2, 2, 2),
            "conv2": Convolution(p["W2"], p["b2"]), "relu2": Relu(), "pool2": Pooling(2, 2, 2),
            "dense1": Affine(p["W3"], p["b3"]), "relu3": Relu(), "dense2": Affine(p["W4"], p["b4"]), "relu4": Relu(),
            "dense3": Affine(p["W5"], p["b5"]),
        }
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward(1)
        for layer in reversed(self.layers.values()):
            dout = layer.backward(dout)
        weighted = [layer for layer in self.layers.values() if hasattr(layer, "dW")]
        found = {}
        for n, layer in enumerate(weighted, 1):
            found[f"W{n}"], found[f"b{n}"] = layer.dW, layer.db
        return found
"""


@pytest.fixture
def own(tmp_path, monkeypatch, capsys):
    """verify --network on a file of one's own -> exit status, JSON, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *more: str):
        (tmp_path / "mine.py").write_text(text)
        arguments = ["verify", "--network", "mine.py:MyNet", "--like", "lenet", "--json", "-", *more]
        status, said = cli.run(arguments), capsys.readouterr()
        report = json.loads(said.out)
        jsonschema.validate(report, SCHEMA)
        checks = report["components"]["lenet"]["checks"]
        return status, {c["id"].split("/")[1]: c for c in checks}, said.err

    return run


def statuses(parts: dict) -> dict[str, str]:
    return {name: part["status"] for name, part in parts.items()}


def test_right_foreign_network_agrees(own):
    status, checks, _ = own(OWN)
    assert (status, statuses(checks)) == (0, {"predict": "pass", "loss": "pass", "gradient": "pass"})


def test_wrong_network_names_the_first_layer_that_differs(own):
    status, checks, said = own(OWN.replace('"pool2": Pooling', '"pool2": AveragePooling'))
    assert status == 1 and {c["status"] for c in checks.values()} == {"fail"}
    assert "the first layer that gives something else is pool2" in checks["predict"]["message"]
    assert "--network mine.py:MyNet --like lenet" in said


def test_wrong_gradient_alone_is_reported_as_such(own):
    wrong = OWN.replace("layer.dW, layer.db", "layer.dW, layer.db * 2")
    status, checks, _ = own(wrong)
    assert status == 1 and [k for k, c in checks.items() if c["status"] == "fail"] == ["gradient"]
    assert "grads.b1" in checks["gradient"]["message"] and "grads.W1" not in checks["gradient"]["message"]


def test_network_without_gradient_is_judged_on_the_rest(own):
    status, checks, _ = own(OWN.replace("def gradient", "def slope"))
    assert (status, statuses(checks)) == (0, {"predict": "pass", "loss": "pass", "gradient": "absent"})


@pytest.mark.parametrize(
    "change, said",
    [
        (('"b5": (10,)', '"b5": (10,), "W6": (3,)'), "11 arrays, should be 10"),
        (("self.last = ", 'p["b4"] = p["b4"][None]\n        self.last = '), "b4 has shape (1, 84)"),
        (("self.last = ", "self.first = 1 / 0\n        self.last = "), "mine.py:MyNet stops with ZeroDivisionError"),
    ],
)
def test_wrong_parameters_or_no_network_give_the_reason(own, change, said):
    status, checks, _ = own(OWN.replace(*change))
    assert status == 1 and said in checks["its-parameters"]["message"]


def test_network_without_parameters_fails(own):
    status, checks, _ = own(OWN.replace("self.params = p", "self.arrays = p"))
    assert status == 1 and checks["its-parameters"]["status"] == "absent"


@pytest.mark.parametrize(
    "arguments, said",
    [
        ("verify --network lenett", "did you mean lenet"),
        ("verify --network zzz", "there are mlp"),
        ("verify --network mine.py:MyNet", "--like says which"),
        ("verify --network lenet --like lenet", "--like goes with"),
        ("verify mine.py --network lenet", "--network mine.py:MyNet"),
        ("verify --network nowhere.py:MyNet --like lenet", "nowhere.py"),
        ("show shapes resnet", "did you mean resnet18"),
        ("show shapes lenet --size 28x28", "write it as 3x224x224"),
        ("show shapes alexnet --size 3x20x20", "alexnet for (3, 20, 20)"),
    ],
)
def test_wrong_use_is_refused_in_one_sentence(arguments, said, capsys):
    assert cli.run(arguments.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and said in lines[0]


def test_our_networks_are_checked_by_name(capsys):
    assert cli.run(["verify", "--network", "lenet5", "--network", "mlp", "--json", "-"]) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    jsonschema.validate(report, SCHEMA)
    assert statuses(report["components"]) == {"lenet5": "pass", "mlp": "pass"}
    assert "2 agree" in said.err


@pytest.mark.nightly
def test_all_networks_agree_at_the_papers_size_in_little_memory():
    """Peak memory of the whole process, all networks one after the other; the second size of ru_maxrss is KiB."""
    command = [sys.executable, "-m", "reference_tests", "verify", "--network", "all", "--json", "-", "--quiet"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert statuses(json.loads(done.stdout)["components"]) == dict.fromkeys(NETWORKS, "pass")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 6 << 20


def test_show_shapes_prints_the_papers_sizes(capsys):
    assert cli.run(["show", "shapes", "lenet5"]) == 0
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines()]
    assert ["c3", "PartialConv", "16x10x10", "1,516"] in rows
    assert rows[1] == ["input", "1x32x32"] and "60,000 parameters" in said


def test_show_shapes_takes_another_size(capsys):
    assert cli.run(["show", "shapes", "resnet18", "--size", "3x64x48"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["layer1.0.add", "Add", "layer1.0.bn2", "maxpool", "64x16x12"] in rows
    assert ["layer4.1.relu2", "Activation", "512x2x2"] in rows
