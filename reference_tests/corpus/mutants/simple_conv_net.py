# ruff: noqa: E501 (patches are lines of code inside strings)
"""SimpleConvNet, wrong in one place."""

from . import Mutant

# a net with known parameters, as an expression: the witness evaluates it
NET = (
    "(lambda net: [a.__setitem__(..., np.cos(np.arange(a.size) * (i + 1.5)).reshape(a.shape))"
    " for i, a in enumerate(net.params.values())] and net)"
    "(SimpleConvNet((1, 8, 8), {'filter_num': 3, 'filter_size': 3, 'pad': 0, 'stride': 1}, 5, 4, 0.5))"
)
X, T = "np.sin(np.arange(192.0)).reshape(3, 1, 8, 8)", "np.array([2, 0, 3])"
ONE_HOT = "np.eye(4, dtype=int)[[2, 0, 3]]"
OUT, LOSS, GRADS = f"{NET}.predict({X})", f"{NET}.loss({X}, {T})", f"{NET}.gradient({X}, {T})"
MANY = f"{NET}.accuracy(np.sin(np.arange(8320.0)).reshape(130, 1, 8, 8), np.arange(130) % 4)"
AFTER = f"(lambda net: (net.gradient({X}, {T}), net.params)[1])({NET})"
TWICE = f"(lambda net: (net.gradient({X}, {T}), net.gradient({X} + 1, {T}))[1])({NET})"
CHANGED = (
    f"(lambda net: (net.predict({X}), net.params['W2'].__setitem__(..., 0.1), net.params['b3'].__setitem__(..., 1.0),"
    f" net.predict({X}))[3])({NET})"
)
SPREAD = "bool(abs(SimpleConvNet(weight_init_std={}).params['{}'].std() / {} - 1) < 0.1)"
LAYERS = "[self.conv, Relu(), Pooling(2, 2, stride=2), self.affine1, Relu(), self.affine2]"
PREDICT = "        for layer in self.layers:\n            x = layer.forward(x)\n        return x"
KEYS = 'found["W" + number], found["b" + number] = layer.dW, layer.db'
PARTS = 'parts = {"1": self.conv, "2": self.affine1, "3": self.affine2}'
ACCURACY = "return np.mean(self.predict(x).argmax(axis=1) == labels)"
BUILT = "Convolution(W1, b1, stride, pad), Affine(W2, b2), Affine(W3, b3)"
UNPACKED = "W1, b1, W2, b2, W3, b3 = self.params.values()"
DOUT = "dout = self.last.backward(1)"
END = "        return found\n"
PARTIAL = """right = 0
        for i in range(len(x) // 100):
            part = slice(100 * i, 100 * i + 100)
            right += np.sum(self.predict(x[part]).argmax(axis=1) == labels[part])
        return right / len(x)"""


def net(name, text, code, *patch, witness=OUT):
    return Mutant(f"net-{name}", "simple_conv_net", text, code, patch, witness)


def drawn(name, old):
    return f'"{name}": weight_init_std * np.random.randn({old}),'


W1, W2 = "fn, channels, size, size", "fn * pooled_h * pooled_w, hidden_size"
MUTANTS = [
    net(
        "no-relu1", "no ReLU before the pooling", "net.relu1-missing", (LAYERS, LAYERS.replace("Relu(), Pool", "Pool"))
    ),
    net(
        "no-relu2",
        "no ReLU between the affine layers",
        "net.relu2-missing",
        (LAYERS, LAYERS.replace("self.affine1, Relu()", "self.affine1")),
    ),
    net(
        "relu-last",
        "ReLU after the last layer",
        "net.relu-last",
        (LAYERS, LAYERS.replace("affine2]", "affine2, Relu()]")),
    ),
    net(
        "relu-after-affine2",
        "the second ReLU after affine2",
        "net.relu2-late",
        (LAYERS, LAYERS.replace("Relu(), self.affine2]", "self.affine2, Relu()]")),
    ),
    net(
        "softmax-twice",
        "softmax in predict",
        "net.softmax-in-predict",
        (
            PREDICT,
            PREDICT.replace(
                "return x",
                "x = np.exp(x - x.max(axis=1, keepdims=True))\n        return x / x.sum(axis=1, keepdims=True)",
            ),
        ),
    ),
    net(
        "average-pooling",
        "average pooling",
        "net.average-pooling",
        (LAYERS, LAYERS.replace("Pooling", "AveragePooling")),
    ),
    net(
        "b1-unused",
        "Convolution gets no bias",
        "net.b1-ignored",
        (BUILT, BUILT.replace("Convolution(W1, b1,", "Convolution(W1, 0 * b1,")),
    ),
    net("b2-unused", "the first Affine gets no bias", "net.b2-ignored", (BUILT, BUILT.replace("W2, b2", "W2, 0 * b2"))),
    net(
        "b3-unused", "the second Affine gets no bias", "net.b3-ignored", (BUILT, BUILT.replace("W3, b3", "W3, 0 * b3"))
    ),
    net(
        "params-copied",
        "the layers get copies",
        "state.stale-parameters",
        (UNPACKED, "W1, b1, W2, b2, W3, b3 = (a.copy() for a in self.params.values())"),
        witness=CHANGED,
    ),
    net(
        "W2-copied",
        "Affine1 gets a copy of W2",
        "state.stale-parameters",
        (BUILT, BUILT.replace("Affine(W2, b2)", "Affine(W2.copy(), b2)")),
        witness=CHANGED,
    ),
    net(
        "keys-affine",
        "affine1's gradients under affine2's names",
        "net.keys-affine-swapped",
        (PARTS, 'parts = {"1": self.conv, "3": self.affine1, "2": self.affine2}'),
        witness=GRADS,
    ),
    net(
        "keys-b",
        "b2 and b3 exchanged",
        "net.keys-b-swapped",
        (END, '        found["b2"], found["b3"] = found["b3"], found["b2"]\n' + END),
        witness=GRADS,
    ),
    net(
        "keys-W",
        "W2 and W3 exchanged",
        "net.keys-W-swapped",
        (END, '        found["W2"], found["W3"] = found["W3"], found["W2"]\n' + END),
        witness=GRADS,
    ),
    net(
        "keys-swapped",
        "db under W, dW under b",
        "net.keys-W-b-swapped",
        (KEYS, 'found["b" + number], found["W" + number] = layer.dW, layer.db'),
        witness=GRADS,
    ),
    net(
        "gradient-updates",
        "gradient takes a step itself",
        "net.gradient-updates",
        (END, "        for name, grad in found.items():\n            self.params[name] -= 0.1 * grad\n" + END),
        witness=AFTER,
    ),
    net(
        "gradient-sum",
        "gradients of the sum",
        "net.gradient-sum",
        (DOUT, "dout = self.last.backward(1) * len(x)"),
        witness=GRADS,
    ),
    net(
        "gradient-mean-twice",
        "divided by N twice",
        "net.gradient-mean-twice",
        (DOUT, "dout = self.last.backward(1) / len(x)"),
        witness=GRADS,
    ),
    net("gradient-sign", "the sign", "net.gradient-negative", (DOUT, "dout = -self.last.backward(1)"), witness=GRADS),
    net(
        "gradient-stale",
        "backward without a new forward after the first time",
        "state.stale",
        (
            "        self.loss(x, t)\n        dout",
            "        if not hasattr(self, 'done'):\n            self.done = self.loss(x, t)\n        dout",
        ),
        witness=TWICE,
    ),
    net(
        "gradient-order",
        "backward through the layers in forward order",
        "",
        ("reversed(self.layers)", "self.layers"),
        witness=GRADS,
    ),
    net(
        "loss-sum",
        "the summed loss",
        "net.loss-sum",
        ("return self.last.forward(self.predict(x), t)", "return self.last.forward(self.predict(x), t) * len(x)"),
        witness=LOSS,
    ),
    net(
        "one-hot",
        "one-hot t taken as it is by accuracy",
        "",
        ("labels = t.argmax(axis=1) if t.ndim == 2 else t", "labels = t.argmax(axis=1)"),
        witness=f"{NET}.accuracy({X}, {T})",
    ),
    net(
        "accuracy-partial", "the last partial batch dropped", "net.accuracy-partial", (ACCURACY, PARTIAL), witness=MANY
    ),
    net(
        "accuracy-count",
        "the count",
        "net.accuracy-count",
        (ACCURACY, ACCURACY.replace("np.mean", "np.sum")),
        witness=MANY,
    ),
    net(
        "accuracy-percent",
        "percent",
        "net.accuracy-percent",
        (ACCURACY, ACCURACY.replace("np", "100 * np")),
        witness=MANY,
    ),
    net(
        "accuracy-error", "the error rate", "net.accuracy-error", (ACCURACY, ACCURACY.replace("==", "!=")), witness=MANY
    ),
    net(
        "accuracy-axis",
        "argmax down the batch",
        "",
        (ACCURACY, ACCURACY.replace("argmax(axis=1)", "argmax(axis=0)")),
        witness=MANY,
    ),
    net(
        "std-ignored",
        "weight_init_std is not used",
        "net.init-std",
        ("        channels, height", "        weight_init_std = 0.01\n        channels, height"),
        witness=SPREAD.format(0.3, "W1", 0.3),
    ),
    net(
        "std-unit",
        "W2 drawn with 1",
        "net.init-std",
        (drawn("W2", W2), f'"W2": np.random.randn({W2}),'),
        witness=SPREAD.format(0.01, "W2", 0.01),
    ),
    net(
        "std-uniform-positive",
        "W1 uniform, not round 0",
        "net.init-mean",
        (drawn("W1", W1), f'"W1": weight_init_std * np.random.rand({W1}),'),
        witness=SPREAD.format(0.01, "W1", 0.01),
    ),
    net(
        "bias-random",
        "biases drawn",
        "net.init-bias",
        ('"b2": np.zeros(hidden_size)', '"b2": 0.01 * np.random.randn(hidden_size)'),
        witness="bool(SimpleConvNet().params['b2'].any())",
    ),
    net(
        "square",
        "the image taken for square",
        "net.init-shape",
        ("pooled_w = conv_output_size(width,", "pooled_w = conv_output_size(height,"),
        witness="SimpleConvNet((1, 8, 6), {'filter_num': 3, 'filter_size': 3, 'pad': 0, 'stride': 1}).params['W2'].shape",
    ),
    net(
        "pad-forgotten",
        "pad left out of the pooled size",
        "net.init-shape",
        ("conv_output_size(width, size, stride, pad)", "conv_output_size(width, size, stride)"),
        witness="SimpleConvNet((1, 8, 8), {'filter_num': 3, 'filter_size': 3, 'pad': 1, 'stride': 1}).params['W2'].shape",
    ),
    net(
        "predict-trains-last",
        "predict leaves the last layer out",
        "net.last-layer-missing",
        (PREDICT, PREDICT.replace("self.layers", "self.layers[:-1]")),
    ),
    net(
        "lastLayer",
        "last_layer is written, lastLayer read",
        "",
        ("return self.last.forward(", "return self.lastLayer.forward("),
        witness=LOSS,
    ),
    net(
        "mutable-default",
        "the layers are collected in a default argument: a second network has those of the first too",
        "",
        ("        weight_init_std=0.01,\n    ):", "        weight_init_std=0.01,\n        layers=[],\n    ):"),
        (f"self.layers = {LAYERS}", f"layers += {LAYERS}\n        self.layers = layers"),
        witness=f"({NET}, {OUT})[1]",
    ),
    net(
        "odd-size",
        "the pooled size is a half, rounded only at the end",
        "net.init-shape",
        (
            "pooled_h = conv_output_size(height, size, stride, pad) // 2",
            "pooled_h = conv_output_size(height, size, stride, pad) / 2",
        ),
        (
            "pooled_w = conv_output_size(width, size, stride, pad) // 2",
            "pooled_w = conv_output_size(width, size, stride, pad) / 2",
        ),
        (
            "np.random.randn(fn * pooled_h * pooled_w, hidden_size)",
            "np.random.randn(int(fn * pooled_h * pooled_w), hidden_size)",
        ),
        witness="SimpleConvNet((1, 9, 9), {'filter_num': 3, 'filter_size': 3, 'pad': 0, 'stride': 1}).params['W2'].shape",
    ),
]
