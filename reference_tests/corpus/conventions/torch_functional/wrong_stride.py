"""The functions of torch.nn.functional that a small CNN needs, each with its backward."""
import numpy as np


def _windows(input, kh, kw, stride, padding):
    input = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return np.lib.stride_tricks.sliding_window_view(input, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]


def conv2d(input, weight, bias=None, stride=1, padding=0):
    """input (N, C, H, W), weight (F, C, kh, kw), bias (F,) -> (N, F, OH, OW)"""
    w = _windows(input, weight.shape[2], weight.shape[3], stride, padding)
    out = np.tensordot(w, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    if bias is not None:
        out = out + bias[:, None, None]
    return out


def conv2d_backward(grad_output, input, weight, bias=None, stride=1, padding=0):
    """Returns grad_input, grad_weight, grad_bias (None without a bias)."""
    kh, kw = weight.shape[2:]
    w = _windows(input, kh, kw, stride, padding)
    grad_weight = np.tensordot(grad_output, w, axes=((0, 2, 3), (0, 2, 3)))
    grad_bias = None if bias is None else grad_output.sum((0, 2, 3))
    N, C, H, W = input.shape
    OH, OW = grad_output.shape[2:]
    back = np.tensordot(grad_output, weight, axes=(1, 0))
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for a in range(kh):
        for b in range(kw):
            padded[:, :, a:a + OH, b:b + OW] += back[..., a, b].transpose(0, 3, 1, 2)
    grad_input = padded[:, :, padding:padding + H, padding:padding + W]
    return grad_input, grad_weight, grad_bias


def max_pool2d(input, kernel_size, stride=None):
    stride = stride or kernel_size
    return _windows(input, kernel_size, kernel_size, stride, 0).max((4, 5))


def max_pool2d_backward(grad_output, input, kernel_size, stride=None):
    stride = stride or kernel_size
    grad_input = np.zeros(input.shape)
    for n, c, i, j in np.ndindex(*grad_output.shape):
        window = input[n, c, i * stride:i * stride + kernel_size, j * stride:j * stride + kernel_size]
        a, b = np.unravel_index(np.argmax(window), window.shape)
        grad_input[n, c, i * stride + a, j * stride + b] += grad_output[n, c, i, j]
    return grad_input


def avg_pool2d(input, kernel_size, stride=None):
    return _windows(input, kernel_size, kernel_size, stride or kernel_size, 0).mean((4, 5))


def avg_pool2d_backward(grad_output, input, kernel_size, stride=None):
    stride = stride or kernel_size
    grad_input = np.zeros(input.shape)
    share = grad_output / kernel_size ** 2
    OH, OW = grad_output.shape[2:]
    for a in range(kernel_size):
        for b in range(kernel_size):
            grad_input[:, :, a:a + stride * OH:stride, b:b + stride * OW:stride] += share
    return grad_input


def relu(input):
    return np.where(input > 0, input, 0)


def relu_backward(grad_output, input):
    return np.where(input > 0, grad_output, 0)


def sigmoid(input):
    e = np.exp(-np.abs(input))
    return np.where(input >= 0, 1 / (1 + e), e / (1 + e))


def sigmoid_backward(grad_output, input):
    s = sigmoid(input)
    return grad_output * s * (1 - s)


def linear(input, weight, bias=None):
    """input (N, in), weight (out, in), bias (out,)"""
    out = input @ weight.T
    return out if bias is None else out + bias


def linear_backward(grad_output, input, weight, bias=None):
    grad_input = grad_output @ weight
    grad_weight = grad_output.T @ input
    grad_bias = None if bias is None else grad_output.sum(0)
    return grad_input, grad_weight, grad_bias


def log_softmax(input):
    z = input - input.max(1, keepdims=True)
    return z - np.log(np.exp(z).sum(1, keepdims=True))


def cross_entropy(input, target):
    """input: logits (N, K), target: labels (N,). The mean over the batch."""
    return -log_softmax(input)[np.arange(len(target)), target].mean()


def cross_entropy_backward(input, target):
    grad = np.exp(log_softmax(input))
    grad[np.arange(len(target)), target] -= 1
    return grad / len(target)
