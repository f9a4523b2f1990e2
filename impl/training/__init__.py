"""Optimizers and the training loop."""

from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum
from .trainer import Progress, Trainer

__all__ = ["OPTIMIZERS", "SGD", "AdaGrad", "Adam", "Momentum", "Progress", "Trainer"]
