"""The answers of this repository's own impl.functional: one function a question."""

import numpy as np

import impl.functional as F
from impl.networks.initialization import weight_std

NO_FUNCTION = "not in impl.functional"
GIVEN = "layers take their weights"
ABSENT = {
    "A02": NO_FUNCTION,
    "A08": NO_FUNCTION,
    "A09": NO_FUNCTION,
    "A10": NO_FUNCTION,
    "W01": GIVEN,
    "W02": GIVEN,
    "W03": GIVEN,
}


def about():
    return {"version": "here", "switches": {"numpy": np.__version__}, "device": "cpu"}


def norm(x, mean=0.0, var=1.0, **how):
    mean, var = (np.full(x.shape[1], v, "float32") for v in (mean, var))
    return F.batch_norm(x, mean, var, training=True, **how)


# sizes
def S01(x, w):
    return F.conv2d(x, w, stride=3)


def S02(x):
    return F.max_pool2d(x, 2, stride=2)


def S03(x):
    return F.max_pool2d(x, 2, stride=2, ceil_mode=True)


def S04(x):
    return F.max_pool2d(x, 1, stride=2, ceil_mode=True)


def S05(x, w):
    return F.conv2d(x, w, padding="same")


def S06(x, w):
    return F.conv2d(x, w, stride=2, padding="same")


def S07(x, w):
    return F.conv2d(x, w, stride=2, padding="same")


def S08(x):
    return F.max_pool2d(x, 3, stride=1, padding=2)


def S09(x, w):
    return F.conv2d(x, w, padding=4)


def S10(x, w):
    return F.conv2d(x, w)


def S11(x):
    return F.max_pool2d(x, 5)


def S12(x, w):
    return F.conv2d(x, w)


def S13(x):
    return F.max_pool2d(x, 2)


def S14(x, w):
    return F.conv2d(x, w, stride=0)


def S15(x):
    return F.max_pool2d(x, 2, stride=0)


def S16(x):
    return F.max_pool2d(x, 2)


def S17(x, w):
    return F.conv2d(x, w)


def S18(x, w):
    return F.conv2d(x, w, padding=-1)


def S19(x, w):
    return F.conv2d(x, w, padding=((1, 0), (1, 0)))


# convolution
def C01(x, w):
    return F.conv2d(x, w)


def C02(x, w):
    return F.conv_transpose2d(x, w)


def C03(x, w):
    return F.conv_transpose2d(x, w, stride=2)


def C04(x, w):
    return F.conv2d(x, w, dilation=2)


def C05(x, w):
    return F.conv2d(x, w, dilation=0)


def C06(x, w):
    return F.conv2d(x, w)


def C07(x, w):
    return F.conv2d(x, w)


def C08(x, w, b):
    return F.conv2d(x, w, b)


def C09(x, w, b):
    return F.conv2d(x, w, b)


def C10(x, w):
    return F.conv2d(x, w)


def C11(x, w):
    return F.conv2d(x, w)


def C12(x, w):
    return F.conv2d(x, w)


def C13(x, w):
    return F.conv2d(x, w)


def C14(x, w):
    return F.conv2d(x, w)


def C15(x, w):
    return float(abs(F.conv2d(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C16(x, w):
    return float(np.abs(F.conv2d(x, w)[3] - F.conv2d(x[3:4], w)[0]).max())


def C17(x, w):
    return F.conv2d(x, w)


def C18(x, w):
    return F.conv2d(x[..., ::-1], w)


def C19(x):
    return F.conv2d(x, np.ones((2, 3, 1, 1), "float32")).shape


def C20():
    F.conv2d(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def C21(x, w):
    return F.conv2d(x, w)


def C22(x):
    return F.unfold(x, 2).ravel()


# pooling
def P01(x):
    return F.max_pool2d(x, 2, stride=2, padding=1)


def P02(x):
    return F.avg_pool2d(x, 3, stride=1, padding=1)[0, 0, 0, 0]


def P03(x):
    return F.avg_pool2d(x, 2, stride=2, ceil_mode=True)[0, 0, 1, 1]


def P04(x):
    return F.avg_pool2d(x, (1, 3), stride=(1, 2), padding=(0, 1), ceil_mode=True)[0, 0, 0, -1]


def P05(x):
    return F.max_pool2d_backward(np.ones((1, 1, 1, 1), "float32"), x, 2)


def P06(x):
    return F.max_pool2d_backward(np.ones((1, 1, 1, 2), "float32"), x, (1, 2), stride=1)


def P07(x):
    return F.max_pool2d(x, (1, 2))


def P08(x):
    return F.max_pool2d(x, 2)


def P09(x):
    return F.max_pool2d(x, (1, 2))


def P10(x):
    return F.avg_pool2d(x, (1, 2))


def P11(x):
    return F.max_pool2d(x, (2, 4), return_indices=True)[1][0, 1]


def P12(x):
    out, index = F.max_pool2d(x, 2, return_indices=True)
    flat = x.reshape(*x.shape[:2], -1)
    return bool((out.reshape(*x.shape[:2], -1) == np.take_along_axis(flat, index.reshape(*x.shape[:2], -1), 2)).all())


# activations
def A01(x):
    return F.relu_backward(np.ones_like(x), x)


def A03(x):
    return np.copysign(1, F.relu(x))


def A04(x):
    return F.relu(x)


def A05(x):
    return F.sigmoid(x)


def A06(x):
    return F.softmax(x, 1)


def A07(x):
    return F.softmax(x)


# loss
def L01(x, t):
    return F.cross_entropy(x, t)


def L02(x, t):
    return F.cross_entropy(x, t)


def L03(x, t):
    return F.cross_entropy(x, t)


def L04(x, t):
    return F.cross_entropy(x, t)


def L05(x, t):
    return F.cross_entropy(x, t, label_smoothing=0.1)


def L06(x, t):
    return F.cross_entropy(x, t)


def L07(x, t):
    return F.cross_entropy(x, t)


def L08(x, t):
    return F.cross_entropy(x, t)


def L09(x, t):
    return F.cross_entropy(x, t)


def L10(x, t):
    with np.errstate(divide="ignore"):
        return F.cross_entropy(np.log(x), t)


def L11(x, t, weights):
    return F.cross_entropy(x, t, weights)


# local response normalization
def R01(x):
    return F.local_response_norm(x, 3, alpha=1.0, beta=1.0, k=1.0)[0, 1]


def R02(x):
    return F.local_response_norm(x, 2, alpha=2.0, beta=1.0, k=1.0).ravel()


def R03(x):
    return F.local_response_norm(x, 1, alpha=1.0, beta=1.0, k=1.0).ravel()


def R04():
    alpha, beta, k = F.local_response_norm.__defaults__
    return f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def R05(x):
    both = F.local_response_norm(x, 3, alpha=1.0)
    return bool(np.allclose(both[1:], F.local_response_norm(x[1:], 3, alpha=1.0), rtol=1e-6))


# dropout
def D01(x):
    return np.unique(F.dropout(x, 0.5, rng=0))


def D02(x):
    return float((F.dropout(x, 0.25, rng=0) == 0).mean())


def D03(x):
    return F.dropout(x, 1.0)


def D04(x):
    return np.unique(F.dropout(x, 0.5, training=False))


def D05(x):
    return bool((F.dropout(x, rng=0) == 0).any())


# batch normalization
def B01():
    return F.batch_norm.__defaults__[-1]


def B02(x):
    return norm(x, momentum=0.1)[1]


def B03(x):
    return norm(x)[1] / 10


def B04(x):
    return norm(x, momentum=1.0)[2]


def B05(x):
    return norm(x)[0]


def B06(x):
    return norm(x)[0].max()


# initial weights
def W04():
    w = np.random.default_rng(0).normal(0, weight_std("he", 100), (100, 100))
    return np.abs(w).max() / (2 / 100) ** 0.5


# locally connected
def K01(x, w):
    return F.locally_connected2d(x, w.reshape(1, 2, 1, 1, 1, 2))


def K02(x, w):
    return F.locally_connected2d(x, w.reshape(1, 1, 1, 2, 1, 2))
