"""Learning-rate schedules: the factor of the initial lr over a training run.

Each returns a function of (step, steps), the steps taken so far and in all, to be called before every step:
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
    """Is multiplied by factor after every `every` steps. Raises ValueError if every is below 1."""
    if every < 1:
        raise ValueError(f"every={every!r}: allowed is a whole number, 1 or more")
    return lambda step, steps: factor ** (step // every)


def warmed_up(schedule: Schedule, warmup: int) -> Schedule:
    """Rises evenly over the first warmup steps, then follows the schedule. Source: Goyal et al. 2017, section 2.2."""

    def factor(step: int, steps: int) -> float:
        return (step + 1) / (warmup + 1) if step < warmup else schedule(step - warmup, steps - warmup)

    return factor


SCHEDULES: dict[str, Callable[..., Schedule]] = {f.__name__: f for f in (constant, linear, cosine, staircase)}
