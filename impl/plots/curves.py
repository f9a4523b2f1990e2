"""Curves and bars of losses and accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .canvas import new_figure, set_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_curve(
    losses: Sequence[float], accuracies: Sequence[tuple[int, float]] = (), smooth: int = 50, language: str = "en"
) -> Figure:
    """Draw the loss of every training step and its running mean over `smooth` steps.

    accuracies: (step, accuracy of the test data from 0 to 1), drawn in percent on a second axis.
    """
    figure, translate = new_figure(7, 4, language)
    axes = figure.subplots()
    each = axes.plot(np.arange(1, len(losses) + 1), losses, color="tab:blue", alpha=0.25, linewidth=0.8)
    each[0].set_label(translate("each step"))
    if len(losses) >= smooth:
        mean = np.convolve(losses, np.full(smooth, 1 / smooth), mode="valid")
        axes.plot(
            np.arange(smooth, len(losses) + 1), mean, color="tab:blue", label=f"{translate('running mean')} ({smooth})"
        )
    axes.set(xlabel=translate("training step"), ylabel=translate("loss"), ylim=(0, None))
    axes.set_title(translate("Loss and accuracy during training"))
    axes.grid(alpha=0.3)
    if accuracies:
        right = axes.twinx()
        points = zip(*((step, 100 * share) for step, share in accuracies))
        right.plot(*points, "o-", color="tab:orange", label=translate("test accuracy [%]"))
        right.set_ylabel(translate("test accuracy [%]"), color="tab:orange")
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)  # beside the curves: two axes share the room
    return set_fonts(figure)


def shift_curve(pixels: Sequence[int], results: Mapping[str, Sequence[float]], language: str = "en") -> Figure:
    """Draw the accuracies (0 to 1) of each network, by its name, for images shifted by each number of pixels."""
    figure, translate = new_figure(6, 4, language)
    axes = figure.subplots()
    for name, shares in results.items():
        axes.plot(pixels, [100 * share for share in shares], "o-", label=name)
    axes.set(xlabel=translate("shift [pixels]"), ylabel=translate("test accuracy [%]"), ylim=(0, 102), xticks=pixels)
    axes.set_title(translate("Accuracy of shifted images"))
    axes.grid(alpha=0.3)
    axes.legend()
    return set_fonts(figure)


def accuracies(results: Mapping[str, float], language: str = "en") -> Figure:
    """Draw one bar and the number for each accuracy (0 to 1); the axis starts at 0."""
    figure, translate = new_figure(7, 0.9 + 0.5 * len(results), language)
    axes = figure.subplots()
    bars = axes.barh(list(results), [100 * share for share in results.values()], color="tab:blue")
    axes.bar_label(bars, [f"{100 * share:.2f}" for share in results.values()], padding=3)
    axes.set(xlabel=translate("test accuracy [%]"), xlim=(0, 112), xticks=range(0, 101, 20))
    axes.set_title(translate("Test accuracy"))
    axes.invert_yaxis()
    return set_fonts(figure)
