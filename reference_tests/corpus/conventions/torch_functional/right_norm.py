"""numpy counterparts of torch.nn.functional (inference only)."""
import numpy as np


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0):
    N, C, H, W = input.shape
    _, K, R, S = weight.shape
    OH = (H - 1) * stride + R + output_padding
    OW = (W - 1) * stride + S + output_padding
    full = np.zeros((N, K, OH, OW), dtype=input.dtype)
    for i in range(H):
        for j in range(W):
            full[:, :, i * stride:i * stride + R, j * stride:j * stride + S] += np.einsum('nc,ckrs->nkrs', input[:, :, i, j], weight)
    out = full[:, :, padding:OH - padding, padding:OW - padding]
    if bias is not None:
        out = out + bias[None, :, None, None]
    return out


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    shape = [1, -1] + [1] * (input.ndim - 2)
    if training:
        axes = (0,) + tuple(range(2, input.ndim))
        mean, var = input.mean(axes), input.var(axes)
        n = input.size // input.shape[1]
        running_mean *= 1 - momentum
        running_mean += momentum * mean
        running_var *= 1 - momentum
        running_var += momentum * var * n / (n - 1)
    else:
        mean, var = running_mean, running_var
    out = (input - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    if weight is not None:
        out = out * weight.reshape(shape) + bias.reshape(shape)
    return out
