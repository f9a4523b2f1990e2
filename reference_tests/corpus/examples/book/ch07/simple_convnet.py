# coding: utf-8
import os
import sys

sys.path.append(os.pardir)  # so that common is found
from collections import OrderedDict

import numpy as np
from common.gradient import numerical_gradient
from common.layers import *


class SimpleConvNet:
    def __init__(self, input_dim=(1, 28, 28), conv_param={"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1},
                 hidden_size=100, output_size=10, weight_init_std=0.01):
        fn, f = conv_param["filter_num"], conv_param["filter_size"]
        self.params = {"W1": weight_init_std * np.random.randn(fn, input_dim[0], f, f), "b1": np.zeros(fn)}
        self.layers = OrderedDict(Conv1=Convolution(self.params["W1"], self.params["b1"]), Relu1=Relu())

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def numerical_gradient(self, x, t):
        return numerical_gradient(lambda w: self.loss(x, t), self.params["W1"])
