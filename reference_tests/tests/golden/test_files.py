"""The golden files themselves: their numbers are those of the formulas, and a planted error is found."""

import ast
import json
import math
import os
import shutil
import sys
from fractions import Fraction

import pytest

import golden
from golden import recompute

from ..sampling import imports

SWAP = str.maketrans("0123456789", "1234567890")  # every digit becomes another one


def leaves(value, place=()):
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*place, key))
    else:
        yield place, value


RESULTS = {
    "shapes.json": ("exact", "floor", "ceil", "col", "inputs"),
    "worked_product.json": ("d1", "d2", "d3", "d4", "out", "dx", "dW", "db"),
    "lrn.json": ("s", "y", "dx"),
}
DIGITS = [
    (file, place)
    for file, names in RESULTS.items()
    for place, value in leaves(golden.load(file))
    if set(names) & set(place) and place[:2] != ("symbols", "out") and str(value) != str(value).translate(SWAP)
]


@pytest.fixture
def copy(tmp_path):
    for file in golden.FILES:
        shutil.copy(golden.FOLDER / file, tmp_path)
    return tmp_path


def plant(folder, file, places, change):
    """Change these leaves of a copied file without changing its layout."""
    document = golden.load(file, folder)
    for *path, last in places:
        row = document
        for key in path:
            row = row[key]
        row[last] = change(row[last])
    (folder / file).write_text(recompute.text(document), encoding="utf-8")


def other_digits(value):
    return type(value)(str(value).translate(SWAP))


def test_files_agree_with_their_formulas():
    assert recompute.check() == []


def test_writing_changes_nothing(copy):
    assert recompute.write(copy) == []
    for file in golden.FILES:
        assert (copy / file).read_bytes() == (golden.FOLDER / file).read_bytes()


@pytest.mark.parametrize("file", golden.FILES)
def test_check_finds_every_changed_result(file, copy):
    """All results of a file are changed at once; each must be reported with its place."""
    places = [place for name, place in DIGITS if name == file]
    plant(copy, file, places, other_digits)
    found = recompute.check(copy)
    assert len(set(found)) == len(found) == len(places) > 50
    assert all(line.startswith(f"golden/{file}: ") and "the formula gives" in line for line in found)


@pytest.mark.parametrize(
    "file, place, told",
    [
        ("shapes.json", ("sizes", 18, "exact"), "sizes[18].exact is 66, the formula gives 55"),
        ("shapes.json", ("im2col", 0, "col", 1), "im2col[0].col[1] is 86, the formula gives 75"),
        ("worked_product.json", ("products", 0, "out", 0, 0), "products[0].out[0][0] is 469, the formula gives 358"),
        ("lrn.json", ("rows", 0, "y", 0), 'rows[0].y[0] is "2/7", the formula gives "1/6"'),
    ],
)
def test_planted_error_is_reported_and_repaired(file, place, told, copy):
    plant(copy, file, [place], other_digits)
    assert recompute.check(copy) == [f"golden/{file}: {told}"]
    assert recompute.write(copy) == [copy / file]
    assert recompute.check(copy) == []
    assert sorted(os.listdir(copy)) == sorted(golden.FILES)


def test_check_compares_the_fiftieth_digit(copy):
    number = next(i for i, row in enumerate(golden.load("lrn.json")["rows"]) if row["work"] == "50 digits")
    plant(copy, "lrn.json", [("rows", number, "dx", 0)], lambda text: text[:-1] + text[-1].translate(SWAP))
    assert len(recompute.check(copy)) == 1


def test_check_finds_a_changed_input(copy):
    plant(copy, "lrn.json", [("rows", 3, "alpha")], lambda text: "1/3")
    assert any("rows[3].y[0]" in line for line in recompute.check(copy))


def test_check_reports_another_layout(copy):
    file = copy / "shapes.json"
    file.write_text(json.dumps(golden.load("shapes.json")), encoding="utf-8")
    (told,) = recompute.check(copy)
    assert told == "golden/shapes.json: the numbers agree, but the file is not laid out as --write does it"


@pytest.mark.parametrize(
    "damage, told",
    [
        (lambda file: file.unlink(), "cannot be read: No such file"),
        (lambda file: file.write_text(file.read_text(encoding="utf-8")[:-40], encoding="utf-8"), "is not JSON"),
        (lambda file: file.write_text("[]", encoding="utf-8"), "holds a list, not an object"),
        (lambda file: file.write_text('{"rows": [{"work": "guess"}]}', encoding="utf-8"), "'guess'"),
        (lambda file: file.write_text('{"rows": 7}', encoding="utf-8"), "cannot be worked out"),
    ],
)
def test_damaged_file_is_one_sentence(damage, told, copy):
    damage(copy / "lrn.json")
    with pytest.raises(ValueError, match="golden") as caught:
        recompute.check(copy)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_mpmath_names_the_extra_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(ImportError, match=r"pip install 'convcheck\[dev\]'"):
        recompute.check()


def test_failed_write_leaves_the_old_file(copy, monkeypatch):
    plant(copy, "shapes.json", [("sizes", 0, "exact")], other_digits)
    before = (copy / "shapes.json").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        recompute.write(copy)
    assert (copy / "shapes.json").read_bytes() == before
    assert sorted(os.listdir(copy)) == sorted(golden.FILES)


def test_rows_are_the_nearest_float64():
    written, read = golden.load("lrn.json")["rows"], golden.rows("lrn")
    for text, row in zip(written, read, strict=True):
        for name in ("x", "dout", "y", "dx"):
            for one, number in zip(map(Fraction, text[name]), row[name], strict=True):
                beside = [math.nextafter(number, end) for end in (math.inf, -math.inf)]
                assert abs(Fraction(number) - one) <= min(abs(Fraction(other) - one) for other in beside)
    assert read[0]["y"] == [1 / 6, 1 / 3, 0.0, 0.3]


def test_unknown_table_is_refused():
    with pytest.raises(ValueError, match="'norm' is unknown; there are shapes, im2col"):
        golden.rows("norm")


def test_shapes_have_at_least_sixty_settings():
    names = ("size", "filter", "stride", "pad", "dilation")
    assert len({tuple(row[name] for name in names) for row in golden.rows("shapes")}) >= 60


@pytest.mark.parametrize("work", ["fractions", "50 digits"])
def test_lrn_channel_counts_are_below_equal_to_and_above_n(work):
    rows = [(len(row["x"]), row["n"]) for row in golden.rows("lrn") if row["work"] == work and row["n"] % 2]
    assert len(rows) >= 8
    assert {(channels > n) - (channels < n) for channels, n in rows} == {-1, 0, 1}


def test_lrn_with_even_n_has_a_row_for_each_window():
    even = [row for row in golden.rows("lrn") if row["n"] % 2 == 0]
    names = ("n", "k", "alpha", "beta", "x", "dout")
    formula, torch = ([[row[k] for k in names] for row in even if row["window"] == one] for one in ("formula", "torch"))
    assert formula and formula == torch
    assert all(row["source"].startswith("n is even: ") for row in even)


@pytest.mark.parametrize("name", golden.TABLES)
def test_every_row_names_its_source(name):
    assert all(row["source"] for row in golden.rows(name))


def test_golden_imports_no_code_under_test():
    files = list(golden.FOLDER.glob("*.py"))
    taken = {name.split(".")[0] for file in files for name in imports(ast.parse(file.read_text(encoding="utf-8")))}
    assert "json" in taken
    assert not taken & {"impl", "reference_tests", "numpy", "torch", "scipy"}
