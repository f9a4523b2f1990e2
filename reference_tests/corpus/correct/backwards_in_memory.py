"""Every array that goes out is a view with negative strides and gaps."""

import numpy as np

from ._answers import passed


def turned(a):
    a = np.asarray(a)
    if not a.ndim:
        return a
    home = np.zeros([2 * size for size in a.shape])
    view = home[tuple(slice(None, None, -2) for _ in a.shape)]
    view[...] = a
    return view


globals().update(passed(turned))
