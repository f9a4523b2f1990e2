"""Layers without windows: chances summed rightly, golden rows really asked, right ways of writing them all passing."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from reference_tests.conformance import contract, examination, judge, references, tolerance
from reference_tests.conformance.components import dropout_rules
from reference_tests.conformance.scenarios import checks_of, draw_question
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

BASE: dict[str, Any] = mutants.executed(mutants.base(), "<base>")
Dropout: Any = BASE["Dropout"]
SoftmaxWithLoss: Any = BASE["SoftmaxWithLoss"]
LRN: Any = BASE["LRN"]


def failures(component, **names):
    found = judge.judge_all(
        checks_of(contract.layer(component)), InProcessSubject({**BASE, **names}, files=(__file__,))
    )
    return {v.check.id: v.check.level for v in found if v.status != "pass"}


@pytest.mark.parametrize("n, p", [(1680, 0.7), (1440, 0.4), (336, 0.58), (40, 0.5), (3, 0.9)])
@pytest.mark.parametrize("alarm", [1e-12, 1e-6, 1e-3])
def test_bounds_of_a_count_are_as_narrow_as_its_chance_allows(n, p, alarm):
    low, high = tolerance.likely_bound(n, p, alarm)
    chance = stats.binom(n, p)
    assert chance.cdf(low - 1) < alarm / 2 <= chance.cdf(low) * (1 + 1e-9)
    assert chance.sf(high) < alarm / 2 <= chance.sf(high - 1) * (1 + 1e-9)


def test_a_count_that_leaves_nothing_to_chance():
    assert tolerance.likely_bound(60, 1.0, 1e-12) == (60, 60)
    assert tolerance.likely_bound(60, 0.0, 1e-12) == (0, 0)


def test_one_run_raises_a_false_alarm_less_than_once_in_a_thousand_million(monkeypatch):
    counts = []
    monkeypatch.setattr(
        dropout_rules, "likely_bound", lambda *args: counts.append(args[2]) or tolerance.likely_bound(*args)
    )
    assert not failures("dropout")
    assert counts and sum(counts) < 1e-9


@pytest.mark.parametrize("component", ["lrn", "convolution"])
def test_golden_rows_are_cases_and_answered_by_golden(component):
    cases = [c for c in contract.layer(component).CASES if "golden" in c.id]
    assert cases
    for case in cases:
        answers = references.ask_all(draw_question(case).exact(), references.CPU)
        assert set(answers["golden_ref"]) == {"out", *case.op.grads}


class Generated(Dropout):
    """Masks from a Generator."""

    rng = np.random.default_rng()

    def forward(self, x, train_flg=True):
        self.mask = np.float32(self.rng.random(x.shape, np.float32) >= self.dropout_ratio)
        return self.mask * x if train_flg else x - x * self.dropout_ratio


class SlopeOne:
    """relu'(0) is 1; backward writes into dout, as in the book."""

    def forward(self, x):
        self.mask = x < 0
        return np.maximum(x, 0)

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class Exact(SoftmaxWithLoss):
    """The exact loss: 900 for a hopeless class."""

    def forward(self, x, t):
        super().forward(x, t)
        logs = x - x.max(axis=1, keepdims=True)
        logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
        return -np.mean(logs[np.arange(len(x)), self.t]) if len(x) else np.nan


class TorchWindow(LRN):
    """Even n as torch has it: i - n//2 .. i + (n-1)//2."""

    def forward(self, x):
        n, c = self.n, np.arange(x.shape[1])
        self.near = (c - c[:, None] >= -(n // 2)) & (c - c[:, None] <= (n - 1) // 2)
        self.x, self.s = x, self.k + self.alpha * np.einsum("ij,njhw->nihw", self.near, x * x)
        return x * self.s**-self.beta

    def backward(self, dout):
        shared = np.einsum("ji,njhw->nihw", self.near, dout * self.x * self.s ** (-self.beta - 1))
        return dout * self.s**-self.beta - 2 * self.alpha * self.beta * self.x * shared


@pytest.mark.parametrize(
    "component, names, advised",
    [
        ("dropout", {"Dropout": Generated}, set()),
        ("relu", {"Relu": SlopeOne}, {"dout-kept", "flat-at-zero", "read-only"}),
        ("softmax_with_loss", {"SoftmaxWithLoss": Exact}, set()),
        ("lrn", {"LRN": TorchWindow}, set()),
    ],
    ids=["generator", "slope of one", "exact loss", "torch's window"],
)
def test_right_in_another_way(component, names, advised):
    found = failures(component, **names)
    assert set(found.values()) <= {"advice"}
    assert {id.split("/")[-1] for id in found} == advised


def test_frameworks_dropout_is_wrong_here_and_named():
    class Inverted(Generated):
        def forward(self, x, train_flg=True):
            self.mask = (self.rng.random(x.shape) >= self.dropout_ratio) / max(1 - self.dropout_ratio, 1e-9)
            return self.mask * x if train_flg else x

    subject = InProcessSubject({"Dropout": Inverted}, files=(__file__,))
    found = examination.explain(list(judge.judge_all(checks_of(contract.layer("dropout")), subject)), subject)
    codes = {v.diagnosis.code for v in found if v.status == "fail" and v.check.level != "advice"}
    assert codes == {"dropout.inverted"}
