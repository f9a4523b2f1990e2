"""PaddlePaddle's answers (paddle.nn.functional, layers and optimizers): a row for each question."""

from typing import Any

import numpy as np
import paddle
import paddle.nn.functional as F

ABSENT = {"*": "not asked of PaddlePaddle"}


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device that the answers depend on."""
    paddle.seed(0)
    return {"version": paddle.__version__, "switches": {"numpy": np.__version__}, "device": "cpu"}


def tensor(a: np.ndarray) -> Any:
    """Return an array as a tensor."""
    return paddle.to_tensor(a)


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return F.conv2d(tensor(x), tensor(w), None if b is None else tensor(b), **how).numpy()


def transposed(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW)."""
    return F.conv2d_transpose(tensor(x), tensor(w), **how).numpy()


def max_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return F.max_pool2d(tensor(x), window, **how).numpy()


def average_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return F.avg_pool2d(tensor(x), window, **how).numpy()


def gradient(function: Any, x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    leaf = paddle.to_tensor(x, stop_gradient=False)
    function(leaf).sum().backward()
    return leaf.grad.numpy()


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return F.cross_entropy(tensor(x), tensor(t), **how).numpy()


def norm(x: np.ndarray, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    mean, var = paddle.zeros([x.shape[1]]), paddle.ones([x.shape[1]])
    return F.batch_norm(tensor(x), mean, var, training=True, **how).numpy(), mean.numpy(), var.numpy()


def lrn(x: np.ndarray, n: int, alpha: float = 1.0) -> Any:
    """Apply local response normalization with k and beta 1."""
    return F.local_response_norm(tensor(x), n, alpha=alpha, beta=1.0, k=1.0).numpy()


def half(function: Any, type: str, *arrays: Any) -> Any:
    """Compute in a half type; return float32."""
    return function(*(tensor(a).astype(type) for a in arrays)).astype("float32").numpy()


def layer(new: Any, x: np.ndarray) -> Any:
    """Return what a new layer makes of x."""
    return new(tensor(x)).numpy()


def moved(make: Any, gradients: Any, begin: float = 0.0, rates: Any = (), **how: Any) -> list[float]:
    """Return how far a weight has moved after each step with these gradients."""
    w = paddle.create_parameter([1], "float32", default_initializer=paddle.nn.initializer.Constant(begin))
    optimizer, path = make(parameters=[w], **how), []
    for i, g in enumerate(gradients):
        if rates:
            optimizer.set_lr(rates[i])
        (w * g).sum().backward()
        optimizer.step()
        optimizer.clear_grad()
        path.append(begin - float(w.numpy()[0]))
    return path


nn, optim = paddle.nn, paddle.optimizer
PROBES = {
    "S01": lambda x, w, s: conv(x, w, stride=s),
    "S02": lambda x, k, s: max_pool(x, k, stride=s),
    "S03": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S04": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S05": lambda x, w: conv(x, w, padding="SAME"),
    "S06": lambda x, w, s: conv(x, w, stride=[1, s], padding="SAME"),
    "S07": lambda x, w, s: conv(x, w, stride=s, padding="SAME"),
    "S08": lambda x, k, p: max_pool(x, k, stride=1, padding=p),
    "S09": lambda x, w, p: conv(x, w, padding=p),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: max_pool(x, k, stride=s),
    "S13": lambda x: max_pool(x, 2),
    "S16": lambda x, k: max_pool(x, k),
    "S18": lambda x, w: conv(x, w, padding=-1),
    "S20": lambda x, w, s, d: conv(x, w, stride=[1, s], dilation=[1, d], padding="SAME"),
    "C02": lambda x, w: transposed(x, w),
    "C03": lambda x, w, s: transposed(x, w, stride=s),
    "C04": lambda x, w, d: conv(x, w, dilation=[1, d]),
    "C05": lambda x, w: conv(x, w, dilation=0),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C20": lambda: list(nn.Conv2D(3, 2, (5, 4)).weight.shape),
    "C22": lambda x: F.unfold(tensor(x), 2).numpy().ravel(),
    "T01": lambda: list(nn.Conv2DTranspose(2, 3, (5, 4)).weight.shape),
    "T02": lambda x, w, s: transposed(x, w, stride=[1, s], padding="SAME"),
    "T03": lambda x, w, s, out: transposed(x, w, stride=[1, s], padding=[0, 1], output_padding=[0, out]),
    "T04": lambda x, w, s: transposed(x, w, stride=s, dilation=2),
    "T05": lambda x, w, s: [
        transposed(x, w, stride=[1, s], padding=[0, w.shape[3] // 2], **how).shape[3]
        for how in ({}, {"output_padding": 0})
    ],
    "P19": lambda x, k, s: max_pool(x, [1, k], stride=[1, s], padding="SAME"),
    "P01": lambda x, k, s, p: max_pool(x, k, stride=s, padding=p),
    "P02": lambda x, k, p: average_pool(x, k, stride=1, padding=p)[0, 0, 0, 0],
    "P03": lambda x, k, s: average_pool(x, k, stride=s, ceil_mode=True)[0, 0, 1, 1],
    "P05": lambda x, k: gradient(lambda x: F.max_pool2d(x, k), x),
    "P06": lambda x, k: gradient(lambda x: F.max_pool2d(x, [1, k], stride=1), x),
    "P07": lambda x, k: max_pool(x, [1, k]),
    "P08": lambda x, k: max_pool(x, k),
    "P13": lambda x: gradient(paddle.max, x),
    "P15": lambda x, size: F.adaptive_avg_pool2d(tensor(x), (1, size)).numpy(),
    "P17": lambda x, size: F.adaptive_avg_pool2d(tensor(x), (1, size)).numpy(),
    "P18": lambda x, divisor: average_pool(x, 2, divisor_override=divisor),
    "G01": lambda x, p: F.pad(tensor(x), [p, p, 0, 0], mode="reflect").numpy(),
    "G02": lambda x, p: F.pad(tensor(x), [p, p, 0, 0], mode="reflect").numpy(),
    "G03": lambda x, size: F.interpolate(tensor(x), (1, size), mode="bilinear").numpy(),
    "G04": lambda x, size: F.interpolate(tensor(x), (1, size)).numpy(),
    "G05": lambda x, size: F.interpolate(tensor(x), (1, size), mode="bilinear").numpy(),
    "A01": lambda x: gradient(F.relu, x),
    "A02": lambda x: gradient(lambda x: paddle.maximum(x, paddle.zeros_like(x)), x),
    "A03": lambda x: np.copysign(1, F.relu(tensor(x)).numpy()),
    "A04": lambda x: F.relu(tensor(x)).numpy(),
    "A05": lambda x: F.sigmoid(tensor(x)).numpy(),
    "A06": lambda x: F.softmax(tensor(x), axis=1).numpy(),
    "A07": lambda x: F.softmax(tensor(x)).numpy(),
    "A08": lambda x: F.gelu(tensor(x)).numpy(),
    "A09": lambda x: -F.leaky_relu(tensor(x)).numpy(),
    "A10": lambda x: F.hardsigmoid(tensor(x)).numpy(),
    "A11": lambda x: gradient(lambda x: paddle.clip(x, 0, 1), x),
    "A12": lambda x: gradient(F.relu6, x),
    "A13": lambda x: gradient(paddle.linalg.norm, x),
    "A14": lambda x: paddle.clip(tensor(x), 0, 1).numpy(),
    "A15": lambda x: paddle.argmax(tensor(x)).numpy(),
    "A16": lambda x: paddle.argmax(tensor(x)).numpy(),
    "L12": lambda p, t: F.binary_cross_entropy(tensor(p), tensor(t)).numpy(),
    "L13": lambda x, t: F.mse_loss(tensor(x), tensor(t)).numpy(),
    "L14": lambda q, p: F.kl_div(paddle.log(tensor(q)), tensor(p)).numpy(),
    "R01": lambda x, n: lrn(x, n)[0, n // 2],
    "R02": lambda x, n: lrn(x, n, float(n)).ravel(),
    "R03": lambda x, n: lrn(x, n, float(n)).ravel(),
    "D01": lambda x, p: np.unique(F.dropout(tensor(x), p).numpy()),
    "D02": lambda x, p: float((F.dropout(tensor(x), p).numpy() == 0).mean()),
    "D03": lambda x: F.dropout(tensor(x), 1.0).numpy(),
    "D05": lambda x: bool((F.dropout(tensor(x)).numpy() == 0).any()),
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=0.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    "B07": lambda x: list(nn.BatchNorm2D(x.shape[1]).weight.shape),
    "N01": lambda x: norm(x)[0].max(),
    "N02": lambda x: F.layer_norm(tensor(x), x.shape[-1:]).numpy().max(),
    "N03": lambda x: layer(nn.GroupNorm(1, 1), x).max(),
    "N06": lambda x: F.normalize(tensor(x)).numpy()[0, 0],
    "H03": lambda x, w: half(F.conv2d, "bfloat16", x, w),
    "H06": lambda x: half(paddle.mean, "float16", x),
    "F01": lambda x: layer(nn.Flatten(), x).ravel(),
    "F02": lambda: list(nn.Linear(3, 5).weight.shape),
    "F03": lambda x: layer(nn.Linear(4, 5), x).shape,
    "F04": lambda x: paddle.flatten(tensor(x)).numpy().shape,
    "E01": lambda x: layer(nn.BatchNorm2D(1), x).max(),
    "E02": lambda x: bool((layer(nn.Dropout(), x) == 0).any()),
    "E03": lambda x: -layer(nn.PReLU(), x),
    "E04": lambda x: list(nn.PReLU()._weight.shape),
    "W02": lambda: nn.Conv2D(16, 16, 3).bias.numpy()[:3],
    "O01": lambda then: moved(optim.Momentum, (1.0, 0.0), rates=(1.0, then), momentum=0.9, learning_rate=1.0)[-1],
    "O02": lambda g: moved(optim.RMSProp, (g,), learning_rate=1.0)[0],
    "O03": lambda g: moved(optim.Adam, (g,), learning_rate=1.0)[0],
    "O04": lambda: moved(optim.AdamW, (0.0,), begin=1.0, learning_rate=0.1)[0] * 10,
    "O05": lambda decay: moved(optim.Adam, (0.0,), begin=1.0, learning_rate=0.01, weight_decay=decay)[0] * 100,
    "O07": lambda g: moved(optim.Adagrad, (g,), learning_rate=1.0)[0],
    "O09": lambda: optim.SGD(parameters=[]).get_lr(),
    "O10": lambda: (
        1 - moved(optim.Momentum, (0.0, 0.0), begin=1.0, learning_rate=0.1, momentum=0.9, weight_decay=0.1)[-1]
    ),
    "O11": lambda: moved(optim.Momentum, (1.0, 1.0), learning_rate=1.0, momentum=0.9, use_nesterov=True)[-1],
}
