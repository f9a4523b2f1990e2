import numpy as np


class ConvLayer:
    """num_filters before the depth of the input, window as height and width"""

    def __init__(self, num_filters, kernel_height, kernel_width, num_channels, padding=0, stride=1):
        self.num_filters = num_filters
        self.kh, self.kw = kernel_height, kernel_width
        self.padding = padding
        self.stride = stride
        self.kernels = np.random.randn(num_filters, num_channels, kernel_height, kernel_width)
        self.kernels /= np.sqrt(num_channels * kernel_height * kernel_width)
        self.bias = np.zeros((num_filters, 1))

    def forward(self, X):
        N, C, H, W = X.shape
        s, p = self.stride, self.padding
        padded = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))
        H2, W2 = (H + 2 * p - self.kh) // s + 1, (W + 2 * p - self.kw) // s + 1
        self.columns = np.zeros((N, C * self.kh * self.kw, H2 * W2))
        for y in range(H2):
            for x in range(W2):
                piece = padded[:, :, y * s:y * s + self.kh, x * s:x * s + self.kw]
                self.columns[:, :, y * W2 + x] = piece.reshape(N, -1)
        self.in_shape = X.shape
        out = self.kernels.reshape(self.num_filters, -1) @ self.columns + self.bias
        return out.reshape(N, self.num_filters, H2, W2)

    def backward(self, dL_dout):
        N, C, H, W = self.in_shape
        s, p = self.stride, self.padding
        _, _, H2, W2 = dL_dout.shape
        d = dL_dout.reshape(N, self.num_filters, -1)
        self.kernel_gradients = (d @ self.columns.transpose(0, 2, 1)).sum(axis=0).reshape(self.kernels.shape)
        self.bias_gradients = d.sum(axis=(0, 2))[:, None]
        dcol = self.kernels.reshape(self.num_filters, -1).T @ d
        dX = np.zeros((N, C, H + 2 * p, W + 2 * p))
        for y in range(H2):
            for x in range(W2):
                piece = dcol[:, :, y * W2 + x].reshape(N, C, self.kh, self.kw)
                dX[:, :, y * s:y * s + self.kh, x * s:x * s + self.kw] += piece
        return dX[:, :, p:H + p, p:W + p]


class PoolLayer:
    def __init__(self, pool_height, pool_width, stride):
        self.ph, self.pw, self.stride = pool_height, pool_width, stride

    def forward(self, X):
        s = self.stride
        self.X = X
        v = np.lib.stride_tricks.sliding_window_view(X, (self.ph, self.pw), axis=(2, 3))
        return v[:, :, ::s, ::s].max(axis=(-1, -2))

    def backward(self, dL_dout):
        s = self.stride
        dX = np.zeros(self.X.shape)
        for n, c, y, x in np.ndindex(*dL_dout.shape):
            piece = self.X[n, c, y * s:y * s + self.ph, x * s:x * s + self.pw]
            spot = np.argwhere(piece == piece.max())[0]
            dX[n, c, y * s + spot[0], x * s + spot[1]] += dL_dout[n, c, y, x]
        return dX


class FCLayer:
    def __init__(self, num_outputs, num_inputs):
        self.weights = np.random.randn(num_inputs, num_outputs) / np.sqrt(num_inputs)
        self.bias = np.zeros((1, num_outputs))

    def forward(self, X):
        self.X = X
        return X @ self.weights + self.bias

    def backward(self, dL_dout):
        self.weight_gradients = self.X.T @ dL_dout
        self.bias_gradients = dL_dout[:1]
        return dL_dout @ self.weights.T
