"""How far a training is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where training stands, after every step; accuracy (of the test data) only at the end of an epoch."""

    epoch: int  # from 1
    step: int  # of this epoch, from 1
    steps: int  # in an epoch
    loss: float  # mean of this epoch so far
    accuracy: float | None = None
    seconds: float = 0.0  # since the epoch began
