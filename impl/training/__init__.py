"""Optimizers and the training loop."""

from .checkpoint import CheckpointError
from .history import save_history
from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from .progress import Progress
from .schedules import SCHEDULES
from .trainer import Trainer

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
