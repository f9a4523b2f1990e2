"""The book's own code comes out as it is: right in core everywhere, wrong in edge where it is wrong, advised."""

from pathlib import Path

import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.subject.load import load

pytestmark = pytest.mark.slow  # all checks, on the whole of the book

BOOK = Path(__file__).parents[2] / "corpus" / "examples" / "as_published.py"
WRONG = {  # at the edges: component -> what all of its failures are about
    "shapes": ("a-remainder-of", "AlexNet-224", "refused"),
    "im2col": ("empty-batch",),
    "convolution": ("empty-batch",),
    "pooling": ("padding", "empty-batch"),
    "affine": ("empty-batch",),
    "softmax_with_loss": ("empty-batch",),
    "simple_conv_net": ("accuracy-counts-the-last-partial-batch", "not-square", "odd-size"),
}
ADVISED = {"shapes": ("whole-number", "filter-one-larger-than-input"), "relu": ("dout-kept", "read-only")}
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


def test_the_edges_decide_and_advice_does_not(found):
    states = {c: found.status(c) for c in found.components}
    assert {c for c, s in states.items() if s == "fail"} == set(WRONG)
    assert {c for c, s in states.items() if s == "absent"} == set(NOT_IN_IT)
    assert found.exit_status == 1
