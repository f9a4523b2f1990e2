import numpy as np


class Module(object):
    """
    Basically, you can think of a module as of a something (black box)
    which can process `input` data and produce `ouput` data.
    """
    def __init__(self):
        self.output = None
        self.gradInput = None
        self.training = True

    def forward(self, input):
        return self.updateOutput(input)

    def backward(self, input, gradOutput):
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput)
        return self.gradInput

    def updateOutput(self, input):
        pass

    def updateGradInput(self, input, gradOutput):
        pass

    def accGradParameters(self, input, gradOutput):
        pass

    def zeroGradParameters(self):
        pass

    def train(self):
        self.training = True

    def evaluate(self):
        self.training = False


class Linear(Module):
    def __init__(self, n_in, n_out):
        super(Linear, self).__init__()
        stdv = 1. / np.sqrt(n_in)
        self.W = np.random.uniform(-stdv, stdv, size=(n_out, n_in))
        self.b = np.random.uniform(-stdv, stdv, size=n_out)
        self.gradW = np.zeros_like(self.W)
        self.gradb = np.zeros_like(self.b)

    def updateOutput(self, input):
        self.output = input.dot(self.W.T) + self.b
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput.dot(self.W)
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        self.gradW += gradOutput.T.dot(input)
        self.gradb += gradOutput.sum(axis=0)

    def zeroGradParameters(self):
        self.gradW.fill(0)
        self.gradb.fill(0)


class ReLU(Module):
    def updateOutput(self, input):
        self.output = np.maximum(input, 0)
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = np.multiply(gradOutput, gradOutput > 0)
        return self.gradInput


class Dropout(Module):
    def __init__(self, p=0.5):
        super(Dropout, self).__init__()
        self.p = p
        self.mask = None

    def updateOutput(self, input):
        if self.training:
            self.mask = np.random.binomial(1, 1 - self.p, input.shape) / (1 - self.p)
            self.output = input * self.mask
        else:
            self.output = input
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput * self.mask
        return self.gradInput


class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super(Conv2d, self).__init__()
        assert kernel_size % 2 == 1, kernel_size
        stdv = 1. / np.sqrt(in_channels)
        self.W = np.random.uniform(-stdv, stdv, size=(out_channels, in_channels, kernel_size, kernel_size))
        self.b = np.random.uniform(-stdv, stdv, size=(out_channels,))
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.gradW = np.zeros_like(self.W)
        self.gradb = np.zeros_like(self.b)

    def updateOutput(self, input):
        pad = self.kernel_size // 2
        k = self.kernel_size
        xp = np.pad(input, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        N, C, H, W = input.shape
        self.output = np.zeros((N, self.out_channels, H, W))
        for i in range(k):
            for j in range(k):
                self.output += np.einsum('nchw,fc->nfhw', xp[:, :, i:i + H, j:j + W], self.W[:, :, i, j])
        self.output += self.b[None, :, None, None]
        return self.output

    def updateGradInput(self, input, gradOutput):
        pad = self.kernel_size // 2
        k = self.kernel_size
        N, C, H, W = input.shape
        g = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
        for i in range(k):
            for j in range(k):
                g[:, :, i:i + H, j:j + W] += np.einsum('nfhw,fc->nchw', gradOutput, self.W[:, :, i, j])
        self.gradInput = g[:, :, pad:pad + H, pad:pad + W]
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        pad = self.kernel_size // 2
        k = self.kernel_size
        xp = np.pad(input, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        N, C, H, W = input.shape
        for i in range(k):
            for j in range(k):
                self.gradW[:, :, i, j] += np.einsum('nchw,nfhw->fc', xp[:, :, i:i + H, j:j + W], gradOutput)
        self.gradb += gradOutput.sum(axis=(0, 2, 3))

    def zeroGradParameters(self):
        self.gradW.fill(0)
        self.gradb.fill(0)
