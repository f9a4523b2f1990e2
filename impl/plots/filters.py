"""Filters and their outputs: before and after training, layer by layer, on a photograph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from impl.functional.convolution import conv2d

from .canvas import draw_image, mosaic, new_figure, sample_photograph, set_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGES = {  # two filters of the notes, and the second one transposed
    "Laplacian": np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]], float),
    "horizontal difference": np.array([[0, 0, 0], [-0.5, 0, 0.5], [0, 0, 0]]),
    "vertical difference": np.array([[0, -0.5, 0], [0, 0, 0], [0, 0.5, 0]]),
}
MAPS = 16  # at most, of each layer


def filters(before: np.ndarray, after: np.ndarray, columns: int = 6, language: str = "en") -> Figure:
    """Draw first-layer filters (FN, C, FH, FW), averaged over the channels: white is 0, blue below it, red above.

    Both halves have the colours of one scale, so that what has grown is seen to have grown.
    """
    figure, translate = new_figure(9.6, 1 + 4.2 * -(-len(before) // columns) / columns, language)
    pictures = [W.mean(axis=1) for W in (before, after)]
    most = max(float(np.abs(W).max()) for W in pictures) or 1.0
    halves = figure.subplots(1, 2)
    for axes, title, W in zip(halves, ("before training", "after training"), pictures):
        drawn = axes.imshow(
            mosaic(list(W), columns, scale=False), cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest"
        )
        axes.set(xticks=[], yticks=[], title=translate(title))
    figure.colorbar(drawn, ax=halves, label=translate("weight"), shrink=0.8)
    return set_fonts(figure)


def feature_maps(image: np.ndarray, outputs: Mapping[str, np.ndarray], language: str = "en") -> Figure:
    """Draw the input (C, H, W) and below it every layer's output: its first 16 maps (C, H, W), each scaled by itself,
    or its neurons (D,) as one strip."""
    rows = [("input", image.mean(axis=0)[None])] + [(name, out[:MAPS]) for name, out in outputs.items()]
    heights = [0.35 if out.ndim == 1 else 1.3 if len(out) == 1 else 0.62 for _, out in rows]
    figure, translate = new_figure(9, 0.7 + sum(heights), language)
    for axes, (name, out) in zip(figure.subplots(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0], rows):
        neurons = outputs[name] if out.ndim == 1 else None
        if neurons is None:
            draw_image(axes, mosaic(list(out), len(out), each=True), 0, 1)
            size = "x".join(map(str, (outputs.get(name, image)).shape))
        else:
            axes.imshow(neurons[None], cmap="gray", aspect="auto", interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            size = str(len(neurons))
        axes.set_ylabel(f"{translate(name)}\n{size}", rotation=0, ha="right", va="center", fontsize=8)
    figure.suptitle(translate("outputs of each layer"), fontsize=10)
    return set_fonts(figure)


def photograph(size: int = 256) -> np.ndarray:
    """Load a real photograph, grey, 0 to 1, (size, size): the middle of the one in matplotlib."""
    image = sample_photograph() @ np.array([0.299, 0.587, 0.114]) / 255
    top, left = ((side - size) // 2 for side in image.shape)
    return image[max(0, top - 60) : max(0, top - 60) + size, left : left + size]


def filtered(image: np.ndarray, language: str = "en") -> Figure:
    """Draw the image (H, W) and its Laplacian and differences; middle grey is 0."""
    figure, translate = new_figure(10, 3, language)
    first, *others = figure.subplots(1, 1 + len(EDGES))
    draw_image(first, image)
    first.set_title(translate("photograph"), fontsize=10)
    for axes, (name, W) in zip(others, EDGES.items()):
        out = conv2d(image[None, None], W[None, None])[0, 0]
        most = np.percentile(np.abs(out), 99)
        draw_image(axes, out, -most, most)
        axes.set_title(translate(name), fontsize=10)
    return set_fonts(figure)
