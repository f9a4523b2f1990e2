"""Blobs and diffs, as Caffe has them."""

import numpy as np


class ConvolutionLayer(object):
    def __init__(self, num_output, kernel_size, stride=1, pad=0):
        self.num_output, self.kernel_size, self.stride, self.pad = num_output, kernel_size, stride, pad
        self.blobs = None

    def setup(self, bottom_shape):
        c = bottom_shape[1]
        self.blobs = [np.random.randn(self.num_output, c, self.kernel_size, self.kernel_size) * 0.01,
                      np.zeros(self.num_output)]
        self.diffs = [np.zeros_like(b) for b in self.blobs]

    def forward(self, bottom):
        if self.blobs is None:
            self.setup(bottom.shape)
        k, s, p = self.kernel_size, self.stride, self.pad
        self.bottom = np.pad(bottom, ((0, 0), (0, 0), (p, p), (p, p)))
        n, c, h, w = self.bottom.shape
        top = np.zeros((n, self.num_output, (h - k) // s + 1, (w - k) // s + 1))
        for y in range(top.shape[2]):
            for x in range(top.shape[3]):
                roi = self.bottom[:, :, y * s:y * s + k, x * s:x * s + k]
                top[:, :, y, x] = roi.reshape(n, -1).dot(self.blobs[0].reshape(self.num_output, -1).T) + self.blobs[1]
        return top

    def backward(self, top_diff):
        k, s, p = self.kernel_size, self.stride, self.pad
        bottom_diff = np.zeros_like(self.bottom)
        n = top_diff.shape[0]
        dw = np.zeros_like(self.blobs[0])
        for y in range(top_diff.shape[2]):
            for x in range(top_diff.shape[3]):
                d = top_diff[:, :, y, x]
                roi = self.bottom[:, :, y * s:y * s + k, x * s:x * s + k]
                dw += d.T.dot(roi.reshape(n, -1)).reshape(dw.shape)
                bottom_diff[:, :, y * s:y * s + k, x * s:x * s + k] += d.dot(self.blobs[0].reshape(self.num_output, -1)).reshape(roi.shape)
        self.diffs[0] = dw
        self.diffs[1] = top_diff.sum(axis=(0, 2, 3))
        h, w = bottom_diff.shape[2:]
        return bottom_diff[:, :, p:h - p, p:w - p]


class InnerProductLayer(object):
    def __init__(self, num_output):
        self.num_output = num_output
        self.blobs = None

    def forward(self, bottom):
        self.shape = bottom.shape
        self.bottom = bottom.reshape(len(bottom), -1)
        if self.blobs is None:
            self.blobs = [np.random.randn(self.num_output, self.bottom.shape[1]) * 0.01, np.zeros(self.num_output)]
            self.diffs = [None, None]
        return self.bottom.dot(self.blobs[0].T) + self.blobs[1]

    def backward(self, top_diff):
        self.diffs[0] = top_diff.T.dot(self.bottom)
        self.diffs[1] = top_diff.sum(axis=0)
        return top_diff.dot(self.blobs[0]).reshape(self.shape)


class SoftmaxWithLossLayer(object):
    def forward(self, bottom, label):
        e = np.exp(bottom - bottom.max(axis=1, keepdims=True))
        self.prob = e / e.sum(axis=1, keepdims=True)
        self.label = label
        return -np.log(self.prob[np.arange(len(label)), label] + 1e-12).mean()

    def backward(self):
        d = self.prob.copy()
        d[np.arange(len(d)), self.label] -= 1
        return d
