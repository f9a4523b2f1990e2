"""Parameters that are assigned to a layer's attributes: they count where the attribute is what the layer goes by."""

import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge
from reference_tests.corpus.mutants import executed, mutants
from reference_tests.quality.subjects import InProcessSubject

CHECKS = [c for c in all_checks(["affine"]) if c.scenario.id == "parameters-changed"][:2]
LAYER = """import numpy as np

class Affine:
    {slots}
    def __init__(self, W, b):
        {init}

    {more}
    def forward(self, x):
        W, b = {W}, {b}
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.x @ W + b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return (dout @ {W}.T).reshape(self.shape)
"""
ONLY_READ = "W, b = property(lambda self: self._W), property(lambda self: self._b)"
WITH_SETTER = "W = property(lambda self: self.kept[0], lambda self, new: self.kept.__setitem__(0, new))"
RIGHT = {
    "attributes": {},
    "other names": {"init": "self.w, self.bias = W, b", "W": "self.w", "b": "self.bias"},
    "a public dict beside": {
        "init": "self.W, self.b, self.params = W, b, dict(W=W, b=b)", "W": "self.params['W']", "b": "self.params['b']"
    },
    "a public list beside": {
        "init": "self.W, self.b, self.params = W, b, [W, b]", "W": "self.params[0]", "b": "self.params[1]"
    },
    "attributes that can only be read": {
        "init": "self._W, self._b = W, b", "more": ONLY_READ, "W": "self._W", "b": "self._b"
    },
    "an attribute with a setter": {
        "init": "self.kept, self.b = [W, b], b", "more": WITH_SETTER, "W": "self.kept[0]"
    },
    "attributes that lie in slots": {"slots": "__slots__ = ('W', 'b', 'x', 'shape', 'dW', 'db')"},
    "an adapter of somebody's": {
        "slots": "reach = {}", "init": "self.W, self.b, self._own = W, b, (W, b)", "W": "self._own[0]",
        "b": "self._own[1]",
    },
}  # fmt: skip
WRONG = {
    "a view": {"init": "self.W, self.b, self.turned = W, b, W.T", "W": "self.turned.T"},
    "a dict of its own": {"init": "self.W, self.b, self._own = W, b, dict(W=W)", "W": "self._own['W']"},
    "slots": {
        "slots": "__slots__ = ('W', 'b', 'V', 'x', 'shape', 'dW', 'db')", "init": "self.W, self.b, self.V = W, b, W[:]",
        "W": "self.V",
    },
    "the bias as a row": {"init": "self.W, self.b, self.row = W, b, b[None]", "b": "self.row"},
}  # fmt: skip
PLAIN = {"slots": "", "init": "self.W, self.b = W, b", "more": "", "W": "self.W", "b": "self.b"}


def verdicts(pieces):
    subject = InProcessSubject(executed(LAYER.format(**PLAIN | pieces), "<assigned>"))
    found = [judge(check, subject) for check in CHECKS]
    explain([v for v in found if v.status == "fail"], subject)
    return found


@pytest.mark.parametrize("pieces", RIGHT.values(), ids=RIGHT)
def test_layer_that_goes_by_what_may_be_assigned_is_right(pieces):
    assert {v.status for v in verdicts(pieces)} == {"pass"}


@pytest.mark.parametrize("pieces", WRONG.values(), ids=WRONG)
def test_layer_that_goes_on_with_the_old_numbers_is_wrong(pieces):
    failures = [v for v in verdicts(pieces) if v.status == "fail"]
    assert failures
    assert {v.diagnosis.code for v in failures} == {"state.assigned-parameters"}


def test_every_layer_with_parameters_has_a_mutant_of_it():
    asked = {c.case.op.component for c in all_checks() if c.scenario.id == "parameters-changed" and c.case.op.make}
    assert asked - {"simple_conv_net"} == {m.component for m in mutants() if m.code == "state.assigned-parameters"}
