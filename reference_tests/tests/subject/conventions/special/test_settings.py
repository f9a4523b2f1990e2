"""Settings that are found by trials: a mistake in the formula is never read as one."""

from pathlib import Path

import pytest

from reference_tests.subject.source import LoadError

from .targets import read

NORM = """
class BatchNormalization:
    def __init__(self, n_features):
        self.gamma, self.beta = np.ones(n_features), np.zeros(n_features)
        self.running_mean, self.running_var = np.zeros(n_features), np.ones(n_features)
    def forward(self, x, training=True):
        if training:
            mean = {mean}
            var = {var}
            self.running_mean = {old} * self.running_mean + {new} * mean
            self.running_var = {old} * self.running_var + {new} * {running}
        else:
            mean, var = self.running_mean, self.running_var
        self.std = {std}
        self.xhat = (x - mean) / self.std
        return self.gamma * self.xhat + self.beta
"""
NORM_RIGHT = {
    "mean": "x.mean(0)", "var": "x.var(0)", "old": "0.9", "new": "0.1", "running": "var", "std": "np.sqrt(var + 1e-6)",
}  # fmt: skip
EPS, SHARE, BIASED = "eps is 1e-06", "momentum is 0.1, the share of the new", "the running variance is the biased one"
ALL = {EPS, SHARE, BIASED}
NORMS = [  # a change of the right text, and what is told of it
    ({}, ALL),
    ({"var": "x.std(0)"}, {EPS, SHARE}),
    ({"var": "x.var(0, ddof=1)"}, {EPS, SHARE}),
    ({"var": "((x - mean) ** 2).sum(0)"}, {EPS, SHARE}),
    ({"mean": "x.sum(0)"}, ALL),
    ({"std": "np.sqrt(var) + 1e-6"}, ALL),
    ({"std": "var + 1e-6"}, ALL),
    ({"std": "np.sqrt(np.maximum(var, 1e-3) + 1e-6)"}, ALL),
    ({"std": "np.sqrt(np.maximum(var, 1e-3))"}, {SHARE, BIASED}),
    ({"std": "np.sqrt(var)"}, {SHARE, BIASED}),
    ({"old": "0.1", "new": "0.9"}, ALL),
    ({"old": "0.9", "new": "0.9"}, ALL),
    ({"running": "np.sqrt(var)"}, {EPS, SHARE}),
    ({"running": "var * len(x)"}, {EPS, SHARE}),
    ({"running": "var * len(x) / (len(x) - 1)"}, {EPS, SHARE}),
]
LRN = """
class LocalResponseNorm:
    def __init__(self, {arguments}):
        {made}
    def forward(self, x):
        N, C, H, W = x.shape
        s, half = np.zeros_like(x), self.n // 2
        for c in range(C):
            lo, hi = max(0, c - half), min(C, c + half + 1)
            s[:, c] = {k} + {alpha} * {sum}
        return x / s**self.beta
"""
LRN_RIGHT = {
    "arguments": "n=5, k=2.0, alpha=1e-4, beta=0.75",
    "made": "self.n, self.k, self.alpha, self.beta = n, k, alpha, beta",
    "k": "self.k", "alpha": "self.alpha", "sum": "(x[:, lo:hi] ** 2).sum(1)",
}  # fmt: skip
DIVIDED = "alpha is divided by n there, so alpha * n is passed"
LRNS = [
    ({}, False),
    ({"alpha": "self.alpha / self.n"}, True),
    ({"alpha": "self.alpha / 3"}, False),
    ({"alpha": "self.alpha / C"}, False),
    ({"sum": "(x[:, lo:hi] ** 2).mean(1)"}, False),
    ({"sum": "np.abs(x[:, lo:hi]).sum(1)", "alpha": "self.alpha / self.n"}, False),
]
DROPOUT = """
class Dropout:
    def __init__(self, {name}=0.5):
        self.p, self.training = {name}, True
    def forward(self, x):
        if not self.training:
            return x
        self.mask = ({mask}) / {scale}
        return x * self.mask
"""
KEPT, DROPPED = "np.random.rand(*x.shape) < self.p", "np.random.rand(*x.shape) > self.p"
DROPOUTS = [
    ("p", DROPPED, "(1 - self.p)", "dropped"),
    ("p", KEPT, "self.p", "kept"),
    ("p", DROPPED, "self.p", "dropped"),
    ("p", DROPPED.replace("self.p", "self.p**2"), "(1 - self.p)", "dropped"),
    ("keep_prob", DROPPED, "(1 - self.p)", "kept"),
    ("drop_rate", KEPT, "self.p", "dropped"),
]


def described(folder: Path, text: str, name: str) -> str:
    """Return what is said of how a layer is read."""
    return read(folder, text).interfaces[name].text


@pytest.mark.parametrize(("change", "told"), NORMS, ids=lambda v: "-".join(v) if isinstance(v, dict) else "")
def test_a_mistake_in_batch_normalization_is_no_setting(tmp_path, change, told):
    said = described(tmp_path, NORM.format(**NORM_RIGHT | change), "BatchNorm")
    assert {one for one in ALL if one in said} == told
    assert "eps is" not in said.replace(EPS, "")


@pytest.mark.parametrize(("change", "divided"), LRNS)
def test_alpha_is_divided_where_every_window_tells_it(tmp_path, change, divided):
    assert (DIVIDED in described(tmp_path, LRN.format(**LRN_RIGHT | change), "LRN")) is divided


def test_attributes_that_no_argument_sets_are_set(tmp_path):
    fixed = {"arguments": "size=5", "made": "self.n, self.k, self.alpha, self.beta = size, 2.0, 1e-4, 0.75"}
    layer = read(tmp_path, LRN.format(**LRN_RIGHT | fixed)).names["LRN"](3, 1.5, 0.25, 0.5).layer
    assert (layer.n, layer.k, layer.alpha, layer.beta) == (3, 1.5, 0.25, 0.5)


def test_settings_that_are_fixed_in_the_code_are_told(tmp_path):
    fixed = {"arguments": "n=5", "made": "self.n, self.beta = n, 0.75", "k": "2.0", "alpha": "1e-4"}
    with pytest.raises(LoadError, match="its settings are fixed in its code"):
        read(tmp_path, LRN.format(**LRN_RIGHT | fixed))


@pytest.mark.parametrize(("name", "mask", "scale", "share"), DROPOUTS)
def test_the_number_of_dropout_is_what_its_name_or_two_trials_tell(tmp_path, name, mask, scale, share):
    text = DROPOUT.format(name=name, mask=mask, scale=scale)
    assert f"its number is the share that is {share};" in described(tmp_path, text, "InvertedDropout")
