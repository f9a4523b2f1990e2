"""SciPy's answers (signal, ndimage, special), on one image and one channel: a row for each question."""

from typing import Any

import numpy as np
import scipy
from scipy import ndimage, signal, special

NO_LAYER = "SciPy has no layers"
NO_STRIDE = "no stride"
NO_GRADIENT = "no gradient"
NO_CHANNELS = "one image of one channel"
NONE = "not in SciPy"
ABSENT = {
    **dict.fromkeys(["S01", "S02", "S03", "S04", "S06", "S07", "S10#3", "S14", "S15", "S16"], NO_STRIDE),
    **dict.fromkeys(["S08", "S11", "P02", "P03", "P04", "P10"], "its filters keep the size: no pooling"),
    **dict.fromkeys(["S09", "S18", "S19"], "no padding by number: mode 'valid', 'same' or 'full'"),
    **dict.fromkeys(["S12", "S13", "C06", "C07", "C16", "C19", "C21"], NO_CHANNELS),
    **dict.fromkeys(["C02", "C03", "C04", "C05", "C08", "C09", "C22", "P11", "P12", "A03", "A04"], NONE),
    "*": NONE,
    **dict.fromkeys(["P05", "P06", "A01", "A02"], NO_GRADIENT),
    **dict.fromkeys(["A08", "A09", "A10"], NONE),
    **dict.fromkeys([f"L{i:02}" for i in range(1, 12)], "no loss"),
    **dict.fromkeys([f"R{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"D{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"B{i:02}" for i in range(1, 7)], NO_LAYER),
    **dict.fromkeys(["W01", "W02", "W03", "W04", "K01", "K02"], NO_LAYER),
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    return {"version": scipy.__version__, "switches": {"numpy": np.__version__}, "device": "cpu"}


def correlate(x: np.ndarray, w: np.ndarray, mode: str = "valid") -> Any:
    """Correlate one image of one channel with one filter."""
    return signal.correlate2d(x[0, 0], w[0, 0], mode=mode)


def padded(x: np.ndarray, p: int, mode: str) -> Any:
    """Return a line with the p pixels on both sides that a filter of ndimage sees there."""
    shifts = [ndimage.correlate1d(x[0, 0, 0], np.eye(2 * p + 1)[k], mode=mode) for k in range(2 * p + 1)]
    return [*(shifts[k][0] for k in range(p)), *x[0, 0, 0], *(shifts[p + 1 + k][-1] for k in range(p))]


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    signal.correlate2d(np.ones((5, 4)), np.ones((5, 4)))
    return [5, 4]


PROBES = {
    # sizes
    "S05": lambda x, w: correlate(x, w, "same"),
    "S10": lambda x, w, s: correlate(x, w),
    "S17": lambda x, w: signal.correlate2d(x[0, 0], w[0, 0]),
    # convolution
    "C01": lambda x, w: signal.convolve2d(x[0, 0], w[0, 0], mode="valid"),
    "C10": lambda x, w: correlate(x, w),
    "C11": lambda x, w: correlate(x, w),
    "C12": lambda x, w: correlate(x, w),
    "C13": lambda x, w: correlate(x, w),
    "C14": lambda x, w: correlate(x, w),
    "C15": lambda x, w: float(abs(correlate(x, w)[0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C17": lambda x, w: correlate(x, w),
    "C18": lambda x, w: correlate(x[..., ::-1], w),
    "C20": weight_layout,
    # pooling
    "P01": lambda x, k, s, p: ndimage.maximum_filter(x[0, 0], 3, mode="constant")[:: x.shape[3] - 1, :: x.shape[3] - 1],
    "P07": lambda x, k: [ndimage.maximum_filter(line, k, origin=-(k // 2))[0] for line in x[0, 0].reshape(-1, k)],
    "P08": lambda x, k: ndimage.maximum_filter(x[0, 0], k)[0, 0],
    "P09": lambda x: ndimage.maximum_filter(x[0, 0], (1, 2)),
    # padding and resizing
    "G01": lambda x, p: padded(x, p, "reflect"),
    "G02": lambda x, p: padded(x, p, "reflect"),
    "G03": lambda x, size: ndimage.zoom(x[0, 0], (1, size / x.shape[3]), order=1),
    "G04": lambda x, size: ndimage.zoom(x[0, 0], (1, size / x.shape[3]), order=0),
    "G05": lambda x, size: ndimage.zoom(x[0, 0], (1, size / x.shape[3]), order=1),
    # activations
    "A05": lambda x: special.expit(x),
    "A06": lambda x: special.softmax(x, axis=1),
    "A07": lambda x: special.softmax(x),
}
