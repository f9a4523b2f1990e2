"""Numbers of parameters, and the saving by shared weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from impl.networks.blocks import Conv
from impl.networks.graph import Graph

from .canvas import new_figure, set_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Sharing(NamedTuple):
    """Trained numbers of one convolution, and of layers with the same inputs and outputs but without sharing."""

    shared: int
    own: int  # other weights at every place: locally connected
    full: int  # every output has a weight for every input


def weight_sharing(graph: Graph) -> dict[str, Sharing]:
    """Count the weights of each convolution of the network, by its name, with and without sharing."""
    sharing = {}
    for node in graph.nodes:
        if isinstance(node.block, Conv):
            before, (FN, OH, OW) = graph.shapes[node.inputs[0]], graph.shapes[node.name]
            shapes = graph.parameters_of(node)
            shared = sum(math.prod(shape) for shape in shapes.values())
            bias = 1 if "bias" in shapes else 0
            sharing[node.name] = Sharing(shared, shared * OH * OW, FN * OH * OW * (math.prod(before) + bias))
    return sharing


def parameter_counts(cnn: Graph, mlp: Graph, language: str = "en") -> Figure:
    """Draw the parameters of both networks, one bar each with a part for each layer; on the right the numbers that each
    convolution would need without sharing its weights, on a logarithmic axis."""
    figure, translate = new_figure(11, 3.6, language)
    left, right = figure.subplots(1, 2)
    for place, graph in enumerate((cnn, mlp)):
        start = 0
        for n, row in enumerate(row for row in graph.rows() if row.parameters):
            left.barh(place, row.parameters, left=start, color=f"C{n % 10}")
            if row.parameters > 0.05 * max(cnn.count, mlp.count):
                left.text(start + row.parameters / 2, place, row.name, ha="center", va="center", fontsize=8)
            start += row.parameters
        left.text(start, place, f" {graph.count:,}", va="center", fontsize=9)
    left.set(yticks=[0, 1], yticklabels=[cnn.name, mlp.name], xlim=(0, 1.3 * max(cnn.count, mlp.count)))
    left.set_xlabel(translate("parameters"))
    left.invert_yaxis()
    left.locator_params(axis="x", nbins=4)
    kinds = "shared weights (convolution)", "own weights at every place", "fully connected"
    sharing = weight_sharing(cnn)
    for n, kind in enumerate(kinds):
        places = [row + 0.27 * (n - 1) for row in range(len(sharing))]
        bars = right.barh(places, [counts[n] for counts in sharing.values()], 0.25, label=translate(kind))
        right.bar_label(bars, [f"{counts[n]:,}" for counts in sharing.values()], padding=2, fontsize=7)
    right.set(xscale="log", yticks=range(len(sharing)), yticklabels=list(sharing), xlabel=translate("parameters"))
    if sharing:
        right.set_xlim(1, 100 * max(counts.full for counts in sharing.values()))
        right.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1))
    right.invert_yaxis()
    return set_fonts(figure)
