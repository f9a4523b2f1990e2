"""The book's own code comes out as it is: right in core everywhere, wrong at its known edges, advised."""

from dataclasses import replace
from pathlib import Path

import pytest

from reference_tests.conformance import generate
from reference_tests.conformance.book import FAULTS, book_has_it_too
from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.examination import Request, examine, explain
from reference_tests.quality import detection
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.load import load

pytestmark = pytest.mark.slow  # all checks, on the whole of the book

BOOK = Path(__file__).parents[2] / "corpus" / "examples" / "as_published.py"
WRONG = {  # at the edges: component -> what all of its failures are about
    "shapes": ("a-remainder-of", "AlexNet-224"),
    "pooling": ("padding", "padded-window", "padded-image", "only-the-height", "all-sizes-equal"),
    "simple_conv_net": ("accuracy-counts-the-last-partial-batch", "not-square", "odd-size"),
}
ADVISED = {"shapes": ("whole-number", "refused"), "relu": ("dout-kept", "read-only")}
NOT_IN_IT = ("average_pooling", "tanh", "lrn")


@pytest.fixture(scope="module")
def found():
    return examine(load(str(BOOK)), Request(fresh=0))


def failing(found, component: str, *levels: str) -> list[str]:
    return [v.check.id for v in found.components[component] if v.status != "pass" and v.check.level in levels]


def test_the_book_passes_every_core_check(found):
    assert [i for c in found.components if c not in NOT_IN_IT for i in failing(found, c, "core")] == []


@pytest.mark.parametrize("level, known", [("edge", WRONG), ("advice", ADVISED)])
def test_the_book_fails_the_known_checks_and_no_others(found, level, known):
    bad = {c: failing(found, c, level) for c in found.components if c not in NOT_IN_IT}
    assert {c for c, ids in bad.items() if ids} == set(known)
    for component, about in known.items():
        for word in about:
            assert any(word in i for i in bad[component]), word
        assert [i for i in bad[component] if not any(word in i for word in about)] == []


def test_the_book_agrees_but_for_corner_cases(found):
    states = {c: found.status(c) for c in found.components}
    assert {c for c, s in states.items() if s == "edge"} == set(WRONG)
    assert {c for c, s in states.items() if s == "absent"} == set(NOT_IN_IT)
    assert "fail" not in states.values()
    assert found.exit_status == 1
    assert replace(found, level="core").exit_status == 0


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_drawn_case_makes_it_wrong_in_core(seed):
    subject = load(str(BOOK))
    drawn = [layer(name) for name in COMPONENTS if hasattr(layer(name), "drawn") and subject.has(layer(name).OP.name)]
    verdicts = [v for of in drawn for v in generate.judge_generated(of, seed, 5, subject)]
    failed = [v for v in verdicts if v.status != "pass"]
    assert [v.check.id for v in failed if v.check.level == "core"] == []
    assert all(book_has_it_too(v) in v.message for v in explain(failed, subject))
    assert all(book_has_it_too(v) for v in failed)


def test_every_failure_of_the_book_is_said_to_be_its_own(found):
    failed = [v for verdicts in found.components.values() for v in verdicts if v.status == "fail"]
    assert [v.check.id for v in failed if not book_has_it_too(v) or book_has_it_too(v) not in v.message] == []
    assert {fault.text for fault in FAULTS} == {book_has_it_too(v) for v in failed}


OTHERS = [  # faults in the same cases that the book does not have
    ("pooling", "padding is never the maximum", "pool-pads-with-zero"),
    ("shapes", "a remainder of two thirds", "shapes-rounded"),
]


@pytest.mark.parametrize("component, why, mutant", OTHERS)
def test_another_fault_of_the_same_case_is_not_the_books(component, why, mutant):
    subject = InProcessSubject(detection.plant()[mutant].names())
    found = examine(subject, Request(only=(component,), fresh=0)).components[component]
    failed = [v for v in found if v.status == "fail"]
    assert why in {v.check.case.why for v in failed}
    assert [v.message for v in failed if book_has_it_too(v) or "the book's own" in v.message] == []
