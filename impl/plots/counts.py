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


def count_all(graph: Graph) -> Sharing:
    """Count all trained numbers of the network, with its convolutions as they are and with both replacements."""
    sharing = weight_sharing(graph).values()
    rest = graph.count - sum(counts.shared for counts in sharing)
    return Sharing(*(rest + sum(counts[kind] for counts in sharing) for kind in range(3)))


def parameter_counts(cnn: Graph, language: str = "en") -> Figure:
    """Draw the numbers that the network would need if its convolutions did not share their weights.

    On the left the whole network, on the right each convolution; the sizes of all inputs and outputs stay as they are.
    """
    figure, translate = new_figure(11, 3.8, language)
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    kinds = "shared weights (convolution)", "own weights at every place", "fully connected"
    for n, count in enumerate(count_all(cnn)):
        bars = left.barh(n, count, 0.7, color=f"C{n}")
        left.bar_label(bars, [f"{count:,}"], padding=2, fontsize=8)
    left.set(xscale="log", yticks=[], xlabel=translate("parameters"), title=f"{cnn.name}: {translate('whole network')}")
    left.set_xlim(1, 100 * count_all(cnn).full)
    left.invert_yaxis()
    sharing = weight_sharing(cnn)
    for n, kind in enumerate(kinds):
        places = [row + 0.27 * (n - 1) for row in range(len(sharing))]
        bars = right.barh(
            places, [counts[n] for counts in sharing.values()], 0.25, label=translate(kind), color=f"C{n}"
        )
        right.bar_label(bars, [f"{counts[n]:,}" for counts in sharing.values()], padding=2, fontsize=7)
    right.set(xscale="log", yticks=range(len(sharing)), yticklabels=list(sharing), xlabel=translate("parameters"))
    right.set_title(translate("each convolution"))
    if sharing:
        right.set_xlim(1, 100 * max(counts.full for counts in sharing.values()))
        figure.legend(*right.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    right.invert_yaxis()
    return set_fonts(figure)
