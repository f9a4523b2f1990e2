"""Factories that give forward, backward, and the dicts of the parameters and of their gradients."""
import numpy as np


def make_relu():
    state = {}

    def forward(x):
        state['on'] = x > 0
        return x * state['on']

    def backward(dy):
        return dy * state['on']

    return forward, backward, {}, {}


def make_linear(n_in, n_out, seed=None):
    rng = np.random.default_rng(seed)
    params = {'w': rng.normal(0, 0.1, (n_in, n_out)), 'b': np.zeros(n_out)}
    grads, state = {}, {}

    def forward(x):
        state['x'] = x
        return x @ params['w'] + params['b']

    def backward(dy):
        grads['w'] = state['x'].T @ dy
        grads['b'] = dy.sum(axis=0)
        return dy @ params['w'].T

    return forward, backward, params, grads
