"""Learning-rate schedules: how lr changes over a training run, as a factor of the lr it starts with.

Each gives a function of (step, steps), steps taken so far and steps in all, for use before every step:
optimizer.lr = lr * schedule(step, steps).
"""

import math
from collections.abc import Callable

Schedule = Callable[[int, int], float]


def constant() -> Schedule:
    """Always 1."""
    return lambda step, steps: 1.0


def linear(end: float = 0.0) -> Schedule:
    """Falls evenly from 1 to end, which it reaches after the last step."""
    return lambda step, steps: 1 + (end - 1) * step / steps


def cosine(end: float = 0.0) -> Schedule:
    """Falls from 1 to end along half a cosine. Source: Loshchilov, Hutter 2017, section 3, without restarts."""
    return lambda step, steps: end + (1 - end) * (1 + math.cos(math.pi * step / steps)) / 2


def staircase(every: int, factor: float = 0.1) -> Schedule:
    """Times factor after every so many steps. Raises ValueError if every is below 1."""
    if every < 1:
        raise ValueError(f"every={every!r}: allowed is a whole number, 1 or more")
    return lambda step, steps: factor ** (step // every)


def warmed_up(schedule: Schedule, warmup: int) -> Schedule:
    """Rises evenly over the first warmup steps, then the schedule over the rest. Source: Goyal et al. 2017, 2.2."""

    def of(step: int, steps: int) -> float:
        return (step + 1) / (warmup + 1) if step < warmup else schedule(step - warmup, steps - warmup)

    return of


SCHEDULES: dict[str, Callable[..., Schedule]] = {
    "constant": constant,
    "linear": linear,
    "cosine": cosine,
    "staircase": staircase,
}
