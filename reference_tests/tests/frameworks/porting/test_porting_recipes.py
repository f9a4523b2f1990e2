"""The functions of NumPy behind the recipes: known values, both ways, refusals; over grids in test_grids.py."""

from itertools import product

import numpy as np
import pytest

from reference_tests.frameworks.porting.recipes import (
    KINDS,
    adam_step,
    adaptive_bins,
    batch_norm_fold,
    batch_norm_momentum,
    batch_norm_train,
    ceil_pads,
    ceil_size,
    convert_weight,
    dropout_mask,
    flatten_permutation,
    lrn_alpha,
    lrn_radius,
    momentum_step,
    rmsprop_step,
    same_pads,
    transposed_same_pads,
    window_counts,
)

NAMES = ("torch", "onnx", "jax", "flax", "tensorflow", "keras")


@pytest.mark.parametrize(
    "given, pads",
    [((224, 7, 2), (2, 3)), ((5, 3, 1), (1, 1)), ((4, 2, 1), (0, 1)), ((8, 3, 3), (0, 1)), ((7, 3, 1, 2), (2, 2)),
     ((4, 2, 1, 1, True), (1, 0)), ((3, 1, 2), (0, 0))],
)  # fmt: skip
def test_same_pads(given, pads):
    assert same_pads(*given) == pads


@pytest.mark.parametrize(
    "given, size, pads",
    [((55, 3, 2), 27, (0, 0)), ((54, 3, 2), 27, (0, 1)), ((2, 1, 2), 1, (0, 0)), ((5, 3, 2, 1), 3, (1, 1)),
     ((6, 3, 2, 1), 4, (1, 2)), ((4, 3, 2, 1), 3, (1, 2))],
)  # fmt: skip
def test_ceil_pads(given, size, pads):
    """AlexNet's 55 to 27 among them; no window starts in the padding after."""
    assert ceil_size(*given) == size and ceil_pads(*given) == pads


def test_window_counts_leave_out_what_lies_beyond_the_padding():
    assert window_counts(4, 3, 2, 1, ceil=True).tolist() == [3, 3, 2]
    assert window_counts(4, 3, 2, 1, ceil=True, padding=False).tolist() == [2, 3, 1]


def test_adaptive_bins_overlap():
    assert adaptive_bins(5, 3) == [(0, 2), (1, 4), (3, 5)]


def test_transposed_same_pads():
    assert transposed_same_pads(3, 2) == (0, 1) and transposed_same_pads(5, 2) == (1, 2)
    assert transposed_same_pads(1, 2) == (0, -1)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_come_back(kind):
    """There and back, for unequal axes and more than one channel."""
    assert [way for way in product(NAMES, NAMES) if not comes_back(kind, *way)] == []


def comes_back(kind: str, source: str, target: str) -> bool:
    shape = {"dense": (3, 5), "depthwise": (6, 1, 5, 4)}.get(kind, (2, 3, 5, 4))
    groups = 2 if kind == "depthwise" else 1
    w = convert_weight(np.arange(np.prod(shape)).reshape(shape), kind, "torch", source, groups)
    back = convert_weight(convert_weight(w, kind, source, target, groups), kind, target, source, groups)
    return bool(back.shape == w.shape and (back == w).all())


def test_convert_weight_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="'caffe' is none of"):
        convert_weight(np.ones((1, 1)), "dense", "torch", "caffe")
    with pytest.raises(ValueError, match="'gru' is none of"):
        convert_weight(np.ones((1, 1)), "gru", "torch", "keras")


def test_depthwise_weights_keep_the_multiplier_innermost():
    w = np.arange(6).reshape(6, 1, 1, 1)
    assert convert_weight(w, "depthwise", "torch", "keras", groups=2)[0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_flatten_permutation():
    image = np.arange(12).reshape(2, 2, 3)
    assert (image.ravel()[flatten_permutation((2, 2, 3))] == image.transpose(1, 2, 0).ravel()).all()


def test_lrn_alpha_and_radius():
    assert lrn_alpha(1e-4, 5, "torch", "tensorflow") == 2e-5
    assert lrn_alpha(2e-5, 5, "keras", "caffe") == pytest.approx(1e-4)
    assert lrn_alpha(0.3, 5, "torch", "onnx") == pytest.approx(0.3) and lrn_alpha(0.3, 5, "tf", "jax") == 0.3
    assert lrn_radius(5) == 2
    with pytest.raises(ValueError, match="no radius"):
        lrn_radius(4)


def test_batch_norm_of_numpy():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 3, 5, 2))
    gamma, beta, mean, var = rng.uniform(0.5, 2, (4, 3))
    scale, offset = batch_norm_fold(gamma, beta, mean, var, 1e-3)
    column = (slice(None), None, None)
    want = (x - mean[column]) / np.sqrt(var[column] + 1e-3) * gamma[column] + beta[column]
    assert np.allclose(x * scale[column] + offset[column], want)
    out, new_mean, _ = batch_norm_train(x, gamma, beta, mean, var, new=1.0)
    assert np.allclose(out.mean((0, 2, 3)), beta) and np.allclose(new_mean, x.mean((0, 2, 3)))
    assert batch_norm_momentum(0.1, "torch", "keras") == 0.9 and batch_norm_momentum(0.1, "keras", "flax") == 0.1


def test_dropout_mask_is_new_at_every_call():
    rng = np.random.default_rng(0)
    first, second = (dropout_mask((100, 100), 0.25, rng) for _ in range(2))
    assert (first != second).any() and set(np.unique(first)) == {0, 1 / 0.75}
    assert abs((first == 0).mean() - 0.25) < 0.02 and abs(first.mean() - 1) < 0.03
    assert (dropout_mask((2, 2), 1, rng) == 0).all()


OPTIMIZERS = {  # torch.optim's name and arguments, and the recipe that steps as it does; a and b are its state
    "SGD": (
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01},
        lambda w, g, a, b, t: (*momentum_step(w, g, a, 0.1, 0.9, 0.01), b),
    ),
    "RMSprop": ({"lr": 0.1}, lambda w, g, a, b, t: (*rmsprop_step(w, g, a, 0.1), b)),
    "Adam": ({"lr": 0.1, "weight_decay": 0.02}, lambda w, g, a, b, t: adam_step(w, g, a, b, t, 0.1, l2=0.02)),
    "AdamW": ({"lr": 0.1, "weight_decay": 0.02}, lambda w, g, a, b, t: adam_step(w, g, a, b, t, 0.1, decay=0.02)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_steps_as_torch(name):
    import torch

    how, step = OPTIMIZERS[name]
    start = np.random.default_rng(0).standard_normal(5)
    parameter = torch.nn.Parameter(torch.tensor(start))
    optimizer = getattr(torch.optim, name)([parameter], **how)
    w, a, b = start, start * 0, start * 0
    for t in range(1, 6):
        g = np.random.default_rng(t).standard_normal(5)
        parameter.grad = torch.tensor(g)
        optimizer.step()
        w, a, b = step(w, g, a, b, t)
        assert np.allclose(w, parameter.detach().numpy(), rtol=1e-12)
