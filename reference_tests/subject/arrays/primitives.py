"""JAX's operations in NumPy: those of common layers and of their gradients. Parameters have JAX's own names."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Params = Mapping[str, Any]
Array: TypeAlias = Any  # of NumPy, or one of its numbers


class NotKnown(Exception):
    """NumPy is not told here how this is computed."""


def broadcast(p: Params, x: Array) -> Array:
    """Return x in a shape of more axes; broadcast_dimensions says where its own axes are among them."""
    own = [1] * len(p["shape"])
    for axis, n in zip(p["broadcast_dimensions"], x.shape):
        own[axis] = n
    return np.broadcast_to(x.reshape(own), p["shape"])


def divide(p: Params, a: Array, b: Array) -> Array:
    """Return the quotient; that of whole numbers is cut off towards 0."""
    return np.trunc(a / b) if a.dtype.kind in "iu" else a / b


def select(p: Params, which: Array, *cases: Array) -> Array:
    """Return the first case where `which` is false, the second where it is true."""
    if len(cases) != 2:
        raise NotKnown("select_n of other than two cases")
    return np.where(which, cases[1], cases[0])


def slice_out(p: Params, x: Array) -> Array:
    """Return the part of x between two corners."""
    steps = p["strides"] or [1] * x.ndim
    return x[tuple(map(slice, p["start_indices"], p["limit_indices"], steps))]


def block(shape: Sequence[int], sizes: Sequence[int], starts: Sequence[Array]) -> tuple[slice, ...]:
    """Return where a block lies; it is moved into the array where it stands out."""
    first = [min(max(int(s), 0), n - size) for n, size, s in zip(shape, sizes, starts)]
    return tuple(slice(s, s + size) for s, size in zip(first, sizes))


def write_block(p: Params, x: Array, update: Array, *starts: Array) -> Array:
    """Return x with a block of it replaced."""
    out = x.copy()
    out[block(x.shape, update.shape, starts)] = update
    return out


def pad(p: Params, x: Array, value: Array) -> Array:
    """Return x with padding before, after and between along each axis; a negative one cuts off."""
    for axis, (before, after, between) in enumerate(p["padding_config"]):
        spread = x.shape[axis] + max(x.shape[axis] - 1, 0) * between
        sides = max(before, 0), max(after, 0)
        shape = [*x.shape]
        shape[axis] = spread + sum(sides)
        out = np.full(shape, value, x.dtype)
        out[(slice(None),) * axis + (slice(sides[0], sides[0] + spread, between + 1),)] = x
        x = out[(slice(None),) * axis + (slice(max(-before, 0), shape[axis] - max(-after, 0)),)]
    return x


def windows_of(
    x: Array, sizes: Sequence[int], steps: Sequence[int], padding: Any, value: Any, between: Any, gaps: Any
) -> Array:
    """Return the windows of x after padding, as more axes. between: padding between elements. gaps: of a window."""
    config = [(low, high, b - 1) for (low, high), b in zip(padding, between)]
    x = pad({"padding_config": config}, x, value)
    whole = [(size - 1) * gap + 1 for size, gap in zip(sizes, gaps)]
    if any(n < size for n, size in zip(x.shape, whole)):
        raise NotKnown("a window that is larger than the array")
    strided = tuple(slice(None, None, s) for s in steps)
    return sliding_window_view(x, whole)[(*strided, *(slice(None, None, gap) for gap in gaps))]


def window_rule(reduce: Callable[..., Array], start: Callable[[np.dtype], Any]) -> Callable[..., Array]:
    """Return the rule of a reduction over windows. start: dtype -> the number that changes nothing."""

    def rule(p: Params, x: Array) -> Array:
        sizes, steps = p["window_dimensions"], p["window_strides"]
        value = start(x.dtype)
        found = windows_of(x, sizes, steps, p["padding"], value, p["base_dilation"], p["window_dilation"])
        return reduce(found, axis=tuple(range(x.ndim, 2 * x.ndim)))

    return rule


def lowest(kind: np.dtype) -> Any:
    """Return the lowest number of a type."""
    return -np.inf if kind.kind == "f" else np.iinfo(kind).min


def highest(kind: np.dtype) -> Any:
    """Return the highest number of a type."""
    return np.inf if kind.kind == "f" else np.iinfo(kind).max


def scatter_to_chosen(p: Params, source: Array, x: Array) -> Array:
    """Return zeros like x, to which each window's source is added at its first largest (or smallest) number."""
    if p["select_prim"].name == "le":
        x = -x
    elif p["select_prim"].name != "ge":
        raise NotKnown("a choice of another number than the largest")
    sizes, steps, ones = p["window_dimensions"], p["window_strides"], [1] * x.ndim
    found = windows_of(x, sizes, steps, p["padding"], lowest(x.dtype), ones, ones)
    inside = np.unravel_index(found.reshape(*source.shape, -1).argmax(-1), sizes)
    corners = np.indices(source.shape)
    out = np.zeros([n + sum(sides) for n, sides in zip(x.shape, p["padding"])], x.dtype)
    np.add.at(out, tuple(c * s + i for c, s, i in zip(corners, steps, inside)), source)
    return out[tuple(slice(low, low + n) for n, (low, _) in zip(x.shape, p["padding"]))]


def dot(p: Params, a: Array, b: Array) -> Array:
    """Return the sums of products: the axes of the batch first, then the free ones of a, then those of b."""
    (sum_a, sum_b), (batch_a, batch_b) = p["dimension_numbers"]
    names_a, names_b = [*range(a.ndim)], [*range(a.ndim, a.ndim + b.ndim)]
    for i, j in (*zip(sum_a, sum_b), *zip(batch_a, batch_b)):
        names_b[j] = names_a[i]
    free_a = [i for i in range(a.ndim) if i not in (*sum_a, *batch_a)]
    free_b = [names_b[j] for j in range(b.ndim) if j not in (*sum_b, *batch_b)]
    return np.einsum(a, names_a, b, names_b, [*batch_a, *free_a, *free_b])


def convolve(p: Params, x: Array, w: Array) -> Array:
    """Return the cross-correlation, in groups of channels, or of images, where there are any."""
    place, of_images = p["dimension_numbers"], p["batch_group_count"]
    groups = max(of_images, p["feature_group_count"])
    x, w = x.transpose(place.lhs_spec), w.transpose(place.rhs_spec)
    sides = range(2, x.ndim)
    still = [(0, 0)] * 2, [1, 1]
    found = windows_of(
        x, [1, 1, *w.shape[2:]], [1, 1, *p["window_strides"]], [*still[0], *p["padding"]], 0,
        [1, 1, *p["lhs_dilation"]], [1, 1, *p["rhs_dilation"]],
    )  # fmt: skip
    found = found.reshape(found.shape[: x.ndim] + found.shape[x.ndim + 2 :])
    axes = [1, *(axis + len(sides) for axis in sides)], [1, *sides]
    parts = zip(np.split(found, groups, axis=0 if of_images > 1 else 1), np.split(w, groups, axis=0))
    out = np.concatenate([np.tensordot(part, own, axes) for part, own in parts], axis=-1)
    return np.moveaxis(out, -1, 1).transpose(np.argsort(place.out_spec))


def indices(shape: Any, starts: Array, sizes: Any, cut: Any, to: Any, batch: Any, of_batch: Any) -> list[Any]:
    """Return, for each axis of an array, the indices of windows: the axes of `starts` first, then the windows' own.

    sizes: of a window. cut: axes of the array that are none of a window's. to: the axis of each number of `starts`.
    batch, of_batch: axes that the array and `starts` have in common. Raises NotKnown for a window that stands out.
    """
    outer = starts.shape[:-1]
    own = [a for a in range(len(shape)) if a not in (*cut, *batch)]
    found = []
    for axis, n in enumerate(shape):
        first = starts[..., list(to).index(axis)].astype(int) if axis in to else np.zeros(outer, int)
        if axis in batch:
            first = np.indices(outer)[list(of_batch)[list(batch).index(axis)]]
        if first.size and (first.min() < 0 or first.max() + sizes[axis] > n):
            raise NotKnown("an index outside")
        one = first.reshape(*outer, *[1] * len(own))
        if axis in own:
            one = one + np.arange(sizes[axis]).reshape([-1 if a == axis else 1 for a in own])
        found.append(one)
    return found


def gather(p: Params, x: Array, starts: Array) -> Array:
    """Return windows of x."""
    d = p["dimension_numbers"]
    common = d.operand_batching_dims, d.start_indices_batching_dims
    at = indices(x.shape, starts, p["slice_sizes"], d.collapsed_slice_dims, d.start_index_map, *common)
    outer = starts.ndim - 1
    return np.moveaxis(x[tuple(at)], range(outer, outer + len(d.offset_dims)), d.offset_dims)


def scatter_rule(write: Callable[[Array, Any, Array], None]) -> Callable[..., Array]:
    """Return the rule of an operation that writes updates into windows of an array."""

    def rule(p: Params, x: Array, starts: Array, updates: Array) -> Array:
        d, out = p["dimension_numbers"], x.copy()
        common = d.operand_batching_dims, d.scatter_indices_batching_dims
        inside = [a for a in range(x.ndim) if a not in (*d.inserted_window_dims, *d.operand_batching_dims)]
        sizes = [1] * x.ndim
        for axis, there in zip(inside, d.update_window_dims):
            sizes[axis] = updates.shape[there]
        at = indices(x.shape, starts, sizes, d.inserted_window_dims, d.scatter_dims_to_operand_dims, *common)
        outer = starts.ndim - 1
        write(out, tuple(at), np.moveaxis(updates, d.update_window_dims, range(outer, outer + len(inside))))
        return out

    return rule


def put(out: Array, at: Any, updates: Array) -> None:
    """Write updates at indices."""
    out[at] = updates


def sort(p: Params, *arrays: Array) -> list[Array]:
    """Return the arrays in the order of the first."""
    if p["num_keys"] != 1:
        raise NotKnown("an order by several arrays")
    order = np.argsort(arrays[0], axis=p["dimension"], kind="stable")
    return [np.take_along_axis(a, order, p["dimension"]) for a in arrays]


def split(p: Params, x: Array) -> list[Array]:
    """Return the parts of x of these sizes."""
    return np.split(x, np.cumsum(p["sizes"])[:-1], p["axis"])


def unstack(p: Params, x: Array) -> list[Array]:
    """Return the parts of x along an axis."""
    return [*np.moveaxis(x, p["axis"], 0)]


def count(p: Params) -> Array:
    """Return 0, 1, 2 ... along an axis."""
    n, axis = p["shape"][p["dimension"]], p["dimension"]
    own = np.arange(n).reshape([-1 if a == axis else 1 for a in range(len(p["shape"]))])
    return np.broadcast_to(own, p["shape"])


def running(sum_up: Callable[..., Array]) -> Callable[..., Array]:
    """Return the rule of a running sum, or of another such function, from the front or from the back."""

    def rule(p: Params, x: Array) -> Array:
        turned = np.flip(x, p["axis"]) if p["reverse"] else x
        out = sum_up(turned, axis=p["axis"])
        return np.flip(out, p["axis"]) if p["reverse"] else out

    return rule


def draw_bits(p: Params, keys: Array) -> Array:
    """Return random whole numbers, the same for the same key; they are not those that JAX draws."""
    if keys.ndim:
        raise NotKnown("random numbers of several keys")
    kind = np.dtype(f"u{p['bit_width'] // 8}")
    return np.random.default_rng(int(keys)).integers(0, np.iinfo(kind).max, p["shape"], kind, endpoint=True)


def split_key(p: Params, keys: Array) -> Array:
    """Return new keys."""
    if keys.ndim:
        raise NotKnown("new keys of several")
    return np.random.default_rng(int(keys)).integers(0, 2**63, p["shape"])


def unwrap_key(p: Params, keys: Array) -> Array:
    """Return keys as pairs of numbers."""
    return np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=-1)


def wrap_key(p: Params, pairs: Array) -> Array:
    """Return pairs of numbers as keys."""
    return (pairs[..., 0].astype("i8") & 0x7FFFFFFF) << 32 | pairs[..., 1].astype("i8")


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a function that needs no parameters."""
    return lambda p, *arrays: function(*arrays)


def reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a reduction over axes."""
    return lambda p, x: function(x, axis=tuple(p["axes"]))


ALIKE = {  # JAX's name -> NumPy's, where the two differ: functions of each element by itself
    "sub": "subtract", "mul": "multiply", "neg": "negative", "max": "maximum", "min": "minimum", "rem": "fmod",
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "not": "invert", "pow": "power", "abs": "absolute",
    "is_finite": "isfinite", "atan2": "arctan2", "add_any": "add",
    **{name: name for name in ("add", "sign", "floor", "ceil", "exp", "exp2", "log", "log1p", "expm1", "tanh", "sinh",
                               "cosh", "sin", "cos", "tan", "sqrt", "cbrt", "square")},
}  # fmt: skip

RULES: dict[str, Callable[..., Any]] = {
    **{name: plain(getattr(np, numpy)) for name, numpy in ALIKE.items()},
    **dict.fromkeys(("copy", "copy_p", "stop_gradient", "optimization_barrier"), plain(lambda x: x)),
    "div": divide,
    "rsqrt": plain(lambda x: 1 / np.sqrt(x)),
    "logistic": plain(lambda x: 1 / (1 + np.exp(-x))),
    "erf": plain(np.vectorize(math.erf, otypes=[float])),
    "erfc": plain(np.vectorize(math.erfc, otypes=[float])),
    "integer_pow": lambda p, x: x ** p["y"],
    "clamp": plain(lambda low, x, high: np.minimum(np.maximum(x, low), high)),
    "select_n": select,
    "convert_element_type": lambda p, x: x.astype(p["new_dtype"]),
    "broadcast_in_dim": broadcast,
    "reshape": lambda p, x: x.transpose(p["dimensions"] or range(x.ndim)).reshape(p["new_sizes"]),
    "squeeze": lambda p, x: np.squeeze(x, tuple(p["dimensions"])),
    "expand_dims": lambda p, x: np.expand_dims(x, tuple(p["dimensions"])),
    "transpose": lambda p, x: x.transpose(p["permutation"]),
    "rev": lambda p, x: np.flip(x, p["dimensions"]),
    "concatenate": lambda p, *arrays: np.concatenate(arrays, p["dimension"]),
    "stack": lambda p, *arrays: np.stack(arrays, p["axis"]),
    "unstack": unstack,
    "split": split,
    "iota": count,
    "pad": pad,
    "slice": slice_out,
    "dynamic_slice": lambda p, x, *starts: x[block(x.shape, p["slice_sizes"], starts)],
    "dynamic_update_slice": write_block,
    "gather": gather,
    "scatter": scatter_rule(put),
    "scatter-add": scatter_rule(np.add.at),
    "reduce_sum": reduction(np.sum),
    "reduce_prod": reduction(np.prod),
    "reduce_max": reduction(np.max),
    "reduce_min": reduction(np.min),
    "reduce_and": reduction(np.all),
    "reduce_or": reduction(np.any),
    "argmax": lambda p, x: np.argmax(x, *p["axes"]),
    "argmin": lambda p, x: np.argmin(x, *p["axes"]),
    "cumsum": running(np.cumsum),
    "cumprod": running(np.cumprod),
    "cummax": running(np.maximum.accumulate),
    "sort": sort,
    "shift_right_logical": lambda p, x, n: (x.view(f"u{x.itemsize}") >> n.view(f"u{n.itemsize}")).view(x.dtype),
    "shift_left": lambda p, x, n: x << n,
    "bitcast_convert_type": lambda p, x: x.view(p["new_dtype"]),
    "random_seed": lambda p, seeds: seeds.astype("i8") & 0xFFFFFFFF,
    "random_wrap": wrap_key,
    "random_unwrap": unwrap_key,
    "random_bits": draw_bits,
    "random_split": split_key,
    "random_fold_in": lambda p, keys, more: (keys * 31 + more.astype("i8")) & (2**62 - 1),
    "dot_general": dot,
    "conv_general_dilated": convolve,
    "reduce_window_sum": window_rule(np.sum, lambda kind: 0),
    "reduce_window_max": window_rule(np.max, lowest),
    "reduce_window_min": window_rule(np.min, highest),
    "select_and_scatter_add": scatter_to_chosen,
}  # of each: parameters, arrays -> its array, or a list of them
