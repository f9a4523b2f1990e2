"""Whatever comes in is made float64 first, lists and scalars too."""

import numpy as np

from ._answers import passed

globals().update(passed(np.float64, lambda a: np.array(a, dtype=np.float64)))
