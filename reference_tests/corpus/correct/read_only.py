"""Nobody may write into what goes out."""

import numpy as np

from ._answers import passed


def sealed(a):
    a = np.array(a)
    a.flags.writeable = False
    return a


globals().update(passed(sealed))
