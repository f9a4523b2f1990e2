"""Functions that are handed a dict to keep things in, for their backward pass."""

import pytest

from ..special.targets import differing, numbers, read

CONTEXT = """
def relu_forward(ctx, x):
    {keep}
    return np.maximum(x, 0)
def relu_backward(ctx, grad):
    return grad * {kept}
def linear_forward(x, w, b, ctx):
    ctx["linear"] = x, w
    return x @ w + b
def linear_backward(grad, ctx):
    x, w = ctx["linear"]
    return grad @ w.T, x.T @ grad, grad.sum(0)
"""


def test_context_is_kept_for_the_backward_pass(tmp_path):
    subject = read(tmp_path, CONTEXT.format(keep="ctx['relu'] = x > 0", kept="ctx['relu']"))
    assert differing(subject, "Relu", x=numbers(3, 4)) == set()
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == set()


@pytest.mark.parametrize("keep", ["ctx.mask = x > 0", "raise ctx"])
def test_context_of_another_kind_is_not_guessed(tmp_path, keep):
    subject = read(tmp_path, CONTEXT.format(keep=keep, kept="ctx.mask"))
    assert "Relu" not in subject.names
    assert "Affine" in subject.names


GUESSED = """
def conv2d_forward(x, w, b, farbe):
    raise ValueError(farbe)
def conv2d_backward(grad, x, w, farbe):
    return grad
def relu(x):
    return np.maximum(x, 0)
"""


@pytest.mark.slow
def test_guess_that_never_ran_is_not_judged(tmp_path):
    assert "Convolution" not in read(tmp_path, GUESSED).names
