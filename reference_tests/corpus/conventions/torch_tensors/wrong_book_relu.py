"""The book's layers on tensors."""
import torch


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.x = x
        N, C, H, W = x.shape
        FN, _, FH, FW = self.W.shape
        OH, OW = (H + 2 * self.pad - FH) // self.stride + 1, (W + 2 * self.pad - FW) // self.stride + 1
        padded = torch.nn.functional.pad(x, (self.pad,) * 4)
        out = torch.zeros(N, FN, OH, OW, device=x.device, dtype=x.dtype)
        for i in range(OH):
            for j in range(OW):
                part = padded[:, :, i * self.stride:i * self.stride + FH, j * self.stride:j * self.stride + FW]
                out[:, :, i, j] = torch.tensordot(part, self.W, dims=([1, 2, 3], [1, 2, 3]))
        self.padded = padded
        return out + self.b[:, None, None]

    def backward(self, dout):
        N, C, H, W = self.x.shape
        FN, _, FH, FW = self.W.shape
        dpadded = torch.zeros_like(self.padded)
        self.dW = torch.zeros_like(self.W)
        self.db = dout.sum((0, 2, 3))
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                a, b = i * self.stride, j * self.stride
                part = self.padded[:, :, a:a + FH, b:b + FW]
                self.dW += torch.tensordot(dout[:, :, i, j], part, dims=([0], [0]))
                dpadded[:, :, a:a + FH, b:b + FW] += torch.tensordot(dout[:, :, i, j], self.W, dims=([1], [0]))
        return dpadded[:, :, self.pad:self.pad + H, self.pad:self.pad + W]


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        out = x.clone()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        return dout.clone()
