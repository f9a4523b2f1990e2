"""The plain edition agrees with the references in every component, and each of its files can be read by itself.

tests/conformance/test_component_tables.py asks its text in every scenario; here it is imported, as a learner does.
"""

import ast
import re
from pathlib import Path

import pytest

import impl.plain
from reference_tests.conformance.contract import COMPONENTS, all_checks, layer
from reference_tests.conformance.generate import judge_generated
from reference_tests.conformance.judge import judge_all
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

ROOT = Path(impl.plain.__file__).parents[2]
FILES = sorted((ROOT / "impl" / "plain").glob("*.py"))
PLAIN = InProcessSubject(vars(impl.plain))


def test_has_every_component():
    assert sorted(impl.plain.__all__) == sorted(layer(name).OP.name for name in COMPONENTS)


@pytest.mark.slow
@pytest.mark.parametrize("component", COMPONENTS)
def test_agrees_with_the_references(component):
    checks = [c for c in all_checks([component]) if c.scenario.id == "plain" and c.level != "advice"]
    found = list(judge_all(checks, PLAIN))
    found += [v for seed in (7, 8) for v in judge_generated(layer(component), seed, 1, PLAIN)]
    assert found
    assert [v.check.id for v in found if v.status != "pass"] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_short_and_needs_no_other_package(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 60
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= {"numpy"}
    assert {node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} <= {1}
    assert len(ast.get_docstring(tree) or "") > 100


def test_the_text_that_mutants_patch_is_the_whole_plain_edition():
    assert sorted(mutants.FILES) == sorted(file.stem for file in FILES if file.stem != "__init__")


def test_each_layer_names_its_plain_edition():
    for file in (ROOT / "impl" / "layers").glob("*.py"):
        first = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))).splitlines()[0]
        if file.stem == "lenet":
            assert "no plain edition" in first
        else:
            named = re.search(r"Plain edition[^:]*: (impl/plain[\w/]*(?:\.py)?)", first)
            assert named and (ROOT / named[1]).exists(), file
