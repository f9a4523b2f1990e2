"""The diagnosis is held to its bars on planted mistakes, and each of its instruments to what it promises."""

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest

from reference_tests.conformance import references
from reference_tests.conformance.contract import all_checks, layer
from reference_tests.conformance.diagnosis import Diagnoser
from reference_tests.conformance.diagnosis.index_map import draw_index_map, index_map
from reference_tests.conformance.examination import Request, examine, explain, explain_one
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.conformance.types import Diagnosis, Verdict
from reference_tests.corpus import mutants
from reference_tests.quality import naming
from reference_tests.quality.naming import codes
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Question
from reference_tests.tests.sampling import sampled

SAMPLE = 12


def patched(component: str, *patch: tuple[str, str]) -> InProcessSubject:
    return InProcessSubject(mutants.Mutant("planted", component, "", "", patch).names())


def diagnosed(component: str, subject: Any, wrong: tuple[str, ...] = (), again: bool = True) -> list[Verdict]:
    """The failures that count, explained. again: the subject may be asked once more, for what is shown besides."""
    found = explain(list(judge_all(all_checks([component]), subject)), subject if again else None, wrong)
    return [v for v in found if v.status == "fail" and v.check.level != "advice"]


def sample() -> list[mutants.Mutant]:
    said_later = ("", "when", "state.unsteady")  # found by asking again
    core = [m for m in mutants.mutants() if m.code not in said_later and m.component in CORE]
    return [core[i] for i in np.random.default_rng(7).choice(len(core), SAMPLE, replace=False)]


CORE = ("shapes", "im2col", "col2im", "convolution", "pooling", "average_pooling", "relu", "sigmoid", "tanh", "affine")


@pytest.mark.parametrize("mutant", sampled(sample(), every=4), ids=lambda m: m.id)
def test_a_planted_mistake_is_named(mutant):
    found = naming.by_id(mutant.id, again=False)
    assert found.rightly
    assert not found.wrongly


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("every", [50, pytest.param(10, marks=pytest.mark.nightly)])
def test_at_least_95_in_100_planted_mistakes_are_named_and_none_wrongly(every):
    """A sample; `convcheck self-test --full` asks for all."""
    results = [naming.by_id(m.id) for m in mutants.mutants()[::every]]
    unnamed = [one.mutant for one in results if not one.rightly]
    assert not [one for one in results if one.wrongly]
    assert len(unnamed) <= 0.05 * len(results), unnamed


COL = "return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * filter_h * filter_w)"
FLIPPED = ("self.col_W = self.W.reshape(FN, -1).T", "self.col_W = self.W[:, :, ::-1, ::-1].reshape(FN, -1).T")
NO_BIAS = ("out = self.col @ self.col_W + self.b", "out = self.col @ self.col_W")


@pytest.mark.slow
def test_a_mistake_is_named_beside_a_buffer_of_the_inputs_type():
    """Where x holds integers the sums are cut too, and nothing known gives both: the name is not put on that case."""
    old = "return np.dot(self.x, self.W) + self.b"
    cut = "return sum((row[:, None] * w).astype(x.dtype) for row, w in zip(self.x.T, self.W)) + 2 * self.b"
    bad = diagnosed("affine", patched("affine", (old, cut)), again=False)
    forward = {v.check.case.why: v for v in bad if v.check.part == "forward" and v.check.scenario.id == "plain"}
    assert codes([forward["images are flattened in C order"]]) == {"affine.bias-doubled"}
    assert forward["whole numbers give fractions"].diagnosis.follows


@pytest.mark.slow
def test_two_mistakes_together_are_named():
    bad = diagnosed("convolution", patched("convolution", FLIPPED, NO_BIAS), again=False)
    assert "conv.bias-missing + conv.flipped" in codes(bad)


@pytest.mark.slow
def test_a_diagnosis_says_how_to_repair_it_and_where_to_read():
    first = diagnosed("convolution", patched("convolution", FLIPPED), again=False)[0]
    assert first.diagnosis.code == "conv.flipped"
    assert first.diagnosis.repair
    assert first.diagnosis.section == layer("convolution").OP.section
    assert first.diagnosis.repair in first.message
    assert "W is rotated by 180 degrees" in first.message


@pytest.mark.slow
def test_an_exception_is_named_by_the_learners_line_and_when_it_comes():
    old = "OW = conv_output_size(W, self.pool_w, self.stride, pad)"
    bad = diagnosed("pooling", patched("pooling", (old, old.replace("(W,", "(H,"))))
    first = next(v.diagnosis for v in bad if v.diagnosis and v.diagnosis.line)
    assert first.line.startswith("line ")
    assert "OH differs from OW" in first.rule or "H differs from W" in first.rule
    assert "site-packages" not in bad[0].message and "reference_tests" not in bad[0].message


@pytest.mark.slow
def test_an_exception_has_the_name_of_the_mistake_that_cannot_be_made_in_these_sizes():
    old = "np.argmax(t, axis=1) if t.ndim == 2 else t"
    bad = diagnosed(
        "softmax_with_loss", patched("softmax_with_loss", (old, old.replace("axis=1", "axis=0"))), again=False
    )
    assert any("stops with" in v.message for v in bad)
    assert codes(bad) == {"loss.onehot-wrong-axis"}


def test_a_name_of_the_learners_own_is_suggested():
    bad = diagnosed("convolution", patched("convolution", ("self.col_W = self.W", "self.col_w = self.W")), again=False)
    assert "Did you mean: 'col_w'?" in bad[0].message
    assert codes(bad) == {"name"}


@pytest.mark.slow
def test_a_gradient_under_another_name_is_absent_and_the_name_suggested():
    old = "self.dW = (self.col.T @ rows)"
    subject = patched("convolution", (old, old.replace("dW", "dw")))
    found = explain(list(judge_all(all_checks(["convolution"]), subject)), subject)
    absent = next(v for v in found if v.status == "absent")
    assert "did you mean dw?" in absent.message


@pytest.mark.slow
def test_noise_gets_no_name():
    noise = "return out.reshape(N, OH, OW, FN).transpose(0, 3, 1, 2)"
    more = "np.sin(np.arange(out.size) ** 2.0).reshape(out.shape)"
    bad = diagnosed("convolution", patched("convolution", (noise, f"out = out + {more}\n        {noise}")), again=False)
    assert codes(bad) <= {"when"}


@pytest.mark.slow
def test_a_forward_mistake_is_not_named_for_a_backward_alone():
    old = "dcol = rows @ self.col_W.T"
    flipped = old.replace("self.col_W", "self.W[:, :, ::-1, ::-1].reshape(FN, -1).T")
    assert "conv.flipped" not in codes(diagnosed("convolution", patched("convolution", (old, flipped)), again=False))


@pytest.mark.slow
def test_state_between_calls_is_found_by_a_second_run():
    old = "    img = np.pad(input_data"
    kept = "    im2col.calls = getattr(im2col, 'calls', 0) + 1\n"
    col = COL.replace("return col", "return im2col.calls * col")
    assert "state.unsteady" in codes(diagnosed("im2col", patched("im2col", (old, kept + old), (COL, col))))


@pytest.mark.slow
def test_failure_shows_the_smallest_wrong_case():
    strides = "x : x + stride * OW : stride]\n    return col"
    bad = diagnosed("im2col", patched("im2col", (strides, strides.replace(" + stride * OW : stride", " + OW"))))
    small = bad[0].diagnosis.smallest.check.case
    assert small.shapes["input_data"] == (1, 1, 1, 3)
    assert (small.params["filter_h"], small.params["filter_w"], small.params["stride"]) == (1, 1, 2)
    assert "the smallest failing call" in bad[0].message
    assert "stride > 1" in bad[0].diagnosis.rule


@pytest.mark.slow
def test_failing_case_is_shown_if_only_a_large_batch_is_wrong():
    old = "out = self.col @ self.col_W + self.b"
    bad = diagnosed("convolution", patched("convolution", (old, f"{old}\n        out[4 * OH * OW :] = 0")))
    assert bad[0].diagnosis.code == "place"
    assert bad[0].diagnosis.text == "only the first 4 images are right: the others stay at 0"
    assert bad[0].diagnosis.smallest is None


def small(component: str, **wanted: int) -> Question:
    found = (c for g, c in layer(component).sizes() if all(g[k] == v for k, v in wanted.items()))
    return draw_question(next(found))


LAYERS = "convolution", "pooling", "average_pooling"
LEARNT = [("im2col", "result"), ("col2im", "result"), *product(LAYERS, ("forward", "backward"))]


@pytest.mark.parametrize("component, part", LEARNT)
def test_the_index_map_of_a_right_layer_is_right(component, part):
    q = small(component, H=3, W=2, FH=2, FW=2, stride=1, pad=0, N=1, C=1)
    assert index_map(component, part, q, InProcessSubject(mutants.executed(mutants.base(), "<base>"))) is None


def test_the_index_map_shows_a_flipped_filter():
    q = small("convolution", H=1, W=2, FH=1, FW=2, stride=1, pad=0, N=1, C=1, FN=1)
    table = index_map("convolution", "forward", q, patched("convolution", FLIPPED))
    assert table is not None
    assert table.got == ((("2",), ("1",)),)
    assert table.want == ((("1",), ("2",)),)
    assert any("2!" in line for line in draw_index_map(table))


def test_the_index_map_shows_overlaps_that_are_not_added():
    q = small("col2im", H=1, W=3, FH=1, FW=2, stride=1, pad=0, N=1, C=1)
    old = "x : x + stride * OW : stride] += col[:, :, y, x]"
    table = index_map("col2im", "result", q, patched("col2im", (old, old.replace("+=", "="))))
    assert table is not None
    assert table.want[1][0] == ("2", "3")
    assert len(table.got[1][0]) == 1


TURNED = (COL, COL.replace("(0, 4, 5, 1, 2, 3)", "(0, 4, 5, 1, 3, 2)"))


@pytest.mark.slow
def test_one_root_is_reported_once():
    subject = patched("im2col", TURNED)
    assert codes(diagnosed("im2col", subject)) == {"im2col.columns-across-first"}
    bad = diagnosed("convolution", subject, ("im2col",))
    assert codes(bad) == {"cause.im2col"}
    assert "fails because of im2col" in bad[0].message


@pytest.mark.slow
def test_a_trial_that_nobody_judges_blames_nobody():
    subject = patched("im2col", TURNED)
    judged = list(judge_all(all_checks(["convolution"]), subject))
    diagnoser = Diagnoser(judged, subject, ("im2col",))
    assert [trial.names for trial in diagnoser.trials()] == [("im2col",)]
    diagnoser.assign()
    assert not any(code.startswith("cause.") for code in codes(diagnoser.bad))


@pytest.mark.slow
def test_a_second_mistake_is_named_besides_the_cause():
    bad = diagnosed("convolution", patched("convolution", TURNED, NO_BIAS), ("im2col",))
    assert "conv.bias-missing" in codes(bad)
    assert next(v.diagnosis.cause for v in bad if v.diagnosis.code == "conv.bias-missing") == "im2col"


@pytest.mark.slow
def test_a_wrong_component_that_explains_nothing_is_not_blamed():
    bad = diagnosed("convolution", patched("convolution", TURNED, FLIPPED), ("col2im",))
    assert not any(code.startswith("cause.") for code in codes(bad))


@pytest.mark.slow
def test_a_subject_in_another_process_gets_the_same_diagnoses(tmp_path):
    (tmp_path / "wrong.py").write_text(mutants.Mutant("planted", "convolution", "", "", (TURNED,)).source)
    path, request = str(tmp_path / "wrong.py"), Request(only=("im2col", "convolution"), fresh=0)
    with RemoteSubject(path) as remote, load(path) as here:
        found = [examine(subject, request).components for subject in (remote, here)]
    named = [{v.check.id: v.diagnosis and v.diagnosis.code for c in one.values() for v in c} for one in found]
    assert named[0] == named[1]
    assert Counter(named[0].values())["cause.im2col"] > 5


@pytest.mark.slow
def test_one_check_is_explained_by_all_checks_of_its_component():
    subject = patched("convolution", FLIPPED)
    (check,) = [c for c in all_checks(["convolution"]) if c.id == "convolution/one-filter/forward"]
    known: dict = {}
    verdict = explain_one(next(judge_all([check], subject)), subject, references.CPU, known)
    assert isinstance(verdict.diagnosis, Diagnosis)
    assert verdict.diagnosis.code == "conv.flipped"
    assert len(known["convolution"]) > 50


@pytest.mark.slow
def test_without_a_subject_the_numbers_are_explained():
    subject = patched("convolution", FLIPPED)
    found = explain(list(judge_all(all_checks(["convolution"]), subject)))
    assert "conv.flipped" in codes([v for v in found if v.status == "fail"])


UNPACKED = "W1, b1, W2, b2, W3, b3 = self.params.values()"


@pytest.mark.slow
def test_copied_parameters_are_recognized_by_a_second_run():
    copies = (UNPACKED, "W1, b1, W2, b2, W3, b3 = (a.copy() for a in self.params.values())")
    bad = diagnosed("simple_conv_net", patched("simple_conv_net", copies))
    assert codes(bad) == {"state.stale-parameters"}
    assert "the parameters from the time it was made" in bad[0].message


@pytest.mark.slow
@pytest.mark.parametrize("sign, said", [("-", "subtracts 0.25 times"), ("+", "adds 0.25 times")])
def test_a_gradient_that_updates_is_named_with_its_rate(sign, said):
    old = "        return grads\n"
    step = f"        for name, grad in grads.items():\n            self.params[name] {sign}= 0.25 * grad\n"
    bad = diagnosed("simple_conv_net", patched("simple_conv_net", (old, step + old)))
    assert "net.gradient-updates" in codes(bad)
    assert said in next(v.message for v in bad if v.diagnosis.code == "net.gradient-updates")


@pytest.mark.slow
@pytest.mark.parametrize("sign, said", [("-", "subtracts 0.5 times dW from W"), ("+", "adds 0.5 times dW to W")])
def test_a_step_of_backward_is_said_to_go_up_where_it_is_added(sign, said):
    old = "        self.dW = "
    new = f"        self.W {sign}= 0.5 * (self.x.T @ dout)\n" + old
    bad = diagnosed("affine", patched("affine", (old, new)))
    assert said in " ".join(v.message for v in bad if v.diagnosis and v.diagnosis.code == "state.updates-itself")
