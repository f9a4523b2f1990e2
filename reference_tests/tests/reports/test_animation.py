"""The steps over a wrong case end in the right answer, and a browser steps through them by the keyboard."""

import numpy as np
import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.scenarios import checks_of
from reference_tests.corpus.mutants import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.reports.animation import BACKWARD, FORWARD, MAX_STEPS, make_animation


def animations(component, most=6):
    """Yield (verdict, animation) of wrong answers of a component's mutants."""
    found = 0
    for mutant in mutants(component):
        for verdict in judge_all(checks_of(layer(component))[:40], InProcessSubject(mutant.names())):
            animation = make_animation(verdict) if verdict.status == "fail" else None
            if animation:
                found += 1
                yield verdict, animation
                break
        if found >= most:
            return


@pytest.mark.slow
@pytest.mark.parametrize("component", sorted({name for name, _ in [*FORWARD, *BACKWARD]}))
def test_last_step_shows_the_right_answer(component):
    seen = set()
    for verdict, animation in animations(component):
        right = np.array([[float(text) for text in row] for row in animation.want])
        assert 1 <= len(animation.steps) <= MAX_STEPS
        assert all(step.row + animation.size[0] <= animation.rows for step in animation.steps)
        if animation.steps[-1].left:
            p, whole = animation.pad, np.array([[float(x) for x in row] for row in animation.steps[-1].left])
            shown = whole[p : len(whole) - p, p : whole.shape[1] - p]
            np.testing.assert_allclose(shown, right, atol=0.02 * max(1, np.abs(right).max()), err_msg=verdict.check.id)
            seen.add("backward")
        else:
            assert [step.at for step in animation.steps] == list(np.ndindex(right.shape))
            seen.add("forward")
    assert seen


def test_products_of_a_step_add_up():
    """The written terms of a convolution's step give the number that it should be."""
    for _, animation in animations("convolution"):
        for step in animation.steps if not animation.steps[0].left else ():
            arithmetic = step.text.partition(" = ")[2].partition(";")[0]
            terms, _, result = arithmetic.rpartition(" = ")
            if "…" not in terms:
                value = sum(np.prod([float(x) for x in term.split("×")]) for term in terms.split(" + "))
                assert value == pytest.approx(float(result), abs=0.1)
