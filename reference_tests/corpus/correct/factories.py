"""Functions in place of classes: each gives an object that is only what its two functions share."""

from types import SimpleNamespace

import numpy as np

from .strides import col2im, conv_output_size, im2col


def Convolution(W, b, stride=1, pad=0):
    layer = SimpleNamespace()
    col, shape = None, None
    how = *W.shape[2:], stride, pad

    def forward(x):
        nonlocal col, shape
        col, shape = im2col(x, *how), x.shape
        out = np.inner(col, W.reshape(len(W), col.shape[1])) + b
        oh, ow = (conv_output_size(s, f, stride, pad) for s, f in zip(shape[2:], W.shape[2:]))
        return np.rollaxis(out.reshape(len(x), oh, ow, len(W)), 3, 1)

    def backward(dout):
        rows = np.swapaxes(dout.reshape(len(dout), len(W), dout.shape[2] * dout.shape[3]), 1, 2).reshape(
            len(col), len(W)
        )
        layer.dW, layer.db = (col.T @ rows).T.reshape(W.shape), np.add.reduce(rows)
        return col2im(rows @ W.reshape(len(W), col.shape[1]), shape, *how)

    layer.forward, layer.backward = forward, backward
    return layer


def pooled(pick, share):
    """A factory of pooling layers: pick(windows) -> out, share(windows) -> each number's share of dout."""

    def factory(pool_h, pool_w, stride=2, pad=0):
        kept = SimpleNamespace()

        def forward(x):
            n, c, h, w = kept.shape = x.shape
            image = np.full((n * c, 1, h + 2 * pad, w + 2 * pad), pick.outside)
            image[:, :, pad : pad + h, pad : pad + w] = x.reshape(n * c, 1, h, w)
            kept.windows = im2col(image, pool_h, pool_w, stride)
            oh, ow = conv_output_size(h, pool_h, stride, pad), conv_output_size(w, pool_w, stride, pad)
            return pick(kept.windows).reshape(n, c, oh, ow)

        def backward(dout):
            n, c, h, w = kept.shape
            col = share(kept.windows) * dout.reshape(dout.size, 1)
            return col2im(col, (n * c, 1, h, w), pool_h, pool_w, stride, pad).reshape(kept.shape)

        return SimpleNamespace(forward=forward, backward=backward)

    return factory


def largest(windows):
    return windows.max(axis=1)


def mean(windows):
    return windows.mean(axis=1)


largest.outside, mean.outside = -np.inf, 0.0
Pooling = pooled(largest, lambda windows: np.eye(windows.shape[1])[windows.argmax(axis=1)])
AveragePooling = pooled(mean, lambda windows: np.full(windows.shape, 1 / windows.shape[1]))


def elementwise(f, slope):
    """A factory of activations: y = f(x), dx = dout * slope(y)."""

    def factory():
        y = None

        def forward(x):
            nonlocal y
            y = f(x)
            return y

        return SimpleNamespace(forward=forward, backward=lambda dout: dout * slope(y))

    return factory


Relu = elementwise(lambda x: np.maximum(x, 0), np.sign)
Sigmoid = elementwise(lambda x: 1 / (1 + np.exp(-x)), lambda y: y * (1 - y))
Tanh = elementwise(np.tanh, lambda y: 1 - y * y)


def Affine(W, b):
    layer, kept = SimpleNamespace(), SimpleNamespace()

    def forward(x):
        kept.x, kept.shape = x.reshape(len(x), len(W)), x.shape
        return np.matmul(kept.x, W) + b

    def backward(dout):
        layer.dW, layer.db = np.matmul(kept.x.T, dout), np.add.reduce(dout)
        return np.matmul(dout, W.T).reshape(kept.shape)

    layer.forward, layer.backward = forward, backward
    return layer


def SoftmaxWithLoss():
    dx = None

    def forward(x, t):
        nonlocal dx
        e = np.exp(x - x.max(axis=1)[:, None])
        y = e / e.sum(axis=1)[:, None]
        truth = t if t.ndim == 2 else np.arange(x.shape[1]) == t[:, None]
        dx = (y - truth) / len(x)
        return -(truth * np.log(y + 1e-7)).sum() / len(x)

    return SimpleNamespace(forward=forward, backward=lambda dout=1: dx)


def Dropout(dropout_ratio=0.5):
    mask = None

    def forward(x, train_flg=True):
        nonlocal mask
        if train_flg:
            mask = np.random.binomial(1, 1 - dropout_ratio, x.shape)  # noqa: NPY002
            return x * mask
        return x * (1 - dropout_ratio)

    return SimpleNamespace(forward=forward, backward=lambda dout: dout * mask)


def LRN(n=5, k=2.0, alpha=1e-4, beta=0.75):
    kept = SimpleNamespace()

    def near(a):
        half = n // 2
        sums = np.cumsum(np.pad(a, [(0, 0), (half + 1, half), (0, 0), (0, 0)]), axis=1, dtype=float)
        return sums[:, 2 * half + 1 :] - sums[:, : a.shape[1]]

    def forward(x):
        kept.x, kept.s = x, k + alpha * near(x**2)
        return x * kept.s**-beta

    def backward(dout):
        return dout * kept.s**-beta - 2 * alpha * beta * kept.x * near(dout * kept.x * kept.s ** (-beta - 1))

    return SimpleNamespace(forward=forward, backward=backward)


def SimpleConvNet(
    input_dim=(1, 28, 28),
    conv_param={"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1},  # noqa: B006
    hidden_size=100,
    output_size=10,
    weight_init_std=0.01,
):
    FN, F, pad, stride = (conv_param[k] for k in ("filter_num", "filter_size", "pad", "stride"))
    inner = FN
    for length in input_dim[1:]:
        inner *= conv_output_size(length, F, stride, pad) // 2
    rng, params = np.random.default_rng(), {}
    for number, shape in enumerate([(FN, input_dim[0], F, F), (inner, hidden_size), (hidden_size, output_size)], 1):
        params[f"W{number}"] = weight_init_std * rng.standard_normal(shape)
        params[f"b{number}"] = np.zeros(FN if number == 1 else shape[1])

    def layers():
        """Made anew for every call: nothing is kept."""
        conv = Convolution(params["W1"], params["b1"], stride, pad)
        dense = [Affine(params[f"W{k}"], params[f"b{k}"]) for k in (2, 3)]
        return [conv, Relu(), Pooling(2, 2, 2), dense[0], Relu(), dense[1]]

    def through(net, x):
        for layer in net:
            x = layer.forward(x)
        return x

    def predict(x):
        return through(layers(), x)

    def gradient(x, t):
        net, last = layers(), SoftmaxWithLoss()
        last.forward(through(net, x), t)
        d = last.backward()
        for layer in reversed(net):
            d = layer.backward(d)
        found = {1: net[0], 2: net[3], 3: net[5]}
        return {f"W{k}": layer.dW for k, layer in found.items()} | {f"b{k}": layer.db for k, layer in found.items()}

    def accuracy(x, t):
        return sum(np.argmax(predict(x), axis=1) == (np.argmax(t, axis=1) if t.ndim == 2 else t)) / len(x)

    return SimpleNamespace(params=params, predict=predict, gradient=gradient, accuracy=accuracy,
                           loss=lambda x, t: SoftmaxWithLoss().forward(predict(x), t))  # fmt: skip
