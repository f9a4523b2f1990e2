import mnist
import numpy as np
from tqdm import tqdm


class Conv3x3:
    '''Convolution layer using 3x3 filters.'''

    def __init__(self, num_filters):
        self.num_filters = num_filters
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def image_region(self, image):
        '''Generates all 3x3 regions of a 2-D image (no padding).'''
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i:(i + 3), j:(j + 3)], i, j

    def forward(self, input):
        self.last_input = input
        h, w = input.shape
        output = np.zeros((h - 2, w - 2, self.num_filters))
        for im_region, i, j in self.image_region(input):
            for f in range(self.num_filters):
                output[i, j, f] = np.vdot(im_region, self.filters[f])
        return output

    def backprop(self, d_L_d_out, learn_rate):
        d_L_d_filters = np.zeros(self.filters.shape)
        for im_region, i, j in self.image_region(self.last_input):
            d_L_d_filters += d_L_d_out[i, j][:, None, None] * im_region
        self.filters -= learn_rate * d_L_d_filters
        return None


class MaxPool2:
    def forward(self, input):
        self.last_input = input
        h, w, n = input.shape
        blocks = input[:h // 2 * 2, :w // 2 * 2].reshape(h // 2, 2, w // 2, 2, n)
        return blocks.max(axis=(1, 3))

    def backprop(self, d_L_d_out):
        h, w, n = self.last_input.shape
        d_L_d_input = np.zeros((h, w, n))
        for i in range(h // 2):
            for j in range(w // 2):
                block = self.last_input[2 * i:2 * i + 2, 2 * j:2 * j + 2].reshape(4, n)
                best = block.argmax(axis=0)
                for f in range(n):
                    a, b = divmod(best[f], 2)
                    d_L_d_input[2 * i + a, 2 * j + b, f] = d_L_d_out[i, j, f]
        return d_L_d_input


class Softmax:
    def __init__(self, input_len, nodes):
        self.weights = np.random.randn(input_len, nodes) / input_len
        self.biases = np.zeros(nodes)

    def forward(self, input):
        self.last_input_shape = input.shape
        self.last_input = input.flatten()
        totals = self.last_input @ self.weights + self.biases
        e = np.exp(totals - totals.max())
        self.probs = e / e.sum()
        return self.probs

    def backprop(self, d_L_d_out, learn_rate):
        d_L_d_t = self.probs * (d_L_d_out - np.dot(d_L_d_out, self.probs))
        d_L_d_inputs = np.dot(self.weights, d_L_d_t)
        self.weights -= learn_rate * self.last_input[:, None] * d_L_d_t[None, :]
        self.biases -= learn_rate * d_L_d_t
        return d_L_d_inputs.reshape(self.last_input_shape)


train_images = mnist.train_images()[:100]
train_labels = mnist.train_labels()[:100]

conv = Conv3x3(8)                  # 28x28x1 -> 26x26x8
pool = MaxPool2()                  # 26x26x8 -> 13x13x8
softmax = Softmax(13 * 13 * 8, 10)  # 13x13x8 -> 10


def forward(image, label):
    out = softmax.forward(pool.forward(conv.forward((image / 255) - 0.5)))
    return out, -np.log(out[label]), int(np.argmax(out) == label)


def train(im, label, lr=.005):
    out, loss, acc = forward(im, label)
    gradient = np.zeros(10)
    gradient[label] = -1 / out[label]
    conv.backprop(pool.backprop(softmax.backprop(gradient, lr)), lr)
    return loss, acc


print('MNIST CNN initialized!')
loss = num_correct = 0
for i, (im, label) in enumerate(tqdm(list(zip(train_images, train_labels)))):
    if i % 100 == 99:
        print(i, loss / 100, num_correct)
        loss = num_correct = 0
    l, acc = train(im, label)
    loss += l
    num_correct += acc
