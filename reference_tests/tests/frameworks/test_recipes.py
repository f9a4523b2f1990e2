"""Porting guides: every difference of every pair has a recipe, and every recipe gives the source's answer."""

import ast
import builtins
import io
import re
import sys
from importlib.util import find_spec
from inspect import signature
from itertools import permutations

import numpy as np
import pytest
from rich.console import Console

from reference_tests import cli
from reference_tests.frameworks import source_text
from reference_tests.frameworks.guide import show_guide
from reference_tests.frameworks.parent import ask
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.recipes import (
    NOTHING_TO_COPY,
    PORTABLE,
    Difference,
    Equal,
    gives,
    make_guide,
    recipe_requests,
)
from reference_tests.frameworks.recorded import load
from reference_tests.frameworks.registry import FRAMEWORKS
from reference_tests.i18n import english

from .porting.grids import recipes_of

NO_ANSWER = ("not offered", "process ", "no answer within", "fault")
MODULES = {"torch": "torch", "onnxruntime": "onnxruntime", "jax": "jax", "tensorflow": "tensorflow"}
BY_ID = {q.id: q for q in QUESTIONS}


def as_key(shown: str) -> str:
    """A recorded text without the names of exceptions."""
    return re.sub(r"refused \([^)]*\)", "refused", shown)


def needed(source: str, target: str) -> set[str]:
    """The recipes that the recorded answers ask for."""
    a, b = load()[source]["answers"], load()[target]["answers"]
    offered = {id: as_key(shown) for id, shown in a.items() if not shown.startswith(NO_ANSWER)}
    return {
        f"{id}: {key}"
        for id, key in offered.items()
        if key != as_key(b[id]) and not b[id].startswith(("fault", "no answer within"))
    } - set(NOTHING_TO_COPY)


@pytest.mark.slow
@pytest.mark.parametrize("source, target", list(permutations(PORTABLE, 2)))
def test_every_difference_of_a_pair_has_a_recipe(source, target):
    wanted = needed(source, target)
    assert len(wanted) >= 15
    assert sorted(wanted - set(source_text.read_recipes(FRAMEWORKS[target].recipes))) == []


@pytest.mark.slow
@pytest.mark.parametrize("target", PORTABLE)
def test_every_recipe_is_needed(target):
    wanted = set().union(*(needed(source, target) for source in PORTABLE if source != target))
    varying = {f"{q.id}: {label}" for q in QUESTIONS if q.varies for label in q.interpretation.labels}
    written = set(source_text.read_recipes(FRAMEWORKS[target].recipes))
    assert sorted(written - wanted - varying) == []


def results(target: str, names: list[str]) -> dict:
    """What each recipe gives for every input of its question."""
    of = {name: recipe_requests(BY_ID[name[:3]], name[5:]) for name in names}
    requests = [{**one, "id": f"{name} {i}"} for name in names for i, one in enumerate(of[name])]
    answers = ask(FRAMEWORKS[target], requests, sys.executable, recipes=True)[1]
    return {name: [answers.get(f"{name} {i}", {}) for i in range(len(of[name]))] for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("every", [15, pytest.param(1, marks=pytest.mark.nightly, id="all")])
@pytest.mark.parametrize("target", PORTABLE)
def test_recipe_gives_the_answer_of_its_name(target, every):
    if find_spec(MODULES[target]) is None:
        pytest.skip(f"{target} is not installed: {FRAMEWORKS[target].install}")
    given = results(target, list(source_text.read_recipes(FRAMEWORKS[target].recipes))[::every])
    wrong = {name: got for name, got in given.items() if not gives(BY_ID[name[:3]], name[5:], got)}
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed: pip install -e '.[jax]'")
def test_recipe_of_jax_runs_under_jit():
    import jax

    ours = recipes_of("jax")
    failing = {}
    for name, recipe in ours.RECIPES.items():
        question = BY_ID[name[:3]]
        if name in ours.UNJITTED or name[5:] == "refused":
            continue
        for sample in question.samples:
            given = {n: v for n, v in sample.inputs.items() if n in signature(recipe).parameters}
            arrays = {n: v for n, v in given.items() if isinstance(v, np.ndarray)}
            fixed = {n: v for n, v in given.items() if n not in arrays}
            try:  # traced as jit does, without compiling
                jax.eval_shape(lambda a, recipe=recipe, fixed=fixed: as_arrays(recipe(**a, **fixed)), arrays)
            except Exception as error:
                if "refused, as" not in str(error):
                    failing[name] = str(error)[:200]
    assert failing == {}


def as_arrays(result):
    """A result that jit can return: words stand for themselves."""
    return 0 if isinstance(result, str) else result


def test_gives_broken_recipe_is_no_refusal():
    question = BY_ID["S18"]
    refusal = {"refused": "ValueError", "message": "refused, as the other framework does"}
    assert gives(question, "refused", [refusal, refusal])
    assert not gives(question, "refused", [refusal, {"refused": "TypeError", "message": "a slip in the recipe"}])
    assert not gives(question, "refused", [refusal, {}])
    size = {"value": {"shape": [1, 1, 5, 5], "dtype": "float32", "data": []}}
    assert not gives(question, "it crops", [size, size])


def test_gives_asks_for_every_input():
    """A recipe written for the first input alone has the numbers of its constants."""
    one, two = ({"value": {"shape": [1, 1, n, m], "dtype": "float32", "data": []}} for n, m in ((1, 1), (3, 4)))
    assert gives(BY_ID["S18"], "it crops", [one, two])
    assert not gives(BY_ID["S18"], "it crops", [one, one])


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
    differing, equal = shown.split("Equal (1)")
    assert "S16" in differing and "P02" in differing and "S17" not in differing, "only what differs"
    assert "S17" in equal
    assert "run: gives it counts" in shown and "count_include_pad=1" in shown
    assert "gave torch's answer: 3 of 3." in shown


@pytest.mark.slow
def test_accident_of_the_processor_is_nothing_to_copy():
    """Bits that move with the order of summation: no recipe is wanted, and none is missing."""
    raws = {id: {"value": value} for id, value in (("C26", 1e-7), ("C26#1", 1e-7))}
    measured = {"torch": {"about": {}, "answers": raws}, "jax": {"about": {}, "answers": {}}}
    absent = {"C26": {"absent": "one implementation"}, "C26#1": {"absent": "one implementation"}}
    measured["jax"]["answers"] = absent
    (one,) = make_guide(FRAMEWORKS["torch"], FRAMEWORKS["jax"], [BY_ID["C26"]], measured)
    assert one.recipe is None and one.nothing and one.danger == 1


def test_guide_reports_whether_each_recipe_works():
    lines, some = io.StringIO(), source_text.Recipe("lambda x: helper(x)", ("def helper(x):\n    return x",))
    right, wrong, none = (
        Difference(BY_ID["P02"], "it counts", "it does not", 0, c, w)
        for c, w in ((some, True), (some, False), (None, False))
    )
    accident = Difference(BY_ID["H02"], "inf", "right", 0, None, False, "an overflow")
    show_guide("torch", "jax", [right, wrong, none, accident], [], Console(file=lines, width=200), english)
    said = lines.getvalue()
    assert "run: gives it counts" in said and "run: does NOT give it counts" in said and "no recipe" in said
    assert (
        "gave torch's answer: 1 of 3." in said
        and "nothing to copy: an overflow" in said
        and said.count("def helper") == 1
    )


@pytest.mark.slow
@pytest.mark.parametrize("target", [name for name in PORTABLE if find_spec(MODULES[name])])
def test_recipe_texts_can_be_imported(target):
    """The imports, the helpers and every recipe, run as they are printed."""
    recipes = source_text.read_recipes(FRAMEWORKS[target].recipes).values()
    helpers = dict.fromkeys(text for recipe in recipes for text in recipe.helpers)
    imports = dict.fromkeys(text for recipe in recipes for text in recipe.imports)
    names: dict = {}
    exec("\n\n".join(["\n".join(imports), *helpers]), names)
    missing = set()
    for recipe in recipes:
        tree = ast.parse(recipe.text)
        given = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        made = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        missing |= {name for name in used - given - made if name not in names and not hasattr(builtins, name)}
    assert missing == set()


def test_guide_lists_the_worst_first_and_never_wraps_code():
    out = io.StringIO()
    code = "lambda x: helper(" + ", ".join(f"argument_{i}=x" for i in range(30)) + ")"
    some = source_text.Recipe(code, ())
    silent, refused = (Difference(BY_ID[id], "a", "b", danger, some, True) for id, danger in (("P02", 0), ("S06", 2)))
    equal = [Equal(BY_ID["S17"], "none", "conv(x, w)", "conv(x, w, 'VALID')")]
    show_guide("torch", "jax", [silent, refused], equal, Console(file=out, width=40), english)
    said = out.getvalue()
    assert said.count(f"    {code}\n") == 2 and "\x1b" not in said
    assert (
        said.index("Numbers change without a word")
        < said.index("P02")
        < said.index("torch refuses")
        < said.index("S06")
    )
    assert said.index("S06") < said.index("Equal (1)") < said.index("conv(x, w, 'VALID')")
    assert "torch: dilation   jax: rhs_dilation" in said
