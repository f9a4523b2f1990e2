"""Optimizers and the training loop."""

from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from .schedules import SCHEDULES
from .trainer import Progress, Trainer

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "AdaGrad",
    "Adam",
    "Momentum",
    "Nesterov",
    "Progress",
    "RMSProp",
    "Trainer",
]
