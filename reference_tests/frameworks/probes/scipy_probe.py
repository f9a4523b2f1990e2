"""SciPy's answers (signal, ndimage, special), on one image and one channel: one function a question."""

import numpy as np
import scipy
from scipy import ndimage, signal, special

NO_LAYER = "SciPy has no layers"
NO_STRIDE = "no stride"
NO_GRADIENT = "no gradient"
NO_CHANNELS = "one image of one channel"
NONE = "not in SciPy"
ABSENT = {
    **dict.fromkeys(["S01", "S02", "S03", "S04", "S06", "S07", "S14", "S15", "S16"], NO_STRIDE),
    **dict.fromkeys(["S08", "S11", "P02", "P03", "P04", "P10"], "its filters keep the size: no pooling"),
    **dict.fromkeys(["S09", "S18", "S19"], "no padding by number: mode 'valid', 'same' or 'full'"),
    **dict.fromkeys(["S12", "S13", "C06", "C07", "C16", "C19", "C21"], NO_CHANNELS),
    **dict.fromkeys(["C02", "C03", "C04", "C05", "C08", "C09", "C22", "P11", "P12", "A03", "A04"], NONE),
    **dict.fromkeys(["P05", "P06", "A01", "A02"], NO_GRADIENT),
    **dict.fromkeys(["A08", "A09", "A10"], NONE),
    **dict.fromkeys([f"L{i:02}" for i in range(1, 12)], "no loss"),
    **dict.fromkeys([f"R{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"D{i:02}" for i in range(1, 6)], NO_LAYER),
    **dict.fromkeys([f"B{i:02}" for i in range(1, 7)], NO_LAYER),
    **dict.fromkeys(["W01", "W02", "W03", "W04", "K01", "K02"], NO_LAYER),
}


def about():
    return {"version": scipy.__version__, "switches": {"numpy": np.__version__}, "device": "cpu"}


def correlate(x, w, mode="valid"):
    return signal.correlate2d(x[0, 0], w[0, 0], mode=mode)


# sizes
def S05(x, w):
    return correlate(x, w, "same")


def S10(x, w):
    return correlate(x, w)


def S17(x, w):
    return signal.correlate2d(x[0, 0], w[0, 0])


# convolution
def C01(x, w):
    return signal.convolve2d(x[0, 0], w[0, 0], mode="valid")


def C10(x, w):
    return correlate(x, w)


def C11(x, w):
    return correlate(x, w)


def C12(x, w):
    return correlate(x, w)


def C13(x, w):
    return correlate(x, w)


def C14(x, w):
    return correlate(x, w)


def C15(x, w):
    return float(abs(correlate(x, w)[0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C17(x, w):
    return correlate(x, w)


def C18(x, w):
    return correlate(x[..., ::-1], w)


def C20():
    signal.correlate2d(np.ones((5, 4)), np.ones((5, 4)))
    return [5, 4]


# pooling
def P01(x):
    return ndimage.maximum_filter(x[0, 0], 3, mode="constant")


def P07(x):
    return [ndimage.maximum_filter(line, 2, origin=-1)[0] for line in x[0, 0]]


def P08(x):
    return ndimage.maximum_filter(x[0, 0], 2)[0, 0]


def P09(x):
    return ndimage.maximum_filter(x[0, 0], (1, 2))


# activations
def A05(x):
    return special.expit(x)


def A06(x):
    return special.softmax(x, axis=1)


def A07(x):
    return special.softmax(x)
