"""A layer that stops on whole numbers, or cuts them: advice, and a corner case only where a picture goes in."""

from functools import cache

import numpy as np
import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.scenarios import checks_of
from reference_tests.conformance.types import Check, Verdict
from reference_tests.corpus import mutants
from reference_tests.grading import rubric_toml
from reference_tests.grading.session import GradingSession
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.tests.grading import checklist_of

IN_BYTES = {"im2col", "convolution", "affine", "mean_normalization"}  # given a picture as its file has it: no advice
PICTURES = IN_BYTES | {f"{kind}_convolution" for kind in ("grouped", "depthwise", "pointwise")} | {"locally_connected"}

STOPS = {  # what stops where x is whole numbers
    "in place": lambda x: np.multiply(x, 0.5, out=x.copy()),
    "a power": lambda x: np.arange(1, 3) ** -1,
    "infinity": lambda x: int(-np.inf),
    "no precision": lambda x: np.finfo(x.dtype),
}


def whole_checks(component: str) -> list[Check]:
    """Return the checks whose numbers, labels and parameters aside, are whole."""

    def is_whole(check: Check) -> bool:
        arrays = check.case.question().arrays
        op = check.case.op
        return any(a.dtype.kind in "iu" for name, a in arrays.items() if name in {*op.args} - {*op.labels})

    return [check for check in checks_of(layer(component)) if is_whole(check)]


@cache
def plain_names() -> dict:
    return mutants.executed(mutants.base(), "<plain>")


def stopping(name: str, stop) -> InProcessSubject:
    """Return the right layer or function, which stops where its first argument is whole numbers."""
    right = plain_names()[name]

    def guard(x):
        if x.dtype.kind in "iu":
            stop(x)

    if isinstance(right, type):

        class Stopping(right):  # type: ignore[misc, valid-type]
            def forward(self, x, *more, **named):
                guard(x)
                return super().forward(x, *more, **named)

        return InProcessSubject(plain_names() | {name: Stopping})

    def stopping_function(x, *more, **named):
        guard(x)
        return right(x, *more, **named)

    return InProcessSubject(plain_names() | {name: stopping_function})


def examined(component: str, stop) -> list[Verdict]:
    subject = stopping(layer(component).OP.name, stop)
    return examine(subject, Request(only=(component,), fresh=0)).components[component]


WHOLE = [name for name in COMPONENTS if name not in ("shapes", "softmax_with_loss", "simple_conv_net")]


@pytest.mark.slow
def test_every_layer_of_floats_is_asked_for_whole_numbers():
    assert {name for name in COMPONENTS if whole_checks(name)} == set(WHOLE)


@pytest.mark.slow
@pytest.mark.parametrize("component", WHOLE)
def test_a_stop_on_whole_numbers_is_advice_but_on_a_picture_in_bytes_where_pictures_go_in(component):
    found = examined(component, STOPS["in place"])
    stopped = {v.check.case.why: (v.check.level, v.diagnosis and v.diagnosis.code) for v in found if v.status == "fail"}
    bytes_first = {why for why in stopped if component in IN_BYTES and "bytes" in why}
    assert {stopped[why] for why in bytes_first} <= {("edge", "exception.integers")}
    rest = {outcome for why, outcome in stopped.items() if why not in bytes_first}
    assert rest <= {("advice", "exception.integers"), ("advice", "exception")} and stopped


@pytest.mark.slow
@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
def test_whatever_the_exception_is_it_is_told_and_nothing_is_wrong(stop):
    subject = stopping("InvertedDropout", stop)
    found = examine(subject, Request(only=("inverted_dropout",), fresh=5))
    told = [v for v in found.components["inverted_dropout"] if v.status == "fail"]
    assert {v.check.level for v in told} == {"advice"} and all(v.message for v in told)
    assert found.status("inverted_dropout") == "pass"


@pytest.mark.slow
@pytest.mark.parametrize("component", WHOLE)
def test_whole_numbers_are_a_corner_case_where_a_picture_goes_in_and_advice_elsewhere(component):
    levels = {check.level for check in whole_checks(component)}
    assert levels == {"edge" if component in PICTURES else "advice"}


def cutting(name: str) -> InProcessSubject:
    """Return the right layer or function, whose result has the type of its first argument."""
    right = plain_names()[name]

    if isinstance(right, type):

        class Cutting(right):  # type: ignore[misc, valid-type]
            def forward(self, x, *more, **named):
                return super().forward(x, *more, **named).astype(x.dtype)

        return InProcessSubject({name: Cutting})
    return InProcessSubject({name: lambda x, *more, **named: right(x, *more, **named).astype(x.dtype)})


@pytest.mark.parametrize(("name", "status"), [("Tanh", "pass"), ("Affine", "edge")])
def test_whole_numbers_that_are_cut_count_where_a_picture_goes_in(name, status):
    component = name.lower()
    found = examine(cutting(name), Request(only=(component,), fresh=0))
    cut = [v for v in found.components[component] if v.status == "fail"]
    assert {v.check.level for v in cut} == {"edge" if status == "edge" else "advice"}
    assert found.status(component) == status
    assert all(v.diagnosis and v.diagnosis.text for v in cut)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Relu", "im2col"])
def test_a_stop_that_is_advice_costs_no_points(name):
    component = "relu" if name == "Relu" else name
    rubric = rubric_toml.parse({"components": {component: {"points": 10}}})
    session = GradingSession(stopping(name, STOPS["in place"]), "a.py", rubric, *checklist_of(rubric))
    session.grade("/nowhere")
    lost = {item.check.case.why for item in session.checklist.items if session.verdicts[item.id].status != "pass"}
    assert lost == ({"images in bytes"} if name == "im2col" else set())
