"""Activations, dense layers, losses, normalizations and the network: what right and wrong code of each kind is told."""

from typing import Any

import numpy as np
import pytest

from reference_tests.conformance.examination import Examination, Request, examine
from reference_tests.corpus.correct import whole
from reference_tests.quality import naming
from reference_tests.quality.detection import plant
from reference_tests.quality.subjects import InProcessSubject


def examined(component: str, **names: Any) -> Examination:
    return examine(InProcessSubject(names, files=(__file__,)), Request(only=(component,), fresh=3, seed=1))


def told(found: Examination) -> str:
    return "\n".join(v.message for verdicts in found.components.values() for v in verdicts)


class RowsOnly:
    """The book's Affine of section 5.6.2."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.T, dout), np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


@pytest.mark.slow
def test_an_affine_layer_of_rows_is_right_as_far_as_it_goes():
    found = examined("affine", Affine=RowsOnly)
    assert found.status("affine") == "partial"
    assert told(found).count("right for (N, D); flatten x of more axes first") == 1
    assert "small sizes" not in told(found)


class WrongRowsOnly(RowsOnly):
    def backward(self, dout):
        return super().backward(dout) / len(dout)


class OtherOrder(whole.Affine):
    def forward(self, x):
        out = super().forward(x)
        return out if x.ndim == 2 else super().forward(x.reshape(len(x), -1, order="F"))


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [WrongRowsOnly, OtherOrder])
def test_an_affine_layer_that_is_wrong_besides_is_wrong(wrong):
    assert examined("affine", Affine=wrong).status("affine") == "fail"


class OfTheClass(whole.Affine):
    def __init__(self, W, b):
        OfTheClass.W, OfTheClass.b = W, b


class RowsOfTheClass(RowsOnly):
    def __init__(self, W, b):
        RowsOfTheClass.W, RowsOfTheClass.b = W, b


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [OfTheClass, RowsOfTheClass])
def test_parameters_of_the_class_are_told(wrong):
    found = examined("affine", Affine=wrong)
    assert found.status("affine") == "fail"
    assert "right alone, wrong where " in told(found)


class OtherFlag(whole.Dropout):
    def forward(self, x, train_flag=True):
        return super().forward(x, train_flag)


class KeywordFlag(whole.Dropout):
    def forward(self, x, *, training=True):
        return super().forward(x, training)


class FlagBehind(whole.Dropout):
    def forward(self, x, seed=None, train=True):
        return super().forward(x, train)


class ManyFlags(whole.Dropout):
    def forward(self, x, *flags):
        return super().forward(x, *flags)


@pytest.mark.parametrize("layer", [OtherFlag, KeywordFlag, FlagBehind, ManyFlags])
def test_a_flag_of_another_name_is_given_by_its_place(layer):
    assert examined("dropout", Dropout=layer).status("dropout") == "pass"


class NoFlag(whole.Dropout):
    def forward(self, x):
        return super().forward(x)


def test_a_layer_without_the_flag_is_told_so():
    assert "unexpected keyword argument 'train_flg'" in told(examined("dropout", Dropout=NoFlag))


class GuardedLoss:
    """1e-7 inside the log, as in the book."""

    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t if t.ndim == 1 else t.argmax(axis=1)
        return -np.log(self.y[np.arange(len(x)), self.t] + 1e-7).mean()

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx / len(dx)


class GuardedNet(whole.SimpleConvNet):
    PARTS: Any = (*whole.SimpleConvNet.PARTS[:-1], GuardedLoss)


class EvenPooling(whole.Pooling):
    def forward(self, x):
        if x.shape[2] % 2 or x.shape[3] % 2:
            raise ValueError("the pooling needs an even size")
        return super().forward(x)


class EvenNet(whole.SimpleConvNet):
    PARTS: Any = (*whole.SimpleConvNet.PARTS[:2], EvenPooling, *whole.SimpleConvNet.PARTS[3:])


@pytest.mark.slow
@pytest.mark.parametrize("net, seed", [(GuardedNet, 858961), (EvenNet, 1)])
def test_a_net_is_as_free_as_its_layers(net, seed):
    request = Request(only=("simple_conv_net",), seed=seed)
    assert examine(InProcessSubject({"SimpleConvNet": net}), request).status("simple_conv_net") == "pass"


class FarOffNet(whole.SimpleConvNet):
    def loss(self, x, t):
        return super().loss(x, t) + 1e-3


class PoppingNet(whole.SimpleConvNet):
    def __init__(self, input_dim=(1, 28, 28), conv_param=None, *more):
        conv = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1} if conv_param is None else conv_param
        super().__init__(input_dim, {k: conv.pop(k) for k in ("filter_num", "filter_size", "pad", "stride")}, *more)


class PoppingDefaultNet(whole.SimpleConvNet):
    def __init__(
        self,
        input_dim=(1, 28, 28),
        conv_param={"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1},  # noqa: B006
        *more,
    ):
        conv = conv_param if more else {k: conv_param.pop(k) for k in ("filter_num", "filter_size", "pad", "stride")}
        super().__init__(input_dim, conv, *more)


class QuietlyPoppingNet(whole.SimpleConvNet):
    """The second one of the same arguments has no padding, and nothing stops."""

    def __init__(self, input_dim, conv_param, *more):
        pad, stride = conv_param.pop("pad", 0), conv_param.pop("stride", 1)
        super().__init__(input_dim, {**conv_param, "pad": pad, "stride": stride}, *more)


class SharedNet(whole.SimpleConvNet):
    def __init__(self, *how):
        super().__init__(*how)
        SharedNet.layers = self.__dict__.pop("layers")


class SeededNet(whole.SimpleConvNet):
    def __init__(self, *how):
        np.random.seed(0)  # noqa: NPY002
        super().__init__(*how)


class LabelsOnlyNet(whole.SimpleConvNet):
    def accuracy(self, x, t):
        t = t if t.ndim == 1 else t.argmin(axis=1)
        return super().accuracy(x, t)


@pytest.mark.slow
@pytest.mark.parametrize(
    "net, text",
    [
        (FarOffNet, "loss is"),
        (PoppingNet, "a second one is made with the same arguments"),
        (PoppingDefaultNet, "a second one is made with the same arguments"),
        (QuietlyPoppingNet, "a second one is made with the same arguments"),
        (SharedNet, "right alone, wrong where a layer of other sizes"),
        (LabelsOnlyNet, "accuracy is right for labels, wrong for one-hot t"),
    ],
)
def test_mistakes_between_nets_are_told(net, text):
    found = examined("simple_conv_net", SimpleConvNet=net)
    assert found.status("simple_conv_net") == "fail"
    assert text in told(found)


@pytest.mark.slow
def test_a_seed_in_a_net_is_advice():
    found = examined("simple_conv_net", SimpleConvNet=SeededNet)
    assert found.status("simple_conv_net") == "pass"
    assert "every new network starts with the same weights" in told(found)


# fmt: off
NAMED = (  # what was only described, or said of something else
    *("lrn-paper-half", "lrn-paper-whole", "lrn-clamped", "lrn-kept-below", "lrn-dx-alpha-n-all", "lrn-last-as-it-is"),
    *("loss-dx-batch", "loss-max-down", "loss-sum-exact", "loss-sum-both-exact", "loss-log2-exact", "loss-guard-1e-4"),
    *("dropout-dx-quotient", "dropout-dx-output", "dropout-mask-of-the-class", "dropout-tenth-too-few"),
    *("inverted_dropout-one-for-batch", "inverted_dropout-mask-of-the-class", "sigmoid-clipped-at-10"),
    *("bn-momentum-var", "bn-squares", "bn-dx-training", "bn-moved", "bn-dgamma-gamma", "bn-eps-floor"),
    *("mean-pixel-over-channels", "affine-dW-adds", "net-weight-decay", "net-W3-repeated", "net-scores-centred"),
    *("bn-last-mean", "bn-last-variance", "lrn-advice-s-truncated", "loss-labels-as-hot", "loss-dx-labels-as-hot"),
    *("add-dx-relu", "add-dx-relu-shortcut", "concat-advice-type-of-first", "net-accuracy-over-full-batches"),
    *("avg-dx-accumulates", "gap-stale", "local-stale", "conv-stride-pad-swapped", "local-no-pad", "loss-four"),
    *("avg-rounded-up", "bn-dx-no-gamma", "bn-momentum-or", "concat-two-inputs", "inverted_dropout-ratio-of-the-class"),
)
# fmt: on


@pytest.mark.slow
@pytest.mark.parametrize("mutant", NAMED)
def test_a_mistake_of_these_kinds_has_its_name(mutant):
    found = naming.by_id(mutant)
    assert found.rightly
    assert not found.wrongly


@pytest.mark.slow
def test_an_exception_of_rows_counted_wrongly_is_no_mistake_of_its_own():
    """Without its padding a tiny image leaves W2 no rows; reshape stops there, and no size has to be written out."""
    net = plant()["net-pad-nowhere"].names()["SimpleConvNet"]
    failed = [v for v in examined("simple_conv_net", SimpleConvNet=net).components["simple_conv_net"] if v.diagnosis]
    assert any(v.reason == "exception" for v in failed)
    assert {v.diagnosis.code for v in failed} == {"net.init-shape"}
