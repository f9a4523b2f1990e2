"""Mutants fail in their own component and, dependents aside, in no other; what has to be among them is."""

import random

import pytest

from reference_tests.conformance.contract import COMPONENTS, CORE, layer
from reference_tests.corpus import mutants
from reference_tests.quality import detection
from reference_tests.quality.memorized import learn_by_heart
from reference_tests.quality.subjects import judge_component
from reference_tests.tests.sampling import slow_but

PLANTED = detection.plant()
SAMPLE = random.Random(7).sample(sorted(PLANTED), 5)

# fmt: off
LIST = {  # what must be among them -> some that are
    "order of im2col's rows": "im2col-rows-order im2col-rows-across",
    "order of im2col's columns": "im2col-columns-order im2col-columns-across",
    "col2im assigns": "col2im-assigns col2im-assigns-by-window col2im-assigns-last",
    "col2im averages": "col2im-averages",
    "col2im crops x[p:-p]": "col2im-crop-minus-pad",
    "h and w swapped": "im2col-filter-swapped col2im-filter-swapped conv-axes-swapped conv-filter-transposed "
                       "pool-window-swapped avg-window-swapped pool-place-swapped lrn-rows",
    "stride in one axis only": "im2col-stride-down im2col-stride-across col2im-stride-down col2im-stride-across",
    "wrong only for N > 1": "conv-first-image pool-first-image im2col-first-image",
    "wrong only for N > 4": "conv-batch-of-four pool-batch-of-four affine-four-images relu-four-images loss-four",
    "wrong only for N = K": "loss-hot-size conv-bias-along-images affine-bias-down",
    "wrong only for C > 1": "conv-first-channel im2col-first-channel conv-channels-averaged",
    "wrong only for FN = 1": "conv-squeezes",
    "wrong only for what is not square": "conv-not-square pool-not-square net-square im2col-crash-not-square",
    "wrong only for stride > 1": "conv-stride-ignored pool-stride-ignored conv-dx-without-stride",
    "wrong only for stride > filter": "conv-gaps",
    "wrong only for overlapping windows": "conv-dx-overwrites pool-dx-overwrites avg-dx-overwrites",
    "wrong only for pad >= 2": "conv-pad-once",
    "bias missing": "conv-bias-missing affine-no-bias",
    "bias doubled": "conv-bias-doubled affine-bias-twice",
    "bias on the wrong axis": "conv-bias-along-rows conv-bias-along-columns affine-bias-down",
    "gradients averaged": "conv-dW-averaged affine-dW-mean conv-gradients-averaged",
    "gradients transposed": "conv-dW-no-transpose affine-dW-T conv-dx-W-reshaped",
    "gradients from an earlier call": "dropout-dx-stale relu-first-mask-back net-gradient-stale lrn-stale-x",
    "buffers reused": "conv-out-buffer relu-buffer affine-buffer col2im-accumulates",
    "caches reused": "conv-col-kept loss-y-kept pool-best-kept sigmoid-cached",
    "in-place writes": "relu-in-place dropout-x-in-place lrn-square-in-place loss-t-in-place pool-zeroes-x",
    "ties": "pool-ties-all",
    "zero padding in max pooling": "pool-pads-with-zero pool-starts-at-zero",
    "pool window = stride x stride": "pool-window-is-stride avg-window-is-stride",
    "softmax overflow": "loss-overflow loss-batch-max",
    "softmax on the wrong axis, over the batch": "loss-batch-axis loss-sum-axis loss-all-axes",
    "one-hot labels": "loss-hot-as-numbers net-one-hot",
    "log without guard": "loss-no-guard",
    "LRN alpha / n": "lrn-over-n lrn-dx-alpha-n",
    "LRN window": "lrn-radius lrn-half-before lrn-half-after lrn-dx-short",
    "LRN clipping": "lrn-negative lrn-last-missing lrn-moved lrn-circular",
    "LRN sign": "lrn-dx-sign",
    "LRN missing cross terms": "lrn-dx-own lrn-dx-no-cross",
    "dropout scale": "dropout-inverted dropout-not-scaled dropout-by-ratio",
    "dropout direction": "dropout-keeps-ratio dropout-flag-turned dropout-dx-other",
    "dropout's mask kept at inference": "dropout-mask-left dropout-mask-at-inference",
    "dropout's mask not drawn anew": "dropout-kept dropout-seeded",
    "dropout of half the axes": "dropout-per-channel dropout-per-image",
    "float16 inside": "conv-float16 affine-half lrn-half loss-half",
    "float16 bias sum": "conv-db-float16 affine-db-half",
    "1e-4 scale": "conv-scaled conv-dW-scaled pool-scaled tanh-dx-scaled",
    "integer buffers": "im2col-integers col2im-like-integers affine-integer pool-dx-integers sigmoid-advice-integer",
    "squeeze": "affine-squeezed conv-squeezes relu-squeezed col2im-squeezes",
    "global random state": "dropout-seeded dropout-advice-seed-when-made",
    "layer order": "net-relu-after-affine2 net-gradient-order net-relu-last",
    "softmax is applied once": "net-softmax-twice loss-twice",
    "params copied": "net-params-copied net-W2-copied conv-W-kept affine-copies",
    "keys swapped": "net-keys-W net-keys-b net-keys-swapped",
    "a gradient that updates": "net-gradient-updates conv-W-updated",
    "mutable default argument": "net-mutable-default affine-mutable-default",
    "shared by all layers": "conv-col-of-the-class relu-mask-of-the-class",
    "last_layer written, lastLayer read": "net-lastLayer",
    "conv_outpus_size": "conv-misspelled",
    "col_w written, col_W read": "conv-W-read-as-other-name",
    "the filter matrix not transposed": "conv-W-reshaped",
    "pooling's size without the padding": "pool-size-without-pad net-pad-forgotten",
    "/ for //": "shapes-fraction net-odd-size",
    "accuracy drops the last partial batch": "net-accuracy-partial",
    "backward writes into the caller's array": "relu-advice-in-place-dout dropout-advice-in-place-dout",
}
# fmt: on


@pytest.mark.parametrize("what", LIST)
def test_required_mistakes_are_among_the_mutants(what):
    assert [name for name in LIST[what].split() if name not in PLANTED] == []


def test_mutants_cover_every_component():
    assert len(PLANTED) >= 200
    assert len(PLANTED) == len(mutants.mutants())
    assert {m.component for m in PLANTED.values()} == set(COMPONENTS)


@pytest.mark.slow
def test_every_patch_applies():
    for mutant in PLANTED.values():
        unpatched = mutants.split(mutants.base(), mutant.component)
        for part in {*mutant.parts} - {*unpatched}:  # each part is a text of whole definitions
            compile(part, mutant.id, "exec")


@pytest.mark.parametrize("component", ["pooling", ""])
@pytest.mark.parametrize("fragment", ["no such line", "self.stride"])
def test_fragment_not_found_once_is_refused(component, fragment):
    with pytest.raises(ValueError, match=r"found \d+ times, not once"):
        _ = mutants.Mutant("wrong", component, "", "", ((fragment, "pass"),)).source


def test_fragment_is_looked_for_in_its_own_definition_first():
    line = "OH = conv_output_size(H, self.pool_h, self.stride, "
    source = mutants.Mutant("own", "average_pooling", "", "", ((line, "OH = ("),)).source
    assert mutants.base().count(line) == 2
    assert line in source.partition("class AveragePooling")[0]
    assert line not in source.partition("class AveragePooling")[2]


def test_plain_text_has_no_comments_and_docstrings():
    assert not any(mark in mutants.base() for mark in ('"""', "# ", "from ."))


@pytest.mark.slow
@pytest.mark.parametrize("name", slow_but(SAMPLE, sorted(PLANTED), each=35))
def test_mutant_fails_where_it_is_wrong_and_nowhere_else(name):
    found = detection.by_id(name, seed=1)
    assert found.fairly, found


@pytest.mark.slow
@pytest.mark.parametrize("component", slow_but(["convolution", "relu", "shapes"], CORE))
def test_answers_learned_by_heart_fail_on_fresh_numbers_only(component):
    names = learn_by_heart(component)
    assert [v.check.id for v in judge_component(names, [component]) if v.status == "fail"] == []
    assert all(detection.drawn_failures(names, component, seed) for seed in (1, 2, 3))


def test_dependents_follow_from_the_plain_text():
    assert "convolution" in detection.dependents("im2col")
    assert "simple_conv_net" in detection.dependents("shapes")
    assert not detection.dependents("lrn")
    assert layer("lrn").OP.name == "LRN"
