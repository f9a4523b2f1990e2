"""Exceptions that beginners meet get a sentence and a repair; one that the table does not know gets none."""

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.diagnosis.hints import HINTS, SELF, explain_by_hint
from reference_tests.conformance.examination import Request, examine, explain
from reference_tests.conformance.judge import judge_all
from reference_tests.corpus import mutants
from reference_tests.i18n import speaking
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.execute import execute
from reference_tests.subject.load import load
from reference_tests.subject.protocol import Plan, Stop

AFFINE = """
import numpy as np
from collections import OrderedDict
def helper(x):
    x.sum()
class Affine:
    def __init__(self, W, b):
        self.W, self.b, self.x = W, b, None
    def forward(self, x):
        {body}
"""
RAISED = [  # the code, the body of forward
    ("float-size", "return np.zeros((len(x), x.shape[0] / 1))"),
    ("float-size", "return [x for i in range(len(x) / 2)]"),
    ("float-size", "return x[: len(x) / 2]"),
    ("index", "return x[len(x) / 2]"),
    ("shape-for-size", "return [x for i in range(x.shape)]"),
    ("range", "return [0 for i in x.shape[0]]"),
    ("none-used", "return self.x.shape"),
    ("none-used", "return self.x + x"),
    ("none-used", "return helper(x)[0]"),
    ("unpack", "N, C, H, W, K = x.shape; return x / N"),
    ("shape-index", "return x.shape[7]"),
    ("byte", "a = np.zeros(3, 'i1'); a[0] = 300; return a"),
    ("infinity-as-integer", "return np.pad(x.astype(int), 1, constant_values=-np.inf)"),
    ("infinity-as-integer", "out = np.zeros_like(x, int); out[0] = -np.inf; return out"),
    ("transpose", "return x.transpose(0, 1, 2, 3, 4)"),
    ("negative-size", "return np.zeros((2, -3))"),
    ("truth-of-array", "return max(x, 0)"),
    ("truth-of-array", "return x if x > 0 else 0"),
    ("array-for-number", "out = np.zeros(3); out[0] = x; return out"),
    ("array-for-number", "return float(x)"),
    ("integers", "out = np.zeros(3, int); out += 0.5; return out"),
    ("out-type", "return np.dot(x, self.W, out=np.zeros((4, 2), 'f4'))"),
    ("updates-itself", "lr = 0.1; dW = self.W; self.W.flags.writeable = False; self.W -= lr * dW"),
    ("updates-itself", "self.dW = self.W; self.W.flags.writeable = False; self.W -= 0.1 * self.dW"),
    ("read-only", "x.flags.writeable = False; x[0] = 1; return x"),
    ("mask", "x[np.ones((2, 3), bool)] = 0; return x"),
    ("pop", "return [].pop(0)"),
    ("split", "return np.split(x, 3)[0]"),
    ("concatenate", "return np.concatenate([x, x[:, :1]])"),
    ("einsum", "return np.einsum('n,k->nk', x, x)"),
    ("tensordot", "return np.tensordot(x, np.ones((9, 9)), 2)"),
    ("array-called", "return self.W(x)"),
    ("not-called", "return x.copy + 1"),
    ("not-called", "return x.reshape[0]"),
    ("list-for-array", "return [1, 2].shape"),
    ("list-for-array", "return [1, 2] * 0.5"),
    ("shape-set", "x = x.T\n        x.shape = (12,)"),
    ("empty-reshape", "return x[:0].reshape(0, -1)"),
    ("zero-division", "return len(x) // 0"),
    ("unbound", "if len(x) > 99: out = x\n        return out"),
    ("recursion", "return self.forward(x)"),
    ("import-numpy", "global np; del np; return np.dot(x, self.W)"),
    ("old-numpy", "return np.zeros(3, np.int)"),
    ("attribute", "return x @ self.W + self.bias_of_layer"),
]


def stop_in_forward(folder, body):
    (folder / "mine.py").write_text(AFFINE.format(body=body))
    given = {"x": np.ones((4, 3)), "W": np.ones((3, 2)), "b": np.ones(2)}
    program = [["make", "layer", "Affine", ["W", "b"]], ["call", "out", "layer.forward", ["x"]]]
    return load(str(folder / "mine.py")).run(Plan(program, given, {})).stop


@pytest.mark.parametrize("row", RAISED, ids=lambda row: f"{row[0]}: {row[1][:30]}")
def test_an_exception_gets_its_hint(tmp_path, row):
    code, body = row
    hint = explain_by_hint(stop_in_forward(tmp_path, body), "relu")
    assert hint and hint.code == f"exception.{code}"
    assert hint.line and hint.repair and "{" not in hint.text


def test_every_hint_is_met():
    assert {h.slug for h in HINTS} == {code for code, _body in RAISED}


@pytest.mark.parametrize("body", ["raise ValueError('mine')", "return x.shape[0][1]", "import json; json.loads('{{')"])
def test_an_unknown_exception_gets_no_hint(tmp_path, body):
    assert explain_by_hint(stop_in_forward(tmp_path, body), "affine") is None


def test_a_method_without_self_is_asked_for_it():
    stop = Stop(
        "exception", "layer.forward", "TypeError: Affine.forward() takes 1 positional argument but 2 were given"
    )
    hint = explain_by_hint(stop, "affine")
    assert hint and hint.code == f"exception.{SELF.slug}"
    stop.line = "line 3: helper(x, 1)"  # a helper of the learner's is another matter
    assert explain_by_hint(stop, "affine") is None


@pytest.mark.parametrize(
    ("called", "code"),
    [("backward(self)", "no-dout"), ("forward(self)", "parameter"), ("backward(dout)", "self"), ("forward(x)", "self")],
)
def test_a_method_of_too_few_parameters_is_asked_for_the_one_that_lacks(called, code):
    names: dict[str, object] = {}
    exec(f"class Relu:\n    def {called}:\n        return 0", names)
    method = called.partition("(")[0]
    program = [["make", "layer", "Relu", []], ["call", "out", f"layer.{method}", ["x"]]]
    hint = explain_by_hint(execute(names, program, {"x": np.ones((4, 3))}).stop, "relu")
    assert hint and hint.code == f"exception.{code}" and hint.repair and "{" not in hint.text


def test_a_shape_of_more_axes_than_names_asks_to_flatten():
    stop = Stop("exception", "", "ValueError: too many values to unpack (expected 2)", "line 3: N, D = x.shape")
    assert explain_by_hint(stop, "affine").code == "shape.not-flattened"
    assert explain_by_hint(stop, "relu").code == "exception.unpack"


def test_a_line_that_is_right_in_the_plain_use_is_not_blamed():
    stop = Stop("exception", "", "ValueError: axes don't match array", "line 3: dout.transpose(0, 2, 3, 1)")
    assert explain_by_hint(stop, "convolution").code == "exception.transpose"
    assert explain_by_hint(stop, "convolution", runs_plainly=True) is None


@pytest.mark.slow
def test_a_network_whose_second_gradient_goes_another_way_is_told_that():
    mutant = next(m for m in mutants.mutants("simple_conv_net") if m.id == "net-reversed-in-place")
    subject = InProcessSubject(mutant.names())
    checks = [c for c in all_checks(["simple_conv_net"]) if c.scenario.id in ("plain", "gradient-twice")]
    found = explain(list(judge_all(checks, subject)), subject)
    said = [v.diagnosis for v in found if v.status == "fail" and v.diagnosis]
    assert any("a second one is not" in d.rule for d in said)
    assert {d.code for d in said} == {"net.layers-reversed"}


@pytest.mark.slow
def test_a_hint_stands_in_the_message_in_both_languages(tmp_path):
    source = AFFINE.format(body="return np.zeros((len(x), self.W.shape[1] / 1))")
    (tmp_path / "mine.py").write_text(source)
    for language, sentence in (("en", "use a // b"), ("ja", "a // b を使うか")):
        with speaking(language), load(str(tmp_path / "mine.py")) as subject:
            found = examine(subject, Request(only=("affine",), fresh=0)).components["affine"]
        assert sentence in next(v.message for v in found if v.status == "fail")
