"""The tables of the window layers: coincidences that wrong code relies on, mistakes that show, bounds sharp enough."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from reference_tests.conformance import references
from reference_tests.conformance.contract import layer
from reference_tests.conformance.judge import judge, judge_all
from reference_tests.conformance.scenarios import PLAIN, checks_of, draw_question, parts_of
from reference_tests.conformance.types import Check
from reference_tests.corpus import mutants
from reference_tests.subject import execute
from reference_tests.subject.protocol import Plan, Trace

WINDOWS = ("im2col", "col2im", "convolution", "pooling", "average_pooling")
LAYERS = ("shapes", *WINDOWS)


def as_it_is(name: str, a: np.ndarray) -> np.ndarray:
    return a


@dataclass
class Subject:
    """The base, or what is made of it; its answers passed through `change`."""

    names: dict[str, Any]
    change: Callable[[str, np.ndarray], np.ndarray] = as_it_is

    def has(self, name: str) -> bool:
        return name in self.names

    def run(self, plan: Plan) -> Trace:
        trace = execute.execute(self.names, plan.program, plan.given, plan.layout, 5, (self.names["__file__"],))
        trace.results = {k: self.change(k, a) for k, a in trace.results.items()}
        return trace


def base() -> dict[str, Any]:
    return mutants.executed(mutants.base(), "<base>")


def answers() -> list[tuple[str, str]]:
    return [(name, what) for name in WINDOWS for what in ("out", *layer(name).OP.grads)]


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


def two_by_two(g: dict[str, int]) -> bool:
    return g["FH"] == g["FW"] == 2


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
    wanted = COINCIDENCES | (OF_CONVOLUTION if name == "convolution" else {"two by two": two_by_two})
    assert [what for what, holds in wanted.items() if not any(map(holds, table))] == []


EQUAL = ("square", "as many", "one ", "gaps", "seven by seven", "golden")


@pytest.mark.parametrize("name", WINDOWS)
def test_no_two_axes_are_equal_but_where_a_case_is_about_that(name):
    equal = [c.why for c in layer(name).CASES if any(len(set(s)) < len(s) for s in c.shapes.values())]
    assert [why for why in equal if not any(word in why for word in EQUAL)] == []


@pytest.mark.parametrize("name", LAYERS)
def test_ids_can_be_typed_between_quotes(name):
    ids = [check.id for check in checks_of(layer(name))]
    assert len(set(ids)) == len(ids)
    assert not [i for i in ids if set(i) & set("'\",")]


@pytest.mark.parametrize("name", LAYERS)
def test_every_known_mistake_changes_an_answer(name):
    """One that changes none could never be named."""
    module = layer(name)
    hidden = [m.code for m in module.MISTAKES if not any(changes(m, case) for case in module.CASES)]
    assert hidden == []


def changes(mistake, case) -> bool:
    q = draw_question(case).exact()
    want = references.ask(q)
    for question in (q, q.but(dout=None)):  # a wrong shape fits no upstream gradient, but is seen in the output
        try:
            with np.errstate(all="ignore"):
                got = mistake.answer(references.ask, question) or {}
        except (ValueError, IndexError, TypeError, ZeroDivisionError, RuntimeError):  # it does not fit this case
            continue
        if any(np.shape(a) != want[k].shape or not np.allclose(a, want[k], 1e-4, 0) for k, a in got.items()):
            return True
    return False


@pytest.mark.parametrize("name, what", answers())
@pytest.mark.parametrize("kind", ["float16", "scaled"])
def test_half_precision_and_a_scale_of_one_in_ten_thousand_are_seen(name, what, kind):
    def change(result, a):
        if result != what:
            return a
        return a.astype("float16") if kind == "float16" else a * 1.0001

    plain = [Check(case, PLAIN, part) for case in layer(name).CASES for part in parts_of(layer(name).OP)]
    assert any(v.status == "fail" for v in judge_all(plain, Subject(base(), change)))


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_right_passes(name):
    assert [v.check.id for v in judge_all(checks_of(layer(name)), Subject(base())) if v.status != "pass"] == []


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
        assert judge(Check(case, PLAIN, "backward"), Subject(names)).status == "pass"


def test_other_numbers_of_the_same_case_are_other_questions():
    case = layer("convolution").CASES[0]
    assert not np.array_equal(case.question()["x"], replace(case, seed=1).question()["x"])
