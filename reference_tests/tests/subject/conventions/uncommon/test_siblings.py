"""Several versions of one function: a forward pass goes with its own backward pass, and never with a sibling's."""

from pathlib import Path

import numpy as np
import pytest

from reference_tests.subject.load import Subject

from ..special.targets import differing, numbers, read

RELU = """
def relu_forward(x):
    return np.maximum(x, 0), x
"""
FAST_RELU = """
def relu_forward_fast(x):
    return np.maximum(x, 0), x > 0
def relu_backward_fast(dout, cache):
    return dout * cache
"""
HELPER = """
def relu(x):
    return np.maximum(x, 0)
def relu_forward(x):
    return relu(x), x > 0
def relu_backward(dout, cache):
    return dout * cache
"""
NAIVE_POOL = """
def max_pool_forward_naive(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.empty((N, C, (H - h) // s + 1, (W - w) // s + 1))
    for i, j in np.ndindex(out.shape[2:]):
        out[:, :, i, j] = x[:, :, i * s:i * s + h, j * s:j * s + w].max((2, 3))
    return out, (x, pool_param)
"""
FAST_POOL = """
def max_pool_forward_fast(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(2, 3))[:, :, ::s, ::s]
    flat = windows.reshape(*windows.shape[:4], -1)
    return flat.max(-1), (x.shape, flat.argmax(-1), pool_param)
def max_pool_backward_fast(dout, cache):
    shape, places, pool_param = cache
    w, s = pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(shape)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + places // w, j * s + places % w), dout)
    return dx
"""
INVERTED = """
def inverted_dropout_forward(x, dropout_param):
    mask = (np.random.rand(*x.shape) > dropout_param["p"]) / (1 - dropout_param["p"])
    return (x * mask, mask) if dropout_param["mode"] == "train" else (x, mask)
def inverted_dropout_backward(dout, cache):
    return dout * cache
"""
DROPOUT = """
def dropout_forward(x, dropout_param):
    mask = np.random.rand(*x.shape) > dropout_param["p"]
    out = x * mask if dropout_param["mode"] == "train" else x * (1 - dropout_param["p"])
    return out, (mask, dropout_param)
"""
ROWS = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param["running_mean"], bn_param["running_var"]
    if bn_param["mode"] == "train":
        mean, var = x.mean(0), x.var(0)
        bn_param["running_mean"] = momentum * bn_param["running_mean"] + (1 - momentum) * mean
        bn_param["running_var"] = momentum * bn_param["running_var"] + (1 - momentum) * var
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return gamma * xhat + beta, (xhat, std, gamma)
"""
ROWS_BACK = """
def batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    d = dout * gamma
    return (d - d.mean(0) - xhat * (d * xhat).mean(0)) / std, (dout * xhat).sum(0), dout.sum(0)
"""
IMAGES = """
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
"""
IMAGES_BACK = """
def spatial_batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    d = rows * gamma
    dx = (d - d.mean(0) - xhat * (d * xhat).mean(0)) / std
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), (rows * xhat).sum(0), rows.sum(0)
"""
GROUPS_BACK = """
def spatial_groupnorm_backward(dout, cache):
    return dout, dout.sum((0, 2, 3)), dout.sum((0, 2, 3))
"""
LARGE = numbers(2, 3, 6, 8)
CASES = {  # what the file has, the layer, what it is made with, its input
    "relu": (RELU + FAST_RELU, "Relu", (), LARGE),
    "relu-beside-a-helper": (HELPER, "Relu", (), LARGE),
    "pooling": (NAIVE_POOL + FAST_POOL, "Pooling", (2, 2, 2), LARGE),
    "pooling-fast-first": (FAST_POOL + NAIVE_POOL, "Pooling", (2, 2, 2), LARGE),
}


@pytest.mark.parametrize("name", CASES)
def test_the_version_with_a_backward_pass_of_its_own_is_read(tmp_path: Path, name: str) -> None:
    """Its forward pass and its gradient are both right; those of two versions together are not."""
    text, layer, made_with, x = CASES[name]
    subject = read(tmp_path, text)
    assert differing(subject, layer, *made_with, x=x) == set()
    assert not subject.interfaces[layer].lacks or layer != "Relu"


def test_dropout_has_no_backward_pass_of_inverted_dropout(tmp_path: Path) -> None:
    """Each of the two is read by itself, and only the inverted one has a backward pass."""
    subject = read(tmp_path, INVERTED + DROPOUT)
    assert "backward" not in subject.interfaces["Dropout"].spoken.backward
    assert "inverted_dropout_backward" in subject.interfaces["InvertedDropout"].spoken.backward


def norm_gradients(subject: Subject, shape: tuple[int, ...]) -> bool:
    """Return whether the gradients of batch normalization are those of differences; raises what backward raises."""
    x, dout, gamma = numbers(*shape), numbers(*shape, seed=2), numbers(3, seed=3)
    kind = subject.names["BatchNorm"]
    layer = kind(gamma, np.zeros(3))
    layer.forward(x, True)
    dx, step = layer.backward(dout), 1e-6
    place = tuple(n - 1 for n in shape)
    moved = [x.copy() for _ in "ab"]
    moved[0][place] += step
    moved[1][place] -= step
    up, down = (float((kind(gamma, np.zeros(3)).forward(one, True) * dout).sum()) for one in moved)
    return bool(np.isclose(dx[place], (up - down) / (2 * step), atol=1e-6))


NORMS = {  # what the file has -> whether rows and images have a backward pass
    "both": (ROWS + ROWS_BACK + IMAGES + IMAGES_BACK, True, True),
    "rows-alone": (ROWS + ROWS_BACK + IMAGES, True, False),
    "rows-beside-groups": (ROWS + ROWS_BACK + IMAGES + GROUPS_BACK, True, False),
    "images-alone": (ROWS + IMAGES + IMAGES_BACK, False, True),
    "no-forward-of-images": (ROWS + ROWS_BACK + IMAGES_BACK, True, None),
    "neither": (ROWS + IMAGES, None, None),
    "only-a-backward-of-images": (ROWS + IMAGES_BACK, None, None),
}


@pytest.mark.parametrize("name", NORMS)
def test_batch_normalization_has_the_backward_pass_of_rows_or_of_images_or_of_both(tmp_path: Path, name: str) -> None:
    """What has none is not asked for one; what has one is asked, and is right."""
    text, *has = NORMS[name]
    subject = read(tmp_path, text)
    kind = subject.names["BatchNorm"]
    assert kind(np.ones(3), np.zeros(3)).forward(numbers(4, 3), True).shape == (4, 3)
    if None in has:
        assert hasattr(kind, "backward") == (has[0] is True)
    for shape, own in zip(((4, 3), (4, 3, 2, 5)), has):
        if own:
            assert norm_gradients(subject, shape)
        elif own is False:
            with pytest.raises(NotImplementedError, match="no backward pass"):
                norm_gradients(subject, shape)
