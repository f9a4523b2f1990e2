"""Each wrong answer is explained by itself: backward where its own forward is right, dx beside dW, the one root."""

import textwrap

import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import Request, examine, explain
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.types import Verdict
from reference_tests.corpus import mutants
from reference_tests.quality.naming import codes
from reference_tests.quality.subjects import InProcessSubject

pytestmark = pytest.mark.slow

POOLING = """
import numpy as np
class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.h, self.w, self.s, self.p = pool_h, pool_w, stride, pad
    def forward(self, x):
        PAD
        self.x, (N, C, H, W) = x, x.shape
        if H < self.h or W < self.w:
            raise ValueError("the window is too large")
        oh, ow = (H - self.h) // self.s + 1, (W - self.w) // self.s + 1
        self.out = np.zeros((N, C, oh, ow))
        for i in range(oh):
            for j in range(ow):
                self.out[:, :, i, j] = x[self.at(i, j)].max((2, 3))
        return self.out.copy()
    def at(self, i, j):
        s = self.s
        return slice(None), slice(None), slice(i * s, i * s + self.h), slice(j * s, j * s + self.w)
    def backward(self, dout):
        dx, p = np.zeros(self.x.shape), CROP
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                v, d = self.at(i, j), dout[:, :, i:i + 1, j:j + 1]
                largest = self.x[v] == self.out[:, :, i:i + 1, j:j + 1]
                BACK
        return dx[:, :, p:dx.shape[2] - p, p:dx.shape[3] - p]
"""
PADDED = "x, p = x.astype(float), self.p; x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)"
REFUSED = "if self.p: raise NotImplementedError('padding')"
ALL_GET = "dx[v] += largest * d"
ASSIGNED = "dx[v] = np.where(largest, d, dx[v])"
CONVOLUTION = """
import numpy as np
class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.s, self.p = W, b, stride, pad
        MADE
    def forward(self, x):
        p, (FN, C, FH, FW) = PADDING, self.W.shape
        self.x = x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        if x.shape[2] < FH or x.shape[3] < FW or x.shape[1] != C:
            raise ValueError("sizes do not go together")
        oh, ow = (x.shape[2] - FH) // self.s + 1, (x.shape[3] - FW) // self.s + 1
        out = np.zeros((len(x), FN, oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, :, i, j] = np.einsum("ncij,fcij->nf", x[self.at(i, j, self.s)], self.W)
        return out + self.b.reshape(1, -1, 1, 1)
    def at(self, i, j, s):
        FH, FW = self.W.shape[2:]
        return slice(None), slice(None), slice(i * s, i * s + FH), slice(j * s, j * s + FW)
    def grads(self, dout, x, W, s):
        dx, dW = np.zeros(x.shape), np.zeros(W.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                v = self.at(i, j, s)
                dx[v] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], W)
                dW += np.einsum("nf,ncij->fcij", dout[:, :, i, j], x[v])
        return dx, dW
    def backward(self, dout):
        self.db, turned, p = dout.sum((0, 2, 3)), self.W[:, :, ::-1, ::-1], PADDING
        BACK
        return dx[:, :, p:dx.shape[2] - p, p:dx.shape[3] - p]
"""
RIGHT = "dx, self.dW = self.grads(dout, self.x, self.W, self.s)"
DX_TURNED = "dx, _ = self.grads(dout, self.x, turned, self.s); _, self.dW = self.grads(dout, self.x, self.W, self.s)"


def failures(source: str, component: str, **pieces: str) -> list[Verdict]:
    """The failures that count of a layer, whose source has these pieces, explained."""
    for name, piece in pieces.items():
        source = source.replace(name, textwrap.dedent(piece))
    subject = InProcessSubject(mutants.executed(source, f"<{component} {hash(source)}>"))
    found = explain(list(judge_all(all_checks([component]), subject)), subject)
    return [v for v in found if v.status == "fail" and v.check.level != "advice"]


def of_part(bad: list[Verdict], part: str) -> list[Verdict]:
    return [v for v in bad if v.check.part == part]


def backward_without_padding(bad: list[Verdict]) -> list[Verdict]:
    may_be_padded = ("beside-", "as-many-numbers")
    backward = [v for v in of_part(bad, "backward") if not v.check.scenario.id.startswith(may_be_padded)]
    return [v for v in backward if not v.check.case.params["pad"]]


POOLS = {
    "assigned": (PADDED, "self.p", ASSIGNED, "pool.dx-assigns"),
    "assigned, padding refused": (REFUSED, "0", ASSIGNED, "pool.dx-assigns"),
    "assigned, padding ignored": ("pass", "0", ASSIGNED, "pool.dx-assigns"),
    "ties": (PADDED, "self.p", ALL_GET, "pool.ties-all"),
    "ties, padding refused": (REFUSED, "0", ALL_GET, "pool.ties-all"),
    "ties, padding ignored": ("pass", "0", ALL_GET, "pool.ties-all"),
}


@pytest.mark.parametrize("name", POOLS)
def test_a_backward_of_pooling_is_named_whatever_forward_does_with_padding(name):
    pad, crop, back, code = POOLS[name]
    bad = failures(POOLING, "pooling", PAD=pad, CROP=crop, BACK=back)
    own = backward_without_padding(bad)
    assert codes(own) == {code}
    assert not any(v.diagnosis.follows for v in own)
    named = {code for code in codes(of_part(bad, "forward")) if code.startswith("pool.")}
    assert named == ({"pool.pad-ignored"} if pad == "pass" else set())


PADDINGS = {
    "padded": ("pass", "self.p", set()),
    "refused": ("if pad: raise NotImplementedError('padding')", "0", set()),
    "ignored": ("pass", "0", {"conv.pad-ignored"}),
}


@pytest.mark.parametrize("name", PADDINGS)
def test_a_backward_of_convolution_is_named_whatever_forward_does_with_padding(name):
    made, padding, forward = PADDINGS[name]
    bad = failures(CONVOLUTION, "convolution", MADE=made, PADDING=padding, BACK=DX_TURNED)
    own = backward_without_padding(bad)
    assert codes(own) == {"conv.dx-flipped"}
    assert not any(v.diagnosis.follows for v in own)
    assert {code for code in codes(of_part(bad, "forward")) if code.startswith("conv.")} == forward
    assert not any("right only in 0 of" in v.message for v in bad)


BACKWARDS = {
    "dx, dW = self.grads(dout, self.x, turned, self.s); self.dW = dW[:, :, ::-1, ::-1]": (
        "conv.dW-flipped",
        "conv.dx-flipped",
    ),
    "dx, self.dW = self.grads(dout, self.x, self.W, 1)": ("conv.dW-stride-ignored", "conv.dx-stride-ignored"),
    "self.db = dout.sum((0, 2, 3)) / max(1, dout[:, 0].size); dx, _ = self.grads(dout, self.x, self.W, self.s); "
    "_, self.dW = self.grads(dout[-1:], self.x[-1:], self.W, self.s)": ("conv.dW-last-image", "conv.db-mean"),
}


@pytest.mark.parametrize("back", BACKWARDS)
def test_each_wrong_gradient_has_its_own_name(back):
    bad = failures(CONVOLUTION, "convolution", MADE="pass", PADDING="self.p", BACK=back)
    first, second = BACKWARDS[back]
    assert f"{first} + {second}" in codes(bad)
    assert codes(bad) <= {first, second, f"{first} + {second}"}
    both = next(v for v in bad if v.diagnosis.code == f"{first} + {second}")
    assert both.diagnosis.repair in both.message


def test_right_numbers_are_not_explained():
    assert failures(CONVOLUTION, "convolution", MADE="pass", PADDING="self.p", BACK=RIGHT) == []


ASSIGNS = ("x : x + stride * OW : stride] += col[:, :, y, x]", "x : x + stride * OW : stride] = col[:, :, y, x]")
TURNED = ("col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH", "col.transpose(0, 4, 5, 1, 3, 2).reshape(N * OH")


def planted(*patch: tuple[str, str]) -> InProcessSubject:
    return InProcessSubject(mutants.Mutant("planted", "", "", "", patch).names())


def causes(found: list[Verdict], part: str) -> set[str]:
    return {v.diagnosis.cause for v in of_part(found, part) if v.status == "fail" and v.diagnosis}


def test_one_cause_is_named_where_one_suffices():
    subject = planted(ASSIGNS)
    judged = list(judge_all(all_checks(["pooling"]), subject))
    found = [v for v in explain(judged, subject, ("im2col", "col2im")) if v.status == "fail" and v.check.is_evidence]
    assert codes(found) == {"cause.col2im"}
    assert {v.diagnosis.cause for v in found} == {"col2im"}


def test_each_failure_gets_the_cause_that_it_has():
    subject = planted(ASSIGNS, TURNED)
    judged = list(judge_all(all_checks(["convolution"]), subject))
    found = [v for v in explain(judged, subject, ("im2col", "col2im")) if v.check.is_evidence]
    assert causes(found, "forward") == {"im2col"}
    assert "im2col, col2im" in causes(found, "backward")


@pytest.mark.parametrize("only", [("pooling",), ("col2im", "pooling")])
def test_the_cause_is_named_whatever_else_is_asked_for(only):
    found = examine(planted(ASSIGNS), Request(only=only, fresh=0)).components["pooling"]
    assert codes([v for v in found if v.status == "fail" and v.check.is_evidence]) == {"cause.col2im"}


def test_the_cause_is_named_for_one_case():
    found = examine(planted(ASSIGNS), Request(case="pooling/windows-overlap-as-in-AlexNet")).components["pooling"]
    assert codes([v for v in found if v.status == "fail"]) == {"cause.col2im"}


def test_a_case_that_may_be_refused_is_named_where_it_is_answered_wrongly():
    bad = failures(CONVOLUTION, "convolution", MADE="pass", PADDING="self.p", BACK=next(iter(BACKWARDS)))
    may = [v for v in bad if v.check.refuse == "any"]
    assert may
    assert all(v.diagnosis for v in may)


@pytest.mark.parametrize("mutant", ["bn-running-biased", "bn-first-replaces"])
def test_later_calls_follow_from_wrong_statistics(mutant):
    """A rule names the statistics; inference after training is wrong by them, forward and backward."""
    subject = InProcessSubject(next(m for m in mutants.mutants("batch_norm") if m.id == mutant).names())
    found = explain(list(judge_all(all_checks(["batch_norm"]), subject)), subject)
    bad = [v for v in found if v.status == "fail" and v.check.level != "advice"]
    assert any(v.check.scenario.id == "then-inference" and v.check.part == "backward" for v in bad)
    assert [v.check.id for v in bad if not v.diagnosis] == []
