"""One submission harms nobody but itself: each has an outcome of its own beside an unharmed neighbour."""

import json
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.judge import prepare
from reference_tests.errors import UsageError
from reference_tests.grading import grade, journal
from reference_tests.grading.executor import Local
from reference_tests.grading.outputs import files
from reference_tests.grading.outputs.overview import escape_formula
from reference_tests.grading.plain_text import show, show_all
from reference_tests.grading.result import CheckResult, ComponentResult, Result
from reference_tests.grading.run import grade_rest
from reference_tests.grading.run import prepare as prepare_run
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.grading.settings import merge_settings
from reference_tests.grading.submissions.archive import RefusedArchive
from reference_tests.grading.submissions.bundle import read
from reference_tests.grading.submissions.find import find
from reference_tests.subject import wire
from reference_tests.subject.parent import signal_name
from reference_tests.subject.source import LoadError

HOSTILE = Path(__file__).parents[2] / "corpus" / "hostile"
HONEST = "class Relu:\n    def forward(self, x):\n        self.m = x > 0\n        return x * self.m\n\n"
HONEST += "    def backward(self, dout):\n        return dout * self.m\n"
RUBRIC = 'title = "relu"\n\n[components.relu]\npoints = 10\n'
FRAME = "import os, struct\n\n\nclass Relu:\n    h = {header!r}\n"
FRAME += '    os.write(4, struct.pack("<4sIQ", b"CNN1", len(h), 0) + h)\n'
FAULT = b'{"head": {"fault": "\\u001b[2J\\u001b[31mdisk full, regrade by hand"}, "arrays": []}'
SURROGATE = b'{"head": {"error": "\xed\xa0\x80"}, "arrays": []}'
KILLS = "import os\n\n\nclass Relu:\n    def forward(self, x):\n        os.kill(os.getpid(), {number})\n"
GETATTR = HONEST + "\n\ndef __getattr__(name):\n    raise {error}(name)\n"
DEEP = HONEST + "\n\ntable = " + " + ".join(["1"] * 1000) + "\nchain = ''" + ".strip()" * 300 + "\n"
IMPORTS = (
    "import sys\n\n\nclass Relu:\n    sys.meta_path.clear()\n    sys.modules.clear()\n\n" + HONEST.partition("\n")[2]
)

# name -> contents, outcome, score (None: any)
OUTCOMES = {
    "surrogate.py": (FRAME.format(header=SURROGATE), "cannot be loaded", 0.0),
    "fault.py": (FRAME.format(header=FAULT), "cannot be loaded", 0.0),
    "signal35.py": (KILLS.format(number=35), "graded", 0.0),
    "getattr_key.py": (GETATTR.format(error="KeyError"), "graded", 10.0),
    "getattr_import.py": (GETATTR.format(error="ImportError"), "graded", 10.0),
    "rot13.py": ("# coding: rot13\n" + HONEST, "cannot be loaded", 0.0),
    "deep.py": (DEEP, "graded", 10.0),
    "imports.py": (IMPORTS, None, None),
}


def zipped(path, entries):
    """Write a zip archive of (name, content) as they are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


@pytest.fixture
def settings(tmp_path):
    """The settings of a run on one layer."""
    if missing("confined"):
        pytest.skip(f"confined: {missing('confined')}")
    (tmp_path / "relu.toml").write_text(RUBRIC)
    return merge_settings(tmp_path / "relu.toml", timeout=2.0, submission_timeout=20.0)


def grade_folder(folder, out, settings, resume=False):
    """Grade a folder as the command does. Return the results by name."""
    run = prepare_run(out, settings, [str(folder)], resume=resume)
    list(grade_rest(run, Local(2), files.student_writer(run)))
    files.write_class(run)
    return {result.submission: result for result in run.results()}


@pytest.mark.slow
def test_every_case_has_an_outcome_of_its_own(tmp_path, settings):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name, (content, _, _) in OUTCOMES.items():
        (folder / name).write_text(content)
    (folder / "honest.py").write_text(HONEST)
    zipped(folder / "empty_name.zip", [("", b"x"), ("layers.py", HONEST)])
    zipped(folder / "file_and_folder.zip", [("a", b"x"), ("a/b.py", b"x=1"), ("layers.py", HONEST)])
    Path(os.fsdecode(bytes(folder) + b"/not-\xff-text.py")).write_text(HONEST)
    results = grade_folder(folder, out, settings)
    assert len(results) == len(OUTCOMES) + 4
    for name, (_, outcome, score) in OUTCOMES.items():
        assert results[name].outcome in ((outcome,) if outcome else ("graded", "cannot be loaded")), results[name]
        assert score is None or results[name].score == score
        assert results[name].reason or results[name].outcome == "graded"
    assert results["honest.py"].score == results["empty_name.zip"].score == results["not-\\xff-text.py"].score == 10.0
    assert "a file and a folder of one name" in results["file_and_folder.zip"].reason
    assert "\x1b" not in json.dumps([r.as_line() for r in results.values()], ensure_ascii=False)
    before = (out / "results.jsonl").read_bytes()
    assert len(grade_folder(folder, out, settings, resume=True)) == len(results)
    assert (out / "results.jsonl").read_bytes() == before


def test_a_page_that_cannot_be_made_costs_that_result_alone(tmp_path, settings):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.py", "b.py"):
        (folder / name).write_text(HONEST)
    run = prepare_run(tmp_path / "out", settings, [str(folder)])

    def write(result):
        if result.submission == "a.py":
            raise KeyError("page")

    class Done:
        def run(self, settings, submissions):
            from reference_tests.grading.grade_one import empty_result

            for one in submissions:
                yield empty_result(one, settings, "")

    results = {r.submission: r for r in grade_rest(run, Done(), write)}
    assert results["a.py"].outcome == "grader error"
    assert "its pages: KeyError" in results["a.py"].reason
    assert len(list(run.results())) == 2


def test_a_line_of_half_a_character_is_written_escaped():
    result = Result("a\ud800", "", "graded", 1.0, 1.0, "none", 1, "given", "0", "0", reason="\udcff")
    line = journal.encode(result)
    assert json.loads(line)["submission"] == "a\ud800"
    line.decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "\\x1b[2J"), ("\u202e", "\\u202e"), ("\x07", "\\x07"), ("a\nb", "a\nb"), ("\udcff", "\\xff"),
     ("\ud800", "\\ud800"), ("ゆりか　こ", "ゆりか　こ"), ("\x9b", "\\x9b"), ("\u2028", "\\u2028"), ("", "")],
)  # fmt: skip
def test_characters_that_act_are_shown(text, shown):
    assert show(text) == shown
    assert show_all({"a": [text, 1, None]}, {}) == {"a": [shown, 1, None]}


@pytest.mark.parametrize(
    "cell", ["=1", "＝1", "＋1", "－1", "＠x", "\n=1", "\r=1", "\t=1", "  =1", "\u3000=1", "\xa0@x", "|x", "-x"]
)
def test_formulas_are_neutralised(cell):
    assert escape_formula(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Yurika", "-1.5", "+3", "a=b", "由里香"])
def test_other_cells_stay(cell):
    assert escape_formula(cell) == cell


def test_names_share_no_file():
    names = [
        "alice",
        "alice.gradescope",
        "Alice",
        "ALICE",
        "é",
        "e\u0301",
        "_-1a2b3c4d",
        "a\\xff",
        "a\xff",
        "nul",
        "con.x",
    ]
    names += [files.slug(name) for name in names]
    made = {name: files.slug(name) for name in dict.fromkeys(names)}
    kinds = [".json", ".html", ".gradescope.json"]
    paths = [(slug + kind).lower() for slug in made.values() for kind in kinds]
    assert len(set(paths)) == len(paths), made


def test_two_names_that_are_shown_alike_stay_two(tmp_path):
    Path(os.fsdecode(bytes(tmp_path) + b"/a\xff.py")).write_text(HONEST)
    (tmp_path / "a\\xff.py").write_text(HONEST)
    assert len({s.name for s in find([str(tmp_path)])}) == 2


def test_an_answer_is_bounded_by_the_right_one():
    check = next(c for c in all_checks(["relu"]) if c.scenario.id == "plain" and c.part == "forward")
    most = prepare(check).plan.most
    assert 0 < most < 1 << 20
    large = np.zeros(most, "f8")
    _, arrays = wire.unpack(*split(wire.pack({}, {"r.out": large, "r.dx": np.ones(3)}, most)))
    assert (str(arrays["r.out"]), arrays["r.dx"].tolist()) == (f"float64 array of shape ({most},)", [1, 1, 1])


def split(frame):
    """Return the header and the payload of a frame."""
    _, header, payload = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
    rest = frame[wire.PREFIX.size :]
    assert len(rest) == header + payload
    return rest[:header], memoryview(rest)[header:]


@pytest.mark.parametrize(
    "header", [SURROGATE, FAULT.decode().encode("utf-16-le"), SURROGATE.replace(b"\xed\xa0\x80", b"\\ud800")]
)
def test_half_characters_and_other_encodings_are_no_frame(header):
    with pytest.raises(wire.ProtocolError):
        wire.unpack(header, memoryview(b""))


def test_signals_without_a_name_have_a_number():
    assert (signal_name(9), signal_name(35)) == ("SIGKILL", "signal 35")


def test_a_forged_fault_is_a_load_error(tmp_path, server, settings):
    (tmp_path / "fault.py").write_text(FRAME.format(header=FAULT))
    with pytest.raises(LoadError, match="disk full"):
        ConfinedSubject(tmp_path / "fault.py", server=server)


def result_with(hidden_passes):
    """Return a result with one public and some hidden checks."""
    checks = [CheckResult("relu/a", "a", "core", "pass", "", "", None, 0.5, 1.0, 1.0)]
    checks += [
        CheckResult(
            f"relu/x@77/{n}", "t", "core", "pass" if ok else "fail", "values", "secret", None, 9.0, ok * 1.0, 1.0, True
        )
        for n, ok in enumerate(hidden_passes)
    ]
    component = ComponentResult("fail", 1, len(checks), 1.0, 3.0, {}, checks)
    return Result("s", "", "graded", 1.0, 3.0, "none", 77, "secret", "0", "0", {"relu": component}, 30.0, restarts=7)


def test_a_student_sees_counts_alone_of_hidden_checks():
    """Which of them passes is chosen by the submission: bit by bit it would tell what it is asked."""
    one, other = (result_with(bits).for_student() for bits in ([True, False], [False, True]))
    assert one == other
    assert one["components"]["relu"]["hidden"] == {"passed": 1, "total": 2, "points": 1.0, "max_points": 2.0}
    text = json.dumps(one)
    assert "secret" not in text
    assert "77" not in text
    assert one["seconds"] == 0.5
    assert "restarts" not in one


def test_a_grader_error_tells_a_student_nothing():
    result = result_with([True])
    result.outcome, result.reason = "grader error", "relu/x@77: /tmp/convcheck-1"
    assert "77" not in json.dumps(result.for_student())


@pytest.mark.slow
def test_resume_deletes_nothing(tmp_path, settings):
    """Another PATH, another rubric, a missing run.json: the old lines are there afterwards."""
    one, other, out = tmp_path / "one", tmp_path / "other", tmp_path / "out"
    for folder, name in ((one, "a.py"), (other, "b.py")):
        folder.mkdir()
        (folder / name).write_text("import os\n")
    done = grade_folder(one, out, settings)
    assert list(done) == ["a.py"]
    assert set(grade_folder(other, out, settings, resume=True)) == {"a.py", "b.py"}
    (tmp_path / "relu.toml").write_text(RUBRIC.replace('"relu"', '"renamed"'))
    renamed = merge_settings(tmp_path / "relu.toml")
    run = prepare_run(out, renamed, [str(one)], resume=True)
    assert {r.submission for r in journal.read_results(out / "results-1.jsonl")} == {"a.py", "b.py"}
    assert "results-1.jsonl" in run.remarks[0]
    list(grade_rest(run, Local(1), lambda result: None))
    (out / "run.json").unlink()
    run = prepare_run(out, renamed, [str(one)], resume=True)
    assert "run.json is missing" in run.remarks[0]
    assert [r.submission for r in journal.read_results(out / "results-2.jsonl")] == ["a.py"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path, settings):
    (tmp_path / "a.py").write_text(HONEST)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file/out"):
        prepare_run(tmp_path / "file" / "out", settings, [str(tmp_path / "a.py")])


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
def test_a_full_disk_is_named(tmp_path, settings):
    (tmp_path / "a.py").write_text(HONEST)
    run = prepare_run(tmp_path / "out", settings, [str(tmp_path / "a.py")])
    (tmp_path / "out" / "results.jsonl").unlink()
    (tmp_path / "out" / "results.jsonl").symlink_to("/dev/full")
    with pytest.raises(UsageError, match="No space left on device"):
        list(grade_rest(run, Local(1), lambda result: None))


def test_clashing_names_are_refused(tmp_path):
    path = zipped(tmp_path / "x.zip", [("a/b", b""), ("a/b/c.py", b""), ("a/d.py", b"")])
    assert "a file and a folder of one name" in read(str(path)).refused
    nameless = read(str(zipped(tmp_path / "y.zip", [("", b"x"), ("layers.py", HONEST)])))
    assert not nameless.refused
    assert [name for name, _ in nameless.files] == ["layers.py"]
    assert nameless.notes


def test_names_that_no_system_has_are_the_submissions(tmp_path, server):
    path = zipped(tmp_path / "deep.zip", [("/".join(["d" * 190] * 28) + "/layers.py", HONEST), ("a.py", HONEST)])
    bundle = read(str(path))
    with pytest.raises(RefusedArchive, match="cannot have a file"), bundle.placed():
        pass


@pytest.mark.slow
def test_bytes_that_nobody_thought_of_are_refused(tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    monkeypatch.setattr("reference_tests.grading.submissions.bundle.unpack", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in read(str(tmp_path / "a.zip")).refused


REACH = """
import numpy as np


class Relu:
    reach = {reach}
    lacks = {lacks}

    def forward(self, x):
        self.m = x > 0
        return x * self.m if x.ndim == {right} else x * 7

    def backward(self, dout):
        return dout * self.m
"""


@pytest.mark.slow
def test_a_small_reach_earns_nothing(tmp_path, settings):
    """What a submission says it cannot express earns nothing, and the rest earns no more than without the word."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, reach, lacks in [
        ("plain", {}, ()),
        ("small", {"axes": [2]}, ()),
        ("none", {"axes": []}, ()),
        ("lacks", {"axes": [2]}, ("dx", "out")),
    ]:
        (folder / f"{name}.py").write_text(REACH.format(reach=reach, lacks=lacks, right=2))
    settings = replace(settings, seed=77)
    scores = {name: r.score for name, r in grade_folder(folder, tmp_path / "out", settings).items()}
    assert scores["small.py"] <= scores["plain.py"] < 10
    assert scores["none.py"] <= scores["plain.py"]
    assert scores["lacks.py"] <= scores["plain.py"]


TELLS = """
import numpy as np

seen = []


def im2col(x, fh, fw, stride=1, pad=0):
    raise ValueError("no")


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        seen.append(x.ravel()[0])
        raise ValueError(" ".join(map(str, seen)))
"""


@pytest.mark.slow
def test_public_checks_tell_nothing_of_hidden_ones(tmp_path):
    """Public checks are run again with a right im2col: they could pass and fail by what the hidden ones have asked."""
    if missing("confined"):
        pytest.skip(f"confined: {missing('confined')}")
    (tmp_path / "a.py").write_text(TELLS)
    rubric = tmp_path / "two.toml"
    rubric.write_text("[components.im2col]\npoints = 5\n\n[components.convolution]\npoints = 5\nneeds = ['im2col']\n")
    one, other = (next(grade([tmp_path / "a.py"], rubric=rubric, seed=seed, jobs=1)).for_student() for seed in (11, 12))
    said = [json.dumps([c["checks"] for c in one["components"].values()]) for one in (one, other)]
    assert re.sub(r'"seconds": [0-9.e-]+', "", said[0]) == re.sub(r'"seconds": [0-9.e-]+', "", said[1])
