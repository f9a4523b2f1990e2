"""Training by mini-batches: seeded, reported to a callback, with a history and checkpoints."""

import copy
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from impl.files import write_atomically

from . import checkpoint as checkpoint_file
from .checkpoint import CheckpointError
from .optimizers import Arrays, Optimizer
from .schedules import Schedule, constant

Data = tuple[np.ndarray, np.ndarray]  # images (N, C, H, W), labels (N,)
Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Diverged(ArithmeticError):
    """The loss is not a finite number any more."""


@dataclass(frozen=True)
class Progress:
    """The state of training after a step; accuracy (of the test data) only at the end of an epoch."""

    epoch: int  # from 1
    step: int  # of this epoch, from 1
    steps: int  # in an epoch
    loss: float  # mean of this epoch so far
    accuracy: float | None = None
    seconds: float = 0.0  # since the epoch began


class Network(Protocol):
    """A network that can be trained: it also has loss_and_gradient(x, t), or the book's loss and gradient.

    A checkpoint saves its state_dict() (parameters and buffers) if it has one, else params.
    """

    params: Arrays

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) of inputs x (N, ...)."""
        ...

    def accuracy(self, x: np.ndarray, t: np.ndarray) -> float:
        """Return the fraction of x that is classified as t says, from 0 to 1."""
        ...


class Trainer:
    """Trains a network in place.

    train, test: images and labels. epochs, batch: counts; the last batch of an epoch may be smaller.
    rng: the source of the images' order and of the augmentation, a Generator or a seed.
    schedule: the factor of the optimizer's lr before every step. label_smoothing: share of the target spread over all
    classes. augment: images, Generator -> other images, for every batch.
    patience: stop after so many epochs without a better accuracy of `test`, and restore the best parameters; `test`
    should then be held-out training data, not the data whose accuracy is reported.
    checkpoint: a file written after every epoch, from which resume() continues; the previous one is kept beside it.
    history: a Progress for each finished epoch; losses: of every step. Both, and the parameters, remain if train() is
    interrupted. Raises ValueError for a setting out of range; train() raises Diverged, and OSError if the checkpoint
    cannot be written.
    """

    def __init__(
        self, network: Network, optimizer: Optimizer, train: Data, test: Data, *, epochs: int = 12, batch: int = 100,
        rng: np.random.Generator | int = 0, schedule: Schedule | None = None, label_smoothing: float = 0.0,
        augment: Augment | None = None, patience: int | None = None, checkpoint: str | Path | None = None,
    ):  # fmt: skip
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
        self.best: Arrays = {}  # parameters of the best epoch, only with patience
        self.identity = self._identity()

    # --- training ----------------------------------------------------------------------------------------------------

    def train(self, progress: Callable[[Progress], None] = lambda _: None) -> list[Progress]:
        """Run the remaining epochs; progress is called after every step and, with the accuracy, after every epoch."""
        while not self.finished:
            start, total, images = perf_counter(), 0.0, 0
            for step, (x, t) in enumerate(self._batches(), 1):
                total += self._step(x, t) * len(x)
                images += len(x)
                now = Progress(len(self.history) + 1, step, self.steps, total / images)
                progress(now)
            accuracy = self.network.accuracy(*self.test_data)
            done = Progress(now.epoch, self.steps, self.steps, now.loss, accuracy, perf_counter() - start)
            self.history.append(done)
            if self.patience and self.best_epoch == done.epoch:
                self.best = {name: array.copy() for name, array in self._model().items()}
            if self.checkpoint:
                checkpoint_file.write(self.state_dict(), self.checkpoint)
            progress(done)
        self._load_model(self.best)
        return self.history

    @property
    def best_epoch(self) -> int:
        """The epoch with the best accuracy so far, the first of equals; 0 before the first epoch ends."""
        best = max(self.history, key=lambda done: done.accuracy or 0.0, default=None)
        return best.epoch if best else 0

    @property
    def finished(self) -> bool:
        """True after the last epoch or when early stopping triggers."""
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

    # --- state -------------------------------------------------------------------------------------------------------

    def state_dict(self) -> checkpoint_file.State:
        """Return everything that a run needs to continue as if never interrupted; the arrays are not copied."""
        return {
            "about": self.identity,
            "model": self._model(),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "generators": [g.bit_generator.state for g in self._generators()],
            "history": [vars(done) for done in self.history],
            "losses": np.array(self.losses),
        }

    def load_state_dict(self, state: checkpoint_file.State) -> None:
        """Continue from a state. Raises CheckpointError, and changes nothing, if it is of another run."""
        for name, here in self.identity.items():
            there = state["about"].get(name)
            if there != here:
                raise CheckpointError(f"is of another run: its {name} is {_short(there)}, now it is {_short(here)}")
        self._load_model(state["model"])
        self.best = copy.deepcopy(state.get("best", {}))
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, saved in zip(self._generators(), state["generators"], strict=True):
            generator.bit_generator.state = saved
        self.history = [Progress(**done) for done in state["history"]]
        self.losses = state["losses"].tolist()

    def resume(self) -> str:
        """Continue from the checkpoint, to the bit. Returns the fault of the newest if the previous one is used, or "".

        Raises CheckpointError, and changes nothing, if there is none, none is whole, or it is of another run.
        """
        if self.checkpoint is None:
            raise ValueError("checkpoint=None: allowed for resume() is the file of a checkpoint")
        state, fault = checkpoint_file.read_newest(self.checkpoint)
        try:
            self.load_state_dict(state)
        except CheckpointError as error:
            raise CheckpointError(f"{self.checkpoint} {error}") from None
        return fault

    def _identity(self) -> dict[str, Any]:
        """The facts that make this run, as JSON has them; without epochs, since a run may be made longer."""
        (x, t), augment = self.train_data, self.augment
        settings = {k: v for k, v in self.optimizer.state_dict().items() if isinstance(v, (int, float))}
        identity = {
            "network": [type(self.network).__name__, {k: list(a.shape) for k, a in self._model().items()}],
            "data": [len(x), zlib.crc32(np.ascontiguousarray(x[:100]).tobytes()), zlib.crc32(t.tobytes())],
            "optimizer": [type(self.optimizer).__name__, settings],
            "batch": self.batch,
            "schedule": [self.schedule(step, 100) for step in (0, 50, 99)],
            "label_smoothing": self.label_smoothing,
            "augment": repr(augment) if getattr(augment, "__dataclass_fields__", None) else None,
            "patience": self.patience,
            "seed": zlib.crc32(repr(self.rng.bit_generator.state).encode()),
        }
        return json.loads(json.dumps(identity))

    def _model(self) -> Arrays:
        """The model's arrays by name: parameters, and buffers if there are any."""
        return self.network.state_dict() if hasattr(self.network, "state_dict") else self.network.params

    def _load_model(self, arrays: Arrays) -> None:
        """Write into the model's own arrays, since its layers may hold them."""
        own = self._model()
        for name, array in arrays.items():
            own[name][...] = array

    def _generators(self) -> list[np.random.Generator]:
        """The trainer's Generator, and those from which the layers draw (dropout), each once."""
        layers = getattr(self.network, "layers", {})
        layers = layers.values() if isinstance(layers, dict) else layers
        attributes = [v for layer in layers for v in getattr(layer, "__dict__", {}).values()]
        return list({id(g): g for g in [self.rng, *attributes] if isinstance(g, np.random.Generator)}.values())


def loss_and_gradient(network: Any, x: np.ndarray, t: np.ndarray) -> tuple[float, Arrays]:
    """Loss and gradients; falls back to the book's two-pass interface."""
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


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- history files ---------------------------------------------------------------------------------------------------

COLUMNS = ("epoch", "loss", "accuracy", "seconds")  # loss: mean of the epoch; accuracy: 0 to 1, of the test data


def save_history(trainer: Trainer, path: str | Path) -> None:
    """Write the history to path, .csv or .json; JSON has the loss of every step too. Raises ValueError, OSError."""
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
