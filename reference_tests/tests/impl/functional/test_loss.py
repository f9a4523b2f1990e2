"""cross_entropy against torch, forward and backward, float64 and float32."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional
from reference_tests.tests.sampling import sampled

from .torch_comparison import assert_agrees, assert_defaults, assert_message, assert_refused, bad_calls

RNG = np.random.default_rng(4)
SHAPES = [(4,), (1, 4), (3, 4), (4, 4), (3, 1), (2, 4, 3), (2, 4, 3, 5), (2, 3, 1, 2, 3), (2, 4, 0), (0, 4, 3)]
REDUCTIONS = ("none", "mean", "sum")
OPTIONS = list(itertools.product(REDUCTIONS, (0.0, 0.3, 1.0)))


def classes(shape):
    return shape[0] if len(shape) == 1 else shape[1]


def samples(shape):
    return () if len(shape) == 1 else (shape[0], *shape[2:])


def labels(shape, dtype=np.int64):
    return np.asarray(RNG.integers(0, classes(shape), samples(shape))).astype(dtype)


def soft(shape):
    axis = 0 if len(shape) == 1 else 1
    e = np.exp(RNG.standard_normal(shape))
    return e / e.sum(axis, keepdims=True)


def logits(shape):
    return 2 * RNG.standard_normal(shape)


def weights(shape):
    return RNG.uniform(0.5, 2, classes(shape))


def keeps_a_mean(shape, reduction):
    return reduction != "mean" or np.prod(shape) > 0  # the mean over nothing has a test of its own


@pytest.mark.parametrize(("reduction", "smoothing"), OPTIONS)
@pytest.mark.parametrize("shape", sampled(SHAPES, every=3), ids=str)
def test_cross_entropy_of_indices_agrees_with_torch(shape, reduction, smoothing):
    if not keeps_a_mean(shape, reduction):
        shape = (2, *shape[1:-1], 3)
    common = {"input": logits(shape), "target": labels(shape), "reduction": reduction, "label_smoothing": smoothing}
    assert_agrees("cross_entropy", **common)
    assert_agrees("cross_entropy", **common, weight=weights(shape), fixed=("weight",))
    if common["target"].size > 1:
        common["target"].flat[0] = -100
        assert_agrees("cross_entropy", **common)
        common["ignore_index"] = int(common["target"].flat[1])
        common["target"] = np.where(common["target"] == -100, 0, common["target"])
        if (common["target"] != common["ignore_index"]).any() or reduction != "mean":
            assert_agrees("cross_entropy", **common, weight=weights(shape), fixed=("weight",))


@pytest.mark.parametrize(("reduction", "smoothing"), OPTIONS)
@pytest.mark.parametrize("shape", sampled(SHAPES, every=3), ids=str)
def test_cross_entropy_of_probabilities_agrees_with_torch(shape, reduction, smoothing):
    if not keeps_a_mean(shape, reduction):
        shape = (2, *shape[1:-1], 3)
    common = {"input": logits(shape), "target": soft(shape), "reduction": reduction, "label_smoothing": smoothing}
    assert_agrees("cross_entropy", **common)
    assert_agrees("cross_entropy", **common, weight=weights(shape), fixed=("weight",))
    common["target"] = 3 * RNG.standard_normal(shape)  # torch asks for probabilities, and takes any number
    assert_agrees("cross_entropy", **common)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_of_one_index_in_an_array_is_one_sample(reduction):
    x, t = logits((4,)), np.array([2])
    want = F.cross_entropy(torch.from_numpy(x), torch.from_numpy(t), reduction=reduction).numpy()
    np.testing.assert_allclose(functional.cross_entropy(x, t, reduction=reduction), want, rtol=1e-14, strict=True)
    one, same = (functional.cross_entropy_backward(1.0, x, label)[0] for label in (t, np.array(2)))
    np.testing.assert_array_equal(one, same)  # torch itself fails in this backward


def test_cross_entropy_negative_ignore_index_beside_probabilities_ignores_none():
    assert_agrees("cross_entropy", input=logits((3, 4)), target=soft((3, 4)), ignore_index=-1)


def test_cross_entropy_takes_bytes_as_indices():
    assert_agrees("cross_entropy", input=logits((3, 4)), target=labels((3, 4), np.uint8))


def test_cross_entropy_odd_layouts_agree_with_torch():
    x = logits((6, 4, 5))
    for view in (x[::-2], np.asfortranarray(x)[:, :, ::-1], x.transpose(2, 1, 0)):
        assert_agrees("cross_entropy", input=view, target=labels(view.shape)[..., ::-1], label_smoothing=0.1)


@pytest.mark.parametrize("smoothing", [-0.1, -3, 0, True, float("nan")])
def test_cross_entropy_smoothing_of_nan_or_below_zero_is_none_as_in_torch(smoothing):
    x, t = logits((3, 4)), labels((3, 4))
    want = F.cross_entropy(torch.from_numpy(x), torch.from_numpy(t), label_smoothing=smoothing).item()
    np.testing.assert_allclose(functional.cross_entropy(x, t, label_smoothing=smoothing), want, rtol=1e-14)


@pytest.mark.parametrize("row", [[1e4, 0, -1e4], [0, 1e4, 1e4], [1e30, -1e30, 0]], ids=str)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_cross_entropy_of_a_hopeless_class_is_exact(row, label):
    assert_agrees("cross_entropy", input=np.array([row], float), target=np.array([label]))


INF, NAN = np.inf, np.nan
ODD = [
    # input                        target        the rest
    ([[-INF, 0, 0, 0]],            [1],          {}),
    ([[-INF, 0, 0, 0]],            [0],          {}),
    ([[INF, 0, 0, 0]],             [0],          {}),
    ([[INF, 0, 0, 0]],             [1],          {}),
    ([[-INF, 0, 0, 0]],            [1],          {"label_smoothing": 0.1}),
    ([[-INF, 0, 0, 0]],            [0],          {"ignore_index": 0, "reduction": "sum"}),
    ([[-INF, 0, 0, 0]],            [[0.0, 1, 0, 0]], {}),
    ([[NAN] * 4, [0, 1, 2, 3]],    [0, 1],       {"ignore_index": 0}),
    ([[NAN] * 4, [0, 1, 2, 3]],    [0, 1],       {"ignore_index": 0, "label_smoothing": 0.1}),
    ([[0, 1, 2, 3]],               [-100],       {}),
    ([[0, 1, 2, 3]],               [-100],       {"label_smoothing": 0.1}),
    ([[0, 1, 2, 3]],               [-100],       {"reduction": "sum"}),
    ([[0, 1, 2, 3]],               [3],          {"weight": [1, 1, 1, 0]}),
    ([[0, 1, 2, 3], [3, 1, 0, 2]], [3, 1],       {"weight": [1, 1, 1, 0]}),
    ([[0, 1, 2, 3]],               [3],          {"weight": [1, 2, 3, 0], "reduction": "sum"}),
    ([[-INF, 0, 0, 0]],            [0],          {"weight": [0, 1, 1, 1], "reduction": "sum"}),
    ([[0, 1, 2, 3]],               [1],          {"weight": [INF, 1, 1, 1]}),
    ([[0, 1, 2, 3]],               [2],          {"weight": [1, -1, -2, 1], "label_smoothing": 0.2}),
]  # fmt: skip


@pytest.mark.parametrize(("input", "target", "rest"), ODD)
def test_cross_entropy_odd_numbers_agree_without_warning(input, target, rest, recwarn):
    rest = {k: np.array(v, float) if k == "weight" else v for k, v in rest.items()}
    x, t = np.array(input, float), np.array(target)
    leaf = torch.from_numpy(x).requires_grad_()
    tensors = {k: torch.from_numpy(v) if k == "weight" else v for k, v in rest.items()}
    loss = F.cross_entropy(leaf, torch.from_numpy(t), **tensors)
    loss.backward()
    np.testing.assert_allclose(functional.cross_entropy(x, t, **rest), loss.item(), rtol=1e-13)
    grad, _ = functional.cross_entropy_backward(1.0, x, t, **rest)
    np.testing.assert_allclose(grad, leaf.grad.numpy(), rtol=1e-13, atol=1e-15)
    assert not recwarn.list


@pytest.mark.parametrize("shape", [(0, 4), (2, 4, 0), (0,)], ids=str)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_nothing_equals_torch_without_warning(shape, reduction, smoothing, recwarn):
    ignored = np.full(samples(shape), -100)
    targets = [np.zeros(shape)] if shape == (0,) else [np.zeros(shape), ignored]
    for t in targets:
        x = np.zeros(shape)
        tensors = torch.from_numpy(x), torch.from_numpy(t)
        want = F.cross_entropy(*tensors, reduction=reduction, label_smoothing=smoothing).numpy()
        got = functional.cross_entropy(x, t, reduction=reduction, label_smoothing=smoothing)
        np.testing.assert_array_equal(got, want)
        assert functional.cross_entropy_backward(np.ones(np.shape(got)), x, t, reduction=reduction)[0].shape == shape
    assert not recwarn.list


def test_cross_entropy_of_probabilities_takes_mixed_dtypes():
    x, t, w = logits((3, 4)).astype(np.float32), soft((3, 4)), weights((3, 4))
    for arrays in ((x, t), (x.astype(float), t.astype(np.float32)), (x, t.astype(np.float32), w)):
        want = F.cross_entropy(*map(torch.from_numpy, arrays)).numpy()
        got = functional.cross_entropy(*arrays)
        assert got.dtype == want.dtype == np.float64
        np.testing.assert_allclose(got, want, rtol=1e-6)
        grads = functional.cross_entropy_backward(1.0, *arrays)
        assert [g.dtype for g in grads] == [a.dtype for a in arrays[:2]]


X, T, P = np.zeros((3, 4)), np.array([1, 0, 3]), np.full((3, 4), 0.25)
INDICES, PROBABILITIES = {"input": X, "target": T}, {"input": X, "target": P}
REFUSED = [
    *bad_calls(INDICES, reduction=["bad", None, 1, "Mean"], label_smoothing=[1.5, "a", None]),
    *bad_calls(INDICES, ignore_index=[1.0, True, None]),
    *bad_calls(INDICES, target=[np.array([1, 4, 0]), np.array([1, -1, 0]), T[:2], T[:, None], T[None], np.array(1)]),
    *bad_calls(INDICES, target=[*(T.astype(kind) for kind in ("i4", "i1", bool, float)), None, [1, 0, 3]]),
    *bad_calls(INDICES, target=[P.astype(np.int64), P[:2], P[:, :3], P[0]]),
    *bad_calls(INDICES, weight=[np.ones(3), np.ones((1, 4)), np.array(1.0), [1.0] * 4]),
    *bad_calls(INDICES, weight=[np.ones(4, np.float32), np.ones(4, int)]),
    *bad_calls(PROBABILITIES, label_smoothing=[1.01], ignore_index=[2, 0], weight=[np.ones(2)]),
    *bad_calls({"input": X, "ignore_index": 0}, target=[np.array([1, -100, 0])]),
    *bad_calls({"input": X[0]}, target=[np.array([2, 1]), np.array(7), np.arange(4)]),
    *bad_calls({"input": X[:, :1]}, target=[np.ones((3, 1), int)]),
    *bad_calls({"input": np.zeros((5, 2))}, target=[np.array([0, 1, 2, 0, 0])]),
    *bad_calls({"input": np.zeros((2, 4, 3))}, target=[np.zeros((2, 3, 1), int), np.zeros((2, 2), int), np.arange(2)]),
    *bad_calls({"input": np.zeros((3, 0))}, target=[np.zeros(3, int)]),
    *bad_calls({"target": T}, input=[X.astype(int)]),
    *bad_calls({"target": np.array(1.0)}, input=[np.array(1.0)]),
    *bad_calls({"target": np.array([1])}, input=[[[0.0, 1.0]]]),
    *bad_calls({"input": np.zeros((2, 4, 3, 5)), "target": np.zeros((2, 3, 5), int)}, weight=[np.ones(2)]),
]


@pytest.mark.parametrize(("argument", "arguments"), REFUSED)
def test_cross_entropy_bad_argument_is_refused(argument, arguments):
    assert_refused("cross_entropy", argument, arguments)


@pytest.mark.parametrize(
    ("shape", "reduction"), [((3,), "mean"), ((1,), "sum"), ((), "none"), ((3, 1), "none")], ids=str
)
def test_cross_entropy_backward_dout_of_another_shape_is_refused(shape, reduction):
    with pytest.raises(ValueError, match=r"\bdout\b"):
        functional.cross_entropy_backward(np.ones(shape), X, T, reduction=reduction)


def test_cross_entropy_fourth_positional_argument_is_refused():
    with pytest.raises(TypeError):
        functional.cross_entropy(X, T, None, -100)  # in torch the fourth is the deprecated size_average


def test_cross_entropy_defaults_are_torchs():
    assert_defaults("cross_entropy")


@pytest.mark.parametrize(("reduction", "smoothing"), [("mean", 0.1), ("mean", 0.0), ("sum", 0.0), ("none", 0.0)])
def test_cross_entropy_without_classes_equals_torch(reduction, smoothing):
    x, t, how = np.zeros((3, 0)), np.full(3, -100), {"reduction": reduction, "label_smoothing": smoothing}
    want = F.cross_entropy(torch.from_numpy(x), torch.from_numpy(t), **how).numpy()
    np.testing.assert_array_equal(functional.cross_entropy(x, t, **how), want)


def test_cross_entropy_of_masked_arrays_is_a_plain_array():
    losses = functional.cross_entropy(np.ma.array(X), np.ma.array(T), reduction="none")
    assert type(losses) is np.ndarray
    np.testing.assert_allclose(losses, functional.cross_entropy(X, T, reduction="none"))


def test_cross_entropy_bad_label_is_named():
    message = "target holds -7; allowed: 0 to 3, and ignore_index -100"
    assert_message(message, lambda: functional.cross_entropy(X, np.array([1, -7, 9])))
