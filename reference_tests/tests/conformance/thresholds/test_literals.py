"""The numbers of a target's code: which stand where a threshold may, of what a layer comes from, at no cost."""

import time

import pytest

from reference_tests.conformance.thresholds.literals import Code, read_files

TEXT = """
import numpy as np
ROWS = 1 << 10
TABLE = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110]

def block(x, size=64 * 1024, least=-1e4):
    return np.maximum(x, least)[: size // 48]

class Affine(Base):
    def forward(self, x):
        if x.size % 21 == 0:
            return block(x)
        return np.clip(x, -30.0, 30.0)

class Base:
    LIMIT = 513

class Other:
    def forward(self, x):
        return x[:77]
"""


def literals(tmp_path, text, *roots):
    """Return the whole numbers and the others of a file, of the definitions that these names reach."""
    path = tmp_path / "layers.py"
    path.write_text(text)
    return Code(read_files([str(path)], base=tmp_path)).literals(roots)


def test_numbers_of_a_layer_and_of_what_it_uses(tmp_path):
    sizes, numbers = literals(tmp_path, TEXT, "Affine")
    assert {one.value for one in sizes} == {48, 21, 65536, 10000, 513, 30}
    assert {one.value for one in numbers} >= {-1e4, -30.0, 30.0}
    assert [one.value for one in sizes if one.spot.equal] == [21]
    assert {one.place for one in sizes if one.value == 513} == {"layers.py, line 16"}


def test_orders_of_axes_and_digits_are_no_sizes(tmp_path):
    text = """
def pool(x):
    y = x.reshape(2, 9, 4, 7, -1).transpose(0, 1, 2, 4, 3, 5).round(6)
    return np.transpose(y, (0, 5, 4, 3, 2, 1)).sum(axis=5) + np.moveaxis(x[:11], 6, 0).round(decimals=8)
"""
    assert {one.value for one in literals(tmp_path, text, "pool")[0]} == {9, 7, 11}


def test_all_definitions_count_where_a_layer_is_not_found(tmp_path):
    sizes, _ = literals(tmp_path, TEXT, "Convolution")
    assert {1024, 77, 513} <= {one.value for one in sizes} and not {101, 110} & {one.value for one in sizes}


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "7, " * 1_000_000 + "]",
        "class Relu:\n    SIZE = 10 ** 10 ** 10\n    MORE = 1e400\n    LEAST = 1 << 10**9\n",
        "x = " + "(" * 5000 + "7" + ")" * 5000,
        "x = " + "-" * 50_000 + "7",
        "x = " + "1 + " * 50_000 + "7",
        "x = " + "9" * 100_000,
        "class Relu:\n" + "\n".join(f"    A{i} = {i}" for i in range(20_000)),
        "def f(:",
        "\0",
    ],
)
def test_hostile_code_costs_nothing(text, tmp_path):
    before = time.process_time()
    sizes, numbers = literals(tmp_path, text, "Relu")
    assert len(sizes) <= 12 and len(numbers) <= 12
    assert time.process_time() - before < 2


def test_files_outside_of_the_folder_are_not_read(tmp_path):
    own, other = tmp_path / "own", tmp_path / "other.py"
    own.mkdir()
    other.write_text("SIZE = 48\n")
    (own / "mine.py").symlink_to(other)
    assert read_files([str(other), str(own / "mine.py"), "/etc/passwd"], own, own) == []


def test_cells_of_a_notebook_are_named_by_their_number(tmp_path):
    path = tmp_path / "notes.ipynb"
    cell = {"cell_type": "code", "source": "class Relu:\n    SIZE = 48\n"}
    path.write_text(__import__("json").dumps({"cells": [{**cell, "source": "1 + 1"}, cell], "metadata": {}}))
    sizes, _ = Code(read_files([f"{path}, cell 2"], base=tmp_path)).literals(["Relu"])
    assert [(one.value, one.place) for one in sizes] == [(48, "notes.ipynb, cell 2, line 2")]
