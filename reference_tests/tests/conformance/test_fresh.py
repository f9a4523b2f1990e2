"""A failure that passes in a process of its own is something kept between calls, and what is printed shows it again."""

import re

import pytest

from reference_tests.cli import main
from reference_tests.conformance.examination import Request, examine
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
