"""Every layer takes a dict of parameters first, also those that read nothing from it."""

import numpy as np


def relu_forward(params, x):
    return np.maximum(x, 0), {"x": x}


def relu_backward(dy, cache):
    return dy * (cache["x"] > 0), {}


def tanh_forward(params, x):
    y = np.tanh(x)
    return y, {"y": y}


def tanh_backward(dy, cache):
    return dy * (1 - cache["y"]), {}


def dense_forward(params, x):
    return x @ params["W"] + params["b"], {"x": x, "params": params}


def dense_backward(dy, cache):
    grads = {"W": cache["x"].T @ dy, "b": dy.sum(axis=0)}
    return dy @ cache["params"]["W"].T, grads
