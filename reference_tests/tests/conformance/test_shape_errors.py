"""Errors about shapes are explained by the sizes that meet in them, truly: what is said holds for other sizes too."""

from math import prod

import numpy as np
import pytest

from reference_tests.conformance import judge
from reference_tests.conformance.contract import layer
from reference_tests.conformance.diagnosis.exceptions import explain_exceptions, left_out_of, name_exception, stop_of
from reference_tests.conformance.diagnosis.shape_algebra import sizes_of
from reference_tests.conformance.diagnosis.shape_errors import SLIPS, Case, explain_clashes, form, parse
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.scenarios.uses import plain_use
from reference_tests.corpus.mutants import executed
from reference_tests.i18n import speaking
from reference_tests.quality.subjects import InProcessSubject, ready
from reference_tests.subject.protocol import Stop

BASE = """
import numpy as np

def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_data.shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((N, C, filter_h, filter_w, out_h, out_w))
    for y in range(filter_h):
        for x in range(filter_w):
            col[:, :, y, x] = img[:, :, y : y + stride * out_h : stride, x : x + stride * out_w : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1)

def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_shape
    out_h = (H + 2 * pad - filter_h) // stride + 1
    out_w = (W + 2 * pad - filter_w) // stride + 1
    col = col.reshape(N, out_h, out_w, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1))
    for y in range(filter_h):
        for x in range(filter_w):
            img[:, :, y : y + stride * out_h : stride, x : x + stride * out_w : stride] += col[:, :, y, x]
    return img[:, :, pad : H + pad, pad : W + pad]

class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        out_h = int(1 + (H + 2 * self.pad - FH) / self.stride)
        out_w = int(1 + (W + 2 * self.pad - FW) / self.stride)
        col = im2col(x, FH, FW, self.stride, self.pad)
        col_W = self.W.reshape(FN, -1).T
        out = np.dot(col, col_W) + self.b
        out = out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)
        self.x, self.col, self.col_W = x, col, col_W
        return out

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        dcol = np.dot(dout, self.col_W.T)
        return col2im(dcol, self.x.shape, FH, FW, self.stride, self.pad)

class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        N, C, H, W = x.shape
        out_h = int(1 + (H + 2 * self.pad - self.pool_h) / self.stride)
        out_w = int(1 + (W + 2 * self.pad - self.pool_w) / self.stride)
        col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad)
        col = col.reshape(-1, self.pool_h * self.pool_w)
        self.arg_max, self.x = np.argmax(col, axis=1), x
        return np.max(col, axis=1).reshape(N, out_h, out_w, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose(0, 2, 3, 1)
        size = self.pool_h * self.pool_w
        dmax = np.zeros((dout.size, size))
        dmax[np.arange(self.arg_max.size), self.arg_max.flatten()] = dout.flatten()
        dcol = dmax.reshape(dout.shape[0] * dout.shape[1] * dout.shape[2], -1)
        return col2im(dcol, self.x.shape, self.pool_h, self.pool_w, self.stride, self.pad)

class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx.reshape(*self.shape)
"""
OUT_H, OUT_W = "(H + 2 * self.pad - FH) / self.stride", "(W + 2 * self.pad - FW) / self.stride"
WHOLE_H, WHOLE_W = f"int(1 + {OUT_H})", f"int(1 + {OUT_W})"
POOL_H, POOL_W = (f"int(1 + ({a} + 2 * self.pad - self.pool_{b}) / self.stride)" for a, b in ("Hh", "Ww"))
DOUT, DCOL = ".transpose(0, 2, 3, 1).reshape(-1, FN)", "np.dot(dout, self.col_W.T)"
COL, FLAT = "im2col(x, FH, FW, self.stride, self.pad)", "x.reshape(x.shape[0], -1)"
OF_COL2IM = (
    "out_h = (H + 2 * pad - filter_h) // stride + 1\n    out_w = (W + 2 * pad - filter_w) // stride + 1\n    col = col"
)
PLAIN = "out_h, out_w = (H - filter_h) // stride + 1, (W - filter_w) // stride + 1\n    col = col"
UNEVEN = "(N, H - FH + 1, W - FW + 1, C, FH, FW)"
SLICES = "img[:, :, y : y + stride * out_h : stride, x : x + stride * out_w : stride]"
# fmt: off
WRONG = [  # component, the code that it gets ("exception": described only), what is said of the sizes, the patch
    ("convolution", "shape.w-not-transposed", "12 = C*FH*FW meets 5 = FN", (".reshape(FN, -1).T", ".reshape(FN, -1)")),
    ("convolution", "shape.w-not-transposed", "12 = C*FH*FW meets 5 = FN",
     (".reshape(FN, -1).T", ".reshape(FN, -1)"), ("np.dot(col, col_W)", "col @ col_W")),
    ("convolution", "shape.out-without-pad", "(N, (H - FH)/stride + 1, (W - FW)/stride + 1, -1)",
     ("(H + 2 * self.pad - FH)", "(H - FH)"), ("(W + 2 * self.pad - FW)", "(W - FW)")),
    ("convolution", "shape.out-pad-once", "(N, (H + pad - FH)/stride + 1, OW, -1)",
     ("(H + 2 * self.pad - FH)", "(H + self.pad - FH)")),
    ("convolution", "shape.out-without-plus-one", "(N, (H + 2*pad - FH)/stride, OW, -1)", (WHOLE_H, f"int({OUT_H})")),
    ("convolution", "shape.out-without-stride", "(N, H + 2*pad - FH + 1, OW, -1)",
     (WHOLE_H, "1 + H + 2 * self.pad - FH")),
    ("convolution", "shape.out-sides", "(N, (H + 2*pad - FW)/stride + 1, OW, -1)",
     ("(H + 2 * self.pad - FH)", "(H + 2 * self.pad - FW)")),
    ("convolution", "shape.out-sides", "(N, OH, OH, FN)",
     ("(N, out_h, out_w, -1)", "(N, out_h, out_h, FN)")),
    ("convolution", "shape.window-sides", "C, FW, FH)",
     ("self.x.shape, FH, FW, self.stride", "self.x.shape, FW, FH, self.stride")),
    ("convolution", "shape.windows-without-pad", "meets 72 = N*OH*OW",
     ("= x, col, col_W", "= x, im2col(x, FH, FW, self.stride), col_W")),
    ("convolution", "shape.out-parentheses", "(N, H + 2*pad - FH/stride + 1, OW, -1)",
     (WHOLE_H, "1 + H + 2 * self.pad - FH // self.stride")),
    ("convolution", "shape.out-quotient", "(N, H/stride, W/stride, FN)",
     (WHOLE_H, "H // self.stride"), (WHOLE_W, "W // self.stride"), ("(N, out_h, out_w, -1)", "(N, out_h, out_w, FN)")),
    ("convolution", "shape.out-input", "420 = N*FN*OH*OW numbers do not fill the shape (N, H, W, FN)",
     ("(N, out_h, out_w, -1)", "(N, H, W, FN)")),
    ("convolution", "shape.out-input", "(N, H, W, -1)", ("(N, out_h, out_w, -1)", "(N, H, W, -1)")),
    ("convolution", "shape.windows-without-pad", "N*FN*((H - FH)/stride + 1)*((W - FW)/stride + 1) numbers",
     (COL, "im2col(x, FH, FW, self.stride)")),
    ("convolution", "shape.windows-plain", "N*FN*(H - FH + 1)*(W - FW + 1) numbers", (COL, "im2col(x, FH, FW)")),
    ("convolution", "shape.windows-without-stride", "*(W + 2*pad - FW + 1) numbers",
     (COL, "im2col(x, FH, FW, pad=self.pad)")),
    ("convolution", "shape.bias-axis", "(N, FN, OH, OW) does not go with (FN,)",
     ("np.dot(col, col_W) + self.b", "np.dot(col, col_W)"), ("1, 2)\n        self", "1, 2) + self.b\n        self")),
    ("convolution", "exception", "(FN, OH, OW): N is not in it", ("(N, out_h, out_w, -1)", "(FN, out_h, out_w)")),
    ("convolution", "exception", "(N, OH, OW, C): C stands for FN", ("(N, out_h, out_w, -1)", "(N, out_h, out_w, C)")),
    ("convolution", "shape.col-not-transposed", "12 = C*FH*FW meets 84 = N*OH*OW",
     ("np.dot(self.col.T, dout)", "np.dot(self.col, dout)")),
    ("convolution", "shape.w-transposed", "(N*OH*OW, FN) times (C*FH*FW, FN)", (DCOL, "np.dot(dout, self.col_W)")),
    ("convolution", "exception", "5 = FN meets 12 = C*FH*FW", (DCOL, "dout @ self.col_W")),
    ("convolution", "exception", "(C*FH*FW, N*OH*OW) times (N, OH, OW, FN): 84 = N*OH*OW meets 7 = OW",
     (DOUT, ".transpose(0, 2, 3, 1)")),
    ("convolution", "shape.not-transposed", "(N*OH*OW, FN) times (N*OH*OW, C*FH*FW)",
     ("np.dot(self.col.T, dout)", "np.dot(dout, self.col)")),
    ("convolution", "exception", "(FN, C, FH, FH): FH stands for FW",
     ("reshape(FN, C, FH, FW)", "reshape(FN, C, FH, FH)")),
    ("convolution", "shape.out-plain", "(N, H - FH + 1, W - FW + 1, FN)",
     (WHOLE_H, "H - FH + 1"), (WHOLE_W, "W - FW + 1"), ("(N, out_h, out_w, -1)", "(N, out_h, out_w, FN)")),
    ("convolution", "shape.windows-plain", UNEVEN,
     ("self.x.shape, FH, FW, self.stride, self.pad)", "self.x.shape, FH, FW)")),
    ("convolution", "shape.windows-without-stride", "(N, H + 2*pad - FH + 1, W + 2*pad - FW + 1, C, FH, FW)",
     ("self.x.shape, FH, FW, self.stride, self.pad)", "self.x.shape, FH, FW, 1, self.pad)")),
    ("convolution", "shape.windows-without-pad", "(H - FH)/stride + 1, (W - FW)/stride + 1, C, FH, FW)",
     ("self.x.shape, FH, FW, self.stride, self.pad)", "self.x.shape, FH, FW, stride=self.stride)")),
    ("convolution", "shape.out-without-pad", "(H - FH)/stride + 1, (W - FW)/stride + 1, C, FH, FW)",
     (OF_COL2IM, PLAIN)),
    ("convolution", "exception", "(N*OH*OW, C*FH*FW) does not go with (C*FH*FW, FN)",
     ("np.dot(col, col_W)", "np.einsum('nk,fk->nf', col, col_W)")),
    ("pooling", "shape.out-without-pad", "= N*C*OH*OW numbers do not fill the shape (N, (H - pool_h)/stride + 1",
     ("(H + 2 * self.pad - self.pool_h)", "(H - self.pool_h)"),
     ("(W + 2 * self.pad - self.pool_w)", "(W - self.pool_w)")),
    ("pooling", "shape.out-quotient", "(N, H/stride, W/stride, C)",
     (POOL_H, "H // self.stride"), (POOL_W, "W // self.stride")),
    ("pooling", "shape.out-window-quotient", "(N, H/pool_h, W/pool_w, C)",
     (POOL_H, "H // self.pool_h"), (POOL_W, "W // self.pool_w")),
    ("pooling", "shape.out-window-stride", "(N, (H + 2*pad - pool_h)/pool_h + 1, (W + 2*pad - pool_w)/pool_h + 1",
     ("self.x.shape, self.pool_h, self.pool_w, self.stride, self.pad)",
      "self.x.shape, self.pool_h, self.pool_w, self.pool_h, self.pad)")),
    ("im2col", "shape.slice-of-other-side", "(N, C, OH, OW)",
     (f"= {SLICES}", f"= {SLICES.replace('y + stride * out_h', 'y + stride * out_w')}")),
    ("col2im", "shape.slice-of-other-side", "(N, C, OH, OW)",
     (f"{SLICES} +=", f"{SLICES.replace('x + stride * out_w', 'x + stride * out_h')} +=")),
    ("im2col", "shape.slice-of-other-side", "(N, C, OH, OW)",
     (f"= {SLICES}", f"= {SLICES.replace('y + stride * out_h', 'y + stride * out_w').replace('x + stride * out_w', 'x + stride * out_h')}")),  # noqa: E501
    ("pooling", "exception", "(N, OH, OW, C): there is no C in the array",
     ("        col = col.reshape(-1, self.pool_h * self.pool_w)\n", "")),
    ("pooling", "exception", "72 numbers do not fill the shape (N, OH, OW, C)",
     ("col.reshape(-1, self.pool_h * self.pool_w)", "col.reshape(-1, self.pool_h * self.pool_h)")),
    ("pooling", "exception", "the axis has 2 = N places",
     ("np.zeros((dout.size, size))", "np.zeros((dout.shape[0], size))")),
    ("pooling", "exception", "(N*OH, OW): C*pool_h*pool_w is not in it",
     ("dout.shape[1] * dout.shape[2], -1", "dout.shape[1], dout.shape[2]")),
    ("affine", "shape.not-flattened", "5 = x.shape[-1] meets 60 = D", (FLAT, "x")),
    ("affine", "shape.not-flattened", "5 = x.shape[-1] meets 60 = D",
     (FLAT, "x"), ("np.dot(self.x, self.W)", "self.x @ self.W")),
    ("affine", "shape.w-transposed", "(N, D) times (M, D)", ("np.dot(self.x, self.W)", "np.dot(self.x, self.W.T)")),
    ("affine", "shape.w-not-transposed", "(N, M) times (D, M)", ("np.dot(dout, self.W.T)", "np.dot(dout, self.W)")),
    ("affine", "shape.x-not-transposed", "60 = D meets 2 = N", ("np.dot(self.x.T, dout)", "np.dot(self.x, dout)")),
    ("affine", "shape.bias-axis", "(N, M) does not go with (M, 1)", ("self.W) + self.b", "self.W) + self.b[:, None]")),
    ("affine", "exception", "(N, M) times (D, N): 7 = M meets 60 = D",
     ("np.dot(self.x.T, dout)", "np.dot(dout, self.x.T)")),
    ("im2col", "exception", "does not go with (N, C, OH, OW)",
     ("np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])", "input_data")),
    ("im2col", "exception", "does not go with (N, C, OH, OW)",
     (f"= {SLICES}", "= img[:, :, y : y + out_h : stride, x : x + out_w : stride]")),
    ("im2col", "exception", "(N, C, OH, OW) does not go with (N, C, OW, OH)",
     ("filter_w, out_h, out_w))", "filter_w, out_w, out_h))")),
    ("im2col", "shape.out-sides", "N*C*filter_h*filter_w*OH*OW numbers",
     ("reshape(N * out_h * out_w, -1)", "reshape(N * out_h * out_h, C * filter_h * filter_w)")),
    ("col2im", "shape.out-without-pad", "(N, (H - filter_h)/stride + 1, (W - filter_w)/stride + 1", (OF_COL2IM, PLAIN)),
    ("col2im", "exception", "does not go with (N, C, OH, OW)",
     ("(N, C, H + 2 * pad + stride - 1, W + 2 * pad + stride - 1)", "(N, C, H, W)")),
    ("col2im", "exception", "(N, OH, OW, filter_h, filter_w): C is not in it",
     ("(N, out_h, out_w, C, filter_h, filter_w)", "(N, out_h, out_w, filter_h, filter_w)")),
]
# fmt: on


CALLS = {
    "dx = col2im(dcol, x.shape, FH, FW, self.stride, self.pad)": set(),
    "dx = col2im(dcol, x.shape, FH, FW, s, p)": set(),
    "dx = col2im(dcol, x.shape, FH, FW, 1, self.pad)": {"stride"},
    "return util.col2im(dcol, x.shape, FH, FW, self.stride)": {"pad"},
    "return col2im(dcol, x.shape, FH, FW, pad=self.pad)[:, :, 1:]": {"stride"},
    "dx = col2im(dcol, x.shape, FH, FW)": {"stride", "pad"},
    "dx = col2im(dcol, x.shape,": set(),  # a line that is a part of a statement
    "out = im2col(x, FH, FW)": set(),
}


@pytest.mark.parametrize("line", CALLS)
def test_call_of_col2im_tells_what_it_leaves_out(line):
    assert left_out_of(f"layers.py, line 9: {line}") == CALLS[line]


def subject_of(*patch):
    source = BASE
    for old, new in patch:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return InProcessSubject(executed(source, "<beginner>"))


def explained(component, subject):
    """The failures of the plain cases that are explained by the sizes that meet in them."""
    checks = [(c, answers) for c, answers in ready(component) if c.scenario.id == "plain"]
    verdicts = [judge.judge(c, subject, ready=answers) for c, answers in checks]
    failed = [v for v in verdicts if v.status == "fail"]
    for v in failed:
        v.diagnosis = name_exception(v)
    explain_exceptions(failed, subject)
    return [v for v in failed if v.diagnosis and v.diagnosis.sizes]


def other_cases(component, part, subject):
    """Clashes of further sizes, which no explanation was made of."""
    rng = np.random.default_rng(77)
    for _i in range(60):
        plan = plain_use(layer(component).drawn(lambda low, high: int(rng.integers(low, high + 1))), part)
        stop = subject.run(plan).stop
        if stop and (clash := parse(stop)):
            yield Case(next(iter(plan.expect.values()))[0], clash, stop)


@pytest.mark.slow
@pytest.mark.parametrize("row", WRONG, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_wrong_layers_exception_is_explained_truly(row):
    component, code, sizes, *patch = row
    subject = subject_of(*patch)
    found = explained(component, subject)
    assert sizes in found[0].diagnosis.sizes
    assert {v.diagnosis.code for v in found if v.diagnosis.line == found[0].diagnosis.line} == {code}
    assert holds_for_other_sizes(component, found[0].check.part, subject, found)


def holds_for_other_sizes(component, part, subject, found) -> bool:
    first = case_of(found[0])
    alike = [c for c in map(case_of, found) if form(c) == form(first)]
    explanation = explain_clashes(alike, subject, component, part)
    assert explanation
    others = [c for c in other_cases(component, part, subject) if form(c) == form(first)]
    for case in others:
        values = {s.name: s.value for s in sizes_of(case.question)}
        for shape, numbers in zip(explanation.readings, case.clash.shapes):
            for reading, number in zip(shape, numbers):
                worked_out = number if reading is None else prod(values[name] for name in reading)
                assert worked_out == number or max(worked_out, number) < 1, (reading, case.stop.text)
    return bool(others)


def case_of(v):
    return Case(v.question, parse(stop_of(v)), stop_of(v))


def test_a_right_layer_has_nothing_to_explain():
    assert [v for name in ("im2col", "col2im", "affine") for v in explained(name, subject_of())] == []


@pytest.mark.slow
def test_the_whole_message_has_sizes_name_and_repair():
    with speaking("ja"):
        subject = subject_of((".reshape(FN, -1).T", ".reshape(FN, -1)"))
        found = examine(subject, Request(only=("convolution",), fresh=0)).components["convolution"]
    message = next(v.message for v in found if v.status == "fail")
    assert "12 = C*FH*FW" in message
    assert "転置" in message
    assert "(shape.w-not-transposed)" in message


@pytest.mark.slow
def test_a_call_that_lacks_an_argument_is_shown_besides_the_line_that_stops():
    """im2col is right, and is called without FW: its stride is 0 then."""
    subject = subject_of((COL, "im2col(x, FH, self.stride, self.pad)"))
    found = examine(subject, Request(only=("convolution",), fresh=0)).components["convolution"]
    message = next(v.message for v in found if v.status == "fail")
    assert "out_h = (H + 2 * pad - filter_h) // stride + 1" in message
    assert "col = im2col(x, FH, self.stride, self.pad)" in message
    assert "is an argument left out" in message


def test_a_message_that_numpy_never_says_is_no_clash():
    """The text comes from another process, which may say anything."""
    texts = "shapes () and (5,27) not aligned", "cannot reshape array of size 3 into shape ()", "shapes (,) and (x) not"
    assert [parse(Stop("exception", "", text)) for text in texts] == [None] * 3


def test_two_questions_are_too_few_for_a_reading():
    subject = subject_of((".reshape(FN, -1).T", ".reshape(FN, -1)"))
    found = explained("convolution", subject)[:2]
    assert explain_clashes([case_of(v) for v in found], None, "convolution", "forward") is None


def test_every_slip_is_planted():
    planted = {code for _component, code, *_rest in WRONG}
    assert {code for code, *_said in SLIPS} - planted <= {
        "shape.image-not-padded",
        "shape.place-by-height",
    }  # the second in the corpus
