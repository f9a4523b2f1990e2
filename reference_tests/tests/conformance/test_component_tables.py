"""The tables of the components: complete, with the coincidences that wrong code relies on, mistakes that show, bounds
that are sharp enough and yet wide enough for right code."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from reference_tests.conformance import references
from reference_tests.conformance.contract import BEYOND, COMPONENTS, layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.judge import judge, judge_all
from reference_tests.conformance.scenarios import PLAIN, checks_of, parts_of
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.conformance.types import Case, Check
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.names import NAMES
from reference_tests.subject.protocol import EPS32, EPS64, Answer, Plan, Question, Trace
from reference_tests.tests.sampling import sampled

WINDOWS = ("im2col", "col2im", "convolution", "pooling", "average_pooling")
LAYERS = ("shapes", *WINDOWS)
JUDGED_BY_RULES = ("dropout", "inverted_dropout", "simple_conv_net")  # rules see some of their mistakes, not numbers
BY_RULE = (
    "relu.writes-dout",
    "bn.infers-by-default",
    "loss.gradient-by-argmax",
    "loss.saturates",
)  # a rule sees them, in components whose others change numbers


class ChangedSubject(InProcessSubject):
    """The plain edition, or what is made of it; its answers passed through `change`."""

    def __init__(self, names: dict[str, Any], change: Callable[[str, np.ndarray], np.ndarray] | None = None) -> None:
        super().__init__(names)
        self.change = change

    def run(self, plan: Plan, *note: Callable[[int], None]) -> Trace:
        """Run the program and change its results."""
        trace = super().run(plan, *note)
        if self.change:
            trace.results = {k: self.change(k, a) for k, a in trace.results.items()}
        return trace


def base() -> dict[str, Any]:
    return mutants.executed(mutants.base(), "<base>")


def answers() -> list[tuple[str, str]]:
    return [(name, what) for name in (*WINDOWS, *BEYOND) for what in ("out", *layer(name).OP.grads)]


def geometry(case) -> dict[str, int]:
    """N, C, H, W, FH, FW, FN, OH, OW, stride and pad of a case."""
    p, shapes = case.params, case.shapes
    n, c, h, w = shapes.get("x") or shapes.get("input_data") or p["input_shape"]
    fn, _, fh, fw = shapes.get("W", (0, c, p.get("filter_h", p.get("pool_h")), p.get("filter_w", p.get("pool_w"))))
    oh, ow = ((size + 2 * p["pad"] - f) // p["stride"] + 1 for size, f in ((h, fh), (w, fw)))
    found = {"N": n, "C": c, "H": h, "W": w, "FH": fh, "FW": fw, "FN": fn, "OH": oh, "OW": ow}
    return found | {"stride": p["stride"], "pad": p["pad"]}


COINCIDENCES = {
    "a square window": lambda g: g["FH"] == g["FW"] > 1,
    "a square image": lambda g: g["H"] == g["W"],
    "a tall output": lambda g: g["OH"] > g["OW"],
    "a wide output": lambda g: g["OW"] > g["OH"],
    "a tall window": lambda g: g["FH"] > g["FW"],
    "a wide window": lambda g: g["FW"] > g["FH"],
    "one image": lambda g: g["N"] == 1,
    "more than four images": lambda g: g["N"] > 4,
    "one channel": lambda g: g["C"] == 1,
    "as many channels as images": lambda g: g["N"] == g["C"],
    "padding of one": lambda g: g["pad"] == 1,
    "padding of two": lambda g: g["pad"] == 2,
    "stride and padding": lambda g: g["stride"] > 1 and g["pad"] > 0,
    "stride of three": lambda g: g["stride"] == 3,
    "gaps": lambda g: g["stride"] > max(g["FH"], g["FW"]),
    "overlaps with a stride": lambda g: 1 < g["stride"] < min(g["FH"], g["FW"]),
    "window as large as the image": lambda g: (g["H"], g["W"]) == (g["FH"], g["FW"]),
}


OF_OTHERS = {"two by two": lambda g: g["FH"] == g["FW"] == 2}
OF_CONVOLUTION = {
    "one filter": lambda g: g["FN"] == 1,
    "as many filters as channels": lambda g: g["FN"] == g["C"],
    "as many filters as images": lambda g: g["FN"] == g["N"],
    "as many filters as output rows": lambda g: g["FN"] == g["OH"],
    "as many filters as output columns": lambda g: g["FN"] == g["OW"],
    "as many filters as numbers in a window": lambda g: g["FN"] == g["C"] * g["FH"] * g["FW"],
}


@pytest.mark.parametrize("name", WINDOWS)
def test_the_coincidences_that_wrong_code_relies_on_are_there(name):
    table = [geometry(case) for case in layer(name).CASES]
    wanted = COINCIDENCES | (OF_CONVOLUTION if name == "convolution" else OF_OTHERS)
    assert [what for what, holds in wanted.items() if not any(map(holds, table))] == []


SETTINGS = {
    "a square image": COINCIDENCES["a square image"],
    "a square window": COINCIDENCES["a square window"],
    "one channel": COINCIDENCES["one channel"],
    "a stride": lambda g: g["stride"] > 1,
    "padding": lambda g: g["pad"] > 0,
}
ALONE = {"one filter": OF_CONVOLUTION["one filter"], "one image": COINCIDENCES["one image"]}


@pytest.mark.parametrize("name", WINDOWS)
def test_any_two_sizes_are_equal_in_some_case(name):
    """Code that tells two axes apart by their sizes goes wrong where they are equal."""
    table = [geometry(case) for case in layer(name).CASES]
    sizes = ("N", "C", "H", "W", "FH", "FW", "OH", "OW") + (("FN",) if name == "convolution" else ())
    assert [(a, b) for a, b in combinations(sizes, 2) if not any(g[a] == g[b] > 1 for g in table)] == []


@pytest.mark.parametrize("name", WINDOWS)
def test_any_two_settings_meet_in_some_case(name):
    """A path of its own for one setting may forget another."""
    table = [geometry(case) for case in layer(name).CASES]
    settings = SETTINGS | (ALONE if name == "convolution" else {})
    met = combinations(settings.items(), 2)
    assert [(a, b) for (a, f), (b, g) in met if not any(f(case) and g(case) for case in table)] == []


EQUAL = ("32767", "equal", "square", "as many", "one ", "gaps", "seven by seven", "golden")


@pytest.mark.parametrize("name", WINDOWS)
def test_no_two_axes_are_equal_but_where_a_case_is_about_that(name):
    equal = [c.why for c in layer(name).CASES if any(len(set(s)) < len(s) for s in c.shapes.values())]
    assert [why for why in equal if not any(word in why for word in EQUAL)] == []


@pytest.mark.parametrize("name", COMPONENTS)
def test_ids_can_be_typed_between_quotes(name):
    assert not [check.id for check in checks_of(layer(name)) if set(check.id) & set("'\",")]


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_drawn_case_has_a_number_of_its_own(name):
    """Without one, another wording would draw other arrays. Golden cases are given theirs."""
    cases = {check.case.id: check.case for check in checks_of(layer(name)) if check.case.shapes}.values()
    numbers = [case.number for case in cases if not case.why.startswith("golden ")]
    assert None not in numbers and len(set(numbers)) == len(numbers)


def test_wording_does_not_change_what_is_drawn():
    case = layer("relu").CASES[0]
    again = replace(case, why="in other words")
    assert np.array_equal(case.question()["x"], again.question()["x"]) and case.id != again.id


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_has_all_its_parts(name):
    """The steps of CONTRIBUTING, in their order: the first that is missing fails."""
    module = layer(name)
    assert module.OP.component == name and (module.CASES or module.SCENARIOS)
    assert module.MISTAKES is import_module(f"reference_tests.conformance.mistakes.{name}").MISTAKES
    assert sum(name in table for table in references._tables().values()) >= 2
    assert module.OP.name in NAMES
    assert mutants.mutants(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in COMPONENTS if name not in JUDGED_BY_RULES])
def test_every_known_mistake_changes_an_answer(name):
    """One that changes none could never be named."""
    module = layer(name)
    cases = [*module.CASES, *(case for case, _ in getattr(module, "SCENARIOS", ()))]
    known: dict[str, tuple[Question, Answer]] = {}
    hidden = [m.code for m in module.MISTAKES if not any(changes(m, *answered(case, known)) for case in cases)]
    assert [code for code in hidden if code not in BY_RULE] == []


def answered(case: Case, known: dict[str, tuple[Question, Answer]]) -> tuple[Question, Answer]:
    """Draw a case's question and ask it, once for all mistakes of its layer."""
    if case.id not in known:
        q = draw_question(case).exact()
        known[case.id] = q, references.ask(q)
    return known[case.id]


def changes(mistake, q: Question, want: Answer) -> bool:
    for question in (q, q.but(dout=None)):  # a wrong shape fits no upstream gradient, but is seen in the output
        try:
            with np.errstate(all="ignore"):
                got = mistake.answer(references.ask, question) or {}
        except (ValueError, IndexError, TypeError, ZeroDivisionError, RuntimeError):  # it does not fit this case
            continue
        if any(np.shape(a) != want[k].shape or not np.allclose(a, want[k], 1e-4, 0) for k, a in got.items()):
            return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name, what", answers())
@pytest.mark.parametrize("kind", ["float16", "scaled"])
def test_half_precision_and_a_scale_of_one_in_ten_thousand_are_seen(name, what, kind):
    def change(result, a):
        if result != what:
            return a
        return a.astype("float16") if kind == "float16" else a * 1.0001

    plain = [Check(case, PLAIN, part) for case in layer(name).CASES for part in parts_of(layer(name).OP)]
    assert any(v.status == "fail" for v in judge_all(plain, ChangedSubject(base(), change)))


@pytest.mark.slow
@pytest.mark.parametrize("name", (*LAYERS, *BEYOND))
def test_plain_edition_passes(name):
    assert [v.check.id for v in judge_all(checks_of(layer(name)), ChangedSubject(base())) if v.status != "pass"] == []


@pytest.mark.parametrize("name", sampled(list(BEYOND), every=4))
def test_a_right_answer_in_float32_uses_little_of_its_bound(name):
    module = layer(name)
    for case in module.CASES:
        q = draw_question(case, kind="float32")
        want = references.right_answer(q, module.allowed)
        rounded = {k: a.astype("f4").astype("f8") for k, a in want.items()}
        bounds = module.allowed(q.exact(), want, EPS32)
        assert all(np.all(np.abs(rounded[k] - want[k]) <= bounds[k] / 4) for k in want)


@pytest.mark.parametrize("name", BEYOND)
def test_two_references_answer_each_number_far_inside_the_bound(name):
    case = layer(name).CASES[0]
    q = draw_question(case).exact()
    answers = references.ask_all(q, ("cpu",))
    want = next(iter(answers.values()))
    bounds = layer(name).allowed(q, want, EPS64)
    for what in want:
        given = [a[what] for a in answers.values() if what in a]
        assert len(given) >= 2
        assert all(np.all(np.abs(a - given[0]) <= bounds[what] / 2) for a in given)


def test_components_beyond_the_core_are_silent_where_they_are_absent():
    only_relu = {k: a for k, a in base().items() if k in ("Relu", "ResidualAdd", "__file__")}
    found = examine(ChangedSubject(only_relu), Request(fresh=0)).components
    assert len(found) == 15 and [name for name in found if name in BEYOND] == ["residual_add"]
    asked_for = examine(ChangedSubject(only_relu), Request(only=("batch_norm",), fresh=0))
    assert asked_for.status("batch_norm") == "absent"
    required = examine(ChangedSubject(only_relu), Request(require=("batch_norm",), fresh=0))
    assert required.status("batch_norm") == "absent" and required.exit_status == 1


def test_a_tie_may_be_shared_out_or_go_to_the_last():
    case = next(c for c in layer("pooling").CASES if c.rule)
    scatter = "dmax[np.arange(dout.size), self.arg_max] = dout.transpose(0, 2, 3, 1).ravel()"
    ties = "self.arg_max = col == col.max(axis=1, keepdims=True)"
    share = "self.arg_max / self.arg_max.sum(axis=1, keepdims=True)"
    shared = f"dmax[:] = dout.transpose(0, 2, 3, 1).reshape(-1, 1) * {share}"
    last = "self.arg_max = area - 1 - col[:, ::-1].argmax(axis=1)"
    first = "self.arg_max = col.argmax(axis=1)"
    for patch in (((first, ties), (scatter, shared)), ((first, last),)):
        names = mutants.Mutant("tie", "pooling", "", "", patch).names()
        assert judge(Check(case, PLAIN, "backward"), ChangedSubject(names)).status == "pass"
