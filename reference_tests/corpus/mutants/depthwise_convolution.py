"""Depthwise convolution, wrong in one place."""

from .beyond import planted
from .witnesses import numbers

X = (2, 3, 5, 6)
MADE = f"DepthwiseConvolution({numbers((6, 1, 2, 3))}, {numbers((6,))})"
deep = planted("depthwise_convolution", "depthwise", f"used({MADE}, {numbers(X)})")
FORWARD = "return self.inner.forward(x)"
INNER = "self.inner = GroupedConvolution(self.W, self.b, self.stride, self.pad, x.shape[1])"
GRADS = "self.dW, self.db = self.inner.dW, self.inner.db"
MUTANTS = [
    deep("summed", "the sum of all channels", "channels-summed", FORWARD,
         "return self.inner.forward(np.repeat(x.sum(axis=1, keepdims=True), x.shape[1], axis=1))"),
    deep("first", "the first channel for all", "first-channel-only", FORWARD,
         "return self.inner.forward(np.repeat(x[:, :1], x.shape[1], axis=1))"),
    deep("interleaved", "filter f sees channel f % C", "filters-interleaved", FORWARD,
         "n, c, h, w = x.shape\n        times = len(self.W) // c\n"
         "        self.inner = GroupedConvolution(self.W, self.b, self.stride, self.pad, c * times)\n"
         "        return self.inner.forward(np.tile(x, (1, times, 1, 1)))"),
    deep("bias-missing", "no bias", "bias-missing", INNER, INNER.replace("self.b,", "0 * self.b,")),
    deep("pad", "no padding", "pad-ignored", INNER, INNER.replace("self.pad,", "0,"),
         shown=f"used(DepthwiseConvolution({numbers((3, 1, 2, 3))}, {numbers((3,))}, 1, 1), {numbers(X)})"),
    deep("flipped", "true convolution", "flipped", INNER, INNER.replace("self.W,", "self.W[..., ::-1, ::-1],"), GRADS,
         "self.dW, self.db = self.inner.dW[..., ::-1, ::-1], self.inner.db"),
    deep("scaled", "off by 1e-4", "scaled", FORWARD, FORWARD + " * 1.0001"),
    deep("float16", "half precision", "precision", FORWARD, FORWARD + '.astype("f2")'),
    deep("dW-flipped", "dW rotated", "dW-flipped", GRADS,
         GRADS.replace("self.inner.dW,", "self.inner.dW[..., ::-1, ::-1],")),
    deep("db-averaged", "db / N", "db-averaged", GRADS, GRADS + " / len(dout)"),
    deep("dx-averaged", "dx / N", "dx-averaged", "        return deep", "        return deep / len(dout)"),
]  # fmt: skip
