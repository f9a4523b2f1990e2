"""Coursera's dense layers of columns give means over the images: right where the model's own cost says so."""

import pytest

from reference_tests.conformance import absences, spoken
from reference_tests.conformance.examination import Examination
from reference_tests.subject.conventions.special import deep_models
from reference_tests.subject.load import load
from reference_tests.tests.subject.conventions.test_read import status

LAYERS = """
import numpy as np

def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m
"""
MODEL = """
def L_model_forward(X, parameters):
    A, caches = X, []
    L = len(parameters) // 2
    for l in range(1, L + 1):
        Z, cache = linear_forward(A, parameters['W' + str(l)], parameters['b' + str(l)])
        A = np.maximum(Z, 0) if l < L else 1 / (1 + np.exp(-Z))
        caches.append((cache, Z))
    return A, caches

def compute_cost(AL, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m

def L_model_backward(AL, Y, caches):
    grads, L, m = {}, len(caches), AL.shape[1]
    dZ = (AL - Y)
    for l in range(L, 0, -1):
        cache, _ = caches[l - 1]
        dA, grads['dW' + str(l)], grads['db' + str(l)] = linear_backward(dZ, cache)
        if l > 1:
            dZ = dA * (caches[l - 2][1] > 0)
    return grads
"""


@pytest.mark.slow
@pytest.mark.parametrize("code", [LAYERS, LAYERS + MODEL], ids=["layers", "model"])
def test_means_are_right_where_nothing_else_divides(code, write):
    subject = load(write("layers.py", code))
    assert deep_models.NOTE in spoken.read_as(subject.interfaces["Affine"])
    assert status(subject, "affine") == "partial"


@pytest.mark.slow
@pytest.mark.parametrize(
    "old, new",
    [
        ("(AL - Y)", "(AL - Y) / m"),
        ("keepdims=True) / m", "keepdims=True)"),
        ("dZ @ A_prev.T / m", "dZ @ A_prev.T"),
        ("W.T @ dZ", "W.T @ dZ / m"),
        ("dZ @ A_prev.T / m", "-dZ @ A_prev.T / m"),
    ],
    ids=["both divide", "db a sum", "dW a sum", "dx a mean", "sign"],
)
def test_mistake_that_the_cost_contradicts_is_seen(old, new, write):
    assert old in LAYERS + MODEL
    assert status(load(write("layers.py", (LAYERS + MODEL).replace(old, new))), "affine") == "fail"


@pytest.mark.slow
def test_sums_stay_sums(write):
    subject = load(write("layers.py", LAYERS.replace(" / m", "")))
    assert deep_models.NOTE not in spoken.read_as(subject.interfaces["Affine"])
    assert status(subject, "affine") == "partial"


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("", "", "L_model_backward: its gradients are those of compute_cost"),
        ("(AL - Y)", "(Y - AL)", "L_model_backward: dW1, db1, dW2, db2 are not the gradients of compute_cost"),
        ("[1] > 0)", "[1] < 0)", "L_model_backward: dW1, db1 are not the gradients of compute_cost"),
    ],
    ids=["right", "sign", "mask"],
)
def test_model_is_compared_with_its_own_cost_and_its_layers_are_not_blamed(old, new, said, write):
    subject = load(write("layers.py", (LAYERS + MODEL).replace(old, new) if old else LAYERS + MODEL))
    assert said in " ".join(absences.header(subject.notes))
    assert deep_models.NOTE in spoken.read_as(subject.interfaces["Affine"])


SOFTMAX = (
    LAYERS
    + """
def forward_propagation(X, parameters):
    Z1 = parameters['W1'] @ X + parameters['b1']
    Z2 = parameters['W2'] @ np.maximum(Z1, 0) + parameters['b2']
    e = np.exp(Z2 - Z2.max(axis=0))
    return e / e.sum(axis=0), {'Z1': Z1}

def cost(A2, Y):
    return -np.sum(Y * np.log(A2)) / Y.shape[1]

def backward_propagation(parameters, cache, A2, X, Y, lambd=0.7):
    m, A1 = X.shape[1], np.maximum(cache['Z1'], 0)
    dZ2 = A2 - Y
    dZ1 = (parameters['W2'].T @ dZ2) * (A1 > 0)
    return {'dW2': dZ2 @ A1.T / m + lambd * parameters['W2'] / m, 'db2': dZ2.sum(axis=1, keepdims=True) / m,
            'dW1': dZ1 @ X.T / m + lambd * parameters['W1'] / m, 'db1': dZ1.sum(axis=1, keepdims=True) / m}
"""
)


@pytest.mark.parametrize("old, new, wrong", [("", "", ""), ("* (A1 > 0)", "* (A1 < 1)", "dW1, db1 are not")])
def test_model_that_ends_in_softmax_has_several_classes(old, new, wrong, write):
    subject = load(write("layers.py", SOFTMAX.replace(old, new) if old else SOFTMAX))
    said = " ".join(absences.header(subject.notes))
    assert wrong in said and "backward_propagation" in said
    assert Examination(notes=subject.notes, components={}).exit_status == 1  # no component is judged here
    assert [note.kind for note in subject.notes] == ["model-wrong" if wrong else "model"]


ACTIVATION = """
import numpy as np

def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A = np.maximum(0, Z) if activation == "relu" else 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)

def linear_activation_backward(dA, cache, activation):
    (A_prev, W, b), Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * (Z > 0) if activation == "relu" else dA * s * (1 - s)
    m = A_prev.shape[1]
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, np.sum(dZ, axis=1, keepdims=True) / m
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "old, new, affine, relu",
    [
        ("(Z > 0)", "(Z > 0)", "partial", "pass"),
        ("(Z > 0)", "1", "partial", "fail"),
        pytest.param("np.dot(W.T, dZ)", "np.dot(W.T, dA)", "partial", "fail", marks=pytest.mark.nightly),
        ("keepdims=True) / m", "keepdims=True)", "fail", "pass"),
        ("+ b", "- b", "fail", "absent"),
    ],
)
def test_layer_that_is_told_its_activation_is_judged_as_both(old, new, affine, relu, write):
    assert old in ACTIVATION
    subject = load(write("layers.py", ACTIVATION.replace(old, new)))
    assert (status(subject, "affine"), status(subject, "relu")) == (affine, relu)
