import numpy as np


class ConvLayer(object):
    """fprop / bprop; the gradients are asked for with grads_wrt_params"""

    def __init__(self, num_input_channels, num_output_channels, kernel_dim, stride=1, pad=0, rng=None):
        rng = rng or np.random.RandomState(0)
        self.stride, self.pad = stride, pad
        self.kernels = rng.uniform(-0.1, 0.1, (num_output_channels, num_input_channels, kernel_dim, kernel_dim))
        self.biases = np.zeros(num_output_channels)

    @property
    def params(self):
        return [self.kernels, self.biases]

    def fprop(self, inputs):
        k, s, p = self.kernels.shape[2], self.stride, self.pad
        self.inputs_shape = inputs.shape
        self.padded = np.pad(inputs, [(0, 0), (0, 0), (p, p), (p, p)], 'constant')
        oh, ow = (self.padded.shape[2] - k) // s + 1, (self.padded.shape[3] - k) // s + 1
        outputs = np.empty((inputs.shape[0], self.kernels.shape[0], oh, ow))
        for i in range(oh):
            for j in range(ow):
                patch = self.padded[:, :, s * i:s * i + k, s * j:s * j + k].reshape(inputs.shape[0], -1)
                outputs[:, :, i, j] = patch.dot(self.kernels.reshape(len(self.kernels), -1).T) + self.biases
        return outputs

    def bprop(self, grads_wrt_outputs):
        k, s, p = self.kernels.shape[2], self.stride, self.pad
        flat = self.kernels.reshape(len(self.kernels), -1)
        d_padded = np.zeros(self.padded.shape)
        self.d_kernels = np.zeros(self.kernels.shape)
        for i in range(grads_wrt_outputs.shape[2]):
            for j in range(grads_wrt_outputs.shape[3]):
                g = grads_wrt_outputs[:, :, i, j]
                area = np.s_[:, :, s * i:s * i + k, s * j:s * j + k]
                self.d_kernels += g.T.dot(self.padded[area].reshape(len(g), -1)).reshape(self.kernels.shape)
                d_padded[area] += g.dot(flat).reshape(self.padded[area].shape)
        self.d_biases = grads_wrt_outputs.sum((0, 2, 3))
        h, w = self.inputs_shape[2:]
        return d_padded[:, :, p:p + h, p:p + w]

    def param_grads(self):
        return self.d_kernels, self.d_biases


class AffineLayer(object):
    def __init__(self, input_dim, output_dim):
        self.weights = np.random.uniform(-0.1, 0.1, (output_dim, input_dim))
        self.biases = np.zeros(output_dim)

    def fprop(self, inputs):
        self.inputs = inputs
        return self.weights.dot(inputs.T).T + self.biases

    def bprop(self, grads_wrt_outputs):
        self.d_weights = self.inputs.T.dot(grads_wrt_outputs)
        self.d_biases = grads_wrt_outputs.sum(0)
        return grads_wrt_outputs.dot(self.weights)

    def param_grads(self):
        return self.d_weights, self.d_biases


class TanhLayer(object):
    def fprop(self, inputs):
        self.outputs = np.tanh(inputs)
        return self.outputs

    def bprop(self, grads_wrt_outputs):
        return (1. - self.outputs ** 2) * grads_wrt_outputs
