"""LeCun's tanh is asked through its own formula, whatever form it has."""

import numpy as np
import pytest

from ..special.targets import differing, numbers, read

CLASS = """
class {name}:
    def forward(self, x):
        self.t = np.tanh({inner} * x)
        return 1.7159 * self.t
    def backward(self, dout):
        return dout * {slope} * (1 - self.t ** 2)
"""
FUNCTIONS = """
def tanh(x):
    return 1.7159 * np.tanh({inner} * x)
def tanh_derivative(x):
    return {slope} * (1 - np.tanh({inner} * x) ** 2)
"""
OF_OUTPUT = """
def tanh_forward(x):
    return 1.7159 * np.tanh({inner} * x)
def tanh_backward(dout, out):
    return dout * {slope} * (1 - (out / 1.7159) ** 2)
"""
RIGHT = {"name": "Tanh", "inner": "2.0 / 3.0", "slope": "1.7159 * 2 / 3"}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, set()),
        ({"name": "TanhLayer"}, set()),
        ({"inner": "0.6666", "slope": "1.7159 * 0.6666"}, set()),
        ({"slope": "1.7159"}, {"dx"}),
        ({"slope": "2 / 3"}, {"dx"}),
        ({"inner": "1.5", "slope": "1.7159 * 1.5"}, {"out", "dx"}),
    ],
)
@pytest.mark.parametrize("form", [CLASS, FUNCTIONS, OF_OUTPUT], ids=["class", "functions", "of-output"])
def test_scaled_tanh_is_judged_by_its_own_formula(tmp_path, form, change, wrong):
    subject = read(tmp_path, form.format(**RIGHT | change))
    assert differing(subject, "Tanh", x=numbers(3, 4)) == wrong


def test_header_says_the_formula(tmp_path):
    text = read(tmp_path, CLASS.format(**RIGHT)).interfaces["Tanh"].text
    assert "it is 1.7159 * tanh(0.6667 * x), and asked as that" in text


def test_a_tanh_that_is_only_scaled_is_none_of_it(tmp_path):
    text = CLASS.format(**RIGHT).replace("1.7159", "2.0")
    assert np.allclose(read(tmp_path, text).names["Tanh"]().forward(np.ones((1, 1))), 2 * np.tanh(2 / 3))


def test_an_adapter_of_one_is_taken_as_it_is(tmp_path):
    source = read(tmp_path, FUNCTIONS.format(**RIGHT)).interfaces["Tanh"].source
    subject = read(
        tmp_path, FUNCTIONS.format(**RIGHT).replace("def tanh", "def scaled") + source.replace(" tanh", " scaled")
    )
    assert differing(subject, "Tanh", x=numbers(3, 4)) == set()
