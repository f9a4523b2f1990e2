"""Optimizers and the training loop."""

from .checkpoint import CheckpointError
from .history import save_history
from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from .schedules import SCHEDULES
from .trainer import Progress, Trainer

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "AdaGrad",
    "Adam",
    "CheckpointError",
    "Momentum",
    "Nesterov",
    "Progress",
    "RMSProp",
    "Trainer",
    "save_history",
]
