"""Trials of JAX's functions without a compiler: NumPy's numbers are JAX's own, and what cannot be done so is not."""

import numpy as np
import pytest

from reference_tests.subject.arrays.kinds import differentiate_jax
from reference_tests.subject.arrays.uncompiled import Uncompiled
from reference_tests.subject.load import load

jax = pytest.importorskip("jax")
jnp, lax = jax.numpy, jax.lax
IMAGES, FILTERS, ROWS = (2, 4, 8, 6), (6, 4, 3, 2), (3, 5)
LABELS = np.array([1, 4, 2])


def convolve(**options):
    """Return a convolution with these options."""
    names = options.pop("names", ("NCHW", "OIHW", "NCHW"))
    steps, padding = options.pop("steps", (1, 1)), options.pop("padding", "VALID")
    return lambda x, w: lax.conv_general_dilated(x, w, steps, padding, dimension_numbers=names, **options)


def pool(start, reduce, size=(2, 3), steps=(2, 1), padding="VALID"):
    """Return a reduction over windows."""
    return lambda x: lax.reduce_window(x, start, reduce, (1, 1, *size), (1, 1, *steps), padding)


def cross_entropy(x):
    """Return the loss of these scores, by labels as indices."""
    return -jnp.mean(jax.nn.log_softmax(x)[jnp.arange(3), LABELS])


def taken_loss(x):
    """Return the loss of these scores, the shares taken along an axis."""
    return -jnp.take_along_axis(jax.nn.log_softmax(x), jnp.array(LABELS)[:, None], axis=1).mean()


@jax.custom_vjp
def doubled(x):
    """Return twice x, by a rule of its own for the gradient."""
    return 2 * x


doubled.defvjp(lambda x: (2 * x, None), lambda kept, dout: (3 * dout,))

CALLS = {  # name -> (function, shapes)
    "convolution": (convolve(), IMAGES, FILTERS),
    "strides and padding": (convolve(steps=(2, 3), padding=((1, 2), (0, 1))), IMAGES, FILTERS),
    "same": (convolve(padding="SAME", steps=(2, 2)), IMAGES, FILTERS),
    "dilated filters": (convolve(rhs_dilation=(2, 1)), IMAGES, FILTERS),
    "dilated images": (convolve(lhs_dilation=(2, 3), padding=((-1, 2), (1, 1))), IMAGES, FILTERS),
    "groups": (convolve(feature_group_count=2), IMAGES, (6, 2, 3, 2)),
    "channels last": (convolve(names=("NHWC", "HWIO", "NHWC")), (2, 8, 6, 4), (3, 2, 4, 6)),
    "one axis": (convolve(names=("NCH", "OIH", "NCH"), steps=(2,)), (2, 4, 8), (6, 4, 3)),
    "loops and einsum": (lambda x, w: sum(jnp.einsum("nchw,fc->nfhw", x[:, :, i : i + 5 : 2], w[:, :, i, 0])
                                          for i in range(3)), IMAGES, FILTERS),
    "windows by indices": (lambda x: x[:, :, jnp.arange(3)[:, None] + jnp.arange(4), 2:].max((2, 3)), IMAGES),
    "patches": (lambda x: lax.conv_general_dilated_patches(x, (3, 2), (2, 1), "VALID"), IMAGES),
    "max pooling": (pool(-np.inf, lax.max), IMAGES),
    "max pooling, padded": (pool(-np.inf, lax.max, padding="SAME"), IMAGES),
    "windows that overlap": (pool(-np.inf, lax.max, (3, 3), (1, 1)), IMAGES),
    "average pooling": (pool(0.0, lax.add), IMAGES),
    "min pooling": (pool(np.inf, lax.min), IMAGES),
    "pooling by stack": (lambda x: jnp.max(jnp.stack([x[:, :, ::2], x[:, :, 1::2]]), axis=0), IMAGES),
    "pooling by reshape": (lambda x: x.reshape(2, 4, 4, 2, 3, 2).max(axis=(3, 5)), IMAGES),
    "dense": (lambda x, w, b: jnp.dot(x, w) + b, (3, 5), (5, 4), (4,)),
    "batched product": (lambda a, b: jnp.einsum("bij,bkj->kbi", a, b), (2, 3, 4), (2, 5, 4)),
    "map": (jax.vmap(lambda a: a @ a.T), (2, 3, 4)),
    "relu": (jax.nn.relu, IMAGES),
    "where": (lambda x: jnp.where(x > 0, x, 0.1 * x), IMAGES),
    "sigmoid": (jax.nn.sigmoid, ROWS),
    "tanh": (jnp.tanh, ROWS),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), ROWS),
    "softplus": (jax.nn.softplus, ROWS),
    "powers": (lambda x: x**2 + jnp.abs(x) ** 1.5 + lax.rsqrt(x * x + 1) + 2.0**x, ROWS),
    "norm": (lambda x: (x - x.mean((0, 2), keepdims=True)) / jnp.sqrt(x.var((0, 2), keepdims=True) + 1e-5), IMAGES),
    "loss": (cross_entropy, ROWS),
    "loss, taken": (taken_loss, ROWS),
    "loss, one-hot": (lambda x: -(jax.nn.one_hot(LABELS, 5) * jax.nn.log_softmax(x)).sum(), ROWS),
    "logsumexp": (lambda x: jax.nn.logsumexp(x, axis=1), ROWS),
    "set": (lambda x: x.at[:, 1].set(3.0), IMAGES),
    "add": (lambda x: x.at[0, :, 1:3].add(1.0), IMAGES),
    "pad": (lambda x: jnp.pad(x, ((0, 0), (0, 0), (1, 2), (3, 0)))[..., ::-1], IMAGES),
    "parts": (lambda x: jnp.concatenate(jnp.split(x, 2, axis=1)[::-1], axis=1), IMAGES),
    "sort": (lambda x: jnp.sort(x, axis=1), ROWS),
    "argmax": (lambda x: jnp.argmax(x, axis=1), ROWS),
    "running sum": (lambda x: jnp.cumsum(x, axis=1), ROWS),
    "clip": (lambda x: jnp.clip(x, -0.5, 0.5), ROWS),
    "whole numbers": (lambda x: x.sum(0) * (jnp.arange(-2, 3) // 2 + jnp.arange(5) % 3), ROWS),
    "loop": (lambda x: lax.fori_loop(0, 3, lambda i, a: a + x[i], x[0]), ROWS),
    "loop until": (lambda x: lax.while_loop(lambda a: a.sum() < 50, lambda a: a + 1, x), ROWS),
    "scan": (lambda x: lax.scan(lambda a, row: (a + row, a * row), x[0], x, reverse=True)[1], ROWS),
    "branches": (lambda x: lax.cond(x.sum() > 0, lambda a: a + 1, lambda a: 2 * a, x), ROWS),
    "compiled inside": (jax.jit(lambda x: jnp.tanh(x).sum(1)), ROWS),
    "computed twice": (jax.checkpoint(lambda x: jnp.sin(jnp.sin(x))), ROWS),
    "own gradient": (doubled, ROWS),
}  # fmt: skip
NO_GRADIENT = {"argmax", "loop until"}


def arrays_of(*shapes):
    """Return arrays of these shapes."""
    rng = np.random.default_rng(3)
    return [jnp.asarray(rng.standard_normal(shape), "float32") for shape in shapes]


def by_numpy_alone(call, *args):
    """Return what the call gives, its numbers NumPy's; it fails where JAX itself would be asked."""
    return Uncompiled(jax).by_numpy(call, args, {})


def answers(call, gradients):
    """Return what gives a call's output and its gradients, compiled as one: each operation by itself takes longer."""

    def both(dout, *given):
        return call(*given), differentiate_jax(jax, call, dout, given, ()) if gradients else []

    return jax.jit(both)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_numbers_and_gradients_are_jax_s(name):
    call, *shapes = CALLS[name]
    given = arrays_of(*shapes)
    (dout,) = arrays_of(jax.eval_shape(call, *given).shape)
    out, gradients = answers(call, name not in NO_GRADIENT)(dout, *given)
    found = by_numpy_alone(call, *given)
    assert found.dtype == out.dtype and found.shape == out.shape
    np.testing.assert_allclose(found, out, rtol=2e-5, atol=1e-5)
    found = by_numpy_alone(differentiate_jax, jax, call, dout, given, ()) if gradients else []
    for one, right in zip(found, gradients, strict=True):
        np.testing.assert_allclose(one, right, rtol=2e-5, atol=1e-5)


def test_results_beside_the_arrays_come_back_too():
    (x,) = arrays_of((3,))
    found = by_numpy_alone(lambda a, n: {"out": a + n, "cache": (a, n, "same", None)}, x, 2)
    assert np.array_equal(found["out"], np.asarray(x) + 2) and found["cache"][1:] == (2, "same", None)


def step_by_number(x):
    return x * 2 if float(x.sum()) > 0 else x


def with_device(x):
    return (x + len(x.devices())).block_until_ready()


def with_pullback(x):
    return x * 2, lambda dout: dout * x


def refuses_other_arrays(x):
    if "Array" not in type(x).__name__:
        raise TypeError("an array of JAX is wanted")
    return x * 2


@pytest.mark.parametrize("call", [step_by_number, with_device, refuses_other_arrays, lambda x: with_pullback(x)[1](x)])
def test_calls_that_numpy_cannot_do_are_done_by_jax(call):
    (x,) = arrays_of((3,))
    np.testing.assert_allclose(Uncompiled(jax)(call, x), call(x))


def test_a_function_that_is_returned_holds_arrays():
    (x,) = arrays_of((3,))
    _, back = Uncompiled(jax)(with_pullback, x)
    np.testing.assert_allclose(back(x), x * x)


@pytest.mark.parametrize("nested", [False, True])
def test_a_dict_that_is_given_gets_arrays(nested):
    def keep(x, seen, *, kept):
        (kept["inner"] if nested else kept)["x"] = 2 * x
        return x + 1

    (x,) = arrays_of((3,))
    kept, seen = {"n": 3, "inner": {}, "old": x}, {"a": x}
    np.testing.assert_allclose(Uncompiled(jax)(keep, x, seen, kept=kept), x + 1)
    np.testing.assert_allclose((kept["inner"] if nested else kept)["x"], 2 * x)
    assert kept["old"] is x and seen == {"a": x} and kept["n"] == 3


def test_random_numbers_are_drawn_by_a_key():
    def drop(x, seed):
        key, other = jax.random.split(jax.random.PRNGKey(seed))
        keep = jax.random.bernoulli(jax.random.fold_in(key, 3), 0.75, x.shape)
        return jnp.where(keep, x, 0), jax.random.uniform(other, x.shape, minval=-1.0)

    x = jnp.ones((100, 100))
    (once, shares), (again, _), (other, _) = (by_numpy_alone(drop, x, seed) for seed in (3, 3, 4))
    assert np.array_equal(once, again) and not np.array_equal(once, other)
    assert abs(once.mean() - 0.75) < 0.02 and abs(shares.mean()) < 0.03 and shares.min() < -0.99 and shares.max() < 1


def test_an_exception_is_the_call_s_own():
    a, b = arrays_of((2, 3), (2, 3))
    trial = Uncompiled(jax)
    with pytest.raises(TypeError, match="contracting dimensions"):
        trial(jnp.dot, a, b)
    with pytest.raises(ZeroDivisionError):
        trial(lambda x: x / (x.ndim - 2 and 1 // 0), jnp.ones(3))


FACTOR, SEEN = 2.0, [2.0]


def by_list(x):
    return x * SEEN[0]


def by_helper(x):
    return once(x) + 1


def once(x):
    return x * FACTOR


@pytest.mark.parametrize("call, traced", [(once, 2), (by_helper, 2), (by_list, 0)])
def test_a_call_is_traced_again_only_where_it_may_compute_something_else(call, traced, monkeypatch):
    """The same shapes twice, then another constant; what sees a list is traced each time, and is not known."""
    (x,) = arrays_of((3,))
    trial = Uncompiled(jax)
    for factor in (2.0, 2.0, 5.0):
        monkeypatch.setitem(globals(), "FACTOR", factor)
        monkeypatch.setitem(globals(), "SEEN", [factor])
        np.testing.assert_allclose(trial(call, x), call(x), rtol=1e-6)
    assert len(trial.known) == traced


KEEPS = """
import jax.numpy as jnp

kept = {}


def relu_forward(x):
    kept["x"] = x
    return jnp.maximum(x, 0)


def relu_backward(dout):
    return dout * (kept["x"] > 0)
"""


@pytest.mark.slow
def test_a_target_that_keeps_arrays_between_its_calls_is_read_by_usual_calls(tmp_path):
    path = tmp_path / "keeps.py"
    path.write_text(KEEPS)
    with load(str(path)) as subject:
        relu = subject.names["Relu"]()
        x, dout = np.array([[-1.0, 2.0]]), np.array([[3.0, 4.0]])
        assert np.array_equal(relu.forward(x), [[0, 2]]) and np.array_equal(relu.backward(dout), [[0, 4]])
        assert "dx" not in subject.interfaces["Relu"].lacks


LAYERS = """
import jax
import jax.numpy as jnp
from jax import lax


def conv2d(x, w, b, stride=1, padding=0):
    y = lax.conv_general_dilated(x, w, (stride, stride), [(padding, padding)] * 2,
                                 dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return y + b[None, :, None, None]


def max_pool2d(x, kernel_size=2, stride=2):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, kernel_size, kernel_size), (1, 1, stride, stride), "VALID")


def relu(x):
    return jnp.maximum(x, 0)


def dense(x, w, b):
    return jnp.dot(x, w) + b


def cross_entropy_loss(logits, labels):
    logp = jax.nn.log_softmax(logits)
    return -jnp.mean(jnp.take_along_axis(logp, labels[:, None], axis=1))
"""


@pytest.mark.slow
def test_a_target_is_read_without_compiling_anything(tmp_path):
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **more: compiled.append(event) if "backend_compile" in event else None
    )
    path = tmp_path / "layers.py"
    path.write_text(LAYERS)
    with load(str(path)) as subject:
        assert {"Convolution", "Pooling", "Relu", "Affine", "SoftmaxWithLoss"} <= subject.names.keys()
        assert not compiled
        subject.names["Relu"]().forward(np.ones((7, 11)))
        assert compiled, "the listener hears nothing: it would not have heard of a compilation before"
