"""One submission's points: only a pass judged by the grader earns, and students learn nothing of hidden checks."""

import datetime
import json
from importlib import resources

import pytest

from reference_tests.conformance import contract, judge
from reference_tests.conformance.diagnosis import prerequisites
from reference_tests.conformance.types import Verdict
from reference_tests.grading import grade, grade_one, rubric, rubric_toml, score
from reference_tests.grading.checklist import deciding_checks
from reference_tests.grading.outputs import pages
from reference_tests.grading.outputs.gradescope import as_results
from reference_tests.grading.reasons import reasons_of
from reference_tests.grading.submissions.bundle import Bundle, read
from reference_tests.grading.submissions.submission import Submission
from reference_tests.i18n import current_language
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject import execute
from reference_tests.subject.protocol import Fault

from . import (
    RIGHT,
    SEED,
    SMALL,
    SMALL_TOML,
    WRONG,
    InThisProcess,
    checklist_of,
    graded,
    run_settings,
    small,
    write_files,
)

pytestmark = pytest.mark.slow  # each grades, in processes of its own

STUB = """
def conv_output_size(*a, **k):
    raise ValueError("no")
class Relu:
    def forward(self, x):
        raise ValueError("no")
    def backward(self, dout):
        raise ValueError("no")
"""


def submit(tmp_path, text, name="a.py"):
    """Write a submission, and return its path."""
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_correct_submission_gets_all_points_and_wrong_one_none(tmp_path):
    assert graded(submit(tmp_path, RIGHT)).score == 10
    assert graded(submit(tmp_path, WRONG)).score == 0


def test_stub_that_refuses_everything_earns_nothing(tmp_path):
    result = graded(submit(tmp_path, STUB))
    assert (result.outcome, result.score) == ("graded", 0)
    assert any(c.status == "pass" for c in result.components["shapes"].checks)  # its refusals pass


class Stopped(Bundle):
    """A submission during whose grading Ctrl-C is pressed."""

    def placed(self):
        raise KeyboardInterrupt


def test_the_callers_language_stays_however_grading_ends(tmp_path):
    (tmp_path / "ja.toml").write_text('language = "ja"\n' + SMALL_TOML)
    files = write_files(tmp_path / "in", a=WRONG, b=WRONG)
    results = grade([files], rubric=tmp_path / "ja.toml", isolation="none", executor=InThisProcess())
    assert not all(one.isascii() for one in reasons_of(next(results).components["relu"]))
    assert current_language() == "en"
    results.close()
    assert current_language() == "en"
    settings = run_settings(rubric_toml.parse({**SMALL, "language": "ja"}))
    with pytest.raises(KeyboardInterrupt):
        grade_one.grade_one(Submission("a.py", "a.py"), Stopped(""), settings, *checklist_of(small()), None)
    assert current_language() == "en"


def test_checks_that_have_not_run_earn_nothing(tmp_path):
    checklist, _ = checklist_of(small())
    verdicts = score.not_run_verdicts(checklist)
    assert {v.status for v in verdicts.values()} == {"not_run"}
    assert score.total_points(score.score_components(checklist, verdicts, {}), small()) == 0


MEMORIZED = """
import numpy as np
from learned import KNOWN

class Relu:
    def forward(self, x):
        self.x = x
        return KNOWN.get(np.asarray(x).tobytes(), 7 * x)
    def backward(self, dout):
        return KNOWN.get(np.asarray(self.x).tobytes() + np.asarray(dout).tobytes(), 7 * dout)
"""


def test_memorized_public_answers_earn_nothing(tmp_path):
    """The submission has a table of every public question and its right answer."""
    checklist, answers = checklist_of(small())
    known = {}
    for item in checklist.items_of("relu"):
        if not item.hidden and item.check.scenario.id == "plain":
            plan, expected = answers[item.id]
            key = plan.given["x"].tobytes() + (plan.given["dout"].tobytes() if "dx" in expected else b"")
            known[key.hex()] = next(iter(expected.values()))[0].tolist()
    table = ", ".join(f"bytes.fromhex({key!r}): np.array({value})" for key, value in known.items())
    table = f"import numpy as np\n\nKNOWN = {{{table}}}\n"
    result = graded(write_files(tmp_path / "mallory", layers=MEMORIZED, learned=table))
    relu = result.components["relu"]
    assert sum(c.status == "pass" for c in relu.checks if not c.hidden) >= 10
    assert (relu.points, result.score) == (0, 0)
    assert "learned by heart" in pages.student_page_renderer(small())(result)


@pytest.mark.parametrize("status", ["fail", "absent", "error", "not_run", "", "passed", None])
def test_only_a_pass_earns(status):
    checklist, _ = checklist_of(small())
    verdicts = {item.id: Verdict(item.check, status) for item in checklist.items}
    assert not score.earning_ids(checklist, verdicts)


def test_checklist_has_no_advice():
    checklist, _ = checklist_of(small())
    assert all(item.check.level != "advice" for item in checklist.items)


def test_all_or_nothing_component_earns_only_if_all_pass(tmp_path):
    strict = rubric_toml.parse({"hidden_share": 0, "components": {"relu": {"points": 6, "all_or_nothing": True}}})
    assert graded(submit(tmp_path, RIGHT), strict).score == 6
    almost = RIGHT.replace(
        "def backward(self, dout):\n", "def backward(self, dout):\n        dout[...] = dout * 1.0001\n"
    )
    lenient = rubric_toml.parse({"hidden_share": 0, "components": {"relu": {"points": 6}}})
    assert 0 < graded(submit(tmp_path, almost), lenient).score < 6
    assert graded(submit(tmp_path, almost), strict).score == 0


def test_single_checks_earn_their_own_points(tmp_path):
    public = next(i for i in checklist_of(small())[0].items_of("relu") if i.check.scenario.id == "plain").id
    other = next(i for i in checklist_of(small())[0].items_of("relu") if not i.hidden and i.id != public).id
    checks = [{"id": public, "points": 3}, {"id": other, "points": 2, "hidden": True}]
    parsed = rubric_toml.parse({"hidden_share": 0, "components": {"relu": {"points": 1}}, "checks": checks})
    result = graded(submit(tmp_path, RIGHT), parsed)
    by_name = {check.name or check.id: check for check in result.components["relu"].checks}
    assert (by_name[public].points, by_name["relu/hidden-check-2"].points) == (3, 2)
    assert (result.score, result.max_score) == (6, 6)
    assert by_name["relu/hidden-check-2"].hidden and not by_name[other].hidden


def test_fault_of_the_grader_leaves_no_score(tmp_path, monkeypatch):
    def fails(*_, **__):
        raise Fault("two references disagree")

    monkeypatch.setattr(grade_one, "open_subject", fails)
    result = graded(submit(tmp_path, RIGHT))
    assert (result.outcome, result.score) == ("grader error", None)
    assert "two references disagree" in result.reason


def test_check_without_right_answer_is_a_grader_error(tmp_path):
    checklist, answers = checklist_of(small())
    path = submit(tmp_path, RIGHT)
    broken = {**answers, next(iter(answers)): "two references disagree"}
    result = grade_one.grade_one(Submission("a", str(path)), read(str(path)), run_settings(), checklist, broken, None)
    assert (result.outcome, result.score) == ("grader error", None)


IN_WINDOWS = {"im2col": {"points": 4}, "convolution": {"points": 10, "needs": ["im2col"]}}
WINDOWS = {"prerequisites": "replace", "hidden_share": 0.5, "drawn": 2, "components": IN_WINDOWS}
CONVOLUTION = """
import numpy as np

def im2col(x, fh, fw, stride=1, pad=0):
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    view = np.lib.stride_tricks.sliding_window_view(x, (fh, fw), (2, 3))[:, :, ::stride, ::stride]
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * fh * fw)

class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad
    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        OH, OW = ((s + 2 * self.pad - f) // self.stride + 1 for s, f in zip(x.shape[2:], (FH, FW)))
        if OH < 1 or OW < 1:
            raise ValueError("the window is larger")
        col = im2col(x, FH, FW, self.stride, self.pad)
        return (col @ self.W.reshape(FN, -1).T + self.b).reshape(len(x), OH, OW, FN).transpose(0, 3, 1, 2)
"""


def test_known_mistake_is_diagnosed_and_message_names_the_submission(tmp_path):
    flipped = CONVOLUTION.replace("self.W.reshape", "self.W[:, :, ::-1, ::-1].reshape")
    rubric = rubric_toml.parse({**WINDOWS, "components": {"convolution": {"points": 1}}})
    result = graded(submit(tmp_path, flipped), rubric)
    named = {c.diagnosis["code"] for c in result.components["convolution"].checks if c.diagnosis}
    assert len(named) == 1 and "flip" in named.pop()
    message = next(c.message for c in result.components["convolution"].checks if c.message and not c.hidden)
    assert "convcheck verify a.py --case" in message and str(tmp_path) not in message


@pytest.mark.parametrize("prerequisites, points, status", [("replace", 10 / 2, "pass"), ("skip", 0, "not_run")])
def test_wrong_prerequisite_is_replaced_or_skips_its_dependents(tmp_path, prerequisites, points, status):
    wrong = CONVOLUTION.replace("return view", "return 1.5 * view")
    result = graded(submit(tmp_path, wrong), rubric_toml.parse({**WINDOWS, "prerequisites": prerequisites}))
    assert result.components["im2col"].points == 0
    forward = [c for c in result.components["convolution"].checks if c.id.endswith("/forward") and c.level == "core"]
    assert {c.status for c in forward} == {status}
    assert result.components["convolution"].points == pytest.approx(points, rel=0.2)
    assert any("im2col" in c.message for c in forward)


def test_correct_submission_is_not_rerun_with_substitutes(tmp_path):
    result = graded(submit(tmp_path, CONVOLUTION), rubric_toml.parse(WINDOWS))
    assert not any(c.helped for about in result.components.values() for c in about.checks)
    assert result.components["im2col"].status == "pass"


CORNERS = {  # what im2col does first -> its status
    "x[0]": "pass",  # an IndexError for a batch of no images, which nobody asks for
    "assert len(x) > 1": "edge",
    "assert len(x) > 9": "fail",
}


@pytest.mark.parametrize("first", CORNERS)
def test_wrong_corner_case_of_a_prerequisite_skips_nothing(tmp_path, first):
    text = CONVOLUTION.replace("    x = np.pad", f"    {first}\n    x = np.pad", 1)
    result = graded(submit(tmp_path, text), rubric_toml.parse({**WINDOWS, "prerequisites": "skip"}))
    im2col, convolution = (result.components[name] for name in ("im2col", "convolution"))
    assert im2col.status == CORNERS[first]
    is_skipped = {c.reason == "prerequisite" for c in convolution.checks}
    assert is_skipped == {CORNERS[first] == "fail"}
    if CORNERS[first] == "edge":
        assert im2col.levels["core"]["passed"] == im2col.levels["core"]["total"]
        assert im2col.levels["edge"]["passed"] < im2col.levels["edge"]["total"]
        assert any(c.diagnosis for c in convolution.checks if c.status == "fail" and not c.hidden)
        page = pages.student_page_renderer(rubric_toml.parse(WINDOWS))(result)
        assert "agrees but for corner cases" in page and "Nothing is wrong." not in page
        (test, *_) = (t for t in as_results(result)["tests"] if t["name"] == "im2col")
        assert test["output"].startswith("agrees but for corner cases: core ")


# It puts every input that it has seen into each error message: no hidden one may reach a public check's message.
LEAKS = """
import numpy as np

PUBLIC = {public}
seen = []

def conv_output_size(input_size, filter_size, stride=1, pad=0):
    if (input_size, filter_size, stride, pad) in PUBLIC:
        if filter_size > input_size + 2 * pad:
            raise ValueError
        return (input_size + 2 * pad - filter_size) // stride + 1
    print("SECRET", input_size, filter_size)
    seen.append(f"S{{input_size}}x{{filter_size}}x{{stride}}x{{pad}}S")
    raise ValueError(" ".join(["SECRET", *seen]))

class Relu:
    def forward(self, x):
        if x.shape in PUBLIC:
            self.on = x > 0
            return np.where(self.on, x, 0)
        seen.append("S" + repr(np.asarray(x).ravel()[:2].tolist()) + "S")
        raise ValueError(" ".join(["SECRET", *seen]))

    def backward(self, dout):
        return np.where(self.on, dout, 0)
"""


def asked_in_public(checklist):
    """Return the shapes and sizes of all public questions."""
    cases = [item.check.case for item in checklist.items if not item.hidden]
    shapes = {shape for case in cases for shape in case.shapes.values()}
    return shapes | {tuple(case.params[k] for k in SIZES) for case in cases if not case.shapes}


SIZES = ("input_size", "filter_size", "stride", "pad")


def test_hidden_inputs_reach_no_output_for_students(tmp_path):
    """What is right in public, so that it is asked in secret, and tells there what it sees."""
    checklist, _ = checklist_of(small())
    result = graded(submit(tmp_path, LEAKS.format(public=asked_in_public(checklist))))
    hidden = [item for item in checklist.items if item.hidden]
    messages = " ".join(c.message for about in result.components.values() for c in about.checks if c.hidden)
    assert "SECRET" in messages  # the grader's own record has it, so there was something to leak
    page = pages.student_page_renderer(small())(result)
    outputs = [json.dumps(result.for_student()), json.dumps(as_results(result)), page]
    for item in hidden:
        case, secrets = item.check.case, [item.id, item.check.case.id]
        if case.shapes:
            x = case.question().arrays["x"].ravel()[:2].tolist()
            secrets += [secret for secret in (repr(x), repr(x[0])) if len(secret) > 6]  # not 0.0, which is everywhere
        else:
            secrets.append("S" + "x".join(str(v) for v in case.params.values()) + "S")
        for output in outputs:
            assert not [secret for secret in secrets if secret in output]
    assert not any(str(SEED) in output for output in outputs)


def test_hidden_checks_are_counted_and_not_listed(tmp_path):
    public = graded(submit(tmp_path, WRONG)).for_student()
    for about in public["components"].values():
        assert not any(check["hidden"] for check in about["checks"])
        assert about["hidden"]["total"] > 0
    assert "hidden-" not in str(public)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("import os\nclass Relu:\n    def forward(self, x):\n        os._exit(0)\n", "exit"),
        ("import ctypes\nclass Relu:\n    def forward(self, x):\n        ctypes.string_at(0)\n", "signal"),
        ("class Relu:\n    def forward(self, x):\n        while True: pass\n", "timeout"),
    ],
)
def test_crash_costs_its_component_only_and_reports_reason(tmp_path, text, reason):
    rest = RIGHT.partition("class Relu")[0]
    result = graded(submit(tmp_path, rest + text), isolation="process", timeout=0.5)
    assert result.outcome == "graded"
    assert result.components["shapes"].points == 4
    relu = result.components["relu"]
    assert (relu.points, relu.status) == (0, "fail")
    assert reason in {c.reason for c in relu.checks}


@pytest.mark.parametrize(
    "backward", ["while True: pass", "import os; os._exit(0)", "raise ValueError", "self.x[...] = 0"]
)
def test_wrong_backward_costs_nothing_of_a_correct_forward(tmp_path, backward):
    """Although both are run by one program."""
    text = RIGHT.replace("self.on = x > 0", "self.x, self.on = x, x > 0")
    text = text.replace(
        "        return np.where(self.on, dout", f"        {backward}\n        return np.where(self.on, dout"
    )
    result = graded(submit(tmp_path, text), isolation="process", timeout=0.4)
    checks = {c.id: c for c in result.components["relu"].checks}
    forward = [c for c in checks.values() if c.id.endswith(("/forward", "/forward/strided")) and not c.hidden]
    assert forward and {c.status for c in forward} == {"pass"}
    plain = [c for c in checks.values() if c.id.endswith("/backward")]
    assert "fail" in {c.status for c in plain}


def test_lateness_depends_on_days_after_the_deadline(tmp_path):
    deadline = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
    late = rubric.Late(deadline, grace_minutes=10, percent_per_day=10, at_most_percent=25)
    table = [
        ("2026-05-01T11:00:00+00:00", None),
        ("2026-05-01T12:09:00+00:00", None),
        ("2026-05-01T21:30:00+09:00", 10),  # half past twelve in UTC
        ("2026-05-02T13:00:00+00:00", 20),
        ("2026-05-09T13:00:00+00:00", 25),
        ("", None),
    ]
    for submitted, percent in table:
        lost = score.lateness(late, submitted, 80)
        assert (lost and lost.percent) == percent
    assert score.lateness(late, "2026-05-02T13:00:00+00:00", 80).points == 16


FAILED_EASILY = "second-call", "float32", "strided", "backward-twice"  # scenarios, by substitutes


def test_substitutes_pass_their_own_checks():
    folder = resources.files("reference_tests.subject.lending") / "texts"
    texts = {p.name.removesuffix(".py") for p in folder.iterdir()}
    components = [component for component in contract.COMPONENTS if component in texts]
    assert len(components) >= 13
    for component in components:
        name = contract.layer(component).OP.name
        substitute = execute.load_substitute(prerequisites.substitute_text(component), name)
        subject = InProcessSubject({name: substitute}, target="substitute")
        checks = deciding_checks(component)
        plain = [check for check in checks if check.scenario.id == "plain"]
        verdicts = judge.judge_all([*plain[::3], *(c for c in checks if c.scenario.id in FAILED_EASILY)], subject)
        wrong = [v.check.id for v in verdicts if v.status != "pass"]
        assert not wrong, wrong
