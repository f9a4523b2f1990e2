"""Functions in the manner of torch.autograd.Function, on NumPy arrays."""
import numpy as np


class Context:
    def __init__(self):
        self.saved_tensors = ()

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors


class Function:
    @classmethod
    def apply(cls, *args):
        ctx = Context()
        out = cls.forward(ctx, *args)
        return out, ctx


class Conv2dFunction(Function):
    @staticmethod
    def forward(ctx, input, weight, bias, stride=1, padding=0):
        ctx.save_for_backward(input, weight)
        ctx.stride = stride
        ctx.padding = padding
        n, c, h, w = input.shape
        f, _, kh, kw = weight.shape
        oh = (h + 2 * padding - kh) // stride + 1
        ow = (w + 2 * padding - kw) // stride + 1
        padded = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        output = np.empty((n, f, oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = padded[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw]
                output[:, :, i, j] = np.einsum('nckl,fckl->nf', patch, weight) + bias
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, weight = ctx.saved_tensors
        s, p = ctx.stride, ctx.padding
        kh, kw = weight.shape[2:]
        h, w = input.shape[2:]
        padded = np.pad(input, ((0, 0), (0, 0), (p, p), (p, p)))
        grad_padded = np.zeros_like(padded)
        grad_weight = np.zeros_like(weight)
        for i in range(grad_output.shape[2]):
            for j in range(grad_output.shape[3]):
                g = grad_output[:, :, i, j]
                grad_weight += np.einsum('nf,nckl->fckl', g, padded[:, :, i * s:i * s + kh, j * s:j * s + kw])
                grad_padded[:, :, i * s:i * s + kh, j * s:j * s + kw] += np.einsum('nf,fckl->nckl', g, weight)
        grad_bias = np.sum(grad_output, axis=(0, 2, 3))
        return grad_padded[:, :, p:p + h, p:p + w], grad_weight, grad_bias, None, None


class MaxPool2dFunction(Function):
    @staticmethod
    def forward(ctx, input, kernel_size, stride):
        n, c, h, w = input.shape
        k = kernel_size
        oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
        windows = np.stack([
            input[:, :, a:a + stride * oh:stride, b:b + stride * ow:stride] for a in range(k) for b in range(k)
        ])
        ctx.argmax = windows.argmax(axis=0)
        ctx.shape, ctx.kernel_size, ctx.stride = input.shape, k, stride
        return windows.max(axis=0)

    @staticmethod
    def backward(ctx, grad_output):
        k, s = ctx.kernel_size, ctx.stride
        oh, ow = grad_output.shape[2:]
        grad_input = np.zeros(ctx.shape)
        for a in range(k):
            for b in range(k):
                grad_input[:, :, a:a + s * oh:s, b:b + s * ow:s] += grad_output * (ctx.argmax == b * k + a)
        return grad_input, None, None


class ReLUFunction(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clip(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        grad_input = grad_output.copy()
        grad_input[input <= 0] = 0
        return grad_input


class LinearFunction(Function):
    @staticmethod
    def forward(ctx, input, weight, bias):
        """weight (out, in)"""
        ctx.save_for_backward(input, weight)
        return input @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        input, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ input, grad_output.sum(axis=0)
