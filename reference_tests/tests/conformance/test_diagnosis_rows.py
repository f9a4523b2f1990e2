"""Names that were once wrong or misleading: which mistake is named now, and which name is never given."""

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.diagnosis.patterns import name_factor, name_precision
from reference_tests.conformance.diagnosis.regions import name_region
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.types import Verdict
from reference_tests.corpus import mutants
from reference_tests.quality.naming import codes
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.reports.pictures import make_pictures
from reference_tests.tests.conformance.test_diagnosis_instruments import RIGHT, wrong

pytestmark = pytest.mark.slow


def explained(component: str, *patch: tuple[str, str], again: bool = False) -> list[Verdict]:
    """The failures that count of a component with this patch. again: what can be found out by further runs is said."""
    subject = InProcessSubject(mutants.Mutant("planted", component, "", "", patch).names())
    found = explain(list(judge_all(all_checks([component]), subject)), subject if again else None)
    return [v for v in found if v.status == "fail" and v.check.level != "advice"]


OUT, PRODUCTS, ADDED = "out = self.col @ self.col_W + self.b", "out = (self.col @ self.col_W)", "out = out + self.b"
LEFT_OUT = "out[len(x) // 4 * 4 * (len(out) // len(x)) :] = 0"
SPAN = "return span // stride + 1"
DW = "self.dW = (self.col.T @ rows).T.reshape(FN, C, FH, FW)"
MASKED = "        self.y = softmax(x)"
VARIANCE = "self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased"
ROOT = "np.sqrt(var + self.eps)"
PLACE = "self.arg_max = pixels.argmax(axis=2)"
SHARE = "share = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / area"
TRUE = {  # name -> (component, patch, codes that must be there, codes that must not, or their beginnings)
    "one less where the filter is even": (
        *("shapes", [(SPAN, f"{SPAN} - (filter_size % 2 == 0 and pad > 0)")]),
        *((), ("shapes.pad-once",)),
    ),
    "dW += without a reset": (
        *("convolution", [(DW, DW.replace("= (", "= getattr(self, 'dW', 0) + ("))]),
        *(("state.accumulates",), ("state.stale", "manner")),
    ),
    "db += without a reset": (
        *("convolution", [("self.db = rows", "self.db = getattr(self, 'db', 0) + rows")]),
        *(("state.accumulates",), ("state.stale", "manner")),
    ),
    "dx divided by the height twice": (
        *("average_pooling", [(SHARE, SHARE.replace("area", "self.pool_h**2"))]),
        *(("avg.gradient-divided-by-height",), ("avg.floored",)),
    ),
    "the last images of a batch, which fill no chunk, hold b alone": (
        *("convolution", [(OUT, f"{PRODUCTS}\n        {LEFT_OUT}\n        {ADDED}")]),
        *(("last-chunk",), ("place", "conv.")),
    ),
    "products in the type of x, then b": (
        *("convolution", [(OUT, f"{PRODUCTS}.astype(x.dtype) + self.b")]),
        *(("conv.truncated",), ("conv.W-in-type-of-x",)),
    ),
    "labels 0 and 1 swapped": (
        *("softmax_with_loss", [(MASKED, f"        self.t = np.where(self.t < 2, 1 - self.t, self.t)\n{MASKED}")]),
        *((), ("loss.",)),
    ),
    "labels swapped where there are two": (
        *("softmax_with_loss", [(MASKED, f"        self.t = 1 - self.t if x.shape[1] == 2 else self.t\n{MASKED}")]),
        *((), ("loss.",)),
    ),
    "one channel comes out as it went in": (
        *("lrn", [("        return x * self.s**-self.beta\n",
                   "        out = x * self.s**-self.beta\n        out[:, -1] = x[:, -1]\n        return out\n")]),
        *(("lrn.channel-left-out",), ("lrn.last",)),
    ),
    "a copy of b3": (
        *("simple_conv_net", [("Affine(W3, b3)", "Affine(W3, b3.copy())")]),
        *(("net.b3-ignored",), ("net.init",)),
    ),
    "rows of W3 are equal": (
        *("simple_conv_net", [("np.random.randn(hidden_size, output_size)",
                               "np.repeat(np.random.randn(1, output_size), hidden_size, 0)")]),
        *(("net.init-repeated",), ("net.init-mean",)),
    ),
    "weight decay in the loss alone": (
        *("simple_conv_net", [("return self.last_layer.forward(self.predict(x), t)",
                               "return self.last_layer.forward(self.predict(x), t)"
                               " + 1e-3 * sum((self.params[k]**2).sum() for k in ('W1', 'W2', 'W3'))")]),
        *((), ("scaled",)),
    ),
    "the place of the largest size": (
        *("global_max_pooling", [(PLACE, PLACE.replace("pixels", "np.abs(pixels)"))]),
        *((), ("gmp.absolute", "gmp.min")),
    ),
    "momentum turned for the variance": (
        *("batch_norm", [(VARIANCE, VARIANCE.replace("1 - self.momentum", "self.momentum")
                          .replace("+ self.momentum", "+ (1 - self.momentum)"))]),
        *(("bn.momentum-turned-for-variance",), ("bn.running", "manner")),
    ),
    "eps is a floor": (
        *("batch_norm", [(ROOT, "np.sqrt(np.maximum(var, self.eps))")]),
        *(("bn.eps-floor",), ("bn.eps-missing",)),
    ),
    "eps is fixed": (*("batch_norm", [(ROOT, "np.sqrt(var + 1e-5)")]), *(("bn.eps-fixed",), ("bn.eps-missing",))),
    "dbeta alone is a mean": (
        *("batch_norm", [("self.dbeta = dout.sum(", "self.dbeta = dout.mean(")]),
        *(("bn.dbeta-only-mean",), ("bn.dbeta-mean", "bn.dbeta-batch")),
    ),
    "eps outside, and the running variance over n": (
        *("batch_norm", [(ROOT, "(np.sqrt(var) + self.eps)"), ("unbiased = var * M / (M - 1)", "unbiased = var")]),
        *(("bn.eps-outside", "bn.running-var-biased"), ()),
    ),
    "softmax down the batch, in backward alone": (
        *("softmax_with_loss", [("dx = self.y.copy()", "dx = np.exp(self.x - self.x.max(0)); dx = dx / dx.sum(0)"),
                                (MASKED, f"{MASKED}; self.x = x")]),
        *((), ("loss.softmax-over-all", "loss.softmax-over-batch")),
    ),
    "alpha over n and a short window, in backward alone": (
        *("lrn", [("shared = self.window_sum(dout * self.x * self.s ** (-self.beta - 1))",
                   "s = self.k + self.alpha / self.n * self.window_sum(self.x**2); shared = "
                   "self.window_sum(dout * self.x * s ** (-self.beta - 1)) / self.n")]),
        *((), ("lrn.alpha-over-n", "lrn.squeezed")),
    ),
    "only the first batch replaces the statistics": (
        *("batch_norm", [(VARIANCE, "first, self.seen = not hasattr(self, 'seen'), True\n"
                          "            moved = (1 - self.momentum) * self.running_var + self.momentum * unbiased\n"
                          "            self.running_var = unbiased if first else moved\n"
                          "            self.running_mean = mean if first else self.running_mean")]),
        *((), ("bn.running-replaced",)),
    ),
    "the mask of every call is added": (
        *("relu", [("self.mask = x <= 0",
                    "old = getattr(self, 'mask', x <= 0)\n"
                    "        self.mask = (x <= 0) | old if old.shape == x.shape else x <= 0")]),
        *(("relu.mask-piles-up",), ("manner",)),
    ),
    "gradient clipping inside": (
        *("affine", [("dx = np.dot(dout", "dout = np.clip(dout, -5, 5)\n        dx = np.dot(dout")]),
        *(("manner.large-dout",), ("affine", "scaled", "clipped")),
    ),
    "sigmoid less 0.5 is no tanh": (
        *("sigmoid", [("self.out = np.where(x >= 0, 1, e) / (1 + e)", "self.out = 1 / (1 + np.exp(-x)) - 0.5")]),
        *((), ("sigmoid.",)),
    ),
    "two sigmoids are no tanh": (
        *("sigmoid", [("self.out = np.where(x >= 0, 1, e) / (1 + e)", "self.out = 2 / (1 + np.exp(-x))")]),
        *(("scaled",), ("sigmoid.",)),
    ),
    "small numbers become 0, without float16": (
        *("relu", [("out = x.copy()", "out = np.where(np.abs(x) < 1e-9, 0, x)")]),
        *((), ("precision",)),
    ),
    "two of three gradients": (
        *("channel_concat", [("borders, axis=1))", "borders, axis=1))[:2]")]),
        *(("type.count",), ("exception",)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_a_name_is_true(name):
    component, patch, there, never = TRUE[name]
    given = codes(explained(component, *patch))
    assert set(there) <= given
    assert not [code for code in given for start in never if start in code.split(" + ") or code.startswith(start)]


def test_an_eps_outside_the_root_is_not_named_by_the_statistics():
    component, patch, *_ = TRUE["eps outside, and the running variance over n"]
    named = {v.check.id: v.diagnosis.code for v in explained(component, *patch) if v.diagnosis}
    assert named["batch_norm/eps-is-added/forward"] == "bn.eps-outside"
    assert named["batch_norm/running-statistics/forward/running"] == "bn.running-var-biased"


def test_accumulation_is_said_of_the_gradient_that_accumulates():
    component, patch, *_ = TRUE["dW += without a reset"]
    texts = {v.diagnosis.text for v in explained(component, *patch)}
    assert all(text.startswith("dW: ") and "call before" not in text for text in texts)


def test_two_of_three_gradients_are_counted():
    component, patch, *_ = TRUE["two of three gradients"]
    assert "2 of 3 gradients" in explained(component, *patch)[0].message


def test_one_number_a_little_off_is_said_with_its_place_and_size():
    some = wrong(RIGHT + 1e-5 * (np.arange(RIGHT.size).reshape(RIGHT.shape) == RIGHT.size - 1), RIGHT)
    assert name_factor(some) is name_precision(some) is None
    found = name_region(some)
    assert found and found.text.startswith("wrong only in the very last number, by at most ")


@pytest.mark.parametrize("times", [1 + 1e-9, 1 + 1e-7])
def test_no_factor_is_said_to_be_one(times):
    found = name_factor(wrong(RIGHT * times, RIGHT))
    assert found is None or "is 1 times" not in found.text


def test_fewer_than_three_numbers_show_no_factor():
    assert name_factor(wrong(np.array(2.0009), np.array(2.0)) * 3) is None


def test_a_factor_that_differs_from_case_to_case_is_not_given_as_one():
    cases = [*wrong(RIGHT * 1.0004, RIGHT), *wrong(RIGHT * 1.0003, RIGHT)]
    found = name_factor(cases)
    assert found is None or "1.0004 times" not in found.text


def test_numbers_that_differ_are_shown_with_digits_that_differ():
    names = mutants.Mutant("near", "relu", "", "", (("out = x.copy()", "out = x * (1 + 3e-5)"),)).names()
    first = next(v for v in judge_all(all_checks(["relu"]), InProcessSubject(names)) if v.status == "fail")
    got, want = make_pictures(first)[0].maps[:2]
    pairs = [(g, w) for rows in zip(got.cells, want.cells) for g, w in zip(*rows) if g.wrong]
    assert pairs
    assert all(g.text != w.text for g, w in pairs)
    message = explain([first])[0].message
    numbers = message.partition(" is ")[2].partition(" (allowed")[0].split(", should be ")
    assert numbers[0] != numbers[1]
