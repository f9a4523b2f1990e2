"""Recipes over grids of sizes, in numbers, with several channels, against the live framework they copy."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from reference_tests.frameworks.porting.recipes import (
    batch_norm_train,
    convert_weight,
    flatten_permutation,
    transposed_as_conv,
)

from .grids import Line, Point, differing, filters, image, points, recipes_of

pytestmark = pytest.mark.slow
TARGETS = ("jax", "onnx", "tensorflow")
MODULE = {"onnx": "onnxruntime"}
thinned = pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.nightly, id="all")])


def needs(adapter: str) -> Any:
    if find_spec(MODULE.get(adapter, adapter)) is None:
        pytest.skip(f"{adapter} is not installed")
    return recipes_of(adapter)


def run_all(adapter: str, calls: list[Callable[[], Any]]) -> list[Any]:
    """The results of all calls; those of JAX are one program of jit."""
    if adapter != "jax":
        return [np.asarray(call()) for call in calls]
    import jax

    return [np.asarray(result) for result in jax.jit(lambda: [call() for call in calls])()]


def t(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


@thinned
@pytest.mark.parametrize("target", ["jax", "tensorflow"])
def test_ceil_max_pool_of_torch(target, every):
    ours = needs(target)
    pool = ours.max_pool if target == "jax" else ours.pool
    grid = points((1,))[::every]
    got = run_all(target, [lambda p=p: pool(image(p), p.pair("k"), p.pair("s"), p.pair("p"), ceil=True) for p in grid])
    want = [F.max_pool2d(t(image(p)), p.pair("k"), p.pair("s"), p.pair("p"), ceil_mode=True) for p in grid]
    assert differing(got, want, grid) == []


@thinned
def test_ceil_pooling_of_torch_is_that_of_onnx(every):
    """ONNX Runtime's own ceil_mode, maximum and mean, is torch's."""
    ours = needs("onnx")
    grid = points((1, 2))[::every]
    for p in grid:
        x, k, s, pads, d = image(p), p.pair("k"), p.pair("s"), p.pair("p") * 2, p.pair("d")
        got = [ours.run("MaxPool", x, kernel_shape=k, strides=s, pads=pads, dilations=d, ceil_mode=1)]
        want = [F.max_pool2d(t(x), k, s, pads[:2], d, ceil_mode=True)]
        for counted in (0, 1) if d == (1, 1) else ():
            how = {"ceil_mode": 1, "count_include_pad": counted}
            got.append(ours.run("AveragePool", x, kernel_shape=k, strides=s, pads=pads, **how))
            want.append(F.avg_pool2d(t(x), k, s, pads[:2], True, bool(counted)))
        assert differing(got, want, [p] * len(got)) == []


@thinned
def test_dilated_ceil_max_pool_of_torch(every):
    ours = needs("jax")
    grid = points((1, 2))[::every]
    how = [(p.pair("k"), p.pair("s"), p.pair("p")) for p in grid]
    got = run_all("jax", [lambda p=p, h=h: ours.max_pool(image(p), *h, True, p.pair("d")) for p, h in zip(grid, how)])
    want = [F.max_pool2d(t(image(p)), *h, p.pair("d"), ceil_mode=True) for p, h in zip(grid, how)]
    assert differing(got, want, grid) == []


@thinned
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("padding", [False, True])
def test_average_pool_of_torch(target, ceil, padding, every):
    ours = needs(target)
    pool = ours.mean_pool if target == "tensorflow" else ours.average_pool
    grid = points()[::every]
    how = [(p.pair("k"), p.pair("s"), p.pair("p"), ceil, padding) for p in grid]
    got = run_all(target, [lambda p=p, h=h: pool(image(p), *h) for p, h in zip(grid, how)])
    want = [F.avg_pool2d(t(image(p)), *h) for p, h in zip(grid, how)]
    assert differing(got, want, grid) == []


@thinned
@pytest.mark.parametrize("source", ["jax", "onnx", "tensorflow"])
@pytest.mark.parametrize("lower", [False, True])
def test_same_padding_in_torch(source, lower, every):
    ours, torchs = needs(source), recipes_of("torch")
    if lower and source == "tensorflow":
        pytest.skip("SAME is SAME_UPPER there")
    dilations = (1,) if source == "onnx" else (1, 2)  # ONNX Runtime refuses SAME with dilation
    grid = [p for p in points(dilations, padded=False)[::every] if source != "tensorflow" or undilated(p)]
    name = "SAME_LOWER" if lower else "SAME_UPPER" if source == "onnx" else "SAME"
    want = run_all(source, [lambda p=p: ask_same(source, ours, p, name) for p in grid])
    got = [torchs.conv_same(image(p), filters(p), p.pair("s"), p.pair("d"), lower) for p in grid]
    assert differing(got, want, grid) == []


def undilated(p: Point) -> bool:
    """TensorFlow on a processor takes a stride or a dilation."""
    return p.pair("d") == (1, 1) or p.pair("s") == (1, 1)


def ask_same(source: str, ours: Any, p: Point, name: str) -> Any:
    x, w = image(p), filters(p)
    if source == "onnx":
        return ours.conv(x, w, strides=p.pair("s"), auto_pad=name)
    if source == "jax":
        return ours.conv(x, w, p.pair("s"), name, rhs_dilation=p.pair("d"))
    return ours.conv(x, w, p.pair("s"), name, dilations=p.pair("d"))


@thinned
@pytest.mark.parametrize("source", ["jax", "onnx", "tensorflow"])
def test_same_padding_of_pooling_in_torch(source, every):
    ours, torchs = needs(source), recipes_of("torch")
    grid = points((1,), padded=False)[::every]
    if source == "onnx":  # which refuses SAME where the window is narrower than the stride
        grid = [p for p in grid if all(of.k >= of.s for of in (p.rows, p.columns))]
    for reduce, recipe in (("max", torchs.pool_same), ("mean", torchs.mean_same)):
        want = run_all(source, [lambda p=p, r=reduce: ask_pool_same(source, ours, p, r) for p in grid])
        got = [recipe(image(p), p.pair("k"), p.pair("s")) for p in grid]
        assert differing(got, want, grid) == []


def ask_pool_same(source: str, ours: Any, p: Point, reduce: str) -> Any:
    x, k, s = image(p), p.pair("k"), p.pair("s")
    if source == "onnx":
        operator = "MaxPool" if reduce == "max" else "AveragePool"
        return ours.run(operator, x, kernel_shape=k, strides=s, auto_pad="SAME_UPPER")
    if source == "tensorflow":
        return (ours.max_pool if reduce == "max" else ours.average_pool)(x, k, s, "SAME")
    if reduce == "max":
        return ours.pool(x, k, s, "SAME")
    sums, counts = (ours.pool(y, k, s, "SAME", 0.0, ours.lax.add) for y in (x, np.ones_like(x)))
    return sums / counts


@thinned
@pytest.mark.parametrize("target", TARGETS)
def test_same_padding_of_torch(target, every):
    ours = needs(target)
    grid = points((1, 2, 3), padded=False, strides=(1,))[::every]
    got = run_all(target, [lambda p=p: ours.conv_same(image(p), filters(p), 1, p.pair("d")) for p in grid])
    want = [F.conv2d(t(image(p)), t(filters(p)), padding="same", dilation=p.pair("d")) for p in grid]
    assert differing(got, want, grid) == []


def transposed_points(target: str, every: int) -> list[tuple[Point, int, tuple[int, int]]]:
    """Settings of a transposed convolution: a point, groups, output padding (below the stride or the dilation)."""
    found = []
    for i, p in enumerate(points((1, 2))[::3]):
        if target == "tensorflow" and not undilated(p):
            continue
        out = (i % 3) % max(p.rows.s, p.rows.d), (i % 3) % max(p.columns.s, p.columns.d)
        found.append((p, 1 + i % 2, out))
    return found[::every]


@thinned
@pytest.mark.parametrize("target", TARGETS)
def test_transposed_convolution_of_torch(target, every):
    ours = needs(target)
    grid = transposed_points(target, every)
    how = [(p.pair("s"), p.pair("p"), out) for p, _, out in grid]
    given = [(image(p), filters(p, p.channels, p.filters)) for p, _, _ in grid]
    calls = [
        lambda g=g, h=h, point=point: ours.conv_transpose(*g, *h, point[0].pair("d"), point[1])
        for g, h, point in zip(given, how, grid)
    ]
    want = [
        F.conv_transpose2d(t(x), t(w), None, *h, groups=g, dilation=p.pair("d"))
        for (x, w), h, (p, g, _) in zip(given, how, grid)
    ]
    assert differing(run_all(target, calls), want, grid) == []


@thinned
@pytest.mark.parametrize("source", ["jax", "tensorflow"])
@pytest.mark.parametrize("same", [False, True])
def test_transposed_convolution_in_torch(source, same, every):
    """Weights in the source's own layout: (FH, FW, C, FN) turned, or (FH, FW, FN, C)."""
    ours, torchs = needs(source), recipes_of("torch")
    recipe = torchs.conv_transpose_jax if source == "jax" else torchs.conv_transpose_tf
    grid = points((1,), padded=False)[::every]
    of = [(image(p), own_filters(source, p), p.pair("s")) for p in grid]
    want = run_all(source, [lambda a=a: ask_transposed(source, ours, *a, same) for a in of])
    got = [recipe(x, w, s, same) for x, w, s in of]
    assert differing(got, want, grid) == []


def own_filters(source: str, p: Point) -> np.ndarray:
    last = (p.channels, p.filters) if source == "jax" else (p.filters, p.channels)
    return np.random.default_rng(1).standard_normal((*p.pair("k"), *last)).astype("float32")


def ask_transposed(source: str, ours: Any, x: np.ndarray, w: np.ndarray, s: Any, same: bool) -> Any:
    padding = "SAME" if same else "VALID"
    if source == "jax":
        return ours.lax.conv_transpose(x, w, s, padding, dimension_numbers=("NCHW", "HWIO", "NCHW"))
    sizes = [n * a if same else n * a + max(k - a, 0) for n, k, a in zip(x.shape[2:], w.shape, s)]
    size = [len(x), *sizes, w.shape[2]]
    return ours.back(ours.tf.nn.conv2d_transpose(ours.last(x), w, size, s, padding))


@pytest.mark.parametrize("target", TARGETS)
def test_lrn_of_torch(target):
    ours = needs(target)
    grid = [(n, C, a) for n in range(1, 8) for C in (2, 3, 5, 7) for a in (1.0, 0.3)]
    xs = [np.random.default_rng(n).standard_normal((2, C, 3, 2)).astype("float32") for n, C, _ in grid]
    calls = [lambda x=x, n=n, a=a: ours.lrn_torch(x, n, alpha=a, beta=0.75, k=2.0) for x, (n, _, a) in zip(xs, grid)]
    want = [F.local_response_norm(t(x), n, a, 0.75, 2.0) for x, (n, _, a) in zip(xs, grid)]
    assert differing(run_all(target, calls), want, grid) == []


@pytest.mark.parametrize("target", ["torch", "onnx", "tensorflow"])
def test_lrn_of_tensorflow(target):
    """The formula with a radius and an alpha that is not divided, written out."""
    ours = needs(target)
    grid = [(r, C, a) for r in range(4) for C in (2, 3, 5, 7) for a in (1.0, 0.3)]
    xs = [np.random.default_rng(r).standard_normal((2, C, 3, 2)).astype("float32") for r, C, _ in grid]
    k = "bias" if target == "tensorflow" else "k"
    got = [ours.lrn_tensorflow(x, r, alpha=a, beta=0.75, **{k: 2.0}) for x, (r, _, a) in zip(xs, grid)]
    want = [
        np.stack([x[:, i] / (2 + a * (x[:, max(0, i - r) : i + r + 1] ** 2).sum(1)) ** 0.75 for i in range(C)], 1)
        for x, (r, C, a) in zip(xs, grid)
    ]
    assert differing(got, want, grid) == []


@pytest.mark.parametrize("target", TARGETS)
def test_adaptive_pool_of_torch(target):
    ours = needs(target)
    pool = ours.adaptive_mean_pool if target == "tensorflow" else ours.adaptive_average_pool
    grid = [(n, m, a, b) for n, m in ((4, 7), (5, 6), (3, 2), (8, 8)) for a in (1, 2, 3, 5) for b in (1, 3, 4)]
    xs = [np.random.default_rng(n).standard_normal((2, 3, n, m)).astype("float32") for n, m, _, _ in grid]
    calls = [lambda x=x, g=g: pool(x, g[2:]) for x, g in zip(xs, grid)]
    want = [F.adaptive_avg_pool2d(t(x), g[2:]) for x, g in zip(xs, grid)]
    assert differing(run_all(target, calls), want, grid) == []


@pytest.mark.parametrize("target", ["numpy", "jax"])
def test_batch_norm_of_torch_in_training(target):
    if target == "jax":
        needs(target)
    grid = [(N, C, eps, new) for N in (2, 3, 5) for C in (2, 3) for eps in (1e-5, 1e-3) for new in (0.1, 0.3, 1.0)]
    got, want = [], []
    for N, C, eps, new in grid:
        x = image(Point(Line(3, 1, 1, 0, 1), Line(2, 1, 1, 0, 1), C, C), N, N)
        gamma, beta, mean, var = np.random.default_rng(N).uniform(0.5, 2, (4, C)).astype("float32")
        got += run_all(target, [lambda a=(x, gamma, beta, mean, var), n=new, e=eps: batch_norm_train(*a, n, e)[0]])
        got += list(batch_norm_train(x, gamma, beta, mean, var, new, eps)[1:])
        running = torch.tensor(mean), torch.tensor(var)
        want += [F.batch_norm(t(x), *running, t(gamma), t(beta), True, new, eps), *running]
    assert differing(got, want, [g for g in grid for _ in range(3)]) == []


@thinned
@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_weights_between_torch_and_jax(groups, every):
    """Channels last, weights (FH, FW, C/g, FN) by convert_weight; and back to torch."""
    lax = needs("jax").lax
    grid = points((1, 2))[::every]
    numbers = ("NHWC", "HWIO", "NHWC")
    given = [(image(p), filters(p, 2 * p.filters, p.channels // groups)) for p in grid]
    moved = [convert_weight(w, "conv", "torch", "jax") for _, w in given]
    calls = [
        lambda p=p, x=x, m=m: lax.conv_general_dilated(
            x.transpose(0, 2, 3, 1), m, p.pair("s"), [(n, n) for n in p.pair("p")], rhs_dilation=p.pair("d"),
            dimension_numbers=numbers, feature_group_count=groups,
        ).transpose(0, 3, 1, 2)
        for p, (x, _), m in zip(grid, given, moved)
    ]  # fmt: skip
    want = [F.conv2d(t(x), t(w), None, p.pair("s"), p.pair("p"), p.pair("d"), groups) for p, (x, w) in zip(grid, given)]
    assert differing(run_all("jax", calls), want, grid) == []
    back = [convert_weight(m, "conv", "jax", "torch") for m in moved]
    assert all((a == w).all() for a, (_, w) in zip(back, given))


@thinned
def test_transposed_weights_between_torch_keras_and_jax(every):
    """JAX's transpose_kernel takes (FH, FW, FN, C) unturned, as Keras and TensorFlow do."""
    lax = needs("jax").lax
    grid = points((1,), padded=False)[::every][::2]
    given = [(image(p), filters(p, p.channels, p.filters)) for p in grid]
    how = {"dimension_numbers": ("NCHW", "HWIO", "NCHW")}
    want = [
        F.pad(
            F.conv_transpose2d(t(x), t(w), stride=p.pair("s")),
            [m for k, s in zip(w.shape[:1:-1], p.pair("s")[::-1]) for m in (0, max(0, s - k))],
        )
        for p, (x, w) in zip(grid, given)
    ]
    for target, turned in (("keras", True), ("jax", False)):
        calls = [
            lambda p=p, x=x, w=w, n=target, u=turned: lax.conv_transpose(
                x, convert_weight(w, "conv_transpose", "torch", n), p.pair("s"), "VALID", transpose_kernel=u, **how
            )
            for p, (x, w) in zip(grid, given)
        ]
        assert differing(run_all("jax", calls), want, grid) == []


def test_flatten_permutation_between_torch_and_jax():
    """A dense layer after the flattening of an image with channels last."""
    needs("jax")
    grid = [(C, H, W, out) for C in (1, 2, 3) for H in (1, 2, 4) for W in (1, 3, 4) for out in (2, 5)]
    got, want = [], []
    for C, H, W, out in grid:
        x = np.random.default_rng(C).standard_normal((2, C, H, W)).astype("float32")
        w = np.random.default_rng(H).standard_normal((out, C * H * W)).astype("float32")
        p = flatten_permutation((C, H, W))
        dense = convert_weight(w[:, p], "dense", "torch", "jax")
        got.append(x.transpose(0, 2, 3, 1).reshape(2, -1) @ dense)
        want.append(F.linear(t(x).flatten(1), t(w)))
        assert (convert_weight(dense, "dense", "jax", "torch")[:, np.argsort(p)] == w).all()
    assert differing(got, want, grid) == []


def test_transposed_as_conv_agrees_with_convert_weight():
    for p in points((1,), padded=False)[::7]:
        w = filters(p, p.channels, p.filters)
        assert (
            convert_weight(transposed_as_conv(w), "conv", "torch", "jax")
            == convert_weight(w, "conv_transpose", "torch", "jax")
        ).all()
