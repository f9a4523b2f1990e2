"""An axis that is lost is named where an array lacks one at sizes of 1 alone, and a kept buffer by a second forward."""

import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.types import Verdict
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

LINE = 'return np.einsum("fc,nchw->nfhw", self.W[:, :, 0, 0], x) + self.b[:, None, None]'
SQUEEZED = "exception.squeezed"
STOPS = {  # what stands before that line -> whether an axis is lost there
    "W = np.squeeze(self.W); W.transpose(1, 0)": True,
    "np.zeros(3)[0, 0] if len(self.W) == 1 else 0": True,
    "{}['one'] if x.shape[1] == 1 else 0": False,  # another exception, at the same sizes
    "np.zeros(3)[0, 0] if x.shape[1] != 2 else 0": False,  # at other sizes, too
    "np.zeros(3)[0, 0]": False,  # at all sizes
}


def examined(component: str, *patch: tuple[str, str]) -> list[Verdict]:
    subject = InProcessSubject(mutants.Mutant("stops", component, "", "", patch).names())
    return examine(subject, Request(only=(component,), fresh=0)).components[component]


@pytest.mark.parametrize("statement", STOPS)
def test_an_axis_is_lost_where_an_array_lacks_one_at_sizes_of_one_alone(statement):
    found = examined("pointwise_convolution", (LINE, f"{statement}\n        {LINE}"))
    named = {v.diagnosis.code for v in found if v.diagnosis and v.status == "fail" and v.check.level != "advice"}
    assert (SQUEEZED in named) is STOPS[statement] and named


SUM = "out[:, :, i, j] = np.tensordot("  # of a locally connected layer
SIDES = {  # a statement in its loop over the places -> whether it is told as one side in place of the other
    "np.zeros(self.W.shape[:2])[divmod(i * self.W.shape[1] + j, self.W.shape[0])]": True,  # of the output
    "np.zeros(x.shape[2:])[np.arange(x.shape[3]).max(), 0]": False,  # of the image: where it is wider than high alone
    "np.zeros(3)[self.W.shape[0] + 1]": False,  # at other sizes
}


@pytest.mark.parametrize("statement", SIDES)
def test_sides_are_mixed_up_where_it_stops_for_all_that_is_not_square_and_nothing_else(statement):
    found = examined("locally_connected", (SUM, f"{statement}\n            {SUM}"))
    named = {v.diagnosis.code for v in found if v.diagnosis and v.status == "fail" and v.check.level != "advice"}
    assert ("exception.sides" in named) is SIDES[statement] and named


def test_a_backward_that_is_wrong_does_not_hide_that_a_second_forward_is():
    kept = (
        "self.times = getattr(self, 'times', 0) + 1\n        out = np.zeros(a.shape) + np.sin(self.times - 1) * a[:1]"
    )
    found = examined("lrn", ("out = np.zeros(a.shape)", kept), ("out[:, i] =", "out[:, i] +="))
    plain = {(v.check.part, v.status) for v in found if v.check.scenario.id == "plain" and v.check.level != "advice"}
    again = [v.diagnosis for v in found if v.check.scenario.id == "second-call" and v.check.part == "forward"]
    assert ("forward", "fail") not in plain and ("backward", "fail") in plain
    assert {d.code for d in again if d} == {"manner.second-call"}
    follows = [v.diagnosis.follows for v in found if v.check.scenario.id == "plain" and v.diagnosis]
    assert follows and all(follows)
