import numpy as np


class Conv3x3:
    # A convolution layer with 3x3 filters, for one grey image at a time.

    def __init__(self, num_filters):
        self.num_filters = num_filters
        # divided by 9 so that the first outputs are not too large
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def iterate_regions(self, image):
        """Yield every 3x3 region of a 2-D image, and where it lies."""
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i:i + 3, j:j + 3], i, j

    def forward(self, input):
        """input: (h, w). Returns (h - 2, w - 2, num_filters)."""
        self.last_input = input
        h, w = input.shape
        output = np.zeros((h - 2, w - 2, self.num_filters))
        for region, i, j in self.iterate_regions(input):
            output[i, j] = (region * self.filters).sum(axis=(1, 2))
        return output

    def backprop(self, d_L_d_out, learn_rate):
        d_L_d_filters = np.zeros(self.filters.shape)
        for region, i, j in self.iterate_regions(self.last_input):
            for f in range(self.num_filters):
                d_L_d_filters[f] += d_L_d_out[i, j, f] * region
        self.filters -= learn_rate * d_L_d_filters
        # the first layer of the network: nothing to hand back
        return None


class MaxPool2:
    # Max pooling with windows of 2.

    def iterate_regions(self, image):
        h, w, _ = image.shape
        for i in range(h // 2):
            for j in range(w // 2):
                yield image[2 * i:2 * i + 2, 2 * j:2 * j + 2], i, j

    def forward(self, input):
        self.last_input = input
        h, w, n = input.shape
        output = np.zeros((h // 2, w // 2, n))
        for region, i, j in self.iterate_regions(input):
            output[i, j] = region.max(axis=(0, 1))
        return output

    def backprop(self, d_L_d_out):
        d_L_d_input = np.zeros(self.last_input.shape)
        for region, i, j in self.iterate_regions(self.last_input):
            h, w, n = region.shape
            largest = region.max(axis=(0, 1))
            for a in range(h):
                for b in range(w):
                    for f in range(n):
                        if region[a, b, f] == largest[f]:
                            d_L_d_input[2 * i + a, 2 * j + b, f] = d_L_d_out[i, j, f]
        return d_L_d_input


class Softmax:
    # A dense layer with softmax.

    def __init__(self, input_len, nodes):
        self.weights = np.random.randn(input_len, nodes) / input_len
        self.biases = np.zeros(nodes)

    def forward(self, input):
        self.last_input_shape = input.shape
        flat = input.flatten()
        self.last_input = flat
        totals = np.dot(flat, self.weights) + self.biases
        self.last_totals = totals
        e = np.exp(totals)
        return e / e.sum()

    def backprop(self, d_L_d_out, learn_rate):
        """d_L_d_out: gradient by the probabilities; only one of its numbers is not 0."""
        for i, gradient in enumerate(d_L_d_out):
            if gradient == 0:
                continue
            e = np.exp(self.last_totals)
            S = e.sum()
            d_out_d_t = -e[i] * e / S ** 2
            d_out_d_t[i] = e[i] * (S - e[i]) / S ** 2
            d_L_d_t = gradient * d_out_d_t
            d_L_d_w = np.outer(self.last_input, d_L_d_t)
            d_L_d_inputs = self.weights @ d_L_d_t
            self.weights -= learn_rate * d_L_d_w
            self.biases -= learn_rate * d_L_d_t
            return d_L_d_inputs.reshape(self.last_input_shape)
