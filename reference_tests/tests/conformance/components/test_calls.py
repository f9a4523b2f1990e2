"""The call that a failure is told of: of several calls the wrong one, with its own sizes and arguments."""

import re

import numpy as np
import pytest

from reference_tests.conformance.calls import wrong_call
from reference_tests.conformance.contract import COMPONENTS, all_checks
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.types import Problem, Verdict
from reference_tests.corpus.mutants import executed, mutants
from reference_tests.quality.subjects import InProcessSubject

QUICK = ("shapes", "pooling", "affine", "batch_norm", "channel_concat", "dropout")
SHORT = """
def conv_output_size(input_size, filter_size, stride=1, pad=0):
    return (input_size + 2 * pad - filter_size) // min(stride, {most}) + 1
"""


@pytest.mark.parametrize(
    "component", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in COMPONENTS]
)
def test_call_has_the_sizes_and_arguments_of_the_wrong_result(component):
    for check in all_checks([component]):
        plan = check.scenario.plan(check.case, check.part)
        for name, (q, _what) in plan.expect.items() if check.case.op.diagnose_with == "layer" else ():
            case = wrong_call(Verdict(check, "fail", "values", [Problem("values", name)], plan=plan))
            asked = {k: tuple(np.shape(a)) for k, a in q.arrays.items()}
            assert ({k: tuple(s) for k, s in case.shapes.items()}, case.params) == (asked, q.params), (check.id, name)


@pytest.mark.parametrize("most", [12, 15])
def test_head_of_a_failure_names_a_call_that_is_wrong(most):
    names = executed(SHORT.format(most=most), "<short>")
    (v,) = failures(names, "shapes")
    n, f, stride, pad = map(int, re.findall(r"\w+=(\d+)", v.message.splitlines()[0]))
    assert names["conv_output_size"](n, f, stride, pad) != (n + 2 * pad - f) // stride + 1


@pytest.mark.slow
def test_a_stop_beside_another_layer_is_told_of_that_layer():
    mutant = next(m for m in mutants() if m.id == "conv-settings-of-the-first")
    stopped = [v for v in failures(mutant.names(), "convolution") if v.problems[0].kind == "stopped"]
    assert stopped
    for v in stopped:
        made = next(s for s in v.plan.program if s[:2] == ["make", v.problems[0].what.partition(".")[0]])
        assert v.asked.params == dict(zip(("stride", "pad"), made[3][2:]))


def failures(names, component):
    found = examine(InProcessSubject(names), Request(only=(component,), fresh=0)).components[component]
    return [v for v in found if v.status == "fail" and v.check.level != "advice"]
