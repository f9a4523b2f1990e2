import numpy as np


def im2col(image, flt_h, flt_w, out_h, out_w):
    # 1枚の画像 (高さ, 幅)、ストライド1
    img_h, img_w = image.shape
    cols = np.zeros((flt_h * flt_w, out_h * out_w))
    for h in range(out_h):
        for w in range(out_w):
            cols[:, h * out_w + w] = image[h:h + flt_h, w:w + flt_w].reshape(-1)
    return cols


class ConvLayer:
    def __init__(self, x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad):
        self.params = (x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad)
        self.w = 0.1 * np.random.randn(n_flt, x_ch, flt_h, flt_w)
        self.b = 0.1 * np.random.randn(1, n_flt)
        self.y_ch = n_flt
        self.y_h = (x_h - flt_h + 2 * pad) // stride + 1
        self.y_w = (x_w - flt_w + 2 * pad) // stride + 1

    def forward(self, x):
        x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad = self.params
        self.x_pad = np.pad(x.reshape(-1, x_ch, x_h, x_w), [(0, 0), (0, 0), (pad, pad), (pad, pad)])
        self.y = np.zeros((len(x), n_flt, self.y_h, self.y_w))
        for i in range(self.y_h):
            for j in range(self.y_w):
                part = self.x_pad[:, :, i * stride:i * stride + flt_h, j * stride:j * stride + flt_w]
                self.y[:, :, i, j] = part.reshape(len(x), -1) @ self.w.reshape(n_flt, -1).T + self.b
        return self.y

    def backward(self, grad_y):
        x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad = self.params
        delta = grad_y.reshape(self.y.shape)
        self.grad_b = delta.sum(axis=(0, 2, 3)).reshape(1, n_flt)
        self.grad_w = np.zeros(self.w.shape)
        grad_pad = np.zeros(self.x_pad.shape)
        for i in range(self.y_h):
            for j in range(self.y_w):
                here = np.s_[:, :, i * stride:i * stride + flt_h, j * stride:j * stride + flt_w]
                d = delta[:, :, i, j]
                self.grad_w += (d.T @ self.x_pad[here].reshape(len(d), -1)).reshape(self.w.shape)
                grad_pad[here] += (d @ self.w.reshape(n_flt, -1)).reshape(len(d), x_ch, flt_h, flt_w)
        self.grad_x = grad_pad[:, :, pad:pad + x_h, pad:pad + x_w]
        return self.grad_x


class ReluLayer:
    def forward(self, x):
        self.x = x
        self.y = np.where(x <= 0, 0, x)
        return self.y

    def backward(self, grad_y):
        self.grad_x = grad_y * np.where(self.x <= 0, 0, 1)
        return self.grad_x


class DropoutLayer:
    def __init__(self, dropout_ratio):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, is_train):
        if is_train == 1:
            rand = np.random.rand(*x.shape)
            self.dropout = np.where(rand > self.dropout_ratio, 1, 0)
            self.y = x * self.dropout
        else:
            self.y = (1 - self.dropout_ratio) * x
        return self.y

    def backward(self, grad_y):
        self.grad_x = grad_y * self.dropout
        return self.grad_x
