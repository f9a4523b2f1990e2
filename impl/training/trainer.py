"""Training by mini-batches: seeded, with its progress told to a callback, its history kept, and checkpoints."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from impl.files import write_atomically

from . import checkpoint as files
from .optimizers import Arrays, Optimizer
from .schedules import Schedule, constant


@dataclass(frozen=True)
class Progress:
    """Where training stands, after every step; accuracy (of the test data) only at the end of an epoch."""

    epoch: int  # from 1
    step: int  # of this epoch, from 1
    steps: int  # in an epoch
    loss: float  # mean of this epoch so far
    accuracy: float | None = None
    seconds: float = 0.0  # since the epoch began


Data = tuple[np.ndarray, np.ndarray]  # images (N, C, H, W), labels (N,)
Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Diverged(ArithmeticError):
    """The loss is no finite number any more."""


class Network(Protocol):
    """What is trained: anything with these, and either loss_and_gradient(x, t) or the book's loss and gradient.

    state_dict(), where there is one, gives what a checkpoint keeps (parameters and buffers), else params does.
    """

    params: Arrays

    def predict(self, x: np.ndarray) -> np.ndarray: ...
    def accuracy(self, x: np.ndarray, t: np.ndarray) -> float: ...


class Trainer:
    """Trains a network in place.

    train, test: images and labels. epochs, batch: counts; the last batch of an epoch may be smaller.
    rng: where the order of the images and the augmentation are drawn from, a Generator or a seed.
    schedule: the factor of the optimizer's lr before every step. label_smoothing: share of the target spread over all
    classes. augment: images, Generator -> other images, for every batch.
    patience: stop after so many epochs without a better accuracy of `test`, and go back to the best parameters; what
    decides this should not be what is reported, so `test` is then best held-out training data.
    checkpoint: a file written after every epoch, from which resume() goes on; the one before it is kept beside it.
    history: a Progress for each finished epoch; losses: of every step. Both, and the parameters, stay when train()
    is interrupted. Raises ValueError for a setting out of range; train() raises Diverged, and OSError where the
    checkpoint cannot be written.
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
        schedule: Schedule | None = None,
        label_smoothing: float = 0.0,
        augment: Augment | None = None,
        patience: int | None = None,
        checkpoint: str | Path | None = None,
    ):
        _check(train, test, epochs=epochs, batch=batch, label_smoothing=label_smoothing, patience=patience)
        self.network: Any = network
        self.optimizer, self.train_data, self.test_data = optimizer, train, test
        self.epochs, self.batch, self.schedule = epochs, batch, schedule or constant()
        self.label_smoothing, self.augment, self.patience = label_smoothing, augment, patience
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.rng = np.random.default_rng(rng)
        self.lr = optimizer.lr
        self.classes = self.network.predict(train[0][:1]).shape[1]
        self.steps = -(-len(train[0]) // batch)
        self.history: list[Progress] = []
        self.losses: list[float] = []
        self.best: Arrays = {}  # parameters of the best epoch, where patience asks for them
        self.about = files.about(self)

    def train(self, progress: Callable[[Progress], None] = lambda _: None) -> list[Progress]:
        """Run the epochs that are left; progress is called after every step and, with the accuracy, every epoch."""
        while not self.finished:
            start, total, seen = perf_counter(), 0.0, 0
            for step, (x, t) in enumerate(self._batches(), 1):
                total += self._step(x, t) * len(x)
                seen += len(x)
                now = Progress(len(self.history) + 1, step, self.steps, total / seen)
                progress(now)
            accuracy = self.network.accuracy(*self.test_data)
            done = Progress(now.epoch, self.steps, self.steps, now.loss, accuracy, perf_counter() - start)
            self.history.append(done)
            if self.patience and self.best_epoch == done.epoch:
                self.best = {name: array.copy() for name, array in files.model(self.network).items()}
            if self.checkpoint:
                files.write(self, self.checkpoint)
            progress(done)
        files.put(self.network, self.best)
        return self.history

    def resume(self) -> str:
        """Go on where the checkpoint stands, to the bit. Returns what is wrong with the newest if the earlier is used.

        Raises CheckpointError, and nothing has changed, if there is none, none is whole, or it is of another run.
        """
        if self.checkpoint is None:
            raise ValueError("checkpoint=None: allowed for resume() is the file of a checkpoint")
        return files.resume(self, self.checkpoint)

    @property
    def best_epoch(self) -> int:
        """The epoch with the best accuracy so far, the first of equals; 0: none is finished."""
        best = max(self.history, key=lambda done: done.accuracy or 0.0, default=None)
        return best.epoch if best else 0

    @property
    def finished(self) -> bool:
        """All epochs are done, or patience is at its end."""
        done = len(self.history)
        return done >= self.epochs or bool(self.patience and done - self.best_epoch >= self.patience)

    def _batches(self) -> Iterator[Data]:
        x, t = self.train_data
        order = self.rng.permutation(len(x))
        for i in range(0, len(order), self.batch):
            chosen = order[i : i + self.batch]
            yield x[chosen], t[chosen]

    def _step(self, x: np.ndarray, t: np.ndarray) -> float:
        if self.augment:
            x = self.augment(x, self.rng)
        self.optimizer.lr = self.lr * self.schedule(len(self.losses), self.epochs * self.steps)
        with np.errstate(over="ignore", invalid="ignore"):
            loss, grads = loss_and_gradient(self.network, x, self._targets(x, t))
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


def loss_and_gradient(network: Any, x: np.ndarray, t: np.ndarray) -> tuple[float, Arrays]:
    """Of one forward pass where the network can, of two in the book's way."""
    if hasattr(network, "loss_and_gradient"):
        return network.loss_and_gradient(x, t)
    return network.loss(x, t), network.gradient(x, t)


def _check(train: Data, test: Data, **settings: float | None) -> None:
    for name, (x, t) in {"train": train, "test": test}.items():
        if len(x) != len(t) or len(x) == 0:
            raise ValueError(f"{name}: {len(x)} images and {len(t)} labels; allowed is as many of both, 1 or more")
    for name, value in settings.items():
        if name == "label_smoothing":
            if not 0 <= value < 1:  # type: ignore[operator]
                raise ValueError(f"label_smoothing={value!r}: allowed is 0 <= value < 1")
        elif value is not None and (value != int(value) or value < 1):
            raise ValueError(f"{name}={value!r}: allowed is a whole number, 1 or more")


COLUMNS = ("epoch", "loss", "accuracy", "seconds")  # loss: mean of the epoch; accuracy: 0 to 1, of the test data


def save_history(trainer: Trainer, path: str | Path) -> None:
    """Write path, .csv or .json by its name; JSON has the loss of every step too. Raises ValueError, OSError."""
    rows = [{name: getattr(done, name) for name in COLUMNS} for done in trainer.history]
    suffix = Path(path).suffix
    if suffix == ".csv":
        lines = [",".join(COLUMNS), *(",".join(str(value) for value in row.values()) for row in rows)]
        text = "\n".join(lines) + "\n"
    elif suffix == ".json":
        text = json.dumps({"epochs": rows, "losses": trainer.losses}, indent=1) + "\n"
    else:
        raise ValueError(f"path={str(path)!r}: allowed is a name that ends with .csv or .json")
    write_atomically(path, text.encode())
