import numpy as np
from keras.datasets import mnist
from keras.utils import to_categorical

from activations import Sigmoid
from convolutional import Convolutional
from dense import Dense

(x_train, y_train), _ = mnist.load_data()
x_train = x_train[:50].reshape(50, 1, 28, 28) / 255
y_train = to_categorical(y_train[:50]).reshape(50, 10, 1)

conv, act, dense, out = Convolutional((1, 28, 28), 3, 5), Sigmoid(), Dense(5 * 26 * 26, 10), Sigmoid()
for epoch in range(20):
    error = 0
    for x, y in zip(x_train, y_train):
        hidden = act.forward(conv.forward(x))
        p = out.forward(dense.forward(hidden.reshape(-1, 1)))
        error += -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        grad = out.backward((p - y) / (p * (1 - p)) / np.size(y), 0.1)
        grad = dense.backward(grad, 0.1).reshape(hidden.shape)
        conv.backward(act.backward(grad, 0.1), 0.1)
    print(epoch, error)
