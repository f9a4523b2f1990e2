"""convcheck explain: every code of every layer, with right and wrong numbers that are worked out, not written down."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from reference_tests import cli, conformance
from reference_tests.conformance.contract import COMPONENTS
from reference_tests.conformance.diagnosis.catalog import GENERAL, codes, general_text, mistake, mistakes
from reference_tests.conformance.diagnosis.examples import example_of
from reference_tests.tests.sampling import some_at_night

pytestmark = pytest.mark.slow  # each works out an example

SILENT = {  # right on the layers that have them: a code shared with layers on which it is wrong
    "gap.flattened", "gmp.flattened", "pointwise.flipped", "pointwise.filter-transposed", "pointwise.dx-flipped",
    "pointwise.dW-flipped", "groups.rounded-up", "depthwise.rounded-up",
    "net.layers-reversed", "net.mask-of-other-relu", "net.conv-settings", "net.params-shared",
    "net.layers-shared",  # an exception
    "net.init-shape", "net.init-bias", "net.init-mean", "net.init-std",
    "state.queue",  # where the gradient does not depend on what forward was given
}  # fmt: skip
UNSHOWN = {  # seen by counts over many numbers, by a use of several nets, only where x is 0, near it or far out, in
    # a large image, by what an argument means that is left out, or after a call of another size
    "state.stale-size", "state.batch-size", "concat.dx-borders-kept", "im2col.index-in-16-bits",
    "avg.running-sums-in-float32", "bn.infers-by-default", "lrn.s-kept-large",
    *(f"{kind}.{code}" for kind in ("dropout", "inverted_dropout")
      for code in ("ratio-per-cent", "ratio-cut", "exact-share", "last-numbers", "index-too-small")),
    "dropout.mask-shared", "dropout.backward-by-output", "dropout.backward-by-quotient", "inverted_dropout.mask-shared",
    "inverted_dropout.mask-repeats", "inverted_dropout.backward-by-output", "inverted_dropout.backward-by-quotient",
    "inverted_dropout.mask-of-training",
    "net.accuracy-partial", "net.accuracy-of-batches", "net.accuracy-first-batch", "net.accuracy-over-t-size",
    "net.accuracy-first-labels", "net.defaults-changed", "net.labels-in-bytes",
    "loss.gradient-by-argmax", "net.gradient-by-argmax",  # only where t is probabilities
    "loss.saturates",
    "net.init-repeated", "net.seeded", "sigmoid.clipped-input", "sigmoid.clipped-output", "sigmoid.rounded-e",
    "sigmoid.series", "tanh.clipped-input", "tanh.series",
}  # fmt: skip
LARGE = {  # more rows, places, channels or images than a byte or 16 bits count, a batch of more than one chunk
    "conv.index-in-a-byte", "conv.index-in-16-bits", "pool.place-in-a-byte", "pool.place-in-16-bits",
    "relu.index-in-16-bits", *(f"affine.{names}-last-chunk" for names in ("dW", "db", "dW-db")),
    *(f"{kind}.images-left-out" for kind in ("conv", "pool", "affine")),
}  # fmt: skip
worked = cache(example_of)


@pytest.fixture
def explained(capsys):
    def run(*arguments: str) -> tuple[int, str]:
        status = cli.run(["explain", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_code_has_an_example(component):
    without = {m.code for m in mistakes(component) if not worked(component, m)}
    assert without <= SILENT | UNSHOWN


@pytest.mark.parametrize("component", some_at_night(COMPONENTS, each=9))
def test_every_code_is_explained(component, explained):
    for code, forms in codes(component).items():
        status, said = explained(code, "--lang", "en")
        assert status == 0
        assert code.startswith("state.") or all(m.text in said and m.repair in said for m in forms), code


def test_example_shows_the_right_and_the_wrong_numbers():
    found = worked("convolution", mistake("convolution", "conv.flipped"))
    q, p = found.check.case.question(), found.problems[0]
    x, W, b = q["x"][0, 0], q["W"][0, 0], q["b"][0]
    assert (x.shape, W.shape) == ((4, 4), (3, 3))
    for i, j in np.ndindex(2, 2):
        window = x[i : i + 3, j : j + 3]
        assert p.want[0, 0, i, j] == np.sum(window * W) + b
        assert p.got[0, 0, i, j] == np.sum(window * W[::-1, ::-1]) + b


def test_examples_are_small():
    for component in ("convolution", "pooling", "affine", "relu"):
        for m in (m for m in mistakes(component) if m.code not in LARGE | UNSHOWN):
            found = worked(component, m)
            assert sum(a.size for a in found.check.case.question().arrays.values()) < 600, m.code


def test_without_a_code_all_are_listed_by_component(explained):
    status, said = explained("--lang", "en")
    assert status == 0
    listed = re.findall(r"^  (\S+)  +\S", said, re.MULTILINE)
    assert {code for name in COMPONENTS for code in codes(name)} | {*GENERAL} == set(listed)
    assert [line.split()[0] for line in said.splitlines() if re.match(r"\w+ \(", line)] == list(COMPONENTS)


def test_unknown_code_is_refused_with_similar_ones(explained):
    assert explained("conv.fliped")[0] == 2
    assert "conv.flipped" in explained("conv.fliped")[1]
    assert "conv.bias-missing" in explained("bias-missing")[1]


def test_joined_codes_are_explained_in_turn(explained):
    status, said = explained("conv.bias-missing + conv.flipped", "--lang", "en")
    assert status == 0
    assert "the bias b is not added" in said
    assert "rotated by 180 degrees" in said


def test_every_code_of_a_diagnosis_can_be_explained():
    source = "".join(p.read_text("utf-8") for p in Path(conformance.__file__).parent.rglob("*.py"))
    written = set(re.findall(r'Diagnosis\(\s*"([a-z0-9.-]+)"', source)) - {"when"}
    known = {code for name in COMPONENTS for code in codes(name)}
    assert written
    assert {code for code in written if code not in known and not general_text(code)} == set()


def test_explain_speaks_japanese(explained):
    assert explained("conv.flipped", "--lang", "ja")[1] != explained("conv.flipped", "--lang", "en")[1]
    assert explained("conv.flipped", "--lang", "fr")[0] == 2
