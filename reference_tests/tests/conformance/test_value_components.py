"""Layers without windows: chances summed rightly, golden rows really asked, right ways of writing them all passing."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from reference_tests.conformance import contract, judge, references, tolerance
from reference_tests.conformance.components import dropout_counts, dropout_rules
from reference_tests.conformance.scenarios import checks_of
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

BASE: dict[str, Any] = mutants.executed(mutants.base(), "<base>")
LRN: Any = BASE["LRN"]


def failures(component, **names):
    subject = InProcessSubject({**BASE, **names}, files=(__file__,))
    found = judge.judge_all(checks_of(contract.layer(component)), subject)
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
    chances, bound = [], tolerance.likely_bound
    monkeypatch.setattr(dropout_rules, "likely_bound", lambda *args: chances.append(args[2]) or bound(*args))
    assert not failures("dropout")
    assert chances and sum(chances) < 1e-9


def test_all_calls_drop_equally_many_less_than_once_in_ten_to_the_eleventh():
    numbers = int(np.prod(dropout_counts.ROWS))
    chance = stats.binom(numbers, 0.5).pmf(np.arange(numbers + 1))
    assert np.sum(chance**dropout_counts.CALLS) < 1e-11
    places = int(np.prod(dropout_counts.ODD))
    assert 2 * places * 0.5**dropout_counts.ROUNDS < 1e-12


class OneByOne:
    """Dropout that draws its mask from the binomial distribution."""

    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio, self.mask = dropout_ratio, None

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x * (1 - self.dropout_ratio)
        self.mask = np.random.binomial(1, 1 - self.dropout_ratio, x.shape)  # noqa: NPY002 (as learners draw)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class ExactShare(OneByOne):
    """Dropout that drops an exact number of each image's numbers."""

    def forward(self, x, train_flg=True):
        if train_flg:
            size = x[0].size
            order = np.random.rand(len(x), size).argsort(axis=1)  # noqa: NPY002 (as learners draw)
            self.mask = (order >= round(self.dropout_ratio * size)).reshape(x.shape)
            return x * self.mask
        return super().forward(x, train_flg)


def test_an_exact_share_is_a_corner_case_and_numbers_drawn_alone_are_right():
    assert not failures("dropout", Dropout=OneByOne)
    assert set(failures("dropout", Dropout=ExactShare).values()) == {"edge"}


class InBits(OneByOne):
    """At one half each random byte decides eight places, and one more byte the places that are left."""

    spare = 1

    def forward(self, x, train_flg=True):
        if not train_flg or self.dropout_ratio != 0.5:
            return super().forward(x, train_flg)
        drawn = np.random.randint(0, 256, x.size // 8 + self.spare, np.uint8)  # noqa: NPY002 (as learners draw)
        bits = np.unpackbits(drawn)[: x.size]
        self.mask = np.pad(bits, (0, x.size - bits.size)).reshape(x.shape)
        return x * self.mask


class InWholeWords(InBits):
    """No byte is drawn for the places that are left."""

    spare = 0


def test_every_place_of_a_mask_is_drawn():
    assert not failures("dropout", Dropout=InBits)
    found = failures("dropout", Dropout=InWholeWords)
    assert set(found.values()) == {"edge"} and all(name.endswith("each-in-turn") for name in found)


@pytest.mark.parametrize("component", ["lrn", "convolution"])
def test_golden_rows_are_cases_and_answered_by_golden(component):
    cases = [c for c in contract.layer(component).CASES if "golden" in c.id]
    assert cases
    for case in cases:
        answers = references.ask_all(draw_question(case).exact(), references.CPU)
        assert set(answers["golden_ref"]) == {"out", *case.op.grads}


class SlopeOne:
    """relu'(0) is 1; backward writes into dout, as in the book."""

    def forward(self, x):
        self.mask = x < 0
        return np.maximum(x, 0)

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


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


OTHER_CONVENTIONS = [
    ("relu", {"Relu": SlopeOne}, {"dout-kept", "flat-at-zero", "read-only"}),
    ("lrn", {"LRN": TorchWindow}, set()),
]


@pytest.mark.parametrize("component, names, advised", OTHER_CONVENTIONS, ids=["slope of one", "torch's window"])
def test_layer_of_another_convention_gets_advice_at_most(component, names, advised):
    found = failures(component, **names)
    assert set(found.values()) <= {"advice"}
    assert {id.split("/")[-1] for id in found} == advised
