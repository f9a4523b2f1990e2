"""What an interface cannot express: windows that its code refuses itself, and not those at which it stops."""

import pytest

from reference_tests.subject.conventions.reach import may_refuse

from .special.targets import differing, numbers, read

TEXT = """
def conv(img, filters):
    {check}
    n, k, l, c = filters.shape
    out = np.zeros((img.shape[0] - k + 1, img.shape[1] - l + 1, n))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.tensordot(filters, img[i : i + {rows}, j : j + l], 3)
    return out
"""
CHECKS = {
    "raise": "if filters.shape[1] != filters.shape[2]:\n        raise ValueError('a square is needed')",
    "assert": "assert filters.shape[1] == filters.shape[2]",
    "exit": "if filters.shape[1] != filters.shape[2]:\n        exit()",
}


@pytest.mark.parametrize("check", CHECKS)
def test_windows_that_code_refuses_are_not_asked(tmp_path, check):
    reach = read(tmp_path, TEXT.format(check=CHECKS[check], rows="k")).interfaces["Convolution"].reach
    assert reach["FW"] == ["FH"]


def test_windows_at_which_numpy_stops_are_asked(tmp_path):
    reach = read(tmp_path, TEXT.format(check="pass", rows="l")).interfaces["Convolution"].reach
    assert "FW" not in reach


@pytest.mark.parametrize("check, refuses", [*((check, True) for check in CHECKS.values()), ("pass", False)])
def test_code_without_such_a_statement_refuses_nothing(tmp_path, check, refuses):
    things = vars(read(tmp_path, TEXT.format(check=check, rows="k")).modules[0])
    assert may_refuse(things) is refuses


CONVOLUTION = """
class Conv:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_out, n_in, {side}, {side}) * 0.1, np.zeros(n_out)
    def forward(self, x):
        k, s = {side}, {stride}
        oh, ow = -(-x.shape[2] // s), -(-x.shape[3] // s)
        down, right = (max((o - 1) * s + k - n, 0) for o, n in zip((oh, ow), x.shape[2:]))
        x = np.pad(x, [(0, 0), (0, 0), (down // 2, down - down // 2), (right // 2, right - right // 2)])
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum("nchwij,fcij->nfhw", windows, self.W) + self.b[:, None, None]
"""


@pytest.mark.parametrize(("side", "stride"), [(3, 1), (5, 1), (3, 2)])
def test_convolution_that_always_pads_to_same_is_right(tmp_path, side, stride):
    subject = read(tmp_path, CONVOLUTION.format(side=side, stride=stride))
    W, b, x = numbers(4, 3, side, side), numbers(4), numbers(2, 3, 9, 7)
    assert differing(subject, "Convolution", W, b, stride, side // 2, x=x, backward=False) == set()
