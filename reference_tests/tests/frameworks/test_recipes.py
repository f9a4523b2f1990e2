"""Porting guides: every difference of every pair has a recipe, and every recipe gives the source's answer."""

import io
import sys
from functools import cache
from importlib.util import find_spec
from itertools import permutations

import pytest
from rich.console import Console

from reference_tests import cli
from reference_tests.frameworks import source_text
from reference_tests.frameworks.guide import show_guide
from reference_tests.frameworks.parent import ask
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.recipes import NOTHING_TO_COPY, PORTABLE, Difference, gives
from reference_tests.frameworks.recorded import load
from reference_tests.frameworks.registry import FRAMEWORKS
from reference_tests.frameworks.runner import encode_inputs
from reference_tests.i18n import english

NO_ANSWER = ("not offered", "process ", "no answer within", "fault")
MODULES = {"torch": "torch", "onnxruntime": "onnxruntime", "jax": "jax", "tensorflow": "tensorflow"}
BY_ID = {q.id: q for q in QUESTIONS}


def as_key(shown: str) -> str:
    return "refused" if shown.startswith("refused") else shown


@cache
def with_recipes() -> set[str]:
    """The questions that any framework has a recipe for."""
    return {name[:3] for target in PORTABLE for name in source_text.read_recipes(FRAMEWORKS[target].recipes)}


def needed(source: str, target: str) -> set[str]:
    """The recipes that the recorded answers ask for; there is none where the inputs have no answer in common."""
    a, b = load()[source]["answers"], load()[target]["answers"]
    offered = {
        id: as_key(shown)
        for id, shown in a.items()
        if not shown.startswith(NO_ANSWER) and "; " not in shown and id in with_recipes()
    }
    return {f"{id}: {key}" for id, key in offered.items() if key != as_key(b[id]) and "; " not in b[id]}


@pytest.mark.slow
@pytest.mark.parametrize("source, target", list(permutations(PORTABLE, 2)))
def test_every_difference_of_a_pair_has_a_recipe(source, target):
    wanted = needed(source, target)
    assert len(wanted) >= 15
    assert sorted(wanted - set(source_text.read_recipes(FRAMEWORKS[target].recipes))) == []


@pytest.mark.parametrize("target", PORTABLE)
def test_every_recipe_is_needed(target):
    wanted = set().union(*(needed(source, target) for source in PORTABLE if source != target))
    varying = {(q.id, label) for q in QUESTIONS if q.varies for label in q.interpretation.labels}
    wanted |= {f"{id}: {label}" for id, label in varying if label not in NOTHING_TO_COPY.values()}
    parts = {id for name in PORTABLE for id, shown in load()[name]["answers"].items() if "; " in shown}
    written = {name for name in source_text.read_recipes(FRAMEWORKS[target].recipes) if name[:3] not in parts}
    assert sorted(written - wanted) == []


@cache
def results(target: str) -> dict:
    names = list(source_text.read_recipes(FRAMEWORKS[target].recipes))
    requests = [{"id": name, "call": name, "inputs": encode_inputs(BY_ID[name[:3]].inputs)} for name in names]
    return ask(FRAMEWORKS[target], requests, sys.executable, recipes=True)[1]


@pytest.mark.slow
@pytest.mark.parametrize("target", PORTABLE)
def test_recipe_gives_the_answer_of_its_name(target):
    if find_spec(MODULES[target]) is None:
        pytest.skip(f"{target} is not installed: {FRAMEWORKS[target].install}")
    wrong = {name: got for name, got in results(target).items() if not gives(BY_ID[name[:3]], name[5:], got)}
    assert wrong == {}


def test_gives_broken_recipe_is_no_refusal():
    question = BY_ID["S18"]
    assert gives(question, "refused", {"refused": "ValueError", "message": "refused, as the other framework does"})
    assert not gives(question, "refused", {"refused": "TypeError", "message": "a slip in the recipe"})
    assert not gives(question, "it crops", {"value": {"shape": [1, 1, 5, 5], "dtype": "float32", "data": []}})
    assert not gives(question, "it crops", {})


def test_read_recipes_includes_only_the_used_helpers():
    recipe = source_text.read_recipes(FRAMEWORKS["torch"].recipes)["S19: offered"]
    helpers = "".join(recipe.helpers)
    assert "F.conv2d" in recipe.text
    assert "def padded(" in helpers and "def tensor(" in helpers and "def turned(" not in helpers


@pytest.mark.slow
@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime is not installed: pip install -e '.[onnx]'")
def test_guide_prints_only_differences(capsys):
    assert cli.run(["compare", "--from", "torch", "--to", "onnxruntime", "--questions", "S16,S17,P02,S18"]) == 0
    shown = capsys.readouterr().out
    assert "S16" in shown and "P02" in shown and "S17" not in shown, "only what differs"
    assert "run: gives it counts" in shown and "count_include_pad=1" in shown
    assert "3 of 3 differences" in shown


def test_guide_reports_whether_each_recipe_works():
    lines, some = io.StringIO(), source_text.Recipe("lambda x: helper(x)", ("def helper(x):\n    return x",))
    right, wrong, none = (
        Difference(BY_ID["P02"], "it counts", "it does not", c, w)
        for c, w in ((some, True), (some, False), (None, False))
    )
    show_guide("torch", "jax", [right, wrong, none], Console(file=lines, width=200), english)
    said = lines.getvalue()
    assert "run: gives it counts" in said and "run: does NOT give it counts" in said and "no recipe" in said
    assert "1 of 3 differences" in said and said.count("def helper") == 1
