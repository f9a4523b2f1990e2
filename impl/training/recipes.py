"""How SimpleConvNet is trained on MNIST: the settings as data."""

from dataclasses import dataclass, replace

import numpy as np

from impl.networks import SimpleConvNet

from .optimizers import OPTIMIZERS
from .trainer import Data, Trainer


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run; the words are those of Trainer and of the optimizers."""

    weight_init: float | str
    optimizer: str = "adam"
    lr: float = 1e-3
    linear_decay: bool = False
    weight_decay: float = 0.0  # decoupled from the optimizer
    label_smoothing: float = 0.0
    shift: int = 0  # pixels
    epochs: int = 12
    batch: int = 100


RECIPES = {
    "best": Recipe("he", lr=2e-3, linear_decay=True, weight_decay=0.05, label_smoothing=0.1, shift=1),
    "book": Recipe(0.01),
}
LR = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "adagrad": 0.02,
    "rmsprop": 1e-3,
}  # the step size of a recipe whose optimizer is changed to this one


def change(recipe: Recipe, **changes: object) -> Recipe:
    """The recipe with the changes that are not None; another optimizer brings a step size that suits it."""
    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("optimizer", recipe.optimizer) != recipe.optimizer:
        given = {"lr": LR[str(given["optimizer"])]} | given
    return replace(recipe, **given)  # type: ignore[arg-type]


def trainer_of(recipe: Recipe, train: Data, test: Data, seed: int = 0) -> Trainer:
    """A new float32 SimpleConvNet of the book's sizes for these images, and what trains it by the recipe."""
    weights, shuffling = np.random.SeedSequence(seed).spawn(2)
    network = SimpleConvNet(
        train[0].shape[1:], weight_init_std=recipe.weight_init, rng=np.random.default_rng(weights), dtype=np.float32
    )
    optimizer = OPTIMIZERS[recipe.optimizer](recipe.lr, weight_decay=recipe.weight_decay, decoupled=True)
    return Trainer(
        network,
        optimizer,
        train,
        test,
        epochs=recipe.epochs,
        batch=recipe.batch,
        rng=np.random.default_rng(shuffling),
        linear_decay=recipe.linear_decay,
        label_smoothing=recipe.label_smoothing,
        shift=recipe.shift,
    )
