"""Settings that are told by words alone, and strides of each axis, as TensorFlow has them."""

import pytest

from ..special.targets import differing, numbers, read

TENSORFLOW = """
def conv2d(input, filters, strides, padding):
    {unpack}
    kh, kw, _, c_out = filters.shape
    if padding == "SAME":
        p, q = (kh - 1) // 2, (kw - 1) // 2
        input = np.pad(input, ((0, 0), (p, p), (q, q), (0, 0)))
    win = np.lib.stride_tricks.sliding_window_view(input, (kh, kw), axis=(1, 2))[:, ::sh, ::sw]
    return np.einsum("nyxcij,ijcf->nyxf", win, filters)
def max_pool(value, ksize, strides, padding):
    {unpack}
    win = np.lib.stride_tricks.sliding_window_view(value, (ksize[1], ksize[2]), axis=(1, 2))
    return win[:, ::sh, ::sw].max((-1, -2))
"""


@pytest.mark.parametrize("unpack", ["_, sh, sw, _ = strides", "sh, sw = strides[1], strides[2]"])
def test_strides_of_each_axis(tmp_path, unpack):
    subject = read(tmp_path, TENSORFLOW.format(unpack=unpack))
    x, W = numbers(2, 3, 7, 9), numbers(4, 3, 3, 3)
    assert differing(subject, "Convolution", W, 0 * numbers(4), 2, 0, x=x, backward=False) == set()
    assert differing(subject, "Pooling", 3, 2, 2, x=x[:, :, :, :8], backward=False) == set()


def test_word_that_is_compared_is_the_only_padding(tmp_path):
    subject = read(tmp_path, TENSORFLOW.format(unpack="_, sh, sw, _ = strides"))
    assert subject.interfaces["Convolution"].reach["pad"] == [0, "same"]


LISTS = """
def conv2d(x, w, b, stride, padding):
    (sh, sw), (ph, pw) = [*stride], padding
    raise NotImplementedError
def relu(x):
    return np.maximum(x, 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("error", ["sh, sw, e, f, g = stride", "stride = stride['y']"])
def test_settings_of_a_form_that_is_not_known_are_not_judged(tmp_path, error):
    text = LISTS.replace("(sh, sw), (ph, pw) = [*stride], padding", error)
    assert "Convolution" not in read(tmp_path, text).names
