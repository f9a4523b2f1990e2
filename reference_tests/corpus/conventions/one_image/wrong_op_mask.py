import numpy as np


class Conv_op:
    def __init__(self, num_filters, filter_size):
        self.num_filters = num_filters
        self.filter_size = filter_size
        self.conv_filter = np.random.randn(num_filters, filter_size, filter_size) / (filter_size * filter_size)

    def image_region(self, image):
        height, width = image.shape
        self.image = image
        k = self.filter_size
        for j in range(height - k + 1):
            for i in range(width - k + 1):
                image_patch = image[j:(j + k), i:(i + k)]
                yield image_patch, j, i

    def forward_prop(self, image):
        height, width = image.shape
        k = self.filter_size
        conv_out = np.zeros((height - k + 1, width - k + 1, self.num_filters))
        for image_patch, i, j in self.image_region(image):
            conv_out[i, j] = np.tensordot(self.conv_filter, image_patch, axes=2)
        return conv_out

    def back_prop(self, dL_dout, learning_rate):
        dL_dF_params = np.zeros(self.conv_filter.shape)
        for image_patch, i, j in self.image_region(self.image):
            for k in range(self.num_filters):
                dL_dF_params[k] += image_patch * dL_dout[i, j, k]
        self.conv_filter -= learning_rate * dL_dF_params
        return dL_dF_params


class Max_Pool:
    def __init__(self, filter_size):
        self.filter_size = filter_size

    def image_region(self, image):
        k = self.filter_size
        self.image = image
        for i in range(image.shape[0] // k):
            for j in range(image.shape[1] // k):
                yield image[(i * k):(i * k + k), (j * k):(j * k + k)], i, j

    def forward_prop(self, image):
        height, width, num_filters = image.shape
        output = np.zeros((height // self.filter_size, width // self.filter_size, num_filters))
        for image_patch, i, j in self.image_region(image):
            output[i, j] = np.amax(image_patch, axis=(0, 1))
        return output

    def back_prop(self, dL_dout):
        k = self.filter_size
        dL_dmax_pool = np.zeros(self.image.shape)
        for image_patch, i, j in self.image_region(self.image):
            mask = image_patch == np.amax(image_patch, axis=(0, 1))
            dL_dmax_pool[i * k:i * k + k, j * k:j * k + k] += mask
        return dL_dmax_pool


class Softmax:
    def __init__(self, input_node, softmax_node):
        self.weight = np.random.randn(input_node, softmax_node) / input_node
        self.bias = np.zeros(softmax_node)

    def forward_prop(self, image):
        self.orig_im_shape = image.shape
        self.modified_input = image.flatten()
        self.out = np.dot(self.modified_input, self.weight) + self.bias
        exp_out = np.exp(self.out - self.out.max())
        self.probs = exp_out / np.sum(exp_out)
        return self.probs

    def back_prop(self, dL_dout, learning_rate):
        # jacobian of the softmax, for any upstream gradient
        jacobian = np.diag(self.probs) - np.outer(self.probs, self.probs)
        dL_dout_z = jacobian @ dL_dout
        dL_dinp = (self.weight @ dL_dout_z).reshape(self.orig_im_shape)
        self.weight -= learning_rate * np.outer(self.modified_input, dL_dout_z)
        self.bias -= learning_rate * dL_dout_z
        return dL_dinp
