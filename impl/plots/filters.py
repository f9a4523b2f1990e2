"""Filters and what they give: before and after training, layer by layer, on a photograph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from impl.functional.convolution import conv2d

from .canvas import canvas, finished, mosaic, picture, sample_photograph

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGES = {  # the notes' worked filters, and the second one turned
    "Laplacian": np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]], float),
    "horizontal difference": np.array([[0, 0, 0], [-0.5, 0, 0.5], [0, 0, 0]]),
    "vertical difference": np.array([[0, -0.5, 0], [0, 0, 0], [0, 0.5, 0]]),
}
MAPS = 16  # of each layer, at most


def filters(before: np.ndarray, after: np.ndarray, columns: int = 6, language: str = "en") -> Figure:
    """First-layer filters (FN, C, FH, FW), their channels averaged, side by side. Black: the smallest weight of all."""
    figure, say = canvas(9, 1 + 4.2 * -(-len(before) // columns) / columns, language)
    for axes, title, W in zip(figure.subplots(1, 2), ("before training", "after training"), (before, after)):
        picture(axes, mosaic(list(W.mean(axis=1)), columns), 0, 1)
        axes.set_title(say(title))
    return finished(figure)


def feature_maps(image: np.ndarray, outputs: Mapping[str, np.ndarray], language: str = "en") -> Figure:
    """The input (C, H, W) and below it every layer's output: its first 16 maps (C, H, W), each scaled for itself, or
    its neurons (D,) as one strip."""
    rows = [("input", image.mean(axis=0)[None])] + [(name, out[:MAPS]) for name, out in outputs.items()]
    heights = [0.35 if out.ndim == 1 else 1.3 if len(out) == 1 else 0.62 for _, out in rows]
    figure, say = canvas(9, 0.4 + sum(heights), language)
    for axes, (name, out) in zip(figure.subplots(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0], rows):
        neurons = outputs[name] if out.ndim == 1 else None
        if neurons is None:
            picture(axes, mosaic(list(out), len(out), each=True), 0, 1)
            size = "x".join(map(str, (outputs.get(name, image)).shape))
        else:
            axes.imshow(neurons[None], cmap="gray", aspect="auto", interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            size = str(len(neurons))
        axes.set_ylabel(f"{say(name)}\n{size}", rotation=0, ha="right", va="center", fontsize=8)
    return finished(figure)


def photograph(size: int = 256) -> np.ndarray:
    """A real photograph, grey, 0 to 1, (size, size): the middle of the one that matplotlib ships."""
    image = sample_photograph() @ np.array([0.299, 0.587, 0.114]) / 255
    top, left = ((side - size) // 2 for side in image.shape)
    return image[max(0, top - 60) : max(0, top - 60) + size, left : left + size]


def filtered(image: np.ndarray, language: str = "en") -> Figure:
    """The image (H, W) and what the Laplacian and the differences make of it; middle grey is 0."""
    figure, say = canvas(10, 3, language)
    first, *others = figure.subplots(1, 1 + len(EDGES))
    picture(first, image)
    first.set_title(say("photograph"), fontsize=10)
    for axes, (name, W) in zip(others, EDGES.items()):
        out = conv2d(image[None, None], W[None, None])[0, 0]
        most = np.percentile(np.abs(out), 99)
        picture(axes, out, -most, most)
        axes.set_title(say(name), fontsize=10)
    return finished(figure)
