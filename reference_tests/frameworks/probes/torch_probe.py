"""PyTorch's answers: one function a question."""

import numpy as np
import torch
import torch.nn.functional as F

DEVICE = globals().get("DEVICE", "cpu")
ABSENT = {
    "K01": "no layer of this kind: unfold and einsum",
    "K02": "no layer of this kind: unfold and einsum",
}


def about():
    torch.manual_seed(0)
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise ImportError("torch sees no CUDA device")
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
    switches = {"mkldnn": torch.backends.mkldnn.is_available(), "threads": torch.get_num_threads()}
    if DEVICE == "cuda":
        tf32 = torch.backends.cudnn.allow_tf32
        switches = {"cudnn": torch.backends.cudnn.version(), "cudnn tf32": tf32, "cuda": torch.version.cuda}
    return {"version": torch.__version__, "switches": switches, "device": device}


def t(a):
    return torch.from_numpy(a).to(DEVICE)


def array(tensor):
    return tensor.detach().cpu().numpy()


def conv(x, w, b=None, **how):
    return array(F.conv2d(t(x), t(w), None if b is None else t(b), **how))


def max_pool(x, window, *more, **how):
    return array(F.max_pool2d(t(x), window, *more, **how))


def average_pool(x, window, **how):
    return array(F.avg_pool2d(t(x), window, **how))


def gradient(function, x):
    leaf = t(x).requires_grad_()
    function(leaf).sum().backward()
    return array(leaf.grad)


def entropy(x, t_, **how):
    return array(F.cross_entropy(t(x), t(t_), **how))


def norm(x, mean=0.0, var=1.0, **how):
    mean, var = (torch.full((x.shape[1],), v, device=DEVICE) for v in (mean, var))
    return array(F.batch_norm(t(x), mean, var, training=True, **how)), array(mean), array(var)


# sizes
def S01(x, w):
    return conv(x, w, stride=3)


def S02(x):
    return max_pool(x, 2, stride=2)


def S03(x):
    return max_pool(x, 2, stride=2, ceil_mode=True)


def S04(x):
    return max_pool(x, 1, stride=2, ceil_mode=True)


def S05(x, w):
    return conv(x, w, padding="same")


def S06(x, w):
    return conv(x, w, stride=2, padding="same")


def S07(x, w):
    return conv(x, w, stride=2, padding="same")


def S08(x):
    return max_pool(x, 3, stride=1, padding=2)


def S09(x, w):
    return conv(x, w, padding=4)


def S10(x, w):
    return conv(x, w)


def S11(x):
    return max_pool(x, 5)


def S12(x, w):
    return conv(x, w)


def S13(x):
    return max_pool(x, 2)


def S14(x, w):
    return conv(x, w, stride=0)


def S15(x):
    return max_pool(x, 2, stride=0)


def S16(x):
    return max_pool(x, 2)


def S17(x, w):
    return conv(x, w)


def S18(x, w):
    return conv(x, w, padding=-1)


def S19(x, w):
    return conv(x, w, padding=((1, 0), (1, 0)))


# convolution
def C01(x, w):
    return conv(x, w)


def C02(x, w):
    return array(F.conv_transpose2d(t(x), t(w)))


def C03(x, w):
    return array(F.conv_transpose2d(t(x), t(w), stride=2))


def C04(x, w):
    return conv(x, w, dilation=2)


def C05(x, w):
    return conv(x, w, dilation=0)


def C06(x, w):
    return conv(x, w)


def C07(x, w):
    return conv(x, w)


def C08(x, w, b):
    return conv(x, w, b)


def C09(x, w, b):
    return conv(x, w, b)


def C10(x, w):
    return conv(x, w)


def C11(x, w):
    return conv(x, w)


def C12(x, w):
    return conv(x, w)


def C13(x, w):
    return conv(x, w)


def C14(x, w):
    return conv(x, w)


def C15(x, w):
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C16(x, w):
    return float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max())


def C17(x, w):
    return conv(x, w)


def C18(x, w):
    return conv(x[..., ::-1], w)


def C19(x):
    return F.conv2d(t(x), torch.ones(2, 3, 1, 1, device=DEVICE)).shape


def C20():
    return torch.nn.Conv2d(3, 2, (5, 4)).weight.shape


def C21(x, w):
    return conv(x, w)


def C22(x):
    return array(F.unfold(t(x), 2)).ravel()


# pooling
def P01(x):
    return max_pool(x, 2, stride=2, padding=1)


def P02(x):
    return average_pool(x, 3, stride=1, padding=1)[0, 0, 0, 0]


def P03(x):
    return average_pool(x, 2, stride=2, ceil_mode=True)[0, 0, 1, 1]


def P04(x):
    return average_pool(x, (1, 3), stride=(1, 2), padding=(0, 1), ceil_mode=True)[0, 0, 0, -1]


def P05(x):
    return gradient(lambda x: F.max_pool2d(x, 2), x)


def P06(x):
    return gradient(lambda x: F.max_pool2d(x, (1, 2), stride=1), x)


def P07(x):
    return max_pool(x, (1, 2))


def P08(x):
    return max_pool(x, 2)


def P09(x):
    return max_pool(x, (1, 2))


def P10(x):
    return average_pool(x, (1, 2))


def P11(x):
    return array(F.max_pool2d(t(x), (2, 4), return_indices=True)[1])[0, 1]


def P12(x):
    out, index = F.max_pool2d(t(x), 2, return_indices=True)
    return torch.equal(out.flatten(2), t(x).flatten(2).gather(2, index.flatten(2)))


# activations
def A01(x):
    return gradient(F.relu, x)


def A02(x):
    return gradient(lambda x: torch.maximum(x, torch.zeros_like(x)), x)


def A03(x):
    return np.copysign(1, array(F.relu(t(x))))


def A04(x):
    return array(F.relu(t(x)))


def A05(x):
    return array(torch.sigmoid(t(x)))


def A06(x):
    return array(F.softmax(t(x), dim=1))


def A07(x):
    return array(torch.nn.Softmax()(t(x)))


def A08(x):
    return array(F.gelu(t(x)))


def A09(x):
    return -array(F.leaky_relu(t(x)))


def A10(x):
    return array(F.hardsigmoid(t(x)))


# loss
def L01(x, t):
    return entropy(x, t)


def L02(x, t):
    return entropy(x, t)


def L03(x, t):
    return entropy(x, t)


def L04(x, t):
    return entropy(x, t)


def L05(x, t):
    return entropy(x, t, label_smoothing=0.1)


def L06(x, t):
    return entropy(x, t)


def L07(x, t):
    return entropy(x, t)


def L08(x, t):
    return entropy(x, t)


def L09(x, t):
    return entropy(x, t)


def L10(x, t):
    return array(F.nll_loss(torch.log(torch.from_numpy(x).to(DEVICE)), torch.from_numpy(t).to(DEVICE)))


def L11(x, t, weights):
    return entropy(x, t, weight=torch.from_numpy(weights).to(DEVICE))


# local response normalization
def R01(x):
    return array(F.local_response_norm(t(x), 3, alpha=1.0, beta=1.0, k=1.0))[0, 1]


def R02(x):
    return array(F.local_response_norm(t(x), 2, alpha=2.0, beta=1.0, k=1.0)).ravel()


def R03(x):
    return array(F.local_response_norm(t(x), 1, alpha=1.0, beta=1.0, k=1.0)).ravel()


def R04():
    layer = torch.nn.LocalResponseNorm(5)
    return f"size -, alpha {layer.alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


def R05(x):
    both = array(F.local_response_norm(t(x), 3, alpha=1.0))
    return bool((both[1:] == array(F.local_response_norm(t(x[1:]), 3, alpha=1.0))).all())


# dropout
def D01(x):
    return np.unique(array(F.dropout(t(x), 0.5)))


def D02(x):
    return float((array(F.dropout(t(x), 0.25)) == 0).mean())


def D03(x):
    return array(F.dropout(t(x), 1.0))


def D04(x):
    return np.unique(array(F.dropout(t(x), 0.5, training=False)))


def D05(x):
    return bool((array(F.dropout(t(x))) == 0).any())


# batch normalization
def B01():
    return torch.nn.BatchNorm2d(1).eps


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
def W01():
    return array(torch.nn.Conv2d(16, 16, 3).weight).max() * 12


def W02():
    return array(torch.nn.Conv2d(16, 16, 3).bias)[:3]


def W03():
    return float(torch.nn.Linear(100, 100).weight.abs().max()) * 10


def W04():
    w = torch.nn.init.kaiming_normal_(torch.empty(100, 100))
    return float(w.abs().max()) / (2 / 100) ** 0.5
