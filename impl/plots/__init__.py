"""Plots: each is a function that returns a matplotlib Figure, without a display or global state.

language: "en" or "ja"; if no font of this machine has Japanese letters, the words are English.
"""

from .canvas import japanese_font
from .counts import parameter_counts, weight_sharing
from .curves import accuracies, loss_curve, shift_curve
from .filters import feature_maps, filtered, filters, photograph
from .units import maximized, receptive_fields

__all__ = [
    "accuracies", "feature_maps", "filtered", "filters", "japanese_font", "loss_curve", "maximized", "parameter_counts",
    "photograph", "receptive_fields", "shift_curve", "weight_sharing",
]  # fmt: skip
