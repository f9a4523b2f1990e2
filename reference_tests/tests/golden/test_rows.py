"""Golden shapes and products against impl, torch, SciPy, and each reference of ours that answers them."""

import math
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import signal

import golden
import impl.functional as IF
from impl import layers
from impl.functional.shapes import conv_output_size, pool_output_size
from impl.networks import SimpleConvNet
from reference_tests.conformance import references
from reference_tests.subject.protocol import Op, Question

REFUSED = "refused"
SIZES = golden.rows("shapes")


def named(rows):
    return pytest.mark.parametrize("row", rows, ids=[row.get("name", row["source"]) for row in rows])


def settings(row):
    return tuple(row[key] for key in ("size", "filter", "stride", "pad", "dilation"))


def size_or_refused(function, error):
    try:
        return function()
    except error:
        return REFUSED


def answers_of(component, arrays, params, dout=None):
    """Map each reference to its answer; at least two besides the golden files must answer."""
    op = Op(component, component, "golden", args=tuple(arrays))
    question = Question(op, {k: np.asarray(a) for k, a in arrays.items()}, params, dout)
    found = references.ask_all(question, references.CPU)
    assert len(found.keys() - {"golden_ref"}) >= 2, f"only {list(found)} answer {component}"
    return found


@named(SIZES)
class TestShapes:
    def test_sizes_agree_with_counted_windows(self, row):
        size, window, stride, pad, dilation = settings(row)
        span = dilation * (window - 1) + 1
        starts = [s for s in range(-pad, size + pad - span + 1) if (s + pad) % stride == 0]
        assert row["floor"] == (len(starts) or REFUSED)
        flush = bool(starts) and starts[-1] + span == size + pad
        assert row["exact"] == (len(starts) if flush else REFUSED)

    def test_impl_gives_the_golden_size(self, row):
        for rounding in ("exact", "floor"):
            assert size_or_refused(lambda r=rounding: conv_output_size(*settings(row), r), ValueError) == row[rounding]
        assert size_or_refused(lambda: pool_output_size(*settings(row), True), ValueError) == row["ceil"]
        if row["floor"] != REFUSED:  # a window larger than the padded input is allowed in pooling only
            assert conv_output_size(*settings(row), "ceil") == row["ceil"]

    def test_torch_gives_the_golden_size(self, row):
        size, window, stride, pad, dilation = settings(row)
        x, w = torch.zeros(1, 1, size, 1), torch.zeros(1, 1, window, 1)
        along = {"stride": (stride, 1), "padding": (pad, 0), "dilation": (dilation, 1)}
        assert size_or_refused(lambda: F.conv2d(x, w, **along).shape[2], RuntimeError) == row["floor"]
        for name in ("floor", "ceil"):
            pool = partial(F.max_pool2d, x, (window, 1), **along, ceil_mode=name == "ceil")
            if pad > window // 2:
                with pytest.raises(RuntimeError, match="half"):
                    pool()
            else:
                assert size_or_refused(lambda p=pool: p().shape[2], RuntimeError) == row[name]


@named([row for row in SIZES if row["dilation"] == 1 and row["floor"] != REFUSED])  # the contract has no dilation
def test_references_give_the_golden_sizes(row):
    names = dict(zip(("input_size", "filter_size", "stride", "pad"), settings(row)))
    for name, answer in answers_of("shapes", {}, names).items():
        assert answer["out"] == row["floor"], name


@named([row for row in SIZES if "mathematical ceil" in row["source"]])
def test_torch_ceil_differs_from_mathematical_ceil(row):
    size, window, stride, pad, dilation = settings(row)
    mathematical = math.ceil((size + 2 * pad - dilation * (window - 1) - 1) / stride) + 1
    assert mathematical == int(row["source"].split()[-1]) != row["ceil"]


@named(golden.rows("im2col"))
def test_im2col_shapes_agree(row):
    (fh, fw), stride, pad = row["filter"], row["stride"], row["pad"]
    x = np.zeros(row["input"])
    assert list(IF.im2col(x, fh, fw, stride, pad).shape) == row["col"]
    n, columns, places = F.unfold(torch.tensor(x), (fh, fw), padding=pad, stride=stride).shape
    assert [n * places, columns] == row["col"]
    params = {"filter_h": fh, "filter_w": fw, "stride": stride, "pad": pad}
    for name, answer in answers_of("im2col", {"input_data": x}, params).items():
        assert list(answer["out"].shape) == row["col"], name


@named(golden.rows("flattened"))
def test_flattened_sizes_agree(row):
    assert torch.zeros(2, *row["input"], device="meta").flatten(1).shape == (2, row["inputs"])
    x = np.zeros((2, *row["input"]), np.float32)
    assert layers.Affine(np.zeros((row["inputs"], 3), np.float32), np.zeros(3, np.float32)).forward(x).shape == (2, 3)


def test_simple_conv_net_has_the_golden_inputs():
    (row,) = (row for row in golden.rows("flattened") if "SimpleConvNet" in row["source"])
    assert SimpleConvNet().params["W2"].shape[0] == row["inputs"] == 4320


def four_axes(row):
    x, W = (np.array(row[key], "f8")[None, None] for key in ("x", "W"))
    return x, W, np.array([row.get("b", 0)], "f8"), row.get("pad", 0)


def test_worked_product_has_the_symbols_of_the_notes():
    assert golden.load("worked_product.json")["symbols"]["d1"] == (
        "a1 b1 + a2 b2 + a3 b3 + a5 b4 + a6 b5 + a7 b6 + a9 b7 + a10 b8 + a11 b9 + c"
    )


@named(golden.rows("worked_product") + golden.rows("worked_images"))
def test_worked_products_agree_forward(row):
    x, W, b, pad = four_axes(row)
    want = np.array(row["out"])
    padded = np.pad(x[0, 0], pad)
    np.testing.assert_array_equal(layers.Convolution(W, b, 1, pad).forward(x)[0, 0], want)
    np.testing.assert_array_equal(IF.conv2d(x, W, b, padding=pad)[0, 0], want)
    np.testing.assert_array_equal(F.conv2d(*map(torch.tensor, (x, W, b)), padding=pad)[0, 0], want)
    np.testing.assert_array_equal(signal.correlate2d(padded, W[0, 0], "valid") + b, want)
    for name, answer in answers_of("convolution", {"x": x, "W": W, "b": b}, {"stride": 1, "pad": pad}).items():
        np.testing.assert_array_equal(answer["out"][0, 0], want, err_msg=name)


@named(golden.rows("worked_product"))
def test_worked_products_agree_backward(row):
    x, W, b, _ = four_axes(row)
    dout = np.array(row["dout"], "f8")[None, None]
    want = {"dx": np.array(row["dx"])[None, None], "dW": np.array(row["dW"])[None, None], "db": np.array([row["db"]])}
    layer = layers.Convolution(W, b, 1, 0)
    layer.forward(x)
    given = {"impl": {"dx": layer.backward(dout), "dW": layer.dW, "db": layer.db}}
    given["scipy"] = {
        "dx": signal.convolve2d(dout[0, 0], W[0, 0], "full")[None, None],
        "dW": signal.correlate2d(x[0, 0], dout[0, 0], "valid")[None, None],
        "db": dout.sum(keepdims=True).ravel(),
    }
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, W, b)]
    F.conv2d(*leaves).backward(torch.tensor(dout))
    given["torch"] = {name: leaf.grad.numpy() for name, leaf in zip(("dx", "dW", "db"), leaves)}
    given |= answers_of("convolution", {"x": x, "W": W, "b": b}, {"stride": 1, "pad": 0}, dout)
    for who, answer in given.items():
        for name in want.keys() & answer.keys():
            np.testing.assert_array_equal(answer[name], want[name], err_msg=f"{who} {name}")
