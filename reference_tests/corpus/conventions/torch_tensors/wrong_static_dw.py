"""Layers of a course on tensors: static passes, each with what it caches; nothing of torch.nn, no autograd."""
import torch


class FullyConnected:
    @staticmethod
    def forward(x, w, b):
        return x.flatten(1).matmul(w).add(b), (x, w)

    @staticmethod
    def backward(dout, cache):
        x, w = cache
        dx = torch.matmul(dout, w.t()).reshape(x.shape)
        return dx, torch.matmul(x.flatten(1).t(), dout), dout.sum(0)


class Convolution:
    @staticmethod
    def forward(x, w, b, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        xp = torch.nn.functional.pad(x, (p, p, p, p))
        kh, kw = w.shape[2:]
        windows = xp.unfold(2, kh, s).unfold(3, kw, s)
        out = torch.einsum("nchwij,fcij->nfhw", windows, w) + b[:, None, None]
        return out, (x, w, conv_param, windows)

    @staticmethod
    def backward(dout, cache):
        x, w, conv_param, windows = cache
        s, p = conv_param["stride"], conv_param["pad"]
        dw = torch.einsum("nchwij,nfhw->fcij", windows, dout) / len(x)
        n, c, h, wd = x.shape
        dxp = torch.zeros((n, c, h + 2 * p, wd + 2 * p), dtype=x.dtype)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part = torch.tensordot(dout[:, :, i, j], w, 1)
                dxp[:, :, i * s:i * s + w.shape[2], j * s:j * s + w.shape[3]] += part
        return dxp[:, :, p:p + h, p:p + wd], dw, dout.sum((0, 2, 3))


class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        momentum, eps = bn_param.get("momentum", 0.9), bn_param.get("eps", 1e-5)
        mean, var = bn_param.get("running_mean"), bn_param.get("running_var")
        if bn_param["mode"] == "train":
            mean, var = x.mean(0), ((x - x.mean(0)) ** 2).mean(0)
            for name, now in (("running_mean", mean), ("running_var", var)):
                bn_param[name] = momentum * bn_param.get(name, torch.zeros_like(now)) + (1 - momentum) * now
        normal = (x - mean) / torch.sqrt(var + eps)
        return gamma * normal + beta, (normal, gamma, torch.sqrt(var + eps))

    @staticmethod
    def backward(dout, cache):
        normal, gamma, std = cache
        d = dout * gamma
        dx = (d - d.mean(0) - normal * (d * normal).mean(0)) / std
        return dx, (dout * normal).sum(0), dout.sum(0)
