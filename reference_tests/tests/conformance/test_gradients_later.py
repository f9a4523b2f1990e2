"""A gradient belongs to its backward, then to its caller; backward belongs to the last forward, others stand beside."""

from typing import Any

import numpy as np
import pytest

from reference_tests.conformance import contract, examination
from reference_tests.conformance.contract import layer
from reference_tests.conformance.judge import judge
from reference_tests.conformance.scenarios import WRITTEN_INTO, checks_of
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.load import load

BASE: dict[str, Any] = mutants.executed(mutants.base(), "<base>")
Affine: Any = BASE["Affine"]


def outcomes(component, *scenarios, with_subject=False, **names):
    subject = InProcessSubject({**BASE, **names}, files=(__file__,))
    checks = [c for c in checks_of(contract.layer(component)) if c.scenario.id in scenarios]
    assert checks
    verdicts = [judge(check, subject) for check in checks]
    examination.explain(verdicts, subject if with_subject else None)
    return {(v.check.level, v.status, v.diagnosis.code if v.diagnosis else "") for v in verdicts}


class Mixing(Affine):
    """Its dW takes the x of the last forward and the dout of the last backward."""

    dW = property(lambda self: np.dot(self.x.T, self.dout), lambda self, a: None)

    def backward(self, dout):
        self.dout = dout
        return super().backward(dout)


class Late(Affine):
    """Its dW is worked out late, from what backward has kept."""

    dW = property(lambda self: np.dot(self.kept[0].T, self.kept[1]), lambda self, a: None)

    def backward(self, dout):
        self.kept = self.x.copy(), dout.copy()
        return super().backward(dout)


class Emptying(Affine):
    """Its forward takes the gradients of the last backward away."""

    gone: Any = None

    def forward(self, x):
        self.dW, self.db = self.gone, self.gone
        return super().forward(x)


class Zeroing(Emptying):
    gone = np.zeros(1)


class Freeing(Affine):
    """Its dW cannot be read once forward has been called again."""

    def forward(self, x):
        vars(self).pop("dW", None)
        return super().forward(x)


def test_a_gradient_that_mixes_two_batches_is_a_corner_case():
    assert outcomes("affine", "gradients-later", Affine=Mixing) == {("edge", "fail", "manner.gradients-later")}
    assert outcomes("affine", "plain", Affine=Mixing) == {("core", "pass", ""), ("edge", "pass", "")}


@pytest.mark.parametrize("right", [Affine, Late, Emptying, Zeroing, Freeing])
def test_a_gradient_of_its_own_backward_or_none_at_all_is_right(right):
    ((level, status, _code),) = outcomes("affine", "gradients-later", Affine=right)
    assert (level, status) == ("edge", "pass") or (right is Freeing and status == "absent")


def test_layers_without_parameters_are_not_asked_for_gradients_later():
    asked = {name for name in contract.COMPONENTS if any(
        c.scenario.id == "gradients-later" for c in checks_of(contract.layer(name)))}  # fmt: skip
    with_parameters = {name for name in contract.COMPONENTS if "W" in (contract.layer(name).OP.make or ())}
    assert asked == {*with_parameters, "batch_norm"}


def test_a_queue_of_masks_is_named():
    class Relu(BASE["Relu"]):  # type: ignore[misc]
        def __init__(self):
            self.masks: list[np.ndarray] = []

        def forward(self, x):
            self.masks.append(x <= 0)
            return np.maximum(x, 0)

        def backward(self, dout):
            return np.where(self.masks.pop(0), 0, dout)

    class Stack(Relu):
        def backward(self, dout):
            return np.where(self.masks.pop(), 0, dout)

    assert outcomes("relu", "forward-twice", Relu=Relu) == {("core", "fail", "state.queue")}
    assert outcomes("relu", "forward-twice", Relu=Stack) == {("core", "pass", "")}
    assert outcomes("relu", "second-call", Relu=Relu) == {("core", "pass", "")}


KEYS = [  # what is kept by a key that leaves one thing out -> does it fail
    ("input_data.shape, filter_h, filter_w, stride, pad", False),
    ("input_data.shape[0], input_data.shape[2:], filter_h, filter_w, stride, pad", True),
    ("input_data.shape[1:], filter_h, filter_w, stride, pad", True),
    ("input_data.shape, stride, pad", True),
    ("input_data.shape, filter_h * filter_w, stride, pad", True),
    ("input_data.shape, filter_h, filter_w, pad", True),
    ("input_data.shape, filter_h, filter_w, stride", True),
]


@pytest.mark.parametrize("key, wrong", KEYS)
def test_a_key_that_leaves_one_thing_out_is_seen(key, wrong):
    kept: dict[str, Any] = {}
    source = f"""
def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    sizes = kept.setdefault(repr(({key})), (input_data.shape[:2], filter_h, filter_w, stride, pad))
    (n, c), *rest = sizes
    return right(input_data[:n, :c], *rest)
"""
    names = {"kept": kept, "right": BASE["im2col"]}
    exec(source, names)
    statuses = {status for _l, status, _c in outcomes("im2col", "beside-same-sizes", im2col=names["im2col"])}
    assert statuses == {"fail" if wrong else "pass"}


def test_sums_that_pile_up_alone_are_not_blamed_on_others_beside():
    kept: dict[Any, np.ndarray] = {}

    def col2im(col, input_shape, *sizes):
        image = kept.setdefault(tuple(input_shape), np.zeros(input_shape))
        image += BASE["col2im"](col, input_shape, *sizes)
        return image.copy()

    found = outcomes("col2im", "second-call", "beside-same-sizes", col2im=col2im)
    assert ("core", "fail", "manner.beside-same-sizes") not in found
    assert {status for _level, status, _code in found} == {"fail"}


@pytest.mark.parametrize("fill, status", [(None, "pass"), (0.0, "fail")])
def test_an_empty_answer_says_that_no_window_fits(fill, status):
    def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
        n, c, *sides = input_data.shape
        fits = all(s + 2 * pad >= f for s, f in zip(sides, (filter_h, filter_w)))
        if fits:
            return BASE["im2col"](input_data, filter_h, filter_w, stride, pad)
        return np.zeros((0 if fill is None else n, c * filter_h * filter_w))

    assert {s for _l, s, _c in outcomes("im2col", "refused", im2col=im2col)} == {status}


def failing_codes(component, *scenarios, **names):
    found = outcomes(component, *scenarios, **names)
    return {code for level, status, code in found if status == "fail" and level != "advice"}  # which is not named


def test_a_mask_that_only_grows_is_not_blamed_on_a_missing_backward():
    class Relu:
        mask: Any = None

        def forward(self, x):
            m = x <= 0
            self.mask = m | self.mask if self.mask is not None and self.mask.shape == m.shape else m
            return np.where(m, 0, x)

        def backward(self, dout):
            return np.where(self.mask, 0, dout)

    assert failing_codes("relu", "second-call", "forward-twice", Relu=Relu) == {"relu.mask-piles-up"}


Conv: Any = BASE["Convolution"]


@pytest.mark.slow
def test_gradients_of_the_class_are_not_blamed_on_a_key_of_sizes():
    grads: dict[str, Any] = {}

    class Convolution(Conv):
        dW = property(lambda self: grads["dW"], lambda self, a: grads.update(dW=a))

    uses = "beside-same-sizes", "beside-another"
    assert failing_codes("convolution", *uses, Convolution=Convolution) == {"manner.beside-another"}


def test_layers_beside_are_not_right_alone_where_one_is_wrong_alone():
    class Convolution(Conv):
        def forward(self, x):
            out = super().forward(x)
            return out * 2 if self.W.shape[2:] == (3, 3) and self.stride == 2 else out

    assert failing_codes("convolution", "beside-same-sizes", with_subject=True, Convolution=Convolution) == {""}


@pytest.mark.slow
def test_an_answer_of_no_numbers_is_empty_and_not_nan():
    class Convolution(Conv):
        def backward(self, dout):
            dx, p = super().backward(dout), self.pad
            return dx if p else dx[:, :, p:-p, p:-p]

    assert failing_codes("convolution", "plain", Convolution=Convolution) == {"empty"}


POOLING = """
import numpy as np
class GlobalAveragePooling:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(2, 3))
    def backward(self, dout):
        small = dout[:, :, None, None] / (self.shape[2] * self.shape[3])
        {body}
"""
ADDITION = """
import numpy as np
class ResidualAdd:
    def __init__(self):
        pass
    def forward(self, x, shortcut):
        return x + shortcut
    def backward(self, dout):
        {body}
"""
SEALED = "dx = np.array(np.broadcast_to(small, self.shape)); dx.flags.writeable = False; return dx"
NOT_THEIR_OWN = [  # the layer, its code, what backward does, the code of what is wrong
    ("global_average_pooling", POOLING, "return np.broadcast_to(small, self.shape)", "state.locked"),
    ("residual_add", ADDITION, "return dout, dout", "state.shared"),
    ("residual_add", ADDITION, "dx = dout.copy(); return dx, dx[:]", "state.shared"),
]
THEIR_OWN = [
    ("global_average_pooling", POOLING, "return np.broadcast_to(small, self.shape).copy()"),
    ("global_average_pooling", POOLING, SEALED),
    ("residual_add", ADDITION, "return dout, dout.copy()"),
    ("residual_add", ADDITION, "return dout.copy(), dout.copy()"),
]


def examined(folder, component, code, body):
    (folder / "mine.py").write_text(code.format(body=body))
    return examination.examine(load(str(folder / "mine.py")), examination.Request(only=(component,), fresh=0))


@pytest.mark.slow
@pytest.mark.parametrize("row", NOT_THEIR_OWN, ids=lambda row: row[2])
def test_a_gradient_that_is_not_its_callers_own_is_a_corner_case(tmp_path, row):
    component, code, body, wrong = row
    found = examined(tmp_path, component, code, body)
    failed = [v for v in found.components[component] if v.status == "fail"]
    assert [(v.check.scenario.id, v.diagnosis.code) for v in failed] == [(WRITTEN_INTO, wrong)]
    assert found.status(component) == "edge"


@pytest.mark.slow
@pytest.mark.parametrize("row", THEIR_OWN, ids=lambda row: row[2][:40])
def test_a_gradient_that_is_its_callers_own_or_sealed_is_right(tmp_path, row):
    assert examined(tmp_path, *row).status(row[0]) == "pass"


def test_every_layer_with_a_backward_is_asked_whether_it_can_be_written_into():
    asked = {name for name in contract.COMPONENTS for c in checks_of(layer(name)) if c.scenario.id == WRITTEN_INTO}
    known = {name for name in contract.COMPONENTS if "backward()" in layer(name).OP.grads.values()}
    assert asked == known | {"dropout", "inverted_dropout"}  # whose backward has rules in place of numbers
    assert {"relu", "pooling", "residual_add", "softmax_with_loss"} <= asked
