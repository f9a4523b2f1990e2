"""Flax's answers (flax.linen) with optax's losses and optimizers: a row for each question. Images are (N, H, W, C)."""

from typing import Any

import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

ABSENT = {"*": "a function of JAX: see jax"}
KEY = jax.random.key(0)


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    switches = {"optax": optax.__version__, "jax": jax.__version__, "x64": jax.config.jax_enable_x64}  # type: ignore[attr-defined]
    return {"version": flax.__version__, "switches": switches, "device": "cpu"}


def last(x: np.ndarray) -> Any:
    """Return an array (N, C, H, W) as (N, H, W, C)."""
    return jnp.asarray(x.transpose(0, 2, 3, 1))


def back(y: Any) -> Any:
    """Return an array (N, H, W, C) as (N, C, H, W)."""
    return np.transpose(y, (0, 3, 1, 2))


def new(layer: Any, x: Any, **how: Any) -> Any:
    """Return a new layer's variables for an input."""
    return layer.init({"params": KEY, "dropout": KEY}, x, **how)


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, padding: Any = "VALID", **how: Any) -> Any:
    """Return the output of a Conv layer with these weights, without padding unless it is asked for."""
    layer = nn.Conv(len(w), w.shape[2:], use_bias=b is not None, padding=padding, **how)
    weights = {"kernel": w.transpose(2, 3, 1, 0), **({} if b is None else {"bias": b})}
    return back(layer.apply({"params": weights}, last(x)))


def default_conv(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the output of a Conv layer that is told its filters only."""
    layer = nn.Conv(len(w), w.shape[2:], use_bias=False)
    return back(layer.apply({"params": {"kernel": w.transpose(2, 3, 1, 0)}}, last(x)))


def transposed(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Return the output of a ConvTranspose layer with these weights, w (C, FN, FH, FW)."""
    layer = nn.ConvTranspose(w.shape[1], w.shape[2:], use_bias=False, **how)
    return back(layer.apply({"params": {"kernel": w.transpose(2, 3, 0, 1)}}, last(x)))


def output(layer: Any, x: Any, **how: Any) -> Any:
    """Return what a new layer makes of an input."""
    return layer.apply(new(layer, x, **how), x, **how)


def norm(x: np.ndarray, **how: Any) -> Any:
    """Call a BatchNorm layer in training; return its output, its running mean and its running variance."""
    layer = nn.BatchNorm(use_running_average=False, **how)
    out, state = layer.apply(new(layer, last(x)), last(x), mutable=["batch_stats"])
    return back(out), np.asarray(state["batch_stats"]["mean"]), np.asarray(state["batch_stats"]["var"])


def shape_of(layer: Any, name: str, *shape: int) -> Any:
    """Return the shape of a new layer's weights."""
    return list(new(layer, jnp.ones(shape))["params"][name].shape)


def moved(make: Any, gradients: Any, begin: float = 0.0) -> list[float]:
    """Return how far a weight has moved after each step; make(i) is the optimizer of step i."""
    w, path = jnp.array([begin]), []
    state = make(0).init(w)
    for i, g in enumerate(gradients):
        change, state = make(i).update(jnp.array([g]), state, w)
        w = optax.apply_updates(w, change)
        path.append(begin - float(w[0]))
    return path


def clipped() -> Any:
    """Return two gradients, 3 and 4, after clipping by norm 1."""
    both = {"a": jnp.array([3.0]), "b": jnp.array([4.0])}
    change, _ = optax.clip_by_global_norm(1.0).update(both, optax.EmptyState())
    return [float(change[name][0]) for name in ("a", "b")]


def largest(layer: Any, shape: Any, fan_in: int) -> float:
    """Return a new layer's largest weight, in units of 1/sqrt(fan-in)."""
    return float(jnp.abs(new(layer, jnp.ones(shape))["params"]["kernel"]).max()) * fan_in**0.5


PROBES = {
    "S01": lambda x, w, s: conv(x, w, strides=s),
    "S10": lambda x, w, s: conv(x, w, strides=s),
    "S02": lambda x, k, s: back(nn.max_pool(last(x), (k, k), (s, s))),
    "S05": lambda x, w: conv(x, w, padding="SAME"),
    "S06": lambda x, w, s: conv(x, w, strides=(1, s), padding="SAME"),
    "S07": lambda x, w, s: conv(x, w, strides=s, padding="SAME"),
    "S16": lambda x, k: back(nn.max_pool(last(x), (k, k))),
    "S17": lambda x, w: default_conv(x, w),
    "S18": lambda x, w: conv(x, w, padding=-1),
    "S20": lambda x, w, s, d: conv(x, w, strides=(1, s), kernel_dilation=(1, d), padding="SAME"),
    "C03": lambda x, w, s: transposed(x, w, strides=(s, s)),
    "C04": lambda x, w, d: conv(x, w, kernel_dilation=(1, d)),
    "C20": lambda: shape_of(nn.Conv(2, (5, 4)), "kernel", 1, 9, 9, 3),
    "C23": lambda: shape_of(nn.Conv(6, (5, 4), feature_group_count=2), "kernel", 1, 9, 9, 2),
    "T01": lambda: shape_of(nn.ConvTranspose(3, (5, 4)), "kernel", 1, 9, 9, 2),
    "T02": lambda x, w, s: transposed(x, w, strides=(1, s), padding="SAME"),
    "P19": lambda x, k, s: back(nn.max_pool(last(x), (1, k), strides=(1, s), padding="SAME")),
    "P20": lambda x, k, s: back(nn.avg_pool(last(x), (1, k), strides=(1, s), padding="SAME_LOWER")),
    "P02": lambda x, k, p: back(nn.avg_pool(last(x), (k, k), padding="SAME"))[0, 0, 0, 0],
    "L01": lambda x, t: optax.softmax_cross_entropy_with_integer_labels(x, t),
    "L07": lambda x, t: optax.softmax_cross_entropy_with_integer_labels(x, t),
    "L13": lambda x, t: optax.l2_loss(x, t),
    "L14": lambda q, p: optax.kl_divergence(jnp.log(q), p),
    "D01": lambda x, p: np.unique(nn.Dropout(p, deterministic=False).apply({}, x, rngs={"dropout": KEY})),
    "B01": lambda: nn.BatchNorm().epsilon,
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=0.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    "B07": lambda x: shape_of(nn.BatchNorm(use_running_average=False), "scale", *x.shape),
    "N01": lambda x: norm(x)[0].max(),
    "N02": lambda x: output(nn.LayerNorm(), x).max(),
    "N03": lambda x: output(nn.GroupNorm(1), last(x)).max(),
    "N04": lambda: nn.LayerNorm().epsilon,
    "N05": lambda: nn.GroupNorm().epsilon,
    "F02": lambda: shape_of(nn.Dense(5), "kernel", 1, 3),
    "F03": lambda x: output(nn.Dense(5), x).shape,
    "E01": lambda x: output(nn.BatchNorm(), last(x)).max(),
    "E02": lambda x: bool((output(nn.Dropout(0.5), x) == 0).any()),
    "E03": lambda x: -output(nn.PReLU(), last(x)),
    "E04": lambda x: list(jnp.shape(new(nn.PReLU(), last(x))["params"]["negative_slope"])),
    "W01": lambda channels, filters: largest(nn.Conv(filters, (3, 3)), (1, 9, 9, channels), 9 * channels),
    "W02": lambda: new(nn.Conv(16, (3, 3)), jnp.ones((1, 9, 9, 16)))["params"]["bias"][:3],
    "W03": lambda inputs, outputs: largest(nn.Dense(outputs), (1, inputs), inputs),
    "O01": lambda then: moved(lambda i: optax.sgd((1.0, then)[i], momentum=0.9), (1.0, 0.0))[-1],
    "O02": lambda g: moved(lambda i: optax.rmsprop(1.0), (g,))[0],
    "O03": lambda g: moved(lambda i: optax.adam(1.0), (g,))[0],
    "O04": lambda: moved(lambda i: optax.adamw(1.0), (0.0,), begin=1.0)[0],
    "O06": lambda: np.diff(moved(lambda i: optax.amsgrad(1.0, b2=0.5), (1.0, 0.0, 0.0)))[-1],
    "O07": lambda g: moved(lambda i: optax.adagrad(1.0), (g,))[0],
    "O08": clipped,
    "O11": lambda: moved(lambda i: optax.sgd(1.0, momentum=0.9, nesterov=True), (1.0, 1.0))[-1],
}
