"""Optimizers step by step against torch.optim; the Trainer's order, targets, shifts, schedule and interruption."""

import numpy as np
import pytest
import torch
from torch import optim

from impl.data import load_mnist
from impl.data.augmentation import random_shift, shift
from impl.plots import loss_curve
from impl.training import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp, Trainer, schedules
from impl.training.recipes import LR, RECIPES, change, make_trainer
from impl.training.trainer import Diverged

PAIRS = {  # torch takes momentum, dampening and weight decay in this order; alpha, eps and weight decay for RMSprop
    "sgd": (SGD(0.1), lambda p: optim.SGD(p, 0.1)),
    "sgd with L2": (SGD(0.1, weight_decay=0.3), lambda p: optim.SGD(p, 0.1, weight_decay=0.3)),
    "momentum": (Momentum(0.05, 0.8), lambda p: optim.SGD(p, 0.05, 0.8)),
    "momentum with L2": (Momentum(0.05, weight_decay=0.3), lambda p: optim.SGD(p, 0.05, 0.9, 0, 0.3)),
    "nesterov": (Nesterov(0.05, 0.8), lambda p: optim.SGD(p, 0.05, 0.8, nesterov=True)),
    "nesterov with L2": (Nesterov(0.05, weight_decay=0.3), lambda p: optim.SGD(p, 0.05, 0.9, 0, 0.3, nesterov=True)),
    "adagrad": (AdaGrad(0.1), lambda p: optim.Adagrad(p, 0.1)),
    "adagrad with L2": (AdaGrad(0.1, weight_decay=0.3), lambda p: optim.Adagrad(p, 0.1, weight_decay=0.3)),
    "rmsprop": (RMSProp(0.01), lambda p: optim.RMSprop(p, 0.01)),
    "rmsprop, large eps": (
        RMSProp(0.02, 0.8, eps=0.1, weight_decay=0.3),
        lambda p: optim.RMSprop(p, 0.02, 0.8, 0.1, 0.3),
    ),
    "adam": (Adam(0.02), lambda p: optim.Adam(p, 0.02)),
    "adam, large eps": (Adam(0.02, 0.8, 0.9, eps=0.1), lambda p: optim.Adam(p, 0.02, (0.8, 0.9), 0.1)),
    "adam with L2": (Adam(0.02, weight_decay=0.3), lambda p: optim.Adam(p, 0.02, weight_decay=0.3)),
    "decoupled": (Adam(0.02, weight_decay=0.3, decoupled=True), lambda p: optim.AdamW(p, 0.02, weight_decay=0.3)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_optimizer_fifty_steps_agree_with_torch(name):
    """lr halves on the way, as under a schedule: there the book's momentum and torch's part."""
    rng = np.random.default_rng(0)
    ours, make = PAIRS[name]
    params = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=5)}
    twins = {key: torch.tensor(value.copy(), requires_grad=True) for key, value in params.items()}
    theirs, kept = make(twins.values()), dict(params)
    for step in range(50):
        grads = {key: rng.normal(size=value.shape) * 10.0 ** rng.integers(-4, 2) for key, value in params.items()}
        for key, twin in twins.items():
            twin.grad = torch.tensor(grads[key].copy())
        given = {key: grad.copy() for key, grad in grads.items()}
        ours.update(params, grads)
        theirs.step()
        for key in params:
            np.testing.assert_allclose(params[key], twins[key].detach().numpy(), rtol=1e-12, atol=1e-14)
            np.testing.assert_array_equal(grads[key], given[key], "gradients are the caller's")
        if step == 25:
            ours.lr /= 2
            theirs.param_groups[0]["lr"] /= 2
    assert all(params[key] is kept[key] for key in params), "in place"


@pytest.mark.parametrize("optimizer", [SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam])
def test_optimizer_keeps_float32(optimizer):
    params, grads = {"W": np.ones(3, np.float32)}, {"W": np.ones(3, np.float32)}
    optimizer(0.1, weight_decay=0.1).update(params, grads)
    assert params["W"].dtype == np.float32


@pytest.mark.parametrize(
    "make, named",
    [
        (lambda: SGD(-1), "lr=-1"),
        (lambda: Adam(float("nan")), "lr=nan"),
        (lambda: Momentum(0.1, 1.0), r"momentum=1\.0: allowed is 0 <= value < 1"),
        (lambda: Adam(beta2=1.5), r"beta2=1\.5"),
        (lambda: RMSProp(alpha=1.0), r"alpha=1\.0"),
        (lambda: AdaGrad(weight_decay=-0.1), r"weight_decay=-0\.1"),
    ],
)
def test_optimizer_setting_out_of_range_is_named(make, named):
    with pytest.raises(ValueError, match=named):
        make()


def test_adam_decoupled_weight_decay_is_not_scaled():
    """L2 goes through Adam's division by sqrt(v), so a step hardly depends on it; decoupled it shrinks the weight."""
    steps = {}
    for decoupled in (False, True):
        params = {"W": np.array([10.0])}
        Adam(0.1, weight_decay=0.5, decoupled=decoupled).update(params, {"W": np.array([3.0])})
        steps[decoupled] = 10 - params["W"][0]
    assert steps[False] == pytest.approx(0.1) and steps[True] == pytest.approx(0.1 * 0.5 * 10 + 0.1)


STEPS = 20
OF_TORCH = {
    "constant": (schedules.constant(), lambda o: optim.lr_scheduler.ConstantLR(o, 1.0)),
    "linear": (schedules.linear(0.1), lambda o: optim.lr_scheduler.LinearLR(o, 1.0, 0.1, STEPS)),
    "cosine": (schedules.cosine(), lambda o: optim.lr_scheduler.CosineAnnealingLR(o, STEPS)),
    "cosine to a tenth": (schedules.cosine(0.1), lambda o: optim.lr_scheduler.CosineAnnealingLR(o, STEPS, 0.05)),
    "staircase": (schedules.staircase(6, 0.3), lambda o: optim.lr_scheduler.StepLR(o, 6, 0.3)),
    "warmed up": (schedules.warmed_up(schedules.constant(), 4), lambda o: optim.lr_scheduler.LinearLR(o, 0.2, 1.0, 4)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_TORCH)
def test_schedules_equal_torch(name):
    ours, make = OF_TORCH[name]
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], 0.5)
    theirs = make(optimizer)
    for step in range(STEPS):
        assert 0.5 * ours(step, STEPS) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        theirs.step()
    with pytest.raises(ValueError, match="every=0"):
        schedules.staircase(0)


@pytest.mark.slow
def test_random_shift_moves_whole_images_and_pads_with_zeros():
    rng = np.random.default_rng(3)
    x = rng.random((200, 2, 5, 4), dtype=np.float32)
    kept = x.copy()
    moved = random_shift(x, 1, rng)
    assert moved.dtype == np.float32 and moved.shape == x.shape
    np.testing.assert_array_equal(x, kept)
    seen = set()
    for before, after in zip(x, moved):
        places = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if np.array_equal(after, shift(before[None], i, j)[0])]
        assert len(places) == 1
        seen |= set(places)
    assert len(seen) == 9, "in 200 draws all nine shifts come up (misses one of them once in 10**9)"
    np.testing.assert_array_equal(random_shift(x, 0, rng), x)


class Listener:
    """A network that learns nothing and writes down what it is shown."""

    def __init__(self, loss=1.0):
        self.params, self.shown, self.value = {"W": np.zeros(1)}, [], loss

    def predict(self, x):
        return np.zeros((len(x), 3))

    def accuracy(self, x, t):
        return 0.5

    def loss_and_gradient(self, x, t):
        self.shown.append((x, t))
        return self.value, {"W": np.ones(1)}


def listened(optimizer=None, **settings):
    """A Trainer on 7 images, each with its number as its pixels, in batches of 3."""
    x = np.arange(7, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 2, 2), np.float32)
    t = np.arange(7) % 3
    settings = {"epochs": 2, "batch": 3} | settings
    return Trainer(Listener(), optimizer or SGD(0.1), (x, t), (x, t), **settings)


def test_trainer_shows_every_image_once_an_epoch_in_seeded_order():
    def orders(seed):
        trainer = listened(rng=seed)
        trainer.train()
        numbers = [x[:, 0, 0, 0].astype(int) for x, _ in trainer.network.shown]
        assert [len(batch) for batch in numbers] == [3, 3, 1] * 2
        for x, t in trainer.network.shown:
            np.testing.assert_array_equal(t, x[:, 0, 0, 0] % 3, "labels stay with their images")
        epochs = [np.concatenate(numbers[:3]).tolist(), np.concatenate(numbers[3:]).tolist()]
        assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
        return epochs

    assert orders(0) == orders(0) and orders(0) != orders(1)
    assert orders(0)[0] != orders(0)[1]


def test_trainer_linear_schedule_falls_evenly_to_zero():
    trainer = listened(SGD(0.6), schedule=schedules.linear())
    seen = []
    trainer.train(lambda now: seen.append(trainer.optimizer.lr) if now.accuracy is None else None)
    np.testing.assert_allclose(seen, [0.6, 0.5, 0.4, 0.3, 0.2, 0.1])


def test_trainer_label_smoothing_spreads_a_share_over_all_classes():
    trainer = listened(label_smoothing=0.3)
    trainer.train()
    x, t = trainer.network.shown[0]
    want = np.full((3, 3), 0.1)
    want[np.arange(3), x[:, 0, 0, 0].astype(int) % 3] = 0.8
    np.testing.assert_allclose(t, want, rtol=1e-6)
    assert t.dtype == np.float32


def test_trainer_reports_progress_and_history():
    trainer, seen = listened(), []
    assert trainer.train(seen.append) is trainer.history
    first = [(now.epoch, now.step, now.accuracy) for now in seen[:4]]
    assert first == [(1, 1, None), (1, 2, None), (1, 3, None), (1, 3, 0.5)]
    assert [done.epoch for done in trainer.history] == [1, 2] and len(trainer.losses) == 6
    assert all(now.steps == 3 and now.loss == 1.0 for now in seen)


def test_trainer_interrupted_keeps_losses_history_and_parameters():
    trainer = listened()

    def interrupt(now):
        if (now.epoch, now.step) == (2, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer.train(interrupt)
    assert len(trainer.losses) == 5 and len(trainer.history) == 1
    np.testing.assert_allclose(trainer.network.params["W"], -0.5)


def test_trainer_nan_loss_raises_diverged():
    trainer = listened()
    trainer.network.value = float("nan")
    with pytest.raises(Diverged, match=r"loss is nan at step 1 with lr 0\.1: a smaller lr"):
        trainer.train()
    assert (trainer.network.params["W"] == 0).all()


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"batch": 0}, {"patience": 0}, {"label_smoothing": 1.0}])
def test_trainer_setting_out_of_range_is_named(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=f"{name}=.*allowed is"):
        listened(**settings)


@pytest.mark.slow
def test_best_recipe_learns_the_digits_and_is_seeded():
    """300 digits, 3 epochs: far above chance, the same again from the same seed, another from another."""
    (x, t), (x_test, t_test) = load_mnist(flatten=False)
    data = (x[:300], t[:300]), (x_test[:200], t_test[:200])
    recipe = change(RECIPES["best"], epochs=3, batch=20)
    trainers = [make_trainer(recipe, *data, seed=seed) for seed in (0, 0, 1)]
    for trainer in trainers:
        trainer.train()
    first, again, other = (trainer.network.params for trainer in trainers)
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert not np.array_equal(first["W1"], other["W1"])
    assert all(value.dtype == np.float32 for value in first.values())
    assert trainers[0].history[-1].accuracy > 0.6, "chance is 0.1"


def test_change_of_optimizer_brings_its_step_size():
    assert change(RECIPES["best"], optimizer=None, epochs=None) == RECIPES["best"]
    assert change(RECIPES["best"], optimizer="adam").lr == RECIPES["best"].lr
    assert change(RECIPES["book"], optimizer="sgd").lr == LR["sgd"]
    assert change(RECIPES["book"], optimizer="sgd", lr=0.3).lr == 0.3


@pytest.mark.slow
def test_loss_curve_draws_losses_and_accuracies():
    figure = loss_curve([3.0, 2.0, 1.0, 0.5], [(2, 0.5), (4, 0.75)], smooth=2)
    loss, right = figure.axes
    np.testing.assert_array_equal(loss.lines[0].get_xydata(), [(1, 3), (2, 2), (3, 1), (4, 0.5)])
    np.testing.assert_array_equal(loss.lines[1].get_xydata(), [(2, 2.5), (3, 1.5), (4, 0.75)])
    np.testing.assert_array_equal(right.lines[0].get_xydata(), [(2, 50), (4, 75)])
    assert len(loss_curve([1.0]).axes) == 1
