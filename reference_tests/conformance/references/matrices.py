"""Layers as sparse matrices of SciPy: out = A x, and the gradient is A's transpose times dout.

The second answer to every question where torch is not installed: it shares no step with the loops. A window layer lays
its windows down by one matrix, K = kron(rows, columns), whose transpose adds them up again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from ...subject.protocol import Answer, Question

Array = np.ndarray


# The matrices.


def selection(size: int, window: int, stride: int, pad: int) -> Any:
    """Return the matrix (O*F, size) that lays down the windows along one axis; a row in the padding is empty."""
    places = (size + 2 * pad - window) // stride + 1
    at = np.add.outer(stride * np.arange(places), np.arange(window)).ravel() - pad
    inside = np.flatnonzero((at >= 0) & (at < size))
    return sparse.csr_array((np.ones(len(inside)), (inside, at[inside])), shape=(at.size, size))


def shapes(q: Question) -> Answer:
    """Count the views of an axis that begin at every stride-th place."""
    axis = np.empty(q["input_size"] + 2 * q["pad"], "b")
    return {"out": np.array(len(np.lib.stride_tricks.sliding_window_view(axis, q["filter_size"])[:: q["stride"]]))}


def lay_down(x: Array, window: tuple[int, int], stride: int, pad: int, fill: float = 0.0) -> Array:
    """Return the windows (N, C, OH, FH, OW, FW) of images (N, C, H, W)."""
    n, c, *size = x.shape
    axes = [selection(s, f, stride, pad) for s, f in zip(size, window, strict=True)]
    both = sparse.kron(*axes, format="csr")
    laid = (both @ x.reshape(n * c, both.shape[1]).T.astype("f8")).T
    if fill:
        laid[:, both.sum(axis=1) == 0] = fill
    places = [a.shape[0] // f for a, f in zip(axes, window, strict=True)]
    return np.asarray(laid).reshape(n, c, places[0], window[0], places[1], window[1])


def add_up(laid: Array, size: tuple[int, int], stride: int, pad: int) -> Array:
    """Return the images (N, C, H, W) into which windows (N, C, OH, FH, OW, FW) add up: the transpose of lay_down."""
    n, c, _, fh, _, fw = laid.shape
    axes = [selection(s, f, stride, pad) for s, f in zip(size, (fh, fw), strict=True)]
    both = sparse.kron(*axes, format="csr")
    whole = (both.T @ laid.reshape(n * c, both.shape[0]).T).T
    return np.asarray(whole).reshape(n, c, *size)


# Layers with windows.


def im2col(q: Question) -> Answer:
    """Lay the windows down, one a row: (N*OH*OW, C*FH*FW)."""
    laid = lay_down(q["input_data"], (q["filter_h"], q["filter_w"]), q["stride"], q["pad"])
    n, c, oh, fh, ow, fw = laid.shape
    return {"out": laid.transpose(0, 2, 4, 1, 3, 5).reshape(n * oh * ow, c * fh * fw)}


def col2im(q: Question) -> Answer:
    """Add the rows up."""
    (n, c, h, w), (fh, fw) = q["input_shape"], (q["filter_h"], q["filter_w"])
    oh, ow = ((size + 2 * q["pad"] - f) // q["stride"] + 1 for size, f in ((h, fh), (w, fw)))
    laid = np.asarray(q["col"], "f8").reshape(n, oh, ow, c, fh, fw).transpose(0, 3, 1, 4, 2, 5)
    return {"out": add_up(laid, (h, w), q["stride"], q["pad"])}


def convolve(x: Array, W: Array, b: Array, stride: int, pad: int, dout: Array | None) -> Answer:
    """Contract the windows with W; back, contract dout with W and add the windows up."""
    laid = lay_down(x, W.shape[2:], stride, pad)
    found = {"out": np.einsum("ncifjg,kcfg->nkij", laid, W, optimize=True) + b[:, None, None]}
    if dout is not None:
        back = np.einsum("nkij,kcfg->ncifjg", dout, W, optimize=True)
        found |= {
            "dx": add_up(back, x.shape[2:], stride, pad),
            "dW": np.einsum("nkij,ncifjg->kcfg", dout, laid, optimize=True),
            "db": np.einsum("nkij->k", dout),
        }
    return found


def grouped(groups: Callable[[Question], int]) -> Callable[[Question], Answer]:
    """Make a convolution of as many groups as a question says."""

    def answer(q: Question) -> Answer:
        many = groups(q)
        douts = np.split(q.dout, many, 1) if q.dout is not None else [None] * many
        parts = zip(np.split(q["x"], many, 1), np.split(q["W"], many), np.split(q["b"], many), douts, strict=True)
        windows = q.params.get("stride", 1), q.params.get("pad", 0)
        found = [convolve(x, W, b, *windows, dout) for x, W, b, dout in parts]
        return {k: np.concatenate([f[k] for f in found], axis=int(k in ("out", "dx"))) for k in found[0]}

    return answer


def transposed_convolution(q: Question) -> Answer:
    """Spread every pixel over its window, and add up: what a convolution does backward."""
    x, W, stride, pad = q["x"], q["W"], q["stride"], q["pad"]
    size = [(s - 1) * stride + f - 2 * pad for s, f in zip(x.shape[2:], W.shape[2:], strict=True)]
    spread = np.einsum("ncij,ckfg->nkifjg", x, W, optimize=True)
    found = {"out": add_up(spread, (size[0], size[1]), stride, pad) + q["b"][:, None, None]}
    if q.dout is not None:
        laid = lay_down(q.dout, W.shape[2:], stride, pad)
        found |= {
            "dx": np.einsum("nkifjg,ckfg->ncij", laid, W, optimize=True),
            "dW": np.einsum("nkifjg,ncij->ckfg", laid, x, optimize=True),
            "db": np.einsum("nkij->k", q.dout),
        }
    return found


def largest(laid: Array, dlaid_of: Array | None) -> tuple[Array, Array | None]:
    """Return the first largest number of each window (N, C, OH, FH, OW, FW), and dout at its place."""
    n, c, oh, fh, ow, fw = laid.shape
    flat = laid.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, oh, ow, fh * fw)
    first = flat.argmax(axis=-1)[..., None]
    out = np.take_along_axis(flat, first, -1)[..., 0]
    if dlaid_of is None:
        return out, None
    back = np.zeros(flat.shape)
    np.put_along_axis(back, first, dlaid_of[..., None], -1)
    return out, back.reshape(n, c, oh, ow, fh, fw).transpose(0, 1, 2, 4, 3, 5)


def pool_largest(x: Array, window: tuple[int, int], stride: int, pad: int, dout: Array | None) -> Answer:
    """Take each window's largest number; the padding is -infinity."""
    out, back = largest(lay_down(x, window, stride, pad, -np.inf), dout)
    return {"out": out} if back is None else {"out": out, "dx": add_up(back, x.shape[2:], stride, pad)}


def pool_average(x: Array, window: tuple[int, int], stride: int, pad: int, dout: Array | None) -> Answer:
    """Average each window, padded zeros included."""
    laid = lay_down(x, window, stride, pad)
    found, area = {"out": laid.mean(axis=(3, 5))}, window[0] * window[1]
    if dout is not None:
        back = np.broadcast_to(dout[:, :, :, None, :, None] / area, laid.shape)
        found["dx"] = add_up(np.ascontiguousarray(back), x.shape[2:], stride, pad)
    return found


def windowed(pool: Callable[..., Answer]) -> Callable[[Question], Answer]:
    """Make a pooling layer of a function of windows."""
    return lambda q: pool(q["x"], (q["pool_h"], q["pool_w"]), q["stride"], q["pad"], q.dout)


def whole(pool: Callable[..., Answer]) -> Callable[[Question], Answer]:
    """Make a global pooling layer: one window, of the image's size."""

    def answer(q: Question) -> Answer:
        x = q["x"]
        found = pool(x, x.shape[2:], 1, 0, None if q.dout is None else q.dout[:, :, None, None])
        return {k: a.reshape(x.shape if k == "dx" else x.shape[:2]) for k, a in found.items()}

    return answer


def locally_connected(q: Question) -> Answer:
    """Contract each window with the filters of its own place."""
    x, W = q["x"], np.asarray(q["W"], "f8")
    laid = lay_down(x, W.shape[4:], q["stride"], q["pad"])
    found = {"out": np.einsum("ncifjg,ijkcfg->nkij", laid, W, optimize=True) + q["b"]}
    if q.dout is not None:
        back = np.einsum("nkij,ijkcfg->ncifjg", q.dout, W, optimize=True)
        found["dx"] = add_up(back, x.shape[2:], q["stride"], q["pad"])
        found["dW"] = np.einsum("nkij,ncifjg->ijkcfg", q.dout, laid, optimize=True)
        found["db"] = np.einsum("nkij->kij", q.dout)
    return found


def spatial_pyramid_pooling(q: Question) -> Answer:
    """Take the largest of each bin of rows and columns; bin i of n ends where -(-(i + 1) size // n) says."""
    x, found, dx, done = q["x"], [], np.zeros(q["x"].shape), 0
    (n, c, h, w) = x.shape
    for bins in q["levels"]:
        grid = np.zeros((n, c, bins, bins))
        for i, j in np.ndindex(bins, bins):
            rows, columns = (slice(k * s // bins, -(-(k + 1) * s // bins)) for k, s in ((i, h), (j, w)))
            part = x[:, :, rows, columns]
            dgrid = None if q.dout is None else q.dout[:, done : done + c * bins**2].reshape(n, c, bins, bins)
            g = None if dgrid is None else dgrid[:, :, i, j, None, None]
            out, back = largest(part[:, :, None, :, None, :], g)
            grid[:, :, i, j] = out[:, :, 0, 0]
            if back is not None:
                dx[:, :, rows, columns] += back.reshape(part.shape)
        found.append(grid.reshape(n, c * bins**2))
        done += c * bins**2
    answer = {"out": np.concatenate(found, axis=1)}
    return answer if q.dout is None else {**answer, "dx": dx}


def lrn(q: Question) -> Answer:
    """Sum the squares over neighbouring channels by one band matrix B: s = k + alpha B x^2."""
    x, half = np.asarray(q["x"], "f8"), q["n"] // 2
    channels = x.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(channels), np.arange(channels)))
    B = sparse.csr_array((apart <= half).astype("f8"))

    def over_channels(a: Array) -> Array:
        rows = np.moveaxis(a, 1, 0)
        return np.moveaxis((B @ rows.reshape(channels, a.size // channels)).reshape(rows.shape), 0, 1)

    s = q["k"] + q["alpha"] * over_channels(x * x)
    found = {"out": x / s ** q["beta"]}
    if q.dout is not None:
        share = over_channels(q.dout * found["out"] / s)  # B is symmetric
        found["dx"] = q.dout / s ** q["beta"] - 2 * q["alpha"] * q["beta"] * x * share
    return found


ANSWERS: dict[str, Callable[[Question], Answer]] = {
    "shapes": shapes,
    "im2col": im2col,
    "col2im": col2im,
    "convolution": grouped(lambda q: 1),
    "grouped_convolution": grouped(lambda q: int(q["groups"])),
    "depthwise_convolution": grouped(lambda q: int(q["x"].shape[1])),
    "pointwise_convolution": grouped(lambda q: 1),
    "transposed_convolution": transposed_convolution,
    "pooling": windowed(pool_largest),
    "average_pooling": windowed(pool_average),
    "global_average_pooling": whole(pool_average),
    "global_max_pooling": whole(pool_largest),
    "locally_connected": locally_connected,
    "spatial_pyramid_pooling": spatial_pyramid_pooling,
    "lrn": lrn,
}
