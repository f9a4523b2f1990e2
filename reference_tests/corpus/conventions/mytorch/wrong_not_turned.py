import numpy as np


class Conv2d_stride1():
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.W = np.random.normal(0, 1.0, shape) if weight_init_fn is None else weight_init_fn(*shape)
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)
        self.dLdW = np.zeros(self.W.shape)
        self.dLdb = np.zeros(self.b.shape)

    def forward(self, A):
        """
        Argument: A (np.array): (batch_size, in_channels, input_height, input_width)
        Return: Z (np.array): (batch_size, out_channels, output_height, output_width)
        """
        self.A = A
        K = self.kernel_size
        oh, ow = A.shape[2] - K + 1, A.shape[3] - K + 1
        Z = np.zeros((A.shape[0], self.out_channels, oh, ow))
        for i in range(oh):
            for j in range(ow):
                Z[:, :, i, j] = np.tensordot(A[:, :, i:i + K, j:j + K], self.W, axes=([1, 2, 3], [1, 2, 3]))
        return Z + self.b[:, None, None]

    def backward(self, dLdZ):
        K = self.kernel_size
        self.dLdb = np.sum(dLdZ, axis=(0, 2, 3))
        oh, ow = dLdZ.shape[2:]
        for i in range(K):
            for j in range(K):
                self.dLdW[:, :, i, j] = np.tensordot(dLdZ, self.A[:, :, i:i + oh, j:j + ow], axes=([0, 2, 3],) * 2)
        padded = np.pad(dLdZ, ((0, 0), (0, 0), (K - 1, K - 1), (K - 1, K - 1)))
        turned = self.W
        dLdA = np.zeros(self.A.shape)
        for i in range(dLdA.shape[2]):
            for j in range(dLdA.shape[3]):
                dLdA[:, :, i, j] = np.tensordot(padded[:, :, i:i + K, j:j + K], turned, axes=([1, 2, 3], [0, 2, 3]))
        return dLdA


class Downsample2d():
    def __init__(self, downsampling_factor):
        self.downsampling_factor = downsampling_factor

    def forward(self, A):
        self.shape = A.shape
        k = self.downsampling_factor
        return A[:, :, ::k, ::k]

    def backward(self, dLdZ):
        dLdA = np.zeros(self.shape)
        k = self.downsampling_factor
        dLdA[:, :, ::k, ::k] = dLdZ
        return dLdA


class Conv2d():
    def __init__(self, in_channels, out_channels, kernel_size, stride, padding=0,
                 weight_init_fn=None, bias_init_fn=None):
        self.stride = stride
        self.pad = padding
        self.conv2d_stride1 = Conv2d_stride1(in_channels, out_channels, kernel_size, weight_init_fn, bias_init_fn)
        self.downsample2d = Downsample2d(stride)

    def forward(self, A):
        p = self.pad
        A = np.pad(A, ((0, 0), (0, 0), (p, p), (p, p)), mode='constant')
        return self.downsample2d.forward(self.conv2d_stride1.forward(A))

    def backward(self, dLdZ):
        dLdA = self.conv2d_stride1.backward(self.downsample2d.backward(dLdZ))
        p = self.pad
        return dLdA[:, :, p:dLdA.shape[2] - p, p:dLdA.shape[3] - p]


class MaxPool2d_stride1():
    def __init__(self, kernel):
        self.kernel = kernel

    def forward(self, A):
        self.A = A
        k = self.kernel
        windows = np.lib.stride_tricks.sliding_window_view(A, (k, k), axis=(2, 3))
        self.Z = windows.max(axis=(4, 5))
        return self.Z

    def backward(self, dLdZ):
        k = self.kernel
        dLdA = np.zeros(self.A.shape)
        for i in range(dLdZ.shape[2]):
            for j in range(dLdZ.shape[3]):
                mask = self.A[:, :, i:i + k, j:j + k] == self.Z[:, :, i, j][..., None, None]
                dLdA[:, :, i:i + k, j:j + k] += mask * dLdZ[:, :, i, j][..., None, None]
        return dLdA


class MeanPool2d_stride1():
    def __init__(self, kernel):
        self.kernel = kernel

    def forward(self, A):
        self.A = A
        k = self.kernel
        return np.lib.stride_tricks.sliding_window_view(A, (k, k), axis=(2, 3)).mean(axis=(4, 5))

    def backward(self, dLdZ):
        k = self.kernel
        dLdA = np.zeros(self.A.shape)
        oh, ow = dLdZ.shape[2:]
        for i in range(k):
            for j in range(k):
                dLdA[:, :, i:i + oh, j:j + ow] += dLdZ / k ** 2
        return dLdA


class MaxPool2d():
    def __init__(self, kernel, stride):
        self.kernel = kernel
        self.stride = stride
        self.maxpool2d_stride1 = MaxPool2d_stride1(kernel)
        self.downsample2d = Downsample2d(stride)

    def forward(self, A):
        return self.downsample2d.forward(self.maxpool2d_stride1.forward(A))

    def backward(self, dLdZ):
        return self.maxpool2d_stride1.backward(self.downsample2d.backward(dLdZ))


class MeanPool2d():
    def __init__(self, kernel, stride):
        self.kernel = kernel
        self.stride = stride
        self.meanpool2d_stride1 = MeanPool2d_stride1(kernel)
        self.downsample2d = Downsample2d(stride)

    def forward(self, A):
        return self.downsample2d.forward(self.meanpool2d_stride1.forward(A))

    def backward(self, dLdZ):
        return self.meanpool2d_stride1.backward(self.downsample2d.backward(dLdZ))
