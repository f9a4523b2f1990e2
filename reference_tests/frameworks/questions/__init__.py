"""Every question, as data: one file a family, each a table."""

from .activation import ACTIVATION
from .convolution import CONVOLUTION
from .corners import CORNERS
from .edges import MORE_ACTIVATION, MORE_LOSS
from .geometry import GEOMETRY, MORE_POOLING
from .layouts import CHANNEL_LAYOUTS, DENSE_LAYERS, MORE_SIZES, TRANSPOSED
from .loss import LOSS
from .normalization import BATCH_NORM, DROPOUT, LRN
from .optimizer import OPTIMIZERS
from .pooling import POOLING
from .precision import BATCH_NORM_AXIS, DEFAULTS, HALF, NORMS
from .question import FAMILIES, Question, Sample, say_name, split_name
from .sizes import SIZES
from .weights import LOCALLY_CONNECTED, WEIGHTS

QUESTIONS: list[Question] = [
    *SIZES,
    *MORE_SIZES,
    *CONVOLUTION,
    *CHANNEL_LAYOUTS,
    *TRANSPOSED,
    *POOLING,
    *MORE_POOLING,
    *GEOMETRY,
    *ACTIVATION,
    *MORE_ACTIVATION,
    *LOSS,
    *MORE_LOSS,
    *LRN,
    *DROPOUT,
    *BATCH_NORM,
    *BATCH_NORM_AXIS,
    *NORMS,
    *HALF,
    *DENSE_LAYERS,
    *DEFAULTS,
    *WEIGHTS,
    *OPTIMIZERS,
    *LOCALLY_CONNECTED,
]

__all__ = ["CORNERS", "FAMILIES", "QUESTIONS", "Question", "Sample", "say_name", "split_name"]
