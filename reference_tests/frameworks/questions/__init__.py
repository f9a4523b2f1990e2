"""Every question, as data: one file a family, each a table."""

from .activation import ACTIVATION
from .convolution import CONVOLUTION
from .loss import LOSS
from .normalization import BATCH_NORM, DROPOUT, LRN
from .pooling import POOLING
from .question import FAMILIES, Question, Sample, say_name, split_name
from .sizes import SIZES
from .weights import LOCALLY_CONNECTED, WEIGHTS

QUESTIONS: list[Question] = [
    *SIZES,
    *CONVOLUTION,
    *POOLING,
    *ACTIVATION,
    *LOSS,
    *LRN,
    *DROPOUT,
    *BATCH_NORM,
    *WEIGHTS,
    *LOCALLY_CONNECTED,
]

__all__ = ["FAMILIES", "QUESTIONS", "Question", "Sample", "say_name", "split_name"]
