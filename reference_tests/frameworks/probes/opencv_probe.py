"""OpenCV's answers by cv2.filter2D and the image functions around it: a row for each question."""

from typing import Any

import cv2
import numpy as np

NO_GRADIENT = "inference only: no gradient"
ONE_FILTER = "filter2D takes one filter for every channel"
ABSENT = {
    **dict.fromkeys(["C06", "C07", "C08", "C09", "C19", "C21"], ONE_FILTER),
    "*": "not a function for images",
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    switches = {"optimized": cv2.useOptimized(), "IPP": cv2.ipp.useIPP(), "threads": cv2.getNumThreads()}
    return {"version": cv2.__version__, "switches": switches, "device": "cpu"}


def filtered(x: np.ndarray, w: np.ndarray, depth: Any = -1, **how: Any) -> Any:
    """Filter one image of one channel with filter2D."""
    return cv2.filter2D(x[0, 0], depth, w[0, 0], **how)


def inside(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the places of filter2D's result whose window lies inside the image."""
    rows, columns = (n - k + 1 for n, k in zip(x.shape[2:], w.shape[2:]))
    return filtered(x, w, anchor=(0, 0))[:rows, :columns]


def rounding_error(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(inside(x, w)[0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    cv2.filter2D(np.ones((9, 9), "float32"), -1, np.ones((5, 4), "float32"))
    return [5, 4]


PROBES = {
    # sizes
    "S05": lambda x, w: filtered(x, w, borderType=cv2.BORDER_CONSTANT),
    "S17": lambda x, w: filtered(x, w),
    # convolution
    "C01": lambda x, w: inside(x, w),
    "C10": lambda x, w: inside(x, w),
    "C11": lambda x, w: inside(x, w),
    "C12": lambda x, w: inside(x, w),
    "C13": lambda x, w: inside(x, w),
    "C14": lambda x, w: inside(x, w),
    "C15": rounding_error,
    "C17": lambda x, w: inside(x, w),
    "C18": lambda x, w: inside(x[..., ::-1], w),
    "C20": weight_layout,
}
