"""The pictures' data: the slice of the worst place, the pattern of wrong places, the windows in the drawn case."""

import numpy as np
import pytest

from reference_tests.reports.drawing import make_drawing
from reference_tests.reports.pictures import MAX_CELLS, SHADES, make_picture, number_format


def test_picture_shows_the_slice_of_the_worst_place(problem):
    want = np.arange(24.0).reshape(2, 2, 2, 3)
    got = want.copy()
    got[1, 0, 1, 2] -= 5
    got[1, 0, 0, 0] += 1
    got[0, 1, 0, 1] += 2
    found = make_picture(problem("out", got, want))
    assert (found.name, found.at, found.bad, found.size, found.cut) == ("out[1, 0]", (1, 0, 1, 2), 3, 24, False)
    maps = {m.kind: [[c.text for c in row] for row in m.cells] for m in found.maps}
    assert maps["got"] == [["13", "13", "14"], ["15", "16", "12"]]
    assert maps["want"] == [["12", "13", "14"], ["15", "16", "17"]]
    assert maps["off"] == [["1", "0", "0"], ["0", "0", "-5"]]
    wrong = [[c.wrong for c in row] for row in found.maps[0].cells]
    assert wrong == [[True, False, False], [False, False, True]]
    shades = [[c.shade for c in row] for row in found.maps[2].cells]
    assert shades == [[round(SHADES / 5), 0, 0], [0, 0, -SHADES]]


def test_pattern_has_every_slice(problem):
    want = np.zeros((2, 2, 2, 3))
    got = want.copy()
    got[0, 1, 1, 2] = got[1, 1, 0, 0] = 1
    found = make_picture(problem("dx", got, want))
    assert [p.name for p in found.patterns] == ["[0, 0]", "[0, 1]", "[1, 0]", "[1, 1]"]
    assert [p.path for p in found.patterns] == ["", "M2 1h1v1h-1z", "", "M0 0h1v1h-1z"]


@pytest.mark.parametrize(
    "shape, place", [((30, 40), (29, 0)), ((30, 40), (15, 39)), ((3, 50), (1, 25)), ((60,), (59,))]
)
def test_large_slice_is_cut_to_the_worst_place(problem, shape, place):
    want = np.zeros(shape)
    got = want.copy()
    got[place] = 1
    found = make_picture(problem("out", got, want))
    rows, columns = found.maps[0].rows, found.maps[0].columns
    assert found.cut
    assert max(len(rows), len(columns)) <= MAX_CELLS
    assert [rows[i] for i, row in enumerate(found.maps[0].cells) for c in row if c.wrong] == [(0, *place)[-2]]
    assert [columns[j] for row in found.maps[0].cells for j, c in enumerate(row) if c.wrong] == [place[-1]]


def test_nan_and_inf_are_the_worst_places(problem):
    found = make_picture(problem("out", [[1.0, np.nan, np.inf]], [[5.0, 1.0, 2.0]]))
    assert found.at in ((0, 1), (0, 2))
    scaled = round(SHADES / 5)  # on the scale of what it should be
    assert [c.shade for c in found.maps[0].cells[0]] == [scaled, None, None]


def test_answer_of_wrong_shape_has_no_difference(problem):
    found = make_picture(problem("out", np.ones((2, 3)), np.ones((4, 3)), kind="shape"))
    assert [m.kind for m in found.maps] == ["got", "want"]
    assert [len(m.cells) for m in found.maps] == [2, 4]


@pytest.mark.parametrize(
    "got, want, kind",
    [("text", 1.0, "type"), (np.array("text"), np.ones(3), "values"), (np.ones((0, 3)), np.ones((0, 3)), "values")],
)
def test_answer_without_numbers_has_no_picture(problem, got, want, kind):
    assert make_picture(problem("out", got, want, kind=kind)) is None


def test_single_number_has_a_picture(problem):
    found = make_picture(problem("loss", 2.5, 1.5))
    assert [m.cells[0][0].text for m in found.maps] == ["2.50", "1.50", "1"]


@pytest.mark.parametrize(
    "numbers, texts",
    [
        ([1.0, -20.0, 3.0], ["1", "-20", "3"]),
        ([1.5, -20.0, 0.0], ["1.5", "-20.0", "0"]),
        ([0.125, -0.5], ["0.125", "-0.500"]),
        ([1.25, -1e-9], ["1.25", "0.00"]),
        ([2e-5, 1e-6], ["2.0e-05", "1.0e-06"]),
    ],
)
def test_numbers_of_one_picture_align(numbers, texts):
    text = number_format(np.array(numbers))
    assert [text(x) for x in numbers] == texts


def test_got_and_should_be_have_the_same_digits(problem):
    found = make_picture(problem("out", np.array([[0.607, -1.43, -0.049]]), np.array([[0.607, 0.004, -0.049]])))
    got, want = ([cell.text for cell in m.cells[0]] for m in found.maps[:2])
    assert (got, want) == (["0.607", "-1.430", "-0.049"], ["0.607", "0.004", "-0.049"])


def test_drawing_for_an_output_has_its_window(failing):
    verdict, _ = failing("convolution/stride-and-padding-differ/forward", "out", (1, 3, 2, 1))
    found = make_drawing(verdict)  # x (2, 3, 9, 10), W (6, 3, 5, 4), stride 2, pad 1
    assert (found.rows, found.columns, found.pad) == (11, 12, 1)
    assert (found.windows, found.size) == ([(4, 2)], (5, 4))
    assert (found.name, found.filter_name, found.follows) == ("x[1, 0]", "W[3, 0]", True)
    q = verdict.check.case.question()
    assert found.filter[0][0] == number_format(q["W"][3, 0])(q["W"][3, 0, 0, 0])
    assert {(i, j) for i, j, _ in found.numbers} == {(i + 1, j + 1) for i in range(9) for j in range(10)}


def test_drawing_for_dx_has_the_windows_over_the_place(failing):
    verdict, _ = failing("convolution/stride-and-padding-differ/backward", "dx", (0, 1, 2, 0))
    found = make_drawing(verdict)
    assert found.marked == [(3, 1)]
    assert found.windows == [(0, 0), (2, 0)]


def test_drawing_for_dW_marks_the_places_it_touches(failing):
    verdict, _ = failing("convolution/stride-and-padding-differ/backward", "dW", (2, 1, 0, 3))
    found = make_drawing(verdict)
    assert (found.name, found.filter_name, found.filter_mark) == ("x[0, 1]", "W[2, 1]", (0, 3))
    assert found.marked == [(r, c + 3) for r in (0, 2, 4, 6) for c in (0, 2, 4, 6, 8)]


def test_drawing_for_im2col_has_window_and_place(failing):
    verdict, _ = failing("im2col/rows-over-N-then-OH-then-OW", "out", (0, 0))
    q, sizes = verdict.check.case.question(), verdict.check.case.params
    _, c, h, w = q["input_data"].shape
    fh, fw, stride, pad = (sizes[k] for k in ("filter_h", "filter_w", "stride", "pad"))
    oh, ow = (h + 2 * pad - fh) // stride + 1, (w + 2 * pad - fw) // stride + 1
    row, column = (1 * oh + oh - 1) * ow + ow - 1, (c - 1) * fh * fw + fh * fw - 1
    found = make_drawing(failing("im2col/rows-over-N-then-OH-then-OW", "out", (row, column))[0])
    assert found.name == f"input_data[1, {c - 1}]"
    assert found.windows == [((oh - 1) * stride, (ow - 1) * stride)]
    assert found.marked == [((oh - 1) * stride + fh - 1, (ow - 1) * stride + fw - 1)]


def test_drawing_without_windows_marks_the_input(failing):
    verdict, _ = failing("relu/every-number-has-its-own-mask/forward", "out", (1, 2, 3, 4))
    found = make_drawing(verdict)
    assert (found.name, found.marked, found.windows) == ("x[1, 2]", [(3, 4)], [])
