"""Layers in other interfaces, as a user sees them: how they were read, in their own words, pinned, unread, adapted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from reference_tests import cli, reports
from reference_tests.conformance.examination import Request, requested_checks
from reference_tests.conformance.judge import component_status, judge_all
from reference_tests.conformance.types import Verdict
from reference_tests.corpus.conventions import FOLDER
from reference_tests.reports.adapter_file import write_adapters
from reference_tests.subject.conventions.known.table import KNOWN, NAMES
from reference_tests.subject.parent import RemoteSubject
from reference_tests.tests.sampling import some_at_night

pytestmark = pytest.mark.slow

SCHEMA = json.loads((Path(reports.__file__).parent / "verify.schema.json").read_text())
TANH = """
import numpy as np

class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out ** 2)
"""
UNREADABLE = """
class Conv2D:
    def __init__(self, recipe, plan):
        self.layers = recipe.layers(plan)

    def forward(self, x):
        return self.layers(x)
"""
NETWORK = """
class CNN:
    def __init__(self, depth, width): self.layers = [Tanh() for _ in range(depth * width)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout
"""
NORM = """
class BatchNorm:
    def __init__(self, gamma, beta, eps=1e-5): self.g, self.b, self.eps = gamma, beta, eps
    def forward(self, x):
        self.std = np.sqrt(x.var(0) + self.eps); self.xn = (x - x.mean(0)) / self.std; return self.g * self.xn + self.b
    def backward(self, d):
        self.dgamma, self.dbeta = (d * self.xn).sum(0), d.sum(0); h = d * self.g
        return (h - h.mean(0) - self.xn * (h * self.xn).mean(0)) / self.std
"""


@pytest.fixture
def convcheck(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        return cli.run(arguments), *capsys.readouterr()

    return run


def test_the_first_lines_say_how_each_layer_was_read(convcheck):
    _, out, _ = convcheck("verify", f"{FOLDER}/cs231n/right.py", "--only", "relu", "--seed", "3")
    said = "conv_forward_naive(x, w, b, conv_param) -> out, cache (CS231n, assignment 2), channels first"
    assert f"convolution read as: {said}" in out
    assert "pooling read as: max_pool_forward_naive(x, pool_param)" in out
    assert "  not looked at: padding other than 0" in out
    dropout = "dropout_forward(x, dropout_param) (CS231n, assignment 2); its number is the share that is "
    assert f"inverted_dropout read as: {dropout}" in out


def test_readings_are_said_in_japanese_too(convcheck):
    _, out, _ = convcheck("verify", f"{FOLDER}/cs231n/right.py", "--only", "relu", "--lang", "ja", "--seed", "3")
    assert "convolution の読み取り方: conv_forward_naive(x, w, b, conv_param)" in out


def test_json_has_the_reading_of_each_layer(convcheck):
    _, out, _ = convcheck("verify", f"{FOLDER}/keras/right.py", "--only", "pooling", "--json", "-", "--seed", "3")
    report = json.loads(out)
    jsonschema.validate(report, SCHEMA)
    reading = report["components"]["pooling"]["reading"]
    assert (reading["convention"], reading["layouts"]["x"]) == ("keras", "N H W C")
    assert reading["signature"].startswith("MaxPooling2D(pool_size")


def test_a_failure_names_the_call_and_the_place_as_its_author_has_them(convcheck):
    target = f"{FOLDER}/keras/wrong_upside_down.py"
    _, out, _ = convcheck("verify", target, "--case", "convolution/W-is-used-as-it-is-not-flipped/forward")
    assert "Conv2D(5, (4, 1), (1, 1), 'valid').call(inputs (2, 9, 7, 3)), kernel (4, 1, 3, 5), bias (5,)" in out
    assert "out[0, 4, 0, 4] is " in out


def test_functions_are_named_with_their_own_arguments_and_results(convcheck):
    target = f"{FOLDER}/coursera/wrong_db_last.py"
    _, out, _ = convcheck("verify", target, "--case", "convolution/rows-and-columns-of-a-square-window/backward")
    assert "conv_forward(A_prev (2, 7, 6, 3), W (3, 3, 3, 6)" in out
    assert "db[0, 0, 0, " in out


@pytest.mark.parametrize(
    "target, case, said",
    [
        (
            "cs231n/wrong_loss_sum.py",
            "softmax_with_loss/softmax-over-the-classes/backward",
            ["softmax_loss(x (5, 7), y (5,))", "dx[2, 1] is"],
        ),
        (
            "mytorch/wrong_mlp_loss.py",
            "softmax_with_loss/softmax-over-the-classes/backward",
            ["CrossEntropyLoss().forward(A (5, 7), Y (5,))"],
        ),
        (
            "keras/wrong_forward_dropout.py",
            "inverted_dropout/training-scales-what-is-kept/forward/share-kept",
            ["Dropout(0.3).forward(x (3, 4, 5, 6), True)"],
        ),
        (
            "azuma/wrong_beginner_dropout.py",
            "dropout/inference-scales-by-1---ratio",
            ["DropoutLayer(0.3).forward(x (3, 4, 5, 6), False)"],
        ),
        (
            "cs231n/wrong_norms_gamma.py",
            "batch_norm/rows-as-well-as-images/backward",
            ["batchnorm_forward(x (7, 4), gamma (4,), beta (4,), {'mode': 'train'", "'momentum': 0.9", "dgamma["],
        ),
    ],
    ids=["a loss that gives its gradient", "a class of a loss", "dropout", "the book's dropout", "batch normalization"],
)
def test_losses_dropout_and_normalization_speak_the_author_s_words(target, case, said, convcheck):
    _, out, _ = convcheck("verify", f"{FOLDER}/{target}", "--case", case)
    assert [text for text in said if text not in out] == []


def test_a_pinned_convention_is_the_only_one_that_is_tried(convcheck, tmp_path):
    target = f"{FOLDER}/cs231n/right.py"
    status, _, err = convcheck("verify", target, "--convention", "cs231m")
    assert status == 2
    assert "there is no convention cs231m; there are book, cs231n, coursera" in err
    status, _, err = convcheck("verify", target, "--convention", "book")
    assert status == 2
    assert "nothing in" in err
    _, out, _ = convcheck("verify", target, "--convention", "cs231n", "--show-reading")
    assert "convolution: conv_forward_naive(x, w, b, conv_param)" in out


def test_a_convention_can_stand_in_the_settings(convcheck, tmp_path):
    (tmp_path / "layers.py").write_text((FOLDER / "cs231n" / "right.py").read_text())
    (tmp_path / "convcheck.toml").write_text('convention = "book"\n')
    assert convcheck("verify", str(tmp_path / "layers.py"))[0] == 2


def test_the_whole_reading_is_shown_without_judging(convcheck):
    status, out, _ = convcheck("verify", f"{FOLDER}/keras/right.py", "--show-reading")
    assert status == 0
    assert "  W: (FH, FW, C, FN), kernel" in out
    assert "class Convolution:" in out


def test_known_conventions_are_listed(convcheck):
    status, out, _ = convcheck("conventions")
    assert status == 0
    assert all(name in out for name in NAMES)
    assert len(KNOWN) >= 18


def test_a_convolution_that_cannot_be_read_is_said_and_exits_1(convcheck, tmp_path):
    (tmp_path / "layers.py").write_text(TANH + UNREADABLE)
    status, out, _ = convcheck("verify", str(tmp_path / "layers.py"), "--only", "tanh", "--only", "convolution")
    assert status == 1
    assert "Conv2D(recipe, plan) looks like convolution, but could not be read" in out
    assert "1 agrees" in out


def test_a_network_of_another_kind_is_nobodys_fault(convcheck, tmp_path):
    (tmp_path / "layers.py").write_text(TANH + NETWORK)
    status, out, _ = convcheck("verify", str(tmp_path / "layers.py"), "--only", "tanh", "--only", "simple_conv_net")
    assert (status, "called differently" in out) == (0, False)


def test_one_matching_name_does_not_silence_the_others(convcheck, tmp_path):
    relu = "class ReLU:\n    def forward(self, x): return np.maximum(0, x)\n    def backward(self, d): return d\n"
    (tmp_path / "layers.py").write_text(TANH + relu)
    status, out, _ = convcheck("verify", str(tmp_path / "layers.py"), "--only", "tanh", "--only", "relu")
    assert status == 1
    assert "relu read as: ReLU()" in out
    assert "1 agrees, 1 disagrees" in out


def test_another_signature_is_no_failure_but_called_differently(convcheck, tmp_path):
    (tmp_path / "layers.py").write_text(TANH + NORM)
    status, out, _ = convcheck("verify", str(tmp_path / "layers.py"), "--only", "tanh", "--only", "batch_norm")
    if "batch_norm read as" in out:  # it has a reader by now
        assert status == 0
    else:
        assert status == 1
        assert "BatchNorm(gamma, beta, eps=1e-05) is called differently; asked for is BatchNorm(" in out
    assert "TypeError" not in out


@pytest.mark.parametrize(
    "name",
    [
        "script.py",
        "data_loader.py",
        "signal_1d.py",
        "thread_pool.py",
        "connection_pool.py",
        "edges.py",
        "plots.ipynb",
    ],
)
def test_a_file_without_layers_ends_in_one_sentence(convcheck, name):
    status, _, err = convcheck("verify", f"{FOLDER}/unjudged/{name}")
    assert status == 2
    assert err.startswith("convcheck: nothing in ")
    assert " can be judged: " in err
    assert len(err.splitlines()) == 1


def test_an_empty_file_is_said_to_be_empty(convcheck):
    status, _, err = convcheck("verify", f"{FOLDER}/unjudged/empty.py")
    assert status == 2 and len(err.splitlines()) == 1
    assert "empty.py is empty: there is no code in it" in err


def test_unjudgeable_target_is_refused_in_japanese_too(convcheck, tmp_path):
    _, _, err = convcheck("verify", f"{FOLDER}/unjudged/script.py", "--lang", "ja")
    assert err.startswith("convcheck: 判定できるものがありません。")
    (tmp_path / "layers.py").write_text("class MaxPooling:\n    def forward(self, size, x, y): return size[x][y]\n")
    _, _, err = convcheck("verify", str(tmp_path / "layers.py"), "--lang", "ja")
    assert "もしかすると --map Pooling=MaxPooling" in err


def test_adapting_what_needs_no_adapter_is_wrong_use(convcheck, tmp_path):
    (tmp_path / "layers.py").write_text(TANH)
    status, _, err = convcheck("adapt", str(tmp_path / "layers.py"))
    assert status == 2
    assert "there is nothing to adapt in" in err


def test_an_adapter_says_once_what_it_lacks(convcheck):
    _, out, _ = convcheck("adapt", f"{FOLDER}/whole_nets/right_functions.py")
    assert out.count("lacks = ('init', 'accuracy')") == 1


def test_an_adapter_runs_in_plain_python(convcheck, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, out, _ = convcheck("adapt", f"{FOLDER}/torch_nn/right.py")
    (tmp_path / "adapter.py").write_text(out)
    assert out.startswith('"""Adapters of')
    code = "import numpy as np; from adapter import Relu; print(Relu().forward(np.array([[-1.0, 2.0]])).sum())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "2.0", done.stderr


def test_an_adapter_of_a_target_on_tensors_runs_in_plain_python(convcheck, tmp_path, monkeypatch):
    """What it has in the book's interface passes over to tensors too, and what takes NumPy's arrays stays."""
    monkeypatch.chdir(tmp_path)
    code = (FOLDER / "torch_tensors" / "right_book.py").read_text() + (
        "\ndef sigmoid(x):\n    return 1 / (1 + torch.exp(-x))\n"
        "\nimport numpy as np\ndef tanh(x):\n    return np.tanh(x)\n"
    )
    (tmp_path / "layers.py").write_text(code)
    _, out, _ = convcheck("adapt", "layers.py")
    (tmp_path / "adapter.py").write_text(out)
    code = (
        "import numpy as np; import adapter; x = np.ones((1, 1, 4, 4)); l = adapter.Sigmoid(); print(l.forward(x).sum()"
    )
    code += " - l.backward(x).sum(), adapter.Tanh().forward(x).sum(), adapter.Relu().forward(x).sum())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    one = 1 / (1 + np.exp(-1))
    numbers = [float(word) for word in done.stdout.split()]
    np.testing.assert_allclose(numbers, [16 * one**2, 16 * np.tanh(1), 16.0], rtol=1e-5, err_msg=done.stderr)


@pytest.mark.parametrize("name", ["coursera", "torch_nn"])  # functions; classes, one with the contract's name
def test_an_adapter_of_a_notebook_runs_in_plain_python(convcheck, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.ipynb").write_text((FOLDER / name / "right.ipynb").read_text())
    _, out, _ = convcheck("adapt", "book.ipynb")
    (tmp_path / "adapter.py").write_text(out)
    code = "import numpy as np; from adapter import *; x = np.ones((1, 1, 4, 4)); print(Pooling(2, 2).forward(x).sum()"
    code += " + Convolution(np.ones((1, 1, 2, 2)), np.zeros(1)).forward(x).sum())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split()[-1:] == ["40.0"], done.stderr  # the cells print, too


ADAPTED = (
    "cs231n/wrong_db.py", "keras/wrong_upside_down.py", "holberton/wrong_dw", "one_image/right.py",
    "ml_from_scratch/right.py", "cs231n/wrong_split_order", "coursera/right.ipynb", "torch_nn/right.py",
    "azuma/right_beginner.py", "azuma/wrong_bias.py", "param_dict/right.py", "book_variants/wrong_renamed_dw.py",
    "factory/wrong_bias.py", "torch_tensors/right_module.py", "torch_tensors/wrong_double.py",
    "one_image/wrong_op_bias.py", "self_updating/right_fused.py",
)  # fmt: skip


@pytest.mark.parametrize("name", some_at_night(ADAPTED, each=4))
def test_adapters_get_the_verdict_of_the_target(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with RemoteSubject(str(FOLDER / name)) as subject:
        Path("adapter.py").write_text(write_adapters(subject))
        first = outcome(subject)
    with RemoteSubject("adapter.py") as subject:
        assert outcome(subject) == first
    assert os.listdir(tmp_path) == ["adapter.py"]


def outcome(subject: RemoteSubject) -> tuple[dict[str, str], set[str]]:
    """Return the components' statuses and the ids of the checks that fail; why they fail is asked elsewhere."""
    found: dict[str, list[Verdict]] = {}
    for verdict in judge_all(requested_checks(subject, Request(seed=7)), subject):
        found.setdefault(verdict.check.case.op.component, []).append(verdict)
    failing = {v.check.id for verdicts in found.values() for v in verdicts if v.status == "fail"}
    return {name: component_status(verdicts) for name, verdicts in found.items()}, failing
