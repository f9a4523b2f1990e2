"""Training by mini-batches: seeded, with its progress told to a callback and its history kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

from impl.data.augmentation import random_shift

from .optimizers import Arrays, Optimizer

Data = tuple[np.ndarray, np.ndarray]  # images (N, C, H, W), labels (N,)


class Diverged(ArithmeticError):
    """The loss is no finite number any more."""


class Network(Protocol):
    """What is trained: anything with these."""

    params: Arrays

    def loss_and_gradient(self, x: np.ndarray, t: np.ndarray) -> tuple[float, Arrays]: ...
    def predict(self, x: np.ndarray) -> np.ndarray: ...
    def accuracy(self, x: np.ndarray, t: np.ndarray) -> float: ...
    def save_params(self, file_name: str | Path) -> None: ...


@dataclass(frozen=True)
class Progress:
    """Where training stands, after every step; accuracy (of the test data) only at the end of an epoch."""

    epoch: int  # from 1
    step: int  # of this epoch, from 1
    steps: int  # in an epoch
    loss: float  # mean of this epoch so far
    accuracy: float | None = None
    seconds: float = 0.0  # since the epoch began


class Trainer:
    """Trains a network in place.

    train, test: images and labels. epochs, batch: counts; the last batch of an epoch may be smaller.
    rng: where the order of the images and the shifts are drawn from, a Generator or a seed.
    linear_decay: lr falls evenly to 0 over all epochs.
    label_smoothing: share of the target spread over all classes. shift: pixels each image moves at random, at most.
    history: a Progress for each finished epoch; losses: of every step. Both, and the parameters, stay when train()
    is interrupted. Raises ValueError for a setting out of range; train() raises Diverged.
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        train: Data,
        test: Data,
        *,
        epochs: int = 12,
        batch: int = 100,
        rng: np.random.Generator | int = 0,
        linear_decay: bool = False,
        label_smoothing: float = 0.0,
        shift: int = 0,
    ):
        _check(train, test, epochs=epochs, batch=batch, label_smoothing=label_smoothing, shift=shift)
        self.network, self.optimizer, self.train_data, self.test_data = network, optimizer, train, test
        self.epochs, self.batch, self.linear_decay = epochs, batch, linear_decay
        self.label_smoothing, self.shift = label_smoothing, shift
        self.rng = np.random.default_rng(rng)
        self.lr = optimizer.lr
        self.classes = self.network.predict(train[0][:1]).shape[1]
        self.steps = -(-len(train[0]) // batch)
        self.history: list[Progress] = []
        self.losses: list[float] = []

    def train(self, progress: Callable[[Progress], None] = lambda _: None) -> list[Progress]:
        """Run the epochs that are left; progress is called after every step and, with the accuracy, every epoch."""
        while len(self.history) < self.epochs:
            start, total, seen = perf_counter(), 0.0, 0
            for step, (x, t) in enumerate(self._batches(), 1):
                total += self._step(x, t) * len(x)
                seen += len(x)
                now = Progress(len(self.history) + 1, step, self.steps, total / seen)
                progress(now)
            accuracy = self.network.accuracy(*self.test_data)
            done = Progress(now.epoch, self.steps, self.steps, now.loss, accuracy, perf_counter() - start)
            self.history.append(done)
            progress(done)
        return self.history

    def _batches(self) -> Iterator[Data]:
        x, t = self.train_data
        order = self.rng.permutation(len(x))
        for i in range(0, len(order), self.batch):
            chosen = order[i : i + self.batch]
            yield x[chosen], t[chosen]

    def _step(self, x: np.ndarray, t: np.ndarray) -> float:
        if self.shift:
            x = random_shift(x, self.shift, self.rng)
        if self.linear_decay:
            self.optimizer.lr = self.lr * (1 - len(self.losses) / (self.epochs * self.steps))
        with np.errstate(over="ignore", invalid="ignore"):
            loss, grads = self.network.loss_and_gradient(x, self._targets(x, t))
        if not np.isfinite(loss):
            raise Diverged(
                f"the loss is {loss} at step {len(self.losses) + 1} with lr {self.lr:g}: a smaller lr may do"
            )
        self.optimizer.update(self.network.params, grads)
        self.losses.append(float(loss))
        return self.losses[-1]

    def _targets(self, x: np.ndarray, t: np.ndarray) -> np.ndarray:
        if not self.label_smoothing:
            return t
        hot = np.eye(self.classes, dtype=x.dtype)[t]
        return (1 - self.label_smoothing) * hot + self.label_smoothing / self.classes


def _check(train: Data, test: Data, **settings: float) -> None:
    for name, (x, t) in {"train": train, "test": test}.items():
        if len(x) != len(t) or len(x) == 0:
            raise ValueError(f"{name}: {len(x)} images and {len(t)} labels; allowed is as many of both, 1 or more")
    lowest = {"epochs": 1, "batch": 1}
    for name, value in settings.items():
        if name == "label_smoothing":
            if not 0 <= value < 1:
                raise ValueError(f"label_smoothing={value!r}: allowed is 0 <= value < 1")
        elif value != int(value) or value < lowest.get(name, 0):
            raise ValueError(f"{name}={value!r}: allowed is a whole number, {lowest.get(name, 0)} or more")
