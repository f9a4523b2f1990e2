"""Curves and bars: losses, accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .canvas import canvas, finished

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_curve(
    losses: Sequence[float],
    accuracies: Sequence[tuple[int, float]] = (),
    smooth: int = 50,
    language: str = "en",
) -> Figure:
    """The loss of every training step, with its running mean over `smooth` steps.

    accuracies: (step, accuracy of the test data from 0 to 1), drawn beside it in percent.
    """
    figure, say = canvas(7, 4, language)
    axes = figure.subplots()
    axes.plot(np.arange(1, len(losses) + 1), losses, color="tab:blue", alpha=0.25, linewidth=0.8)
    if len(losses) >= smooth:
        mean = np.convolve(losses, np.full(smooth, 1 / smooth), mode="valid")
        axes.plot(np.arange(smooth, len(losses) + 1), mean, color="tab:blue")
    axes.set(xlabel=say("training step"), ylabel=say("loss"), ylim=(0, None))
    axes.grid(alpha=0.3)
    if accuracies:
        right = axes.twinx()
        right.plot(*zip(*((step, 100 * share) for step, share in accuracies)), "o-", color="tab:orange")
        right.set_ylabel(say("test accuracy [%]"), color="tab:orange")
    return finished(figure)


def shift_curve(pixels: Sequence[int], found: Mapping[str, Sequence[float]], language: str = "en") -> Figure:
    """Accuracy (0 to 1) of each network, by its name, when the images are moved by so many pixels."""
    figure, say = canvas(6, 4, language)
    axes = figure.subplots()
    for name, shares in found.items():
        axes.plot(pixels, [100 * share for share in shares], "o-", label=name)
    axes.set(xlabel=say("shift [pixels]"), ylabel=say("test accuracy [%]"), ylim=(0, 102), xticks=pixels)
    axes.grid(alpha=0.3)
    axes.legend()
    return finished(figure)


def accuracies(found: Mapping[str, float], language: str = "en") -> Figure:
    """One bar for each accuracy (0 to 1), the number beside it; the axis starts at 0."""
    figure, say = canvas(7, 0.9 + 0.5 * len(found), language)
    axes = figure.subplots()
    bars = axes.barh(list(found), [100 * share for share in found.values()], color="tab:blue")
    axes.bar_label(bars, [f"{100 * share:.2f}" for share in found.values()], padding=3)
    axes.set(xlabel=say("test accuracy [%]"), xlim=(0, 112), xticks=range(0, 101, 20))
    axes.invert_yaxis()
    return finished(figure)
