import weakref

import numpy as np


class Variable:
    def __init__(self, data):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError('{} is not supported'.format(type(data)))
        self.data = data
        self.grad = None
        self.creator = None
        self.generation = 0

    @property
    def shape(self):
        return self.data.shape

    def set_creator(self, func):
        self.creator = func
        self.generation = func.generation + 1

    def cleargrad(self):
        self.grad = None

    def backward(self):
        if self.grad is None:
            self.grad = np.ones_like(self.data)
        funcs = [self.creator]
        while funcs:
            funcs.sort(key=lambda f: f.generation)
            f = funcs.pop()
            gxs = f.backward(*[output().grad for output in f.outputs])
            gxs = gxs if isinstance(gxs, tuple) else (gxs,)
            for x, gx in zip(f.inputs, gxs):
                x.grad = gx if x.grad is None else x.grad + gx
                if x.creator is not None and x.creator not in funcs:
                    funcs.append(x.creator)


def as_variable(obj):
    return obj if isinstance(obj, Variable) else Variable(obj)


class Function:
    def __call__(self, *inputs):
        inputs = [as_variable(x) for x in inputs]
        ys = self.forward(*[x.data for x in inputs])
        ys = ys if isinstance(ys, tuple) else (ys,)
        outputs = [Variable(np.asarray(y)) for y in ys]
        self.generation = max(x.generation for x in inputs)
        for output in outputs:
            output.set_creator(self)
        self.inputs = inputs
        self.outputs = [weakref.ref(output) for output in outputs]
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs):
        raise NotImplementedError()

    def backward(self, *gys):
        raise NotImplementedError()


def get_conv_outsize(input_size, kernel_size, stride, pad):
    return (input_size + pad * 2 - kernel_size) // stride + 1


def im2col_array(img, kernel_size, stride, pad):
    """(N, C, H, W) -> (N, C, KH, KW, OH, OW)"""
    N, C, H, W = img.shape
    KH, KW = kernel_size
    OH, OW = get_conv_outsize(H, KH, stride, pad), get_conv_outsize(W, KW, stride, pad)
    img = np.pad(img, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    col = np.empty((N, C, KH, KW, OH, OW), dtype=img.dtype)
    for y in range(OH):
        for x in range(OW):
            col[..., y, x] = img[:, :, y * stride:y * stride + KH, x * stride:x * stride + KW]
    return col


def col2im_array(col, img_shape, kernel_size, stride, pad):
    N, C, H, W = img_shape
    KH, KW = kernel_size
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=col.dtype)
    for y in range(col.shape[4]):
        for x in range(col.shape[5]):
            img[:, :, y * stride:y * stride + KH, x * stride:x * stride + KW] += col[..., y, x]
    return img[:, :, pad:H + pad, pad:W + pad]


class Conv2d(Function):
    def __init__(self, stride=1, pad=0):
        self.stride = stride
        self.pad = pad

    def forward(self, x, W, b):
        self.col = im2col_array(x, W.shape[2:], self.stride, self.pad)
        y = np.tensordot(self.col, W, ((1, 2, 3), (1, 2, 3)))
        if b is not None:
            y += b
        return np.moveaxis(y, 3, 1)

    def backward(self, gy):
        x, W, b = [v.data for v in self.inputs]
        gcol = np.tensordot(W, gy, (0, 1)).transpose(3, 0, 1, 2, 4, 5)
        gx = col2im_array(gcol, x.shape, W.shape[2:], self.stride, self.pad)
        gW = np.tensordot(gy, self.col, ((0, 2, 3), (0, 4, 5)))
        gb = None if b is None else gy.sum(axis=(0, 2, 3))
        return gx, gW, gb


def conv2d(x, W, b=None, stride=1, pad=0):
    return Conv2d(stride, pad)(x, W, b)


class Pooling(Function):
    def __init__(self, kernel_size, stride=1, pad=0):
        self.kernel_size = kernel_size
        self.stride = stride
        self.pad = pad

    def forward(self, x):
        k = self.kernel_size
        col = im2col_array(x, (k, k), self.stride, self.pad)
        N, C, KH, KW, OH, OW = col.shape
        col = col.reshape(N, C, KH * KW, OH, OW)
        self.indexes = col.argmax(axis=2)
        return col.max(axis=2)

    def backward(self, gy):
        k = self.kernel_size
        N, C, OH, OW = gy.shape
        gcol = np.zeros((N, C, k * k, OH, OW))
        np.put_along_axis(gcol, self.indexes[:, :, None], gy[:, :, None], axis=2)
        shape = self.inputs[0].shape
        return col2im_array(gcol.reshape(N, C, k, k, OH, OW), shape, (k, k), self.stride, self.pad)


def pooling(x, kernel_size, stride=1, pad=0):
    return Pooling(kernel_size, stride, pad)(x)


class ReLU(Function):
    def forward(self, x):
        return np.maximum(x, 0.0)

    def backward(self, gy):
        return gy * (self.inputs[0].data > 0)


def relu(x):
    return ReLU()(x)


class Linear(Function):
    def forward(self, x, W, b):
        y = x.dot(W)
        return y if b is None else y + b

    def backward(self, gy):
        x, W, b = [v.data for v in self.inputs]
        return gy.dot(W.T), x.T.dot(gy), None if b is None else gy.sum(axis=0)


def linear(x, W, b=None):
    return Linear()(x, W, b)


class SoftmaxCrossEntropy(Function):
    def forward(self, x, t):
        z = x - x.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.p = np.exp(log_p)
        return -log_p[np.arange(len(t)), t].sum() / np.float64(len(t))

    def backward(self, gy):
        t = self.inputs[1].data
        y = self.p.copy()
        y[np.arange(len(t)), t] -= 1
        return gy * y, None


def softmax_cross_entropy(x, t):
    return SoftmaxCrossEntropy()(x, t)
