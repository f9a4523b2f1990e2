"""The contract's own names with other arguments, and layers of a small reach: read anew, or asked what they can do."""

import pytest

from reference_tests.conformance.examination import more_checks, requested_checks
from reference_tests.conformance.judge import judge_all
from reference_tests.subject.load import Subject, load
from reference_tests.tests.subject.conventions.test_read import REQUEST

pytestmark = pytest.mark.slow

CONV = """
def windows(x, k, l, s, p):
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    return np.lib.stride_tricks.sliding_window_view(xp, (k, l), (2, 3))[:, :, ::s, ::s], xp
def conv(x, W, b, s, p):
    v, xp = windows(x, W.shape[2], W.shape[3], s, p)
    return np.einsum('nchwij,fcij->nfhw', v, W) + (0 if b is None else np.reshape(b, (-1, 1, 1)))
def conv_back(d, x, W, s, p):
    v, xp = windows(x, W.shape[2], W.shape[3], s, p)
    dxp = np.zeros(xp.shape)
    for i in range(d.shape[2]):
        for j in range(d.shape[3]):
            dxp[:, :, i*s:i*s+W.shape[2], j*s:j*s+W.shape[3]] += np.einsum('nf,fcij->ncij', d[:, :, i, j], W)
    return dxp[:, :, p:p+x.shape[2], p:p+x.shape[3]], np.einsum('nfhw,nchwij->fcij', d, v), d.sum((0, 2, 3))
"""
SIGNATURES = {  # what is unlike the contract -> (component, code)
    "a learning rate": ("tanh", """
class Tanh:
    def forward(self, x): self.y = np.tanh(x); return self.y
    def backward(self, grad, learning_rate): return grad * (1 - self.y ** 2)
"""),
    "a flag": ("relu", """
class Relu:
    def forward(self, x, train_flg): self.m = x > 0; return x * self.m
    def backward(self, dout): return dout * self.m
"""),
    "one size": ("pooling", CONV + """
class Pooling:
    def __init__(self, size, stride): self.k, self.s = size, stride
    def forward(self, x):
        self.x = x
        v, _ = windows(x, self.k, self.k, self.s, 0)
        self.v = v.reshape(*v.shape[:4], -1); self.a = self.v.argmax(-1); return self.v.max(-1)
    def backward(self, dout):
        dx = np.zeros(self.x.shape)
        for n, c, i, j in np.ndindex(dout.shape):
            a, b = divmod(self.a[n, c, i, j], self.k)
            dx[n, c, i*self.s+a, j*self.s+b] += dout[n, c, i, j]
        return dx
"""),
    "no bias": ("affine", """
class Affine:
    def __init__(self, W): self.W = W
    def forward(self, x): self.x = x; return x @ self.W
    def backward(self, dout): self.dW = self.x.T @ dout; return dout @ self.W.T
"""),
    "sizes": ("affine", """
class Affine:
    def __init__(self, in_size, out_size): self.W, self.b = np.random.randn(in_size, out_size), np.zeros(out_size)
    def forward(self, x): self.x = x; return x @ self.W + self.b
    def backward(self, dout): self.dW, self.db = self.x.T @ dout, dout.sum(0); return dout @ self.W.T
"""),
    "labels first": ("softmax_with_loss", """
class SoftmaxWithLoss:
    def forward(self, t, x):
        e = np.exp(x - x.max(1, keepdims=True)); self.p = e / e.sum(1, keepdims=True); self.t = t
        return -np.log(self.p[np.arange(len(t)), t]).mean()
    def backward(self):
        d = self.p.copy(); d[np.arange(len(self.t)), self.t] -= 1; return d / len(self.t)
"""),
    "padding first": ("im2col", """
def im2col(x, fh, fw, pad, stride):
    N, C, H, W = x.shape
    img = np.pad(x, ((0,0),(0,0),(pad,pad),(pad,pad)))
    v = np.lib.stride_tricks.sliding_window_view(img, (fh, fw), (2, 3))[:, :, ::stride, ::stride]
    return v.transpose(0, 2, 3, 1, 4, 5).reshape(-1, C*fh*fw)
"""),
    "filters at the call": ("convolution", CONV + """
class Convolution:
    def __init__(self, stride=1, pad=0): self.s, self.p = stride, pad
    def forward(self, x, W, b): self.x, self.W = x, W; return conv(x, W, b, self.s, self.p)
    def backward(self, dout): return conv_back(dout, self.x, self.W, self.s, self.p)
"""),
    "pairs": ("convolution", CONV + """
class Convolution:
    def __init__(self, W, b, stride=(1, 1), pad=(0, 0)): self.W, self.b, self.s, self.p = W, b, stride, pad
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, self.s[0], self.p[1])
    def backward(self, dout):
        dx, self.dW, self.db = conv_back(dout, self.x, self.W, self.s[0], self.p[0]); return dx
"""),
    "a name": ("relu", """
class Relu:
    def __init__(self, name): self.name = name
    def forward(self, x): self.x = x; return np.maximum(x, 0)
    def backward(self, dout, x): return dout * (x > 0)
"""),
    "static methods": ("sigmoid", """
class Sigmoid:
    @staticmethod
    def forward(x): return 1 / (1 + np.exp(-x))
    @staticmethod
    def backward(dout, out): return dout * out * (1 - out)
"""),
    "features": ("batch_norm", """
class BatchNorm:
    def __init__(self, num_features, eps=1e-5):
        self.gamma, self.beta, self.eps = np.ones(num_features), np.zeros(num_features), eps
    def forward(self, x):
        self.s = np.sqrt(x.var(0) + self.eps)
        self.xn = (x - x.mean(0)) / self.s
        return self.gamma * self.xn + self.beta
    def backward(self, d):
        self.dgamma, self.dbeta = (d * self.xn).sum(0), d.sum(0); h = d * self.gamma
        return (h - h.mean(0) - self.xn * (h * self.xn).mean(0)) / self.s
"""),
    "a generator and a mode": ("inverted_dropout", """
class Dropout:
    def __init__(self, p, rng): self.p, self.rng = p, rng
    def forward(self, x, mode):
        if mode == 'train':
            self.m = (self.rng.random(x.shape) > self.p) / (1 - self.p); return x * self.m
        return x
    def backward(self, dout): return dout * self.m
"""),
    "windows last": ("col2im", """
def col2im(col, x_shape, stride, pad, fh, fw):
    N, C, H, W = x_shape
    oh, ow = (H + 2*pad - fh)//stride + 1, (W + 2*pad - fw)//stride + 1
    col = col.reshape(N, oh, ow, C, fh, fw).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2*pad + stride - 1, W + 2*pad + stride - 1))
    for y in range(fh):
        for z in range(fw): img[:, :, y:y+stride*oh:stride, z:z+stride*ow:stride] += col[:, :, y, z]
    return img[:, :, pad:H+pad, pad:W+pad]
"""),
    "two dicts": ("convolution", CONV + """
class Convolution:
    def __init__(self, params, config): self.W, self.b, self.c = params['W'], params['b'], config
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, self.c['stride'], self.c['pad'])
    def backward(self, dout):
        dx, self.dW, self.db = conv_back(dout, self.x, self.W, self.c['stride'], self.c['pad']); return dx
"""),
    "keywords alone": ("convolution", CONV + """
class Convolution:
    def __init__(self, *, W, b, stride=1, pad=0): self.W, self.b, self.s, self.p = W, b, stride, pad
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, self.s, self.p)
    def backward(self, dout):
        dx, self.dW, self.db = conv_back(dout, self.x, self.W, self.s, self.p); return dx
"""),
    "another order of four": ("lrn", """
class LRN:
    def __init__(self, alpha=1e-4, beta=0.75, k=2, n=5): self.alpha, self.beta, self.k, self.n = alpha, beta, k, n
    def forward(self, x):
        C = x.shape[1]; s = np.zeros(x.shape)
        for c in range(C):
            s[:, c] = (x[:, max(0, c - self.n//2):c + self.n//2 + 1] ** 2).sum(1)
        return x / (self.k + self.alpha * s) ** self.beta
"""),
    "padding before stride": ("shapes", """
def conv_output_size(size, kernel, pad, stride): return (size + 2*pad - kernel)//stride + 1
"""),
    "bias first": ("affine", """
class Affine:
    def __init__(self, b, W): self.W, self.b = W, b
    def forward(self, x): self.x = x; return x @ self.W + self.b
    def backward(self, dout): self.dW, self.db = self.x.T @ dout, dout.sum(0); return dout @ self.W.T
"""),
}  # fmt: skip
REACHES = {  # what it can do -> (component, its reach, code)
    "square windows": ("convolution", {'stride': [1], 'pad': [0], 'FW': ['FH']}, CONV + """
class Conv:
    def __init__(self, in_channels, out_channels, k): self.W = np.random.randn(out_channels, in_channels, k, k)
    def forward(self, x): self.x = x; return conv(x, self.W, None, 1, 0)
    def backward(self, dout): dx, self.dW, _ = conv_back(dout, self.x, self.W, 1, 0); return dx
"""),
    "a stride of two": ("convolution", {'stride': [2], 'pad': [0]}, CONV + """
class Conv:
    def __init__(self, W, b): self.W, self.b = W, b
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, 2, 0)
    def backward(self, dout): dx, self.dW, self.db = conv_back(dout, self.x, self.W, 2, 0); return dx
"""),
    "a padding that keeps the size": ("convolution", {'FW': [3], 'stride': [1], 'pad': [1], 'FH': [3]}, CONV + """
class Conv:
    def __init__(self, W, b): self.W, self.b = W, b
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, 1, self.W.shape[2]//2)
    def backward(self, dout): dx, self.dW, self.db = conv_back(dout, self.x, self.W, 1, self.W.shape[2]//2); return dx
"""),
    "windows of five": ("convolution", {'stride': [1], 'pad': [0], 'FH': [5], 'FW': [5]}, CONV + """
class Conv5:
    def __init__(self, cin, cout): self.W, self.b = np.random.randn(cout, cin, 5, 5), np.zeros(cout)
    def forward(self, x): self.x = x; return conv(x, self.W, self.b, 1, 0)
    def backward(self, dout): dx, self.dW, self.db = conv_back(dout, self.x, self.W, 1, 0); return dx
"""),
    "one image": ("convolution", {}, CONV + """
class Conv2d:
    def __init__(self, W, b, stride=1, pad=0): self.W, self.b, self.s, self.p = W, b, stride, pad
    def forward(self, image):
        C, H, W = image.shape
        self.x = image[None]; return conv(self.x, self.W, self.b, self.s, self.p)[0]
    def backward(self, dout):
        dx, self.dW, self.db = conv_back(dout[None], self.x, self.W, self.s, self.p); return dx[0]
"""),
    "one grey image": ("convolution", {'stride': [1], 'pad': [0], 'C': [1], 'FN': [1]}, """
def convolve2d(image, kernel):
    h, w = image.shape; k, l = kernel.shape
    return np.array([[np.sum(image[i:i+k, j:j+l] * kernel) for j in range(w - l + 1)] for i in range(h - k + 1)])
"""),
    "images of one size": ("convolution", {'stride': [1], 'pad': [0]}, CONV + """
class Conv:
    def __init__(self, W, b, in_shape): self.W, self.b, self.shape = W, b, in_shape
    def forward(self, x):
        assert x.shape[1:] == tuple(self.shape)
        self.x = x; return conv(x, self.W, self.b, 1, 0)
    def backward(self, dout): dx, self.dW, self.db = conv_back(dout, self.x, self.W, 1, 0); return dx
"""),
    "rows": ("affine", {'axes': [2]}, """
class Dense:
    def __init__(self, n_in, n_out): self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
    def forward(self, x):
        assert x.ndim == 2
        self.x = x; return x @ self.W + self.b
    def backward(self, dout): self.dW, self.db = self.x.T @ dout, dout.sum(0); return dout @ self.W.T
"""),
    "grey images": ("convolution", {'stride': [1], 'pad': [0], 'C': [1], 'FH': [3], 'FW': [3]}, CONV + """
class Conv3x3:
    def __init__(self, n): self.kernels = np.random.randn(n, 3, 3)
    def forward(self, x): self.x = x; return conv(x[:, None], self.kernels[:, None], None, 1, 0)
    def backward(self, dout, lr):
        dx, dk, _ = conv_back(dout, self.x[:, None], self.kernels[:, None], 1, 0)
        self.kernels -= lr * dk[:, 0]
        return dx[:, 0]
"""),
}  # fmt: skip


def statuses(subject: Subject, component: str) -> set[str]:
    """Return how the plain core cases of a component end."""
    checks = [c for c in requested_checks(subject, REQUEST) if c.case.op.component == component]
    plain = [c for c in [*checks, *more_checks(component, subject, REQUEST)] if c.scenario.id == "plain"]
    return {v.status for v in judge_all([c for c in plain if c.level == "core"], subject)}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_that_does_not_fit_is_read_anew(name, write):
    component, code = SIGNATURES[name]
    found = statuses(load(write("layers.py", f"import numpy as np\n{code}")), component)
    assert "pass" in found and found <= {"pass", "beyond", "absent"}  # some have no backward pass


def test_dropout_that_scales_in_training_is_not_the_books_too(write):
    subject = load(write("layers.py", "import numpy as np\n" + SIGNATURES["a generator and a mode"][1]))
    assert "Dropout" not in subject.names


WRITES_INTO_X = """
class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio
    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            x *= self.mask
        else:
            x *= 1 - self.dropout_ratio
        return x
    def backward(self, dout):
        return dout * self.mask
"""


def test_the_books_dropout_that_writes_into_x_is_not_read_as_inverted(write):
    subject = load(write("layers.py", "import numpy as np\n" + WRITES_INTO_X))
    assert "Dropout" in subject.names and "InvertedDropout" not in subject.names


@pytest.mark.parametrize("name", REACHES)
def test_layer_is_asked_what_it_can_express(name, write):
    component, reach, code = REACHES[name]
    subject = load(write("layers.py", f"import numpy as np\n{code}"))
    interface = next(one for one in subject.interfaces.values() if one.reach == reach)
    found = statuses(subject, component)
    assert (
        interface.spoken.signature and "pass" in found and found <= {"pass", "beyond", "absent"}
    )  # some have no backward pass


MEAN = """
class Tanh:
    def forward(self, x): self.y = np.tanh(x); return self.y
    def backward(self, dout): return dout * (1 - self.y ** 2)
class MeanNormalization:
    def __init__(self, {given}): self.mean = {mean}
    def forward(self, x): return x - self.mean
    def backward(self, dout): return dout
"""


@pytest.mark.parametrize(
    "given, mean, calls",
    [("mean=None", "mean", False), ("train", "train.mean((0, 2, 3), keepdims=True)", False),
     ("train, per_pixel=False", "train.mean((0,) if per_pixel else (0, 2, 3), keepdims=True)", True)],
)  # fmt: skip
def test_a_normalization_of_fewer_arguments_is_called_differently(tmp_path, given, mean, calls):
    """It is given the training images and whether the mean is a pixel's: a constructor without them is not asked."""
    (tmp_path / "layers.py").write_text("import numpy as np\n" + MEAN.format(given=given, mean=mean))
    subject = load(str(tmp_path / "layers.py"))
    assert [one.name for one in subject.unread] == ([] if calls else ["MeanNormalization"])


def test_dropout_that_writes_into_x_is_the_book_s_all_the_same(tmp_path):
    """What inference does is measured by x as it was before, not by what the layer has written into it."""
    (tmp_path / "layers.py").write_text("""
import numpy as np
class Dropout:
    def __init__(self, dropout_ratio=0.5): self.ratio = dropout_ratio
    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.ratio
            return x * self.mask
        x *= 1.0 - self.ratio
        return x
    def backward(self, dout): return dout * self.mask
""")
    assert not {"InvertedDropout"} & load(str(tmp_path / "layers.py")).names.keys()
