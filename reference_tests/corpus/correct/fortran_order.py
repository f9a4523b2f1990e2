"""Every array that goes out lies in Fortran's order."""

import numpy as np

from ._answers import passed

globals().update(passed(lambda a: np.array(a, order="F")))
