"""Recipes: the settings with which the networks are trained on MNIST, as data."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from impl.data.augmentation import Augmentation
from impl.networks import NETWORKS, Network, SimpleConvNet

from .optimizers import OPTIMIZERS
from .schedules import SCHEDULES
from .trainer import Data, Trainer


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run, with the names of Trainer and of the optimizers."""

    weight_init: float | str
    optimizer: str = "adam"
    lr: float = 1e-3
    schedule: str = "constant"
    weight_decay: float = 0.0  # decoupled
    label_smoothing: float = 0.0
    augment: Augmentation | None = None
    epochs: int = 12
    batch: int = 100


BEST = Recipe("he", "adam", 2e-3, "linear", weight_decay=0.05, label_smoothing=0.1, augment=Augmentation(shift=1))
RECIPES = {
    "best": BEST,
    "augmented": replace(BEST, augment=Augmentation(shift=2, rotate=10, scale=0.1, shear=0.1), epochs=20),
    "book": Recipe(0.01),
}
# the step size of a recipe whose optimizer is changed to this one
LR = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.02, "rmsprop": 1e-3}


def change(recipe: Recipe, **changes: object) -> Recipe:
    """Return the recipe with those changes that are not None; another optimizer brings its own step size."""
    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("optimizer", recipe.optimizer) != recipe.optimizer:
        given = {"lr": LR[str(given["optimizer"])]} | given
    return replace(recipe, **given)  # type: ignore[arg-type]


def make_trainer(
    recipe: Recipe, train: Data, test: Data, seed: int = 0, network: str = "simple_conv_net", width: float = 1.0,
    patience: int | None = None, checkpoint: Path | None = None,
) -> Trainer:  # fmt: skip
    """Make a new float32 network for these images, and the Trainer that follows the recipe.

    network: a name of NETWORKS; simple_conv_net of width 1 is the book's class. Raises ValueError if images and
    network do not fit.
    """
    weights, shuffling = np.random.SeedSequence(seed).spawn(2)
    optimizer = OPTIMIZERS[recipe.optimizer](recipe.lr, weight_decay=recipe.weight_decay, decoupled=True)
    return Trainer(
        make_network(network, train[0].shape[1:], recipe.weight_init, np.random.default_rng(weights), width),
        optimizer,
        train,
        test,
        epochs=recipe.epochs,
        batch=recipe.batch,
        rng=np.random.default_rng(shuffling),
        schedule=SCHEDULES[recipe.schedule](),
        label_smoothing=recipe.label_smoothing,
        augment=recipe.augment,
        patience=patience,
        checkpoint=checkpoint,
    )


def make_network(
    network: str, input_dim: tuple[int, ...], weight_init: float | str = "he",
    rng: np.random.Generator | int | None = None, width: float = 1.0,
) -> Any:  # fmt: skip
    """Make a new float32 network of that name for ten classes. Raises ValueError if the images do not fit."""
    if network == "simple_conv_net" and width == 1:
        C, H, W = input_dim
        return SimpleConvNet((C, H, W), weight_init_std=weight_init, rng=rng, dtype=np.float32)
    return Network(NETWORKS[network](input_dim, 10, width), rng=rng, weight_init_std=weight_init)
