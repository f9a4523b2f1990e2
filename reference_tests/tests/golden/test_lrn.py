"""Golden LRN against impl, torch, SciPy, each reference of ours that answers, and the definition in 60 digits."""

from fractions import Fraction

import mpmath
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

import golden
import impl.functional as IF
from impl import layers

from .test_rows import answers_of, named

LRN = golden.rows("lrn")
LIKE_FORMULA = [row for row in LRN if row["window"] == "formula"]
LIKE_TORCH = [row for row in LRN if row["window"] == "torch" or row["n"] % 2]


def one_pixel(row, name):
    return np.array(row[name], "f8").reshape(1, -1, 1, 1)


def near(got, row, name, who):
    """Within 16 eps of the terms that are summed: inputs are rounded once, s and its power a few times."""
    x, dout, s = (np.array(v) for v in (row["x"], row["dout"], sums(row)))
    direct = s ** -row["beta"]
    shared = 2 * row["alpha"] * row["beta"] * np.sum(np.abs(dout * x) * direct / s)
    terms = np.abs(x) * direct if name == "y" else np.abs(dout) * direct + np.abs(x) * shared
    error = np.abs(np.ravel(got) - row[name])
    assert np.all(error <= 16 * np.finfo("f8").eps * terms), f"{who}: {name} differs by {error.max():.3g}"


def window(row, i):
    after = row["n"] // 2 if row["window"] == "formula" else (row["n"] - 1) // 2
    return slice(max(0, i - row["n"] // 2), i + after + 1)


def sums(row):
    return [row["k"] + row["alpha"] * sum(v * v for v in row["x"][window(row, i)]) for i in range(len(row["x"]))]


def constants(row):
    return {key: row[key] for key in ("n", "k", "alpha", "beta")}


@named(LIKE_FORMULA)
def test_impl_layer_gives_the_golden_numbers(row):
    layer = layers.LRN(**constants(row))
    near(layer.forward(one_pixel(row, "x")), row, "y", "impl.layers.LRN")
    near(layer.backward(one_pixel(row, "dout")), row, "dx", "impl.layers.LRN")


@named(LIKE_TORCH)
def test_functional_and_torch_give_the_golden_numbers(row):
    x, dout = one_pixel(row, "x"), one_pixel(row, "dout")
    like_torch = (row["n"], row["alpha"] * row["n"], row["beta"], row["k"])
    near(IF.local_response_norm(x, *like_torch), row, "y", "impl.functional")
    near(IF.local_response_norm_backward(dout, x, *like_torch), row, "dx", "impl.functional")
    leaf = torch.tensor(x, requires_grad=True)
    out = F.local_response_norm(leaf, *like_torch)
    out.backward(torch.tensor(dout))
    near(out.detach().numpy(), row, "y", "torch")
    near(leaf.grad.numpy(), row, "dx", "torch")


@named(LRN)
def test_scipy_gives_the_golden_numbers(row):
    """correlate1d sums i-length//2 .. i+(length-1)//2, which is torch's window; convolve1d the other way round."""
    x, dout, n = np.array(row["x"]), np.array(row["dout"]), row["n"]
    ones = np.ones(n if row["window"] == "torch" else n // 2 * 2 + 1)
    s = row["k"] + row["alpha"] * ndimage.correlate1d(x * x, ones, mode="constant")
    near(x * s ** -row["beta"], row, "y", "scipy")
    shared = ndimage.convolve1d(dout * x * s ** (-row["beta"] - 1), ones, mode="constant")
    near(dout * s ** -row["beta"] - 2 * row["alpha"] * row["beta"] * x * shared, row, "dx", "scipy")


@named(LIKE_FORMULA)
def test_references_give_the_golden_numbers(row):
    x, dout = one_pixel(row, "x"), one_pixel(row, "dout")
    for name, answer in answers_of("lrn", {"x": x}, constants(row), dout).items():
        near(answer["out"], row, "y", name)
        if "dx" in answer:
            near(answer["dx"], row, "dx", name)


def exact(text):
    fraction = Fraction(text)
    return mpmath.mpf(fraction.numerator) / fraction.denominator


@named(golden.load("lrn.json")["rows"])
def test_fifty_digit_rows_agree_with_mpmath(row):
    """y from the definition to 49 digits; dx to 25, measured as the change of sum(y * dout)."""
    with mpmath.workdps(60):
        k, alpha, beta = (exact(row[key]) for key in ("k", "alpha", "beta"))
        x, dout = ([exact(v) for v in row[key]] for key in ("x", "dout"))

        def y(values):
            squares = [v * v for v in values]
            return [v / (k + alpha * mpmath.fsum(squares[window(row, i)])) ** beta for i, v in enumerate(values)]

        def total(j, value):
            return mpmath.fdot(dout, y([*x[:j], value, *x[j + 1 :]]))

        for got, text in zip(y(x), row["y"], strict=True):
            assert abs(got - exact(text)) <= abs(got) * mpmath.mpf(10) ** -49
        step = mpmath.mpf(10) ** -15
        for j, text in enumerate(row["dx"]):
            measured = (total(j, x[j] + step) - total(j, x[j] - step)) / (2 * step)
            assert abs(measured - exact(text)) < mpmath.mpf(10) ** -25
