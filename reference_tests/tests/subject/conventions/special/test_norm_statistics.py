"""What an adapter must not hide in the book's BatchNormalization: its eps is fixed, its running variance is over n."""

from typing import Any

import numpy as np
import pytest

from reference_tests.conformance.examination import Request, examine

from .targets import numbers, read

BOOK = """
class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean = np.zeros(len(gamma)) if running_mean is None else running_mean
        self.running_var = np.ones(len(gamma)) if running_var is None else running_var

    def forward(self, x, train_flg=True):
        axes, shape, m = (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2), self.momentum
        if train_flg:
            mean, var = x.mean(axes), x.var(axes)
            self.running_mean = m * self.running_mean + (1 - m) * mean
            self.running_var = m * self.running_var + (1 - m) * var
            self.std = np.sqrt(var + {eps}).reshape(shape)
        else:
            mean, var = self.running_mean, self.running_var
        std = np.sqrt(var + {eps}).reshape(shape)
        self.xn = (x - mean.reshape(shape)) / std
        return self.gamma.reshape(shape) * self.xn + self.beta.reshape(shape)

    def backward(self, dout):
        axes, shape = (0, *range(2, dout.ndim)), (1, -1) + (1,) * (dout.ndim - 2)
        self.dgamma, self.dbeta = (dout * self.xn).sum(axes), dout.sum(axes)
        d = dout * self.gamma.reshape(shape)
        return (d - d.mean(axes, keepdims=True) - self.xn * (d * self.xn).mean(axes, keepdims=True)) / self.std
"""
MEAN = "self.running_mean = m * self.running_mean + (1 - m) * mean"
VAR = "self.running_var = m * self.running_var + (1 - m) * var"
NORMAL = "self.xn = (x - mean.reshape(shape)) / std"


@pytest.mark.parametrize("eps", ["1e-5", "10e-7"])
@pytest.mark.parametrize("writes", [True, False])
def test_writing_into_x_reaches_the_caller(tmp_path: Any, eps: str, writes: bool) -> None:
    """A layer that centres x in place spoils it for its caller; one that does not may be given a read-only x."""
    text = BOOK.replace("{eps}", eps)
    text = text.replace(NORMAL, "x -= mean.reshape(shape); self.xn = x / std") if writes else text
    x = numbers(4, 3, 2, 5)
    given = x.copy()
    given.flags.writeable = writes  # nothing is written where the layer writes nothing
    layer = read(tmp_path, text).names["BatchNorm"](np.ones(3), np.zeros(3))
    layer.forward(given)
    assert np.allclose(given, x - x.mean((0, 2, 3), keepdims=True) if writes else x)


@pytest.mark.parametrize("eps", ["1e-5", "10e-7"])
def test_float32_reaches_the_layer(tmp_path: Any, eps: str) -> None:
    """A difference of two large numbers is seen only where x is as short as it was."""
    text = BOOK.replace("{eps}", eps).replace("x.var(axes)", "np.abs((x * x).mean(axes) - x.mean(axes) ** 2)")
    far, kind = numbers(4, 3, 2, 5) + 1e4, read(tmp_path, text).names["BatchNorm"]
    exact, short = (kind(np.ones(3), np.zeros(3)).forward(far.astype(t)) for t in ("f8", "f4"))
    assert np.abs(exact - short).max() > 0.1


NAMES = {
    "momentum-turned-for-variance": (VAR, "self.running_var = (1 - m) * self.running_var + m * var"),
    "momentum-turned-for-mean": (MEAN, "self.running_mean = (1 - m) * self.running_mean + m * mean"),
    "running-var-std": (VAR, VAR.replace("* var", "* np.sqrt(var)")),
    "running-replaced": (f"{MEAN}\n            {VAR}", "self.running_mean, self.running_var = mean, var"),
    "running-old-not-shrunk": (VAR, VAR.replace("= m *", "=")),
    "running-var-not-moved": (VAR, "pass"),
    "running-mean-not-moved": (MEAN, "pass"),
    "one-image-by-running": ("if train_flg:", "if train_flg and len(x) == 1:\n"
                             "            mean, var = self.running_mean, self.running_var\n"
                             "            self.std = np.sqrt(var + 10e-7).reshape(shape)\n"
                             "        elif train_flg:"),
    "momentum-fixed": (", self.momentum\n", ", 0.9\n"),
    "last-batch-at-inference": (
        "        std = np", "        std = self.std if not train_flg and hasattr(self, 'std') else np"
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("code", NAMES)
def test_mistakes_are_named_through_the_adapter(tmp_path: Any, code: str) -> None:
    """The adapter makes the variance over n that over n - 1: a wrong one comes out in a way of its own."""
    assert BOOK.count(NAMES[code][0]) == 1
    subject = read(tmp_path, BOOK.replace(*NAMES[code]).replace("{eps}", "10e-7"))
    found = examine(subject, Request(only=("batch_norm",), fresh=0)).components["batch_norm"]
    assert {v.diagnosis.code for v in found if v.diagnosis and not v.diagnosis.follows} == {f"bn.{code}"}


SHARED = "np.zeros(len(gamma))", "globals().setdefault(f'start {len(gamma)}', np.zeros(len(gamma)))"
WRITTEN = f"self.running_mean *= m; {MEAN.replace('= m * self.running_mean', '+= 0')}"


@pytest.mark.slow
@pytest.mark.parametrize("eps", ["1e-5", "10e-7"])
@pytest.mark.parametrize("shared", [True, False])
def test_first_statistics_that_layers_share_are_seen_through_the_adapter(tmp_path: Any, eps: str, shared: bool) -> None:
    """Where nothing stays of what a layer starts with, the adapter leaves its start to it."""
    text = (
        BOOK.replace("{eps}", eps)
        .replace(MEAN, WRITTEN)
        .replace("None else running_mean", "None else running_mean * 1")
    )
    subject = read(tmp_path, text.replace(*SHARED) if shared else text)
    found = examine(subject, Request(only=("batch_norm",), fresh=0)).components["batch_norm"]
    assert {v.check.scenario.id for v in found if v.status == "fail"} == ({"beside-defaults"} if shared else set())
