"""Single units: the images that they respond to most, and their receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from impl.networks.inspection import Maximized
from impl.networks.receptive_field import Field

from .canvas import draw_image, new_figure, set_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def maximized(results: Sequence[Maximized], columns: int = 5, language: str = "en") -> Figure:
    """Draw the image that each unit responds to most, with its response at the start and the end."""
    rows = -(-len(results) // columns)
    figure, translate = new_figure(1.7 * columns, 0.4 + 2.0 * rows, language)
    for axes in (grid := figure.subplots(rows, columns, squeeze=False)).flat:
        axes.set_axis_off()
    for axes, one in zip(grid.flat, results):
        axes.set_axis_on()
        draw_image(axes, one.image.mean(axis=0), 0, 1)
        start, end = one.responses[0], one.responses[-1]
        axes.set_title(f"{one.place[0]}: {start:.2g} → {end:.3g}", fontsize=9)
    figure.suptitle(translate("images that units respond to most"), fontsize=10)
    return set_fonts(figure)


def receptive_fields(image: np.ndarray, fields: Mapping[str, Field], language: str = "en") -> Figure:
    """Draw the receptive field of one unit of each layer as a frame on the image (H, W); beyond it is padding."""
    figure, translate = new_figure(6.6, 5, language)
    axes = figure.subplots()
    draw_image(axes, image)
    colors = [f"C{n}" for n in range(10)]
    for n, (name, field) in enumerate(fields.items()):
        rows, columns = field.size
        x = np.array([0, columns, columns, 0, 0]) + field.left - 0.5
        y = np.array([0, 0, rows, rows, 0]) + field.top - 0.5
        axes.plot(x, y, color=colors[n % 10], linewidth=2, label=f"{name}: {rows}x{columns}")
    figure.legend(loc="outside right upper", fontsize=9)
    figure.suptitle(translate("receptive field of one unit of each layer"), fontsize=10)
    return set_fonts(figure)
