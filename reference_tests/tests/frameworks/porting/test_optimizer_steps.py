"""The optimizers' steps as NumPy writes them, against optax and Keras: rates that change, gradients small and large."""

from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np
import pytest

from reference_tests.frameworks.porting.recipes import adam_step, momentum_step, rmsprop_step

pytestmark = pytest.mark.slow
Step = Callable[..., tuple[Any, Any, Any]]  # (w, g, a, b, t, rate) -> w and the two parts of the state
GRID = list(product((1e-7, 1e-3, 1.0, 30.0), ((0.1,) * 6, (0.1, 0.1, 0.01, 0.01, 0.5, 0.5))))  # sizes of g, rates
OPTAX: dict[str, tuple[Callable[[Any, Any], Any], Step]] = {
    "sgd": (
        lambda o, rate: o.chain(o.add_decayed_weights(0.02), o.sgd(rate, momentum=0.9)),
        lambda w, g, a, b, t, rate: (*momentum_step(w, g, a, rate, 0.9, 0.02), b),
    ),
    "rmsprop": (
        lambda o, rate: o.rmsprop(rate, decay=0.95, eps=1e-4),
        lambda w, g, a, b, t, rate: (*rmsprop_step(w, g, a, rate, 0.95, 1e-4, inside=True), b),
    ),
    "adam": (lambda o, rate: o.adam(rate), lambda w, g, a, b, t, rate: adam_step(w, g, a, b, t, rate)),
    "adamw": (
        lambda o, rate: o.adamw(rate, weight_decay=0.02),
        lambda w, g, a, b, t, rate: adam_step(w, g, a, b, t, rate, decay=0.02),
    ),
}
KERAS: dict[str, tuple[dict[str, float], Step]] = {
    "SGD": ({"momentum": 0.9}, lambda w, g, a, b, t, rate: (*momentum_step(w, g, a, rate, rate_inside=True), b)),
    "RMSprop": (
        {"rho": 0.95, "epsilon": 1e-4},
        lambda w, g, a, b, t, rate: (*rmsprop_step(w, g, a, rate, 0.95, 1e-4, inside=True), b),
    ),
    "Adam": ({"epsilon": 1e-4}, lambda w, g, a, b, t, rate: adam_step(w, g, a, b, t, rate, eps=1e-4, before=True)),
    "AdamW": (
        {"weight_decay": 0.02, "epsilon": 1e-4},
        lambda w, g, a, b, t, rate: adam_step(w, g, a, b, t, rate, eps=1e-4, before=True, decay=0.02),
    ),
}


def start_and_gradients(size: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(int(1 / size) if size < 1 else int(size))
    return rng.standard_normal(5).astype("float32"), (size * rng.standard_normal((6, 5))).astype("float32")


def way(step: Step, w: np.ndarray, gradients: np.ndarray, rates: tuple[float, ...]) -> list[np.ndarray]:
    """The weights after each step of a recipe."""
    a = b = np.zeros(5)
    weights = []
    for t, (g, rate) in enumerate(zip(gradients, rates), 1):
        w, a, b = step(w, g.astype("float64"), a, b, t, rate)
        weights.append(w)
    return weights


@pytest.mark.parametrize("name", OPTAX)
def test_optimizer_steps_as_optax(name):
    if find_spec("optax") is None:
        pytest.skip("optax is not installed: convcheck compare --install flax")
    import optax

    make, step = OPTAX[name]
    for size, rates in GRID:
        w, gradients = start_and_gradients(size)
        mine = way(step, w, gradients, rates)
        state = make(optax, rates[0]).init(w)
        for g, rate, want in zip(gradients, rates, mine):
            change, state = make(optax, rate).update(g, state, w)
            w = np.asarray(optax.apply_updates(w, change))
            assert np.allclose(w, want, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", KERAS)
def test_optimizer_steps_as_keras(name):
    if find_spec("keras") is None:
        pytest.skip("Keras is not installed: convcheck compare --install tensorflow")
    import keras

    how, step = KERAS[name]
    for size, rates in GRID:
        w, gradients = start_and_gradients(size)
        mine = way(step, w, gradients, rates)
        variable = keras.Variable(w)
        optimizer = getattr(keras.optimizers, name)(learning_rate=rates[0], **how)
        optimizer.build([variable])
        for g, rate, want in zip(gradients, rates, mine):
            optimizer.learning_rate = rate
            optimizer.apply([keras.ops.convert_to_tensor(g)], [variable])
            assert np.allclose(keras.ops.convert_to_numpy(variable), want, rtol=2e-5, atol=2e-6)
