# ruff: noqa: E501 (patches are lines of code inside strings)
"""The book's own BatchNormalization, right and wrong: the adapter hides no mistake, and the name is our interface's."""

from typing import Any

import pytest

from reference_tests.conformance.examination import Request, examine

from .targets import read

HEADS = {
    "BatchNormalization": "momentum=0.9, running_mean=None, running_var=None",
    "BatchNorm": "momentum=0.1, eps=1e-5, running_mean=None, running_var=None",
}
CLASS = """
class NAME:
    def __init__(self, gamma, beta, HEAD):
        self.gamma = gamma
        self.beta = beta
        self.momentum = momentum
        self.eps = EPS
        self.running_mean = running_mean
        self.running_var = running_var
        self.batch_size = None
        self.xc = None
        self.std = None
        self.dgamma = None
        self.dbeta = None

    def forward(self, x, train_flg=True):
        self.input_shape = x.shape
        if x.ndim != 2:
            N, C, H, W = x.shape
            x = x.transpose(0, 2, 3, 1).reshape(-1, C)
        out = self.__forward(x, train_flg)
        if len(self.input_shape) != 2:
            out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return out

    def __forward(self, x, train_flg):
        if self.running_mean is None:
            self.running_mean = np.zeros(x.shape[1])
            self.running_var = ONES
        self.trained = train_flg
        if train_flg:
            mu = x.mean(axis=0)
            xc = x - mu
            var = np.mean(xc**2, axis=0)
            std = np.sqrt(var + self.eps)
            xn = xc / std
            self.batch_size = x.shape[0]
            self.running_mean = OLD * self.running_mean + NEW * mu
            self.running_var = OLD * self.running_var + NEW * VAR
        else:
            xc = x - self.running_mean
            std = np.sqrt(self.running_var + self.eps)
            xn = xc / std
        self.xc, self.xn, self.std = xc, xn, std
        out = self.gamma * xn + self.beta
        return out

    def backward(self, dout):
        if dout.ndim != 2:
            N, C, H, W = dout.shape
            dout = dout.transpose(0, 2, 3, 1).reshape(-1, C)
        dx = self.__backward(dout)
        if len(self.input_shape) != 2:
            N, C, H, W = self.input_shape
            dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return dx

    def __backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        dxc = dxn / self.std
        if not self.trained:
            return dxc
        dstd = -np.sum((dxn * self.xc) / (self.std * self.std), axis=0)
        dvar = 0.5 * dstd / self.std
        dxc += (2.0 / self.batch_size) * self.xc * dvar
        return dxc - np.sum(dxc, axis=0) / self.batch_size
"""
IN = {  # the words of CLASS in the book's interface, where momentum is the share of the old, and in ours
    "BatchNormalization": {"EPS": "10e-7", "OLD": "self.momentum", "NEW": "(1 - self.momentum)", "VAR": "var",
                           "ONES": "np.zeros(x.shape[1])"},
    "BatchNorm": {"EPS": "eps", "OLD": "(1 - self.momentum)", "NEW": "self.momentum",
                  "VAR": "(var * len(x) / (len(x) - 1))", "ONES": "np.ones(x.shape[1])"},
}  # fmt: skip
MEAN = "self.running_mean = OLD * self.running_mean + NEW * mu"
VAR = "self.running_var = OLD * self.running_var + NEW * VAR"
KEPT, OUT = "        self.xc, self.xn, self.std = xc, xn, std\n", "        out = self.gamma * xn + self.beta\n"
GIVEN = "        self.running_mean = running_mean\n        self.running_var = running_var\n"
COPIED = "".join(
    f"        self.{name} = None if {name} is None else np.array({name})\n" for name in ("running_mean", "running_var")
)
IN_PLACE = {MEAN: MEAN.replace("mean =", "mean[...] ="), VAR: VAR.replace("var =", "var[...] =")}
AT_INFERENCE = "            xc = x - self.running_mean\n"
MOVED = f"            mu, var = x.mean(axis=0), x.var(axis=0)\n            {MEAN}\n            {VAR}\n"
WRONG: list[tuple[str, str, dict[str, str]]] = [  # what is wrong, the name, the change
    ("caller's mean moved in place", "state.changed-input", {MEAN: IN_PLACE[MEAN]}),
    ("caller's variance moved in place", "state.changed-input", {VAR: f"self.running_var *= OLD\n            {VAR.replace('= OLD * self.running_var +', '+=')}"}),
    ("one array for both statistics", "bn.statistics-one-array", {
        GIVEN: COPIED, **IN_PLACE, "            self.running_var = ONES": "            self.running_var = self.running_mean"}),
    ("kept on the class", "manner.another-layer-between", {KEPT: "        self.xc, self.std = xc, std\n        NAME.xn = xn\n"}),
    ("x written into", "state.changed-input", {"            xc = x - mu\n": "            x -= mu\n            xc = x\n"}),
    ("x written into at inference", "state.changed-input", {AT_INFERENCE: AT_INFERENCE.replace("xc = x -", "xc = x\n            xc -=")}),
    ("dout written into", "state.changed-input", {"        dxn = self.gamma * dout\n": "        dout *= self.gamma\n        dxn = dout\n"}),
    ("the first batch size is kept", "manner.after-another-batch-size", {"self.batch_size = x": "self.batch_size = self.batch_size or x"}),
    ("the first deviation is kept", "manner.second-call", {KEPT: KEPT + "        self.std = self.first = getattr(self, 'first', std)\n"}),
    ("the output is overwritten", "state.overwritten", {
        OUT: "        self.out = getattr(self, 'out', np.empty(0))\n        self.out = self.out if self.out.shape == x.shape else np.empty(x.shape)\n"
        + OUT.replace("out =", "out = self.out\n        out[...] =")}),
    ("mean not moved", "bn.running-mean-not-moved", {MEAN: "pass"}),
    ("variance not moved", "bn.running-var-not-moved", {VAR: "pass"}),
    ("mean moved by the wrong share", "bn.momentum-turned-for-mean", {MEAN: MEAN.replace("OLD", "@").replace("NEW", "OLD").replace("@", "NEW")}),
    ("both moved by the wrong share", "bn.momentum-turned", {
        line: line.replace("OLD", "@").replace("NEW", "OLD").replace("@", "NEW") for line in (MEAN, VAR)}),
    ("moved after inference", "bn.moved-at-inference", {KEPT: KEPT + "        if not train_flg:\n" + MOVED}),
    ("moved before inference", "bn.moved-at-inference", {AT_INFERENCE: MOVED + AT_INFERENCE}),
]  # fmt: skip
RIGHT: dict[str, dict[str, str]] = {
    "the book's": {},
    "fractions are cut in whole numbers alone": {OUT: OUT.replace("out =", "out = np.empty_like(x)\n        out[...] =")},
    "own statistics moved in place": {GIVEN: COPIED, **IN_PLACE},
    "x and dout copied first": {"        self.trained = train_flg\n": "        self.trained, x = train_flg, 1.0 * x\n        x += 0.0\n"},
    "kept for the sizes at hand": {KEPT: KEPT + "        self.sizes = {x.shape: std}\n        self.std = self.sizes[x.shape]\n"},
}  # fmt: skip


def codes(folder: Any, name: str, change: dict[str, str]) -> set[str]:
    """Return the names that the class gets with this change, "" for a failure without one."""
    text = CLASS
    for old, new in change.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    for word, own in {**IN[name], "HEAD": HEADS[name], "NAME": name}.items():
        text = text.replace(word, own)
    subject = read(folder, text)
    found = examine(subject, Request(only=("batch_norm",), fresh=0)).components["batch_norm"]
    assert any(v.status == "pass" for v in found)
    failed = [v for v in found if v.status == "fail" and v.check.level != "advice"]
    return {v.diagnosis.code if v.diagnosis else "" for v in failed if not (v.diagnosis and v.diagnosis.follows)}


@pytest.mark.slow
@pytest.mark.parametrize("name", IN)
@pytest.mark.parametrize("what, code, change", WRONG, ids=[what for what, *_ in WRONG])
def test_mistake_has_the_same_name_in_both_interfaces(
    tmp_path: Any, what: str, code: str, change: dict[str, str], name: str
) -> None:
    assert code in codes(tmp_path, name, change)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN)
@pytest.mark.parametrize("what", RIGHT)
def test_right_class_agrees_in_both_interfaces(tmp_path: Any, what: str, name: str) -> None:
    assert codes(tmp_path, name, RIGHT[what]) == set()
