"""Optimizers, learning-rate schedules, and the training loop with its checkpoints."""

from .checkpoint import CheckpointError
from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from .schedules import SCHEDULES
from .trainer import Progress, Trainer, save_history

__all__ = [
    "OPTIMIZERS", "SCHEDULES", "SGD", "AdaGrad", "Adam", "CheckpointError", "Momentum", "Nesterov", "Progress",
    "RMSProp", "Trainer", "save_history",
]  # fmt: skip
