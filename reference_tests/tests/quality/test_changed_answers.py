"""No changed answer is a fault of the judge or of the diagnosis: 400 here, 2,000 at night, 100,000 by command."""

from dataclasses import replace

import numpy as np
import pytest

from reference_tests.conformance.components import dropout_rules
from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge
from reference_tests.quality.changed_answers import CHANGES, Recorded, find_faults, right_traces
from reference_tests.subject.load import load

DROPOUT = """
import numpy as np


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        pass

    def forward(self, x, train_flg=True):
        self.mask = np.random.rand(*x.shape) > 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
"""


@pytest.mark.slow
@pytest.mark.parametrize("many", [400, pytest.param(2000, marks=pytest.mark.nightly)])
def test_no_changed_answer_is_a_fault(many):
    found = find_faults(many, seed=0)
    assert found.changed >= many
    assert found.found == []


@pytest.mark.slow
def test_a_planted_fault_is_found(monkeypatch):
    """Otherwise the test above could not fail."""

    def is_masked(x, got, ratio):
        raise ZeroDivisionError

    monkeypatch.setattr(dropout_rules, "is_masked", is_masked)
    assert any("ZeroDivisionError" in one for one in find_faults(4000, seed=0, components=("dropout",)).found)


@pytest.mark.slow
def test_every_change_changes_something():
    rng = np.random.default_rng(0)
    _, ready, trace = next(entry for entry in right_traces("affine") if len(entry[2].results) > 1)
    for change in CHANGES:
        tried = [change(trace, ready.plan, rng) for _ in range(8)]
        assert any(repr(one) != repr(trace) for one in tried), change.__name__


def test_a_constant_mask_is_judged_at_every_ratio(tmp_path):
    """At ratio 1 the factor of inverted dropout is infinite."""
    (tmp_path / "dropout.py").write_text(DROPOUT)
    subject = load(str(tmp_path / "dropout.py"))
    verdicts = [judge(check, subject) for check in all_checks(["dropout"])]
    assert {v.status for v in verdicts} >= {"fail"}
    assert not [v for v in verdicts if v.status == "error"]


MASKS = """
import numpy as np


class InvertedDropout:
    def __init__(self, dropout_ratio=0.5):
        self.calls = 0

    def forward(self, x, train_flg=True):
        self.calls += 1
        return x[0] if self.calls == 2 else x


Dropout = InvertedDropout
"""


@pytest.mark.parametrize("component", ["dropout", "inverted_dropout"])
def test_masks_of_two_shapes_are_judged(tmp_path, component):
    (tmp_path / "masks.py").write_text(MASKS)
    subject = load(str(tmp_path / "masks.py"))
    verdicts = [judge(check, subject) for check in all_checks([component])]
    assert "shape" in {v.reason for v in verdicts}
    assert not [v for v in verdicts if v.status == "error"]


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_a_number_in_an_array_is_explained(shape):
    """What should be a number has no first axis."""
    entries = [entry for entry in right_traces("softmax_with_loss") if entry[0].case.why == "two classes"]
    verdicts = []
    for check, ready, trace in entries:
        wrapped = {name: a.reshape(shape) if np.ndim(a) == 0 else a for name, a in trace.results.items()}
        changed = replace(trace, results=wrapped, left=dict(wrapped))
        verdicts.append(judge(check, Recorded(changed), ready=ready))
    explain(verdicts, pairs=0)
    failed = [verdict for verdict in verdicts if verdict.status == "fail"]
    assert failed and all(verdict.reason == "shape" and verdict.diagnosis for verdict in failed)
