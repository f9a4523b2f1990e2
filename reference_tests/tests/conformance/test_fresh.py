"""A failure that passes in a process of its own is something kept between calls, and what is printed shows it again."""

import re

import pytest

from reference_tests.cli import main
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.fresh import judge_again
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.parent import RemoteSubject
from reference_tests.tests.sampling import some_at_night

pytestmark = pytest.mark.slow

PAD = "img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])"
ZEROS = "img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))"
KEPT = {
    "images by their shape": ("im2col", PAD, "img = SEEN.setdefault((input_data.shape, pad), " + PAD[6:] + ")"),
    "a buffer that is never cleared": (
        "col2im",
        ZEROS,
        "img = SEEN.setdefault((N, C, H, W, pad), " + ZEROS[6:] + ")",
    ),
    "a default argument": (
        "pooling",
        "    def forward(self, x):",
        "    def forward(self, x, calls=[]):\n        calls.append(1); x = x + (len(calls) > 12)",
    ),
}


def source(name: str) -> str:
    component, old, new = KEPT[name]
    return "SEEN = {}\n" + mutants.Mutant("kept", component, "", "", ((old, new),)).source


@pytest.mark.parametrize("name", some_at_night(KEPT, each=2))
def test_state_kept_between_calls_is_named(name, tmp_path):
    (tmp_path / "mine.py").write_text(source(name))
    component = KEPT[name][0]
    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=(component,), fresh=0)).components[component]
        bad = [v for v in found if v.status == "fail" and v.check.level != "advice"]
        first = next(v for v in bad if v.diagnosis and v.diagnosis.code == "state.kept")
        assert first.diagnosis.again == f"--only {component}"
        assert first.message.rstrip().endswith(f"--only {component}")
        assert "--case" not in first.message
        alone = examine(subject.fresh(), Request(case=first.check.id)).components[component]
    assert [v.status for v in alone if v.check.id == first.check.id] == ["pass"]
    named = {v.diagnosis.code for v in bad if v.diagnosis and v.check.scenario.id in ("plain", "float32", "fortran")}
    assert named == {"state.kept"}


def test_the_printed_line_shows_it_again(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(source("images by their shape"))
    target = str(tmp_path / "mine.py")
    for options in (["--only", "im2col"], ["--only", "im2col", "--only", "relu"]):
        with pytest.raises(SystemExit):
            main(["verify", target, "--fuzz", "0", *options])
        text = capsys.readouterr().out
        assert re.search(rf"convcheck verify {re.escape(target)} --only im2col", text)
        assert "something is kept between calls" in text


def test_a_failure_that_fails_alone_too_keeps_its_name(tmp_path):
    half = ("out = self.col @ self.col_W + self.b", "out = self.col @ self.col_W + np.sin(self.b)")
    (tmp_path / "mine.py").write_text(mutants.Mutant("wrong", "convolution", "", "", (half,)).source)
    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=("convolution",), fresh=0)).components["convolution"]
        assert subject.starts == 1
    assert not any(v.diagnosis and v.diagnosis.code == "state.kept" for v in found)


def test_a_subject_in_this_process_is_not_asked_afresh():
    names = mutants.executed(source("images by their shape"), "<kept>")
    found = examine(InProcessSubject(names), Request(only=("im2col",), fresh=0)).components["im2col"]
    assert any(v.status == "fail" for v in found)
    assert not any(v.diagnosis and v.diagnosis.code == "state.kept" for v in found)


def examined(tmp_path, component, text):
    (tmp_path / "mine.py").write_text(text)
    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=(component,), fresh=0)).components[component]
    return {v.check.id: v.diagnosis.code for v in found if v.status == "fail" and v.diagnosis}


PLACES = """
import numpy as np
places = {}
def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_data.shape
    key = KEY
    if key not in places:
        at = np.pad(np.arange(C * H * W).reshape(C, H, W), [(0, 0), (pad, pad), (pad, pad)], constant_values=C * H * W)
        view = np.lib.stride_tricks.sliding_window_view(at, (filter_h, filter_w), (1, 2))
        view = view[:, ::stride, ::stride]
        places[key] = view.transpose(1, 2, 0, 3, 4).reshape(-1, C * filter_h * filter_w)
    flat = np.concatenate([input_data.reshape(N, -1), np.zeros((N, 1), input_data.dtype)], 1)
    return flat[:, places[key]].reshape(-1, C * filter_h * filter_w)
"""


@pytest.mark.parametrize("left_out", ["pad", "stride"])
def test_places_kept_without_a_setting_are_no_mistake_of_one_call(left_out, tmp_path):
    key = [one for one in ("C", "H", "W", "filter_h", "filter_w", "stride", "pad") if one != left_out]
    codes = examined(tmp_path, "im2col", PLACES.replace("KEY", f"({', '.join(key)})"))
    assert set(codes.values()) <= {"state.kept", "manner.beside-same-sizes"}
    assert codes["im2col/rows-over-N-then-OH-then-OW/beside-same-sizes"] == "manner.beside-same-sizes"


def test_sums_that_go_on_are_named_by_two_calls_alone(tmp_path):
    codes = examined(tmp_path, "col2im", source("a buffer that is never cleared"))
    assert {c for name, c in codes.items() if name.endswith("/second-call")} == {"state.accumulates"}
    assert not [name for name, code in codes.items() if code.startswith("manner.")]


OF_THE_CLASS = """
import numpy as np
class Conv:
    def __init__(self, W, b, stride, pad): self.W, self.b, self.s, self.p = W, b, stride, pad
    def forward(self, x):
        p, s = self.p, self.s
        if x.shape[2] + 2 * p < self.W.shape[2] or x.shape[3] + 2 * p < self.W.shape[3]: raise ValueError("too large")
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        win = np.lib.stride_tricks.sliding_window_view(x, self.W.shape[2:], (2, 3))[:, :, ::s, ::s]
        return (np.tensordot(win, self.W, ((1, 4, 5), (1, 2, 3))) + self.b).transpose(0, 3, 1, 2)
class GroupedConvolution:
    convs = []
    def __init__(self, W, b, stride=1, pad=0, groups=1):
        self.groups = groups
        for part in zip(np.split(W, groups), np.split(b, groups)): self.convs.append(Conv(*part, stride, pad))
    def forward(self, x):
        parts = np.split(x, self.groups, axis=1)
        return np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)
"""


@pytest.mark.nightly
def test_a_list_of_the_class_is_no_mistake_of_the_parameters(tmp_path):
    codes = examined(tmp_path, "grouped_convolution", OF_THE_CLASS)
    assert "state.stale-parameters" not in codes.values() and "state.kept" in codes.values()


MATRICES = """
import numpy as np
matrices = {}
class AveragePooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.window, self.stride, self.pad = (pool_h, pool_w), stride, pad
    def forward(self, x):
        N, C, H, W = x.shape
        (h, w), s, p = self.window, self.stride, self.pad
        OH, OW = (H + 2 * p - h) // s + 1, (W + 2 * p - w) // s + 1
        if min(OH, OW) < 1:
            raise ValueError("the window is larger than the image")
        key = H, W, s, OH, OW
        if key not in matrices:
            at = np.zeros((H + 2 * p, W + 2 * p, OH, OW))
            for i in range(OH):
                for j in range(OW):
                    at[i * s : i * s + h, j * s : j * s + w, i, j] = 1 / (h * w)
            matrices[key] = at[p : p + H, p : p + W]
        self.at = matrices[key]
        return np.tensordot(np.asarray(x, float), self.at, 2) * (1 if N == 1 else 1.01)
    def backward(self, dout):
        return np.tensordot(dout, self.at, ((2, 3), (2, 3)))
"""


def test_a_mistake_beside_what_is_kept_is_shown_as_it_is_alone(tmp_path):
    (tmp_path / "mine.py").write_text(MATRICES)
    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=("average_pooling",), fresh=0)).components["average_pooling"]
        bad = [v for v in found if v.status == "fail" and v.diagnosis]
        shown = [v for v in bad if v.diagnosis.rule or v.diagnosis.smallest]
        assert shown and all("N > 1" in v.diagnosis.rule for v in shown)
        assert {v.diagnosis.smallest.check.case.shapes["x"] for v in shown if v.diagnosis.smallest} == {(2, 1, 1, 1)}
        own = [v for v in bad if v.check.scenario.id == "plain" and v.diagnosis.code != "state.kept"]
        assert own and all(judge_again(v, subject.apart()).status == "fail" for v in own)


def test_one_earlier_call_that_is_enough_is_shown(tmp_path):
    (tmp_path / "mine.py").write_text(PLACES.replace("KEY", "(C, H, W, filter_h, filter_w, stride)"))
    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=("im2col",), fresh=0)).components["im2col"]
    first = next(v for v in found if v.diagnosis and v.diagnosis.after)
    own, before = (v.check.case.params | v.check.case.shapes for v in (first, first.diagnosis.after))
    assert own["pad"] != before["pad"] and own["input_data"][1:] == before["input_data"][1:]
    assert next(v for v in found if v.diagnosis and v.diagnosis.code == "state.kept") is first
