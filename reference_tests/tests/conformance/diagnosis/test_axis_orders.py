"""Numbers laid in one order of axes and read as another, and what exp leaves where it overflows."""

import numpy as np
import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.diagnosis.magnitude import name_overflow
from reference_tests.conformance.diagnosis.orders import name_laid_otherwise
from reference_tests.conformance.types import Problem
from reference_tests.subject.protocol import Question

SHAPES = ((5, 3, 4, 2), (4, 2, 3, 6))  # (FN, C, FH, FW)


def gradients(change, shapes=SHAPES, component="convolution"):
    """Return dW of some shapes with its right numbers, as wrong ones that change(right) gives."""
    found = []
    for shape in shapes:
        want = np.random.default_rng(sum(shape)).standard_normal(shape)
        q = Question(layer(component).OP, {"x": np.zeros((2, 2 * shape[1], 5, 5)), "W": want}, {})
        found.append((q, "dW", Problem("values", "dW", change(want), want, 1e-9)))
    return found


def in_two_groups(change):
    return lambda a: np.concatenate([change(part) for part in np.split(a, 2)])


def read_as(*read, laid=(0, 1, 2, 3), back=True):
    """Return a function that lays numbers in one order and reshapes them to another one, and transposes them back."""

    def change(a):
        got = a.transpose(laid).reshape([a.shape[i] for i in read])
        return got.transpose(np.argsort(read)) if back else got

    return change


@pytest.mark.parametrize(
    ("change", "orders"),
    [
        (read_as(0, 2, 3, 1), ["(FN, C, FH, FW)", "(FN, FH, FW, C)"]),
        (read_as(0, 2, 3, 1, laid=(1, 2, 3, 0)), ["(C, FH, FW, FN)", "(FN, FH, FW, C)"]),
        (read_as(1, 0, 2, 3, laid=(1, 2, 3, 0), back=False), ["(C, FH, FW, FN)", "(C, FN, FH, FW)"]),
    ],
)
def test_both_orders_are_said(change, orders):
    found = name_laid_otherwise(gradients(change))
    assert found and [found.text.find(order) > 0 for order in orders] == [True, True]
    assert found.text.find(orders[0]) < found.text.find(orders[1])


def test_orders_of_each_group_are_seen():
    found = name_laid_otherwise(
        gradients(in_two_groups(read_as(0, 2, 3, 1)), ((4, 3, 4, 2), (6, 2, 3, 5)), "grouped_convolution")
    )
    assert found and found.code == "axes.permuted"


@pytest.mark.parametrize("change", [lambda a: np.sort(a, axis=None).reshape(a.shape), lambda a: a[..., ::-1]])
def test_another_order_is_no_order_of_axes(change):
    assert name_laid_otherwise(gradients(change)) is None


def test_each_answer_must_have_the_same_orders():
    wrong = gradients(read_as(0, 2, 3, 1))[:1] + gradients(read_as(3, 2, 1, 0))[1:]
    assert name_laid_otherwise(wrong) is None


def answers(x, got):
    q = Question(layer("sigmoid").OP, {"x": x}, {})
    return [(q, "out", Problem("values", "out", got, 1 / (1 + np.exp(-x)), np.full(x.shape, 1e-7)))]


def test_an_overflow_is_named_only_where_x_is_far_out():
    x = np.array([-3.0, 0.5, 720.0, 900.0])
    right = 1 / (1 + np.exp(-x))
    for lost in (np.nan, 0.0):
        found = name_overflow(answers(x, np.where(x > 700, lost, right)))
        assert found and found.code == "overflow.exp"
        assert name_overflow(answers(x, np.where(x > 0, lost, right))) is None
    assert name_overflow(answers(x, np.where(x > 700, 0.9, right))) is None


def test_whole_numbers_are_looked_at_as_well():
    x = np.array([2, 900])
    assert name_overflow(answers(x, np.array([1 / (1 + np.exp(-2.0)), np.nan])))
