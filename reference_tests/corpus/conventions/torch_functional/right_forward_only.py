import numpy as np

# forward only: enough to run a net that was trained elsewhere


def unfold(input, kernel_size, stride=1, padding=0):
    """(N, C, H, W) -> (N, C*kh*kw, L), as torch does it"""
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    n, c, h, w = input.shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    padded = np.zeros((n, c, h + 2 * padding, w + 2 * padding))
    padded[:, :, padding:padding + h, padding:padding + w] = input
    cols = np.empty((n, c, kh, kw, oh, ow))
    for i in range(oh):
        for j in range(ow):
            cols[..., i, j] = padded[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
    return cols.reshape(n, c * kh * kw, oh * ow)


def conv2d(input, weight, bias=None, stride=1, padding=0):
    f, c, kh, kw = weight.shape
    n, _, h, w = input.shape
    cols = unfold(input, (kh, kw), stride, padding)
    out = np.matmul(weight.reshape(f, -1), cols)
    if bias is not None:
        out += bias.reshape(1, f, 1)
    return out.reshape(n, f, (h + 2 * padding - kh) // stride + 1, -1)


def max_pool2d(input, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    n, c, h, w = input.shape
    cols = unfold(input.reshape(n * c, 1, h, w), kernel_size, stride)
    return cols.max(axis=1).reshape(n, c, (h - kernel_size) // stride + 1, -1)


def adaptive_avg_pool2d(input, output_size=1):
    assert output_size == 1
    return input.mean(axis=(2, 3), keepdims=True)


def relu(input):
    return np.maximum(input, 0)


def tanh(input):
    return np.tanh(input)


def sigmoid(input):
    return 1.0 / (1.0 + np.exp(-input))


def linear(input, weight, bias=None):
    y = np.dot(input, weight.T)
    if bias is not None:
        y = y + bias
    return y


def softmax(input, dim=-1):
    e = np.exp(input - input.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def cross_entropy(input, target):
    p = softmax(input, 1)
    return np.mean([-np.log(p[i, t]) for i, t in enumerate(target)])
