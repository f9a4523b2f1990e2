"""An examination of something wrong, small enough to be looked at in every test."""

from types import SimpleNamespace

import numpy as np
import pytest

from impl import layers
from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import Examination, checks_named, explain
from reference_tests.conformance.judge import judge_all, prepare
from reference_tests.conformance.types import Problem, Verdict
from reference_tests.i18n import speaking
from reference_tests.reports import page
from reference_tests.subject.load import Subject


class Convolution(layers.Convolution):
    """Rotates W in forward."""

    def forward(self, x):
        W, self.W = self.W, self.W[:, :, ::-1, ::-1].copy()
        try:
            return super().forward(x)
        finally:
            self.W = W


class Pooling(layers.Pooling):
    """Loses the last column of dx."""

    def backward(self, dout):
        dx = np.array(super().backward(dout))
        dx[..., -1] = 0
        return dx


class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout.no_such_thing


WRONG = {"Convolution": Convolution, "Pooling": Pooling, "Relu": Relu}
KEPT = {"convolution": 20, "pooling": 6, "relu": 4, "tanh": 2}  # checks


@pytest.fixture(scope="session")
def wrong_subject() -> Subject:
    return Subject("<wrong & small>.py", "", dict(WRONG), [], (__file__,), {})


@pytest.fixture(scope="session")
def examined(wrong_subject) -> Examination:
    found = Examination()
    for name, count in KEPT.items():
        checks = [c for c in all_checks([name]) if c.scenario.id in ("plain", "second-call", "float64-kept")][:count]
        asked_again = wrong_subject if name == "convolution" else None  # for its smallest case and its index map
        found.components[name] = explain(list(judge_all(checks, wrong_subject)), asked_again)
    return found


@pytest.fixture(scope="session")
def about() -> dict:
    return {"torch": "1", "scipy": "2", "devices": ["cpu"]}


@pytest.fixture(scope="session")
def page_of(wrong_subject, examined, about):
    """language -> the page."""

    def made(language: str = "en") -> str:
        with speaking(language):
            return page.make_page(examined, wrong_subject, ["checking it"], about)

    return made


@pytest.fixture
def problem():
    """A wrong answer: problem("out", got, want)."""

    def made(what, got, want, allowed=1e-9, kind="values"):
        return Problem(kind, what, np.asarray(got), None if want is None else np.asarray(want), allowed)

    return made


@pytest.fixture
def failing(problem):
    """A verdict: failing(check id, what, wrong places of the right answer)."""

    def made(check_id, what, *places):
        check = checks_named(check_id)[0]
        ready = prepare(check)
        want = ready.expected[what].want
        got = np.array(want)
        for n, place in enumerate(places):
            got[place] += 1 + n
        verdict = Verdict(check, "fail", "values", [problem(what, got, want)], plan=ready.plan)
        return verdict, SimpleNamespace(got=got, want=want)

    return made
