"""Pictures, each a function that returns a matplotlib Figure; no display and no global state is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_curve(losses: Sequence[float], accuracies: Sequence[tuple[int, float]] = (), smooth: int = 50) -> Figure:
    """The loss of every training step, with its running mean over `smooth` steps.

    accuracies: (step, accuracy of the test data from 0 to 1), drawn beside it in percent.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(np.arange(1, len(losses) + 1), losses, color="tab:blue", alpha=0.25, linewidth=0.8)
    if len(losses) >= smooth:
        mean = np.convolve(losses, np.full(smooth, 1 / smooth), mode="valid")
        axes.plot(np.arange(smooth, len(losses) + 1), mean, color="tab:blue")
    axes.set(xlabel="training step", ylabel="loss", ylim=(0, None))
    axes.grid(alpha=0.3)
    if accuracies:
        right = axes.twinx()
        right.plot(*zip(*((step, 100 * share) for step, share in accuracies)), "o-", color="tab:orange")
        right.set_ylabel("test accuracy [%]", color="tab:orange")
    return figure
